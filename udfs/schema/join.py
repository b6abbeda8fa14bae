"""How feedback finds the impression that it answers, and what label comes of it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from udfs.schema.event import Description

Late: TypeAlias = Literal["ignore", "fake_negative_weighted", "reverse"]
"""What feedback after the window does to an impression that left as a negative."""


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
        late: what feedback after the window does, while it is within its own bound: nothing; another example, weighted
            so that both together are right; or a step back and another one.
        early_positives: whether a positive leaves when its feedback came, not when the window closes.
    """

    name: str
    feedback: dict[str, float]
    window: int
    population: str | None = None
    start: Literal["impression", "feedback"] = "impression"
    late: Late = "ignore"
    early_positives: bool = False

    @property
    def out_of_turn(self) -> bool:
        """Whether examples leave at other times than the window's end."""
        return self.early_positives or self.late != "ignore"


class Search(Description, frozen=True, kw_only=True):
    """The search that an impression is an answer to, of which it takes fields.

    Attributes:
        event: the event type.
        by: the field, of searches and impressions, that names the search.
        fields: what impressions take; none of them is a field of impressions.
        within: microseconds; an older search is not found.
    """

    event: str
    by: str
    fields: tuple[str, ...]
    within: int


class Items(Description, frozen=True, kw_only=True):
    """How features of items are kept, of each model by itself.

    Attributes:
        field: the field of impressions that names the item.
        partitions: over how many state keys the items of a model are spread.
        max_items: items that are remembered, in all partitions together; beyond it those are forgotten that were shown
            longest ago, and counted.
    """

    field: str = "item"
    partitions: int = 1
    max_items: int = 1_000_000


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
        search: the searches that impressions take fields of; None for none.
        max_users: users whose behaviour is remembered in all buckets together, where features ask for it; beyond it
            those are forgotten whose last event is the oldest, and counted.
        items: how features of items are kept.
    """

    impression: str
    feedback: tuple[Feedback, ...]
    labels: tuple[JoinedLabel, ...]
    early: int = 60_000_000
    max_waiting: int = 10_000_000
    max_feedback: int = 2_000_000
    search: Search | None = None
    max_users: int = 1_000_000
    items: Items = Items()

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields that feedback and impressions are joined by, each once."""
        return tuple(dict.fromkeys(feedback.by for feedback in self.feedback))

    @property
    def refs(self) -> tuple[str, ...]:
        """The fields that events are joined by: ``keys``, and what names a search."""
        return tuple(dict.fromkeys((*self.keys, *([self.search.by] if self.search else []))))

    @property
    def ends(self) -> dict[str, int]:
        """Of each label, the most microseconds from an impression to the end of its window."""
        ends: dict[str | None, int] = {None: 0}
        for label in self.labels:
            begins = 0 if label.start == "impression" else ends[label.population]
            ends[label.name] = max(begins + label.window, ends[label.population])
        return {label.name: ends[label.name] for label in self.labels}

    @property
    def horizon(self) -> int:
        """Microseconds after which no feedback and no window concerns an impression any more."""
        return max(*self.ends.values(), *(feedback.within for feedback in self.feedback))

    @property
    def leaves(self) -> int:
        """Microseconds after which no example of an impression leaves any more, but for what windows close late."""
        return max(self.kept, *self.ends.values())

    @property
    def kept(self) -> int:
        """Microseconds that the row of an impression is kept for labels whose examples leave out of turn."""
        within = {feedback.event: feedback.within for feedback in self.feedback}
        spans = [0]
        for label in self.labels:
            if label.early_positives:
                spans.append(self.ends[label.name])
            if label.late != "ignore":
                spans += [self.ends[label.name], *(within[event] for event in label.feedback)]
        return max(spans)
