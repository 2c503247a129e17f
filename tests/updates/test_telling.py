"""Telling everybody's calendar what is said of a session now: no answer is asked for again."""

from __future__ import annotations

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.calendars.reading import events_of
from tests.factories import a_person, a_personal_feed, a_session, a_webinar, an_invited_entry
from tests.mailbox import calendar_of, kinds_of_mail_to, mails_to, words_of
from tests.registration.test_services import a_registrant
from tests.updates.test_moving import again, entry_of, everything_has_left, everything_written, moved
from webinar.calendars.models import CalendarAnswer
from webinar.catalogue.models import SessionStatus, WebinarSession, WebinarText
from webinar.catalogue.services.drafts import EditRefused
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.people.services.who_is_who import find_person
from webinar.registration.services import register
from webinar.updates.services import tell_session
from webinar.updates.services.held import NothingToChange

pytestmark = pytest.mark.usefixtures("app")

ANA = "ana@lisbon.example"


def retitled(session: WebinarSession, title: str) -> None:
    """Give the webinar of a session another title, now."""
    db.session.execute(
        update(WebinarText)
        .where(WebinarText.webinar_id == session.webinar_id)
        .values(title=title, changed_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


@pytest.mark.parametrize("answer", [None, *CalendarAnswer])
def test_the_sequence_and_the_answer_stay_and_dtstamp_grows(answer: CalendarAnswer | None) -> None:
    session = a_session()
    with time_machine.travel(clock.now(), tick=False):  # all within a second
        register(session.key, a_registrant())
        entry = entry_of(ANA)
        entry.answer = answer
        db.session.commit()

        retitled(session, "Heat in coastal cities")
        tell_session(session.key)
        everything_written()

    before, now = (calendar_of(mail) for mail in mails_to(ANA))
    assert (now.method, now.sequence, now.status, now.uid) == ("REQUEST", 0, "CONFIRMED", before.uid)
    assert now.answer == (answer.value.upper() if answer else "NEEDS-ACTION")
    assert now.stamped > before.stamped
    assert (before.summary, now.summary) == ("Heat in cities", "Heat in coastal cities")
    assert (entry_of(ANA).answer, entry_of(ANA).sequence, again(session).sequence) == (answer, 0, 0)
    assert kinds_of_mail_to(ANA) == ["confirmation", "session changed"]
    assert mails_to(ANA)[1]["References"] == mails_to(ANA)[0]["Message-ID"]


def test_who_waits_is_not_written_to_and_who_was_invited_is() -> None:
    session = a_session(seats=1)
    register(session.key, a_registrant())
    register(session.key, a_registrant("waits@example.org"))
    entry = an_invited_entry(session, a_person("invited@example.org"))

    retitled(session, "Heat in coastal cities")
    tell_session(session.key)
    everything_written()

    assert kinds_of_mail_to("waits@example.org") == ["waiting list"]
    (told,) = mails_to("invited@example.org")
    part = calendar_of(told)
    assert (part.method, part.uid, part.sequence, part.summary) == ("REQUEST", entry.uid, 0, "Heat in coastal cities")


def test_a_move_that_nobody_was_told_of_yet_is_told_in_the_same_mail() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    register(session.key, a_registrant(timezone="Europe/Lisbon"))
    everything_has_left()

    moved(session, "2030-05-21T13:00")
    everything_written()
    retitled(session, "Heat in coastal cities")
    tell_session(session.key)
    everything_written()

    told = mails_to(ANA)[-1]
    assert kinds_of_mail_to(ANA) == ["confirmation", "session moved", "session moved"]
    assert (calendar_of(told).sequence, calendar_of(told).summary) == (1, "Heat in coastal cities")
    assert "Before: Tuesday, 14 May 2030" in words_of(told)


def test_two_in_one_second_are_one_mail_if_the_first_has_not_left_and_two_stamps_if_it_has() -> None:
    session = a_session()
    with time_machine.travel(clock.now(), tick=False):
        register(session.key, a_registrant())
        for title in ("Heat, one", "Heat, two"):
            retitled(session, title)
            tell_session(session.key)
        everything_written()
        everything_has_left()
        retitled(session, "Heat, three")
        tell_session(session.key)
        everything_written()

    parts = [calendar_of(mail) for mail in mails_to(ANA)]
    assert [part.summary for part in parts] == ["Heat in cities", "Heat, two", "Heat, three"]
    assert {part.sequence for part in parts} == {0}
    assert len({part.stamped for part in parts}) == 3


def test_the_feeds_have_the_new_words_under_the_same_sequence(client: FlaskClient) -> None:
    session = a_session()
    register(session.key, a_registrant())
    personal = a_personal_feed(find_person(ANA))

    retitled(session, "Heat in coastal cities")
    tell_session(session.key)
    everything_written()

    for path in ("/en/calendar.ics", f"/calendar/{personal.token}.ics"):
        (event,) = events_of(client.get(path).text)
        assert (str(event["SUMMARY"]), event["SEQUENCE"]) == ("Heat in coastal cities", 0), path


def test_a_word_must_be_there_in_the_languages_of_who_is_told_and_need_not_for_who_only_waits() -> None:
    webinar = a_webinar(titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    session = a_session(webinar=webinar, languages=("en", "fr"), seats=1)
    register(session.key, a_registrant())
    register(session.key, a_registrant("waits@example.org", version="fr", language="fr"))

    tell_session(session.key, words={"en": "The title is another one."})
    everything_written()

    assert "The title is another one." in words_of(mails_to(ANA)[-1])
    with pytest.raises(EditRefused) as refusal:
        tell_session(session.key, words={"fr": "Le titre a changé."})
    assert refusal.value.field == "word (en)"


def test_there_is_nothing_to_tell_of_a_session_that_is_over_or_cancelled() -> None:
    for session in (a_session(starts="2020-05-14T13:00"), a_session(status=SessionStatus.CANCELLED)):
        with pytest.raises(NothingToChange):
            tell_session(session.key)

    assert everything_written() == 0


def test_it_can_be_told_again_and_again_and_nobody_is_written_to_twice_for_one_decision() -> None:
    session = a_session()
    register(session.key, a_registrant())

    for _ in range(2):
        tell_session(session.key)
        everything_written()
        everything_has_left()
    assert everything_written() == 0

    assert kinds_of_mail_to(ANA) == ["confirmation", "session changed", "session changed"]


@pytest.mark.parametrize(
    ("said", "told"), [({}, "The speaker is ill."), ({"en": "Another room, too."}, "Another room")]
)
def test_who_has_still_to_be_told_of_a_move_reads_why_also_when_more_is_told_meanwhile(
    said: dict[str, str], told: str
) -> None:
    session = a_session()
    register(session.key, a_registrant())
    everything_has_left()

    moved(session, "2030-05-21T13:00", words={"en": "The speaker is ill."})
    everything_written()
    tell_session(session.key, words=said)
    everything_written()

    told_now = mails_to(ANA)[-1]
    assert kinds_of_mail_to(ANA) == ["confirmation", "session moved", "session moved"]
    assert told in words_of(told_now)
    assert "Before" in words_of(told_now)
