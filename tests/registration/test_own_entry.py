"""One's own entry as a file: the same one as in the mails and in the personal calendar."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pytest
import vobject
from flask.testing import FlaskClient

from tests.conftest import Counted
from tests.factories import a_calendar_entry, a_personal_feed, a_registration, a_session, a_webinar
from tests.mailbox import calendar_of, mails_to
from tests.registration.test_services import a_registrant, token_of
from webinar.catalogue.models import Access, SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.registration.models import LeftFor, Registration, RegistrationStatus
from webinar.registration.services import register, send_again
from webinar.updates.services import move_session, write_due

ANA = "ana@lisbon.example"


def path_of(token: str, lang: str = "en") -> str:
    """Return where the entry of a place is given out."""
    return f"/{lang}/registrations/{token}/session.ics"


def seated(session: WebinarSession | None = None, **more: Any) -> Registration:
    """Return a place whose entry a mail has told of."""
    place = a_registration(session, **more)
    a_calendar_entry(place, announced_sequence=0, dtstamp=clock.now())
    return place


def test_it_is_the_entry_of_the_mails_without_an_attendee(client: FlaskClient) -> None:
    session = a_session(starts="2030-05-14T13:00", notes={"en": "Channel 2."})
    register(session.key, a_registrant(ANA))

    answer = client.get(path_of(token_of(ANA)))

    mailed = calendar_of(mails_to(ANA)[-1])
    calendar = vobject.readOne(answer.text)
    event = calendar.vevent
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="session.ics"'
    assert calendar.method.value == "PUBLISH"
    assert (event.uid.value, int(event.sequence.value)) == (mailed.uid, mailed.sequence)
    assert (event.dtstart.value, event.dtend.value) == (mailed.start, mailed.end)
    assert (event.summary.value, event.description.value) == (mailed.summary, mailed.description)
    assert (event.url.value, event.organizer.value) == (mailed.url, mailed.organizer)
    assert event.contents["class"][0].value == "PRIVATE"
    assert not hasattr(event, "attendee")
    assert ANA not in answer.text.replace("\r\n ", "")


def test_after_a_move_it_is_ahead_like_the_mail_that_will_come(client: FlaskClient) -> None:
    session = a_session(starts="2030-05-14T13:00")
    register(session.key, a_registrant(ANA))

    move_session(session.key, datetime.fromisoformat("2030-05-21T13:00"), datetime.fromisoformat("2030-05-21T14:15"))
    event = vobject.readOne(client.get(path_of(token_of(ANA))).text).vevent

    write_due()
    mailed = calendar_of(mails_to(ANA)[-1])
    assert (event.uid.value, int(event.sequence.value)) == (mailed.uid, mailed.sequence)
    assert (event.dtstart.value, mailed.sequence) == (mailed.start, 1)


def test_it_is_also_the_entry_of_the_personal_calendar(client: FlaskClient) -> None:
    place = a_registration(a_session(), language="en")
    a_calendar_entry(place, sequence=3, announced_sequence=3)
    feed = a_personal_feed(place.person)

    subscribed = vobject.readOne(client.get(f"/calendar/{feed.token}.ics").text).vevent
    event = vobject.readOne(client.get(path_of(place.token)).text).vevent

    assert event.serialize() == subscribed.serialize()


def test_it_speaks_the_language_in_which_one_is_written_to_on_a_page_in_any(client: FlaskClient) -> None:
    webinar = a_webinar(titles={"en": "Heat", "fr": "Chaleur"})
    place = seated(a_session(webinar=webinar, languages=("en", "fr")), language="fr")

    assert vobject.readOne(client.get(path_of(place.token)).text).vevent.summary.value == "Chaleur"


def test_nobody_keeps_it_on_the_way_and_no_search_engine_finds_it(client: FlaskClient) -> None:
    answer = client.get(path_of(seated().token))

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    "more",
    [
        {"status": RegistrationStatus.WAITING},
        {"status": RegistrationStatus.CANCELLED},
        {"status": RegistrationStatus.CANCELLED, "left_for": LeftFor.MOVED},
        {"status": RegistrationStatus.CANCELLED, "left_for": LeftFor.HANDED_OVER},
    ],
)
def test_who_has_no_seat_has_no_entry(client: FlaskClient, more: dict[str, Any]) -> None:
    place = seated(**more)

    assert client.get(path_of(place.token)).status_code == 404
    assert "Download my calendar entry" not in client.get(f"/en/registrations/{place.token}").text


def test_a_session_that_was_cancelled_has_none(client: FlaskClient) -> None:
    place = seated(a_session(status=SessionStatus.CANCELLED))

    assert client.get(path_of(place.token)).status_code == 404


def test_who_was_brought_in_quietly_gets_the_entry_with_the_first_mail(client: FlaskClient) -> None:
    place = a_registration()
    before = client.get(path_of(place.token))
    page = client.get(f"/en/registrations/{place.token}").text

    send_again(place.token)

    assert before.status_code == 404
    assert "Download my calendar entry" not in page
    assert "Send me the invitation again" in page
    event = vobject.readOne(client.get(path_of(place.token)).text).vevent
    assert event.uid.value == calendar_of(mails_to(place.person.email or "")[-1]).uid


def test_no_token_but_that_which_manages_the_place_opens_it(client: FlaskClient) -> None:
    place = seated()

    for wrong in (place.join_token, place.token[:-1], place.token + "x", "x", ".."):
        assert client.get(path_of(wrong)).status_code == 404
    assert client.get(path_of(place.token, "xx")).status_code == 404
    assert client.post(path_of(place.token)).status_code == 405


@pytest.mark.parametrize("access", list(Access))
def test_the_page_of_the_place_leads_to_it(client: FlaskClient, access: Access) -> None:
    place = seated(a_session(access=access))

    page = client.get(f"/fr/registrations/{place.token}").text

    assert f'href="{path_of(place.token, "fr")}"' in page


def test_it_takes_few_queries(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    path = path_of(seated(a_session(languages=("en", "fr"), notes={"en": "Channel 2."})).token)

    with count_queries() as queries:
        assert client.get(path).status_code == 200

    assert queries.count <= 4
