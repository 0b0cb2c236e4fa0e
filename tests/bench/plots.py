"""Figures as drawings: lines over one axis, as SVG that is light or dark as its reader is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 960, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 240, 40, 50
# (light, dark) of each line in turn; told apart by their dashes as well.
COLOURS = (("#c2410c", "#fb923c"), ("#1d4ed8", "#93c5fd"), ("#15803d", "#86efac"), ("#7e22ce", "#d8b4fe"))
DASHES = ("", "7 4", "2 4", "10 4 2 4")
NICE = (1, 2, 5)
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Plot:
    """`lines` by their names. `log`: the upright axis, whose values are above 0. `limit`: (value, its name), a line across."""

    title: str
    across: str
    upright: str
    lines: Mapping[str, Points]
    log: bool = False
    limit: tuple[float, str] | None = None


def drawn(plot: Plot) -> str:
    """The whole drawing; lines without points are left out."""
    lines = {name: points for name, points in plot.lines.items() if points}
    xs = [x for points in lines.values() for x, _ in points]
    ys = [y for points in lines.values() for _, y in points] + ([plot.limit[0]] if plot.limit else [])
    right = _Axis(0.0, max(xs, default=1.0), LEFT, WIDTH - RIGHT)
    up = _Axis(min(ys, default=1.0) if plot.log else 0.0, max(ys, default=1.0), HEIGHT - BOTTOM, TOP, plot.log)
    parts = [_head(plot.title), *_grid(plot, right, up)]
    for number, (name, points) in enumerate(lines.items()):
        parts += _line(number, name, [(right.at(x), up.at(y)) for x, y in points])
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Axis:
    """From values to places."""

    def __init__(self, least: float, most: float, start: float, end: float, log: bool = False) -> None:
        self._log = log
        self.least, self.most = self._scaled(least), self._scaled(most)
        if self.most <= self.least:
            self.most = self.least + 1.0
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        return self._start + (self._end - self._start) * (self._scaled(value) - self.least) / (self.most - self.least)

    def marks(self) -> list[float]:
        """Round values, about five of them."""
        if self._log:
            powers = range(math.floor(self.least), math.ceil(self.most) + 1)
            return [v for power in powers for nice in NICE if self.least <= self._scaled(v := nice * 10.0**power) <= self.most]
        rough = (self.most - self.least) / 5
        power = 10.0 ** math.floor(math.log10(rough))
        step = next((nice * power for nice in NICE if nice * power >= rough), 10 * power)
        return [step * number for number in range(int(self.most / step + 1e-9) + 1)]

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self._log else value


def _head(title: str) -> str:
    light = "".join(f".l{number}{{stroke:{one}}}.t{number}{{fill:{one}}}" for number, (one, _) in enumerate(COLOURS))
    dark = "".join(f".l{number}{{stroke:{one}}}.t{number}{{fill:{one}}}" for number, (_, one) in enumerate(COLOURS))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="system-ui, sans-serif"'
        f' font-size="13">\n<title>{escape(title)}</title>\n<style>rect{{fill:#fff}}text{{fill:#3d3a36}}.g{{stroke:#d9d4cc}}{light}'
        f"@media (prefers-color-scheme:dark){{rect{{fill:#1c1917}}text{{fill:#e7e5e4}}.g{{stroke:#44403c}}{dark}}}</style>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}"/>\n<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>'
    )


def _grid(plot: Plot, right: _Axis, up: _Axis) -> list[str]:
    """Marks, names of the axes, and the limit."""
    foot, end = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = []
    for value in up.marks():
        y = up.at(value)
        parts.append(f'<line class="g" x1="{LEFT}" x2="{end}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,g}</text>')
    for value in right.marks():
        parts.append(f'<text x="{right.at(value):.1f}" y="{foot + 18}" text-anchor="middle">{value:,g}</text>')
    parts.append(f'<text x="{(LEFT + end) / 2:.0f}" y="{HEIGHT - 10}" text-anchor="middle">{escape(plot.across)}</text>')
    middle = (TOP + foot) / 2
    parts.append(
        f'<text x="16" y="{middle:.0f}" text-anchor="middle" transform="rotate(-90 16 {middle:.0f})">{escape(plot.upright)}</text>'
    )
    if plot.limit is not None:
        value, name = plot.limit
        y = up.at(value)
        parts.append(f'<line class="l0" x1="{LEFT}" x2="{end}" y1="{y:.1f}" y2="{y:.1f}" stroke-dasharray="1 3"/>')
        parts.append(f'<text x="{LEFT + 6}" y="{y - 5:.1f}" font-size="12">{escape(name)}</text>')
    return parts


def _line(number: int, name: str, places: Points) -> list[str]:
    """A line, and its name beside the drawing."""
    kind = number % len(COLOURS)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dash = f' stroke-dasharray="{DASHES[kind]}"' if DASHES[kind] else ""
    x, y = WIDTH - RIGHT + 16, TOP + 14 + 24 * number
    return [
        f'<polyline class="l{kind}" points="{path}" fill="none" stroke-width="2"{dash}/>',
        f'<line class="l{kind}" x1="{x}" x2="{x + 26}" y1="{y - 4}" y2="{y - 4}" stroke-width="2"{dash}/>',
        f'<text class="t{kind}" x="{x + 34}" y="{y}">{escape(name)}</text>',
    ]
