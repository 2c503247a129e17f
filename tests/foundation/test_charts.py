"""Where bars and dots stand."""

from __future__ import annotations

import pytest

from webinar.foundation.charts import BASE, WIDTH, bar_chart, dot


def test_the_highest_bar_reaches_the_top_and_all_stand_on_the_axis() -> None:
    chart = bar_chart([("one", "1", 14), ("two", "2", 0), ("three", "3", 7)])

    assert [bar.value for bar in chart.bars] == [14, 0, 7]
    assert [bar.height for bar in chart.bars] == [130.5, 0, 65.2]
    assert all(bar.y + bar.height == pytest.approx(BASE, abs=0.2) for bar in chart.bars)
    assert all(bar.x > 0 and bar.x + bar.width < WIDTH for bar in chart.bars)


@pytest.mark.parametrize(
    ("most", "lines"),
    [
        (0, []),
        (1, [1]),
        (5, [1, 2, 3, 4, 5]),
        (14, [5, 10]),
        (99, [20, 40, 60, 80]),
        (100, [20, 40, 60, 80, 100]),
        (4321, [1000, 2000, 3000, 4000]),
    ],
)
def test_lines_across_stand_at_round_numbers(most: int, lines: list[int]) -> None:
    assert [line.value for line in bar_chart([("", "", most)]).grid] == lines


def test_a_chart_of_nothing_is_empty() -> None:
    assert bar_chart([]) == ([], [])


def test_of_many_bars_only_some_are_named_on_the_axis() -> None:
    chart = bar_chart([(str(number), str(number), 1) for number in range(45)])

    assert [bar.tick for bar in chart.bars][:3] == ["0", "", "2"]


@pytest.mark.parametrize(
    ("latitude", "longitude", "x", "y"),
    [
        (0, 0, 340, 179.2),
        (40.42, -3.7, 332.6, 88.7),  # Madrid
        (37.57, 127, 594, 95.0),  # Seoul
        (-18.14, 178.4, 696.8, 219.8),  # Suva
        (-13.83, -171.8, 716.4, 210.2),  # Apia, beyond the edge in the west: it comes in the east
        (90, 180, 700, -22.4),
        (-90, -180, 700, 380.8),
    ],
)
def test_a_place_lies_where_the_land_is_drawn(latitude: float, longitude: float, x: float, y: float) -> None:
    found = dot("", latitude, longitude, 0)

    assert found.x == x
    assert found.y == pytest.approx(y, abs=0.1)


def test_dots_grow_with_what_they_count_up_to_a_bound() -> None:
    radii = [dot("", 0, 0, count).radius for count in (0, 1, 10, 100, 100_000)]

    assert radii == sorted(radii)
    assert (radii[0], radii[-1]) == (3.4, 8.0)
