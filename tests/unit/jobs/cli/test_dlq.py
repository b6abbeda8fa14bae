"""The commands about dead letters, from bad lines in a file to their replay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.cli.app import exit_code_of
from tests.unit.jobs.dead_letters.sample import HOUR, NOW, FileJob, click, write_configuration

GOOD, DEAR, BROKEN = click(1), click(2, price=20), b'{"event_id": "\xff\x1b[2J'


@pytest.fixture
def job(tmp_path: Path) -> FileJob:
    one = FileJob(tmp_path)
    assert one.read(one.write("a.ndjson", GOOD, DEAR, BROKEN, click(3, price=30))) == 3
    return one


def documents(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def replay(job: FileJob, *arguments: str) -> int:
    return exit_code_of(
        ["dlq", "replay", "--config", str(job.config), "--from", str(job.out), "--bounded", "--json", *arguments]
    )


def outcomes(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    return sorted((document["outcome"], document["why"]) for document in documents(capsys))


def test_list_counts(job: FileJob, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["dlq", "list", "--from", str(job.out), "--json"]) == 0
    source, hour = str(job.given / "a.ndjson"), "2025-01-01T02:00Z"
    zero = {"replayed": 0, "attempts": 0}
    assert documents(capsys) == [
        {"reason": "out_of_range", "step": "pack", "source": source, "hour": hour, "letters": 2} | zero,
        {"reason": "not_utf8", "step": "pack", "source": source, "hour": hour, "letters": 1} | zero,
    ]
    assert exit_code_of(["dlq", "list", "--from", str(job.out), "--by", "step", "--reason", "not_utf8", "--json"]) == 0
    assert documents(capsys) == [{"step": "pack", "letters": 1} | zero]
    assert exit_code_of(["dlq", "list", "--from", str(job.out)]) == 0
    assert "out_of_range" in capsys.readouterr().out
    assert exit_code_of(["dlq", "list", "--from", str(job.out), "--until", "2025-01-01"]) == 0
    assert capsys.readouterr().out == "no dead letters\n"


def test_show_is_readable(job: FileJob, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(["dlq", "show", "--from", str(job.out), "--reason", "not_utf8"]) == 0
    shown = capsys.readouterr().out
    assert '{"event_id": "\\xff\\x1b[2J' in shown
    assert "\x1b" not in shown
    place = f"{job.given / 'a.ndjson'}:{len(GOOD) + 1}"
    assert exit_code_of(["dlq", "show", place, "--from", str(job.out), "--json"]) == 0
    (document,) = documents(capsys)
    assert document["letter"]["payload"].encode() == DEAR
    assert (document["position"], document["first"], document["attempts"]) == (place, place, 0)
    assert exit_code_of(["dlq", "show", "--from", str(job.out), "--newest", "1", "--json"]) == 0
    assert len(documents(capsys)) == 1


def test_replayed_once(job: FileJob, capsys: pytest.CaptureFixture[str]) -> None:
    job.configure(25)
    assert replay(job, "--reason", "out_of_range", "--dry-run") == 0
    would = [("would be sent", "accepted"), ("would be sent", "rejected: out_of_range")]
    assert outcomes(capsys) == would
    assert job.replays() == []
    assert not (job.out / "replays").exists()

    assert replay(job, "--reason", "out_of_range", "--accepted-only") == 0
    assert outcomes(capsys) == [("not sent", "still_rejected"), ("sent", "accepted")]
    (file,) = job.replays()
    assert file.read_bytes() == DEAR + b"\n"
    assert replay(job, "--reason", "out_of_range", "--accepted-only") == 0
    assert outcomes(capsys) == [("not sent", "sent_before"), ("not sent", "still_rejected")]
    assert job.replays() == [file]
    assert replay(job, "--source", "a.ndjson", "--accepted-only", "--again") == 0
    assert [path.read_bytes() for path in job.replays()] == [DEAR + b"\n"] * 2


def test_what_fails_again_is_linked_to_what_it_was(job: FileJob, capsys: pytest.CaptureFixture[str]) -> None:
    place = f"{job.given / 'a.ndjson'}:{len(GOOD) + 1}"
    for attempt in (1, 2):
        assert replay(job, "--reason", "out_of_range", "--attempts", "2") == 0
        assert ("sent", "rejected: out_of_range") in outcomes(capsys)
        assert job.read(job.replays()[-1], NOW + attempt * HOUR) == 2
        assert exit_code_of(["dlq", "show", "--from", str(job.out), "--newest", "2", "--json"]) == 0
        assert {(document["first"], document["attempts"]) for document in documents(capsys)} >= {(place, attempt)}
    assert replay(job, "--reason", "out_of_range", "--attempts", "2") == 0
    assert outcomes(capsys) == [("not sent", "sent_before")] * 4 + [("not sent", "too_many_attempts")] * 2
    assert len(job.replays()) == 2
    assert exit_code_of(["dlq", "list", "--from", str(job.out), "--by", "reason", "--json"]) == 0
    assert documents(capsys)[0] == {"reason": "out_of_range", "letters": 6, "replayed": 4, "attempts": 2}
    assert exit_code_of(["dlq", "replay", "--config", str(job.config), "--from", str(job.out), "--attempts", "2"]) == 0
    assert capsys.readouterr().out.count("given up: ") == 2


def unreadable(job: FileJob) -> None:
    (job.out / "dead_letters" / "part-9.ndjson").write_text('{"reason": "out_of_range"}\n')


def test_lines_that_are_no_letters_are_told(job: FileJob, capsys: pytest.CaptureFixture[str]) -> None:
    unreadable(job)
    (job.out / "dead_letters" / ".part-10.inprogress").write_text("half a li")
    for arguments in (["list"], ["show"], ["replay", "--config", str(job.config), "--dry-run"]):
        assert exit_code_of(["dlq", *arguments, "--from", str(job.out)]) == 4
        told = capsys.readouterr()
        assert "lines that are no dead letters: 1" in told.err
        assert "part-9.ndjson:1" in told.err
        assert told.out


def errors(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert exit_code_of(["dlq", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def test_errors_say_what_to_do(job: FileJob, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--from", str(job.out)]
    unknown = errors(["list", *given, "--reason", "out_of_rang"], capsys)
    assert "did you mean out_of_range?" in unknown
    assert "not_json, not_csv, " in unknown
    assert "There is no directory" in errors(["list", "--from", str(tmp_path / "nowhere")], capsys)
    assert "--from DIR, or --config F" in errors(["list"], capsys)
    assert "sinks.dir is missing" in errors(["list", "--config", str(job.config)], capsys)
    assert "No dead letter is chosen" in errors(["show", *given, "--reason", "too_late"], capsys)
    replay = ["replay", *given, "--config", str(job.config)]
    assert "No dead letter is chosen" in errors([*replay, "--since", "1d"], capsys)
    assert "how long ago" in errors([*replay, "--since", "yesterday"], capsys)
    assert "Allowed are: reason, step" in errors(["list", *given, "--by", "event"], capsys)
    (job.out / "dead_letters" / "part-0.ndjson").unlink()
    unreadable(job)
    assert "holds no dead letters" in errors(["list", *given], capsys)


def test_input_that_would_not_read_a_replay(job: FileJob, capsys: pytest.CaptureFixture[str]) -> None:
    replay = ["replay", "--from", str(job.out), "--config", str(job.config)]
    job.configure(10, pattern="part-*")
    assert "does not match replay-0.ndjson" in errors(replay, capsys)
    job.configure(10, path=str(job.given / "a.ndjson"))
    assert "is no directory" in errors(replay, capsys)
    assert exit_code_of(["dlq", *replay, "--to", str(job.folder / "elsewhere")]) == 0
    assert len(list((job.folder / "elsewhere").glob("replay-*.ndjson"))) == 1


def test_brokers_that_do_not_answer(job: FileJob, capsys: pytest.CaptureFixture[str]) -> None:
    topics = {"releases": "r", "dead_letters": "d", "reports": "p"}

    def to_kafka(tree: dict[str, Any]) -> None:
        tree["sinks"] = {"kafka": {"bootstrap": "127.0.0.1:9", **topics}}

    config = write_configuration(job.folder / "kafka.yaml", to_kafka)
    assert "127.0.0.1:9 do not answer" in errors(["list", "--config", str(config)], capsys)
