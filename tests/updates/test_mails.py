"""What the mails of updates say: true for everybody they go to, with the old time and the new one told apart."""

from __future__ import annotations

import re
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import pytest

from tests.factories import a_person, a_registration, a_session, an_invited_entry
from tests.mailbox import calendar_of, calendar_parts, the_only_mail_to, words_of
from webinar.catalogue.models import Platform, WebinarSession
from webinar.foundation import clock
from webinar.registration.models import Approval, RegistrationStatus
from webinar.updates.services import cancel_session, move_session, tell_session, write_due

pytestmark = pytest.mark.usefixtures("app")
ANA = "ana@lisbon.example"
IN_CALENDAR = "If it is in your calendar through our invitation"


def with_a_place(session: WebinarSession, *, zone: str = "Europe/Lisbon", **more: Any) -> None:
    a_registration(session, person=a_person(ANA, timezone=zone), **more)


def moved(session: WebinarSession, start: str, end: str, **more: Any) -> EmailMessage:
    """Move a session to wall times of its zone, and return what Ana is told."""
    move_session(session.key, datetime.fromisoformat(start), datetime.fromisoformat(end), **more)
    return told()


def cancelled(session: WebinarSession, **more: Any) -> EmailMessage:
    """Cancel a session, and return what Ana is told."""
    cancel_session(session.key, **more)
    return told()


def told() -> EmailMessage:
    """Let the worker write what is due, and return the one mail to Ana."""
    while write_due():
        pass
    return the_only_mail_to(ANA)


def lines_of(mail: EmailMessage) -> list[str]:
    """Return the lines of the plain text of a mail."""
    return words_of(mail).splitlines()


def rows_of(mail: EmailMessage) -> dict[str, str]:
    """Return the times of a mail as its HTML has them, by what stands before them."""
    rows = re.findall(r"<tr><th [^>]*>(\w+)</th><td[^>]*>(<(?:s|strong)\b.*?)</td></tr>", words_of(mail, "html"))
    return dict(rows)


def test_the_old_time_is_crossed_out_and_the_new_one_bold_and_both_are_named() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    with_a_place(session, zone="Pacific/Auckland")

    mail = moved(session, "2030-05-14T14:00", "2030-05-14T15:15")

    rows = rows_of(mail)
    assert re.fullmatch(r"<s\b.*>Wednesday, 15 May 2030, 00:00–01:15 for you in Auckland</s>", rows["Before"])
    assert re.fullmatch(r"<strong\b.*>Wednesday, 15 May 2030, 01:00–02:15 for you in Auckland</strong>", rows["Now"])
    assert lines_of(mail)[2:6] == [
        "New time",
        "Wednesday, 15 May 2030",
        "01:00–02:15 for you in Auckland",
        "Tuesday 14 May, 14:00 in Lisbon · 13:00 UTC",
    ]


def test_where_only_the_end_is_another_one_that_is_a_new_time_too() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    with_a_place(session)

    mail = moved(session, "2030-05-14T13:00", "2030-05-14T15:00")

    assert "This session has a new time. Your place and your links stay the same." in words_of(mail)
    assert "Before: Tuesday, 14 May 2030, 13:00–14:15 for you in Lisbon" in words_of(mail)
    assert "Now: Tuesday, 14 May 2030, 13:00–15:00 for you in Lisbon" in words_of(mail)


def test_a_list_of_mails_shows_the_new_time_behind_the_subject() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    with_a_place(session)

    mail = moved(session, "2030-05-21T13:00", "2030-05-21T14:15")

    [preview] = re.findall(r'<div class="preview"[^>]*>(.*?)</div>', words_of(mail, "html"))
    assert preview == "Tuesday, 21 May 2030, 13:00–14:15 for you in Lisbon"


def test_of_a_session_in_a_hall_no_link_to_a_room_is_told() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon", platform=Platform.ROOM)
    with_a_place(session)

    assert "/join/" not in words_of(moved(session, "2030-05-21T13:00", "2030-05-21T14:15"))


def test_who_waits_keeps_the_turn_and_hears_of_the_calendar_only_if_something_of_ours_may_stand_in_it() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    with_a_place(session, status=RegistrationStatus.WAITING)

    mail = moved(session, "2030-05-21T13:00", "2030-05-21T14:15")

    assert "This session has a new time. You keep your turn on the waiting list." in words_of(mail)
    assert IN_CALENDAR not in words_of(mail)
    assert calendar_parts(mail) == []


