"""Mails that come back and complaints: who is left out of lists, at once or after three mails, and by whose word."""

from __future__ import annotations

import secrets
import time
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.factories import a_person, a_suppression, an_outbox_mail
from tests.incoming import a_report
from tests.mail import reports
from tests.mail.reports import BOUNCES, envelope
from tests.people.test_services import at_once
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.mail.answers import why_refused, why_undelivered
from webinar.mail.models import MailState, OutboxMail, Undelivered
from webinar.mail.services import try_again
from webinar.people.models import MailKind, Person, Suppression, SuppressionReason
from webinar.people.services.unsubscribe import unsubscribe_links
from webinar.worker.receiving import COMPLAINED, FOR_A_PERSON, receive

ANA = "ana@lisbon.example"
CAME_BACK = "1 of our mails came back."
LEFT_OUT = "1 of our mails came back; lists leave its address out from now on."
NONE_OF_OURS = "Ignored: it reports no mail of ours as lost."


@pytest.fixture(autouse=True)
def _an_address_for_bounces(app: Flask) -> None:
    app.config["MAIL_BOUNCES"] = BOUNCES


def a_sent_mail(to: str = ANA, person: Person | None = None, **more: object) -> OutboxMail:
    """Return a mail that a server took, with an envelope of its own; its token is known as ``bounce_token``."""
    token = secrets.token_hex(16)
    values = {"state": MailState.SENT, "sender": envelope(token), "bounce_token": token, **more}
    return an_outbox_mail(to, person_id=person.id if person else None, **values)  # type: ignore[arg-type]


def sender_of(mail: OutboxMail) -> str:
    return envelope(mail.bounce_token or "")


def now_of(mail: OutboxMail) -> OutboxMail:
    found = db.session.get(OutboxMail, mail.id, populate_existing=True)
    assert found is not None
    return found


def suppressed() -> list[tuple[int, MailKind | None, SuppressionReason]]:
    """Return who is not to be written what."""
    db.session.expire_all()
    rows = db.session.scalars(select(Suppression).where(Suppression.lifted_at.is_(None)).order_by(Suppression.id))
    return [(one.person_id, one.kind, one.reason) for one in rows]


def test_an_address_at_which_nobody_is_is_left_out_of_lists_at_once(app: Flask) -> None:
    ana = a_person(ANA)
    mail = a_sent_mail(person=ana)

    assert receive(reports.of_postfix(sender_of(mail), ANA)) == LEFT_OUT

    assert suppressed() == [(ana.id, None, SuppressionReason.DOES_NOT_WORK)]
    found = now_of(mail)
    assert (found.state, found.undelivered) == (MailState.REFUSED, Undelivered.NO_MAILBOX)
    assert found.server_said.startswith("came back: 550 5.1.1 <ana@lisbon.example>")
    assert db.session.scalars(select(Suppression.source)).one() == f"mail {mail.id}"


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(reports.of_exim, id="Exim, whose status says nothing"),
        pytest.param(reports.of_qmail, id="qmail, in words alone"),
    ],
)
def test_reports_of_other_shapes_say_the_same(app: Flask, report: object) -> None:
    ana = a_person(ANA)
    mail = a_sent_mail(person=ana)

    assert receive(report(sender_of(mail), ANA)) == LEFT_OUT  # type: ignore[operator]

    assert suppressed() == [(ana.id, None, SuppressionReason.DOES_NOT_WORK)]
    assert now_of(mail).state is MailState.REFUSED


def test_an_address_that_does_not_work_for_now_is_left_out_after_three_different_mails(app: Flask) -> None:
    ana = a_person(ANA)
    mails = [a_sent_mail(person=ana) for _number in range(3)]
    full = [reports.of_postfix(sender_of(mail), ANA, status="5.2.2", said="552 5.2.2 Over quota") for mail in mails]

    assert [receive(full[0]), receive(full[0]), receive(full[1])] == [CAME_BACK, NONE_OF_OURS, CAME_BACK]
    assert suppressed() == []
    assert receive(full[2]) == LEFT_OUT
    assert suppressed() == [(ana.id, None, SuppressionReason.DOES_NOT_WORK)]


