"""Stopping one kind of mail by the link in it: at once, without a cookie, and never by looking."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import a_contact, a_person, a_suppression
from tests.people.test_services import at_once
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.people.models import MailKind, Person, Suppression, SuppressionReason, UnsubscribeLink
from webinar.people.queries import is_suppressed
from webinar.people.services.unsubscribe import (
    NoSuchUnsubscribeLink,
    subscribe_again,
    unsubscribe,
    unsubscribe_links,
    unsubscribe_url,
)

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def a_link(person: Person, kind: MailKind = MailKind.INVITATIONS) -> str:
    with transaction():
        return unsubscribe_links([person.id], kind)[person.id]


def stopped() -> list[tuple[int, MailKind | None, SuppressionReason, bool]]:
    """Return who is or was not to be written what, and whether that was lifted."""
    db.session.expire_all()
    rows = db.session.scalars(select(Suppression).order_by(Suppression.id))
    return [(one.person_id, one.kind, one.reason, one.lifted_at is not None) for one in rows]


def test_everybody_has_one_link_for_each_kind_and_keeps_it(app: Flask) -> None:
    ana, bo = a_person("ana@lisbon.example"), a_person("bo@lisbon.example")

    with transaction():
        first = unsubscribe_links([ana.id], MailKind.INVITATIONS)
        second = unsubscribe_links([bo.id, ana.id, ana.id], MailKind.INVITATIONS)
        other = unsubscribe_links([ana.id], MailKind.NEWSLETTER)

    assert second[ana.id] == first[ana.id]
    assert len({*second.values(), *other.values()}) == 3
    assert all(len(token) == 43 for token in second.values())
    assert unsubscribe_url(first[ana.id]) == f"http://127.0.0.1:5000/unsubscribe/{first[ana.id]}"


def test_the_links_of_many_people_cost_three_statements_and_one_when_they_are_there(
    app: Flask, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    people = [a_person(f"person-{number}@lisbon.example").id for number in range(300)]

    with count_queries() as making, transaction():
        unsubscribe_links(people, MailKind.INVITATIONS)
    with count_queries() as reading, transaction():
        unsubscribe_links(people, MailKind.INVITATIONS)

    assert (making.count, reading.count) == (3, 1)
    assert unsubscribe_links([], MailKind.INVITATIONS) == {}


def test_unsubscribing_stops_the_one_kind_and_is_taken_back(app: Flask) -> None:
    ana = a_person()
    token = a_link(ana)

    assert unsubscribe(token)
    assert not unsubscribe(token)
    assert stopped() == [(ana.id, MailKind.INVITATIONS, SuppressionReason.UNSUBSCRIBED, False)]

    assert subscribe_again(token)
    assert not subscribe_again(token)
    assert stopped() == [(ana.id, MailKind.INVITATIONS, SuppressionReason.UNSUBSCRIBED, True)]

    assert unsubscribe(token)
    assert len(stopped()) == 2


def test_a_link_that_nobody_has_is_refused_and_changes_nothing(app: Flask) -> None:
    a_link(a_person())

    for token in ("x" * 43, ""):
        with pytest.raises(NoSuchUnsubscribeLink):
            unsubscribe(token)
        with pytest.raises(NoSuchUnsubscribeLink):
            subscribe_again(token)

    assert stopped() == []


def test_what_the_staff_wrote_down_is_not_lifted_by_the_link(app: Flask) -> None:
    ana = a_person()
    token = a_link(ana)
    a_suppression(ana, kind=MailKind.INVITATIONS, reason=SuppressionReason.BY_HAND)
    a_suppression(ana, reason=SuppressionReason.DOES_NOT_WORK)

    assert not unsubscribe(token)
    assert not subscribe_again(token)
    assert [lifted for *_rest, lifted in stopped()] == [False, False]


def test_the_link_of_somebody_who_was_merged_stops_what_the_one_they_are_now_gets(app: Flask) -> None:
    old, ana = a_person("a@lisbon.example"), a_person("ana@lisbon.example")
    token = a_link(old)
    with transaction():
        db.session.get_one(Person, old.id).merged_into_id = ana.id

    unsubscribe(token)

    assert stopped() == [(ana.id, MailKind.INVITATIONS, SuppressionReason.UNSUBSCRIBED, False)]


def test_the_link_of_somebody_who_was_erased_still_works(app: Flask, client: FlaskClient) -> None:
    ana = a_person()
    token = a_link(ana)
    with transaction():
        person = db.session.get_one(Person, ana.id)
        person.email, person.erased_at = None, clock.now()

    assert client.post(f"/unsubscribe/{token}", data=ONE_CLICK).status_code == 200
    assert client.post(f"/unsubscribe/{token}/again").status_code == 200


def test_who_is_suppressed_is_a_condition_of_a_statement(app: Flask) -> None:
    ana, bo, cy, di = (a_person(f"{name}@lisbon.example") for name in ("ana", "bo", "cy", "di"))
    a_suppression(ana, kind=MailKind.INVITATIONS)
    a_suppression(bo)
    a_suppression(cy, kind=MailKind.NEWSLETTER)
    a_suppression(di, since=clock.now(), lifted_at=clock.now())

    found = {
        kind: set(db.session.scalars(select(Person.id).where(is_suppressed(Person.id, kind)))) for kind in MailKind
    }

    assert found == {
        MailKind.INVITATIONS: {ana.id, bo.id},
        MailKind.REMINDERS: {bo.id},
        MailKind.NEWSLETTER: {bo.id, cy.id},
    }


def test_a_scanner_that_opens_the_link_ten_times_stops_nothing(app: Flask, client: FlaskClient) -> None:
    ana = a_contact(language="fr").person
    token = a_link(ana)

    answers = [client.get(f"/unsubscribe/{token}") for _time in range(10)]

    assert {answer.status_code for answer in answers} == {200}
    assert "Set-Cookie" not in answers[0].headers
    assert answers[0].headers["Referrer-Policy"] == "no-referrer"
    assert stopped() == []


def test_one_click_of_a_mail_program_counts_at_once_without_a_cookie(app: Flask, client: FlaskClient) -> None:
    ana = a_person(language="en")
    token = a_link(ana)

    answer = client.post(f"/unsubscribe/{token}", data=ONE_CLICK)

    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    assert "You get no more invitations from us" in answer.text
    assert "Mails about a place you have in a webinar still arrive" in answer.text
    assert stopped() == [(ana.id, MailKind.INVITATIONS, SuppressionReason.UNSUBSCRIBED, False)]


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded", ""])
def test_one_click_counts_in_each_of_the_forms_it_may_come_in(
    app: Flask, client: FlaskClient, content_type: str
) -> None:
    token = a_link(a_person())
    body = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'

    answer = client.post(f"/unsubscribe/{token}", data=body, content_type=content_type or None)

    assert answer.status_code == 200
    assert len(stopped()) == 1


def test_the_page_undoes_it(app: Flask, client: FlaskClient) -> None:
    token = a_link(a_person(language="en"), MailKind.NEWSLETTER)

    page = client.post(f"/unsubscribe/{token}").text
    undone = client.post(f"/unsubscribe/{token}/again")

    assert f'action="/unsubscribe/{token}/again"' in page
    assert (undone.status_code, "You get our newsletter again" in undone.text) == (200, True)
    assert [lifted for *_rest, lifted in stopped()] == [True]


def test_the_page_does_not_promise_what_the_staff_has_stopped(app: Flask, client: FlaskClient) -> None:
    ana = a_person(language="en")
    token = a_link(ana)
    a_suppression(ana, reason=SuppressionReason.BY_HAND)

    page = client.get(f"/unsubscribe/{token}").text

    assert "You get no more invitations from us" in page
    assert "write to the secretariat" in page
    assert "<form" not in page


def test_the_page_is_in_the_language_of_the_person_unless_another_is_asked_for(app: Flask, client: FlaskClient) -> None:
    token = a_link(a_contact(language="fr").person)

    assert '<html lang="fr"' in client.get(f"/unsubscribe/{token}").text
    spanish = client.get(f"/unsubscribe/{token}?lang=es").text
    assert '<html lang="es"' in spanish
    assert f'action="/unsubscribe/{token}?lang=es"' in spanish


@pytest.mark.parametrize("address", ["/unsubscribe/nobody", "/unsubscribe/nobody/again"])
def test_a_link_that_nobody_has_is_not_found(app: Flask, client: FlaskClient, address: str) -> None:
    answer = client.post(address)

    assert (answer.status_code, stopped()) == (404, [])
    assert db.session.scalars(select(UnsubscribeLink)).all() == []


def test_two_processes_that_make_links_at_once_make_the_same(app: Flask) -> None:
    people = [a_person(f"person-{number}@lisbon.example").id for number in range(50)]
    found: list[dict[int, str]] = []

    def make() -> None:
        with transaction():
            found.append(unsubscribe_links(random.sample(people, len(people)), MailKind.INVITATIONS))

    assert at_once(app, 4, make) == []
    assert found == [found[0]] * 4
    assert len(db.session.scalars(select(UnsubscribeLink)).all()) == 50


def test_a_link_pressed_several_times_at_once_counts_once(app: Flask) -> None:
    token = a_link(a_person())
    are_new: list[bool] = []

    assert at_once(app, 4, lambda: are_new.append(unsubscribe(token))) == []
    assert (sorted(are_new), len(stopped())) == ([False, False, False, True], 1)
