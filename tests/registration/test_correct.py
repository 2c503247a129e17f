"""Correcting what one typed about oneself."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import a_member, a_registration, a_session
from tests.mailbox import all_mail, calendar_of, kinds_of_mail_to, mails_to
from tests.registration.test_services import a_registrant, all_registrations, statuses, token_of
from webinar.calendars.models import CalendarEntry
from webinar.foundation.db import db
from webinar.registration.models import Affiliation, RegistrationStatus
from webinar.registration.registrant import Details
from webinar.registration.services import (
    MemberFull,
    NoSuchRegistration,
    RegistrationOver,
    UnknownMember,
    change_version,
    correct_details,
    register,
)

pytestmark = pytest.mark.usefixtures("app")


def details(**more: Any) -> Details:
    values: dict[str, Any] = {"given_name": "Ana", "family_name": "Sousa", "affiliation": Affiliation.OTHER}
    return Details(**{**values, **more})


def correct(token: str, *, language: str = "en", timezone: str = "Europe/Lisbon", **more: Any) -> bool:
    return correct_details(token, details(**more), language=language, timezone=timezone)


def for_member(key: str) -> dict[str, Any]:
    return {"affiliation": Affiliation.MEMBER, "member_key": key}


def test_what_was_typed_is_corrected_and_nothing_is_sent() -> None:
    session = a_session()
    member = a_member()
    register(session.key, a_registrant())

    is_behind = correct(token_of("ana@lisbon.example"), given_name="Ana Maria", role="Mayor", **for_member(member.key))

    (place,) = all_registrations()
    assert (place.full_name, place.role, place.member_id) == ("Ana Maria Sousa", "Mayor", member.id)
    assert place.folded == "ana maria sousa"
    assert not is_behind
    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation"]


@pytest.mark.parametrize("changed", [{"timezone": "Asia/Seoul"}, {"language": "fr"}])
def test_another_zone_or_language_leaves_the_calendar_behind_until_it_is_sent_again(changed: dict[str, str]) -> None:
    session = a_session(languages=("en", "fr"))
    register(session.key, a_registrant())

    assert correct(token_of("ana@lisbon.example"), **changed) is True

    (place,) = all_registrations()
    entry = db.session.scalars(select(CalendarEntry)).one()
    assert (place.language, place.timezone) == (changed.get("language", "en"), changed.get("timezone", "Europe/Lisbon"))
    assert entry.language == place.language
    assert entry.sequence == 0
    assert len(all_mail()) == 1


def test_the_next_mail_about_the_entry_is_in_the_new_language() -> None:
    session = a_session(languages=("en", "fr"))
    register(session.key, a_registrant())
    token = token_of("ana@lisbon.example")
    correct(token, language="fr")

    change_version(token, "fr")

    assert mails_to("ana@lisbon.example")[-1]["Subject"].startswith("En français\N{NO-BREAK SPACE}: ")
    assert calendar_of(mails_to("ana@lisbon.example")[-1]).sequence == 0


def test_who_waits_has_nothing_in_the_calendar_that_could_be_behind() -> None:
    place = a_registration(a_session(seats=1), status=RegistrationStatus.WAITING)

    assert correct(place.token, timezone="Asia/Seoul") is False


def test_to_a_member_with_all_the_seats_one_may_have_nobody_changes() -> None:
    session = a_session(most_per_member=1)
    lisbon, porto = a_member("Lisbon"), a_member("Porto")
    ana, _rui = a_registration(session, member=lisbon), a_registration(session, member=porto)

    with pytest.raises(MemberFull):
        correct(ana.token, given_name="Other", **for_member(porto.key))

    assert [place.given_name for place in all_registrations()] == ["Ana", "Ana"]
    assert [place.member_id for place in all_registrations()] == [lisbon.id, porto.id]


def test_the_seat_of_the_member_one_does_not_come_for_any_more_goes_to_the_next_of_that_member() -> None:
    session = a_session(most_per_member=1)
    lisbon, porto = a_member("Lisbon"), a_member("Porto")
    ana = a_registration(session, member=lisbon)
    a_registration(session, member=lisbon, status=RegistrationStatus.WAITING)

    correct(ana.token, **for_member(porto.key))

    assert statuses(session) == ["registered", "registered"]


def test_what_cannot_be_is_refused_and_nothing_changes() -> None:
    over = a_registration(a_session(starts="2020-05-14T13:00"))
    given_up = a_registration(status=RegistrationStatus.CANCELLED)
    place = a_registration()

    with pytest.raises(RegistrationOver):
        correct(over.token, given_name="Other")
    with pytest.raises(RegistrationOver):
        correct(given_up.token, given_name="Other")
    with pytest.raises(NoSuchRegistration):
        correct(place.join_token, given_name="Other")
    with pytest.raises(UnknownMember):
        correct(place.token, given_name="Other", **for_member("atlantis"))

    assert {place.given_name for place in all_registrations()} == {"Ana"}
