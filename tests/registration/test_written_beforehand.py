"""The confirmation is written before the session's row is held: what changes in between is in it, or it is not sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import joinedload

from tests.factories import a_member, a_session, a_webinar
from tests.mailbox import all_mail, calendar_of, kinds_of_mail_to, the_only_mail_to, words_of
from tests.registration.test_services import a_registrant, all_registrations, statuses
from webinar.catalogue.models import SessionStatus, Webinar, WebinarSession
from webinar.catalogue.queries import lock_session
from webinar.foundation.db import db, transaction
from webinar.members.services.merge_members import merge_members
from webinar.registration.models import Affiliation, Registration
from webinar.registration.services import RegistrationClosed, register

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(app: Flask) -> Iterator[Meanwhile]:
    """Let something be done by a connection of its own once the next registration's confirmation is written.

    A use case ends the reading before it and only then begins to write: in this gap nothing is held yet.
    """
    done = []

    def elsewhere(change: Callable[[], object]) -> None:
        with app.app_context():
            try:
                change()
            finally:
                db.session.remove()

    def once_the_mail_is_written(change: Callable[[], object]) -> None:
        db.session.rollback()

        def in_the_gap(_session: object) -> None:
            with ThreadPoolExecutor(1) as somebody:
                somebody.submit(elsewhere, change).result()
            done.append(change)

        event.listen(db.session(), "after_commit", in_the_gap, once=True)

    yield once_the_mail_is_written

    assert len(done) == 1


@contextmanager
def changing(key: str) -> Iterator[WebinarSession]:
    with transaction():
        session = lock_session(key)
        assert session is not None
        yield session


def test_a_title_changed_meanwhile_is_in_the_mail_and_in_the_calendar(meanwhile: Meanwhile) -> None:
    key = a_session(webinar=a_webinar(title="Heat in cities")).key

    def rename() -> None:
        with transaction():
            webinar = db.session.scalars(select(Webinar).options(joinedload(Webinar.texts))).unique().one()
            webinar.texts[0].title = "Shade in cities"

    meanwhile(rename)
    register(key, a_registrant())

    mail = the_only_mail_to("ana@lisbon.example")
    assert "Shade in cities" in mail["Subject"]
    assert "Heat in cities" not in words_of(mail)
    assert calendar_of(mail).summary == "Shade in cities"


def test_a_time_changed_meanwhile_is_in_the_mail_and_in_the_calendar(meanwhile: Meanwhile) -> None:
    key = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon").key

    def move() -> None:
        with changing(key) as session:
            session.starts_at = datetime(2030, 5, 15, 9, 0, tzinfo=UTC)
            session.ends_at = datetime(2030, 5, 15, 10, 30, tzinfo=UTC)

    meanwhile(move)
    register(key, a_registrant())

    mail = the_only_mail_to("ana@lisbon.example")
    assert "15 May 2030" in words_of(mail)
    assert "14 May 2030" not in words_of(mail)
    assert calendar_of(mail).start == datetime(2030, 5, 15, 9, 0, tzinfo=UTC)


def test_a_session_cancelled_meanwhile_takes_nobody_and_writes_nothing(meanwhile: Meanwhile) -> None:
    key = a_session().key

    def call_off() -> None:
        with changing(key) as session:
            session.status = SessionStatus.CANCELLED

    meanwhile(call_off)
    with pytest.raises(RegistrationClosed):
        register(key, a_registrant())

    assert all_registrations() == []
    assert all_mail() == []


def test_a_seat_taken_meanwhile_is_a_turn_on_the_waiting_list_and_no_confirmation(meanwhile: Meanwhile) -> None:
    session = a_session(seats=1)

    meanwhile(lambda: register(session.key, a_registrant("first@example.org")))
    register(session.key, a_registrant())

    assert statuses(session) == ["registered", "waiting"]
    assert kinds_of_mail_to("first@example.org") == ["confirmation"]
    assert kinds_of_mail_to("ana@lisbon.example") == ["waiting list"]


def test_the_same_person_registered_meanwhile_has_one_place_and_one_confirmation(meanwhile: Meanwhile) -> None:
    session = a_session()

    meanwhile(lambda: register(session.key, a_registrant(given_name="Ana Maria")))
    register(session.key, a_registrant())

    assert statuses(session) == ["registered"]
    assert [place.given_name for place in all_registrations()] == ["Ana Maria"]
    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation"]


def test_the_place_is_of_the_member_into_which_its_own_was_merged_meanwhile(meanwhile: Meanwhile) -> None:
    key = a_session().key
    town, city = a_member("Lisboa"), a_member("Lisbon")

    meanwhile(lambda: merge_members(town.key, city.key))
    register(key, a_registrant(affiliation=Affiliation.MEMBER, member_key=town.key))

    assert db.session.scalars(select(Registration.member_id)).all() == [city.id]
    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation"]
