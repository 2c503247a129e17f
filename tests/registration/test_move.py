"""Moving with one's place to another session of the same webinar."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import a_question, a_registration, a_session, a_webinar, an_answer
from tests.mailbox import all_mail, calendar_of, calendar_parts, kinds_of_mail_to, mails_to, words_of
from tests.registration.test_services import a_registrant, all_registrations, statuses, token_of
from webinar.catalogue.models import Access, QuestionKind, SessionStatus, WebinarSession
from webinar.foundation.db import db
from webinar.registration.models import Answer, Approval, Registration, RegistrationStatus
from webinar.registration.queries import find_by_token
from webinar.registration.services import (
    AlreadyThere,
    HandedOver,
    MovedAway,
    NoPlaceThere,
    NoSuchRegistration,
    NoSuchSession,
    RegistrationClosed,
    RegistrationOver,
    UnknownLanguageVersion,
    WouldWait,
    cancel,
    change_version,
    hand_over,
    move,
    register,
)

pytestmark = pytest.mark.usefixtures("app")


def two_sessions(**of_the_second: Any) -> tuple[WebinarSession, WebinarSession]:
    """Return two sessions of one webinar, the first with one seat."""
    webinar = a_webinar(titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    values: dict[str, Any] = {"starts": "2030-06-14T13:00", "languages": ("fr", "en"), **of_the_second}
    return a_session(webinar=webinar, seats=1), a_session(webinar=webinar, **values)


def test_the_place_moves_with_everything_and_the_calendar_is_corrected_by_two_mails() -> None:
    here, there = two_sessions()
    register(here.key, a_registrant(role="Planner", timezone="Asia/Seoul"))
    register(here.key, a_registrant("waits@example.org"))
    token = token_of("ana@lisbon.example")

    new_token = move(token, there.key, may_wait=False)

    confirmation, farewell, welcome = mails_to("ana@lisbon.example")
    (new,) = [place for place in all_registrations() if place.session_id == there.id]
    assert statuses(here) == ["cancelled", "registered"]
    assert (new.status, new.token, new.role, new.timezone) == ("registered", new_token, "Planner", "Asia/Seoul")
    assert new.language_version.code == "en"
    assert (calendar_of(farewell).method, calendar_of(farewell).sequence) == ("CANCEL", 1)
    assert calendar_of(farewell).uid == calendar_of(confirmation).uid
    assert (calendar_of(welcome).method, calendar_of(welcome).sequence) == ("REQUEST", 0)
    assert calendar_of(welcome).uid != calendar_of(confirmation).uid
    assert calendar_of(welcome).start == there.starts_at
    assert new_token in words_of(welcome)
    assert new_token != token


def test_without_a_seat_there_nothing_changes_unless_one_wants_to_wait() -> None:
    here, there = two_sessions(seats=1)
    register(there.key, a_registrant("first@example.org"))
    register(here.key, a_registrant())
    token = token_of("ana@lisbon.example")

    with pytest.raises(WouldWait):
        move(token, there.key, may_wait=False)
    kept = statuses(here)
    move(token, there.key, may_wait=True)

    assert kept == ["registered"]
    assert (statuses(here), statuses(there)) == (["cancelled"], ["registered", "waiting"])
    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation", "cancellation", "waiting list"]


def test_who_only_waited_had_no_entry_so_one_mail_tells_of_the_seat_there() -> None:
    here, there = two_sessions()
    register(here.key, a_registrant("first@example.org"))
    register(here.key, a_registrant())

    move(token_of("ana@lisbon.example"), there.key, may_wait=False)

    assert kinds_of_mail_to("ana@lisbon.example") == ["waiting list", "confirmation"]
    assert calendar_parts(mails_to("ana@lisbon.example")[0]) == []


def test_moving_back_brings_the_first_entry_back_under_a_higher_sequence() -> None:
    here, there = two_sessions()
    register(here.key, a_registrant())
    first = token_of("ana@lisbon.example")
    second = move(first, there.key, may_wait=False)

    assert move(second, here.key, may_wait=False) == first

    back = mails_to("ana@lisbon.example")[-1]
    assert (statuses(here), statuses(there)) == (["registered"], ["cancelled"])
    assert (calendar_of(back).method, calendar_of(back).sequence) == ("REQUEST", 2)
    with pytest.raises(MovedAway):
        move(second, here.key, may_wait=False)


def test_what_was_answered_moves_along_and_is_counted_once() -> None:
    here, there = two_sessions()
    place = a_registration(here)
    words = a_question(here.webinar)
    choice = a_question(here.webinar, kind=QuestionKind.SEVERAL, choices=["A ramp", "Captions"])
    an_answer(place, words, text="Nothing")
    an_answer(place, choice, choices=choice.choices)

    token = move(place.token, there.key, may_wait=False)

    new = db.session.scalars(select(Registration).where(Registration.token == token)).one()
    answers = db.session.execute(select(Answer.registration_id, Answer.question_id, Answer.text)).all()
    assert sorted(answers) == sorted([(new.id, words.id, "Nothing"), (new.id, choice.id, "")])


def test_to_the_session_one_is_in_changes_nothing() -> None:
    here, _there = two_sessions()
    place = a_registration(here)

    assert move(place.token, here.key, may_wait=False) == place.token
    assert all_mail() == []


@pytest.mark.parametrize(
    "closed",
    [
        {"status": SessionStatus.CANCELLED},
        {"starts": "2020-06-14T13:00"},
        {"registration_opens": datetime(2030, 6, 1, tzinfo=UTC)},
        {"registration_closes": datetime(2020, 6, 1, tzinfo=UTC)},
    ],
)
def test_nobody_moves_to_a_session_one_cannot_register_for(closed: dict[str, Any]) -> None:
    here, there = two_sessions(**closed)
    place = a_registration(here)

    with pytest.raises(RegistrationClosed):
        move(place.token, there.key, may_wait=True)

    assert statuses(here) == ["registered"]


def test_nobody_moves_to_another_webinar_or_to_a_draft_or_to_nowhere() -> None:
    here, draft = two_sessions(status=SessionStatus.DRAFT)
    place = a_registration(here)

    for key in (a_session().key, draft.key, "nowhere", ""):
        with pytest.raises(NoSuchSession):
            move(place.token, key, may_wait=True)

    assert statuses(here) == ["registered"]


def test_who_is_registered_there_already_keeps_both_places() -> None:
    here, there = two_sessions()
    register(there.key, a_registrant())
    register(here.key, a_registrant())

    with pytest.raises(AlreadyThere):
        move(token_of("ana@lisbon.example"), there.key, may_wait=True)

    assert (statuses(here), statuses(there)) == (["registered"], ["registered"])


def test_a_cancelled_session_can_be_left_for_another_and_one_that_is_over_cannot() -> None:
    webinar = a_webinar()
    cancelled = a_session(webinar=webinar, status=SessionStatus.CANCELLED)
    over = a_session(webinar=webinar, starts="2020-05-14T13:00")
    there = a_session(webinar=webinar, starts="2030-06-14T13:00")
    leaves, stays = a_registration(cancelled), a_registration(over)

    move(leaves.token, there.key, may_wait=False)
    with pytest.raises(RegistrationOver):
        move(stays.token, there.key, may_wait=False)

    assert [statuses(session) for session in (cancelled, over, there)] == [
        ["cancelled"],
        ["registered"],
        ["registered"],
    ]


def test_until_the_end_one_can_move_but_after_the_start_the_seat_goes_to_nobody() -> None:
    here, there = two_sessions()
    register(here.key, a_registrant())
    register(here.key, a_registrant("waits@example.org"))

    with time_machine.travel(here.starts_at, tick=False):
        move(token_of("ana@lisbon.example"), there.key, may_wait=False)

    assert statuses(here) == ["cancelled", "waiting"]


def test_a_place_that_is_not_theirs_any_more_is_not_moved() -> None:
    here, there = two_sessions()
    given_up = a_registration(here, status=RegistrationStatus.CANCELLED)
    register(here.key, a_registrant())
    handed = token_of("ana@lisbon.example")
    hand_over(handed, a_registrant("bo@lisbon.example"))

    with pytest.raises(RegistrationOver):
        move(given_up.token, there.key, may_wait=True)
    with pytest.raises(HandedOver):
        move(handed, there.key, may_wait=True)
    with pytest.raises(NoSuchRegistration):
        move("nobody's", there.key, may_wait=True)


def test_giving_up_a_place_that_was_moved_changes_nothing() -> None:
    here, there = two_sessions()
    place = a_registration(here)
    move(place.token, there.key, may_wait=False)
    before = len(all_mail())

    cancel(place.token)

    assert statuses(there) == ["registered"]
    assert len(all_mail()) == before


def test_of_a_session_with_a_link_nobody_learns_by_trying_its_key() -> None:
    here, there = two_sessions(access=Access.WITH_LINK)
    place = a_registration(here)
    inside = a_registration(there)

    for key in (there.key, "no-such-session"):
        with pytest.raises(NoSuchSession):
            move(place.token, key, may_wait=True)
    assert move(inside.token, there.key, may_wait=True) == inside.token


def test_into_a_session_for_members_only_who_was_let_into_one_moves_and_takes_that_along() -> None:
    here, there = two_sessions(access=Access.MEMBERS)
    everyone = a_registration(here)
    members = a_session(webinar=here.webinar, starts="2030-07-14T13:00", access=Access.MEMBERS)
    approved = a_registration(members, approval=Approval.APPROVED)
    asked = a_registration(members, approval=Approval.ASKED, status=RegistrationStatus.WAITING)

    with pytest.raises(NoPlaceThere):
        move(everyone.token, there.key, may_wait=True)
    move(approved.token, there.key, may_wait=False)
    move(asked.token, there.key, may_wait=False)

    assert [(place.status, place.approval) for place in all_registrations() if place.session_id == there.id] == [
        ("registered", "approved"),
        ("waiting", "asked"),
    ]


def test_one_moves_into_the_language_one_wants_to_hear_there() -> None:
    here, there = two_sessions()
    place = a_registration(here)

    token = move(place.token, there.key, may_wait=False, language="fr")

    new = find_by_token(token)
    assert new is not None
    assert new.language_version.code == "fr"
    assert "You hear it in French." in calendar_of(mails_to(place.person.email or "")[-1]).description


def test_into_a_language_that_is_not_heard_there_nobody_moves() -> None:
    here, there = two_sessions()
    place = a_registration(here)

    with pytest.raises(UnknownLanguageVersion):
        move(place.token, there.key, may_wait=True, language="de")

    assert (statuses(here), statuses(there)) == (["registered"], [])
    assert all_mail() == []


def test_another_language_of_the_same_session_updates_the_entry_and_counts_as_the_same_place() -> None:
    here, _there = two_sessions(starts="2030-06-14T13:00")
    session = a_session(languages=("en", "fr"))
    register(session.key, a_registrant())
    token = token_of("ana@lisbon.example")

    change_version(token, "fr")

    confirmation, news = mails_to("ana@lisbon.example")
    assert [statuses(one) for one in (session, here)] == [["registered"], []]
    assert (calendar_of(news).method, calendar_of(news).status) == ("REQUEST", "CONFIRMED")
    assert calendar_of(news).uid == calendar_of(confirmation).uid
    assert calendar_of(news).sequence == calendar_of(confirmation).sequence
    assert calendar_of(news).stamped > calendar_of(confirmation).stamped
    assert "You hear it in French." in calendar_of(news).description
    assert news["Subject"] == "In French: Heat in cities, 14 May 2030"
    assert token in words_of(news)


def test_the_mail_names_the_other_language_as_it_stands_within_a_sentence() -> None:
    session = a_session(webinar=a_webinar(titles={"en": "Heat", "es": "Calor"}), languages=("en", "fr"))
    register(session.key, a_registrant(language="es"))

    change_version(token_of("ana@lisbon.example"), "fr")

    news = mails_to("ana@lisbon.example")[-1]
    assert "francés" in news["Subject"]
    assert ": francés." in words_of(news)


def test_who_waits_has_no_entry_so_another_language_is_confirmed_by_a_mail_alone() -> None:
    session = a_session(languages=("en", "fr"), seats=1)
    register(session.key, a_registrant("first@example.org"))
    register(session.key, a_registrant())

    change_version(token_of("ana@lisbon.example"), "fr")

    assert kinds_of_mail_to("ana@lisbon.example") == ["waiting list", "waiting list"]
    assert calendar_parts(mails_to("ana@lisbon.example")[-1]) == []
