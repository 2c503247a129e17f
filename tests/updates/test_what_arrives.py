"""What docs/calendars.md says of each thing that arrives in calendars is what arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import update

from config import PROJECT
from tests.calendars.reading import Understood, understood
from tests.factories import a_personal_feed, a_series, a_session, a_webinar
from tests.mailbox import calendar_parts, mails_to
from tests.registration.test_services import a_registrant, all_registrations, token_of
from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.services import (
    cancel,
    change_version,
    correct_address,
    hand_over,
    move,
    register,
    register_for_several,
    send_again,
    take_back,
)
from webinar.updates.services import cancel_session, move_session, tell_session, write_due

ANA, LEA = "ana@lisbon.example", "lea@lisbon.example"
HOUR = timedelta(hours=1)
START = datetime.fromisoformat("2030-05-14T13:00")


class Row(NamedTuple):
    """One line of the table: what the calendar part says, and how that stands to what was said before."""

    method: str
    status: str
    sequence: str
    stamp: str
    asks: str


@pytest.fixture(autouse=True)
def clock_stands() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2030, 3, 1, 9, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def rows(client: FlaskClient, clock_stands: time_machine.Traveller) -> Callable[[str], Row]:
    """Return what brings about one line of the table, as calendars read it; it begins with a place, accepted."""

    def row_of(what: str) -> Row:
        before = with_a_place()
        clock_stands.shift(HOUR)
        return compared(before, HAPPENS[what](client))

    return row_of


def with_a_place() -> Understood:
    """Give Ana a place in the first of five sessions, let her accept it, and return her entry."""
    webinar = a_webinar(
        series=a_series("heat"), titles={"en": "Heat in cities", "fr": "La chaleur en ville"}, original_language="en"
    )
    for number in range(5):
        starts = (START + timedelta(weeks=number)).isoformat()
        a_session(f"day-{number}", webinar=webinar, starts=starts, languages=("en", "fr"))
    register("day-0", a_registrant(ANA))
    db.session.execute(update(CalendarEntry).values(answer=CalendarAnswer.ACCEPTED, answered_at=clock.now()))
    db.session.commit()
    return told_to(ANA)


def compared(before: Understood, event: Understood) -> Row:
    """Return what a calendar part says beside what was said of the same entry before it."""
    assert event.alarms == (1 if event.method == "REQUEST" else 0)
    is_same = event.uid == before.uid
    steps = {0: "the same", 1: "+1", 2: "+1 again"}
    return Row(
        method=event.method,
        status=event.status,
        sequence=steps[event.sequence - before.sequence] if is_same else f"{event.sequence}, UID of its own",
        stamp="now" if event.stamped == clock.now() else "of the last change",
        asks={"REQUEST": "yes" if event.answers == ("NEEDS-ACTION",) else "no"}.get(event.method, "no"),
    )


def told_to(address: str, nth: int = -1) -> Understood:
    """Return the one event of the last mail to somebody, or of an earlier one."""
    while write_due():
        pass
    return understood(calendar_parts(mails_to(address)[nth])[0])[0]


def after(do: Callable[[], object], address: str = ANA, nth: int = -1) -> Understood:
    """Return what somebody's calendar is told after something has been done."""
    do()
    return told_to(address, nth)


def moved() -> None:
    move_session("day-0", START + timedelta(days=1), START + timedelta(days=1, hours=1))


def to_another_day() -> None:
    move(token_of(ANA), "day-1", may_wait=False)


def handed_over() -> None:
    hand_over(token_of(ANA), a_registrant(LEA, given_name="Léa"))


def address_corrected() -> None:
    correct_address(token_of(ANA), LEA)


def taken_back() -> None:
    token = token_of(ANA)
    cancel(token)
    take_back(token, may_wait=False)


def of_file(client: FlaskClient, address: str) -> Understood:
    return understood(client.get(address).data)[0]


def several_at_once(client: FlaskClient) -> Understood:
    register_for_several("heat", {f"day-{number}": a_registrant(LEA) for number in range(4)})
    return told_to(LEA)


HAPPENS: dict[str, Callable[[FlaskClient], Understood]] = {
    "a place": lambda _client: after(lambda: register("day-0", a_registrant(LEA)), LEA),
    "the invitation once more, because somebody registered again or asked for it": lambda _client: after(
        lambda: send_again(token_of(ANA))
    ),
    "another language to hear": lambda _client: after(lambda: change_version(token_of(ANA), "fr")),
    "told anew by the organisers: another title, summary or practical note": lambda _client: after(
        lambda: tell_session("day-0")
    ),
    "the session moves": lambda _client: after(moved),
    "the session is cancelled": lambda _client: after(lambda: cancel_session("day-0")),
    "the place is given up": lambda _client: after(lambda: cancel(token_of(ANA))),
    "and taken back, or somebody registers again": lambda _client: after(taken_back),
    "handed to a colleague: who had the place": lambda _client: after(handed_over),
    "handed to a colleague: who has it now": lambda _client: after(handed_over, LEA),
    "to another day, by the person: the day before": lambda _client: after(to_another_day, nth=-2),
    "to another day, by the person: the new day": lambda _client: after(to_another_day),
    "the address corrected: the one before": lambda _client: after(address_corrected),
    "the address corrected: the right one": lambda _client: after(address_corrected, LEA),
    "more than three sessions at once: the file in the mail": several_at_once,
    "one's own entry as a file": lambda client: of_file(client, f"/en/registrations/{token_of(ANA)}/session.ics"),
    "one's own calendar, to subscribe to": lambda client: of_file(
        client, f"/calendar/{a_personal_feed(all_registrations()[0].person).token}.ics"
    ),
    "the public file of a session": lambda client: of_file(client, "/sessions/day-0.ics"),
    "the public calendars, to subscribe to": lambda client: of_file(client, "/en/calendar.ics"),
}
"""What can happen to somebody who has a place, by the words of the table."""


@pytest.mark.parametrize("what", HAPPENS)
def test_the_table_says_what_arrives(rows: Callable[[str], Row], what: str) -> None:
    assert the_table()[what] == rows(what)


def test_the_table_says_nothing_else() -> None:
    assert the_table().keys() == HAPPENS.keys()


def the_table() -> dict[str, Row]:
    """Return the lines of the table of the page, by what happens."""
    page = (PROJECT / "docs" / "calendars.md").read_text(encoding="utf-8")
    _before, _heading, rest = page.partition("| what happens | METHOD |")
    _head, _rule, *lines = rest.partition("\n\n")[0].splitlines()
    cells = [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines]
    return {what: Row(*told) for what, *told in cells}
