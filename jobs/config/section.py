"""A part of the configuration: frozen, and every unknown key is an error."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator


class Section(BaseModel):
    """A block of the YAML file."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _numbers_are_no_truths(cls, given: Any) -> Any:
        """Refuse true and false where a number belongs: pydantic would take them for 1 and 0."""
        for name, field in cls.model_fields.items() if isinstance(given, dict) else ():
            kinds = set(get_args(field.annotation) or (field.annotation,))
            if isinstance(given.get(name), bool) and kinds <= {int, float, type(None)}:
                raise ValueError(f"{name} is {'true' if given[name] else 'false'}; allowed is a number")
        return given


def _written_out(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str | bool | int) else value


def _as_path(value: Any) -> Any:
    return tuple(value.split(".")) if isinstance(value, str) else value


Value: TypeAlias = Annotated[str, BeforeValidator(_written_out)]
"""A categorical value: integers and booleans may be written without quotes."""

Names: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
"""One name or a list of names."""

Values: TypeAlias = Annotated[tuple[Value, ...], BeforeValidator(_as_tuple)]
"""One categorical value or a list of them."""

KeyPath: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_as_path)]
"""The keys that lead to a value: ``a.b`` or, for keys with dots in them, a list."""
