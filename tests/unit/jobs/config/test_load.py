"""Loading: examples hold, unknown keys never, secrets stay secret, all problems are listed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jobs.config import load, parse
from udfs.errors import ConfigurationError
from udfs.schema import Plan

EXAMPLES = sorted((Path(__file__).parents[4] / "examples").glob("*.yaml"))
CLICKS = next(path for path in EXAMPLES if path.name == "clicks.yaml").read_text()
KAFKA = next(path for path in EXAMPLES if path.name == "kafka.yaml").read_text()
SECTIONS: tuple[tuple[str, ...], ...] = (
    (),
    ("source",),
    ("source", "files"),
    ("events", "impression"),
    ("dedup",),
    ("runtime",),
    ("models", "ctr"),
)
SECTIONS += (("events", "impression", "timestamp"), ("features", "price"), ("events", "impression", "fields", "price"))


def failing(text: str, **env: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        parse(text, env)
    return str(caught.value)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_make_a_plan_that_can_be_stored(path: Path) -> None:
    plan = load(path, {"KAFKA_PASSWORD": "x"}).plan(3, True)
    assert Plan.from_json(plan.to_json()) == plan
    assert plan.epoch == 3
    assert (plan.time.lateness is None) == (plan.join is None)


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.stem != "kafka"], ids=lambda path: path.stem)
def test_the_effective_configuration_is_a_configuration(path: Path) -> None:
    configuration = load(path)
    assert parse(configuration.effective(), {}) == configuration


@given(st.sampled_from(SECTIONS), st.from_regex(r"[a-z]{3,8}_[a-z]{2,4}x", fullmatch=True))
def test_an_unknown_key_is_refused_wherever_it_stands(section: tuple[str, ...], key: str) -> None:
    tree = yaml.safe_load(CLICKS)
    tree["runtime"] = {}
    place = tree
    for part in section:
        place = place[part]
    place[key] = 1
    message = failing(yaml.safe_dump(tree))
    assert f"{'.'.join((*section, key))}: unknown key" in message


@given(st.text("abcdefghijkQXZ0123456789", min_size=12, max_size=30))
def test_a_secret_never_shows(secret: str) -> None:
    configuration = parse(KAFKA, {"KAFKA_PASSWORD": secret})
    shown = [repr(configuration), str(configuration), configuration.effective(), configuration.model_dump_json()]
    assert not any(secret in text for text in shown)
    assert configuration.source.kafka is not None
    assert secret in configuration.source.kafka.client_properties()["sasl.jaas.config"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("password: ${KAFKA_PASSWORD}", "password: [${KAFKA_PASSWORD}]"),
        ("password: ${KAFKA_PASSWORD}", "pasword: hunter2hunter2"),
        ("topics: [clicks]", "topics: {a: hunter2hunter2}"),
        ("properties: {fetch.min.bytes: 65536}", "properties: {ssl.key.password: hunter2hunter2}"),
        ("flink: {", "flink: {nonsense.password: hunter2hunter2, "),
        ("start: committed", "start: ${KAFKA_PASSWORD}"),
    ],
)
def test_errors_do_not_show_secrets(before: str, after: str) -> None:
    assert before in KAFKA
    assert "hunter2" not in failing(KAFKA.replace(before, after), KAFKA_PASSWORD="hunter2hunter2")


def test_a_time_stands_at_a_path_or_is_that_of_arrival() -> None:
    text = CLICKS.replace("{path: ts, unit: ms}", "ingest")
    (event,) = parse(text, {}).plan(1, True).events
    assert (event.timestamp.unit, event.timestamp.path) == ("ingest", ())
    for wrong in ("{unit: ms}", "{path: ts, unit: ingest}"):
        message = failing(CLICKS.replace("{path: ts, unit: ms}", wrong))
        assert "events.impression.timestamp: path is missing; only unit: ingest takes none" in message


def test_all_problems_are_listed_with_key_value_and_what_is_allowed() -> None:
    text = CLICKS.replace("window: 24h", "window: 24").replace("unit: ms", "unit: min").replace("learner:", "lerner:")
    message = failing(text)
    assert "4 problems" in message
    assert "dedup.window: is 24; a duration" in message
    assert "events.impression.timestamp.unit: is 'min'; allowed is 's', 'ms', 'us', 'iso8601' or 'ingest'" in message
    assert "models.ctr.lerner: unknown key; did you mean learner?" in message
    assert "models.ctr.learner: is missing" in message


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "item: categorical\n  category",
            "item: number\n  category",
            "features.item.field: is 'item', no field of type",
        ),
        ("of: [user, category]", "of: [user, query]", "features.user_category.of: is 'query', no one-slot feature"),
        ("label: click", "label: clik", "models.ctr.label.field: is 'clik'"),
        ("label: click", "label: device", "models.ctr.label.positive"),
        ("label: click", "label: click\n    keyed_by: price", "models.ctr.keyed_by: is 'price', no categorical field"),
        ("learner: ftrl", "learner: ftlr", "  models.ctr.learner: is 'ftlr'; Allowed are: ftrl, "),
        ("label: click", "label: click\n    options: {nothing: 1}", "models.ctr.options.nothing"),
        ("id: event_id", "id: event", "events.impression.id: is 'event', no field; did you mean event_id?"),
        ("name: clicks", "name: clicks\nruntime: {parallelism: 8, buckets: 4}", "buckets (4) must be at least"),
        ("name: clicks", "name: clicks\nflink: {pipeline.object-reus: true}", "did you mean pipeline.object-reuse?"),
        ("name: clicks", "name: clicks\nflink: {parallelism.default: 3}", "is set by runtime.parallelism"),
        ("name: clicks", "name: clicks\nname: again", "the key 'name' stands twice"),
        ("name: clicks", "name: ${JOB}", "the environment variable JOB is not set"),
        ("name: clicks", "name: Clicks!", "name: is 'Clicks!'; allowed is up to 64 small letters"),
        ("  ctr:\n    learner", "  ../ctr:\n    learner", "models.../ctr: is no name for files"),
    ],
)
def test_a_mistake_is_named(before: str, after: str, expected: str) -> None:
    assert before in CLICKS
    assert expected in failing(CLICKS.replace(before, after, 1))


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ("runtime: {parallelism: true}", "runtime: parallelism is true; allowed is a number"),
        ("runtime: {heap: 256MiB}", "runtime.heap: is '256MiB'; allowed is 512MiB or more"),
        ("runtime: {heap: 100000GiB}", "runtime.heap: is '100000GiB'; allowed is 4TiB or less"),
        ("runtime: {restarts: some}", "runtime.restarts: is 'some'; allowed is a whole number"),
        ("runtime: {tick: 1ms}", "runtime.tick: is '1ms'; allowed is 10ms or more"),
        ("runtime: [1]", "runtime: allowed is a block of keys"),
        ("checkpointing: {interval: 365d}", "checkpointing.interval: is '365d'; allowed is 1d or less"),
        ("checkpointing: {dir: ''}", "checkpointing.dir: is ''; allowed is a text that is not empty"),
        ("sinks: {registry: ''}", "sinks.registry: is ''; allowed is a text that is not empty"),
        ("sinks: {dir: 5}", "sinks.dir: is 5; allowed is a text"),
        ("time: {lateness: soon}", "time.lateness: is 'soon'; a duration: a number and a unit of"),
        ("retention: {versions: 0}", "retention.versions: is 0; allowed is 1 or more"),
    ],
)
def test_what_is_allowed_is_said_as_the_file_would_have_it(sections: str, expected: str) -> None:
    tree = yaml.safe_load(CLICKS) | yaml.safe_load(sections)
    assert f"\n  {expected}" in failing(yaml.safe_dump(tree))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("mechanism: SCRAM-SHA-512\n      username", "username", "mechanism is missing"),
        ("${KAFKA_PROTOCOL:-SASL_SSL}", "PLAINTEXT", "PLAINTEXT takes no mechanism"),
        ("fetch.min.bytes: 65536", "group.id: a", "group.id is set by group"),
        ("start: committed", "start: timestamp", "start: timestamp and start_timestamp belong together"),
        ("checkpointing: {", "checkpointing: {timeout: 10m, ", "sinks.kafka.transaction_timeout: is 15m; allowed"),
        ("releases: headrace-releases", "releases: clicks", "writes to topics of the source: clicks"),
        ("match: {topic: clicks}", "match: {topic: click}", "no topic of the source; did you mean clicks?"),
    ],
)
def test_a_mistake_with_kafka_is_named(before: str, after: str, expected: str) -> None:
    assert before in KAFKA
    assert expected in failing(KAFKA.replace(before, after), KAFKA_PASSWORD="x")


def test_variables_have_defaults() -> None:
    assert parse(CLICKS.replace("name: clicks", "name: a${X:-b}"), {}).name == "ab"
    assert parse(CLICKS.replace("name: clicks", "name: a${X:-b}"), {"X": "c"}).name == "ac"


def test_open_directories_need_a_run() -> None:
    configuration = parse(CLICKS, {})
    with pytest.raises(ConfigurationError, match=r"checkpointing\.dir"):
        configuration.under(None)
    assert configuration.under(Path("/o")).sinks.registry == "/o/registry"


def test_position_is_the_place_in_the_source_even_where_a_field_has_that_name() -> None:
    text = CLICKS.replace("id: event_id", "id: position").replace(
        "price: {type", "position: categorical\n      price: {type"
    )
    assert parse(text, {}).plan(1, True).events[0].id == ()
