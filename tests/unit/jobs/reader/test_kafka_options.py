from __future__ import annotations

import pytest

from jobs.config.source import KafkaSource
from jobs.reader.kafka_options import client_options, consumer_options
from udfs.errors import ConfigurationError


def section(**more: object) -> KafkaSource:
    return KafkaSource.model_validate({"bootstrap": "a:1,b:2", "topics": ["t"], "group": "g", **more})


def test_security_is_translated() -> None:
    security = {"protocol": "SASL_SSL", "mechanism": "SCRAM-SHA-512", "username": "u", "password": "p", "ca": "/ca.pem"}
    options = client_options(section(security=security))
    assert options["bootstrap_servers"] == ["a:1", "b:2"]
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("u", "p")
    assert options["ssl_cafile"] == "/ca.pem"


def test_properties_get_the_type_that_the_client_wants() -> None:
    options = client_options(section(properties={"fetch.min.bytes": 65536, "check_crcs": False, "client.id": "me"}))
    assert options["fetch_min_bytes"] == 65536
    assert options["check_crcs"] is False
    assert options["client_id"] == "me"


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"fetch.min.byte": 1}, "fetch.min.byte is no property"),
        ({"fetch.min.bytes": "many"}, "fetch.min.bytes is 'many'. Give one of type int"),
        ({"check.crcs": "maybe"}, "check.crcs is 'maybe'. Give one of type bool"),
    ],
)
def test_what_the_client_does_not_take_is_named(properties: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        client_options(section(properties=properties))


def test_a_consumer_neither_commits_by_itself_nor_reads_what_was_aborted() -> None:
    options = consumer_options(section(), "g")
    assert not options["enable_auto_commit"]
    assert options["isolation_level"] == "read_committed"
    assert options["auto_offset_reset"] == "none"
    changed = consumer_options(section(properties={"isolation.level": "read_uncommitted"}), None)
    assert changed["isolation_level"] == "read_uncommitted"
