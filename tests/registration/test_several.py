"""One form for several sessions of a series: each its own place and mail, all of them told on one page."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tests.factories import a_member, a_question, a_registration, a_series, a_session, a_webinar
from tests.mailbox import all_mail, calendar_of, kinds_of_mail_to, mails_to
from webinar.catalogue.models import Access, QuestionKind, Series, SessionStatus, Webinar
from webinar.foundation.db import db, transaction
from webinar.registration.models import Answer, Registration

pytestmark = pytest.mark.usefixtures("app")
FORM = "/en/series/heat/register"
PERSON = {
    "email": "ana@lisbon.example",
    "given_name": "Ana",
    "family_name": "Sousa",
    "affiliation": "other",
    "privacy": "y",
}


@pytest.fixture
def heat() -> Series:
    return a_series("heat", title="Heat")


@pytest.fixture
def shade(heat: Series) -> Webinar:
    return a_webinar("shade", series=heat, titles={"en": "Shade", "fr": "Ombre"})


@pytest.fixture
def water(heat: Series) -> Webinar:
    return a_webinar("water", series=heat, titles={"en": "Water"})


def places() -> list[tuple[str, str, str]]:
    """Return session, language heard and status of all registrations."""
    rows = db.session.scalars(
        select(Registration)
        .options(joinedload(Registration.session), joinedload(Registration.language_version))
        .order_by(Registration.id)
        .execution_options(populate_existing=True)
    )
    return [(place.session.key, place.language_version.code, place.status.value) for place in rows]


def test_each_session_chosen_is_a_place_with_a_mail_and_calendar_entry_of_its_own(
    client: FlaskClient, shade: Webinar, water: Webinar
) -> None:
    a_session("shade-all", webinar=shade, languages=("en", "fr"), starts="2030-05-14T13:00")
    a_session("water-en", webinar=water, starts="2030-05-21T13:00")
    a_session("water-later", webinar=water, starts="2030-05-28T13:00")

    answer = client.post(FORM, data={**PERSON, "sessions": ["shade-all", "water-en"], "language-shade-all": "fr"})

    page = client.get(answer.location).text
    assert answer.status_code == 303
    assert places() == [("shade-all", "fr", "registered"), ("water-en", "en", "registered")]
    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation"] * 2
    assert len({calendar_of(mail).uid for mail in mails_to("ana@lisbon.example")}) == 2
    assert "2 messages are on their way" in page
    assert "Shade" in page
    assert "Water" in page
    assert "28 May" not in page


def test_sessions_that_are_full_are_waited_for(client: FlaskClient, shade: Webinar) -> None:
    full = a_session("full", webinar=shade, seats=1)
    a_registration(full)
    a_session("free", webinar=shade, seats=1)

    client.post(FORM, data={**PERSON, "sessions": ["full", "free"]})

    assert places()[1:] == [("full", "en", "waiting"), ("free", "en", "registered")]


def test_the_answer_is_the_same_for_known_and_new_addresses(client: FlaskClient, shade: Webinar) -> None:
    for key in ("one", "two"):
        a_session(key, webinar=shade)
    data = {**PERSON, "sessions": ["one", "two"]}

    answers = [client.post(FORM, data=data) for _ in range(2)]
    pages = [client.get(answer.location).text for answer in answers]

    assert answers[0].location == answers[1].location
    assert pages[0] == pages[1]
    assert len(places()) == 2


def test_only_what_is_open_to_everyone_is_offered(client: FlaskClient, shade: Webinar) -> None:
    a_session("open", webinar=shade)
    a_session("members", webinar=shade, access=Access.MEMBERS)
    secret = a_session("secret", webinar=shade, access=Access.WITH_LINK)
    a_session("draft", webinar=shade, status=SessionStatus.DRAFT)
    a_session("over", webinar=shade, starts="2020-05-14T13:00")
    a_session("closed", webinar=shade, registration_closes=datetime(2020, 1, 1, tzinfo=UTC))
    others = ["members", "secret", "draft", "over", "closed", "none"]

    page = client.get(FORM).text
    answers = [client.post(FORM, data={**PERSON, "sessions": [key]}) for key in others]
    with_token = client.post(FORM, query_string=secret.way_in(), data={**PERSON, "sessions": ["secret"]})

    assert 'value="open"' in page
    assert not any(f'value="{key}"' in page for key in others)
    assert "/en/sessions/members/register" in page
    assert "sessions/secret" not in page
    assert {answer.status_code for answer in [*answers, with_token]} == {422}
    assert places() == []
    assert all_mail() == []


def test_at_least_one_session_must_be_chosen(client: FlaskClient, shade: Webinar) -> None:
    a_session("open", webinar=shade)

    answer = client.post(FORM, data=PERSON)

    assert answer.status_code == 422
    assert "Choose at least one session." in answer.text
    assert 'value="ana@lisbon.example"' in answer.text


def test_a_session_that_closes_meanwhile_is_named_with_everything_typed_kept(
    client: FlaskClient, shade: Webinar
) -> None:
    a_session("stays", webinar=shade, starts="2030-05-14T13:00")
    closing = a_session("closing", webinar=shade, starts="2030-05-21T13:00")
    with transaction():
        closing.registration_closes = datetime(2020, 1, 1, tzinfo=UTC)
    data = {**PERSON, "sessions": ["stays", "closing"]}

    answer = client.post(FORM, data=data)

    assert answer.status_code == 422
    assert "These cannot be chosen any more: Shade, Tuesday 21 May." in answer.text
    assert 'value="stays" checked' in answer.text
    assert 'value="ana@lisbon.example"' in answer.text
    assert places() == []


@pytest.mark.parametrize("language", ["de", "", "x" * 999])
def test_a_language_that_a_chosen_session_does_not_have_is_refused(
    client: FlaskClient, shade: Webinar, language: str
) -> None:
    a_session("all", webinar=shade, languages=("en", "fr"))
    a_session("other", webinar=shade)

    answer = client.post(FORM, data={**PERSON, "sessions": ["all"], "language-all": language})
    without = client.post(FORM, data={**PERSON, "sessions": ["other"], "language-all": language})

    assert answer.status_code == 422
    assert "This session cannot be followed in that language." in answer.text
    assert without.status_code == 303


def test_the_same_session_twice_is_one_place(client: FlaskClient, shade: Webinar) -> None:
    a_session("open", webinar=shade)

    client.post(FORM, data={**PERSON, "sessions": ["open", "open"]})

    assert places() == [("open", "en", "registered")]


def test_more_than_twenty_at_once_are_refused(client: FlaskClient, shade: Webinar) -> None:
    keys = [a_session(webinar=shade).key for _ in range(21)]

    answer = client.post(FORM, data={**PERSON, "sessions": keys})

    assert answer.status_code == 422
    assert "Choose at most 20 sessions at once" in answer.text
    assert client.post(FORM, data={**PERSON, "sessions": keys[:20]}).status_code == 303


def test_one_form_counts_once_against_the_limit_of_a_network(app: Flask, client: FlaskClient, shade: Webinar) -> None:
    app.config["REGISTRATIONS_PER_HOUR"] = 1
    keys = [a_session(webinar=shade).key for _ in range(3)]

    first = client.post(FORM, data={**PERSON, "sessions": keys})
    second = client.post(FORM, data={**PERSON, "sessions": keys})

    assert (first.status_code, second.status_code) == (303, 429)
    assert "What you typed is still here." in second.text


def test_a_strangers_mailbox_is_not_filled_faster_by_choosing_many_sessions(
    client: FlaskClient, shade: Webinar
) -> None:
    keys = [a_session(webinar=shade).key for _ in range(11)]

    first = client.post(FORM, data={**PERSON, "email": "ana+1@lisbon.example", "sessions": keys[:10]})
    second = client.post(FORM, data={**PERSON, "email": "ana+2@lisbon.example", "sessions": keys[:10]})
    third = client.post(FORM, data={**PERSON, "email": "ana+3@lisbon.example", "sessions": keys[10:]})

    assert [answer.status_code for answer in (first, second, third)] == [303, 303, 422]
    assert "Many registrations came for this mailbox today." in third.text
    assert len(places()) == 20


def test_each_webinars_questions_are_asked_and_needed_only_by_its_sessions(
    client: FlaskClient, shade: Webinar, water: Webinar
) -> None:
    a_session("shade-en", webinar=shade)
    a_session("water-en", webinar=water)
    needed = a_question(shade, title="What do you need?", is_needed=True)
    yes_no = a_question(water, title="First time?", kind=QuestionKind.YES_NO)

    page = client.get(FORM).text
    refused = client.post(FORM, data={**PERSON, "sessions": ["shade-en", "water-en"]})
    other = client.post(FORM, data={**PERSON, "email": "bo@x.example", "sessions": ["water-en"]})
    both = client.post(
        FORM,
        data={
            **PERSON,
            "sessions": ["shade-en", "water-en"],
            f"question-{needed.id}": "Captions",
            f"question-{yes_no.id}": "yes",
        },
    )

    answers = db.session.execute(
        select(Answer.question_id, Answer.text, Registration.session_id).join(
            Registration, Registration.id == Answer.registration_id
        )
    ).all()
    assert "What do you need?" in page
    assert refused.status_code == 422
    assert "Write your answer." in refused.text
    assert (other.status_code, both.status_code) == (303, 303)
    assert sorted((question, text) for question, text, _ in answers) == [(needed.id, "Captions"), (yes_no.id, "yes")]


def test_a_member_by_any_of_its_names(client: FlaskClient, shade: Webinar) -> None:
    a_member("Tehran", aliases=["تهران"])
    a_session("open", webinar=shade)
    person = {**PERSON, "affiliation": "member"}

    found = client.post(FORM, data={**person, "member": "تهران", "sessions": ["open"]})
    unknown = client.post(FORM, data={**person, "member": "Atlantis", "sessions": ["open"]})

    assert found.status_code == 303
    assert unknown.status_code == 422


def test_a_series_with_nothing_open_says_so(client: FlaskClient, shade: Webinar) -> None:
    a_session("over", webinar=shade, starts="2020-05-14T13:00")

    page = client.get(FORM)
    sent = client.post(FORM, data={**PERSON, "sessions": ["over"]})

    assert page.status_code == 200
    assert "No session of this series is open to everyone at the moment." in page.text
    assert sent.status_code == 422
    assert places() == []


def test_a_series_that_is_not_there_has_no_form(client: FlaskClient, heat: Series) -> None:
    assert client.get(FORM).status_code == 404  # without a public session
    assert client.get("/en/series/none/register").status_code == 404
    assert client.post("/en/series/none/register", data=PERSON).status_code == 404
    assert client.get("/en/series/none/registered").status_code == 404


def test_the_page_after_it_tells_only_of_public_sessions_of_the_series(client: FlaskClient, shade: Webinar) -> None:
    a_session("open", webinar=shade)
    a_session("secret", webinar=shade, access=Access.WITH_LINK, starts="2030-06-30T13:00")
    page = "/en/series/heat/registered"

    assert client.get(page).status_code == 404
    assert client.get(f"{page}?session=secret").status_code == 404
    assert "30 June" not in client.get(f"{page}?session=open&session=secret").text


def test_the_page_of_a_series_leads_to_the_form_where_there_are_several_sessions(
    client: FlaskClient, shade: Webinar
) -> None:
    a_session("one", webinar=shade)
    alone = client.get("/en/series/heat").text
    a_session("two", webinar=shade)

    assert FORM not in alone
    assert FORM in client.get("/en/series/heat").text


@time_machine.travel(datetime(2030, 1, 1, 9, 0, tzinfo=UTC), tick=False)
def test_the_form_shows_the_readers_own_time_and_is_made_anew_when_a_seat_goes(
    client: FlaskClient, shade: Webinar
) -> None:
    session = a_session("one", webinar=shade, starts="2030-05-14T13:00", zone="Europe/Lisbon", seats=3)
    client.set_cookie("timezone", "Asia/Seoul")
    first = client.get(FORM).text
    a_registration(session)

    assert "21:00" in first
    assert "3 seats left" in first
    assert "2 seats left" in client.get(FORM).text


def test_what_was_refused_in_the_last_moment_is_told(client: FlaskClient, shade: Webinar) -> None:
    for key in ("one", "two"):
        a_session(key, webinar=shade)

    page = client.get("/en/series/heat/registered?session=one&refused=two").text

    assert "Not every session was possible" in page
    assert "/en/sessions/two/register" in page


def test_the_redirect_names_the_sessions_and_nothing_of_the_person(client: FlaskClient, shade: Webinar) -> None:
    a_session("open", webinar=shade)

    answer = client.post(FORM, data={**PERSON, "sessions": ["open"]})

    assert parse_qs(urlsplit(answer.location).query) == {"session": ["open"]}


def test_who_comes_late_through_an_open_door_uses_the_form_of_that_session(client: FlaskClient, shade: Webinar) -> None:
    a_session("now", webinar=shade, starts="2030-05-14T12:00", zone="UTC", has_open_door=True)
    a_session("later", webinar=shade, starts="2030-05-21T12:00", zone="UTC")

    with time_machine.travel(datetime(2030, 5, 14, 12, 5, tzinfo=UTC), tick=False):
        page = client.get(FORM).text
        answer = client.post(FORM, data={**PERSON, "sessions": ["now", "later"]})

    assert "/en/sessions/now/register" in page
    assert 'value="now"' not in page
    assert answer.status_code == 422
    assert places() == []
