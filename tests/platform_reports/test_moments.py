from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.platform_reports.audience import STARTS, april
from webinar.platform_reports.clues import Clues
from webinar.platform_reports.moments import duration, heading, moment, offset_of, order_of, written
from webinar.platform_reports.report import DateOrder


def read(text: str, order: DateOrder | None = None) -> datetime | None:
    one = written(text)
    return None if one is None else moment(one, order, None)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-04-13 16:24:10", "2026-04-13T16:24:10.2", "2026-04-13T16:24:09.999999", "13.04.2026 16:24:10"),
        *("13. 4. 2026 16.24.10", "Apr 13, 2026 16:24:10", "Apr 13, 2026 4:24:10 PM", "13 April 2026, 16:24:10"),
        *(
            "13 de abril de 2026 16:24:10",
            "13 avr. 2026 16:24:10",
            "Mo., 13. Apr. 2026 16:24:10",
            "13 kwi 2026 16:24:10",
        ),
        *("Mon Apr 13 16:24:10 2026", "16:24:10 2026-04-13", "2026年4月13日 下午4:24:10", "2026. 4. 13. 오후 4:24:10"),
        *("٢٠٢٦/٤/١٣ ١٦:٢٤:١٠", "13 أبريل 2026 04:24:10 م", "2026-04-13\u202f4:24:10\u202fp.\u00a0m."),
    ],
)
def test_a_date_that_can_be_read_in_one_way_only_needs_no_order(text: str) -> None:
    assert read(text) == april(13, "16:24:10")


@pytest.mark.parametrize("text", ["4/3/2026, 4:24 PM", "04/03/26 16:24", "4-3-2026 16:24:00"])
def test_numbers_are_read_in_the_order_that_is_given(text: str) -> None:
    assert read(text, DateOrder.MONTH_FIRST) == april(3, "16:24")
    assert read(text, DateOrder.DAY_FIRST) == datetime.fromisoformat("2026-03-04 16:24")


@pytest.mark.parametrize(
    "text",
    [
        *("", "--", "yes", "2026-04-13", "31", "16:61", "25:00", "2026-13-45 16:24", "Apr 31, 2026 16:24"),
        *("4/3/2026", "x" * 500 + "16:24", "0/0/0000 16:24", "1/1/99999 16:24", "Ana 16:24 7"),
    ],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(("text", "hour"), [("12:05 AM", 0), ("12:05 PM", 12), ("1:05 p. m.", 13), ("00:05", 0)])
def test_noon_and_midnight_in_halves_of_a_day(text: str, hour: int) -> None:
    one = written(text)

    assert one is not None
    assert moment(one, None, date(2026, 4, 3)) == april(3, f"{hour:02}:05")


def dates(*texts: str) -> list[str]:
    return [f"{text} 16:24" for text in texts]


@pytest.mark.parametrize(
    ("texts", "clues", "decided"),
    [
        (dates("4/3/2026", "4/13/2026"), Clues(), (DateOrder.MONTH_FIRST, False)),
        (dates("4/3/2026", "13/3/2026"), Clues(), (DateOrder.DAY_FIRST, False)),
        # What the file says weighs more than anybody's choice and than the day of the session.
        (dates("4/3/2026", "13/3/2026"), Clues(STARTS, DateOrder.MONTH_FIRST), (DateOrder.DAY_FIRST, False)),
        (dates("4/3/2026"), Clues(STARTS), (DateOrder.MONTH_FIRST, False)),
        (dates("3/4/2026"), Clues(STARTS), (DateOrder.DAY_FIRST, False)),
        (dates("4/4/2026"), Clues(STARTS), (None, False)),  # the day after, and the same either way
        (dates("4/3/2026"), Clues(STARTS, DateOrder.DAY_FIRST), (DateOrder.DAY_FIRST, False)),
        (dates("5/9/2026"), Clues(STARTS), (DateOrder.DAY_FIRST, True)),
        (["5/9/2026 4:24 PM"], Clues(), (DateOrder.MONTH_FIRST, True)),
        (dates("2026-04-03", "3.4.2026", ""), Clues(), (None, False)),
    ],
)
def test_the_order_of_a_file_is_decided_once(
    texts: list[str], clues: Clues, decided: tuple[DateOrder | None, bool]
) -> None:
    assert order_of([one for one in map(written, texts) if one is not None], clues) == decided


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("1h 7m 30s", 4050), ("1 h 1 min 55 s", 3715), ("57m 12s", 3432), ("30m", 1800), ("45s", 45)),
        *(("01:07:30", 4050), ("1:07", 4020), ("204 mins", 12240), ("68", 4080), ("12.5", 750), ("12,5", 750)),
        *(("1 hour 57 minutes", 7020), ("1 Std. 7 Min. 30 Sek.", 4050), ("2 ore 5 min", 7500), ("٦٨", 4080)),
        *(("1 時間 7 分 30 秒", 4050), ("1 godz. 7 min", 4020), ("1 uur 2 min.", 3720)),
    ],
)
def test_durations_are_read_as_they_are_written(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "-", "long", "9999999999 h"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert duration(text) is None


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [("UTC", 0), ("GMT+2", 120), ("UTC-03:30", -210), ("+0530", 330), ("CEST", 120), ("PST", -480), ("IST", None)],
)
def test_zones_are_minutes_ahead_of_utc(zone: str, minutes: int | None) -> None:
    assert offset_of(zone) == minutes


def test_a_heading_is_compared_without_the_zone_it_names() -> None:
    assert heading("First Join (UTC)") == ("first join", 0)
    assert heading("Join time (GMT+2)") == ("join time", 120)
    assert heading("Name (Original Name)") == ("name original name", None)
