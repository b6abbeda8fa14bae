"""A linear scale from figures to places in a drawing, with round ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Maps ``low..high`` to ``start..stop``.

    Attributes:
        low: the smallest figure.
        high: the largest, above ``low``.
        start: where the smallest stands.
        stop: where the largest stands.
    """

    low: float
    high: float
    start: float
    stop: float

    @classmethod
    def around(cls, values: Iterable[float], start: float, stop: float) -> Scale:
        """Return a scale with a little air around the values, and a span of its own where they are as good as equal."""
        held = list(values)
        low, high = min(held), max(held)
        size = max(abs(low), abs(high), 0.01)
        air = 0.06 * (high - low) if high - low > 1e-6 * size else 0.1 * size
        return cls(low - air, high + air, start, stop)

    def __call__(self, value: float) -> float:
        """Return where a figure stands."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.stop - self.start)

    def ticks(self, about: int = 5) -> list[float]:
        """Return multiples of 1, 2 or 5 times a power of ten, within the scale.

        >>> Scale(0.0, 10.0, 0.0, 1.0).ticks()
        [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
        """
        rough = (self.high - self.low) / about
        power = 10.0 ** math.floor(math.log10(rough))
        step = min((power * factor for factor in (1, 2, 5, 10)), key=lambda width: abs(width - rough))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(i * step, 12) for i in range(first, last + 1)]


def short(value: float) -> str:
    """Return a tick's label.

    >>> [short(v) for v in (0.0, 0.25, 1500.0, 20_000.0, 3.2e6)]
    ['0', '0.25', '1.5k', '20k', '3.2M']
    """
    if abs(value) >= 1e6:
        return f"{value / 1e6:.4g}M"
    return f"{value / 1e3:.4g}k" if abs(value) >= 1_000 else f"{value:.4g}"
