"""A mail's bytes, read back by parsers that are not ours."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

import pytest
import vobject
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webinar.mail.message import (
    CalendarPart,
    Mailbox,
    UndeliverableAddress,
    UnsafeHeader,
    build_message,
    new_message_id,
    open_message,
    sender,
)

STRICT = email.policy.SMTP.clone(raise_on_defect=True)
INVITATION = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tests//EN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
    "UID:4a1f\r\nDTSTAMP:20300501T100000Z\r\nDTSTART:20300514T120000Z\r\nDTEND:20300514T131500Z\r\n"
    "SUMMARY:Villes et été — القاهرة\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
).encode()


@pytest.fixture(scope="module")
def database_kind() -> str:
    """Messages are built without a database; once is enough."""
    return "sqlite"


@pytest.fixture(autouse=True)
def _application(app: Flask) -> None:
    """Messages are built inside an application."""


def a_message(
    *,
    subject: str = "Your place",
    name: str = "Ana Sousa",
    address: str = "ana@lisbon.example",
    text: str = "Good day",
    html: str = "<p>Good day</p>",
    from_: Mailbox | None = None,
    calendar: CalendarPart | None = None,
    references: str | None = None,
    message_id: str = "<1@example.org>",
) -> bytes:
    return build_message(
        subject=subject,
        text=text,
        html=html,
        from_=from_ or sender(),
        to=Mailbox(name, address),
        date=datetime(2030, 5, 1, 10, 0, tzinfo=UTC),
        message_id=message_id,
        calendar=calendar,
        references=references,
    )


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=STRICT)
    assert isinstance(message, EmailMessage)
    return message


def structure(message: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in message.walk()]


def header_of(content: bytes, name: str) -> str:
    """Return a header as RFC 2047 says, without the standard library's reading of structured headers."""
    folded = email.message_from_bytes(content, policy=email.policy.compat32)[name]
    return str(make_header(decode_header(re.sub(r"\r\n", "", folded))))


def test_a_mail_with_an_invitation_has_the_parts_that_calendars_look_for_in_their_order() -> None:
    content = a_message(calendar=CalendarPart("REQUEST", INVITATION))

    message = read(content)
    assert structure(message) == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    calendar = list(message.walk())[4]
    assert b"\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST; component=VEVENT\r\n" in content
    assert dict(calendar["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST", "component": "VEVENT"}
    assert calendar["Content-Disposition"] is None
    attachment = list(message.walk())[5]
    assert attachment.get_filename() == "invite.ics"
    assert attachment.get_content_disposition() == "attachment"
    assert attachment["Content-Type"].params["name"] == "invite.ics"


def test_both_copies_of_the_calendar_object_are_the_bytes_that_were_given() -> None:
    parts = list(read(a_message(calendar=CalendarPart("REQUEST", INVITATION))).walk())

    assert [parts[4].get_payload(decode=True), parts[5].get_payload(decode=True)] == [INVITATION, INVITATION]
    event = vobject.readOne(INVITATION.decode()).vevent
    assert event.dtstart.value == datetime(2030, 5, 14, 12, 0, tzinfo=event.dtstart.value.tzinfo)
    assert event.summary.value == "Villes et été — القاهرة"


def test_a_cancellation_says_so_in_its_type_and_its_file_name() -> None:
    content = INVITATION.replace(b"REQUEST", b"CANCEL")
    parts = list(read(a_message(calendar=CalendarPart("CANCEL", content))).walk())

    assert parts[4]["Content-Type"].params["method"] == "CANCEL"
    assert parts[5].get_filename() == "cancel.ics"


def test_a_mail_without_calendar_part_is_text_and_html_only() -> None:
    message = read(a_message())

    assert structure(message) == ["multipart/alternative", "text/plain", "text/html"]


def test_every_text_is_base64_in_short_lines_that_end_with_crlf() -> None:
    content = a_message(
        text="x" * 5000 + "\nب\r\nc\rd", html="<p>" + "é" * 5000, calendar=CalendarPart("REQUEST", INVITATION)
    )

    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert content.isascii()
    texts = [part for part in read(content).walk() if part.get_content_maintype() != "multipart"]
    assert {part["Content-Transfer-Encoding"] for part in texts} == {"base64"}
    assert texts[0].get_payload(decode=True) == ("x" * 5000 + "\r\nب\r\nc\r\nd").encode()


def test_the_headers_are_each_there_once_and_say_who_when_and_that_no_person_wrote_it() -> None:
    message = read(a_message(references="<0@example.org>"))

    assert sorted(message.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "References", "Content-Type"]
    )
    assert message["From"] == "Metropolis <webinars@example.org>"
    assert message["To"] == "Ana Sousa <ana@lisbon.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["References"] == "<0@example.org>"
    assert message["MIME-Version"] == "1.0"
    assert parsedate_to_datetime(message["Date"]) == datetime(2030, 5, 1, 10, 0, tzinfo=UTC)


