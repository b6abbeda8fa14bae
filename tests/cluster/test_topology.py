"""The graph: what reads the input, where Python runs, and which identity each operator's state has."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cluster.job import ROOT

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]
DESCRIBE = """
import json, sys
from pathlib import Path
from jobs.config import load
from jobs.environment import create
from jobs.keys import key_group
from jobs.reader.make import make_source
from jobs.topology import build

described = []
for path, bounded in json.loads(sys.argv[1]):
    configuration = load(path).under(Path(path).parent)
    environment = create(configuration, {})
    build(environment, configuration, configuration.plan(1, bounded), make_source(configuration, Path(path), bounded))
    graph = environment.stream._j_stream_execution_environment.getStreamGraph()
    nodes = (graph.getStreamNode(i) for i in graph.getVertexIDs())
    described.append([(node.getOperatorName(), node.getTransformationUID()) for node in nodes])
from pyflink.java_gateway import get_gateway

java = get_gateway().jvm.org.apache.flink
row, others = java.types.Row(1), []
for key in [*range(100), 2**31 - 63, 2**31 - 62, 2**31 - 1]:
    row.setField(0, key)
    for groups in (7, 360, 720):
        if java.runtime.state.KeyGroupRangeAssignment.assignToKeyGroup(row, groups) != key_group(key, groups):
            others.append((key, groups))
assert not others, others
print("described", json.dumps(described))
"""


def variants(folder: Path) -> dict[str, tuple[str, bool]]:
    """Return configurations by name, each with whether its run is bounded."""
    base = yaml.safe_load((ROOT / "examples" / "clicks.yaml").read_text())
    second = copy.deepcopy(base["models"]["ctr"])
    items = {"items": {"field": "item"}}
    judged = {"models": {"ctr": base["models"]["ctr"] | {"anomalies": items}}}
    trees = {
        "base": (base, False),
        "again": (base, False),
        "bounded": (base, True),
        "another model": (base | {"models": base["models"] | {"second": second}}, False),
        "rules about items": (base | judged, False),
        "other sinks": (base | {"sinks": {"dir": str(folder), "registry": str(folder / "registry")}}, False),
    }
    result = {}
    for name, (tree, bounded) in trees.items():
        path = folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(tree))
        result[name] = (str(path), bounded)
    return result


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, str | None]]]:
    """The names and uids of every operator of several configurations, built in one JVM."""
    wanted = variants(tmp_path_factory.mktemp("graphs"))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", DESCRIBE, json.dumps(list(wanted.values()))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3_000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("described "))
    graphs = json.loads(line.removeprefix("described "))
    return {name: [(node, uid) for node, uid in nodes] for name, nodes in zip(wanted, graphs, strict=True)}


def test_the_input_is_read_once(graphs: dict[str, list[tuple[str, str | None]]]) -> None:
    for nodes in graphs.values():
        assert [name for name, _ in nodes].count("read") == 1


def test_python_runs_in_the_stages_only(graphs: dict[str, list[tuple[str, str | None]]]) -> None:
    ticks = ("Source: ticks_", "Calc", "WindowAggregate", "Correlate", "SinkConversion")
    quiet = (*ticks, "dead_letters", "releases", "reports")
    for variant, nodes in graphs.items():
        rest = {name.partition("[")[0] for name, _ in nodes if not name.startswith(quiet)}
        item = {"item"} if variant == "rules about items" else set()
        assert rest == {"read", "user", "train", "release"} | item


def test_every_operator_has_a_uid_of_its_own(graphs: dict[str, list[tuple[str, str | None]]]) -> None:
    for nodes in graphs.values():
        uids = [uid for _, uid in nodes]
        assert None not in uids
        assert len(set(uids)) == len(uids)


@pytest.mark.parametrize("other", ["again", "another model", "other sinks", "bounded"])
def test_no_other_graph_renames_an_operator(graphs: dict[str, list[tuple[str, str | None]]], other: str) -> None:
    """Not even the same one, built once more in a process, as a run does that goes on in a new cluster."""
    assert {uid for _, uid in graphs[other]} == {uid for _, uid in graphs["base"]}


def test_rules_about_items_add_operators_and_rename_none(graphs: dict[str, list[tuple[str, str | None]]]) -> None:
    before, after = ({uid for _, uid in graphs[name] if uid} for name in ("base", "rules about items"))
    assert before < after
    assert after - before == {"item"}
