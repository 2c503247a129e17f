"""Many people at once, with several server processes: no seat oversold, nobody lost, every form counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import func, select

from config import TestConfig
from tests.conftest import DATABASES
from tests.factories import a_member, a_question, a_registration, a_session, a_webinar
from tests.gunicorn_server import Visitor, serving
from tests.postgresql import Server
from webinar import create_app
from webinar.catalogue.models import Access, WebinarSession
from webinar.catalogue.services.edit_questions import remove_question
from webinar.foundation.db import db
from webinar.mail.models import OutboxMail
from webinar.people.models import Person
from webinar.registration.models import Answer, Approval, LeftFor, Registration, RegistrationStatus
from webinar.registration.services.approval import DecidedAlready, approve, decline

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


def the_form(email: str, **more: str) -> dict[str, str]:
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
        **more,
    }


def post_all(address: str, key: str, emails: list[str], **more: str) -> Counter[int]:
    """Post a form for each address, many at once, and count the answers by status."""
    path = f"/en/sessions/{key}/register"

    def post_some(some: list[str]) -> list[int]:
        with closing(Visitor(address)) as visitor:
            hidden = visitor.hidden_fields(path)
            return [visitor.post(path, {**hidden, **the_form(email, **more)}) for email in some]

    with ThreadPoolExecutor(AT_ONCE) as people:
        answers = people.map(post_some, [emails[number::AT_ONCE] for number in range(AT_ONCE)])
        return Counter(answer for some in answers for answer in some)


def kinds_of_mail_to(emails: list[str]) -> Counter[str]:
    db.session.rollback()
    return Counter(db.session.scalars(select(OutboxMail.kind).where(OutboxMail.to_address.in_(emails))))


def test_500_people_at_once_for_100_seats(address: str) -> None:
    key = a_session(seats=100).key
    emails = [f"one-of-500-{number}@example.org" for number in range(500)]

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


def take_several(address: str, slug: str, forms: list[tuple[str, list[str]]]) -> Counter[int]:
    """Send forms for several sessions of a series, of addresses and keys, all at once, and count the answers."""
    path = f"/en/series/{slug}/register"

    def take(one: tuple[str, list[str]]) -> int:
        email, keys = one
        with closing(Visitor(address)) as visitor:
            return visitor.post(path, {**visitor.hidden_fields(path), **the_form(email), "sessions": keys})

    with ThreadPoolExecutor(AT_ONCE) as people:
        return Counter(people.map(take, forms))


def test_one_form_for_five_sessions_sent_20_times_at_once_is_one_place_in_each_and_one_mail(address: str) -> None:
    webinar = a_webinar()
    keys = [a_session(webinar=webinar).key for _number in range(5)]

    answers = take_several(address, webinar.series.slug, [("five@race.example", keys)] * 20)

    places = select(Registration.id).join(Registration.session).where(WebinarSession.key.in_(keys))
    assert answers == {303: 20}
    assert len(db.session.scalars(places).all()) == 5
    assert kinds_of_mail_to(["five@race.example"]) == {"several sessions": 1}


def test_forms_for_the_same_sessions_in_any_order_wait_for_each_other_and_for_those_for_one(address: str) -> None:
    webinar = a_webinar()
    keys = [a_session(webinar=webinar, seats=30).key for _number in range(4)]
    emails = [f"order{number}@race.example" for number in range(40)]
    orders = [keys, keys[::-1], keys[2:] + keys[:2], keys[1:2]]

    answers = take_several(
        address, webinar.series.slug, [(email, orders[number % 4]) for number, email in enumerate(emails)]
    )

    counted = db.session.execute(
        select(WebinarSession.key, Registration.status, func.count())
        .join(Registration.session)
        .where(WebinarSession.key.in_(keys))
        .group_by(WebinarSession.key, Registration.status)
    )
    assert answers == {303: 40}
    assert {(key, status): count for key, status, count in counted} == {
        **{(key, "registered"): 30 for key in keys},
        (keys[1], "waiting"): 10,
    }
    assert kinds_of_mail_to(emails).total() == 40


def click_all(address: str, clicks: list[tuple[str, dict[str, str]]]) -> Counter[int]:
    """Send forms of personal pages, each by a browser of its own and all at once, and count the answers by status."""

    def click(one: tuple[str, dict[str, str]]) -> int:
        path, fields = one
        with closing(Visitor(address)) as visitor:
            return visitor.post(f"/en/registrations/{path}", fields)

    with ThreadPoolExecutor(len(clicks)) as people:
        return Counter(people.map(click, clicks))


def statuses_in(session: WebinarSession) -> Counter[str]:
    db.session.rollback()
    return Counter(db.session.scalars(select(Registration.status).where(Registration.session_id == session.id)))


def the_colleague(email: str) -> dict[str, str]:
    return {**the_form(email), "mail_language": "en"}


def test_a_place_handed_to_20_colleagues_at_once_goes_to_one_of_them(address: str) -> None:
    session = a_session(seats=2)
    place = a_registration(session, email="giver@race.example")
    a_registration(session)
    waiting = a_registration(session, status=RegistrationStatus.WAITING)
    emails = [f"colleague{number}@race.example" for number in range(20)]

    # So many are more than the limit of a day lets through, and so not all find out that the place is gone.
    answers = click_all(address, [(f"{place.token}/hand-over", the_colleague(email)) for email in emails])

    assert answers[303] == 1
    assert answers.keys() <= {303, 409, 429}
    assert statuses_in(session) == {"registered": 2, "waiting": 1, "cancelled": 1}
    assert kinds_of_mail_to(emails) == {"confirmation": 1}
    db.session.refresh(waiting)
    assert waiting.status is RegistrationStatus.WAITING


def test_two_places_handed_to_one_colleague_at_once_are_one_place(address: str) -> None:
    session = a_session(seats=10)
    places = [a_registration(session) for _number in range(10)]

    answers = click_all(address, [(f"{place.token}/hand-over", the_colleague("one@race.example")) for place in places])

    assert answers == {303: 10}
    assert statuses_in(session) == {"registered": 1, "cancelled": 10}


def test_a_place_moved_and_given_up_at_once_ends_in_one_of_the_two(address: str) -> None:
    here = a_session()
    there = a_session(webinar=here.webinar, starts="2030-06-14T13:00")
    places = [a_registration(here) for _number in range(10)]
    tokens = [place.token for place in places]

    answers = click_all(
        address,
        [(f"{token}/move", {"session": there.key}) for token in tokens] + [(f"{token}/cancel", {}) for token in tokens],
    )

    db.session.rollback()
    left = Counter(db.session.scalars(select(Registration.left_for).where(Registration.session_id == here.id)))
    assert answers.keys() <= {303, 409}
    assert statuses_in(here) == {"cancelled": 10}
    assert statuses_in(there)["registered"] == left[LeftFor.MOVED]
    assert answers[409] == left[None]


def test_people_who_move_in_opposite_directions_at_once_do_not_wait_for_each_other(address: str) -> None:
    one = a_session(seats=20)
    other = a_session(webinar=one.webinar, starts="2030-06-14T13:00", seats=20)
    there = [(a_registration(one).token, other.key) for _number in range(10)]
    back = [(a_registration(other).token, one.key) for _number in range(10)]

    answers = click_all(address, [(f"{token}/move", {"session": key}) for token, key in there + back])

    assert answers == {303: 20}
    assert statuses_in(one) == {"registered": 10, "cancelled": 10}
    assert statuses_in(other) == {"registered": 10, "cancelled": 10}


def test_of_many_who_take_their_places_back_at_once_as_many_get_one_as_there_are_seats(address: str) -> None:
    session = a_session(seats=3)
    places = [a_registration(session, status=RegistrationStatus.CANCELLED) for _number in range(12)]

    answers = click_all(address, [(f"{place.token}/take-back", {}) for place in places])

    assert answers == {303: 3, 409: 9}
    assert statuses_in(session) == {"registered": 3, "cancelled": 9}


def test_50_people_of_one_member_at_once_for_the_two_seats_it_may_have(address: str) -> None:
    key = a_session(seats=100, most_per_member=2).key
    a_member("Lisbon")
    emails = [f"somebody{number}@lisbon.example" for number in range(50)]

    answers = post_all(address, key, emails, affiliation="member", member="Lisbon")

    statuses = select(Registration.status).join(Registration.session).where(WebinarSession.key == key)
    assert answers == {303: 50}
    assert kinds_of_mail_to(emails) == {"confirmation": 2, "waiting list": 48}
    assert Counter(status.value for status in db.session.scalars(statuses)) == {"registered": 2, "waiting": 48}


def test_who_gives_up_and_comes_at_once_leaves_no_member_with_a_seat_too_many(address: str) -> None:
    session = a_session(seats=100, most_per_member=2)
    lisbon, porto = a_member("Lisbon of the race"), a_member("Porto of the race")
    key = session.key
    seated = [a_registration(session, member=member).token for member in (lisbon, porto) for _ in range(2)]
    for member in (lisbon, porto):
        for _ in range(3):
            a_registration(session, member=member, status=RegistrationStatus.WAITING)
    emails = [f"late{number}@porto.example" for number in range(10)]

    def give_up(token: str) -> int:
        with closing(Visitor(address)) as visitor:
            return visitor.post(f"/en/registrations/{token}/cancel", {})

    with ThreadPoolExecutor(8) as people:
        given_up = people.map(give_up, seated * 2)
        arrived = people.submit(post_all, address, key, emails, affiliation="member", member="Porto of the race")
        assert arrived.result() == {303: 10}
        assert list(given_up) == [303] * 8

    db.session.rollback()
    rows = db.session.execute(
        select(Registration.member_id, func.count())
        .join(Registration.session)
        .where(WebinarSession.key == key, Registration.status == RegistrationStatus.REGISTERED)
        .group_by(Registration.member_id)
    )
    assert {member_id: count for member_id, count in rows} == {lisbon.id: 2, porto.id: 2}


def test_two_organisers_who_decide_at_once_decide_once(address: str) -> None:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    session = a_session(access=Access.MEMBERS)
    key = session.key
    for number in range(10):
        a_registration(
            session, email=f"asks{number}@else.example", status=RegistrationStatus.WAITING, approval=Approval.ASKED
        )

    def decide(turn_and_how: tuple[int, Callable[[str, int], object]]) -> bool:
        turn, how = turn_and_how
        with app.app_context():
            try:
                how(key, turn)
            except DecidedAlready:
                return False
            finally:
                db.session.remove()
            return True

    wanted = [(turn, how) for turn in range(1, 11) for how in (approve, decline)]
    with ThreadPoolExecutor(8) as organisers:
        decided = list(organisers.map(decide, wanted))

    kinds = kinds_of_mail_to([f"asks{number}@else.example" for number in range(10)])
    assert sum(decided) == 10
    assert kinds["approval"] + kinds["decline"] == 10


def test_a_question_taken_away_while_many_answer_it_is_kept_with_what_was_answered(address: str) -> None:
    session = a_session()
    question_id, slug = a_question(session.webinar).id, session.webinar.slug
    emails = [f"answers{number}@example.org" for number in range(100)]
    given = select(func.count()).select_from(Answer).where(Answer.question_id == question_id)

    with ThreadPoolExecutor(1) as somebody:
        posting = somebody.submit(post_all, address, session.key, emails, **{f"question-{question_id}": "Much"})
        while not posting.done() and (db.session.scalar(given) or 0) < 5:
            db.session.rollback()
        is_kept = remove_question(slug, question_id)
        before = db.session.scalar(given) or 0

    assert posting.result() == Counter({303: 100})
    assert is_kept
    db.session.rollback()
    assert db.session.scalar(given) == before
    assert 5 <= before <= 100
