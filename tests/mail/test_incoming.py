"""Mail from outside: what is read of it, and that nothing of it costs much or is believed too easily."""

from __future__ import annotations

import contextlib
import time

import icalendar
import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from tests.factories import an_outbox_mail
from tests.incoming import SERVER, a_calendar, a_message, a_report, an_outlook_reply
from webinar.calendars.replies import NoReply, Reply, read_reply
from webinar.foundation.db import db
from webinar.mail.bounces import take_failures
from webinar.mail.incoming import CalendarText, Unreadable, read_incoming
from webinar.mail.models import MailState, OutboxMail

UID = "0b6d6c5e-1111-4222-8333-444455556666"


def read(calendar: str, method: str = "REPLY") -> Reply:
    return read_reply(CalendarText(method, calendar))


def test_an_answer_is_read_as_common_calendars_send_it() -> None:
    incoming = read_incoming(an_outlook_reply(UID, "ana@lisbon.example"), SERVER)
    assert incoming.calendar is not None
    reply = read_reply(incoming.calendar)

    assert (incoming.sender, incoming.is_vouched_for) == ("ana@lisbon.example", True)
    assert (reply.uid, reply.partstat, reply.attendee) == (UID, "DECLINED", "ana@lisbon.example")
    assert (reply.organizer, reply.comment) == ("", "Sorry, another meeting.")


def test_a_calendar_that_is_only_attached_is_read_and_a_file_name_alone_makes_none() -> None:
    attached = a_message(a_calendar(UID), attached_only=True)

    assert read_incoming(attached, SERVER).calendar is not None
    assert read_incoming(attached.replace(b"application/ics", b"application/pdf"), SERVER).calendar is None


@pytest.mark.parametrize(
    ("results", "is_vouched_for"),
    [
        ("mx.example.org; dmarc=pass header.from=lisbon.example", True),
        ("mx.example.org 1; spf=fail; dkim=pass (2048-bit key) header.d=lisbon.example", True),
        ("mx.example.org; dkim=pass header.i=@mail.example header.d=example", False),
        ("mx.example.org; dkim=pass header.d=evil.example", False),
        ("mx.example.org; dmarc=pass header.from=evil.example", False),
        ("mx.example.org; spf=pass smtp.mailfrom=lisbon.example", False),
        ("mx.evil.example; dmarc=pass header.from=lisbon.example", False),
        ("mx.example.org; dmarc=fail (x; dmarc=pass header.from=lisbon.example)", False),
        ('mx.example.org; dmarc=fail reason="; dmarc=pass header.from=lisbon.example"', False),
        ("mx.example.org; none", False),
        (";;;;", False),
        (None, False),
    ],
)
def test_only_our_own_mail_server_vouches_for_a_sender(results: str | None, is_vouched_for: bool) -> None:
    assert read_incoming(a_message(a_calendar(UID), results=results), SERVER).is_vouched_for is is_vouched_for


def test_without_a_mail_server_of_ours_nobody_is_vouched_for() -> None:
    message = a_message(a_calendar(UID), results="; dmarc=pass header.from=lisbon.example")

    assert not read_incoming(message, "").is_vouched_for


@pytest.mark.parametrize(
    ("sender", "understood"),
    [
        ("ANA@Lisbon.example", "ana@lisbon.example"),
        ('"ana@x.example" <ana@lisbon.example>', "ana@lisbon.example"),
        ("a@x.example, ana@lisbon.example", ""),
        ("a@x.example <ana@lisbon.example> <b@x.example>", ""),
        ("ana@lisbon.example\r\nFrom: b@x.example", ""),
        ("Ana", ""),
        ("", ""),
    ],
)
def test_a_sender_is_one_address_or_nobody(sender: str, understood: str) -> None:
    assert read_incoming(a_message(a_calendar(UID), sender=sender), SERVER).sender == understood


