"""Single values of a configuration, given as text: ``faults.duplicates=0.02``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

from udfs.errors import ConfigurationError

Configuration = TypeVar("Configuration")


def with_settings(configuration: Configuration, settings: Sequence[str]) -> Configuration:
    """Return a configuration, a frozen dataclass of such, with values replaced one after the other.

    A setting is ``PATH=VALUE``: names of attributes, and places in tuples, between dots; the value is JSON, with an
    object for an entry of a tuple of spans; what is no JSON is text.

    Raises:
        ConfigurationError: a path leads nowhere, or a value is of another type or out of range.
    """
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals:
            raise ConfigurationError(f"The setting {setting!r} has no value", "Write PATH=VALUE")
        configuration = _replaced(configuration, path.split("."), _parsed(text), path)
    return configuration


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _replaced(owner: Any, path: list[str], value: Any, whole: str) -> Any:
    name, *rest = path
    if isinstance(owner, tuple):
        _check_known([name], [str(place) for place in range(len(owner))], whole)
        changed = _replaced(owner[int(name)], rest, value, whole) if rest else value
        return tuple(changed if place == int(name) else entry for place, entry in enumerate(owner))
    hints = get_type_hints(type(owner)) if is_dataclass(owner) else {}
    _check_known([name], list(hints), whole)
    old = getattr(owner, name)
    if is_dataclass(old) and not rest:
        raise ConfigurationError(f"{whole} is no single value", f"Name one of {', '.join(get_type_hints(type(old)))}")
    new = _replaced(old, rest, value, whole) if rest else value
    return replace(owner, **{name: new if is_dataclass(new) else _made(hints[name], new, whole)})


def _made(hint: Any, value: Any, whole: str) -> Any:
    """Return a value as the type of its attribute wants it."""
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, dict):
            _check_known(entry, list(get_type_hints(get_args(hint)[0])), whole)
    try:
        return msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{whole} is {value!r}", str(error)) from error


def _check_known(names: Sequence[str] | dict[str, Any], known: list[str], whole: str) -> None:
    for name in names:
        if name not in known:
            raise ConfigurationError(f"{whole}: there is no {name!r}", f"There is: {', '.join(known) or 'nothing'}")
