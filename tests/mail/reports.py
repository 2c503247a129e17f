"""Reports of mail servers as the known ones write them, about one mail of ours; and complaints of mail providers."""

from __future__ import annotations

BOUNCES = "bounces@example.org"


def envelope(token: str) -> str:
    """Return the address that the report of a mail comes to."""
    return f"bounces+{token}@example.org"


def of_postfix(to: str, address: str, *, status: str = "5.1.1", said: str = "", action: str = "failed") -> bytes:
    """Return what Postfix writes: all three parts, and the mail that came back as its headers."""
    said = said or f"550 {status} <{address}>: Recipient address rejected: User unknown"
    return _joined(
        "Return-Path: <>",
        f"X-Original-To: {to}",
        f"Delivered-To: {to}",
        "From: MAILER-DAEMON@mx.lisbon.example (Mail Delivery System)",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B/mx"',
        "",
        "--B/mx",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        f"<{address}>: host mx.lisbon.example said: {said}",
        "--B/mx",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mail.example.org",
        "",
        f"Final-Recipient: rfc822; {address}",
        f"Original-Recipient: rfc822;{address}",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; {said}",
        "",
        "--B/mx--",
        "",
    )


def of_exim(to: str, address: str) -> bytes:
    """Return what Exim writes: the status says nothing, the words do."""
    return of_postfix(to, address, status="5.0.0", said="550-5.1.1 The account that you tried to reach does not exist")


def of_qmail(to: str, address: str, *, said: str = "Remote host said: 550 5.1.1 No such user", more: str = "") -> bytes:
    """Return what qmail writes: words alone."""
    return _joined(
        "Return-Path: <>",
        f"Delivered-To: {to}",
        *([more] if more else []),
        "From: MAILER-DAEMON@mx.lisbon.example",
        f"To: {to}",
        "Subject: failure notice",
        "",
        "Hi. This is the qmail-send program at mx.lisbon.example.",
        "I'm afraid I wasn't able to deliver your message to the following addresses.",
        "",
        f"<{address}>:",
        said,
        "",
    )


def on_holiday(to: str, address: str) -> bytes:
    """Return what a mailbox answers while its owner is away: to the envelope, and from nobody (RFC 3834)."""
    return _joined(
        "Return-Path: <>",
        f"Delivered-To: {to}",
        f"From: Ana <{address}>",
        f"To: {to}",
        "Subject: Out of office",
        "Auto-Submitted: auto-replied",
        "",
        "I am away until 5.1.2031. Room 550.",
        "",
    )


def receipt(to: str, address: str) -> bytes:
    """Return the report that a mail was opened (RFC 8098), which is none of a failure."""
    return _joined(
        "Return-Path: <>",
        f"Delivered-To: {to}",
        f"From: Ana <{address}>",
        f"To: {to}",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=B",
        "",
        "--B",
        "Content-Type: text/plain",
        "",
        "The mail was deleted without being read. 550 5.1.1",
        "--B",
        "Content-Type: message/disposition-notification",
        "",
        f"Final-Recipient: rfc822; {address}",
        "Disposition: automatic-action/MDN-sent-automatically; deleted",
        "",
        "--B--",
        "",
    )


def of_a_provider(mail_from: str = "", message_id: str = "", *, kind: str = "abuse") -> bytes:
    """Return the complaint that a provider passes on (RFC 5965), with the address of who complained taken out."""
    return _joined(
        "From: staff@hotmail.example",
        "To: abuse@example.org",
        "Subject: complaint about message from 192.0.2.1",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=feedback-report; boundary=B",
        "",
        "--B",
        "Content-Type: text/plain",
        "",
        "This is an email abuse report.",
        "--B",
        "Content-Type: message/feedback-report",
        "",
        f"Feedback-Type: {kind}",
        "User-Agent: SomeGenerator/1.0",
        "Version: 1",
        *([f"Original-Mail-From: <{mail_from}>"] if mail_from else []),
        "Original-Rcpt-To: <redacted@hotmail.example>",
        "",
        "--B",
        "Content-Type: message/rfc822",
        "",
        "From: webinars@example.org",
        "To: redacted@hotmail.example",
        *([f"Message-ID: {message_id}"] if message_id else []),
        "Subject: Come to our webinar",
        "",
        "Good day.",
        "--B--",
        "",
    )


def to_unsubscribe(token: str, *, subject: str = "unsubscribe {}") -> bytes:
    """Return the mail that a mail program sends for its button."""
    return _joined(
        "From: Ana <ana@lisbon.example>",
        "To: bounces@example.org",
        f"Subject: {subject.format(token)}",
        "Auto-Submitted: auto-generated",
        "",
        "This message was automatically generated.",
        "",
    )


def _joined(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()
