"""Whatever people and organisers do, in whichever order, calendars show in the end what our database says.

``HISTORIES=2000 make test ARGS=tests/updates/test_random_histories.py`` tells that many histories; else they are few.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from tests.calendars.reading import Understood, understood
from tests.conftest import delete_all_rows
from tests.factories import a_person, a_personal_feed, a_session, a_webinar
from tests.mailbox import words_of
from tests.registration.test_services import a_registrant
from tests.updates.receiving import Post, WorkerDied
from tests.updates.test_histories import invited, pressed, retitled
from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.catalogue.models import SessionStatus, Webinar, WebinarSession
from webinar.catalogue.texts import text_in
from webinar.foundation import clock, formats
from webinar.foundation.db import db
from webinar.foundation.errors import DomainError
from webinar.foundation.languages import speaking
from webinar.mail.delivery import deliver_due, give_back_abandoned
from webinar.mail.models import UNFINISHED, MailState, OutboxMail
from webinar.people.models import Person
from webinar.registration.feed import feed_of
from webinar.registration.models import ALIVE, PersonalFeed, Registration, RegistrationStatus
from webinar.registration.services import (
    cancel,
    change_mail_language,
    correct_address,
    hand_over,
    move,
    register,
    send_again,
    take_back,
)
from webinar.updates.mails import SESSION_CANCELLED
from webinar.updates.services import cancel_session, move_session, tell_session, write_due

HISTORIES = int(os.environ.get("HISTORIES", "25"))
BEGIN = datetime(2030, 3, 1, 9, 0, tzinfo=UTC)
LONG = timedelta(minutes=75)
ZONE = "Europe/Lisbon"
KEYS = ("in-may", "in-june")
LANGUAGES = ("en", "fr")

WHO = st.integers(0, 2)
WHICH = st.sampled_from(KEYS)
LANGUAGE = st.sampled_from(LANGUAGES)
STEP = st.one_of(
    st.tuples(st.just("register"), WHO, WHICH, LANGUAGE),
    st.tuples(st.just("register"), WHO, WHICH, LANGUAGE),
    st.tuples(st.just("cancel"), WHO, WHICH),
    st.tuples(st.just("take_back"), WHO, WHICH),
    st.tuples(st.just("move"), WHO, WHICH),
    st.tuples(st.just("hand_over"), WHO, WHICH, WHO),
    st.tuples(st.just("change_language"), WHO, WHICH, LANGUAGE, st.booleans()),
    st.tuples(st.just("correct_address"), WHO, WHICH),
    st.tuples(st.just("invite"), WHO, WHICH),
    st.tuples(st.just("send_again"), WHO, WHICH),
    st.tuples(st.just("answer"), WHO, st.sampled_from(["ACCEPTED", "TENTATIVE", "DECLINED"])),
    st.tuples(st.just("retitle"), LANGUAGE),
    st.tuples(st.just("move_session"), WHICH, st.sampled_from([-24, -1, 1, 2, 24 * 7])),
    st.tuples(st.just("move_session"), WHICH, st.sampled_from([-24, -1, 1, 2, 24 * 7])),
    st.tuples(st.just("cancel_session"), WHICH),
    st.tuples(st.just("tell_session"), WHICH),
    st.tuples(st.just("write"), st.sampled_from([1, 100])),
    st.tuples(st.just("send")),
    st.tuples(st.just("send")),
    st.tuples(st.just("refuse"), WHO),
    st.tuples(st.just("die"), st.integers(0, 2)),
    st.tuples(st.just("pass_time"), st.sampled_from([0, 1, 60, 600])),
    st.tuples(st.just("set_clock_back")),
)


class World:
    """Two sessions of one webinar, one of them small, three people, a worker, and the mail server it sends to."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self.traveller = traveller
        self.post = Post()
        self.addresses = {who: [f"person{who}@city.example"] for who in range(3)}
        self.webinar = a_webinar(titles=dict.fromkeys(LANGUAGES, "Heat"))
        for key, day, seats in zip(KEYS, ("2030-05-14", "2030-06-14"), (1, None), strict=True):
            a_session(key, webinar=self.webinar, starts=f"{day}T13:00", zone=ZONE, seats=seats, languages=LANGUAGES)
        self.titles = 0
        self.corrected: set[tuple[str, str | None]] = set()

    # What people do.

    def register(self, who: int, key: str, language: str) -> None:
        register(key, a_registrant(self.addresses[who][-1], language=language, timezone=ZONE))

    def cancel(self, who: int, key: str) -> None:
        cancel(self._token(who, key))

    def take_back(self, who: int, key: str) -> None:
        take_back(self._token(who, key), may_wait=True)

    def move(self, who: int, key: str) -> None:
        (there,) = set(KEYS) - {key}
        move(self._token(who, key), there, may_wait=True)

    def hand_over(self, who: int, key: str, to: int) -> None:
        hand_over(self._token(who, key), a_registrant(self.addresses[to][-1], timezone=ZONE))

    def change_language(self, who: int, key: str, language: str, everywhere: bool) -> None:
        change_mail_language(self._token(who, key), language, everywhere=everywhere)

    def correct_address(self, who: int, key: str) -> None:
        address = f"person{who}-{len(self.addresses[who])}@city.example"
        token = self._token(who, key)
        before = db.session.scalar(
            select(Person.email).join_from(Registration, Person).where(Registration.token == token)
        )
        correct_address(token, address)
        self.addresses[who].append(address)
        self.corrected.add((key, before))

    def send_again(self, who: int, key: str) -> None:
        send_again(self._token(who, key))

    def answer(self, who: int, partstat: str) -> None:
        for address in self.addresses[who]:
            for event in list(self.post.calendars[address].values()):
                pressed(event, partstat)

    # What organisers do.

    def invite(self, who: int, key: str) -> None:
        """Invite somebody who has nothing to do with the session yet, while it is to be held."""
        address = self.addresses[who][-1]
        person = db.session.scalar(select(Person).where(Person.email == address)) or a_person(address)
        known = select(CalendarEntry.id).where(
            CalendarEntry.person_id == person.id, CalendarEntry.session.has(WebinarSession.key == key)
        )
        place = select(Registration.id).where(
            Registration.person_id == person.id, Registration.session.has(WebinarSession.key == key)
        )
        if self._session(key).status is SessionStatus.PUBLISHED and not db.session.scalar(known.union(place)):
            invited(key, person)

    def retitle(self, language: str) -> None:
        self.titles += 1
        retitled(self._session(KEYS[0]), language, f"Heat, {self.titles}")

    def move_session(self, key: str, hours: int) -> None:
        session = self._session(key)
        start = session.starts_wall + timedelta(hours=hours)
        move_session(key, start, start + LONG)

    def cancel_session(self, key: str) -> None:
        cancel_session(key)

    def tell_session(self, key: str) -> None:
        tell_session(key)

    # What the server does.

    def write(self, most: int) -> None:
        write_due(most)

    def send(self) -> None:
        deliver_due(self.post, "worker")

    def refuse(self, who: int) -> None:
        self.post.refuses ^= {self.addresses[who][-1]}

    def die(self, after: int) -> None:
        self.post.dies_after = after
        with suppress(WorkerDied):
            deliver_due(self.post, "worker")
        self.post.dies_after = None
        give_back_abandoned(lambda _name: False)

    def pass_time(self, seconds: int) -> None:
        self.traveller.shift(timedelta(seconds=seconds))

    def set_clock_back(self) -> None:
        self.traveller.shift(-timedelta(minutes=5))

    def deliver_everything(self) -> None:
        """Let the mail server take all mails again, and the worker send them."""
        self.post.refuses.clear()
        while write_due():
            pass
        while db.session.scalar(select(OutboxMail.id).where(OutboxMail.state.in_(UNFINISHED)).limit(1)):
            db.session.rollback()
            self.traveller.shift(timedelta(hours=6))
            deliver_due(self.post, "worker")
        db.session.rollback()
        self.post.check()

    def _session(self, key: str) -> WebinarSession:
        return db.session.scalars(
            select(WebinarSession).where(WebinarSession.key == key).execution_options(populate_existing=True)
        ).one()

    def _token(self, who: int, key: str) -> str:
        """Return the link of somebody's newest place in a session, or one that leads nowhere."""
        tokens = db.session.scalars(
            select(Registration.token)
            .join(Registration.person)
            .join(Registration.session)
            .where(WebinarSession.key == key, Person.email.in_(self.addresses[who]))
            .order_by(Registration.turn.desc())
        )
        return tokens.first() or "nowhere"


