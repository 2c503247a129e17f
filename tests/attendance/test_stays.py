from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webinar.attendance.stays import in_minutes, time_within

START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
END = START + timedelta(minutes=20)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


# Log-ins from ten minutes before the session to ten minutes after it, in whole seconds.
log_ins = st.lists(
    st.tuples(st.integers(-600, 1800), st.integers(0, 2400)).map(lambda pair: (at(pair[0]), at(pair[0] + pair[1]))),
    max_size=8,
)


@given(log_ins)
def test_the_time_there_is_the_number_of_seconds_of_the_session_that_some_log_in_covers(
    stretches: list[tuple[datetime, datetime]],
) -> None:
    seconds = sum(any(joined <= at(second) < left for joined, left in stretches) for second in range(20 * 60))

    assert time_within(stretches, START, END) == timedelta(seconds=seconds)


def test_two_log_ins_at_once_count_once() -> None:
    assert time_within([(at(0), at(600)), (at(300), at(900))], START, END) == timedelta(minutes=15)


def test_what_lies_outside_the_session_is_cut_off_exactly() -> None:
    assert time_within([(at(-600), at(0.5)), (at(1199.25), at(4000))], START, END) == timedelta(seconds=1.25)


def test_who_left_before_the_start_was_not_there() -> None:
    assert time_within([(at(-600), at(0))], START, END) == timedelta()


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(0, "0.00"), (60, "1.00"), (50, "0.83"), (0.3, "0.01"), (0.299999, "0.00"), (3599.9, "60.00"), (4500, "75.00")],
)
def test_minutes_have_two_decimals_and_halves_go_up(seconds: float, minutes: str) -> None:
    assert str(in_minutes(timedelta(seconds=seconds))) == minutes
    assert in_minutes(timedelta(seconds=seconds)) == Decimal(minutes)
