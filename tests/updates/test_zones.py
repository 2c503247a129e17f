"""Sessions around the changes of the clock in ten zones, told in mails and feeds and moved across the change."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.calendars.reading import understood
from tests.factories import a_personal_feed, a_session
from tests.mailbox import calendar_parts, mails_to, words_of
from tests.registration.test_services import a_registrant
from webinar.foundation.db import db
from webinar.foundation.zones import NoSuchTime, in_utc
from webinar.people.models import Person
from webinar.registration.services import register
from webinar.updates.services import move_session, write_due

YEAR = 2028
LONG = timedelta(minutes=75)
ZONES = (
    *("America/Mexico_City", "Asia/Tehran", "Asia/Kathmandu", "Africa/Casablanca", "Australia/Lord_Howe"),
    *("Pacific/Apia", "Europe/Madrid", "America/New_York", "America/St_Johns", "Asia/Seoul"),
)
CHANGING = {"Australia/Lord_Howe", "Europe/Madrid", "America/New_York", "America/St_Johns"}
# Where the clocks never change, what would be wrong if a reader thought they did.
AS_IN_MADRID = (datetime(YEAR, 3, 26, 1, tzinfo=UTC), datetime(YEAR, 10, 29, 1, tzinfo=UTC))


@pytest.fixture
def database_kind() -> str:
    """Run on SQLite alone: how PostgreSQL keeps a moment, the random histories show."""
    return "sqlite"


@pytest.fixture(autouse=True)
def _frozen() -> object:
    with time_machine.travel(datetime(YEAR - 1, 12, 1, 9, tzinfo=UTC), tick=False):
        yield


def changes_of(zone: str) -> list[datetime]:
    """Return the moments of a year at which the clocks of a zone change."""
    clocks = ZoneInfo(zone)
    halves = [datetime(YEAR, 1, 1, tzinfo=UTC) + timedelta(minutes=30) * number for number in range(366 * 48)]
    offsets = [half.astimezone(clocks).utcoffset() for half in halves]
    return [halves[at] for at in range(1, len(halves)) if offsets[at] != offsets[at - 1]]


def around(change: datetime) -> list[datetime]:
    """Return a session's starts: the day before, the last and the first hour, the hour after, the day after."""
    minutes = (-24 * 60, -30, 0, 60, 24 * 60)
    return [change + timedelta(minutes=number) for number in minutes]


def is_plain(moment: datetime, zone: str) -> bool:
    """Tell whether a session may be held then by the clocks of a zone: they show that hour once."""
    try:
        in_utc(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None), zone)
    except NoSuchTime:
        return False
    return True


def test_the_zones_that_change_their_clocks_do_so_twice() -> None:
    assert {zone for zone in ZONES if len(changes_of(zone)) >= 2} >= CHANGING


def assert_told(email: str, moment: datetime, reader: str, held: str) -> None:
    """Check the newest mail to somebody: both copies of its calendar part, its text, and its HTML."""
    mail = mails_to(email)[-1]
    part, copy = calendar_parts(mail)
    (event,) = understood(part)
    assert part == copy
    assert (event.starts, event.ends) == (moment, moment + LONG)
    here, there = (moment.astimezone(ZoneInfo(zone)) for zone in (reader, held))
    until = (moment + LONG).astimezone(ZoneInfo(reader))
    day, hours = f"{here:%A}, {here.day} {here:%B %Y}", f"{here:%H:%M}–{until:%H:%M}"
    for told in (words_of(mail), event.description):
        first = told.index(" for you in ")
        assert told[:first].endswith(hours)
        assert day in told[:first]
        if here.replace(tzinfo=None) != there.replace(tzinfo=None):
            assert re.search(r"\d\d:\d\d", told[first:])[0] == f"{there:%H:%M}"  # type: ignore[index]
    assert f">{hours} for you in " in words_of(mail, "html")


def assert_in_feed(client: FlaskClient, path: str, moment: datetime, uid: str) -> None:
    """Check when a calendar that subscribes to a feed shows an event."""
    (event,) = [event for event in understood(client.get(path).data) if event.uid == uid]
    assert (event.starts, event.ends) == (moment, moment + LONG)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("held_there", [False, True], ids=["the reader is there", "it is held there"])
def test_a_session_is_at_its_moment_in_every_mail_and_feed_and_follows_across_the_change(
    client: FlaskClient, zone: str, held_there: bool
) -> None:
    reader, held = ("UTC", zone) if held_there else (zone, "UTC")
    for number, change in enumerate(changes_of(zone) or AS_IN_MADRID):
        first, *later = [moment for moment in around(change) if is_plain(moment, held)]
        key, email = f"session-{number}", f"ana{number}@lisbon.example"
        wall = first.astimezone(ZoneInfo(held)).replace(tzinfo=None)
        session = a_session(key, starts=f"{wall:%Y-%m-%dT%H:%M}", zone=held, minutes=75)
        session_uid = session.uid
        register(key, a_registrant(email, timezone=reader))
        person = db.session.scalars(select(Person).where(Person.email == email)).one()
        feed = f"/calendar/{a_personal_feed(person).token}.ics"
        assert_told(email, first, reader, held)

        for moment in later:
            wall = moment.astimezone(ZoneInfo(held)).replace(tzinfo=None)
            ends = (moment + LONG).astimezone(ZoneInfo(held)).replace(tzinfo=None)
            move_session(key, wall, ends)
            write_due()
            assert_told(email, moment, reader, held)
        entry_uid = understood(calendar_parts(mails_to(email)[-1])[0])[0].uid
        assert_in_feed(client, feed, later[-1], entry_uid)
        assert_in_feed(client, "/en/calendar.ics", later[-1], session_uid)
