"""Operators' commands on their way from the registry to the states of models: they come with ticks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from time import monotonic

import pyarrow as pa

from udfs.releases.commands import Given, commands
from udfs.releases.registry import Registry
from udfs.schema import Plan
from udfs.stages.shape import model_of

SPACING = 1.0
"""Seconds between two looks into the registry."""
_log = logging.getLogger(__name__)


class Commands:
    """Looks for commands, and hands each to every partition of its model once in the life of a worker.

    A worker that starts again hands all of them once more: states know what they have obeyed.
    """

    def __init__(self, registry: Registry, plan: Plan, clock: Callable[[], float] = monotonic) -> None:
        """Keep where to look; nobody listens where no model has a circuit breaker."""
        self._registry, self._clock = registry, clock
        self._models = [plan.models[model_of(plan, key)].name for key in range(sum(m.partitions for m in plan.models))]
        self._listening = any(model.breaker is not None for model in plan.models)
        self._found: dict[str, Sequence[Given]] = {}
        self._handed: dict[int, int] = {}
        self._next = -1.0

    def due(self, key: int) -> list[Given] | None:
        """Return the commands that a partition was not handed yet; None for no news.

        The first answer may be empty: it tells a state that begins that nothing was commanded before.
        """
        if self._listening and self._clock() >= self._next:
            self._look()
        found = self._found.get(self._models[key])
        if found is None:
            return None
        new = [given for given in found if given.number > self._handed.get(key, 0)]
        if not new and key in self._handed:
            return None
        self._handed[key] = max((given.number for given in found), default=0)
        return new

    def _look(self) -> None:
        self._next = self._clock() + SPACING
        try:
            self._found = {model: commands(self._registry, model) for model in dict.fromkeys(self._models)}
        except (OSError, pa.ArrowException) as error:
            # The next look may succeed, and a job that learns well must not fail for a command.
            _log.warning("The registry cannot be searched for commands: %s", error)
