"""Line charts as inline SVG; colours come from the page's style."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, TypeAlias

from jobs.report.scale import Scale, short

Point: TypeAlias = tuple[float, float | None]

WIDTH: Final = 560
HEIGHT: Final = 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 14, 10, 36


@dataclass(frozen=True)
class Line:
    """A line of a chart.

    Attributes:
        name: what it shows.
        style: its class on the page.
        points: by x; a gap where y is None.
        trivial: whether it is a baseline, left out where it would flatten all others.
    """

    name: str
    style: str
    points: Sequence[Point]
    trivial: bool = False

    @property
    def values(self) -> list[float]:
        """Return the known values."""
        return [y for _, y in self.points if y is not None]


@dataclass(frozen=True)
class Mark:
    """A place on the x axis that a vertical line shows.

    Attributes:
        place: where.
        text: what happened there.
        known: whether that is known, not detected: its line is drawn through, and stronger.
    """

    place: float
    text: str
    known: bool = False


def chart(
    title: str,
    lines: Sequence[Line],
    *,
    x_label: str,
    level: tuple[str, float] | None = None,
    show: Callable[[float], str],
    zero: bool = False,
    marks: Sequence[Mark] = (),
    about: str = "",
) -> str:
    """Return a figure: title, legend with last values, and drawing.

    Args:
        title: what is on the y axis.
        lines: the lines, the most important first.
        x_label: what is on the x axis.
        level: a horizontal line with its name.
        show: writes a value in legends and tips.
        zero: whether the y axis begins at zero.
        marks: what happened where on the x axis.
        about: what the drawing shows, in words, for who does not see it.
    """
    lines = [line for line in lines if line.values]
    if not lines:
        return ""
    drawn = [line for line in lines if not line.trivial or _fits(line, lines)]
    legend = "".join(_key(line, line in drawn, show) for line in lines)
    if level:
        legend += f'<span><i class="key level"></i>{escape(level[0])} <b>{escape(show(level[1]))}</b></span>'
    drawing = _drawing(title, drawn, x_label, level[1] if level else None, show, zero, marks, about)
    return f'<figure><figcaption>{escape(title)}</figcaption><div class="legend">{legend}</div>{drawing}</figure>'


def _fits(line: Line, lines: Sequence[Line]) -> bool:
    shown = [value for other in lines if not other.trivial for value in other.values] or line.values
    low, high = min(shown), max(shown)
    room = 3.0 * (high - low) + 0.05 * abs(high)
    middle = sorted(line.values)[len(line.values) // 2]
    return low - room <= middle <= high + room


def _key(line: Line, drawn: bool, show: Callable[[float], str]) -> str:
    note = "" if drawn else " (off the scale)"
    last = escape(show(line.values[-1]))
    return f'<span><i class="key {line.style}"></i>{escape(line.name)} <b>{last}</b>{note}</span>'


def _drawing(
    title: str,
    lines: Sequence[Line],
    x_label: str,
    level: float | None,
    show: Callable[[float], str],
    zero: bool,
    marks: Sequence[Mark],
    about: str,
) -> str:
    values = [value for line in lines for value in line.values]
    extra = ([level] if level is not None else []) + ([0.0] if zero else [])
    y = Scale.around(values + extra, HEIGHT - _BOTTOM, _TOP)
    if zero:
        y = Scale(0.0, y.high, y.start, y.stop)
    places = [place for line in lines for place, _ in line.points]
    first, last = min(0.0, *places), max(places)
    x = Scale(first, last if last > first else first + 1.0, _LEFT, WIDTH - _RIGHT)
    parts = [_grid(x, y, x_label)]
    if level is not None:
        parts.append(f'<path class="line level" d="M{_LEFT} {y(level):.1f}H{WIDTH - _RIGHT}"/>')
    parts += [_path(line, x, y, zero) for line in reversed(lines)]
    parts += _tips(lines, x, show)
    parts += [_mark(x(mark.place), mark) for mark in marks if first <= mark.place <= last]
    said = f"<title>{escape(title)}</title><desc>{escape(about)}</desc>" if about else ""
    label = f'role="img" aria-label="{escape(title)}"'
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" {label}>{said}{"".join(parts)}</svg>'


def _grid(x: Scale, y: Scale, x_label: str) -> str:
    parts = []
    for tick in y.ticks(4):
        at = f"{y(tick):.1f}"
        parts.append(f'<path class="grid" d="M{_LEFT} {at}H{WIDTH - _RIGHT}"/>')
        parts.append(f'<text class="tick end" x="{_LEFT - 7}" y="{at}" dy="4">{short(tick)}</text>')
    for tick in x.ticks():
        at = f"{x(tick):.1f}"
        parts.append(f'<text class="tick middle" x="{at}" y="{HEIGHT - _BOTTOM + 16}">{short(tick)}</text>')
    parts.append(f'<text class="tick end" x="{WIDTH - _RIGHT}" y="{HEIGHT - 3}">{escape(x_label)}</text>')
    return "".join(parts)


def _mark(x: float, mark: Mark) -> str:
    style, path = "mark known" if mark.known else "mark", f"M{x:.1f} {_TOP}V{HEIGHT - _BOTTOM}"
    return f'<path class="{style}" d="{path}"><title>{escape(mark.text)}</title></path>'


def _path(line: Line, x: Scale, y: Scale, area: bool) -> str:
    steps, pen = [], "M"
    known = [(x(place), y(value)) for place, value in line.points if value is not None]
    if len(known) == 1:
        return f'<circle class="dot {line.style}" cx="{known[0][0]:.1f}" cy="{known[0][1]:.1f}" r="3"/>'
    for place, value in line.points:
        if value is None:
            pen = "M"
            continue
        steps.append(f"{pen}{x(place):.1f} {y(value):.1f}")
        pen = "L"
    path = f'<path class="line {line.style}" d="{"".join(steps)}"/>'
    if not area:
        return path
    under = f"{''.join(steps)}L{known[-1][0]:.1f} {y.start:.1f}L{known[0][0]:.1f} {y.start:.1f}Z"
    return f'<path class="area {line.style}" d="{under}"/>{path}'


def _tips(lines: Sequence[Line], x: Scale, show: Callable[[float], str]) -> list[str]:
    places = [place for place, _ in lines[0].points]
    at = [dict(line.points) for line in lines]
    tips = []
    for i, place in enumerate(places):
        left = x((places[i - 1] + place) / 2) if i else x.start
        right = x((place + places[i + 1]) / 2) if i + 1 < len(places) else x.stop
        said = [
            f"{line.name} {show(value)}"
            for line, known in zip(lines, at, strict=True)
            if (value := known.get(place)) is not None
        ]
        text = escape(" · ".join([short(place), *said]))
        box = f'x="{left:.1f}" y="{_TOP}" width="{max(right - left, 0.1):.1f}" height="{HEIGHT - _BOTTOM - _TOP}"'
        tips.append(f'<rect class="tip" {box}><title>{text}</title></rect>')
    return tips