@pytest.mark.parametrize(
    "headers",
    ["Auto-Submitted: auto-replied (vacation)\r\n", "Precedence: bulk\r\n", "Return-Path: <>\r\n"],
)
def test_what_a_program_wrote_is_known_by_its_marks(headers: str) -> None:
    assert read_incoming(a_message(a_calendar(UID), headers=headers), SERVER).is_automatic


def test_what_a_person_wrote_is_not() -> None:
    assert not read_incoming(a_message(a_calendar(UID), headers="Auto-Submitted: no\r\n"), SERVER).is_automatic


NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number) for number in range(1000)
)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"From: a@b.example\r\n\r\n" + b"x" * (1 << 20), id="larger than a megabyte"),
        pytest.param(b"From: a@b.example\r\n" + NESTED, id="a thousand parts within each other"),
        pytest.param(b"From: a@b.example\r\n\r\n" + b"\n" * 100_000, id="a hundred thousand lines"),
        pytest.param(a_message(b"x" * (64 * 1024 + 1)), id="a calendar of more than 64 KB"),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 25,
            id="25 parts",
        ),
    ],
)
def test_what_no_mail_program_sends_is_not_read_and_costs_little(content: bytes) -> None:
    began = time.process_time()

    with pytest.raises(Unreadable):
        read_incoming(content, SERVER)

    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 30_000, id="empty parts"),
        pytest.param(b"A: b\r\n" * 39_000 + b"\r\n", id="headers"),
        pytest.param(b"From: " + b"<" * 900_000 + b"\r\n\r\n", id="brackets"),
        pytest.param(b"Authentication-Results: mx.example.org; " + b"(" * 900_000 + b"\r\n\r\n", id="comments"),
        pytest.param(a_message("BEGIN:VCALENDAR\n" * 4000), id="calendars"),
        pytest.param(a_message("X" + ';A="' * 16_000), id="parameters"),
        pytest.param(a_message("X" + ";A=b,c" * 10_000), id="values"),
        pytest.param(a_message("\r\n " * 20_000), id="folds"),
    ],
)
def test_hostile_messages_cost_little(content: bytes) -> None:
    began = time.process_time()

    with contextlib.suppress(Unreadable, NoReply):
        read_reply(read_incoming(content, SERVER).calendar or CalendarText("", ""))
        pytest.fail("it was understood")

    assert time.process_time() - began < 2


@given(st.binary(max_size=3000))
@example(b"Content-Type: multipart/mixed\r\n\r\n--\r\n")
@example(b"Content-Type: text/calendar; charset=utf-7\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!=")
@example(b"Content-Type: message/delivery-status\r\n\r\n\x00\xff")
@example(b"From: =?utf-8?b?gA==?=\r\nContent-Type: =?x?q?y?=; charset*=x''%ff\r\n\r\n")
def test_no_bytes_bring_the_reader_down(content: bytes) -> None:
    read = None
    with contextlib.suppress(Unreadable):
        read = read_incoming(content, SERVER)

    assert read is None or not read.is_vouched_for
    assert read is None or read.sender == "" or "@" in read.sender


LINES = [
    "BEGIN:VCALENDAR",
    "END:VCALENDAR",
    "BEGIN:VEVENT",
    "END:VEVENT",
    "METHOD:REPLY",
    "UID:x",
    "SEQUENCE:1",
    "SEQUENCE:-1",
    "DTSTAMP:x",
    "ATTENDEE:",
    "DTSTAMP;TZID=Europe/Madrid:20300101T000000",
    "DTSTART:00010101T000000Z",
    "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.c",
    "COMMENT:",
    "ORGANIZER;CN=:",
    "COMMENT:\\",
]


