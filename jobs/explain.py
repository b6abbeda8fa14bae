"""``headrace explain``: the plan of the job, and what each operator keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from jobs.config.configuration import Configuration
from jobs.config.units import write_moment
from udfs.decode.layout import Layout
from udfs.schema import Learns, Plan, item_features

HEADINGS = ("operator", "uid", "parallelism", "keys", "state")


class Operator(NamedTuple):
    """One operator of the graph.

    Attributes:
        name: as Flink shows it.
        uid: what its state is found by in a savepoint; empty if it keeps none.
        parallelism: how many subtasks it has.
        targets: the operators it sends to, and how.
    """

    name: str
    uid: str
    parallelism: int
    targets: list[tuple[int, str]]


def explain(configuration: Configuration) -> str:
    """Return the plan and a table of operators, uids, parallelism and state; nothing is run or written.

    Args:
        configuration: the job, no directory left open.

    Raises:
        ConfigurationError: a connector is missing.
    """
    plan = configuration.plan(epoch=0, bounded=False)
    operators = _operators(configuration, plan)
    keys, held = _keys(plan), states(configuration, plan)
    rows = [
        (one.name, one.uid, str(one.parallelism), str(keys.get(one.uid, "")), _state(one, held))
        for one in operators.values()
    ]
    return f"Plan\n\n{_arrows(operators)}\n\nOperators\n\n{_table([HEADINGS, *rows])}\n"


def _operators(configuration: Configuration, plan: Plan) -> dict[int, Operator]:
    from pyflink.java_gateway import get_gateway

    from jobs.environment import create
    from jobs.reader.make import make_source
    from jobs.topology import build, graph_of

    environment = create(configuration, {})
    files = configuration.source.files
    given = Path.cwd() if files is not None and files.path is None else None
    build(environment, configuration, plan, make_source(configuration, given, bounded=False))
    graph = graph_of(environment, configuration.name, plan.buckets)
    nodes = get_gateway().jvm.java.util.ArrayList(graph.getStreamNodes())
    return {node.getId(): _operator(node) for node in sorted(nodes, key=lambda node: int(node.getId()))}


def _operator(node: Any) -> Operator:
    targets = [(edge.getTargetId(), str(edge.getPartitioner()).lower()) for edge in node.getOutEdges()]
    uid = node.getTransformationUID() or ""
    return Operator(node.getOperatorName(), uid, node.getParallelism(), targets)


def _keys(plan: Plan) -> dict[str, int]:
    from udfs.stages.vertices import vertices

    return {"read": plan.buckets} | {vertex.name: vertex.keys for vertex in vertices(plan)}


def states(configuration: Configuration, plan: Plan) -> dict[str, str]:
    """Return what is kept, by the operator's name or the beginning of it."""
    models = ", ".join(f"{model.name} ({model.learner}{_span(model.learns)})" for model in plan.models)
    read = configuration.source
    kept = ("files read and being read", read.files), ("offsets of its partitions", read.kafka)
    source = ", then ".join(what for what, given in kept if given is not None)
    window = (
        f"ids of {plan.dedup.window // 1_000_000} s, at most {plan.dedup.max_ids}" if plan.dedup.window else "no ids"
    )
    return {
        "read": f"base + journal: {source}",
        "Source: ticks": "none that matters",
        "user": f"base + journal: {window}; clocks of partitions; counts{_known(plan)}{_waiting(plan)}"
        f"{_behaviour(plan)}",
        "item": f"base + journal: {_items(plan)}counts",
        "train": f"base + journal: parameters and metrics of {models}, the released ones, sample rows"
        f"{_guards(plan)}{_besides(plan)}",
        "release": f"base + journal: newest weights and version of {models}",
    }


def _span(learns: Learns | None) -> str:
    if learns is None:
        return ""
    since = f" from {write_moment(learns.since)}" if learns.since is not None else ""
    until = f" until {write_moment(learns.until)}" if learns.until is not None else ""
    return f", learns{since}{until}"


def _items(plan: Plan) -> str:
    judged = [(model.name, model.anomalies.items) for model in plan.models]
    bounds = ", ".join(f"{rules.max_items} of {name}" for name, rules in judged if rules is not None)
    followed = [model.name for model in plan.models if item_features(plan.features, model)]
    of_items = f"what became of items of {', '.join(followed)}; " if followed else ""
    return (f"evidence about items, at most {bounds}; " if bounds else "") + of_items


def _besides(plan: Plan) -> str:
    watched = ", ".join(model.name for model in plan.models if model.drift)
    replayed = ", ".join(model.name for model in plan.models if model.augment.replay)
    ranked = ", ".join(model.name for model in plan.models if model.augment.unshown)
    kept = {"detectors": watched, "stored positives": replayed, "items that were shown": ranked}
    return "".join(f"; {what} of {models}" for what, models in kept.items() if models)


def _waiting(plan: Plan) -> str:
    if plan.join is None:
        return ""
    rows = f"; rows for examples out of turn, {plan.join.kept // 1_000_000} s" if plan.join.kept else ""
    searches = f"; searches, {plan.join.search.within // 1_000_000} s and longer" if plan.join.search else ""
    return f"; impressions and feedback, {plan.join.horizon // 1_000_000} s{rows}{searches}"


def _behaviour(plan: Plan) -> str:
    layout = Layout.of(plan)
    names = ", ".join((*layout.behaviour, *layout.histories))
    if plan.join is None or not names:
        return ""
    return f"; what users did, for {names}, at most {plan.join.max_users} users, and events until time passes them"


def _guards(plan: Plan) -> str:
    breakers = [(model.name, model.breaker) for model in plan.models if model.breaker]
    waiting = ", ".join(f"{rules.hold_back} of {name}" for name, rules in breakers)
    waits = f"; examples that wait for the circuit breaker, at most {waiting}" if waiting else ""
    held = ", ".join(f"{rules.max_held} of {name}" for name, rules in breakers if rules.policy == "hold")
    waits += f"; examples that are held while it is open, at most {held}" if held else ""
    filters = [model.name for model in plan.models if model.anomalies.names]
    return waits + (f"; what filters of {', '.join(filters)} have seen" if filters else "")


def _known(plan: Plan) -> str:
    users = plan.anomalies.users
    return f"; evidence about users, at most {users.max_users}" if users else ""


def _state(operator: Operator, held: dict[str, str]) -> str:
    for name, state in held.items():
        if operator.name == name or operator.name.startswith((f"{name}[", f"{name}_", f"{name}-")):
            return state
    if operator.name.endswith(("Writer", "Committer")):
        return "transactions not yet committed" if "-topic" in operator.name else "files not yet visible"
    return "ticks of the next two seconds" if operator.name.startswith("WindowAggregate[") else ""


def _arrows(operators: dict[int, Operator]) -> str:
    lines = []
    for one in operators.values():
        ends = ", ".join(f"{operators[target].name} ({how})" for target, how in one.targets)
        lines.append(f"{one.name} -> {ends}" if ends else one.name)
    return "\n".join(lines)


def _table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
