"""The reasons for which events are refused."""

from __future__ import annotations

from udfs.decode.reject import REASONS


def test_a_reason_keeps_its_number_in_stored_frames() -> None:
    assert REASONS[:22] == (
        "not_json",
        "not_csv",
        "not_utf8",
        "too_large",
        "unknown_type",
        "missing_field",
        "wrong_type",
        "out_of_range",
        "not_finite",
        "bad_timestamp",
        "future_timestamp",
        "too_late",
        "stage_error",
        "bot_pace",
        "bot_day",
        "bot_regular",
        "bot_restless",
        "bot_clicker",
        "bot_clickless",
        "bot_hasty",
        "item_ring",
        "item_hot",
    )
