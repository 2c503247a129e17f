"""Storing a mail, reading the log, trying again, forgetting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.factories import LONG_AFTER, a_person, an_outbox_mail
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.mail.history import last_mails_about, order_keys_of, was_invited
from webinar.mail.message import CalendarPart, UndeliverableAddress, UnsafeHeader, open_message
from webinar.mail.models import MailState, MailTopic, OutboxMail
from webinar.mail.outbox import enqueue, write
from webinar.mail.queries import count_by_state, kinds, mail_log, mails_about, read_mail
from webinar.mail.rendering import Rendered
from webinar.mail.services import CannotTryAgain, erase_old_bytes, try_again

NOON = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
WORDS = Rendered("Your place", "Good day", "<p>Good day</p>")


def store(words: Rendered = WORDS, **more: object) -> OutboxMail:
    values: dict[str, object] = {
        "to": "ana@lisbon.example",
        "to_name": "Ana Sousa",
        "person_id": None,
        "topic": "session next-en",
        "language": "en",
        "keep_until": LONG_AFTER,
    }
    with transaction():
        return enqueue(write("confirmation", words, **{**values, **more}))  # type: ignore[arg-type]


@time_machine.travel(NOON, tick=False)
def test_a_mail_is_stored_with_the_bytes_that_will_leave(app: Flask) -> None:
    person = a_person()
    calendar = CalendarPart("REQUEST", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")

    mail = store(
        person_id=person.id, calendar=calendar, order_key="uid-1", references="<first@example.org>", urgent=True
    )

    opened = open_message(mail.message or b"")
    headers = dict(opened.headers)
    assert (opened.subject, opened.to, opened.from_) == (
        "Your place",
        "Ana Sousa <ana@lisbon.example>",
        "Metropolis <webinars@example.org>",
    )
    assert headers["Message-ID"] == mail.message_id
    assert headers["References"] == "<first@example.org>"
    assert headers["Date"] == "Wed, 01 May 2030 12:00:00 +0000"
    assert (mail.to_address, mail.sender, mail.calendar_method) == (
        "ana@lisbon.example",
        "webinars@example.org",
        "REQUEST",
    )
    assert (mail.state, mail.attempts, mail.next_attempt_at) == (MailState.QUEUED, 0, NOON)
    assert (mail.order_key, mail.urgent, mail.person_id, mail.erase_after) == ("uid-1", True, person.id, LONG_AFTER)


def test_a_mail_about_several_things_is_found_under_each_of_them_and_carries_its_entries_in_a_file(app: Flask) -> None:
    person = a_person()
    other = store(person_id=person.id, topic="session three")
    calendar = CalendarPart("PUBLISH", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")

    mail = store(
        person_id=person.id,
        topic="series heat",
        calendar=calendar,
        several={"session one": "uid-1", "session two": None},
    )

    opened = open_message(mail.message or b"")
    assert b"text/calendar" not in (mail.message or b"")
    assert b'filename="sessions.ics"' in (mail.message or b"")
    assert opened.calendar == "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert [line.id for line in mails_about(person.id, "session two")] == [mail.id]
    assert last_mails_about(person.id, "session one", ["confirmation"]) == {"confirmation": mail.created_at}
    for topic, expected in (("session one", mail), ("series heat", mail), ("session three", other)):
        assert [line.id for line in mail_log(topic=topic).lines] == [expected.id]
    assert order_keys_of(mail.id) == ["uid-1"]
    assert [was_invited(key) for key in ("uid-1", "uid-2")] == [True, False]


def test_what_waits_of_the_key_of_an_urgent_mail_is_urgent_whichever_mail_carries_it(app: Flask) -> None:
    mail = store(several={"session one": "uid-1", "session two": "uid-2"})
    other = store(order_key="uid-3")

    store(order_key="uid-2", urgent=True)
    db.session.expire_all()

    assert (mail.urgent, other.urgent) == (True, False)


def test_a_message_id_may_be_known_beforehand(app: Flask) -> None:
    assert store(message_id="<known@example.org>").message_id == "<known@example.org>"


def test_a_subject_of_ten_thousand_characters_is_whole_in_the_mail_and_cut_in_the_log(app: Flask) -> None:
    mail = store(Rendered("é" * 10_000, "x", "<p>x"))

    assert open_message(mail.message or b"").subject == "é" * 10_000
    assert mail.subject == "é" * 300


@pytest.mark.parametrize(
    ("change", "refusal"),
    [({"to": "آنا@lisbon.example"}, UndeliverableAddress), ({"to_name": "Ana\r\nBcc: x@example.org"}, UnsafeHeader)],
)
def test_what_cannot_be_sent_is_refused_and_nothing_is_stored(
    app: Flask, change: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        store(WORDS, **change)

    assert mail_log().total == 0


def test_the_log_lists_the_newest_first_in_pages(app: Flask) -> None:
    for number in range(5):
        an_outbox_mail(f"{number}@example.org", created_at=NOON + timedelta(minutes=number))

    first, last = mail_log(lines_a_page=2), mail_log(page=99, lines_a_page=2)

    assert [line.to_address for line in first.lines] == ["4@example.org", "3@example.org"]
    assert (first.page, first.pages, first.total) == (1, 3, 5)
    assert ([line.to_address for line in last.lines], last.page) == (["0@example.org"], 3)


def test_the_log_is_searched_by_part_of_an_address_state_kind_and_topic(app: Flask) -> None:
    an_outbox_mail("ana@lisbon.example", topic="session next-en")
    an_outbox_mail("ben_1@dakar.example", kind="promotion", state=MailState.REFUSED)

    def found(**search: object) -> list[str | None]:
        return [line.to_address for line in mail_log(**search).lines]  # type: ignore[arg-type]

    assert found(address=" LISBON ") == ["ana@lisbon.example"]
    assert found(address="n_1") == ["ben_1@dakar.example"]
    assert found(address="a_a") == []
    assert found(state=MailState.REFUSED) == ["ben_1@dakar.example"]
    assert found(kind="promotion") == ["ben_1@dakar.example"]
    assert found(topic="session next-en") == ["ana@lisbon.example"]
    assert list(kinds()) == ["confirmation", "promotion"]
    assert count_by_state() == {
        MailState.QUEUED: 1,
        MailState.SENDING: 0,
        MailState.SENT: 0,
        MailState.REFUSED: 1,
        MailState.GIVEN_UP: 0,
        MailState.WITHDRAWN: 0,
    }


def test_one_mail_is_read_with_its_bytes(app: Flask) -> None:
    mail = an_outbox_mail()

    assert read_mail(mail.id) is mail
    assert read_mail(mail.id + 1) is None


@pytest.mark.parametrize("state", [MailState.REFUSED, MailState.GIVEN_UP])
def test_a_mail_that_failed_can_be_put_into_the_queue_once_more(app: Flask, state: MailState) -> None:
    mail = an_outbox_mail(state=state, attempts=17)
    content = mail.message

    with time_machine.travel(NOON, tick=False), transaction():
        try_again(mail.id)

    assert (mail.state, mail.attempts, mail.next_attempt_at) == (MailState.QUEUED, 0, NOON)
    assert mail.message == content


@pytest.mark.parametrize("state", [MailState.QUEUED, MailState.SENDING, MailState.SENT, MailState.WITHDRAWN])
def test_a_mail_that_did_not_fail_is_not_tried_again(app: Flask, state: MailState) -> None:
    mail = an_outbox_mail(state=state)

    with pytest.raises(CannotTryAgain, match="Only a mail that was refused"), transaction():
        try_again(mail.id)


def test_a_mail_is_not_tried_again_without_its_text_or_after_a_later_one_or_if_there_is_none(app: Flask) -> None:
    erased = an_outbox_mail(state=MailState.REFUSED, message=None)
    outdated = an_outbox_mail(state=MailState.GIVEN_UP, order_key="uid-1")
    an_outbox_mail(state=MailState.WITHDRAWN, order_key="uid-1")
    topics = [MailTopic(topic="session two", order_key="uid-2"), MailTopic(topic="session three", order_key=None)]
    of_several = an_outbox_mail(state=MailState.REFUSED, topics=topics)
    later = an_outbox_mail(order_key="uid-2")

    for mail_id, sentence in (
        (erased.id, "This mail is too old"),
        (outdated.id, "A later mail about the same calendar entry"),
        (of_several.id, "A later mail about the same calendar entry"),
        (later.id + 9, "There is no such mail"),
    ):
        with pytest.raises(CannotTryAgain, match=sentence), transaction():
            try_again(mail_id)


def test_texts_are_deleted_thirty_days_after_sending_and_what_happened_stays(app: Flask) -> None:
    now = clock.now()
    old, young = now - timedelta(days=31), now - timedelta(days=29)
    sent_long_ago = an_outbox_mail(state=MailState.SENT, sent_at=old, created_at=old, server_said="250 taken")
    refused_long_ago = an_outbox_mail(state=MailState.REFUSED, created_at=old)
    still_waiting = an_outbox_mail(created_at=old)
    sent_lately = an_outbox_mail(state=MailState.SENT, sent_at=young, created_at=old)

    assert erase_old_bytes(now) == 2

    db.session.expire_all()
    assert [mail.message is None for mail in (sent_long_ago, refused_long_ago, still_waiting, sent_lately)] == [
        True,
        True,
        False,
        False,
    ]
    assert (sent_long_ago.state, sent_long_ago.server_said) == (MailState.SENT, "250 taken")
    assert erase_old_bytes(now) == 0
