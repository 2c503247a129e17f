"""The whole life of a calendar entry, as those who receive our mails and subscribe to our feeds read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.calendars.reading import Understood, understood
from tests.factories import LONG_AFTER, a_person, a_personal_feed, a_series, a_session, a_webinar
from tests.mailbox import calendar_parts, words_of
from tests.registration.test_services import a_registrant
from tests.updates.receiving import Post
from webinar.calendars.occasions import public_occasion
from webinar.calendars.replies import Reply
from webinar.calendars.services import entry_for, request_part
from webinar.catalogue.models import WebinarSession, WebinarText
from webinar.catalogue.queries import lock_session
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.languages import speaking
from webinar.mail.delivery import deliver_due
from webinar.mail.outbox import enqueue, write
from webinar.mail.rendering import Rendered
from webinar.people.models import Person
from webinar.registration.models import Registration
from webinar.registration.services import cancel, register, register_for_several
from webinar.registration.services.calendar_answers import take_calendar_answer
from webinar.updates.services import cancel_session, move_session, tell_session, write_due

ANA = "ana@lisbon.example"
KEY = "heat-2030"
FIRST, SECOND, THIRD = (datetime(2030, 5, day, 12, 0, tzinfo=UTC) for day in (14, 21, 28))
LISBON = timedelta(hours=1)
"""How far the clocks of Lisbon are ahead of UTC in May."""


@pytest.fixture(autouse=True)
def moving_clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2030, 3, 1, 9, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def everything_delivered(post: Post) -> None:
    """Let the worker write and send all that is to be sent."""
    while write_due():
        pass
    deliver_due(post, "worker")
    post.check()


def invited(key: str, person: Person) -> None:
    """Invite somebody to a session, with an entry for their calendar."""
    with transaction(), speaking("en"):
        session = lock_session(key)
        assert session is not None
        assert person.email is not None
        entry = entry_for(
            session.id, person.id, address=person.email, name="Ana Sousa", language="en", keep_until=LONG_AFTER
        )
        mail = write(
            "invitation",
            Rendered("You are invited", "Come.", ""),
            to=person.email,
            to_name="Ana Sousa",
            person_id=person.id,
            topic=f"session {key}",
            language="en",
            keep_until=LONG_AFTER,
            order_key=entry.uid,
            calendar=request_part(entry, public_occasion(session, "en", follows=True), clock.now()),
        )
        entry.first_message_id = mail.message_id
        enqueue(mail)


def retitled(session: WebinarSession, language: str, title: str) -> None:
    """Give a webinar another title in a language."""
    with transaction():
        text = db.session.get_one(WebinarText, (session.webinar_id, language))
        text.title, text.changed_at = title, clock.now()


def pressed(event: Understood, partstat: str) -> None:
    """Let somebody answer the entry in their calendar."""
    reply = Reply(
        method="REPLY",
        uid=event.uid,
        sequence=event.sequence,
        stamped=clock.now(),
        attendee=event.attendees[0],
        organizer=event.organizer,
        partstat=partstat,
        comment="",
        starts_at=None,
        ends_at=None,
        repeats=False,
    )
    take_calendar_answer(reply, sender=event.attendees[0], is_vouched_for=True)


def token_of_the_place() -> str:
    return db.session.scalars(select(Registration.token)).one()


@dataclass(frozen=True)
class Step:
    """One thing that happens, and what calendars are to be told of it (RFC 5546, 2.1.4 and 3.2)."""

    name: str
    do: Callable[[], Any]
    method: str
    sequence: int
    starts: datetime
    answer: str
    public_sequence: int
    title: str = "Heat in cities"
    in_public_feed: str = "CONFIRMED"
    in_own_feed: str | None = "CONFIRMED"
    answered_then: str = ""


def test_each_mail_and_both_feeds_of_a_whole_history_say_the_same_in_every_reader(
    client: FlaskClient, moving_clock: time_machine.Traveller
) -> None:
    webinar = a_webinar(titles={"en": "Heat in cities"})
    session = a_session(KEY, webinar=webinar, starts="2030-05-14T13:00", zone="Europe/Lisbon", minutes=75)
    person = a_person(ANA)
    feed = f"/calendar/{a_personal_feed(person).token}.ics"
    public_uid = session.uid
    post = Post()

    def to(start: datetime) -> Callable[[], None]:
        wall = (start + LISBON).replace(tzinfo=None)
        return lambda: move_session(KEY, wall, wall + timedelta(minutes=75))

    def tell() -> None:
        retitled(session, "en", "الحرّ في المدن, 도시의 더위 🏙️‍🌈; and more")
        tell_session(KEY)

    step = Step("invited", lambda: invited(KEY, person), "REQUEST", 0, FIRST, "NEEDS-ACTION", 0, in_own_feed=None)
    other = replace(step, title="الحرّ في المدن, 도시의 더위 🏙️‍🌈; and more", in_own_feed="CONFIRMED")
    history = [
        replace(step, answered_then="ACCEPTED"),
        replace(
            step,
            name="registered",
            do=lambda: register(KEY, a_registrant()),
            answer="ACCEPTED",
            in_own_feed="CONFIRMED",
        ),
        replace(other, name="retitled", do=tell, answer="ACCEPTED"),
        replace(
            other,
            name="moved",
            do=to(SECOND),
            sequence=1,
            starts=SECOND,
            public_sequence=1,
            answered_then="TENTATIVE",
        ),
        replace(other, name="moved again", do=to(THIRD), sequence=2, starts=THIRD, public_sequence=2),
        replace(
            other,
            name="cancelled by the person",
            do=lambda: cancel(token_of_the_place()),
            method="CANCEL",
            sequence=3,
            starts=THIRD,
            public_sequence=2,
            in_own_feed="CANCELLED",
        ),
        replace(
            other,
            name="registered again",
            do=lambda: register(KEY, a_registrant()),
            sequence=4,
            starts=THIRD,
            public_sequence=2,
        ),
        replace(
            other,
            name="session cancelled",
            do=lambda: cancel_session(KEY),
            method="CANCEL",
            sequence=5,
            starts=THIRD,
            public_sequence=3,
            in_public_feed="CANCELLED",
            in_own_feed="CANCELLED",
        ),
    ]
    stamps = []
    for number, step in enumerate(history, 1):
        moving_clock.shift(timedelta(hours=1))
        step.do()
        everything_delivered(post)

        mails = post.mails[ANA]
        assert len(mails) == number, step.name
        (event,) = understood(calendar_parts(mails[-1])[0])
        assert (event.method, event.sequence) == (step.method, step.sequence), step.name
        assert (event.starts, event.ends) == (step.starts, step.starts + timedelta(minutes=75)), step.name
        assert (event.title, event.answers) == (step.title, (step.answer,)), step.name
        assert list(post.calendars[ANA].values()) == ([event] if step.method == "REQUEST" else []), step.name
        stamps.append(event.stamped)

        (public,) = understood(client.get("/en/calendar.ics").data)
        assert (public.uid, public.sequence, public.status) == (public_uid, step.public_sequence, step.in_public_feed)
        assert (public.starts, public.title, public.attendees) == (step.starts, step.title, ()), step.name
        own = understood(client.get(feed).data)
        told = [(one.uid, one.sequence, one.status, one.starts, one.title) for one in own]
        expected = (event.uid, step.sequence, step.in_own_feed, step.starts, step.title)
        assert told == ([expected] if step.in_own_feed else []), step.name
        if step.answered_then:
            pressed(event, step.answered_then)

    assert stamps == sorted(set(stamps))
    assert len(post.told) == 1  # one UID for life


@pytest.mark.usefixtures("app")
def test_who_waits_is_told_of_a_move_although_something_else_was_told_before_that_mail_was_written() -> None:
    session = a_session(KEY, starts="2030-05-14T13:00", zone="Europe/Lisbon", seats=1)
    register(KEY, a_registrant())
    register(KEY, a_registrant("waits@example.org"))
    post = Post()
    everything_delivered(post)

    wall = datetime.fromisoformat("2030-05-21T16:30")
    move_session(KEY, wall, wall + timedelta(minutes=75))
    retitled(session, "en", "Cool cities")
    tell_session(KEY)
    everything_delivered(post)

    assert [len(post.mails[address]) for address in (ANA, "waits@example.org")] == [2, 2]
    assert "16:30–17:45 for you in Lisbon" in words_of(post.mails["waits@example.org"][-1])
    assert calendar_parts(post.mails["waits@example.org"][-1]) == []
    (event,) = post.calendars[ANA].values()
    assert (event.sequence, event.title) == (1, "Cool cities")


@pytest.mark.usefixtures("app")
def test_entries_that_were_imported_from_one_file_follow_each_for_itself() -> None:
    webinar = a_webinar("heat", series=a_series("climate"))
    keys = ("first", "second", "third", "fourth")
    for month, key in enumerate(keys, 5):
        a_session(key, webinar=webinar, starts=f"2030-{month:02}-14T13:00", zone="Europe/Lisbon")
    post = Post()
    register_for_several("climate", dict.fromkeys(keys, a_registrant()))
    everything_delivered(post)
    imported = list(post.calendars[ANA].values())

    wall = datetime.fromisoformat("2030-05-15T16:30")
    move_session("first", wall, wall + timedelta(minutes=75))
    cancel_session("second")
    everything_delivered(post)

    assert [event.starts.month for event in imported] == [5, 6, 7, 8]
    moved, *others = post.calendars[ANA].values()
    assert (moved.uid, moved.sequence) == (imported[0].uid, 1)
    assert moved.starts == wall.replace(tzinfo=UTC) - LISBON
    assert others == imported[2:]
    assert [mail["References"] for mail in post.mails[ANA]] == [None, *[post.mails[ANA][0]["Message-ID"]] * 2]
