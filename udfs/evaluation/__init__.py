"""Progressive validation: metrics of scores made before learning, with the trivial baselines beside them."""

from udfs.evaluation.progressive import Progressive

__all__ = ["Progressive"]
