"""Read a YAML file by the rules of YAML 1.2: no duplicate keys, no objects, ``off`` is a word and 12:30 is not 750."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

import yaml

Tree = dict[str, Any]
_SUBSTITUTE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{")


class _Loader(yaml.SafeLoader):
    """The safe loader with the implicit types of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def compose_node(self, parent: Any, index: Any) -> yaml.Node | None:
        """Refuse aliases: they can nest a small file into an endless document."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not allowed", problem_mark=self.get_mark())
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a key that stands twice; keys are the text that is written."""
        mapping: dict[Hashable, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key must be a plain word", problem_mark=key.start_mark)
            if key.value in mapping:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark)
            mapping[key.value] = self.construct_object(value, deep=deep)
        return mapping


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+0123456789.",
    ),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first))


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(node.value, 16) if node.value.startswith("0x") else int(node.value)


def _decimal_fraction(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    return float(node.value.replace(".inf", "inf").replace(".Inf", "inf").replace(".INF", "inf").replace(".nan", "nan"))


_Loader.add_constructor("tag:yaml.org,2002:int", _decimal)
_Loader.add_constructor("tag:yaml.org,2002:float", _decimal_fraction)


def read(text: str) -> Any:
    """Return what a YAML document says; raises yaml.YAMLError, with line and column, for what it must not say."""
    return yaml.load(text, Loader=_Loader)


def substitute(tree: Any, env: Mapping[str, str], key: str = "") -> tuple[Any, dict[str, str]]:
    """Replace ``${NAME}`` and ``${NAME:-default}`` in every string value.

    Returns:
        the tree, and for each dotted key whose variable is missing what is wrong; its value stays as written.
    """
    problems: dict[str, str] = {}
    if isinstance(tree, dict):
        replaced: Any = {}
        for name, value in tree.items():
            replaced[name], below = substitute(value, env, f"{key}.{name}" if key else str(name))
            problems |= below
        return replaced, problems
    if isinstance(tree, list):
        replaced = []
        for place, value in enumerate(tree):
            element, below = substitute(value, env, f"{key}.{place}")
            replaced.append(element)
            problems |= below
        return replaced, problems
    if not isinstance(tree, str):
        return tree, {}
    missing: list[str] = []

    def value_of(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        if name is None:
            missing.append("${ begins a variable: allowed are ${NAME} and ${NAME:-default}")
            return match[0]
        if name in env and (env[name] or default is None):
            return env[name]
        if default is None:
            missing.append(f"the environment variable {name} is not set: set it, or write ${{{name}:-default}}")
            return match[0]
        return str(default)

    text = _SUBSTITUTE.sub(value_of, tree)
    return text, ({key: "; ".join(missing)} if missing else {})
