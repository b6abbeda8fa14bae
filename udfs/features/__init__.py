"""From cleaned values to examples: what a feature's value is, and the batch that learners see."""

from udfs.features.batch import Batch
from udfs.features.space import Space

__all__ = ["Batch", "Space"]
