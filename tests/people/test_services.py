"""A person counts once, however many forms are sent at once, and what they agreed to can be proved."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import Counted
from tests.factories import a_person
from webinar.foundation.db import db, transaction
from webinar.people.mail_address import NoMailAddress
from webinar.people.models import Consent, Person, Purpose
from webinar.people.services.who_is_who import give_consent, person_with_address, withdraw_consent

NOW = datetime(2030, 5, 14, 11, 0, tzinfo=UTC)
SOON = datetime(2031, 1, 1, tzinfo=UTC)
LATE = datetime(2035, 1, 1, tzinfo=UTC)


def person_of(email: str, *, language: str = "en", timezone: str = "UTC", keep_until: datetime = SOON) -> Person:
    return person_with_address(email, language=language, timezone=timezone, keep_until=keep_until)


def agree(person: Person, *, text: str = "We write to you.", version: str = "1", now: datetime = NOW) -> Consent:
    return give_consent(
        person,
        Purpose.NEWSLETTER,
        text_version=version,
        text_language="en",
        text=text,
        source="session next-en",
        now=now,
    )


def at_once(app: Flask, times: int, work: Callable[[], None]) -> list[BaseException]:
    """Do the same in as many threads at once, each with its own connection, and return what went wrong."""
    start = threading.Barrier(times)
    faults: list[BaseException] = []

    def run() -> None:
        with app.app_context():
            start.wait()
            try:
                work()
            except Exception as fault:  # noqa: BLE001 (a thread's fault is to reach the test)
                faults.append(fault)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_a_new_address_makes_a_person(app: Flask) -> None:
    with transaction():
        person = person_of("Ana@Example.org", language="es", timezone="Europe/Madrid")

    assert (person.email, person.language, person.timezone) == ("ana@example.org", "es", "Europe/Madrid")
    assert person.erase_after == SOON


def test_a_known_address_is_the_same_person_whose_language_and_zone_no_form_can_change(app: Flask) -> None:
    known = a_person("ana@example.org", language="en", timezone="UTC", erase_after=SOON)

    with transaction():
        person = person_of("ANA@example.org", language="fr", timezone="Africa/Dakar", keep_until=LATE)

    assert person.id == known.id
    db.session.expire_all()
    assert (known.language, known.timezone, known.erase_after) == ("en", "UTC", LATE)
    assert db.session.scalar(select(func.count(Person.id))) == 1


def test_the_day_of_erasure_only_moves_later(app: Flask) -> None:
    known = a_person("ana@example.org", erase_after=LATE)

    with transaction():
        person_of("ana@example.org", keep_until=SOON)

    db.session.expire_all()
    assert known.erase_after == LATE


def test_an_address_that_was_merged_is_the_person_it_was_merged_into(app: Flask) -> None:
    target = a_person("ana@example.org", language="en", erase_after=SOON)
    between = a_person("ana@old.example", merged_into_id=target.id)
    a_person("ana@older.example", merged_into_id=between.id)

    with transaction():
        person = person_of("ana@older.example", language="es", keep_until=LATE)

    db.session.expire_all()
    assert person.id == target.id
    assert (target.language, target.erase_after) == ("en", LATE)


def test_what_is_no_address_makes_nobody(app: Flask) -> None:
    with pytest.raises(NoMailAddress), transaction():
        person_of("ana")

    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_a_person_goes_with_the_transaction_that_made_them(app: Flask) -> None:
    def register_and_break_off() -> None:
        with transaction():
            person_of("ana@example.org")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        register_and_break_off()

    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_twenty_forms_at_once_make_one_person(app: Flask) -> None:
    ids: list[int] = []

    def register() -> None:
        with transaction():
            ids.append(person_of("ana@example.org").id)

    assert at_once(app, 20, register) == []
    assert len(set(ids)) == 1
    assert db.session.scalar(select(func.count(Person.id))) == 1


def test_a_person_costs_one_statement(app: Flask, count_queries: Callable[[], AbstractContextManager[Counted]]) -> None:
    with count_queries() as queries, transaction():
        person_of("ana@example.org")

    assert queries.count == 1


def test_a_consent_keeps_the_fingerprint_of_the_text(app: Flask) -> None:
    person = a_person()

    with transaction():
        consent = agree(person, text="Ünser Text")

    assert consent.text_hash == hashlib.sha256("Ünser Text".encode()).hexdigest()
    assert (consent.given_at, consent.withdrawn_at, consent.source) == (NOW, None, "session next-en")
    assert consent.erase_after == person.erase_after


def test_agreeing_again_to_the_same_words_changes_nothing(app: Flask) -> None:
    person = a_person()

    with transaction():
        first = agree(person)
    with transaction():
        second = agree(person, now=NOW + timedelta(days=1))

    assert second.id == first.id
    assert second.given_at == NOW


def test_agreeing_to_other_words_closes_the_consent_before(app: Flask) -> None:
    person = a_person()
    later = NOW + timedelta(days=1)

    with transaction():
        first = agree(person)
    with transaction():
        second = agree(person, text="We write more.", version="2", now=later)

    assert (first.withdrawn_at, second.withdrawn_at) == (later, None)


def test_a_consent_that_is_taken_back_stays_on_record(app: Flask) -> None:
    person = a_person()
    later = NOW + timedelta(days=1)

    with transaction():
        consent = agree(person)
    with transaction():
        withdrawn = withdraw_consent(person, Purpose.NEWSLETTER, now=later)
        again = withdraw_consent(person, Purpose.NEWSLETTER, now=later + timedelta(days=1))

    assert (withdrawn, again) == (True, False)
    assert consent.withdrawn_at == later


def test_forms_sent_at_once_agree_once(app: Flask) -> None:
    person_id = a_person().id

    def register() -> None:
        with transaction():
            agree(db.session.get_one(Person, person_id))

    assert at_once(app, 10, register) == []
    assert db.session.scalar(select(func.count(Consent.id))) == 1
