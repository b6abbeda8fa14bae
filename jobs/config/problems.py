"""Every problem of a configuration in words: dotted key, the value as the file has it, and what is allowed."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import ValidationError

from jobs.config.allowed import Place, in_words
from jobs.config.kafka import SENSITIVE
from jobs.config.nearest import nearest
from jobs.config.section import Section
from udfs.errors import ConfigurationError


class Problem(NamedTuple):
    """What is wrong at one key."""

    key: str
    what: str


def unknown(key: str, name: str, what: str, known: list[str]) -> Problem:
    """Return the problem of a name that is none of the known ones."""
    return Problem(key, f"is {name!r}, no {what}{nearest(name, known)} Allowed are: {', '.join(known) or 'none'}")


def failure(path: str, problems: Sequence[Problem]) -> ConfigurationError:
    """Return the error that lists all problems."""
    lines = "".join(f"\n  {problem.key or 'the file'}: {problem.what}" for problem in problems)
    one = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return ConfigurationError(f"{path} has {one}:{lines}\n", "See docs/configuration.md for every key")


def of_validation(error: ValidationError, root: type[Section], raw: Any) -> list[Problem]:
    """Return pydantic's findings; ``raw`` is the document before substitution, so no secret is ever in a message."""
    found = []
    for item in error.errors(include_url=False, include_context=True, include_input=False):
        place = next(_walk(root, tuple(item["loc"])), None)
        key, section = place if place else (tuple(item["loc"]), None)
        dotted = ".".join(str(part) for part in key).replace("features.by_name", "features")
        if item["type"] == "extra_forbidden":
            fields = section.model_fields.items() if section else ()
            known = [field.alias or name for name, field in fields if name != "by_name"]
            name = str(item["loc"][-1])
            found.append(Problem(dotted, f"unknown key{nearest(name, known)} Allowed are: {', '.join(known)}"))
        elif item["type"] == "missing":
            found.append(Problem(dotted, "is missing"))
        else:
            found.append(Problem(dotted, f"{_shown(raw, key)}{in_words(item, section, key)}"))
    return found


def _shown(raw: Any, key: Place) -> str:
    hidden = any(isinstance(part, str) and (part in ("security", "secrets") or SENSITIVE.search(part)) for part in key)
    value = raw
    for part in key:
        if part == "by_name":
            continue
        if not isinstance(value, dict | list):
            return ""
        if isinstance(value, list):
            value = value[part] if isinstance(part, int) and part < len(value) else {}
        else:
            value = value.get(part, {})
    if isinstance(value, dict | list):
        return ""
    return "is hidden; " if hidden else f"is {value!r}; "


def _walk(kind: Any, rest: Place, done: Place = ()) -> Iterator[tuple[Place, type[Section] | None]]:
    """Follow pydantic's location through the types; yield the key without the tags of unions, and its section."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from _walk(arguments[0], rest, done)
    elif origin in (Union, types.UnionType):
        for member in arguments:
            if rest and rest[0] == _tag(member):
                yield from _walk(member, rest[1:], done)
                return
        found = [place for member in arguments for place in _walk(member, rest, done)]
        # The last part may name a member that is no section.
        yield from found or ([(done, None)] if len(rest) == 1 else [])
    elif isinstance(kind, type) and issubclass(kind, Section):
        yield from _walk_section(kind, rest, done)
    elif not rest:
        yield done, None
    elif origin is dict:
        yield from _walk(arguments[1], rest[1:], (*done, rest[0]))
    elif origin is tuple:
        yield from _walk(arguments[0], rest[1:], (*done, rest[0]))


def _walk_section(kind: type[Section], rest: Place, done: Place) -> Iterator[tuple[Place, type[Section]]]:
    if len(rest) == 0:
        yield done, kind
    elif str(rest[0]) in kind.model_fields:
        below = kind.model_fields[str(rest[0])].annotation
        for place, section in _walk(below, rest[1:], (*done, rest[0])):
            yield place, section or kind
    elif len(rest) == 1:
        yield (*done, rest[0]), kind


def _tag(member: Any) -> str | None:
    field = member.model_fields.get("kind") if isinstance(member, type) and issubclass(member, Section) else None
    return get_args(field.annotation)[0] if field is not None and get_origin(field.annotation) is Literal else None
