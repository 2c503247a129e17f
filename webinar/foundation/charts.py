"""Where the bars of a chart and the places on the world map stand: lengths only, colours come from the stylesheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 800, 190
LEFT, TOP, BASE = 24, 30, 160.5
MOST_TICKS = 24


class Bar(NamedTuple):
    """One bar: what it stands for, in full and below the axis (or nothing there), its value and its place."""

    name: str
    tick: str
    value: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where its words stand."""
        return round(self.x + self.width / 2, 1)


class GridLine(NamedTuple):
    """One line across the chart, with the value it stands for."""

    value: int
    y: float


class BarChart(NamedTuple):
    """A chart of bars that stand beside each other."""

    bars: Sequence[Bar]
    grid: Sequence[GridLine]


def bar_chart(values: Sequence[tuple[str, str, int]]) -> BarChart:
    """Return the chart of some values, each with its name in full and a short one for the axis.

    Where the short ones would run into each other, most are left out.
    """
    most = max((value for _, _, value in values), default=0)
    step = _round_step(most)
    top = max(1, most)
    pitch = (WIDTH - LEFT) / max(1, len(values))
    width = min(40.0, pitch * 0.63)
    every = math.ceil(len(values) / MOST_TICKS)
    bars = []
    for number, (name, tick, value) in enumerate(values):
        height = round((BASE - TOP) * value / top, 1)
        x = round(LEFT + pitch * number + (pitch - width) / 2, 1)
        bars.append(
            Bar(name, "" if number % every else tick, value, x, round(BASE - height, 1), round(width, 1), height)
        )
    grid = [GridLine(value, round(BASE - (BASE - TOP) * value / top) + 0.5) for value in range(step, most + 1, step)]
    return BarChart(bars, grid)


def _round_step(most: int) -> int:
    # Two to five lines, at 1, 2 or 5 times a power of ten.
    power: int = 10 ** max(0, len(str(most)) - 2)
    return next(step for step in (power * factor for factor in (1, 2, 5, 10, 20, 50)) if most / step <= 5)


class Dot(NamedTuple):
    """A place on the world map, how large it is drawn, and what it is."""

    x: float
    y: float
    radius: float
    name: str
    people: int


def dot(name: str, latitude: float, longitude: float, people: int) -> Dot:
    """Return where a place lies on ``components/map.html``, larger for more people.

    The map is in plain cylindrical projection, cut at 170 degrees west, two units to a degree of longitude.
    """
    x = (longitude + 170) % 360 * 2
    y = (80 - latitude) * 2.24
    radius = 3.4 if not people else min(8.0, 4.2 + 0.6 * math.sqrt(people - 1))
    return Dot(round(x, 1), round(y, 1), round(radius, 1), name, people)