def places() -> list[Registration]:
    """Return every place, with what is told of it, as it is stored."""
    db.session.commit()
    return list(
        db.session.scalars(
            select(Registration)
            .options(
                joinedload(Registration.person),
                joinedload(Registration.session)
                .joinedload(WebinarSession.webinar)
                .options(selectinload(Webinar.texts)),
            )
            .execution_options(populate_existing=True)
        )
    )


def entries() -> list[CalendarEntry]:
    """Return every entry with its session and person, as it is stored."""
    return list(
        db.session.scalars(
            select(CalendarEntry)
            .options(joinedload(CalendarEntry.session), joinedload(CalendarEntry.person))
            .execution_options(populate_existing=True)
        )
    )


Shown = tuple[int, datetime, datetime]


def shown(events: list[Understood]) -> dict[str, Shown]:
    """Return SEQUENCE, start and end of events, by their UID."""
    return {event.uid: (event.sequence, event.starts, event.ends) for event in events}


def check_calendars(world: World) -> None:
    """Check that nobody has a ghost, nobody misses an entry, and all times are right; in feeds, too.

    Who has a place has an entry; so has who was invited, also while they wait, until they give up what they took.
    """
    true: dict[str, dict[str, Shown]] = defaultdict(dict)
    of_places: dict[int, dict[str, Shown]] = defaultdict(dict)
    statuses = {(place.session_id, place.person_id): place.status for place in places()}
    for entry in entries():
        status = statuses.pop((entry.session_id, entry.person_id), None)
        if entry.session.status is SessionStatus.CANCELLED or status is RegistrationStatus.CANCELLED:
            assert entry.status is EntryStatus.CANCELLED
        elif status is RegistrationStatus.REGISTERED:
            assert entry.status is EntryStatus.CONFIRMED
        elif status is None:  # only invited, or their place has another address since
            has_left = (entry.session.key, entry.person.email) in world.corrected
            assert entry.status is (EntryStatus.CANCELLED if has_left else EntryStatus.CONFIRMED)
        if entry.status is EntryStatus.CONFIRMED:
            told = (entry.sequence, entry.session.starts_at, entry.session.ends_at)
            true[entry.person.email or ""][entry.uid] = told
            if status is RegistrationStatus.REGISTERED:
                of_places[entry.person_id][entry.uid] = told
    assert RegistrationStatus.REGISTERED not in statuses.values()

    have = {address: shown(list(calendar.values())) for address, calendar in world.post.calendars.items() if calendar}
    assert have == true
    for person in db.session.scalars(select(Person)).all():
        feed = db.session.get(PersonalFeed, person.id) or a_personal_feed(person)
        events = understood(feed_of(feed, clock.now()).content)
        assert shown([event for event in events if event.status == "CONFIRMED"]) == of_places.get(person.id, {})


