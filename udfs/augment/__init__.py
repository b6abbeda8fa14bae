"""Augmentation of examples: what a model learns beside, or in place of, what happened. Scores are of what happened."""