@given(
    st.lists(
        st.sampled_from(LINES) | st.text(max_size=40),
        max_size=14,
    )
)
def test_no_calendar_brings_the_reader_down(lines: list[str]) -> None:
    text = "\r\n".join(["BEGIN:VCALENDAR", "METHOD:COUNTER", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"])
    for one in (text, "\r\n".join(lines)):
        try:
            reply = read(one, "")
        except NoReply:
            continue
        assert reply.method in {"REPLY", "COUNTER", "REFRESH"}


@given(name=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=100), sequence=st.integers(0, 2**31 - 1))
def test_what_a_calendar_library_writes_is_read_as_it_was_meant(name: str, sequence: int) -> None:
    event = icalendar.Event()
    attendee = icalendar.vCalAddress("mailto:ana@lisbon.example")
    attendee.params["CN"] = name.replace('"', "") or "Ana"
    attendee.params["PARTSTAT"] = "TENTATIVE"
    event.add("attendee", attendee)
    event.add("uid", UID)
    event.add("sequence", sequence)
    event.add("comment", name)
    calendar = icalendar.Calendar()
    calendar.add("method", "REPLY")
    calendar.add_component(event)

    reply = read(calendar.to_ical().decode())

    assert (reply.uid, reply.sequence, reply.partstat) == (UID, sequence, "TENTATIVE")
    assert reply.attendee == "ana@lisbon.example"


@pytest.mark.parametrize(
    "calendar",
    [
        pytest.param(a_calendar(UID, method="REQUEST"), id="an invitation"),
        pytest.param(a_calendar(UID, events=2), id="two events"),
        pytest.param(a_calendar(UID, more="ATTENDEE;PARTSTAT=DECLINED:mailto:bo@lisbon.example"), id="two people"),
        pytest.param(a_calendar(UID, attendee=""), id="nobody"),
        pytest.param(a_calendar(""), id="no entry"),
        pytest.param(a_calendar(UID, more="UID:other"), id="two entries"),
        pytest.param(a_calendar(UID, sequence=2**31), id="a sequence beyond all"),
        pytest.param(a_calendar(UID, sequence=-1), id="a sequence below all"),
        pytest.param(a_calendar(UID) * 2, id="two calendars"),
        pytest.param(a_calendar(UID).replace("END:VEVENT\r\n", ""), id="an event without an end"),
        pytest.param(a_calendar(UID, more="METHOD:REPLY").replace("METHOD:REPLY\r\n", "", 1), id="method inside"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_not_one_answer_of_one_person_to_one_entry_is_none(calendar: str) -> None:
    with pytest.raises(NoReply):
        read(calendar)


def test_two_methods_that_contradict_each_other_are_none() -> None:
    with pytest.raises(NoReply):
        read(a_calendar(UID), "REQUEST")


def test_a_mail_that_came_back_counts_as_refused_or_given_up_and_says_why(app: Flask) -> None:
    for name, status, state in (("gone", "5.1.1", MailState.REFUSED), ("full", "4.2.2", MailState.GIVEN_UP)):
        mail = an_outbox_mail(f"{name}@lisbon.example", state=MailState.SENT)
        report = read_incoming(a_report(mail.message_id, f"{name}@lisbon.example", status=status), "")

        assert take_failures(report.failures).mails == 1
        found = db.session.get(OutboxMail, mail.id, populate_existing=True)
        assert found is not None
        assert (found.state, found.server_said) == (state, f"came back: 550 {status} User unknown")
        assert take_failures(report.failures).mails == 0


def test_reports_of_delays_of_others_mails_and_of_other_addresses_change_nothing(app: Flask) -> None:
    mail = an_outbox_mail("ana@lisbon.example", state=MailState.SENT)
    waiting = an_outbox_mail("bo@lisbon.example")
    for report in (
        a_report(mail.message_id, "ana@lisbon.example", action="delayed", status="4.2.2"),
        a_report("<unknown@example.org>", "ana@lisbon.example"),
        a_report(mail.message_id, "eve@evil.example"),
        a_report(waiting.message_id, "bo@lisbon.example"),
    ):
        assert take_failures(read_incoming(report, "").failures).mails == 0