def check_what_people_read(post: Post) -> None:
    """Check that the last mail to everybody about a place says when the session is held, or that it is not."""
    for place in places():
        if place.status not in ALIVE:
            continue
        session = place.session
        last = db.session.scalars(
            select(OutboxMail)
            .where(
                OutboxMail.person_id == place.person_id,
                OutboxMail.topic == f"session {session.key}",
                OutboxMail.state == MailState.SENT,
            )
            .order_by(OutboxMail.id.desc())
        ).first()
        assert last is not None
        if session.status is SessionStatus.CANCELLED:
            assert last.kind == SESSION_CANCELLED
            continue
        (mail,) = [one for one in post.mails[last.to_address or ""] if one["Message-ID"] == last.message_id]
        with speaking(last.language):
            starts, ends = (moment.astimezone(ZoneInfo(ZONE)) for moment in (session.starts_at, session.ends_at))
            told = words_of(mail)
            assert formats.hours(starts, ends) in told
            assert formats.full_date(starts) in told


def check_titles(post: Post) -> None:
    """Check that every calendar shows the title of now, in the language of the place."""
    by_person = {(entry.session_id, entry.person_id): entry.uid for entry in entries()}
    for place in places():
        uid = by_person.get((place.session_id, place.person_id), "")
        event = post.calendars[place.person.email or ""].get(uid)
        if event is not None and place.status is RegistrationStatus.REGISTERED:
            assert event.title == text_in(place.session.webinar.texts, place.language).title


def everything_is_told(world: World) -> None:
    for key in KEYS:
        with suppress(DomainError):
            tell_session(key)
    world.deliver_everything()


@settings(
    max_examples=HISTORIES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(history=st.lists(STEP, min_size=3, max_size=20))
@example(history=[("retitle", "en"), ("tell_session", "in-may")])  # within one second
@example(history=[("set_clock_back",), ("retitle", "en"), ("tell_session", "in-may")])
@example(history=[("send",), ("set_clock_back",), ("move_session", "in-may", 1)])
@example(history=[("move_session", "in-may", 1), ("tell_session", "in-may")])  # one waits, and hears of moves only
@example(history=[("refuse", 0), ("send",), ("refuse", 0), ("cancel", 0, "in-may"), ("send",)])  # none overtakes
@example(history=[("move_session", "in-may", 1), ("write", 1), ("die", 0), ("move_session", "in-may", 2)])
def test_after_any_history_every_calendar_shows_what_is_true(app: Flask, history: list[tuple[object, ...]]) -> None:
    db.session.remove()
    delete_all_rows()
    with time_machine.travel(BEGIN, tick=False) as traveller:
        world = World(traveller)
        for who in (0, 1):
            world.register(who, "in-may", "en")
        for name, *about in history:
            do: Callable[..., None] = getattr(world, str(name))
            with suppress(DomainError):  # what is refused changes nothing
                do(*about)

        world.deliver_everything()
        check_calendars(world)
        check_what_people_read(world.post)

        everything_is_told(world)
        check_calendars(world)
        check_titles(world.post)