def test_who_is_written_to_again_has_three_mails_again(app: Flask) -> None:
    ana = a_person(ANA)
    for _number in range(3):
        receive(reports.of_postfix(sender_of(a_sent_mail(person=ana)), ANA, status="4.2.2"))
    with transaction():
        db.session.scalars(select(Suppression)).one().lifted_at = clock.now()

    with time_machine.travel(clock.now() + timedelta(days=1)):
        said = [
            receive(reports.of_postfix(sender_of(a_sent_mail(person=ana)), ANA, status="4.2.2")) for _time in range(3)
        ]

    assert said == [CAME_BACK, CAME_BACK, LEFT_OUT]


def test_mails_that_failed_for_now_half_a_year_ago_no_longer_count(app: Flask) -> None:
    ana = a_person(ANA)
    for _number in range(2):
        long_ago = clock.now() - timedelta(days=181)
        a_sent_mail(
            person=ana,
            state=MailState.GIVEN_UP,
            sent_at=None,
            undelivered=Undelivered.FOR_NOW,
            undelivered_at=long_ago,
        )

    assert receive(reports.of_postfix(sender_of(a_sent_mail(person=ana)), ANA, status="4.2.2")) == CAME_BACK
    assert suppressed() == []


def test_what_a_server_does_not_want_says_nothing_about_the_address(app: Flask) -> None:
    ana = a_person(ANA)
    for _number in range(4):
        mail = a_sent_mail(person=ana)
        assert receive(reports.of_postfix(sender_of(mail), ANA, status="5.7.1")) == CAME_BACK

    assert (suppressed(), now_of(mail).undelivered) == ([], Undelivered.OTHER)


def test_the_old_address_of_somebody_who_was_merged_says_nothing_about_the_new_one(app: Flask) -> None:
    ana, old = a_person(ANA), a_person("a@lisbon.example")
    with transaction():
        db.session.get_one(Person, old.id).merged_into_id = ana.id
    mail = a_sent_mail("a@lisbon.example", person=ana)

    receive(reports.of_postfix(sender_of(mail), "a@lisbon.example"))

    assert suppressed() == [(old.id, None, SuppressionReason.DOES_NOT_WORK)]


def test_an_address_behind_which_another_failed_is_not_left_out_at_once(app: Flask) -> None:
    a_person(ANA)
    mail = a_sent_mail()

    assert receive(reports.of_postfix(sender_of(mail), "one-of-many@lisbon.example")) == CAME_BACK
    assert (suppressed(), now_of(mail).undelivered) == ([], Undelivered.FOR_NOW)


def test_a_mail_that_is_sent_again_did_arrive_as_far_as_anybody_knows(app: Flask) -> None:
    mail = a_sent_mail()
    receive(reports.of_postfix(sender_of(mail), ANA, status="5.7.1"))

    with transaction():
        try_again(mail.id)

    found = now_of(mail)
    assert (found.undelivered, found.undelivered_at) == (None, None)


@pytest.mark.parametrize(
    "header", ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To"]
)
def test_whom_it_was_handed_to_stands_in_one_of_several_headers(app: Flask, header: str) -> None:
    a_person(ANA)
    mail = a_sent_mail()
    report = reports.of_qmail("answers@webinar.internal", ANA, more=f"{header}: <{sender_of(mail).upper()}>")

    assert receive(report) == LEFT_OUT


def test_whom_it_was_handed_to_is_taken_from_the_mail_server_where_it_tells(app: Flask) -> None:
    a_person(ANA)
    mail = a_sent_mail()

    assert receive(reports.of_qmail("webinars@example.org", ANA), sender_of(mail)) == LEFT_OUT