def test_who_waits_and_was_invited_hears_that_the_entry_moves() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    person = a_person(ANA)
    an_invited_entry(session, person)
    a_registration(session, person=person, status=RegistrationStatus.WAITING)

    mail = moved(session, "2030-05-21T13:00", "2030-05-21T14:15")

    assert f"{IN_CALENDAR}, this message moves it." in words_of(mail)
    assert (calendar_of(mail).method, calendar_of(mail).sequence) == ("REQUEST", 1)


def test_who_is_still_to_be_let_in_has_no_turn_to_keep() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    with_a_place(session, status=RegistrationStatus.WAITING, approval=Approval.ASKED)

    words = words_of(moved(session, "2030-05-21T13:00", "2030-05-21T14:15"))

    assert "Your registration is kept, and the secretariat is still to look at it." in words
    assert "turn" not in words


def test_a_day_that_is_cancelled_is_marked_so_in_both_parts() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    with_a_place(session)

    mail = cancelled(session)

    assert lines_of(mail)[2:5] == [
        "Cancelled",
        "Tuesday, 14 May 2030",
        "13:00–14:15 for you in Lisbon",
    ]
    assert re.search(r'<span class="news"[^>]*>Cancelled</span>', words_of(mail, "html"))
    assert re.search(r"<strong [^>]*line-through[^>]*>13:00–14:15 for you in Lisbon</strong>", words_of(mail, "html"))


@pytest.mark.parametrize("status", [RegistrationStatus.REGISTERED, RegistrationStatus.WAITING])
def test_another_day_is_offered_where_there_is_one_to_who_comes_and_who_waits(status: RegistrationStatus) -> None:
    session = a_session(starts="2030-05-14T13:00")
    a_session(webinar=session.webinar, starts="2030-06-14T13:00")
    with_a_place(session, status=status)

    mail = cancelled(session)

    assert "This webinar is held on other days, too." in words_of(mail)
    lines = lines_of(mail)
    assert "/registrations/" in lines[lines.index("Choose another day:") + 1]
    assert re.search(r'<a class="button" href="\S+/registrations/\S+"', words_of(mail, "html"))


def test_another_day_is_not_offered_to_who_comes_on_all_of_them_already_or_cannot_register_there() -> None:
    session = a_session(starts="2030-05-14T13:00")
    taken = a_session(webinar=session.webinar, starts="2030-06-14T13:00")
    a_session(webinar=session.webinar, starts="2030-07-14T13:00", registration_closes=clock.now())
    person = a_person(ANA)
    for one in (session, taken):
        a_registration(one, person=person)

    mail = cancelled(session)

    assert "This webinar is held on other days, too." not in words_of(mail)
    assert 'class="button"' not in words_of(mail, "html")


def test_without_another_day_no_button_leads_anywhere() -> None:
    session = a_session(starts="2030-05-14T13:00")
    with_a_place(session)

    mail = cancelled(session)

    assert "http" not in words_of(mail)
    assert "<a " not in words_of(mail, "html")


def test_who_was_invited_is_told_of_all_three_with_the_entry() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    an_invited_entry(session, a_person(ANA, timezone=None))
    tell_session(session.key)

    mail = told()

    assert "We have updated the information about the session that we invited you to." in words_of(mail)
    assert f"{IN_CALENDAR}, this message updates the entry." in words_of(mail)
    assert "13:00–14:15 in Lisbon" in words_of(mail)  # not "for you": nobody knows where they are
    assert calendar_of(mail).sequence == 0


def test_what_the_organisers_add_stays_text() -> None:
    session = a_session(starts="2030-05-14T13:00")
    with_a_place(session)

    mail = cancelled(session, words={"en": "<b>Rooms</b> & {{ trains }}"})

    lines = lines_of(mail)
    assert lines[lines.index("The secretariat writes to you:") + 1] == "<b>Rooms</b> & {{ trains }}"
    assert "&lt;b&gt;Rooms&lt;/b&gt; &amp; {{ trains }}" in words_of(mail, "html")
