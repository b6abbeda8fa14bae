"""The step of [user] that looks for events that no customer made: the rules about users, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from udfs.decode.layout import Layout
from udfs.decode.reject import Reason
from udfs.frames import Frame
from udfs.quality.anomaly.actions import Actions, Judged
from udfs.quality.anomaly.user_options import CLICK, IMPRESSION, OTHER, UserOptions, UserReason
from udfs.quality.anomaly.user_rules import UserRules
from udfs.schema import UserAnomalies
from udfs.stages.parts import Part
from udfs.types import U8, Bool

PARTS = 3
"""Byte strings of a dump."""
_MESSAGES: Final = {
    Reason.BOT_PACE: "pages of this user follow each other faster than people read",
    Reason.BOT_DAY: "this user has more events within a day than people have",
    Reason.BOT_REGULAR: "pages of this user come at regular intervals",
    Reason.BOT_RESTLESS: "this user never pauses over hundreds of pages",
    Reason.BOT_CLICKER: "this user clicks more than people do",
    Reason.BOT_CLICKLESS: "this user clicks nothing where people would have",
    Reason.BOT_HASTY: "this user clicks before people would have looked",
}
WHY: Final = (("", ""), *_MESSAGES.items())
"""What dead letters say, by the numbers of ``UserReason``: reason and message."""
_IGNORED = 255
_SMALLEST = 16


class UserJudge:
    """Judges the events of one bucket of users, each by those before it in order of arrival.

    Events without a user, and of types that are ignored, are fine and teach nothing.
    """

    def __init__(self, layout: Layout, rules: UserAnomalies) -> None:
        share = max(-(-rules.max_users // layout.plan.buckets), _SMALLEST)
        told = {name: getattr(rules, name) for name in ("learn", "page", "error", "click_rate")}
        self._rules = UserRules(UserOptions(max_users=share, **told))
        self._kinds: U8 = np.array([_kind(rules, event.name) for event in layout.plan.events], np.uint8)
        self.actions = Actions(UserReason, rules.actions)
        self.caps = rules.caps

    @property
    def counts(self) -> dict[str, int]:
        """How many users are remembered, and how many had to make room."""
        return {"remembered": len(self._rules), "forgotten": self._rules.forgotten}

    def judge(self, frame: Frame, keep: Bool) -> Judged:
        """Judge the rows of an event frame that are kept."""
        columns = frame.columns
        users, kinds = columns["user"], self._kinds[columns["type"]]
        # Who has no name has the hash of the event.
        rows = np.flatnonzero(keep & (kinds != _IGNORED) & (users != columns["id"][:, 0]))
        reasons = np.zeros(frame.n, np.uint8)
        reasons[rows] = self._rules.update(users[rows], kinds[rows], columns["time"][rows])
        return self.actions.judge(reasons)

    def dump(self) -> Iterator[Part]:
        """Yield the state, in ``PARTS`` byte strings."""
        return self._rules.dump()

    def load(self, parts: Sequence[Part]) -> None:
        """Take what ``dump`` yielded."""
        self._rules.load(parts)


def _kind(rules: UserAnomalies, event: str) -> int:
    """Return what an event type is to the rules: without clicks nothing is known of impressions that have none."""
    if event in rules.ignored:
        return _IGNORED
    if event in rules.clicks:
        return CLICK
    return IMPRESSION if event in rules.impressions and rules.clicks else OTHER
