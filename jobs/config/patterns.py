"""File patterns: ``*``, ``**``, ``?`` and ``{a,b}``, as one regular expression that Java and Python read alike."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\{[^{}/]*\}|[^*?{}]+|[{}]")


def to_regex(pattern: str) -> str:
    """Return the regular expression for paths relative to the source's directory.

    ``*`` and ``?`` stay within a name, ``**/`` is any number of folders, ``{a,b}`` is a or b. A name that begins with a
    dot is never matched, so a file may be written under such a name and renamed when it is complete.

    Raises:
        ValueError: a brace is not closed, or the pattern is empty or absolute.

    >>> bool(re.fullmatch(to_regex("**/{men,women}.csv.gz"), "bts/men/men.csv.gz"))
    True
    """
    if not pattern or pattern.startswith("/") or ".." in pattern.split("/"):
        raise ValueError("a pattern is relative to the directory, like **/*.json or **/{men,women}.csv.gz")
    parts: list[str] = []
    start = True
    for token in _TOKEN.findall(pattern):
        guard = r"(?!\.)" if start else ""
        if token in "{}":
            raise ValueError("a brace in the pattern is not closed: write {a,b}")
        if token == "**/":
            parts.append(r"(?:(?!\.)[^/]+/)*" if start else r"[^/]*/(?:(?!\.)[^/]+/)*")
        elif token == "**":
            parts.append(r"(?:(?!\.)[^/]+/)*(?!\.)[^/]+" if start else r"[^/]*(?:/(?!\.)[^/]+)*")
        elif token == "*":
            parts.append(guard + "[^/]*")
        elif token == "?":
            parts.append(guard + "[^/]")
        elif token[0] == "{":
            parts.append(guard + "(?:" + "|".join(map(re.escape, token[1:-1].split(","))) + ")")
        else:
            parts.append("".join(_literal(token, start)))
        start = token.endswith("/")
    return "".join(parts)


def _literal(text: str, start: bool) -> list[str]:
    names = text.split("/")
    guarded = [(r"(?!\.)" if i or start else "") + re.escape(name) for i, name in enumerate(names)]
    return ["/".join(guarded)]
