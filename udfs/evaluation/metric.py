"""What a family of metrics provides: accumulators that add up, and the figures that follow from them."""

from __future__ import annotations

from typing import ClassVar, Protocol, TypeAlias

from udfs.types import F64

Accumulators: TypeAlias = dict[str, F64]


class Metrics(Protocol):
    """Accumulators are float64 arrays that add: windows summed give the whole.

    Attributes:
        names: the figures, in order.
        baselines: the predictors beside the model, in order; the model is predictor 0.
    """

    names: ClassVar[tuple[str, ...]]
    baselines: ClassVar[tuple[str, ...]]

    def empty(self) -> Accumulators:
        """Return accumulators of nothing."""
        ...

    def observe(
        self, accumulated: Accumulators, memory: F64, scores: F64, labels: F64, weights: F64, ranks: F64
    ) -> None:
        """Add examples, in order; ``memory`` is what the baselines know, ``ranks`` what ``Unshown.ranks`` tells."""
        ...

    def figures(self, accumulated: Accumulators, predictor: int) -> dict[str, float | None]:
        """Return a predictor's figures; None where they are not defined."""
        ...
