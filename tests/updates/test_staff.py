"""The organisers' pages that move a session, cancel it and tell everybody: shown first, then done."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Counted
from tests.factories import a_person, a_registration, a_session, a_webinar, an_invited_entry
from tests.mailbox import all_mail, mails_to, words_of
from tests.registration.test_services import a_registrant
from tests.signing_in import signed_in_as
from tests.updates.test_moving import again, everything_has_left, everything_written
from webinar.accounts.models import Role
from webinar.calendars.models import EntryStatus
from webinar.catalogue.bookings import bookings
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.models import MailState
from webinar.registration.models import RegistrationStatus
from webinar.registration.services import register

pytestmark = pytest.mark.usefixtures("app")

TIMES = {"start": "2030-05-21T13:00", "end": "2030-05-21T14:15", "revision": "0"}


@pytest.fixture
def organiser(client: FlaskClient) -> FlaskClient:
    signed_in_as(client, Role.ORGANISER)
    return client


def a_session_in_two_languages() -> WebinarSession:
    """Store one that somebody comes to in English, somebody waits for in French, and somebody was invited to."""
    webinar = a_webinar(titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    session = a_session("heat", webinar=webinar, languages=("en", "fr"), seats=1)
    register(session.key, a_registrant())
    register(session.key, a_registrant("lea@example.org", version="fr", language="fr"))
    an_invited_entry(session, a_person("invited@example.org"), dtstamp=clock.now())
    everything_has_left()
    return session


def as_it_is(session: WebinarSession) -> tuple[object, ...]:
    """Return what an update would change of a session, and how many mails there are."""
    db.session.rollback()
    stored = again(session)
    return (stored.starts_at, stored.status, stored.sequence, stored.revision, len(all_mail()), everything_written())


def said(page: str) -> str:
    """Return a page with each stretch of white space as one space."""
    return " ".join(page.split())


@pytest.mark.parametrize("what", ["move", "cancel", "tell"])
def test_the_first_step_asks_for_a_sentence_in_each_language_that_people_read_and_changes_nothing(
    organiser: FlaskClient, what: str
) -> None:
    session = a_session_in_two_languages()
    before = as_it_is(session)

    page = organiser.get(f"/staff/sessions/heat/{what}").text

    asked = re.findall(r'name="word_(\w+)"', page)
    assert asked == (["en"] if what == "tell" else ["en", "fr"])  # who waits has nothing to be brought up to date
    assert "See who is told first" in page
    assert as_it_is(session) == before


def test_the_second_step_shows_before_and_then_who_is_told_and_the_mail_and_changes_nothing(
    organiser: FlaskClient,
) -> None:
    session = a_session_in_two_languages()
    before = as_it_is(session)

    answer = organiser.post(
        "/staff/sessions/heat/move", data={**TIMES, "word_en": "The speaker is ill.", "word_fr": "Souffrante."}
    )

    page = said(answer.text)
    assert answer.status_code == 200
    assert "Tuesday, 14 May 2030" in page
    assert "Tuesday, 21 May 2030" in page
    assert "3 people are told by mail" in page
    assert re.findall(r'<td class="number">(\d)</td>', page) == ["1", "0", "1", "0", "1", "0"]
    assert "New time: Heat in cities, 21 May 2030" in page
    assert "The speaker is ill." in page
    assert "Move it and tell 3 people" in page
    assert "What this date means" in page
    for name, value in {**TIMES, "word_en": "The speaker is ill.", "word_fr": "Souffrante."}.items():
        assert re.search(f'<input[^>]* name="{name}"[^>]* value="{value}"', page), name
    assert as_it_is(session) == before


def test_the_mail_is_shown_in_another_language_by_its_button_and_in_a_sandbox(organiser: FlaskClient) -> None:
    a_session_in_two_languages()

    page = organiser.post("/staff/sessions/heat/move", data={**TIMES, "language": "fr"}).text
    found = re.search(r'<iframe sandbox src="([^"]*)"', page)
    assert found is not None
    mail = organiser.get(found[1].replace("&amp;", "&"))

    assert "lea@example.org" in page
    assert '<html lang="fr"' in mail.text
    assert "La chaleur en ville" in mail.text
    assert mail.headers["Content-Security-Policy"].startswith("sandbox;")


@pytest.mark.parametrize(
    "address",
    [
        "move/mail/en",
        "move/mail/en?start=2020-05-21T13:00&end=2020-05-21T14:00",
        "move/mail/en?start=0001-01-01T00:00&end=9999-12-31T23:59",
        "move/mail/xx?start=2030-05-21T13:00&end=2030-05-21T14:00",
        "cancel/mail/xx",
        "steal/mail/en",
    ],
)
def test_a_mail_that_nobody_could_get_is_not_there(organiser: FlaskClient, address: str) -> None:
    a_session_in_two_languages()

    assert organiser.get(f"/staff/sessions/heat/{address}").status_code == 404


def test_the_button_moves_it_and_leads_to_the_overview_which_says_how_far_it_has_come(organiser: FlaskClient) -> None:
    session = a_session_in_two_languages()

    answer = organiser.post("/staff/sessions/heat/move", data={**TIMES, "step": "do"})

    assert (answer.status_code, answer.location) == (303, "/staff/sessions/heat/")
    assert again(session).starts_at == datetime(2030, 5, 21, 12, 0, tzinfo=UTC)
    page = said(organiser.get(answer.location).text)
    assert "The session is moved." in page
    assert "0 of 3 mails written" in page
    assert "Look again" in page
    everything_written()
    everything_has_left()
    refused = all_mail()[-1]
    refused.state, refused.sent_at = MailState.REFUSED, None
    db.session.commit()
    part = said(organiser.get("/staff/sessions/heat/told").text)
    assert "3 of 3 mails written" in part
    assert "2 sent" in part
    assert 'href="/staff/mail?topic=session+heat&amp;state=refused">1 could not be delivered</a>' in part
    assert "Look again" not in part


def test_going_back_brings_everything_that_was_typed(organiser: FlaskClient) -> None:
    session = a_session_in_two_languages()
    before = as_it_is(session)

    page = organiser.post(
        "/staff/sessions/heat/move", data={**TIMES, "word_en": "Ill.", "word_fr": "Souffrante.", "step": "change"}
    )

    assert page.status_code == 200
    assert 'value="2030-05-21T13:00"' in page.text
    assert 'value="Souffrante."' in page.text
    assert as_it_is(session) == before


@pytest.mark.parametrize("step", ["", "do"])
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"start": "2020-05-21T13:00", "end": "2020-05-21T14:15"}, "start"),
        ({"start": "2030-05-14T13:00", "end": "2030-05-14T14:15"}, "start"),
        ({"start": ""}, "start"),
        ({"start": "tomorrow"}, "start"),
        ({"start": "0001-01-01T00:00"}, "start"),
        ({"end": "9999-12-31T23:59"}, "end"),
        ({"end": "2030-05-21T12:00"}, "end"),
        ({"start": "2030-03-31T01:30", "end": "2030-03-31T03:30"}, "start"),
        ({"word_en": "The speaker is ill."}, "word_fr"),
        ({"word_en": "x" * 301, "word_fr": "x"}, "word_en"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_everything_typed_stays(
    organiser: FlaskClient, typed: dict[str, str], field: str, step: str
) -> None:
    session = a_session_in_two_languages()
    before = as_it_is(session)
    sent = {**TIMES, "word_en": "", "word_fr": "", **typed}

    answer = organiser.post("/staff/sessions/heat/move", data={**sent, "step": step})

    assert answer.status_code == 422
    assert re.search(rf'aria-invalid="true"[^>]* name="{field}"|name="{field}"[^>]* aria-invalid="true"', answer.text)
    for name in ("start", "end", "word_en", "word_fr"):
        assert re.search(f'name="{name}"[^>]* value="{sent[name]}"', answer.text), name
    assert as_it_is(session) == before


def test_who_was_overtaken_is_told_by_whom_and_can_go_on_with_what_was_typed(organiser: FlaskClient) -> None:
    session = a_session_in_two_languages()
    organiser.post("/staff/sessions/heat/move", data={**TIMES, "step": "do"})
    later = {"start": "2030-05-28T13:00", "end": "2030-05-28T14:15", "revision": "0"}

    for step in ("", "do"):
        answer = organiser.post("/staff/sessions/heat/move", data={**later, "step": step})
        assert answer.status_code == 409
        assert "Somebody has changed this while you were writing" in answer.text
        assert 'value="2030-05-28T13:00"' in answer.text
        assert 'name="revision" type="hidden" value="1"' in answer.text
    assert again(session).starts_at == datetime(2030, 5, 21, 12, 0, tzinfo=UTC)


def test_a_session_is_cancelled_in_the_same_two_steps(organiser: FlaskClient) -> None:
    session = a_session_in_two_languages()

    shown = organiser.post("/staff/sessions/heat/cancel", data={"revision": "0"})
    assert "Cancel it and tell 3 people" in said(shown.text)
    assert again(session).status is SessionStatus.PUBLISHED
    answer = organiser.post("/staff/sessions/heat/cancel", data={"revision": "0", "step": "do"})

    assert answer.status_code == 303
    assert again(session).status is SessionStatus.CANCELLED
    assert "Cancelled on" in organiser.get(answer.location).text
    for what in ("move", "cancel", "tell"):
        for response in (
            organiser.get(f"/staff/sessions/heat/{what}"),
            organiser.post(f"/staff/sessions/heat/{what}", data={**TIMES, "step": "do"}),
        ):
            assert response.status_code == 409
            assert "cancelled already" in response.text


@pytest.mark.parametrize("status", [SessionStatus.DRAFT, SessionStatus.PUBLISHED])
def test_a_session_that_nobody_comes_to_is_moved_and_cancelled_without_mail_and_that_is_said(
    organiser: FlaskClient, status: SessionStatus
) -> None:
    a_session("heat", status=status)

    for what in ("move", "cancel"):
        assert "so no mail goes out" in organiser.get(f"/staff/sessions/heat/{what}").text
        assert "so no mail goes out" in organiser.post(f"/staff/sessions/heat/{what}", data=TIMES).text
    assert "there is nobody to tell" in organiser.get("/staff/sessions/heat/tell").text
    answer = organiser.post("/staff/sessions/heat/cancel", data={"revision": "0", "step": "do"})

    assert answer.status_code == 303
    assert "Nobody had to be told." in organiser.get(answer.location).text
    assert all_mail() == []


def test_calendars_with_an_older_title_are_counted_and_brought_up_to_date_by_one_action_only(
    organiser: FlaskClient,
) -> None:
    session = a_session_in_two_languages()
    english = next(text for text in session.webinar.texts if text.language == "en")
    offer = "2 people have an older title or summary in their calendars"
    assert offer not in organiser.get("/staff/sessions/heat/").text

    english.title = "Hot cities"
    english.changed_at += timedelta(days=1)
    db.session.commit()
    english.changed_at = mails_written_at() + timedelta(seconds=2)
    db.session.commit()

    assert offer in said(organiser.get("/staff/sessions/heat/").text)
    assert everything_written() == 0
    organiser.post("/staff/sessions/heat/tell", data={"revision": "0", "step": "do"})
    assert offer not in said(organiser.get("/staff/sessions/heat/").text)
    everything_written()
    assert "Hot cities" in words_of(mails_to("ana@lisbon.example")[-1])


def test_without_an_older_title_the_way_to_tell_everybody_anew_is_there_too_for_a_note_or_a_number(
    organiser: FlaskClient,
) -> None:
    a_session_in_two_languages()
    a_session("quiet", starts="2030-05-14T13:00")

    assert organiser.get("/staff/sessions/heat/").text.count('href="/staff/sessions/heat/tell"') == 1
    assert "/staff/sessions/quiet/tell" not in organiser.get("/staff/sessions/quiet/").text


def mails_written_at() -> datetime:
    """Return when the last mail was written."""
    return max(mail.created_at for mail in all_mail())


def test_a_new_join_address_is_where_the_links_in_calendars_lead_without_any_mail(client: FlaskClient) -> None:
    session = a_session("heat", join_url="https://zoom.example/1", starts="2030-05-14T13:00")
    place = a_registration(session)
    session.join_url = "https://zoom.example/2"
    db.session.commit()
    with time_machine.travel(session.starts_at, tick=False):
        page = client.post(f"/join/{place.join_token}")

    assert "https://zoom.example/2" in page.headers.get("Location", "") + page.text
    assert all_mail() == []


@pytest.mark.parametrize("what", ["move", "cancel", "tell"])
def test_only_organisers_decide(client: FlaskClient, what: str) -> None:
    session = a_session_in_two_languages()
    before = as_it_is(session)
    signed_in_as(client, Role.VIEWER)

    assert client.get(f"/staff/sessions/heat/{what}").status_code == 403
    assert client.post(f"/staff/sessions/heat/{what}", data={**TIMES, "step": "do"}).status_code == 403
    assert (
        client.get(f"/staff/sessions/heat/{what}/mail/en?{'start=2030-05-21T13:00&end=2030-05-21T14:15'}").status_code
        == 403
    )
    assert f"/staff/sessions/heat/{what}" not in client.get("/staff/sessions/heat/").text
    assert as_it_is(session) == before


def test_times_that_people_were_only_invited_to_are_not_edited_but_moved(organiser: FlaskClient) -> None:
    session = a_session("heat")
    an_invited_entry(session, a_person("invited@example.org"))

    page = organiser.get("/staff/sessions/heat/content").text

    assert "registered, waiting or invited (1)" in page
    assert 'href="/staff/sessions/heat/move"' in page
    assert 'name="start"' not in page


def test_what_was_decided_is_told_in_the_history_and_the_mail_log_in_words(organiser: FlaskClient) -> None:
    a_session_in_two_languages()

    organiser.post("/staff/sessions/heat/move", data={**TIMES, "step": "do"})
    organiser.post("/staff/sessions/heat/tell", data={"revision": "1", "step": "do"})
    organiser.post("/staff/sessions/heat/cancel", data={"revision": "1", "step": "do"})
    everything_written()

    history = said(organiser.get("/staff/sessions/heat/changes").text)
    log = organiser.get("/staff/mail").text
    assert re.search(r"<dt>State</dt>.*?Published.*?Cancelled", history)
    assert "brought all calendars up to date" in history
    assert "Cancelled session" in log


def test_without_a_token_the_filled_form_is_shown_again_and_nothing_is_done(app: Flask, organiser: FlaskClient) -> None:
    session = a_session_in_two_languages()
    before = as_it_is(session)
    app.config["WTF_CSRF_ENABLED"] = True

    answer = organiser.post("/staff/sessions/heat/move", data={**TIMES, "step": "do"})

    assert answer.status_code == 422
    assert "This page lay open for a long time" in answer.text
    assert 'value="2030-05-21T13:00"' in answer.text
    assert as_it_is(session) == before


def test_who_was_invited_and_has_registered_is_counted_once_and_who_gave_the_place_up_not_at_all() -> None:
    session = a_session("heat")
    both, gone = a_registration(session), a_registration(session, status=RegistrationStatus.CANCELLED)
    an_invited_entry(session, both.person)
    an_invited_entry(session, gone.person, status=EntryStatus.CANCELLED)
    an_invited_entry(session, a_person("invited@example.org"))

    assert bookings().people_in(session.id) == 2


@pytest.mark.parametrize("what", ["move", "cancel", "tell"])
def test_the_pages_ask_as_many_queries_whatever_the_number_of_people(
    organiser: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]], what: str
) -> None:
    session = a_session("heat", languages=("en", "fr"))
    address = f"/staff/sessions/{session.key}/{what}"
    counts = []

    for people in (2, 12):
        for number in range(people):
            a_registration(db.session.merge(session), version="fr" if number % 2 else "en")
        with count_queries() as asking:
            organiser.get(address)
        with count_queries() as showing:
            organiser.post(address, data=TIMES)
        counts.append((asking.count, showing.count))

    assert counts[0] == counts[1]
    assert counts[0][0] <= 12
    assert counts[0][1] <= 35  # it writes one real mail, with all that this reads
