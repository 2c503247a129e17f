"""Many people at once, with several server processes: no seat oversold, nobody lost, every form counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from config import TestConfig
from tests.factories import a_session
from tests.gunicorn_server import Visitor, serving
from webinar import create_app
from webinar.foundation.db import db
from webinar.mail.models import OutboxMail
from webinar.people.models import Person
from webinar.registration.models import Registration

AT_ONCE = 25


@pytest.fixture
def other_app(empty_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Return an application on a database of this test alone, which several processes will serve too."""
    app = create_app(TestConfig(tmp_path / "instance", empty_database_url))
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


def the_form(email: str) -> dict[str, str]:
    return {
        "email": email,
        "given_name": "Ana",
        "family_name": "Sousa",
        "affiliation": "other",
        "organisation": "Friends of Cities",
        "role": "",
        "language": "en",
        "timezone": "Europe/Lisbon",
        "privacy": "y",
    }


def post_all(address: str, key: str, emails: list[str]) -> Counter[int]:
    """Post a form for each address, many at once, and count the answers by status."""
    path = f"/en/sessions/{key}/register"

    def post_some(some: list[str]) -> list[int]:
        with closing(Visitor(address)) as visitor:
            hidden = visitor.hidden_fields(path)
            return [visitor.post(path, {**hidden, **the_form(email)}) for email in some]

    with ThreadPoolExecutor(AT_ONCE) as people:
        answers = people.map(post_some, [emails[number::AT_ONCE] for number in range(AT_ONCE)])
        return Counter(answer for some in answers for answer in some)


def test_500_people_at_once_for_100_seats(other_app: Flask, empty_database_url: str) -> None:
    key = a_session(seats=100).key
    emails = [f"person{number}@example.org" for number in range(500)]

    with serving(empty_database_url, Path(other_app.instance_path)) as address:
        answers = post_all(address, key, emails)

    places = db.session.execute(
        select(Registration.status, Registration.turn, Person.email)
        .join(Registration.person)
        .order_by(Registration.turn)
    ).all()
    kinds = Counter(db.session.scalars(select(OutboxMail.kind)))
    assert answers == {303: 500}
    assert [place.status.value for place in places] == ["registered"] * 100 + ["waiting"] * 400
    assert [place.turn for place in places] == list(range(1, 501))
    assert sorted(place.email for place in places) == sorted(emails)
    assert kinds == {"confirmation": 100, "waiting list": 400}


def test_one_form_posted_20_times_at_once_is_one_registration_and_one_confirmation(
    other_app: Flask, empty_database_url: str
) -> None:
    key = a_session().key

    with serving(empty_database_url, Path(other_app.instance_path)) as address:
        answers = post_all(address, key, ["ana@lisbon.example"] * 20)

    assert answers == {303: 20}
    assert len(db.session.scalars(select(Registration.id)).all()) == 1
    assert db.session.scalars(select(OutboxMail.kind)).all() == ["confirmation"]
