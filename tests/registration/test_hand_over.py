"""Handing a place to a colleague: who has what afterwards, and who is told what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import a_member, a_person, a_registration, a_session
from tests.mailbox import all_mail, calendar_of, calendar_parts, kinds_of_mail_to, mails_to, the_only_mail_to, words_of
from tests.registration.test_services import a_registrant, all_registrations, statuses, token_of
from webinar.catalogue.models import SessionStatus
from webinar.foundation.db import db
from webinar.people.models import Consent, Purpose
from webinar.registration.models import Affiliation, Registration, RegistrationStatus
from webinar.registration.registrant import Registrant
from webinar.registration.services import (
    HandedOver,
    MemberFull,
    MovedAway,
    NoSuchRegistration,
    OwnAddress,
    RegistrationOver,
    UnknownMember,
    cancel,
    change_version,
    hand_over,
    move,
    register,
    take_back,
)

pytestmark = pytest.mark.usefixtures("app")


def a_colleague(email: str = "bo@lisbon.example", **more: Any) -> Registrant:
    return a_registrant(email, **{"given_name": "Bo", "family_name": "Lima", **more})


def place_of(email: str) -> Registration:
    (place,) = [place for place in all_registrations() if place.person.email == email]
    return place


def test_the_colleague_has_the_seat_with_links_of_their_own_and_the_old_entry_leaves_the_calendar() -> None:
    session = a_session(languages=("en", "fr"))
    register(session.key, a_registrant(version="fr"))
    token = token_of("ana@lisbon.example")

    hand_over(token, a_colleague())

    old, new = place_of("ana@lisbon.example"), place_of("bo@lisbon.example")
    confirmation, farewell = mails_to("ana@lisbon.example")
    invitation = the_only_mail_to("bo@lisbon.example")
    assert (old.status, old.left_for, new.status, new.left_for) == ("cancelled", "handed_over", "registered", None)
    assert (new.given_name, new.language_version.code) == ("Bo", "fr")
    assert {new.token, new.join_token}.isdisjoint({old.token, old.join_token})
    assert (calendar_of(farewell).method, calendar_of(farewell).sequence) == ("CANCEL", 1)
    assert calendar_of(farewell).uid == calendar_of(confirmation).uid
    assert calendar_of(invitation).method == "REQUEST"
    assert calendar_of(invitation).uid != calendar_of(confirmation).uid
    assert new.token in words_of(invitation)
    assert "Bo" not in words_of(farewell)


def test_the_colleague_is_told_who_gave_us_their_name_and_how_their_data_are_used() -> None:
    session = a_session()
    register(session.key, a_registrant(newsletter=True))

    hand_over(token_of("ana@lisbon.example"), a_colleague())

    mail = the_only_mail_to("bo@lisbon.example")
    new = place_of("bo@lisbon.example")
    (told,) = db.session.scalars(select(Consent).where(Consent.person_id == new.person_id)).all()
    assert "Ana Sousa cannot come and has handed the place to you" in words_of(mail)
    assert "/en/privacy" in words_of(mail)
    assert "/en/privacy" in words_of(mail, "html")
    assert (told.purpose, told.source) == (Purpose.NOTICE, f"a colleague, session {session.key}")


def test_a_turn_on_the_waiting_list_goes_to_the_colleague_as_it_is() -> None:
    session = a_session(seats=1)
    for name in ("first", "ana", "third"):
        register(session.key, a_registrant(f"{name}@example.org"))

    hand_over(token_of("ana@example.org"), a_colleague())

    mail = the_only_mail_to("bo@lisbon.example")
    assert (place_of("bo@lisbon.example").status, place_of("bo@lisbon.example").turn) == ("waiting", 2)
    assert calendar_parts(mail) == []
    assert mail["Subject"].startswith("On the waiting list")
    assert calendar_parts(mails_to("ana@example.org")[-1]) == []
    cancel(token_of("first@example.org"))
    assert place_of("bo@lisbon.example").status == "registered"
    assert place_of("third@example.org").status == "waiting"


def test_the_last_seat_that_is_handed_over_is_not_given_to_who_waits() -> None:
    session = a_session(seats=1)
    register(session.key, a_registrant())
    register(session.key, a_registrant("waits@example.org"))

    hand_over(token_of("ana@lisbon.example"), a_colleague())

    assert place_of("bo@lisbon.example").status == "registered"
    assert place_of("waits@example.org").status == "waiting"


def test_a_colleague_who_has_a_seat_keeps_it_and_the_other_goes_to_who_waits() -> None:
    session = a_session(seats=2)
    for name in ("ana@lisbon.example", "bo@lisbon.example", "waits@example.org"):
        register(session.key, a_registrant(name))
    token = place_of("bo@lisbon.example").token

    hand_over(token_of("ana@lisbon.example"), a_colleague(given_name="Somebody"))

    kept = place_of("bo@lisbon.example")
    assert (kept.status, kept.token, kept.given_name) == ("registered", token, "Ana")
    assert place_of("waits@example.org").status == "registered"
    assert kinds_of_mail_to("bo@lisbon.example") == ["confirmation", "reminder of place"]
    assert calendar_of(mails_to("bo@lisbon.example")[-1]).sequence == 0


def test_a_colleague_who_waits_gets_the_seat() -> None:
    session = a_session(seats=1)
    for name in ("ana@lisbon.example", "other@example.org", "bo@lisbon.example"):
        register(session.key, a_registrant(name))

    hand_over(token_of("ana@lisbon.example"), a_colleague())

    assert place_of("bo@lisbon.example").status == "registered"
    assert place_of("other@example.org").status == "waiting"
    assert calendar_of(mails_to("bo@lisbon.example")[-1]).method == "REQUEST"


@pytest.mark.parametrize(("giver", "colleague"), [("second", "third"), ("third", "second")])
def test_of_two_turns_the_colleague_keeps_the_better(giver: str, colleague: str) -> None:
    session = a_session(seats=1)
    for name in ("first", "second", "third"):
        register(session.key, a_registrant(f"{name}@example.org"))

    hand_over(token_of(f"{giver}@example.org"), a_colleague(f"{colleague}@example.org"))

    assert place_of(f"{colleague}@example.org").turn == 2
    assert statuses(session) == ["registered", "waiting", "cancelled"]


def test_a_colleague_with_a_seat_who_is_given_a_turn_keeps_the_seat() -> None:
    session = a_session(seats=1)
    register(session.key, a_registrant("bo@lisbon.example"))
    register(session.key, a_registrant())

    hand_over(token_of("ana@lisbon.example"), a_colleague())

    assert place_of("bo@lisbon.example").status == "registered"
    assert place_of("ana@lisbon.example").status == "cancelled"


def test_a_colleague_who_gave_a_place_up_before_comes_back_under_a_higher_sequence() -> None:
    session = a_session()
    register(session.key, a_registrant("bo@lisbon.example"))
    cancel(token_of("bo@lisbon.example"))
    register(session.key, a_registrant())

    hand_over(token_of("ana@lisbon.example"), a_colleague())

    new = place_of("bo@lisbon.example")
    assert (new.status, new.cancelled_at, new.given_name) == ("registered", None, "Bo")
    assert calendar_of(mails_to("bo@lisbon.example")[-1]).sequence == 2


def test_a_place_that_was_handed_over_cannot_be_handed_over_again_nor_used_otherwise() -> None:
    session = a_session(languages=("en", "fr"))
    other = a_session(webinar=session.webinar, starts="2030-06-14T13:00")
    register(session.key, a_registrant())
    token = token_of("ana@lisbon.example")
    hand_over(token, a_colleague())
    before = len(all_mail())

    with pytest.raises(HandedOver):
        hand_over(token, a_colleague("third@example.org"))
    with pytest.raises(HandedOver):
        change_version(token, "fr")
    with pytest.raises(HandedOver):
        move(token, other.key, may_wait=False)
    with pytest.raises(HandedOver):
        take_back(token, may_wait=True)
    cancel(token)

    assert statuses(session) == ["registered", "cancelled"]
    assert len(all_mail()) == before


def test_the_colleague_can_hand_it_on_even_back_to_the_first() -> None:
    session = a_session(seats=1)
    register(session.key, a_registrant())
    hand_over(token_of("ana@lisbon.example"), a_colleague())

    hand_over(token_of("bo@lisbon.example"), a_colleague("ana@lisbon.example", given_name="Ana"))

    assert (place_of("ana@lisbon.example").status, place_of("ana@lisbon.example").left_for) == ("registered", None)
    assert place_of("bo@lisbon.example").left_for == "handed_over"


def test_who_handed_a_place_over_can_register_again_and_the_links_of_then_stay_dead() -> None:
    session = a_session()
    register(session.key, a_registrant())
    before = place_of("ana@lisbon.example")
    dead = {before.token, before.join_token}
    hand_over(token_of("ana@lisbon.example"), a_colleague())

    register(session.key, a_registrant())

    after = place_of("ana@lisbon.example")
    assert (after.status, after.left_for) == ("registered", None)
    assert dead.isdisjoint({after.token, after.join_token})
    assert after.token in words_of(mails_to("ana@lisbon.example")[-1])


@pytest.mark.parametrize("written", ["ana@lisbon.example", " ANA@Lisbon.Example "])
def test_to_oneself_is_refused(written: str) -> None:
    session = a_session()
    register(session.key, a_registrant())

    with pytest.raises(OwnAddress):
        hand_over(token_of("ana@lisbon.example"), a_colleague(written))

    assert statuses(session) == ["registered"]


def test_to_an_old_address_of_oneself_is_refused() -> None:
    session = a_session()
    place = a_registration(session, email="ana@lisbon.example")
    a_person("old@lisbon.example", merged_into_id=place.person_id)

    with pytest.raises(OwnAddress):
        hand_over(place.token, a_colleague("old@lisbon.example"))

    assert statuses(session) == ["registered"]


def test_a_name_behind_a_plus_is_another_person() -> None:
    session = a_session()
    register(session.key, a_registrant())

    hand_over(token_of("ana@lisbon.example"), a_colleague("ANA+bo@MÜNCHEN.example"))

    assert place_of("ana+bo@xn--mnchen-3ya.example").status == "registered"


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"status": SessionStatus.CANCELLED}, datetime(2030, 5, 1, tzinfo=UTC)),
        ({}, datetime(2030, 5, 14, 14, 15, tzinfo=UTC)),
    ],
)
def test_after_the_end_or_when_nothing_is_held_there_is_nothing_to_hand_over(
    changes: dict[str, Any], at: datetime
) -> None:
    place = a_registration(a_session(starts="2030-05-14T13:00", zone="UTC", **changes))

    with time_machine.travel(at, tick=False), pytest.raises(RegistrationOver):
        hand_over(place.token, a_colleague())

    assert all_mail() == []


def test_a_place_that_was_given_up_or_moved_is_not_handed_over() -> None:
    session = a_session()
    other = a_session(webinar=session.webinar, starts="2030-06-14T13:00")
    given_up = a_registration(session, status=RegistrationStatus.CANCELLED)
    moved = a_registration(session)
    move(moved.token, other.key, may_wait=False)

    with pytest.raises(RegistrationOver):
        hand_over(given_up.token, a_colleague())
    with pytest.raises(MovedAway):
        hand_over(moved.token, a_colleague())
    with pytest.raises(NoSuchRegistration):
        hand_over("nobody's", a_colleague())


def test_a_member_that_does_not_exist_is_refused_and_the_place_stays() -> None:
    session = a_session()
    register(session.key, a_registrant())

    with pytest.raises(UnknownMember):
        hand_over(token_of("ana@lisbon.example"), a_colleague(affiliation=Affiliation.MEMBER, member_key="atlantis"))

    assert statuses(session) == ["registered"]


def test_no_member_gets_more_seats_than_one_may_have_by_handing_over() -> None:
    session = a_session(most_per_member=1)
    lisbon, porto = a_member("Lisbon"), a_member("Porto")
    for email, member in (("ana@lisbon.example", lisbon), ("rui@porto.example", porto)):
        register(session.key, a_registrant(email, affiliation=Affiliation.MEMBER, member_key=member.key))
    token = token_of("ana@lisbon.example")

    with pytest.raises(MemberFull):
        hand_over(token, a_colleague(affiliation=Affiliation.MEMBER, member_key=porto.key))
    hand_over(token, a_colleague(affiliation=Affiliation.MEMBER, member_key=lisbon.key))

    assert place_of("bo@lisbon.example").status == "registered"