def test_a_new_message_id_is_of_the_senders_domain_and_never_the_same() -> None:
    first, second = new_message_id("example.org"), new_message_id("example.org")

    assert first != second
    assert re.fullmatch(r"<[^@<>\s]+@example\.org>", first)


def test_the_sender_may_bring_a_name_of_its_own(app: Flask) -> None:
    app.config["MAIL_DEFAULT_SENDER"] = '"Smith, John" <john@example.org>'

    assert sender() == Mailbox("Smith, John", "john@example.org")
    assert read(a_message())["From"] == '"Smith, John" <john@example.org>'


def test_a_domain_in_another_script_is_written_as_servers_know_it() -> None:
    message = read(a_message(address="ana@bücher.example"))

    assert message["To"].addresses[0].addr_spec == "ana@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("آنا@lisbon.example", "\u2068آنا@lisbon.example\u2069"),  # held apart, as it begins from the right
        ("", ""),
        ("ana", "ana"),
        ("@lisbon.example", "@lisbon.example"),
        ("ana@", "ana@"),
        ("a b@c.example", "a b@c.example"),
        ("ana@\u2068.example", "ana@.example"),
    ],
)
def test_an_address_that_cannot_be_sent_to_is_refused_with_a_sentence(address: str, shown: str) -> None:
    with pytest.raises(UndeliverableAddress) as refusal:
        a_message(address=address)

    assert str(refusal.value) == f"Mail cannot be sent to {shown}. Give an address in Latin letters."


@pytest.mark.parametrize("control", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x7f", "\ud800"])
@pytest.mark.parametrize("place", ["subject", "name", "message_id", "references"])
def test_line_breaks_and_controls_are_refused_in_every_header(place: str, control: str) -> None:
    with pytest.raises(UnsafeHeader):
        a_message(**{place: f"<a{control}X-Evil: 1@example.org>"})  # type: ignore[arg-type]


def test_line_breaks_are_refused_in_the_senders_name_and_in_addresses() -> None:
    with pytest.raises(UnsafeHeader):
        a_message(from_=Mailbox("Metropolis\r\nBcc: all@example.org", "webinars@example.org"))
    with pytest.raises(UndeliverableAddress):
        a_message(address="ana@lisbon.example\r\nBcc: all@example.org")


WILD = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200),
    st.sampled_from(
        [
            "Smith, John",
            'Ana "la Jefa" Sousa',
            "O'Neill; a: b <c@d.example>",
            "ana@lisbon.example",
            "=?utf-8?q?Bcc=3A?=",
            "نیلوفر حسینی",
            "\u2068نیلوفر\u2069 has a place",
            "김민준 👩‍👩‍👧‍👦",
            "a\\b(c)[d]",
            "x" * 10_000,
            "é" * 10_000,
            "ab " * 3_333 + "c",
            "🏙" * 2_500,
        ]
    ),
).map(lambda text: " ".join(text.split()) or "x")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(subject=WILD, name=WILD)
def test_any_subject_and_any_name_arrive_as_they_were_written(subject: str, name: str) -> None:
    content = a_message(subject=subject, name=name, calendar=CalendarPart("REQUEST", INVITATION))

    message = read(content)  # raises on any defect
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert message["Subject"] == subject
    assert header_of(content, "Subject") == subject
    raw = email.message_from_bytes(content, policy=email.policy.compat32)
    raw_name, address = parseaddr(re.sub(r"\r\n", "", raw["To"]))
    assert address == "ana@lisbon.example"
    assert str(make_header(decode_header(raw_name))) == name
    assert [one.addr_spec for one in message["To"].addresses] == ["ana@lisbon.example"]
    assert sorted(message.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "Content-Type"]
    )


def test_a_stored_mail_is_opened_into_what_a_reader_sees() -> None:
    opened = open_message(
        a_message(
            subject="Zürich, été",
            name="Ana, Sousa",
            text="Grüße",
            html="<p>été</p>",
            calendar=CalendarPart("REQUEST", INVITATION),
        )
    )

    assert opened.subject == "Zürich, été"
    assert opened.to == '"Ana, Sousa" <ana@lisbon.example>'
    assert opened.text.strip() == "Grüße"
    assert opened.html.strip() == "<p>été</p>"
    assert opened.calendar.encode() == INVITATION
    assert dict(opened.headers)["Auto-Submitted"] == "auto-generated"
