"""Change detectors of a stream of numbers: they tell when its mean is no longer what it was."""

from udfs.drift.adwin import ADWIN
from udfs.drift.page_hinkley import PageHinkley

__all__ = ["ADWIN", "PageHinkley"]
