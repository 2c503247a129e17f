"""Many people at once, with several server processes: no seat oversold, nobody lost, every form counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from config import TestConfig
from tests.conftest import DATABASES
from tests.factories import a_session
from tests.gunicorn_server import Visitor, serving
from tests.postgresql import Server
from webinar import create_app
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.mail.models import OutboxMail
from webinar.people.models import Person
from webinar.registration.models import Registration

AT_ONCE = 25


@pytest.fixture(scope="module", params=DATABASES)
def address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgresql: Server, worker_name: str
) -> Iterator[str]:
    """Return where several processes serve a database, which is also that of the application of these tests."""
    folder = tmp_path_factory.mktemp("races")
    url = f"sqlite:///{folder / 'races.db'}"
    if request.param == "postgresql":
        url = postgresql.make_database(f"races_{worker_name}")
    app = create_app(TestConfig(folder / "instance", url))
    with app.app_context():
        db.create_all()
        with serving(url, Path(app.instance_path)) as where:
            yield where
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


def kinds_of_mail_to(emails: list[str]) -> Counter[str]:
    db.session.rollback()
    return Counter(db.session.scalars(select(OutboxMail.kind).where(OutboxMail.to_address.in_(emails))))


def test_500_people_at_once_for_100_seats(address: str) -> None:
    key = a_session(seats=100).key
    emails = [f"person{number}@example.org" for number in range(500)]

    answers = post_all(address, key, emails)

    kinds = kinds_of_mail_to(emails)
    places = db.session.execute(
        select(Registration.status, Registration.turn, Person.email)
        .join(Registration.person)
        .join(Registration.session)
        .where(WebinarSession.key == key)
        .order_by(Registration.turn)
    ).all()
    assert answers == {303: 500}
    assert [place.status.value for place in places] == ["registered"] * 100 + ["waiting"] * 400
    assert [place.turn for place in places] == list(range(1, 501))
    assert sorted(place.email for place in places) == sorted(emails)
    assert kinds == {"confirmation": 100, "waiting list": 400}


def test_one_form_posted_20_times_at_once_is_one_registration_and_one_confirmation(address: str) -> None:
    key = a_session().key

    answers = post_all(address, key, ["ana@lisbon.example"] * 20)

    assert answers == {303: 20}
    assert kinds_of_mail_to(["ana@lisbon.example"]) == {"confirmation": 1}
    places = select(Registration.id).join(Registration.session).where(WebinarSession.key == key)
    assert len(db.session.scalars(places).all()) == 1
    assert len(db.session.scalars(select(Person.id).where(Person.email == "ana@lisbon.example")).all()) == 1
