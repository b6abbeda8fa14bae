"""The coordinates of one model's examples: which features are hashed, which are dense, in which order."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from udfs.schema import FeatureSet, Vector
from udfs.schema.feature import DENSE, NUMERIC
from udfs.types import Bool


@dataclass(frozen=True)
class Space:
    """The features of one model.

    Attributes:
        features: the model's features and the parts of its crosses, with the seed.
        names: the features that the model itself sees, in order.
        hashed: those that become slots, in order; ``Batch.field`` counts in it.
        dense: those that become dense coordinates, in order.
        standardised: bool (d,): which dense coordinates a learner standardises.
    """

    features: FeatureSet
    names: tuple[str, ...]
    hashed: tuple[str, ...] = field(init=False)
    dense: tuple[str, ...] = field(init=False)
    standardised: Bool = field(init=False)

    def __post_init__(self) -> None:
        """Derive the order of coordinates."""
        kinds = self.features.features
        dense = tuple(name for name in self.names if isinstance(kinds[name], DENSE))
        object.__setattr__(self, "dense", dense)
        object.__setattr__(self, "hashed", tuple(name for name in self.names if name not in dense))
        flags: list[bool] = []
        for name in dense:
            feature = kinds[name]
            if isinstance(feature, Vector):
                flags += [False] * feature.length
            elif isinstance(feature, NUMERIC):
                flags.append(feature.standardise)
        object.__setattr__(self, "standardised", np.array(flags, np.bool_))

    @classmethod
    def of(cls, features: FeatureSet, names: tuple[str, ...]) -> Space:
        """Make the space of a model that sees these features."""
        return cls(features.subset(names), names)

    @property
    def width(self) -> int:
        """The number of dense coordinates."""
        return len(self.standardised)
