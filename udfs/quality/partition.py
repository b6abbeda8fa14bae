"""The names of source partitions: ``topic/number``, or a file's absolute path or URI."""

from __future__ import annotations

import re
from functools import lru_cache

_TOPIC = re.compile(r"[\w.-]+/\d+")


@lru_cache(maxsize=4096)
def is_of_topic(part: str) -> bool:
    """Tell whether a partition is a topic's.

    >>> is_of_topic("clicks/0"), is_of_topic("/in/0"), is_of_topic("s3://shop/0")
    (True, False, False)
    """
    return _TOPIC.fullmatch(part) is not None
