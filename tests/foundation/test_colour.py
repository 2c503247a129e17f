"""The network's colour is made readable, whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webinar.foundation.colour import accent_of, hex_of, oklch_of

PAPER = "#fbfbf9"
DARK_PAPER = "#121417"


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


colours = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))


@given(colours)
def test_a_colour_survives_the_way_there_and_back(colour: str) -> None:
    assert hex_of(oklch_of(colour)) == colour


@given(colours)
def test_text_and_buttons_can_be_read_whatever_colour_a_network_brings(colour: str) -> None:
    accent = accent_of(colour)

    assert contrast(accent.light, PAPER) >= 4.5
    assert contrast(accent.light, accent.on_light) >= 4.5
    assert contrast(accent.dark, DARK_PAPER) >= 4.5
    assert contrast(accent.dark, accent.on_dark) >= 4.5


def test_a_colour_that_is_dark_enough_stays_as_it_is_on_paper() -> None:
    assert accent_of("#1d3fbb").light == "#1d3fbb"


def test_the_accent_on_a_dark_page_is_what_the_stylesheet_computes() -> None:
    # oklch(from #1d3fbb max(l, .78) min(c, .11) h), as Chromium paints it
    assert accent_of("#1d3fbb").dark == "#96b6fe"


@pytest.mark.parametrize("written", ["", "blue", "#fff", "1d3fbb", "#1d3fbg", "#1d3fbb; color: red", "#1d3fbb\n"])
def test_what_is_no_colour_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not a colour like #1d3fbb"):
        accent_of(written)
