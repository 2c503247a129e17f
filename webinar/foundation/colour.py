"""The network's colour, made readable: hue kept, lightness held, as the stylesheet does it (CSS Color 4, oklch).

Mails are read by programs that know no ``oklch(from ...)``, so what the stylesheet computes is computed here too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import atan2, cbrt, cos, hypot, sin
from typing import NamedTuple

LIGHTEST_ON_PAPER = 0.45
DARKEST_ON_INK = 0.78
STRONGEST_ON_INK = 0.11


class Oklch(NamedTuple):
    """A colour as the eye sees it: lightness from 0 to 1, chroma from 0, hue in radians."""

    lightness: float
    chroma: float
    hue: float


class Accent(NamedTuple):
    """The colour of links and buttons, with the text on it, on light ground and on dark, as ``#rrggbb``."""

    light: str
    on_light: str
    dark: str
    on_dark: str


@lru_cache(maxsize=16)
def accent_of(brand: str) -> Accent:
    """Return the accent made of a network's colour: dark enough on paper, bright enough on a dark page.

    Raises:
        ValueError: the colour is not written like ``#1d3fbb``.
    """
    lightness, chroma, hue = oklch_of(brand)
    return Accent(
        light=hex_of(Oklch(min(lightness, LIGHTEST_ON_PAPER), chroma, hue)),
        on_light="#ffffff",
        dark=hex_of(Oklch(max(lightness, DARKEST_ON_INK), min(chroma, STRONGEST_ON_INK), hue)),
        on_dark="#0e1014",
    )


def oklch_of(written: str) -> Oklch:
    """Return a colour written as ``#rrggbb`` in Oklch (https://bottosson.github.io/posts/oklab/).

    Raises:
        ValueError: it is not written so.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", written):
        raise ValueError(f"{written!r} is not a colour like #1d3fbb")
    red, green, blue = (_linear(int(written[start : start + 2], 16) / 255) for start in (1, 3, 5))
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return Oklch(0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short, hypot(a, b), atan2(b, a))


def hex_of(colour: Oklch) -> str:
    """Return the colour as ``#rrggbb``; what no screen can show loses chroma, not lightness, until one can."""
    shown, too_strong = 0.0, colour.chroma
    channels = _channels(colour)
    if not _can_be_shown(channels):
        while too_strong - shown > 0.0005:
            tried = (shown + too_strong) / 2
            if _can_be_shown(_channels(colour._replace(chroma=tried))):
                shown = tried
            else:
                too_strong = tried
        channels = _channels(colour._replace(chroma=shown))
    return "#" + "".join(f"{round(255 * _encoded(min(max(channel, 0.0), 1.0))):02x}" for channel in channels)


def _channels(colour: Oklch) -> tuple[float, float, float]:
    """Return linear red, green and blue; outside 0 to 1 where no screen can show the colour."""
    a, b = colour.chroma * cos(colour.hue), colour.chroma * sin(colour.hue)
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _can_be_shown(channels: tuple[float, float, float]) -> bool:
    return all(-0.0001 <= channel <= 1.0001 for channel in channels)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055
