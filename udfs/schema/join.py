"""How feedback finds the impression that it answers, and what label comes of it."""

from __future__ import annotations

from typing import Literal

from udfs.schema.event import Description


class Feedback(Description, frozen=True, kw_only=True):
    """One type of event that answers impressions.

    Attributes:
        event: the event type.
        by: the field, of both types, that names the impression; or what was shown, with ``last`` impressions.
        last: whether ``by`` names what was shown: the answer is to the user's last impression of it, not after the
            feedback.
        within: microseconds; an impression that is older is answered no more.
    """

    event: str
    by: str
    last: bool = False
    within: int


class JoinedLabel(Description, frozen=True, kw_only=True):
    """A label that feedback decides: positive when one of its types came within the window.

    Attributes:
        name: its name.
        feedback: the types of feedback that make it positive, with the weight that such an example gets; of several
            that came the largest weight counts.
        window: microseconds until an impression without feedback is negative.
        population: the label whose positives are its examples; None for all impressions.
        start: when the window starts: at the ``impression``, or at the first ``feedback`` that brought the example
            into the population.
    """

    name: str
    feedback: dict[str, float]
    window: int
    population: str | None = None
    start: Literal["impression", "feedback"] = "impression"


class Join(Description, frozen=True, kw_only=True):
    """Impressions wait in state for feedback, and become examples when their windows close.

    Attributes:
        impression: the event type that waits.
        feedback: what answers it.
        labels: what comes of it; a population stands before those that are made of it.
        early: microseconds that feedback may precede its impression by, since both are dated by different clocks.
        max_waiting: impressions that are remembered in all buckets together; beyond it the oldest are given up, and
            counted.
        max_feedback: likewise of feedback that waits for its time or for its impression.
    """

    impression: str
    feedback: tuple[Feedback, ...]
    labels: tuple[JoinedLabel, ...]
    early: int = 60_000_000
    max_waiting: int = 10_000_000
    max_feedback: int = 2_000_000

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields that feedback and impressions are joined by, each once."""
        return tuple(dict.fromkeys(feedback.by for feedback in self.feedback))

    @property
    def horizon(self) -> int:
        """Microseconds after which no feedback and no window concerns an impression any more."""
        ends: dict[str | None, int] = {None: 0}
        for label in self.labels:
            begins = 0 if label.start == "impression" else ends[label.population]
            ends[label.name] = max(begins + label.window, ends[label.population])
        return max(*ends.values(), *(feedback.within for feedback in self.feedback))
