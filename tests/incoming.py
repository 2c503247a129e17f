"""Messages as mail servers hand them in: the answers that calendars send, after the shapes of the known ones."""

from __future__ import annotations

import base64
from email.message import EmailMessage

ORGANIZER = "webinars@example.org"
SERVER = "mx.example.org"


def a_calendar(
    uid: str,
    *,
    attendee: str = "ana@lisbon.example",
    partstat: str = "ACCEPTED",
    method: str = "REPLY",
    sequence: int | None = 0,
    stamped: str = "20300501T100000Z",
    organizer: str = ORGANIZER,
    more: str = "",
    events: int = 1,
) -> str:
    """Return a calendar object; ``more`` are lines of the event."""
    lines = ["BEGIN:VCALENDAR", "PRODID:-//Somebody//Calendar//EN", "VERSION:2.0", f"METHOD:{method}"]
    for _number in range(events):
        lines += ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{stamped}"]
        lines += [f"ATTENDEE;PARTSTAT={partstat};CN=Ana:mailto:{attendee}"] if attendee else []
        lines += [f"ORGANIZER:mailto:{organizer}"] if organizer else []
        lines += [f"SEQUENCE:{sequence}"] if sequence is not None else []
        lines += [*([more] if more else []), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def a_message(
    calendar: str | bytes,
    *,
    sender: str = "Ana <ana@lisbon.example>",
    results: str | None = f"{SERVER}; dmarc=pass (p=none) header.from=lisbon.example",
    mime_method: str = "REPLY",
    attached_only: bool = False,
    headers: str = "",
) -> bytes:
    """Return the mail around a calendar object: text beside it, and what the mail server found out on top."""
    content = calendar.encode() if isinstance(calendar, str) else calendar
    kind = (
        "application/ics; name=invite.ics" if attached_only else f'text/calendar; charset="UTF-8"; method={mime_method}'
    )
    found = f"Authentication-Results: {results}\r\n" if results else ""
    return (
        (
            f"{found}{headers}From: {sender}\r\nTo: {ORGANIZER}\r\nSubject: Accepted\r\n"
            "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: text/plain\r\n\r\nAna has answered.\r\n"
            f"--b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        ).encode()
        + base64.encodebytes(content).replace(b"\n", b"\r\n")
        + b"--b--\r\n"
    )


def a_report(message_id: str, address: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """Return the report of a mail server that could not deliver a mail (RFC 3464)."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.lisbon.example (Mail Delivery System)\r\n"
        f"To: {ORGANIZER}\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n"
        "--B\r\nContent-Type: text/plain\r\n\r\nuser unknown\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.lisbon.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} User unknown\r\n\r\n"
        "--B\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {message_id}\r\nSubject: Your place\r\n\r\n--B--\r\n"
    ).encode()


def an_outlook_reply(uid: str, address: str, *, partstat: str = "DECLINED", stamped: str = "20300501T100000Z") -> bytes:
    """Return an answer as Outlook and Exchange shape it: no organizer, a zone of its own."""
    calendar = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "METHOD:REPLY",
            "PRODID:Microsoft Exchange Server 2010",
            "VERSION:2.0",
            "BEGIN:VTIMEZONE",
            "TZID:W. Europe Standard Time",
            "BEGIN:STANDARD",
            "DTSTART:16010101T030000",
            "TZOFFSETFROM:+0200",
            "TZOFFSETTO:+0100",
            "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10",
            "END:STANDARD",
            "END:VTIMEZONE",
            "BEGIN:VEVENT",
            f'ATTENDEE;PARTSTAT={partstat};CN="Sousa, Ana: Lisbon":MAILTO:',
            f" {address.upper()}",
            "COMMENT;LANGUAGE=en-US:Sorry\\, another meeting.\\n",
            f"UID:{uid.upper()}",
            "SUMMARY;LANGUAGE=en-US:Declined: Heat",
            'DTSTART;TZID="W. Europe Standard Time":20300514T150000',
            f"DTSTAMP:{stamped}",
            "SEQUENCE:0",
            "X-MICROSOFT-CDO-APPT-SEQUENCE:0",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-PT15M",
            "END:VALARM",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
    message = EmailMessage()
    message["Authentication-Results"] = f"{SERVER}; dkim=pass header.d={address.rpartition('@')[2]}; spf=none"
    message["From"] = f'"Sousa, Ana" <{address}>'
    message["To"] = ORGANIZER
    message["Subject"] = "Declined: Heat"
    message.set_content("")
    message.add_alternative(calendar.encode(), maintype="text", subtype="calendar", params={"method": "REPLY"})
    return message.as_bytes()
