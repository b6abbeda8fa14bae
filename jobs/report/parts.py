"""Small pieces of HTML that every section uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape


def tiles(shown: Iterable[tuple[str, str, str]]) -> str:
    """Return headline numbers: (name, value, a word about it)."""
    return f'<div class="tiles">{"".join(_tile(*tile) for tile in shown)}</div>'


def _tile(name: str, value: str, about: str) -> str:
    return f"<div><span>{escape(name)}</span><strong>{escape(value)}</strong><small>{escape(about)}</small></div>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, trusted: bool = False) -> str:
    """Return a table; cells are escaped unless they are trusted to be HTML."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{c if trusted else escape(c)}</td>' for c in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def moment(micros: int | None) -> str:
    """Return an event time, UTC; a dash for none."""
    return "-" if not micros else f"{datetime.fromtimestamp(micros / 1e6, UTC):%Y-%m-%d %H:%M:%S}"


def bars(shown: Sequence[tuple[str, str, float]]) -> str:
    """Return horizontal bars: (name, value, share of the longest from 0 to 1)."""
    rows = "".join(
        f'<span>{escape(name)}</span><div><i style="width:{100 * share:.2f}%"></i></div><b>{escape(value)}</b>'
        for name, value, share in shown
    )
    return f'<div class="bars">{rows}</div>'
