from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests.factories import LONG_AFTER, a_registration, a_session, an_attendance, stored
from webinar.attendance.models import Attendance, AttendanceRecord, AttendanceSource
from webinar.attendance.services.by_hand import say_they_came, say_they_did_not, take_word_back
from webinar.attendance.services.join import record_join
from webinar.attendance.services.report import store_reported
from webinar.attendance.services.settle import Measure, Told, settle
from webinar.attendance.services.threshold import set_threshold
from webinar.catalogue.models import VersionKind, WebinarSession
from webinar.catalogue.queries import lock_session
from webinar.catalogue.services.catalogue_file import VersionEntry
from webinar.catalogue.services.drafts import SessionDraft, SessionTimes
from webinar.catalogue.services.edit_session import edit_session
from webinar.foundation.db import db, transaction
from webinar.registration.models import Registration, RegistrationStatus
from webinar.updates.services.move_session import move_session

JOIN_LINK, REPORT, BY_HAND = AttendanceSource
# The session of a_session(): 13:00 in Lisbon, which is 12:00 UTC, for 75 minutes.
START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
END = START + timedelta(minutes=75)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def a_word(place: Registration) -> None:
    """Store that somebody of the staff says that a person was there."""
    told = {"source": BY_HAND, "joined_at": START, "left_at": END, "erase_after": LONG_AFTER}
    stored(AttendanceRecord(session=place.session, person=place.person, **told))


def settled(session: WebinarSession) -> None:
    settle(session.id)
    db.session.commit()


def the_answer(place: Registration) -> Attendance | None:
    db.session.commit()
    return db.session.get(Attendance, (place.session_id, place.person_id), populate_existing=True)


def answers() -> Sequence[tuple[object, ...]]:
    """Return all answers there are, so that two moments can be compared."""
    db.session.commit()
    rows = db.session.execute(select(Attendance.__table__).order_by(Attendance.session_id, Attendance.person_id))
    return [tuple(row) for row in rows]


class Known(NamedTuple):
    """What is known of somebody: a click, minutes in a report, a word by hand; and whether the session has a report."""

    clicked: bool = False
    reported: float | None = None
    said: bool | None = None
    has_report: bool = False

    def told(self) -> list[Told]:
        """Return the records: by hand one was there for 50 minutes, or not."""
        told = [Told(JOIN_LINK, at(-2), None, True, LONG_AFTER)] if self.clicked else []
        if self.reported is not None:
            told.append(Told(REPORT, START, at(self.reported), True, LONG_AFTER))
        if self.said is not None:
            told.append(Told(BY_HAND, START, at(50) if self.said else None, self.said, LONG_AFTER))
        return told


@pytest.mark.parametrize(
    ("known", "threshold", "came", "is_disputed", "minutes"),
    [
        pytest.param(Known(clicked=True), 0, True, False, 0, id="a click is enough"),
        pytest.param(Known(clicked=True), 20, True, False, 0, id="where no report tells how long, for any time"),
        pytest.param(Known(clicked=True, has_report=True), 0, True, True, 0, id="a report lacks who clicked: disputed"),
        pytest.param(Known(clicked=True, has_report=True), 20, False, True, 0, id="and where a time is asked for: no"),
        pytest.param(Known(reported=20), 20, True, False, 20, id="exactly so long is long enough"),
        pytest.param(Known(reported=19.99), 20, False, False, 19.99, id="a moment less is too short"),
        pytest.param(Known(clicked=True, reported=5), 20, False, False, 5, id="a report outweighs a click"),
        pytest.param(Known(clicked=True, reported=30), 20, True, False, 30, id="two that agree are no dispute"),
        pytest.param(Known(said=True), 60, True, False, 50, id="by hand is enough, for any time"),
        pytest.param(Known(said=True, clicked=True), 0, True, False, 50, id="by hand yes, as the click"),
        pytest.param(Known(said=True, has_report=True), 0, True, True, 50, id="by hand yes, the report lacks them"),
        pytest.param(Known(said=True, reported=5), 20, True, True, 50, id="by hand yes, too short for the report"),
        pytest.param(Known(said=True, reported=30, clicked=True), 20, True, False, 50, id="all three agree"),
        pytest.param(Known(said=False), 0, False, False, 0, id="by hand no, and nobody else speaks"),
        pytest.param(Known(said=False, has_report=True), 0, False, False, 0, id="by hand no, as the report has it"),
        pytest.param(Known(said=False, reported=5), 20, False, False, 0, id="by hand no, and too short anyway"),
        pytest.param(Known(said=False, clicked=True), 0, False, True, 0, id="by hand no, against the click"),
        pytest.param(Known(said=False, reported=70), 0, False, True, 0, id="by hand no, against the report"),
    ],
)
def test_all_that_is_known_becomes_one_answer(
    known: Known, threshold: int, came: bool, is_disputed: bool, minutes: float
) -> None:
    has_report = known.has_report or known.reported is not None

    answer = Measure(START, END, threshold * 60, has_report).answer(known.told())

    assert (answer["came"], answer["is_disputed"]) == (came, is_disputed)
    assert answer["seconds"] == int(minutes * 60)