def test_without_an_envelope_the_message_id_and_the_address_must_be_right(app: Flask) -> None:
    app.config["MAIL_BOUNCES"] = ""
    ana = a_person(ANA)
    mail = an_outbox_mail(ANA, state=MailState.SENT, person_id=ana.id)

    assert receive(a_report(mail.message_id, "eve@evil.example")) == NONE_OF_OURS
    assert receive(reports.of_qmail(BOUNCES, ANA)) == NONE_OF_OURS
    assert suppressed() == []
    assert receive(a_report(mail.message_id, ANA)) == LEFT_OUT


@pytest.mark.parametrize(
    ("report", "said"),
    [
        pytest.param(reports.of_postfix(envelope("0" * 32), ANA), NONE_OF_OURS, id="a token of no mail"),
        pytest.param(reports.of_postfix(envelope("x" * 32), ANA), NONE_OF_OURS, id="no token"),
        pytest.param(reports.of_postfix(BOUNCES, ANA), NONE_OF_OURS, id="no envelope of ours"),
        pytest.param(reports.of_qmail(envelope("0" * 32), ANA), NONE_OF_OURS, id="words about no mail"),
        pytest.param(b"", FOR_A_PERSON, id="nothing"),
    ],
)
def test_a_report_about_an_unknown_mail_changes_nothing(app: Flask, report: bytes, said: str) -> None:
    a_person(ANA)
    mail = a_sent_mail()

    assert receive(report) == said
    assert (suppressed(), now_of(mail).state) == ([], MailState.SENT)


def test_what_is_no_failure_changes_nothing_even_at_the_envelope_of_a_mail(app: Flask) -> None:
    a_person(ANA)
    mail = a_sent_mail()
    to = sender_of(mail)
    forged = reports.of_qmail(to, ANA).replace(b"Return-Path: <>", b"Return-Path: <eve@evil.example>")
    by_a_person = reports.of_qmail(to, ANA).replace(b"MAILER-DAEMON@mx.lisbon.example", b"eve@evil.example")
    late = reports.of_qmail(to, ANA).replace(b"failure notice", b"Warning: message delayed 24 hours")

    said = [
        receive(message)
        for message in (
            reports.of_postfix(to, ANA, action="delayed", status="4.4.1"),
            reports.of_postfix(to, ANA, action="relayed", status="2.0.0"),
            reports.receipt(to, ANA),
            reports.on_holiday(to, ANA),
            forged,
            by_a_person,
            late,
        )
    ]

    program = "Ignored: a program wrote it."
    assert said == [NONE_OF_OURS, NONE_OF_OURS, NONE_OF_OURS, program, FOR_A_PERSON, program, program]
    assert (suppressed(), now_of(mail).state) == ([], MailState.SENT)


def test_hostile_reports_cost_little_and_change_nothing(app: Flask) -> None:
    a_person(ANA)
    mail = a_sent_mail()
    whole = reports.of_postfix(sender_of(mail), ANA)
    block = b"\r\n\r\nFinal-Recipient: rfc822; x@y.example\r\nAction: failed\r\nStatus: 5.1.1"
    nested = whole.replace(b"Content-Type: message/delivery-status", b"Content-Type: message/rfc822\r\n\r\n" + whole, 1)
    began = time.process_time()

    for hostile in (
        whole + b"x" * (1 << 20),
        b"Delivered-To: " + b"bounces+" * 100_000 + b"\r\n" + reports.of_qmail(BOUNCES, ANA),
        reports.of_qmail(envelope("1" * 32), ANA, said="5.1.1 " * 100_000),
        reports.of_qmail(envelope("1" * 32), ANA, said="5." * 200_000),
        reports.of_postfix(envelope("1" * 32), ANA).replace(b"Diagnostic-Code", block * 1000 + b"\r\nDiagnostic-Code"),
        nested.replace(sender_of(mail).encode(), BOUNCES.encode()),
        reports.of_a_provider(mail_from="bounces+" * 10_000),
    ):
        receive(hostile)

    assert time.process_time() - began < 5
    assert (suppressed(), now_of(mail).state) == ([], MailState.SENT)


