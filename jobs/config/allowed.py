"""What pydantic would have allowed, in words, and bounds as the file would have them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, get_args

from pydantic import PlainSerializer
from pydantic.fields import FieldInfo

from jobs.config.section import Section

Place = tuple[str | int, ...]
_BOUNDS = {
    "ge": "{} or more",
    "gt": "more than {}",
    "le": "{} or less",
    "lt": "less than {}",
    "min_length": "{} or more entries",
}
_WORDS = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "a text",
    "string_too_short": "a text that is not empty",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "dict_type": "a block of keys",
    "model_type": "a block of keys",
    "model_attributes_type": "a block of keys",
}


def in_words(item: Mapping[str, Any], section: type[Section] | None, key: Place) -> str:
    """Return what is allowed by one of pydantic's findings about a key of a section."""
    if item["type"] in _WORDS:
        return f"allowed is {_WORDS[item['type']]}"
    for bound, words in _BOUNDS.items():
        if bound in item.get("ctx", ()):
            return f"allowed is {words.format(_written(item['ctx'][bound], section, key))}"
    field = _field(section, key)
    if item["type"] == "string_pattern_mismatch" and field is not None and field.description:
        return f"allowed is {field.description}"
    text = str(item["msg"]).removeprefix("Value error, ")
    return text.replace("Input should be", "allowed is").replace("'kind'", "kind")


def _written(bound: Any, section: type[Section] | None, key: Place) -> str:
    field = _field(section, key)
    parts = [*field.metadata, *chain.from_iterable(map(get_args, get_args(field.annotation)))] if field else []
    writers: list[Any] = [part.func for part in parts if isinstance(part, PlainSerializer)]
    return str(writers[0](bound)) if writers else f"{bound:g}" if isinstance(bound, float) else str(bound)


def _field(section: type[Section] | None, key: Place) -> FieldInfo | None:
    return section.model_fields.get(str(key[-1])) if section is not None else None