def test_the_answer_names_its_sources_in_one_order(app: Flask) -> None:
    place = a_registration()
    a_word(place)
    an_attendance(place)
    an_attendance(place, source=JOIN_LINK, minutes=None)

    answer = the_answer(place)

    assert answer is not None
    assert answer.sources == "join_link;report;by_hand"


def test_of_whom_nobody_says_anything_there_is_no_answer(app: Flask) -> None:
    place = a_registration()
    settled(place.session)

    assert the_answer(place) is None


def test_first_and_last_are_as_told_and_the_time_is_within_the_session_and_counts_once(app: Flask) -> None:
    place = a_registration()
    for since, minutes in ((-10.0, 20.0), (5.0, 10.0), (70.0, 30.0)):
        an_attendance(place, joined_at=at(since), minutes=minutes)

    answer = the_answer(place)

    assert answer is not None
    assert (answer.first_join_at, answer.last_leave_at, answer.seconds) == (at(-10), at(100), (15 + 5) * 60)


def test_who_logged_in_after_the_end_came_where_any_time_is_enough(app: Flask) -> None:
    place = a_registration()
    an_attendance(place, joined_at=at(80), minutes=5)

    answer = the_answer(place)

    assert answer is not None
    assert (answer.came, answer.seconds) == (True, 0)


def test_the_first_report_puts_clicks_in_doubt_and_the_last_one_to_go_takes_the_doubt_away(app: Flask) -> None:
    session = a_session()
    clicked, other = a_registration(session), a_registration(session)
    an_attendance(clicked, source=JOIN_LINK, minutes=None)

    def report(*stretches: tuple[datetime, datetime]) -> bool:
        with transaction():
            held = lock_session(session.key)
            assert held is not None
            store_reported(held, {other.person_id: stretches})
        answer = the_answer(clicked)
        return answer is not None and answer.is_disputed

    assert report((START, END))
    assert not report()
    assert the_answer(other) is None


def move_as_people_come(session: WebinarSession, start: datetime, end: datetime) -> None:
    move_session(session.key, start, end)


def edit_as_nobody_is_registered(session: WebinarSession, start: datetime, end: datetime) -> None:
    db.session.execute(update(Registration).values(status=RegistrationStatus.UNREGISTERED))
    db.session.commit()
    version = VersionEntry("en", VersionKind.FLOOR, "", {})
    times = SessionTimes(start, end, session.timezone)
    edit_session(
        session.key, SessionDraft(times, session.platform, session.join_url, None, None, None, languages=(version,))
    )


@pytest.mark.parametrize("change", [move_as_people_come, edit_as_nobody_is_registered])
def test_a_session_that_becomes_longer_has_more_minutes(
    app: Flask, change: Callable[[WebinarSession, datetime, datetime], None]
) -> None:
    place = a_registration()
    an_attendance(place, minutes=90)
    before = the_answer(place)
    assert before is not None
    assert before.seconds == 75 * 60
    start = place.session.starts_wall

    change(place.session, start, start + timedelta(minutes=120))

    after = the_answer(place)
    assert after is not None
    assert after.seconds == 90 * 60


