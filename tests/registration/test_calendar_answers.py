"""What people press in their calendars: what is taken, what is kept for a person, and what changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_calendar_entry, a_kept_reply, a_registration, a_session, a_webinar
from tests.incoming import ORGANIZER, SERVER, a_calendar, a_message, an_outlook_reply
from tests.mailbox import all_mail, kinds_of_mail_to, the_only_mail_to, words_of
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.calendars.answers import REPLIES_A_DAY, Verdict
from webinar.calendars.models import CalendarAnswer, CalendarEntry, EntryStatus, KeptFor, KeptReply
from webinar.catalogue.models import SessionStatus
from webinar.foundation.db import db
from webinar.registration.models import Registration, RegistrationStatus
from webinar.worker.receiving import FOR_A_PERSON, receive

ANA = "ana@lisbon.example"
NOW = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def our_mail_server(app: Flask) -> None:
    app.config["MAIL_AUTHSERV_ID"] = SERVER


@pytest.fixture(autouse=True)
def _it_is_the_first_of_may() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def entry(app: Flask) -> CalendarEntry:
    titles = {"en": "Heat", "fr": "Chaleur"}
    session = a_session("heat-en", webinar=a_webinar("heat", titles=titles), starts="2030-05-14T13:00")
    place = a_registration(session, email=ANA, language="fr")
    return a_calendar_entry(place, organizer=ORGANIZER, announced_sequence=0, dtstamp=NOW - timedelta(days=2))


def stored_answer() -> CalendarAnswer | None:
    db.session.rollback()
    return db.session.scalars(select(CalendarEntry).execution_options(populate_existing=True)).one().answer


def kept() -> list[KeptReply]:
    db.session.rollback()
    return list(db.session.scalars(select(KeptReply).execution_options(populate_existing=True)))


@pytest.mark.parametrize("answer", list(CalendarAnswer))
def test_a_proven_answer_is_stored_with_when_it_was_given(entry: CalendarEntry, answer: CalendarAnswer) -> None:
    said = receive(a_message(a_calendar(entry.uid, partstat=answer.value.title())))

    assert said == Verdict.TAKEN.value
    assert stored_answer() is answer
    assert entry.answered_at == datetime(2030, 5, 1, 10, tzinfo=UTC)


def test_who_says_no_keeps_the_place_and_is_offered_in_their_language_to_give_it_up(
    entry: CalendarEntry, client: FlaskClient
) -> None:
    receive(an_outlook_reply(entry.uid, ANA))

    mail = the_only_mail_to(ANA)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "text/calendar" not in [part.get_content_type() for part in mail.walk()]
    assert "Chaleur" in mail["Subject"]
    [address] = re.findall(r"(/fr/registrations/\S+)#give-up", words_of(mail))
    page = client.get(address).text  # a look changes nothing
    assert '<details id="give-up" open>' in page
    assert [place.status for place in all_places()] == [RegistrationStatus.REGISTERED]

    client.post(f"{address}/cancel")

    assert [place.status for place in all_places()] == [RegistrationStatus.CANCELLED]


def all_places() -> list[Registration]:
    db.session.rollback()
    return list(db.session.scalars(select(Registration).execution_options(populate_existing=True)))


def test_one_no_is_answered_by_one_mail_however_often_it_comes(entry: CalendarEntry) -> None:
    for minute in range(5):
        receive(an_outlook_reply(entry.uid, ANA, stamped=f"20300501T10{minute:02}00Z"))

    assert kinds_of_mail_to(ANA) == ["calendar no"]

    receive(an_outlook_reply(entry.uid, ANA, partstat="ACCEPTED", stamped="20300501T110000Z"))
    receive(an_outlook_reply(entry.uid, ANA, stamped="20300501T111000Z"))

    assert kinds_of_mail_to(ANA) == ["calendar no"] * 2


def test_the_later_of_two_answers_counts_in_whichever_order_they_come(entry: CalendarEntry) -> None:
    receive(a_message(a_calendar(entry.uid, partstat="TENTATIVE", stamped="20300501T110000Z")))

    assert receive(a_message(a_calendar(entry.uid, partstat="DECLINED"))) == Verdict.OUTDATED.value
    assert stored_answer() is CalendarAnswer.TENTATIVE
    assert all_mail() == []


def test_a_clock_that_is_ahead_bars_no_later_answer(entry: CalendarEntry) -> None:
    receive(a_message(a_calendar(entry.uid, stamped="21000101T000000Z")))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        receive(a_message(a_calendar(entry.uid, partstat="DECLINED", stamped="20300501T125900Z")))

    assert stored_answer() is CalendarAnswer.DECLINED


def test_one_that_writes_no_organizer_no_sequence_or_comes_as_an_attachment_is_taken(entry: CalendarEntry) -> None:
    bare = a_calendar(entry.uid, organizer="", sequence=None)

    assert receive(a_message(bare, attached_only=True)) == Verdict.TAKEN.value


def test_an_alias_as_attendee_is_taken_where_the_sender_is_the_one_invited(entry: CalendarEntry) -> None:
    assert receive(a_message(a_calendar(entry.uid, attendee="a.sousa@lisbon.example"))) == Verdict.TAKEN.value


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"sender": "eve@evil.example", "results": f"{SERVER}; dmarc=pass header.from=evil.example"}, "another_sender"),
        ({"results": None}, "unproven"),
        ({"results": f"{SERVER}; dmarc=fail header.from=lisbon.example"}, "unproven"),
        ({"results": "mx.evil.example; dmarc=pass header.from=lisbon.example"}, "unproven"),
        ({"sender": ""}, "another_sender"),
    ],
)
def test_what_is_not_proven_changes_nothing_and_is_kept_once_for_a_person(
    entry: CalendarEntry, message: dict[str, str | None], why: str
) -> None:
    for minute in range(3):
        stamped = f"20300501T10{minute:02}00Z"
        said = receive(
            a_message(a_calendar(entry.uid, partstat="DECLINED", stamped=stamped), **message)  # type: ignore[arg-type]
        )
        assert said == Verdict.KEPT.value

    assert stored_answer() is None
    assert [(one.why.value, one.answer) for one in kept()] == [(why, CalendarAnswer.DECLINED)]
    assert all_mail() == []


def test_another_time_somebody_else_and_a_lost_invitation_are_for_a_person(entry: CalendarEntry) -> None:
    times = "DTSTART;TZID=Europe/Lisbon:20300514T150000\r\nDTEND;TZID=Europe/Lisbon:20300514T160000\r\nCOMMENT:Later?"
    counter = a_calendar(entry.uid, method="COUNTER", partstat="TENTATIVE", more=times)
    assert receive(a_message(counter, mime_method="COUNTER")) == Verdict.KEPT.value
    assert receive(a_message(a_calendar(entry.uid, partstat="DELEGATED"))) == Verdict.KEPT.value
    refresh = a_calendar(entry.uid, method="REFRESH", partstat="X")
    assert receive(a_message(refresh, mime_method="REFRESH")) == Verdict.KEPT.value

    found = {one.why: one for one in kept()}
    assert set(found) == {KeptFor.OTHER_TIME, KeptFor.PASSED_ON, KeptFor.ASKS_AGAIN}
    assert found[KeptFor.OTHER_TIME].starts_at == datetime(2030, 5, 14, 14, tzinfo=UTC)
    assert found[KeptFor.OTHER_TIME].comment == "Later?"
    assert stored_answer() is None


@pytest.mark.parametrize(
    ("calendar", "said"),
    [
        ({"uid": "00000000-0000-4000-8000-000000000000"}, Verdict.UNKNOWN),
        ({"sequence": 7}, Verdict.NEVER_SENT),
        ({"organizer": "eve@evil.example"}, Verdict.NOT_OURS),
        ({"partstat": "NEEDS-ACTION"}, Verdict.NO_ANSWER),
        ({"partstat": "PERHAPS"}, Verdict.NO_ANSWER),
        ({"more": "RECURRENCE-ID:20300514T110000Z"}, Verdict.UNKNOWN),
    ],
)
def test_answers_to_something_else_change_nothing(
    entry: CalendarEntry, calendar: dict[str, object], said: Verdict
) -> None:
    assert receive(a_message(a_calendar(**{"uid": entry.uid, **calendar}))) == said.value  # type: ignore[arg-type]

    assert stored_answer() is None
    assert kept() == []


def test_an_answer_to_what_has_changed_since_is_outdated(entry: CalendarEntry) -> None:
    entry.sequence = 1
    db.session.commit()

    for announced in (0, 1):
        entry.announced_sequence = announced
        db.session.commit()
        assert receive(a_message(a_calendar(entry.uid))) == Verdict.OUTDATED.value
    assert stored_answer() is None


def test_what_is_over_cancelled_or_given_up_hears_no_answer(entry: CalendarEntry) -> None:
    message = a_message(a_calendar(entry.uid, partstat="DECLINED", sequence=0))
    with time_machine.travel(datetime(2030, 6, 1, tzinfo=UTC), tick=False):
        assert receive(message) == Verdict.OVER.value
    entry.status = EntryStatus.CANCELLED
    db.session.commit()
    assert receive(message) == Verdict.GIVEN_UP.value
    entry.session.status = SessionStatus.CANCELLED
    db.session.commit()
    assert receive(message) == Verdict.OVER.value

    assert all_mail() == []
    assert stored_answer() is None


def test_a_calendar_that_answers_itself_ends_somewhere(entry: CalendarEntry) -> None:
    said = [
        receive(a_message(a_calendar(entry.uid, partstat=answer, stamped=f"20300501T10{minute:02}00Z")))
        for minute, answer in enumerate(["ACCEPTED", "DECLINED"] * REPLIES_A_DAY)
    ]

    assert said.count(Verdict.TAKEN.value) == REPLIES_A_DAY
    assert len(all_mail()) == REPLIES_A_DAY / 2


def test_many_forged_answers_keep_out_no_true_one(entry: CalendarEntry) -> None:
    for minute in range(REPLIES_A_DAY + 5):
        forged = a_calendar(entry.uid, partstat="DECLINED", stamped=f"20300501T09{minute:02}00Z")
        receive(a_message(forged, results=None))

    assert receive(a_message(a_calendar(entry.uid))) == Verdict.TAKEN.value
    assert len(kept()) == 1


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"", FOR_A_PERSON),
        (b"From: ana@lisbon.example\r\nSubject: Hello\r\n\r\nWhere is it?", FOR_A_PERSON),
        (b"From: ana@lisbon.example\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.", "Ignored: a program wrote it."),
        (f"From: N <{ORGANIZER}>\r\n\r\nYour place".encode(), "Ignored: it is a mail of our own."),
        (b"\x00" * 100, FOR_A_PERSON),
        (b"x" * (1 << 20) + b"x", "Ignored: the message cannot be read, it is larger than a megabyte."),
    ],
)
def test_everything_else_is_left_alone_in_one_sentence(app: Flask, message: bytes, said: str) -> None:
    assert receive(message) == said


def test_the_command_reads_standard_input_and_asks_to_come_again_when_the_database_is_away(
    app: Flask, entry: CalendarEntry
) -> None:
    runner = app.test_cli_runner()
    message = a_message(a_calendar(entry.uid))
    db.session.rollback()

    taken = runner.invoke(args=["mail", "receive"], input=message)
    assert (taken.output.strip(), taken.exit_code) == (Verdict.TAKEN.value, 0)
    nonsense = runner.invoke(args=["mail", "receive"], input=b"\xff" * 5_000_000)
    assert (nonsense.output.count("\n"), nonsense.exit_code) == (1, 0)


def test_the_staff_see_what_is_to_be_looked_at_and_settle_it(entry: CalendarEntry, client: FlaskClient) -> None:
    receive(a_message(a_calendar(entry.uid, partstat="DECLINED", more="COMMENT:<b>Sorry</b>"), results=None))
    signed_in_as(client, Role.ORGANISER)

    assert "1 answer from a calendar is to be looked at" in client.get("/staff/").text
    page = client.get("/staff/mail/to-look-at").text
    assert ANA in page
    assert "&lt;b&gt;Sorry&lt;/b&gt;" in page
    [one] = kept()
    address = f"/staff/mail/to-look-at/{one.id}"
    client.post(address, data={"take": "1"})

    assert stored_answer() is CalendarAnswer.DECLINED
    assert kept() == []
    assert kinds_of_mail_to(ANA) == ["calendar no"]
    assert [(entry.action, entry.subject) for entry in db.session.scalars(select(AuditEntry))] == [
        ("took an answer", "session heat-en")
    ]
    assert client.post(address, data={"take": "1"}).status_code == 303  # by two people: nothing more happens


def test_what_is_not_true_any_more_cannot_be_taken_but_put_away(entry: CalendarEntry, client: FlaskClient) -> None:
    old = a_kept_reply(entry, stamped=NOW - timedelta(hours=1))
    receive(a_message(a_calendar(entry.uid, stamped="20300501T113000Z")))
    signed_in_as(client, Role.ORGANISER)

    page = client.post(f"/staff/mail/to-look-at/{old.id}", data={"take": "1"}, follow_redirects=True).text
    assert "says nothing any more" in page
    assert "Take the answer" not in page
    assert stored_answer() is CalendarAnswer.ACCEPTED

    client.post(f"/staff/mail/to-look-at/{old.id}")
    assert kept() == []


def test_a_viewer_neither_sees_nor_settles_it(entry: CalendarEntry, client: FlaskClient) -> None:
    one = a_kept_reply(entry)
    signed_in_as(client, Role.VIEWER)

    assert "to-look-at" not in client.get("/staff/mail").text
    assert client.get("/staff/mail/to-look-at").status_code == 403
    assert client.post(f"/staff/mail/to-look-at/{one.id}").status_code == 403


def test_answers_are_counted_on_the_overview_and_listed_by_what_was_said(
    entry: CalendarEntry, client: FlaskClient
) -> None:
    receive(a_message(a_calendar(entry.uid, partstat="DECLINED")))
    bo = a_registration(entry.session, given_name="Bo")
    a_calendar_entry(bo)
    signed_in_as(client, Role.VIEWER)

    overview = client.get("/staff/sessions/heat-en/").text
    assert re.search(r"answer=declined.*?No in the calendar.*?<strong>1</strong>", overview)
    only_no = client.get("/staff/sessions/heat-en/registrations?answer=declined").text
    assert "1–1 of 1" in only_no
    assert "Bo" in client.get("/staff/sessions/heat-en/registrations?answer=none").text
    assert "1–1 of 1" in client.get("/staff/sessions/heat-en/registrations?answer=none").text
    assert "1–2 of 2" in client.get("/staff/sessions/heat-en/registrations?answer=nonsense").text
