"""Somebody has lost their link: it comes again within seconds, and the page tells nobody who is registered."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask, current_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import a_calendar_entry, a_person, a_registration, a_session, an_outbox_mail
from tests.mailbox import all_mail, calendar_parts, kinds_of_mail_to, read, the_only_mail_to, words_of
from webinar.catalogue.models import Access, SessionStatus
from webinar.foundation import clock
from webinar.mail.delivery import deliver_due
from webinar.mail.transport import transport_of
from webinar.registration import services
from webinar.registration.models import RegistrationStatus

PAGE = "/en/sessions/heat/lost-link"
ANA = "ana@lisbon.example"


def asked(client: FlaskClient, email: str, page: str = PAGE) -> TestResponse:
    return client.post(page, data={"email": email})


def test_the_links_come_again_before_all_other_mails_and_without_a_second_calendar_entry(client: FlaskClient) -> None:
    place = a_registration(a_session("heat"), email=ANA)
    a_calendar_entry(place)

    answer = asked(client, " Ana@Lisbon.EXAMPLE ")

    assert answer.status_code == 303
    mail = the_only_mail_to(ANA)
    assert mail["Subject"] == "Your links: Heat in cities, 14 May 2030"
    assert f"/join/{place.join_token}" in words_of(mail)
    assert f"/en/registrations/{place.token}" in words_of(mail)
    assert calendar_parts(mail) == []
    assert [(mail.urgent, mail.order_key) for mail in all_mail()] == [(True, None)]


def test_the_links_leave_although_an_earlier_mail_of_the_place_waits_behind_a_mailing(app: Flask) -> None:
    place = a_registration(a_session("heat"), email=ANA)
    for number in range(60):
        an_outbox_mail(to=f"{number}@example.org")
    an_outbox_mail(to=ANA, order_key="uid", next_attempt_at=clock.now() + timedelta(hours=1))

    services.send_links_again("heat", ANA)
    deliver_due(transport_of(current_app), "tests")

    letters = sorted((Path(app.instance_path) / "mailbox").glob("*.eml"))
    sent = [mail for mail in all_mail() if mail.to_address == ANA and mail.sent_at]
    assert len(letters) == 61
    assert [mail.kind for mail in sent] == ["links again"]
    assert sent[0].sent_at == min(mail.sent_at for mail in all_mail() if mail.sent_at)
    assert place.token in words_of(read(sent[0]))


def test_who_waits_gets_the_link_to_their_turn(client: FlaskClient) -> None:
    place = a_registration(a_session("heat", seats=1), email=ANA, status=RegistrationStatus.WAITING)

    asked(client, ANA)

    text = words_of(the_only_mail_to(ANA))
    assert f"/en/registrations/{place.token}" in text
    assert "/join/" not in text


def test_the_mail_speaks_the_language_of_the_place_not_of_the_page(client: FlaskClient) -> None:
    a_registration(a_session("heat", languages=("en", "fr")), email=ANA, language="fr")

    asked(client, ANA)

    assert the_only_mail_to(ANA)["Subject"] != "Your links: Heat in cities, 14 May 2030"
    assert "/fr/registrations/" in words_of(the_only_mail_to(ANA))


def test_it_works_while_the_session_runs_and_when_registration_has_closed(client: FlaskClient) -> None:
    session = a_session("heat", registration_closes=clock.now() - timedelta(days=1))
    a_registration(session, email=ANA)

    with time_machine.travel(session.starts_at + timedelta(minutes=10), tick=False):
        assert client.get(PAGE).status_code == 200
        assert asked(client, ANA).status_code == 303

    assert kinds_of_mail_to(ANA) == ["links again"]


def test_somebody_whose_address_was_merged_into_another_gets_the_mail_there(client: FlaskClient) -> None:
    now_called = a_person("ana.sousa@lisbon.example")
    a_person(ANA, merged_into_id=now_called.id)
    a_registration(a_session("heat"), person=now_called)

    asked(client, ANA)

    assert [mail.to_address for mail in all_mail()] == ["ana.sousa@lisbon.example"]


def test_the_answer_is_the_same_for_every_address(client: FlaskClient, app: Flask) -> None:
    session = a_session("heat")
    a_registration(session, email=ANA)
    a_registration(session, email="gone@lisbon.example", status=RegistrationStatus.CANCELLED)
    a_registration(a_session("other"), email="elsewhere@lisbon.example")
    pages = set()
    for email in (ANA, "gone@lisbon.example", "elsewhere@lisbon.example", "nobody@lisbon.example"):
        answer = asked(client, email)
        page = client.get(answer.headers["Location"])
        pages.add((answer.status_code, answer.headers["Location"], page.text.replace(email, "ADDRESS")))

    assert len(pages) == 1
    assert [mail.to_address for mail in all_mail()] == [ANA]


def test_a_known_address_takes_no_longer_than_an_unknown_one(client: FlaskClient) -> None:
    session = a_session("heat")
    known = [a_registration(session, email=f"{number}@lisbon.example").person.email for number in range(6)]
    asked(client, "warm@lisbon.example")

    def seconds(email: str) -> float:
        began = time.perf_counter()
        asked(client, email)
        return time.perf_counter() - began

    took = [(seconds(email or ""), seconds(f"nobody{email}")) for email in known]

    assert abs(min(one for one, _ in took) - min(other for _, other in took)) < 0.02


def test_the_page_names_no_address_to_the_next_person_in_another_browser(app: Flask, client: FlaskClient) -> None:
    a_session("heat")
    asked(client, ANA)

    assert ANA in client.get("/en/sessions/heat/links-sent").text
    assert ANA not in app.test_client().get("/en/sessions/heat/links-sent").text


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("", "Write the mail address that you registered with."),
        ("   ", "An @ is missing."),
        ("ana", "An @ is missing."),
        ("ana@lisbon", "something is missing"),
        ("ana@lisbon.example\r\nBcc: x@example.org", "Mail cannot reach this address."),
        ("أنا@lisbon.example", "Give an address in Latin letters."),
        ("a" * 3000 + "@lisbon.example", "This is longer than any mail address."),
        ("<script>@lisbon.example", "Mail cannot reach this address."),
    ],
)
def test_what_is_no_address_is_said_at_the_field_and_kept(client: FlaskClient, email: str, says: str) -> None:
    a_session("heat")

    answer = asked(client, email)

    assert answer.status_code == 422
    assert says in answer.text
    assert all_mail() == []


def test_a_second_press_sends_no_second_mail(client: FlaskClient) -> None:
    a_registration(a_session("heat"), email=ANA)
    with time_machine.travel("2030-05-14T11:50:00+00:00", tick=False) as moment:
        asked(client, ANA)
        asked(client, ANA)
        moment.shift(timedelta(minutes=2))
        asked(client, ANA)

    assert kinds_of_mail_to(ANA) == ["links again", "links again"]


def test_nobody_can_fill_a_mailbox_under_ever_new_names_of_it(client: FlaskClient) -> None:
    session = a_session("heat")
    for number in range(8):
        a_registration(session, email=f"ana+{number}@lisbon.example")

    answers = [asked(client, f"ana+{number}@lisbon.example") for number in range(8)]

    assert [answer.status_code for answer in answers] == [303] * 6 + [429] * 2
    assert "several times within an hour" in answers[-1].text
    assert 'value="ana+7@lisbon.example"' in answers[-1].text
    assert len(all_mail()) == 6


def test_the_limit_of_a_mailbox_is_the_same_where_nobody_is_registered(client: FlaskClient) -> None:
    a_session("heat")

    answers = [asked(client, "nobody@lisbon.example") for _ in range(7)]

    assert [answer.status_code for answer in answers] == [303] * 6 + [429]


def test_one_network_address_cannot_ask_without_end(app: Flask, client: FlaskClient) -> None:
    app.config["REGISTRATIONS_PER_HOUR"] = 2
    a_session("heat")

    answers = [asked(client, f"{number}@lisbon.example") for number in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert 'value="2@lisbon.example"' in answers[-1].text


@pytest.mark.parametrize("method", ["get", "post"])
def test_of_a_session_that_is_cancelled_the_page_says_so(client: FlaskClient, method: str) -> None:
    a_registration(a_session("heat", status=SessionStatus.CANCELLED), email=ANA)

    answer = getattr(client, method)(PAGE, data={"email": ANA})

    assert answer.status_code == (200 if method == "get" else 409)
    assert "This session has been cancelled" in answer.text
    assert all_mail() == []


def test_of_a_session_that_is_over_nothing_is_sent(client: FlaskClient) -> None:
    a_registration(a_session("heat", starts="2020-05-14T13:00"), email=ANA)

    assert asked(client, ANA).status_code == 409
    assert all_mail() == []


@pytest.mark.parametrize("key", ["draft", "hidden", "none"])
def test_a_session_that_one_may_not_see_has_no_such_page(client: FlaskClient, key: str) -> None:
    a_session("draft", status=SessionStatus.DRAFT)
    a_session("hidden", access=Access.WITH_LINK)

    assert client.get(f"/en/sessions/{key}/lost-link").status_code == 404
    assert asked(client, ANA, f"/en/sessions/{key}/lost-link").status_code == 404
    assert client.get(f"/en/sessions/{key}/links-sent").status_code == 404


def test_who_came_with_the_link_of_a_session_stays_on_its_pages(client: FlaskClient) -> None:
    session = a_session("heat", access=Access.WITH_LINK)
    a_registration(session, email=ANA)
    page = f"{PAGE}?access={session.access_token}"

    answer = asked(client, ANA, page)

    assert client.get(page).status_code == 200
    assert answer.headers["Location"].endswith(f"/links-sent?access={session.access_token}")
    assert client.get(answer.headers["Location"]).status_code == 200


def test_the_way_there_stands_on_every_page_of_a_session(client: FlaskClient) -> None:
    session = a_session("heat")
    way = 'href="/en/sessions/heat/lost-link"'

    assert way in client.get(f"/en/webinars/{session.webinar.slug}").text
    assert way in client.get("/en/sessions/heat/register").text
    assert way in re.sub(r"/(es|fr)/", "/en/", client.get("/join/unknown").text)

    session = a_session("closed", registration_closes=clock.now() - timedelta(days=1))
    assert 'href="/en/sessions/closed/lost-link"' in client.get("/en/sessions/closed/register").text


def test_a_page_that_lay_open_keeps_what_was_typed(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    a_registration(a_session("heat"), email=ANA)

    answer = asked(client, ANA)

    assert answer.status_code == 422
    assert f'value="{ANA}"' in answer.text
    assert all_mail() == []


Counts = Callable[[], Any]


def test_the_page_asks_few_questions(client: FlaskClient, count_queries: Counts) -> None:
    a_session("heat")

    with count_queries() as queries:
        client.get(PAGE)

    assert queries.count <= 3
