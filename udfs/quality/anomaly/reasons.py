"""The names of the rules about users and items, as configurations, gauges and dead letters have them."""

from __future__ import annotations

from typing import Final

USER_REASONS: Final = ("pace", "day", "regular", "restless", "clicker", "clickless", "hasty")
ITEM_REASONS: Final = ("ring", "hot")
