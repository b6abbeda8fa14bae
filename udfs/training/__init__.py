"""What surrounds the learner of a model."""