@pytest.mark.parametrize(
    "odd", [b"\x00", b"\xff\xfe", "\u202e\ud83d\ude00".encode("utf-8", "surrogatepass"), b"=?utf-8?b?AA==?="]
)
def test_odd_bytes_in_what_a_server_said_are_stored_as_they_can_be(app: Flask, odd: bytes) -> None:
    ana = a_person(ANA)
    told, in_words = a_sent_mail(person=ana), a_sent_mail(person=ana)

    report = reports.of_postfix(sender_of(told), ANA, status="4.2.2", said="452 4.2.2 full ODD")
    assert receive(report.replace(b"ODD", odd)) == CAME_BACK
    report = reports.of_qmail(sender_of(in_words), ANA, said="452 4.2.2 full ODD")
    assert receive(report.replace(b"ODD", odd)) == CAME_BACK
    for kind in (reports.of_a_provider(message_id="<ODD@x>"), reports.of_a_provider(mail_from="ODD")):
        assert receive(kind.replace(b"ODD", odd)) == "Ignored: it complains about no mail of ours."

    assert now_of(told).server_said.startswith("came back: 452 4.2.2 full")
    assert now_of(in_words).server_said.startswith("came back: 452 4.2.2 full")


@pytest.mark.parametrize("by", ["envelope", "message-id"])
def test_a_complaint_stops_what_is_promotional_and_nothing_else(app: Flask, by: str) -> None:
    ana = a_person(ANA)
    mail = a_sent_mail(person=ana)
    report = reports.of_a_provider(
        mail_from=sender_of(mail) if by == "envelope" else "", message_id="" if by == "envelope" else mail.message_id
    )

    assert [receive(report), receive(report)] == [COMPLAINED, COMPLAINED]

    assert suppressed() == [
        (ana.id, MailKind.INVITATIONS, SuppressionReason.COMPLAINT),
        (ana.id, MailKind.NEWSLETTER, SuppressionReason.COMPLAINT),
    ]
    assert now_of(mail).state is MailState.SENT


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(reports.of_a_provider(mail_from=envelope("0" * 32)), id="of an unknown envelope"),
        pytest.param(reports.of_a_provider(message_id="<unknown@example.org>"), id="of an unknown Message-ID"),
        pytest.param(reports.of_a_provider(), id="of nothing"),
    ],
)
def test_a_complaint_about_no_mail_of_ours_changes_nothing(app: Flask, report: bytes) -> None:
    a_person(ANA)
    a_sent_mail()

    assert receive(report) == "Ignored: it complains about no mail of ours."
    assert suppressed() == []


def test_that_a_mail_was_wanted_after_all_is_no_complaint(app: Flask) -> None:
    mail = a_sent_mail(person=a_person(ANA))

    assert receive(reports.of_a_provider(sender_of(mail), kind="not-spam")) == NONE_OF_OURS
    assert suppressed() == []


def test_a_mail_to_unsubscribe_counts(app: Flask) -> None:
    ana = a_person(ANA)
    with transaction():
        token = unsubscribe_links([ana.id], MailKind.NEWSLETTER)[ana.id]

    said = [receive(reports.to_unsubscribe(token)), receive(reports.to_unsubscribe(token))]

    assert said == ["Somebody unsubscribed.", "Somebody unsubscribed once more; it stood already."]
    assert suppressed() == [(ana.id, MailKind.NEWSLETTER, SuppressionReason.UNSUBSCRIBED)]


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("unsubscribe " + "x" * 43, "Ignored: it names no link to unsubscribe that we gave."),
        ("Re: unsubscribe {}", "Ignored: a program wrote it."),
        ("unsubscribe me", "Ignored: a program wrote it."),
    ],
)
def test_other_mails_to_unsubscribe_change_nothing(app: Flask, subject: str, said: str) -> None:
    ana = a_person(ANA)
    with transaction():
        token = unsubscribe_links([ana.id], MailKind.NEWSLETTER)[ana.id]

    assert receive(reports.to_unsubscribe(token, subject=subject)) == said
    assert suppressed() == []


