"""Cancelling a session: it leaves everybody's calendar, and registrations stay."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from tests.calendars.reading import events_of
from tests.factories import a_person, a_personal_feed, a_session, a_webinar, an_invited_entry
from tests.mailbox import all_mail, calendar_of, calendar_parts, kinds_of_mail_to, mails_to, words_of
from tests.registration.test_services import a_registrant, statuses, token_of
from tests.updates.test_moving import again, entry_of, everything_has_left, everything_written, moved
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.calendars.models import CalendarAnswer
from webinar.catalogue.models import SessionStatus
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.models import MailState
from webinar.people.services.who_is_who import find_person
from webinar.registration.services import RegistrationOver, cancel, move, register, send_again
from webinar.updates.queries import progress_of
from webinar.updates.services import cancel_session
from webinar.updates.services.held import NothingToChange

pytestmark = pytest.mark.usefixtures("app")

ANA = "ana@lisbon.example"


def test_the_entry_leaves_the_calendar_under_a_higher_sequence_and_the_registration_stays() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    register(session.key, a_registrant())

    cancel_session(session.key)
    everything_written()

    first, told = mails_to(ANA)
    before, now = calendar_of(first), calendar_of(told)
    assert (now.method, now.sequence, now.status) == ("CANCEL", 1, "CANCELLED")
    assert (now.uid, now.start, now.end, now.summary) == (before.uid, before.start, before.end, before.summary)
    assert (now.organizer, now.attendee) == (before.organizer, before.attendee)
    assert now.stamped >= before.stamped
    assert told["References"] == first["Message-ID"]
    assert told["Subject"] == "Cancelled: Heat in cities, 14 May 2030"
    assert statuses(session) == ["registered"]
    assert (again(session).status, again(session).sequence, again(session).revision) == (SessionStatus.CANCELLED, 1, 1)


def test_who_waits_is_told_without_a_calendar_part_and_who_gave_the_place_up_is_not() -> None:
    session = a_session(seats=1)
    for email in (ANA, "waits@example.org", "gone@example.org"):
        register(session.key, a_registrant(email))
    cancel(token_of("gone@example.org"))

    cancel_session(session.key)
    everything_written()

    assert calendar_parts(mails_to("waits@example.org")[-1]) == []
    assert kinds_of_mail_to("waits@example.org") == ["waiting list", "session cancelled"]
    assert kinds_of_mail_to("gone@example.org") == ["waiting list", "cancellation"]
    assert statuses(session) == ["registered", "waiting", "cancelled"]


def test_an_invitation_that_nobody_has_answered_leaves_the_calendar_too() -> None:
    session = a_session()
    entry = an_invited_entry(session, a_person("invited@example.org"))

    cancel_session(session.key)
    everything_written()

    (told,) = mails_to("invited@example.org")
    part = calendar_of(told)
    assert (part.method, part.uid, part.sequence, part.status) == ("CANCEL", entry.uid, 1, "CANCELLED")


def test_who_was_invited_and_waits_gets_the_cancellation_of_that_entry() -> None:
    session = a_session(seats=1)
    register(session.key, a_registrant())
    person = a_person("waits@example.org")
    entry = an_invited_entry(session, person)
    register(session.key, a_registrant("waits@example.org"))

    cancel_session(session.key)
    everything_written()

    part = calendar_of(mails_to("waits@example.org")[-1])
    assert (part.method, part.uid, part.sequence) == ("CANCEL", entry.uid, 1)


def test_from_a_cancelled_session_one_moves_to_another_day_and_the_old_entry_is_taken_out_once() -> None:
    webinar = a_webinar(titles={"en": "Heat in cities"})
    here = a_session(webinar=webinar)
    there = a_session(webinar=webinar, starts="2030-06-14T13:00")
    register(here.key, a_registrant())
    token = token_of(ANA)
    everything_has_left()

    cancel_session(here.key)
    everything_written()
    everything_has_left()
    move(token, there.key, may_wait=False)
    everything_written()

    assert kinds_of_mail_to(ANA) == ["confirmation", "session cancelled", "confirmation"]
    parts = [calendar_of(mail) for mail in mails_to(ANA)]
    assert [(part.method, part.sequence) for part in parts] == [("REQUEST", 0), ("CANCEL", 1), ("REQUEST", 0)]
    assert [part.uid == parts[0].uid for part in parts] == [True, True, False]
    assert (statuses(here), statuses(there)) == (["cancelled"], ["registered"])


def test_who_moves_before_the_mail_of_the_cancellation_is_written_hears_of_it_once() -> None:
    webinar = a_webinar(titles={"en": "Heat in cities"})
    here = a_session(webinar=webinar)
    there = a_session(webinar=webinar, starts="2030-06-14T13:00")
    register(here.key, a_registrant())

    cancel_session(here.key)
    move(token_of(ANA), there.key, may_wait=False)
    everything_written()

    parts = [calendar_of(mail) for mail in mails_to(ANA)]
    assert [(part.method, part.sequence) for part in parts] == [("REQUEST", 0), ("CANCEL", 1), ("REQUEST", 0)]
    progress = progress_of(here.id)
    assert progress is not None
    assert progress.people == 0


def test_one_who_gives_up_a_place_in_a_cancelled_session_takes_nothing_out_of_the_calendar_that_is_out() -> None:
    session = a_session()
    register(session.key, a_registrant())
    token = token_of(ANA)
    cancel_session(session.key)
    everything_written()

    with pytest.raises(RegistrationOver):
        send_again(token)
    cancel(token)

    sequences = [calendar_of(mail).sequence for mail in mails_to(ANA)]
    assert max(sequences) == 1
    assert entry_of(ANA).sequence == 1


def test_a_move_that_has_not_left_is_withdrawn_by_the_cancellation_and_the_old_date_is_the_one_known() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    register(session.key, a_registrant())
    everything_has_left()

    moved(session, "2030-05-21T13:00")
    everything_written()
    cancel_session(session.key)
    everything_written()

    assert [(mail.kind, mail.state) for mail in all_mail()] == [
        ("confirmation", MailState.SENT),
        ("session moved", MailState.WITHDRAWN),
        ("session cancelled", MailState.QUEUED),
    ]
    told = mails_to(ANA)[-1]
    assert (calendar_of(told).method, calendar_of(told).sequence) == ("CANCEL", 2)
    assert "14 May 2030" in str(told["Subject"])
    assert "21 May" not in words_of(told)


def test_the_feeds_say_at_once_that_it_is_cancelled_before_any_mail_is_written(client: FlaskClient) -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    register(session.key, a_registrant())
    personal = a_personal_feed(find_person(ANA))

    cancel_session(session.key)

    for path in ("/en/calendar.ics", f"/calendar/{personal.token}.ics"):
        (event,) = events_of(client.get(path).text)
        assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CANCELLED", 1), path
        assert event["DTSTART"].dt == datetime(2030, 5, 14, 12, 0, tzinfo=UTC)


def test_what_the_organisers_add_stands_in_the_mail_and_is_asked_for_in_every_language() -> None:
    webinar = a_webinar(titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    session = a_session(webinar=webinar, languages=("en", "fr"))
    register(session.key, a_registrant())
    register(session.key, a_registrant("lea@example.org", version="fr", language="fr"))

    with pytest.raises(EditRefused) as refusal:
        cancel_session(session.key, words={"en": "The speaker is ill."})
    cancel_session(session.key, words={"en": "The speaker is ill.", "fr": "L’intervenante est souffrante."})
    everything_written()

    assert refusal.value.field == "word (fr)"
    assert "The speaker is ill." in words_of(mails_to(ANA)[-1])
    assert "L’intervenante est souffrante." in words_of(mails_to("lea@example.org")[-1])


def test_a_session_is_cancelled_once_not_when_it_is_over_and_not_by_who_has_seen_another_state() -> None:
    session = a_session()
    over = a_session(starts="2020-05-14T13:00")
    register(session.key, a_registrant())
    moved(session, "2030-05-21T13:00", made_from=0)

    with pytest.raises(ChangedMeanwhile):
        cancel_session(session.key, made_from=0)
    cancel_session(session.key, made_from=1)
    for key in (session.key, over.key):
        with pytest.raises(NothingToChange):
            cancel_session(key)
    with pytest.raises(NoSuchSession):
        cancel_session("no-such")

    assert (entry_of(ANA).sequence, again(session).sequence) == (2, 2)


def test_a_draft_is_cancelled_quietly() -> None:
    session = a_session(status=SessionStatus.DRAFT)

    cancel_session(session.key)

    assert again(session).status is SessionStatus.CANCELLED
    assert everything_written() == 0
    assert all_mail() == []


def test_an_answer_to_the_invitation_is_kept_as_it_was() -> None:
    session = a_session()
    register(session.key, a_registrant())
    entry = entry_of(ANA)
    entry.answer, entry.answered_at = CalendarAnswer.ACCEPTED, clock.now()
    db.session.commit()

    cancel_session(session.key)
    everything_written()

    assert entry_of(ANA).answer is CalendarAnswer.ACCEPTED
