"""From wall times to the session's own clock; and random log-ins against counting second by second."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from webinar.attendance.stays import time_within
from webinar.foundation.zones import in_utc
from webinar.members.matching import MemberNames
from webinar.platform_reports.logins import AFTER, BEFORE, placed
from webinar.platform_reports.matching import Known, Matching, match, named_in
from webinar.platform_reports.report import Login

# In Madrid the clocks went back from 3:00 to 2:00 on 25 October 2026, and on from 2:00 to 3:00 on 29 March.
AUTUMN = "2026-10-25"
SPRING = "2026-03-29"


def a_login(joined: str, left: str, name: str = "Ana", email: str | None = None) -> Login:
    return Login(1, name, email, datetime.fromisoformat(joined), datetime.fromisoformat(left))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("session", "login", "moments"),
    [
        (("00:30", "01:30"), ("02:30", "02:50"), ("00:30", "00:50")),
        (("02:00", "03:00"), ("02:30", "03:50"), ("01:30", "02:50")),
        (("23:30", "00:10"), ("01:30", "02:05"), ("23:30", "00:05")),
        (("02:05", "03:00"), ("02:10", "02:50"), ("01:10", "01:50")),
        (("23:00", "02:00"), ("02:50", "02:10"), ("00:50", "01:10")),
        (("23:00", "02:00"), ("01:00", "02:30"), ("23:00", "00:30")),
        (("23:00", "02:00"), ("01:00", "03:30"), ("23:00", "02:30")),
    ],
    ids=["first", "after", "before", "second", "across", "equally near: the shortest", "all night"],
)
def test_a_time_that_the_clocks_show_twice_is_the_one_nearest_to_the_session(
    session: tuple[str, str], login: tuple[str, str], moments: tuple[str, str]
) -> None:
    def moment(clock: str) -> datetime:
        return utc(f"{'2026-10-24' if clock > '20' else AUTUMN} {clock}")

    done = placed(
        [a_login(*(f"{AUTUMN} {clock}" for clock in login))], "Europe/Madrid", moment(session[0]), moment(session[1])
    )

    assert [(one.joined_at, one.left_at) for one in done.belonging] == [(moment(moments[0]), moment(moments[1]))]


def test_unclear_times_are_counted_and_so_is_one_that_no_clock_showed() -> None:
    start, end = utc(f"{SPRING} 00:30"), utc(f"{SPRING} 02:00")
    logins = [a_login(f"{SPRING} 02:30", f"{SPRING} 03:10"), a_login(f"{SPRING} 03:15", f"{SPRING} 03:45")]

    done = placed(logins, "Europe/Madrid", start, end)

    assert (len(done.belonging), done.unclear, done.faults) == (2, 1, [])
    assert done.belonging[0].joined_at == utc(f"{SPRING} 00:30")
    assert done.belonging[1].joined_at == utc(f"{SPRING} 01:15")


def test_who_leaves_before_joining_is_told_by_the_line_and_left_out() -> None:
    start = utc("2030-05-14 12:00")

    done = placed(
        [Login(7, "Ana", None, datetime(2030, 5, 14, 12, 30), datetime(2030, 5, 14, 12, 29, 59))],  # noqa: DTZ001
        "UTC",
        start,
        start + timedelta(hours=1),
    )

    assert (done.belonging, [fault.line for fault in done.faults]) == ([], [7])


@pytest.mark.parametrize(
    ("joined", "left", "belongs"),
    [
        ("11:00:00", "11:29:59", False),
        ("11:00:00", "11:30:00", True),
        ("13:30:00", "14:00:00", True),
        ("13:30:01", "14:00:00", False),
    ],
)
def test_a_log_in_belongs_to_the_session_within_half_an_hour_of_it(joined: str, left: str, belongs: bool) -> None:
    assert timedelta(minutes=30) == BEFORE == AFTER

    done = placed(
        [a_login(f"2030-05-14 {joined}", f"2030-05-14 {left}")],
        "UTC",
        utc("2030-05-14 12:00"),
        utc("2030-05-14 13:00"),
    )

    assert (len(done.belonging), done.outside) == (int(belongs), int(not belongs))


@pytest.mark.parametrize("seed", range(30))
def test_random_log_ins_are_as_many_seconds_as_counting_them_one_by_one(seed: int) -> None:
    chance = random.Random(seed)
    zone = chance.choice(["Europe/Madrid", "Asia/Kathmandu", "America/Sao_Paulo", "Africa/Casablanca", "UTC"])
    starts = datetime(2026, 6, 10, chance.randrange(24), chance.randrange(60), chance.randrange(60))  # noqa: DTZ001
    length = chance.randrange(60, 900)
    names = {"Ana": "ana@x.example", "Rui": None, "Eva Dias": "EVA@x.example"}
    logins = []
    for _ in range(chance.randrange(1, 25)):
        name = chance.choice(list(names))
        joined = starts + timedelta(seconds=chance.randrange(-600, length + 600))
        left = joined + timedelta(seconds=chance.randrange(0, 700))
        logins.append(Login(1, name, names[name], joined, left))
    start = in_utc(starts, zone)
    end = start + timedelta(seconds=length)

    done = placed(logins, zone, start, end)
    people = match(named_in(done.belonging), Matching([], MemberNames([])), Known({}, {}, {}, frozenset(), frozenset()))

    counted = {
        one.name: time_within([(each.joined_at, each.left_at) for each in one.stretches], start, end).total_seconds()
        for one in people
    }
    assert counted == {
        name: sum(
            any(one.name == name and one.joined <= starts + timedelta(seconds=second) < one.left for one in logins)
            for second in range(length)
        )
        for name in {one.name for one in logins}
    }
