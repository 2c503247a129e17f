"""A person's own calendar: what they take, from an address of its own, which they can let die."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
import vobject
from flask.testing import FlaskClient

from tests.calendars.reading import events_of
from tests.conftest import Counted
from tests.factories import a_person, a_personal_feed, a_registration, a_session, a_webinar
from tests.mailbox import calendar_of, mails_to
from tests.registration.test_services import a_registrant, token_of
from webinar.catalogue.models import Access, WebinarSession
from webinar.foundation.db import db, transaction
from webinar.registration import services
from webinar.registration.models import LeftFor, PersonalFeed, Registration, RegistrationStatus
from webinar.registration.services import cancel, change_mail_language, move, register
from webinar.updates.services import cancel_session, move_session, write_due

ANA = "ana@lisbon.example"
NOW = datetime(2030, 5, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def register_ana(session: WebinarSession, **more: str) -> Registration:
    register(session.key, a_registrant(email=ANA, **more))
    return place_in(session)


def place_in(session: WebinarSession) -> Registration:
    db.session.commit()
    return db.session.query(Registration).filter_by(session_id=session.id).order_by(Registration.id.desc()).first()  # type: ignore[return-value]


def feed_of(place: Registration) -> str:
    """Return the path of a person's calendar, made on the page of their place."""
    services.make_feed(place.token)
    db.session.commit()
    return f"/calendar/{db.session.get_one(PersonalFeed, place.person_id).token}.ics"


def test_it_has_the_entries_of_the_mails_word_for_word(client: FlaskClient) -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon", notes={"en": "Channel 2."})
    path = feed_of(register_ana(session))

    answer = client.get(path)

    mailed = calendar_of(mails_to(ANA)[-1])
    calendar = vobject.readOne(answer.text)
    event = calendar.vevent
    assert calendar.method.value == "PUBLISH"
    assert (event.uid.value, int(event.sequence.value)) == (mailed.uid, mailed.sequence)
    assert (event.dtstart.value, event.dtend.value) == (mailed.start, mailed.end)
    assert (event.summary.value, event.description.value) == (mailed.summary, mailed.description)
    assert event.contents["class"][0].value == "PRIVATE"
    assert not hasattr(event, "attendee")
    assert ANA not in answer.text.replace("\r\n ", "")


def test_each_entry_speaks_the_language_of_its_place_and_the_calendar_that_of_the_last(client: FlaskClient) -> None:
    titles = {"en": "Heat", "fr": "Chaleur"}
    english = register_ana(a_session(webinar=a_webinar(titles=titles)), language="en")
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        register_ana(a_session(webinar=a_webinar(titles=titles), starts="2030-06-14T13:00"), language="fr")

    text = client.get(feed_of(english)).text

    assert [str(event["SUMMARY"]) for event in events_of(text)] == ["Heat", "Chaleur"]
    assert "NAME;LANGUAGE=fr:" in text


def test_who_waits_has_no_entry_until_the_seat_is_theirs(client: FlaskClient) -> None:
    session = a_session(seats=1)
    first = a_registration(session)
    waiting = register_ana(session)
    path = feed_of(waiting)
    assert waiting.status is RegistrationStatus.WAITING
    assert events_of(client.get(path).text) == []

    cancel(first.token)

    assert len(events_of(client.get(path).text)) == 1


def test_a_place_given_up_stays_thirty_days_as_cancelled(client: FlaskClient) -> None:
    place = register_ana(a_session(starts="2030-12-14T13:00"))
    path = feed_of(place)
    cancel(place.token)

    [event] = events_of(client.get(path).text)
    with time_machine.travel(NOW + timedelta(days=32), tick=False):
        later = client.get(path)

    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    assert (later.status_code, events_of(later.text)) == (200, [])


def test_a_session_that_moves_or_is_cancelled_is_so_here_as_the_mail_will_say_it(client: FlaskClient) -> None:
    session = a_session(starts="2030-12-14T13:00")
    path = feed_of(register_ana(session))

    move_session(session.key, datetime.fromisoformat("2030-12-15T13:00"), datetime.fromisoformat("2030-12-15T14:15"))
    [moved] = events_of(client.get(path).text)
    cancel_session(session.key)
    [cancelled] = events_of(client.get(path).text)

    assert (moved["STATUS"], moved["SEQUENCE"]) == ("CONFIRMED", 1)
    assert moved["DTSTART"].dt == datetime(2030, 12, 15, 13, 0, tzinfo=UTC)
    assert (cancelled["STATUS"], cancelled["SEQUENCE"]) == ("CANCELLED", 2)
    write_due()
    assert calendar_of(mails_to(ANA)[-1]).sequence == 2


def test_who_moves_to_another_day_has_the_old_entry_cancelled_and_the_new_one(client: FlaskClient) -> None:
    webinar = a_webinar()
    old, new = (a_session(webinar=webinar, starts=f"2030-{month}-14T13:00") for month in ("06", "07"))
    place = register_ana(old)
    path = feed_of(place)

    move(place.token, new.key, may_wait=False)

    assert [event["STATUS"] for event in events_of(client.get(path).text)] == ["CANCELLED", "CONFIRMED"]


def test_a_session_behind_a_link_stands_in_the_calendar_of_who_comes(client: FlaskClient) -> None:
    session = a_session(access=Access.WITH_LINK)
    place = a_registration(session)

    assert len(events_of(client.get(feed_of(place)).text)) == 1


def test_who_was_brought_in_quietly_has_the_session_all_the_same(client: FlaskClient) -> None:
    session = a_session()
    place = a_registration(session)

    [event] = events_of(client.get(feed_of(place)).text)

    assert str(event["UID"]) == session.uid
    assert str(event["URL"]).endswith(f"/join/{place.join_token}")


