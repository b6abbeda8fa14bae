"""A circuit breaker between examples and a model: what a break upstream spoils is not learned."""

from udfs.quality.breaker.breaker import Breaker, Event, Judgement
from udfs.quality.breaker.options import BreakerOptions, Command

__all__ = ["Breaker", "BreakerOptions", "Command", "Event", "Judgement"]