def test_who_is_left_out_already_stays_so_for_the_reason_that_was_first(app: Flask) -> None:
    ana = a_person(ANA)
    a_suppression(ana, reason=SuppressionReason.BY_HAND)

    assert receive(reports.of_postfix(sender_of(a_sent_mail(person=ana)), ANA)) == CAME_BACK
    assert suppressed() == [(ana.id, None, SuppressionReason.BY_HAND)]


def test_two_mails_that_come_back_at_once_count_as_two(app: Flask) -> None:
    ana = a_person(ANA)
    waiting = [sender_of(a_sent_mail(person=ana)) for _number in range(3)]
    said: list[str] = []

    faults = at_once(app, 3, lambda: said.append(receive(reports.of_postfix(waiting.pop(), ANA, status="4.2.2"))))

    assert (faults, sorted(said)) == ([], [CAME_BACK, CAME_BACK, LEFT_OUT])
    assert suppressed() == [(ana.id, None, SuppressionReason.DOES_NOT_WORK)]


def test_the_command_is_told_whom_a_message_was_handed_to(app: Flask) -> None:
    a_person(ANA)
    mail = a_sent_mail()
    report = reports.of_qmail("webinars@example.org", ANA)

    ran = [
        app.test_cli_runner().invoke(args=["mail", "receive", *option], input=report)
        for option in ([], ["--recipient", ""], ["--recipient", sender_of(mail)], ["--recipient", "x" * 100_000])
    ]

    assert [run.exit_code for run in ran] == [0] * 4
    assert [run.output.strip() for run in ran] == [NONE_OF_OURS, NONE_OF_OURS, LEFT_OUT, NONE_OF_OURS]


NO_MAILBOX, FOR_NOW, OTHER = Undelivered.NO_MAILBOX, Undelivered.FOR_NOW, Undelivered.OTHER


@pytest.mark.parametrize(
    ("status", "said", "why"),
    [
        ("5.1.1", "550 User unknown", NO_MAILBOX),
        ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", NO_MAILBOX),
        ("5.1.2", "Host or domain name not found", NO_MAILBOX),
        ("5.2.1", "550 5.2.1 The account is disabled", NO_MAILBOX),
        ("5.1.8", "550 5.1.8 Sender address rejected: Domain not found", OTHER),
        ("5.2.2", "552 5.2.2 Mailbox full", FOR_NOW),
        ("4.2.2", "452 4.2.2 Mailbox full", FOR_NOW),
        ("4.4.7", "delivery time expired", FOR_NOW),
        ("5.4.4", "Name service error for name=gone.example type=AAAA: Host not found", FOR_NOW),
        ("5.7.26", "550-5.7.26 This mail is unauthenticated", OTHER),
        ("5.3.4", "552 5.3.4 Message size exceeds fixed limit", OTHER),
        ("5.0.0", "550 5.1.1 <ana@lisbon.example> User unknown", NO_MAILBOX),
        ("5.0.0", "550 No such user here", FOR_NOW),
        ("5.0.0 (undefined)", "554 rejected by 5.9.1.2 and 192.0.2.5.1.1", FOR_NOW),
        ("", "554 rejected", OTHER),
        ("", "", FOR_NOW),
        ("x", "550-5.1.1 The email account that you tried to reach does not exist", NO_MAILBOX),
        ("2.0.0", "250 2.0.0 fine", OTHER),
    ],
)
def test_what_a_report_says_about_an_address(status: str, said: str, why: Undelivered) -> None:
    assert why_undelivered(said, status) is why


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("550 5.1.1 User unknown", NO_MAILBOX),
        ("550 5.2.1 Mailbox disabled", NO_MAILBOX),
        ("452 4.2.2 Mailbox full", FOR_NOW),
        ("450 4.4.1 No answer from host", FOR_NOW),
        ("550 relay not permitted", OTHER),
        ("451 4.3.0 Queue file write error", OTHER),
        ("450 4.7.1 Greylisted", OTHER),
        ("554 5.7.1 Relay access denied", OTHER),
    ],
)
def test_what_our_own_server_may_say_of_itself_says_nothing_about_the_address(said: str, why: Undelivered) -> None:
    assert why_refused(said) is why