def test_nobody_elses_place_is_in_it(client: FlaskClient) -> None:
    session = a_session()
    other = a_registration(session, email="rui@lisbon.example", given_name="Rui")
    path = feed_of(register_ana(session))

    text = client.get(path).text

    assert len(events_of(text)) == 1
    assert other.join_token not in text.replace("\r\n ", "")


def test_it_is_an_empty_calendar_for_who_takes_nothing(client: FlaskClient) -> None:
    feed = a_personal_feed(a_person(ANA, language="fr"))

    answer = client.get(f"/calendar/{feed.token}.ics")

    assert answer.status_code == 200
    assert events_of(answer.text) == []
    assert "NAME;LANGUAGE=fr:" in answer.text


def test_a_calendar_that_asks_again_gets_304_and_keeps_what_it_was_told_to_keep(client: FlaskClient) -> None:
    path = feed_of(register_ana(a_session()))
    first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert client.head(path).headers["ETag"] == first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, max-age=900"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert first.headers["X-Robots-Tag"] == "noindex"


def test_the_same_state_gives_the_same_bytes_and_what_is_told_another_tag(client: FlaskClient) -> None:
    webinar = a_webinar(titles={"en": "Heat", "fr": "Chaleur"})
    place = register_ana(a_session(webinar=webinar, languages=("en", "fr")), language="en")
    path = feed_of(place)
    first = client.get(path)
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        assert client.get(path).data == first.data

        with transaction():
            next(text for text in webinar.texts if text.language == "fr").title = "La chaleur"
        assert client.get(path).headers["ETag"] == first.headers["ETag"]

        change_mail_language(place.token, "fr")
        assert client.get(path).headers["ETag"] != first.headers["ETag"]


def test_another_address_lets_the_old_one_die(client: FlaskClient) -> None:
    place = register_ana(a_session())
    old = feed_of(place)

    answer = client.post(f"/en/registrations/{place.token}/calendar/renew")

    new = f"/calendar/{db.session.get_one(PersonalFeed, place.person_id).token}.ics"
    assert answer.status_code == 303
    assert new != old
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    assert new in client.get(f"/en/registrations/{place.token}").text


def test_an_address_taken_away_leads_nowhere(client: FlaskClient) -> None:
    place = register_ana(a_session())
    path = feed_of(place)

    answer = client.post(f"/en/registrations/{place.token}/calendar/end", follow_redirects=True)

    assert "leads nowhere any more" in answer.text
    assert client.get(path).status_code == 404
    assert "Make an address for my calendar" in answer.text


def test_making_one_twice_keeps_the_first(client: FlaskClient) -> None:
    place = register_ana(a_session())
    client.post(f"/en/registrations/{place.token}/calendar")
    first = db.session.get_one(PersonalFeed, place.person_id).token

    page = client.post(f"/en/registrations/{place.token}/calendar", follow_redirects=True)

    assert db.session.get_one(PersonalFeed, place.person_id).token == first
    assert f'href="webcal://127.0.0.1:5000/calendar/{first}.ics"' in page.text
    assert f'value="http://127.0.0.1:5000/calendar/{first}.ics"' in page.text


def test_no_other_token_opens_it_and_it_opens_nothing_else(client: FlaskClient) -> None:
    place = register_ana(a_session())
    token = feed_of(place).removeprefix("/calendar/").removesuffix(".ics")

    for wrong in (place.token, place.join_token, token[:-1], token + "x", token.swapcase(), "x"):
        assert client.get(f"/calendar/{wrong}.ics").status_code == 404
    for path in (f"/en/registrations/{token}", f"/join/{token}"):
        assert client.get(path).status_code == 404
    assert client.post(f"/en/registrations/{token}/calendar/end").status_code == 404
    assert client.post(f"/en/registrations/{place.join_token}/calendar").status_code == 404


@pytest.mark.parametrize("left_for", list(LeftFor))
def test_the_link_of_a_place_that_went_elsewhere_opens_nobodys_calendar(client: FlaskClient, left_for: LeftFor) -> None:
    place = a_registration(a_session(), status=RegistrationStatus.CANCELLED, left_for=left_for)
    feed = a_personal_feed(place.person)
    token = feed.token

    page = client.get(f"/en/registrations/{place.token}")
    answers = [client.post(f"/en/registrations/{place.token}/calendar{what}") for what in ("", "/renew", "/end")]

    assert token not in page.text
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert db.session.get_one(PersonalFeed, place.person_id).token == token


def test_who_was_erased_has_no_calendar(client: FlaskClient) -> None:
    place = a_registration(a_session())
    path = feed_of(place)

    with transaction():
        place.person.email, place.person.erased_at = None, NOW

    assert client.get(path).status_code == 404


def test_the_address_is_not_changed_without_end(client: FlaskClient) -> None:
    place = a_registration(a_session())

    answers = [client.post(f"/en/registrations/{place.token}/calendar/renew").status_code for _ in range(21)]

    assert answers == [303] * 20 + [429]


def test_it_takes_a_handful_of_queries_however_many_places(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    person = a_person(ANA)
    counts = []
    path = f"/calendar/{a_personal_feed(person).token}.ics"
    for _ in range(2):
        for _ in range(4):
            a_registration(a_session(languages=("en", "fr"), notes={"en": "Channel 2."}), person=person)
        with count_queries() as queries:
            assert client.get(path).status_code == 200
        counts.append(queries.count)

    assert counts[0] == counts[1] <= 6


def test_the_token_of_the_mail_manages_and_so_makes_the_address(client: FlaskClient) -> None:
    session = a_session()
    register_ana(session)

    answer = client.post(f"/en/registrations/{token_of(ANA)}/calendar", follow_redirects=True)

    assert "Your calendar has an address now" in answer.text
    assert "webcal://" in answer.text
