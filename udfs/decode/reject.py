"""Why an event is refused: the one enumeration of reasons, and the error value that carries one."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Every reason an event can go to the dead letters for; the order numbers them in frames, so new ones come last."""

    NOT_JSON = "not_json"
    NOT_CSV = "not_csv"
    NOT_UTF8 = "not_utf8"
    TOO_LARGE = "too_large"
    UNKNOWN_TYPE = "unknown_type"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    NOT_FINITE = "not_finite"
    BAD_TIMESTAMP = "bad_timestamp"
    FUTURE_TIMESTAMP = "future_timestamp"
    TOO_LATE = "too_late"
    STAGE_ERROR = "stage_error"
    BOT_PACE = "bot_pace"
    BOT_DAY = "bot_day"
    BOT_REGULAR = "bot_regular"
    BOT_RESTLESS = "bot_restless"
    BOT_CLICKER = "bot_clicker"
    BOT_CLICKLESS = "bot_clickless"
    BOT_HASTY = "bot_hasty"
    ITEM_RING = "item_ring"
    ITEM_HOT = "item_hot"
    OUTLIER = "outlier"
    STRANGE_EXAMPLE = "strange_example"


REASONS = tuple(Reason)
MESSAGE_LIMIT = 300


class Reject(Exception):
    """An event that cannot be used; raised and caught inside the decoder, a value everywhere else."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message[:MESSAGE_LIMIT])
        self.reason = reason
        self.message = message[:MESSAGE_LIMIT]
