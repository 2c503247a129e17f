"""The picture of a thing without a picture: a piece of city drawn from its key, always the same for the same key."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from functools import lru_cache

from markupsafe import Markup

PITCH = 30  # from one block to the next
BLOCK = 24
CUT = 4  # how much of a block's corners is cut off
TURNS = (-34, -22, -11, 14, 27, 40)  # degrees


@lru_cache(maxsize=2000)
def draw_plan(key: str, columns: int = 16, rows: int = 14) -> Markup:
    """Return the SVG of a city plan: two street grids that meet at a river, an avenue across, one block lit.

    About 2.5 KB, decoration only, so hidden from screen readers. Colours come from the stylesheet.
    """
    dice = _dice(key)
    width, height = columns * PITCH, rows * PITCH
    turn = TURNS[next(dice) % 6]
    other_turn = turn + 38 + next(dice) % 20
    top, bottom = width * (0.48 + next(dice) / 900), width * (0.42 + next(dice) / 700)
    if next(dice) % 2:
        top, bottom = bottom, top
    top, bottom = round(top), round(bottom)
    avenue_from, avenue_to = round(height * next(dice) / 400), round(height * (0.55 + next(dice) / 600))
    river = f"M{top}-9C{top} {height // 3} {bottom} {height * 2 // 3} {bottom} {height + 9}"

    # On a tall picture, the poster, a large date stands: the lit block lies below it.
    highest, lowest = (height * 0.84, height * 0.95) if height > width else (height * 0.2, height * 0.82)

    def is_clear(x: float, y: float) -> bool:
        """Tell whether the lit block stands on land, off the avenue and wholly in the picture."""
        t = min(1.0, max(0.0, y / height))
        bank = top + (bottom - top) * (3 * t * t - 2 * t**3)
        avenue = avenue_from + (avenue_to - avenue_from) * x / width
        # Whatever is cut off where the picture fills another shape, the lit block stays in it.
        return width * 0.14 < x < bank - 34 and highest < y < lowest and abs(y - avenue) > 26

    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    reach = range(-rows - columns, rows + columns)
    spots = [
        (c * PITCH + 3, w * PITCH + 3)
        for c in reach
        for w in reach
        if is_clear(
            (c * PITCH + 15) * cos - (w * PITCH + 15) * sin,
            (c * PITCH + 15) * sin + (w * PITCH + 15) * cos,
        )
    ]
    here = spots[(next(dice) * 256 + next(dice)) % len(spots)] if spots else (3, 3)
    name = hashlib.sha256(f"{key} {columns} {rows}".encode()).hexdigest()[:6]
    # The key itself is never written into the markup, only numbers drawn from it.
    return Markup(  # noqa: S704
        f'<svg class="plan" viewBox="0 0 {width} {height}" preserveAspectRatio="xMidYMid slice" aria-hidden="true">'
        f"{_pattern('a' + name, turn, _tile(dice))}{_pattern('b' + name, other_turn, _tile(dice))}"
        f'<path fill="url(#a{name})" d="{river}H0V0z"/><path fill="url(#b{name})" d="{river}H{width}V0z"/>'
        f'<path class="plan-street" stroke-width="10" d="M-20 {avenue_from}L{width + 20} {avenue_to}"/>'
        f'<path class="plan-street" stroke-width="30" d="{river}"/><path class="plan-line" d="{river}"/>'
        f'<path class="plan-here" transform="rotate({turn})" d="{_block(*here)}"/></svg>'
    )


def _dice(key: str) -> Iterator[int]:
    """Throw numbers from 0 to 255 that depend on the key alone."""
    throw = 0
    while True:
        yield from hashlib.sha256(f"{key} {throw}".encode()).digest()
        throw += 1


def _block(x: int, y: int) -> str:
    side = BLOCK - 2 * CUT
    return f"M{x + CUT} {y}h{side}l{CUT} {CUT}v{side}l-{CUT} {CUT}h-{side}l-{CUT}-{CUT}v-{side}z"


def _tile(dice: Iterator[int]) -> str:
    """Draw nine building plots, which repeat over the plan."""
    drawn = ""
    for plot in range(9):
        x, y, kind = plot % 3 * PITCH + 3, plot // 3 * PITCH + 3, next(dice) % 8
        if kind < 4:  # a block round its courtyard
            drawn += _block(x, y) + "m4 8v8h8v-8z"
        elif kind < 6:  # two rows of houses
            drawn += f"M{x} {y}h{BLOCK}v9h-{BLOCK}zM{x} {y + 15}h{BLOCK}v9h-{BLOCK}z"
        elif kind < 7:  # built over
            drawn += _block(x, y)
        else:  # a square with a pavilion
            drawn += f"M{x + 9} {y + 9}h6v6h-6z"
    return drawn


def _pattern(name: str, turn: int, tile: str) -> str:
    return (
        f'<pattern id="{name}" width="90" height="90" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate({turn})"><path d="{tile}" fill-rule="evenodd"/></pattern>'
    )