def test_only_those_who_are_named_are_settled(app: Flask) -> None:
    session = a_session()
    one, other = a_registration(session), a_registration(session)
    for place in (one, other):
        an_attendance(place, minutes=10)
    session.attendance_threshold = 20

    settle(session.id, [one.person_id])

    assert [getattr(the_answer(place), "came", None) for place in (one, other)] == [False, True]


def test_the_answer_is_kept_as_long_as_the_last_of_what_it_is_made_of(app: Flask) -> None:
    place = a_registration()
    an_attendance(place)
    later = an_attendance(place, source=JOIN_LINK, minutes=None)
    later.erase_after = LONG_AFTER + timedelta(days=1)
    settled(place.session)

    answer = the_answer(place)

    assert answer is not None
    assert answer.erase_after == LONG_AFTER + timedelta(days=1)


# Against a calculation that is slow and obvious.

seconds = st.integers(-900, 6000)
stretches = st.lists(st.tuples(seconds, st.integers(0, 4000)), max_size=5)


@given(
    clicked=st.none() | seconds,
    reported=stretches,
    said=st.none() | st.booleans(),
    others_are_reported=st.booleans(),
    threshold=st.integers(0, 75),
)
def test_the_answer_is_what_somebody_with_pencil_and_paper_would_find(
    clicked: int | None,
    reported: list[tuple[int, int]],
    said: bool | None,
    others_are_reported: bool,
    threshold: int,
) -> None:
    def then(second: int) -> datetime:
        return START + timedelta(seconds=second)

    told = [Told(REPORT, then(since), then(since + length), True, LONG_AFTER) for since, length in reported]
    if clicked is not None:
        told.append(Told(JOIN_LINK, then(clicked), None, True, LONG_AFTER))
    if said is not None:
        told.append(Told(BY_HAND, START, then(600) if said else None, said, LONG_AFTER))
    if not told:
        return
    has_report = bool(reported) or others_are_reported

    answer = Measure(START, END, threshold * 60, has_report).answer(told)

    was_there = {second for since, length in reported for second in range(since, since + length)}
    in_session = sum(second in was_there for second in range(75 * 60))
    by_click = clicked is not None and (threshold == 0 or not has_report)
    by_others = in_session >= threshold * 60 if reported else by_click
    assert answer["came"] is (by_others if said is None else said)
    assert answer["seconds"] == (in_session if said is None else 600 if said else 0)
    if said is None:
        assert answer["is_disputed"] is (has_report and not reported)
        firsts = [since for since, _length in reported] or [clicked or 0]
        assert answer["first_join_at"] == then(min(firsts))
    else:
        somebody_else_would_know = has_report or clicked is not None
        assert answer["is_disputed"] is (said is not by_others and somebody_else_would_know)


# Two at once.


def test_of_several_who_change_a_session_at_once_nobody_misses_what_another_has_learnt(app: Flask) -> None:
    session = a_session("heat", starts="2020-05-14T13:00", attendance_threshold=20)
    for _ in range(6):
        a_registration(session)
    tokens = db.session.scalars(select(Registration.join_token).order_by(Registration.turn)).all()
    persons = db.session.scalars(select(Registration.person_id).order_by(Registration.turn)).all()

    def report() -> None:
        with transaction():
            held = lock_session("heat")
            assert held is not None
            store_reported(held, {persons[3]: [(held.starts_at, held.ends_at)], persons[0]: []})

    def click(turn: int) -> None:
        record_join(tokens[turn - 1], session_start, doors_open_minutes=15)

    session_start = session.starts_at
    work: list[Callable[[], object]] = [
        *(lambda turn=turn: click(turn) for turn in (1, 2, 4, 5)),
        report,
        lambda: say_they_came("heat", 6),
        lambda: say_they_did_not("heat", 5),
        lambda: set_threshold("heat", 30),
        lambda: (say_they_came("heat", 3), take_word_back("heat", 3)),
    ]
    together = threading.Barrier(len(work))
    failures: list[BaseException] = []

    def at_once(one: Callable[[], object]) -> None:
        with app.app_context():
            together.wait()
            try:
                one()
            except BaseException as failure:  # noqa: BLE001
                failures.append(failure)

    threads = [threading.Thread(target=at_once, args=[one]) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    found = answers()
    settled(session)
    assert found == answers()
    assert len(found) == 5  # everybody but the third, of whom nothing is said in the end
