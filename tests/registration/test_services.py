"""Taking a place, waiting for one, giving it up: what is stored, and what is written to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tests.factories import a_member, a_registration, a_session, a_webinar
from tests.mailbox import all_mail, calendar_of, calendar_parts, kinds_of_mail_to, mails_to, the_only_mail_to, words_of
from webinar.calendars.models import CalendarAnswer, CalendarEntry
from webinar.catalogue.models import RegistrationState, SessionStatus, WebinarSession
from webinar.catalogue.queries import lock_session
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.people.models import Consent, Purpose
from webinar.registration.models import Affiliation, Registration, RegistrationStatus
from webinar.registration.registrant import Registrant
from webinar.registration.services import (
    NoSuchRegistration,
    NoSuchSession,
    RegistrationClosed,
    RegistrationOver,
    UnknownLanguageVersion,
    UnknownMember,
    cancel,
    change_version,
    register,
)
from webinar.registration.services.seats import promote_waiting

pytestmark = pytest.mark.usefixtures("app")


def a_registrant(email: str = "ana@lisbon.example", **more: object) -> Registrant:
    values: dict[str, object] = {
        "given_name": "Ana",
        "family_name": "Sousa",
        "affiliation": Affiliation.OTHER,
        "version": "en",
        "language": "en",
        "timezone": "Europe/Lisbon",
    }
    return Registrant(email=email, **{**values, **more})  # type: ignore[arg-type]


def all_registrations() -> list[Registration]:
    return list(
        db.session.scalars(
            select(Registration)
            .order_by(Registration.turn, Registration.session_id)
            .options(joinedload(Registration.person), joinedload(Registration.language_version))
            .execution_options(populate_existing=True)
        )
    )


def statuses(session: WebinarSession) -> list[str]:
    return [place.status for place in all_registrations() if place.session_id == session.id]


def token_of(email: str) -> str:
    """Return the personal link's token as the person has it: from the newest mail to them."""
    text = words_of(mails_to(email)[-1])
    return text.split("/registrations/")[1].split()[0]


def test_register_stores_one_mail_whose_calendar_part_says_when() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")

    register(session.key, a_registrant(email="ana@lisbon.example"))

    mail = the_only_mail_to("ana@lisbon.example")
    entry = calendar_of(mail)
    assert mail["Subject"] == "Your place: Heat in cities, 14 May 2030"
    assert entry.start == datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
    assert entry.end == datetime(2030, 5, 14, 13, 15, tzinfo=UTC)
    assert (entry.method, entry.status, entry.sequence) == ("REQUEST", "CONFIRMED", 0)
    assert entry.attendee == "mailto:ana@lisbon.example"
    assert entry.answer == "NEEDS-ACTION"
    assert entry.organizer == "mailto:webinars@example.org"
    assert mail["From"].addresses[0].addr_spec == "webinars@example.org"


def test_the_mail_names_the_join_link_that_the_calendar_holds_and_another_link_to_change_the_place() -> None:
    session = a_session()

    register(session.key, a_registrant())

    mail = the_only_mail_to("ana@lisbon.example")
    (place,) = all_registrations()
    assert calendar_of(mail).url.endswith(f"/join/{place.join_token}")
    assert calendar_of(mail).url in words_of(mail)
    assert calendar_of(mail).url in words_of(mail, "html")
    assert f"/en/registrations/{place.token}" in words_of(mail)
    assert place.token not in calendar_parts(mail)[0].decode()


def test_a_person_is_written_to_in_the_interface_language_they_registered_in() -> None:
    webinar = a_webinar(titles={"en": "Heat in cities", "es": "El calor en las ciudades"})
    session = a_session(webinar=webinar, languages=("en",))

    register(session.key, a_registrant(language="es"))

    (place,) = all_registrations()
    mail = the_only_mail_to("ana@lisbon.example")
    assert place.language == "es"
    assert "El calor en las ciudades" in mail["Subject"]
    assert calendar_of(mail).summary == "El calor en las ciudades"


def test_without_texts_in_the_interface_language_mails_come_in_the_language_version_they_follow() -> None:
    webinar = a_webinar(titles={"en": "Heat in cities", "es": "El calor en las ciudades"})
    session = a_session(webinar=webinar, languages=("en", "es"))

    register(session.key, a_registrant(language="fr", version="es"))

    assert [place.language for place in all_registrations()] == ["es"]


def test_registering_twice_within_ten_minutes_changes_nothing_and_writes_nothing() -> None:
    session = a_session()
    register(session.key, a_registrant())

    register(session.key, a_registrant(email="ANA@Lisbon.example", given_name="Somebody"))

    assert [place.given_name for place in all_registrations()] == ["Ana"]
    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation"]


def test_registering_again_after_ten_minutes_changes_nothing_and_reminds_of_the_place_once_a_day() -> None:
    session = a_session()
    with time_machine.travel(datetime(2030, 5, 1, 9, 0, tzinfo=UTC), tick=False) as traveller:
        register(session.key, a_registrant())
        traveller.shift(timedelta(minutes=10))
        register(session.key, a_registrant(given_name="Somebody"))
        traveller.shift(timedelta(hours=23))
        register(session.key, a_registrant(given_name="Somebody"))
        assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation", "reminder of place"]
        traveller.shift(timedelta(hours=1))
        register(session.key, a_registrant(given_name="Somebody"))

    confirmation, reminder, second = mails_to("ana@lisbon.example")
    assert [place.given_name for place in all_registrations()] == ["Ana"]
    assert calendar_of(reminder).uid == calendar_of(confirmation).uid
    assert calendar_of(reminder).sequence == calendar_of(confirmation).sequence
    assert calendar_of(reminder).stamped > calendar_of(confirmation).stamped
    assert second["References"] == reminder["References"] == confirmation["Message-ID"]


def test_a_repeated_form_does_not_change_how_a_known_person_is_written_to() -> None:
    session = a_session()
    register(session.key, a_registrant(timezone="Europe/Lisbon"))

    register(session.key, a_registrant(timezone="Asia/Seoul"))

    (place,) = all_registrations()
    assert place.timezone == "Europe/Lisbon"
    assert place.person.timezone == "Europe/Lisbon"


def test_who_comes_when_all_seats_are_taken_waits_without_a_calendar_entry() -> None:
    session = a_session(seats=1)
    register(session.key, a_registrant("first@example.org"))

    register(session.key, a_registrant("second@example.org"))

    mail = the_only_mail_to("second@example.org")
    assert statuses(session) == ["registered", "waiting"]
    assert mail["Subject"] == "On the waiting list: Heat in cities, 14 May 2030"
    assert calendar_parts(mail) == []
    assert db.session.scalars(select(CalendarEntry.address)).all() == ["first@example.org"]


def test_a_place_given_up_goes_to_whoever_has_waited_longest_with_the_calendar_entry() -> None:
    session = a_session(seats=1)
    for name in ("first", "second", "third"):
        register(session.key, a_registrant(f"{name}@example.org"))

    cancel(token_of("first@example.org"))

    promotion = mails_to("second@example.org")[-1]
    assert statuses(session) == ["cancelled", "registered", "waiting"]
    assert kinds_of_mail_to("second@example.org") == ["waiting list", "promotion"]
    assert calendar_of(promotion).method == "REQUEST"
    assert kinds_of_mail_to("third@example.org") == ["waiting list"]


def test_giving_a_place_up_takes_the_entry_out_of_the_calendar_under_a_higher_sequence() -> None:
    session = a_session()
    register(session.key, a_registrant())

    cancel(token_of("ana@lisbon.example"))

    confirmation, cancellation = mails_to("ana@lisbon.example")
    entry = calendar_of(cancellation)
    assert (entry.method, entry.status, entry.sequence) == ("CANCEL", "CANCELLED", 1)
    assert entry.uid == calendar_of(confirmation).uid
    assert entry.start == calendar_of(confirmation).start
    assert b"VALARM" not in calendar_parts(cancellation)[0]
    assert cancellation["References"] == confirmation["Message-ID"]
    assert {mail.order_key for mail in all_mail()} == {entry.uid}


def test_giving_up_a_turn_on_the_waiting_list_sends_no_calendar_part() -> None:
    session = a_session(seats=1)
    register(session.key, a_registrant("first@example.org"))
    register(session.key, a_registrant("second@example.org"))

    cancel(token_of("second@example.org"))

    assert statuses(session) == ["registered", "cancelled"]
    assert [calendar_parts(mail) for mail in mails_to("second@example.org")] == [[], []]


def test_giving_a_place_up_twice_is_done_once() -> None:
    session = a_session()
    register(session.key, a_registrant())
    token = token_of("ana@lisbon.example")

    cancel(token)
    cancel(token)

    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation", "cancellation"]


def test_registering_after_giving_up_brings_the_same_entry_back_under_a_higher_sequence() -> None:
    session = a_session()
    register(session.key, a_registrant())
    cancel(token_of("ana@lisbon.example"))

    register(session.key, a_registrant(given_name="Ana Maria"))

    confirmation, _cancellation, again = mails_to("ana@lisbon.example")
    (place,) = all_registrations()
    assert (place.status, place.given_name, place.turn) == (RegistrationStatus.REGISTERED, "Ana Maria", 2)
    assert calendar_of(again).uid == calendar_of(confirmation).uid
    assert (calendar_of(again).method, calendar_of(again).sequence) == ("REQUEST", 2)


def test_an_answer_given_in_the_calendar_is_repeated_and_not_taken_back() -> None:
    session = a_session(languages=("en", "fr"))
    register(session.key, a_registrant())
    with transaction():
        db.session.scalars(select(CalendarEntry)).one().answer = CalendarAnswer.ACCEPTED

    change_version(token_of("ana@lisbon.example"), "fr")

    update = mails_to("ana@lisbon.example")[-1]
    assert (calendar_of(update).answer, calendar_of(update).sequence) == ("ACCEPTED", 0)


def test_who_gives_up_a_seat_after_the_start_frees_it_for_nobody() -> None:
    session = a_session(starts="2030-05-14T13:00", zone="UTC", seats=1)
    with time_machine.travel(datetime(2030, 5, 14, 12, 0, tzinfo=UTC), tick=False) as traveller:
        register(session.key, a_registrant("first@example.org"))
        register(session.key, a_registrant("second@example.org"))
        traveller.move_to(datetime(2030, 5, 14, 13, 0, tzinfo=UTC))

        cancel(token_of("first@example.org"))

    assert statuses(session) == ["cancelled", "waiting"]


def with_seats(session: WebinarSession, seats: int | None) -> int:
    """Give a session other seats, as whoever edits it does, and return how many moved up."""
    with transaction():
        held = lock_session(session.key)
        assert held is not None
        held.seats = seats
        return promote_waiting(held, clock.now())


def test_added_seats_go_to_those_who_wait_in_their_order() -> None:
    session = a_session(seats=1)
    for number in range(4):
        register(session.key, a_registrant(f"p{number}@example.org"))

    promoted = with_seats(session, 3)

    assert promoted == 2
    assert statuses(session) == ["registered", "registered", "registered", "waiting"]


def test_with_no_limit_any_more_everybody_who_waits_gets_a_seat() -> None:
    session = a_session(seats=1)
    for number in range(3):
        register(session.key, a_registrant(f"p{number}@example.org"))

    assert with_seats(session, None) == 2
    assert statuses(session) == ["registered"] * 3


def test_a_newcomer_waits_behind_those_who_wait_already_even_if_seats_are_free() -> None:
    session = a_session(seats=2)
    a_registration(session, email="waiting@example.org", status=RegistrationStatus.WAITING)

    register(session.key, a_registrant("new@example.org"))

    assert statuses(session) == ["waiting", "waiting"]


def test_on_behalf_of_a_member_the_place_names_it() -> None:
    session = a_session()
    member = a_member()

    register(session.key, a_registrant(affiliation=Affiliation.MEMBER, member_key=member.key))

    assert [place.member_id for place in all_registrations()] == [member.id]


def test_a_member_that_does_not_exist_is_refused_and_nothing_is_stored() -> None:
    session = a_session()

    with pytest.raises(UnknownMember):
        register(session.key, a_registrant(affiliation=Affiliation.MEMBER, member_key="atlantis"))

    assert all_registrations() == []
    assert all_mail() == []


def test_a_language_the_session_does_not_have_is_refused_and_nothing_is_stored() -> None:
    session = a_session(languages=("en",))

    with pytest.raises(UnknownLanguageVersion):
        register(session.key, a_registrant(version="fr"))

    assert all_registrations() == []
    assert all_mail() == []


def test_a_session_that_does_not_exist_is_refused() -> None:
    with pytest.raises(NoSuchSession):
        register("nowhere", a_registrant())


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (datetime(2030, 5, 14, 10, 59, 59, 999999, tzinfo=UTC), None),
        (datetime(2030, 5, 14, 11, 0, tzinfo=UTC), RegistrationState.CLOSED),
        (datetime(2030, 5, 14, 13, 15, tzinfo=UTC), RegistrationState.OVER),
        (datetime(2030, 4, 30, 23, 59, 59, tzinfo=UTC), RegistrationState.NOT_YET),
        (datetime(2030, 5, 1, 0, 0, tzinfo=UTC), None),
    ],
)
def test_registration_opens_and_closes_at_the_very_moment(at: datetime, state: RegistrationState | None) -> None:
    session = a_session(
        starts="2030-05-14T12:00",
        zone="UTC",
        registration_opens=datetime(2030, 5, 1, tzinfo=UTC),
        registration_closes=datetime(2030, 5, 14, 11, 0, tzinfo=UTC),
    )
    with time_machine.travel(at, tick=False):
        if state is None:
            register(session.key, a_registrant())
        else:
            with pytest.raises(RegistrationClosed) as refusal:
                register(session.key, a_registrant())
            assert refusal.value.state is state

    stored = 1 if state is None else 0
    assert len(all_registrations()) == stored
    assert len(all_mail()) == stored


def test_a_cancelled_session_takes_nobody() -> None:
    session = a_session(status=SessionStatus.CANCELLED)

    with pytest.raises(RegistrationClosed):
        register(session.key, a_registrant())

    assert all_registrations() == []


def test_following_in_another_language_updates_the_entry_without_asking_again() -> None:
    session = a_session(languages=("en", "fr"))
    register(session.key, a_registrant())

    change_version(token_of("ana@lisbon.example"), "fr")

    confirmation, update = mails_to("ana@lisbon.example")
    assert [place.language_version.code for place in all_registrations()] == ["fr"]
    assert calendar_of(update).uid == calendar_of(confirmation).uid
    assert calendar_of(update).sequence == 0
    assert calendar_of(update).stamped > calendar_of(confirmation).stamped


def test_following_in_the_language_one_follows_already_writes_nothing() -> None:
    session = a_session(languages=("en", "fr"))
    register(session.key, a_registrant())

    change_version(token_of("ana@lisbon.example"), "en")

    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation"]


def test_a_place_of_a_session_that_is_over_stays_as_it_was() -> None:
    place = a_registration(a_session(starts="2020-05-14T13:00", languages=("en", "fr")))

    with pytest.raises(RegistrationOver):
        cancel(place.token)
    with pytest.raises(RegistrationOver):
        change_version(place.token, "fr")

    assert [one.status for one in all_registrations()] == [RegistrationStatus.REGISTERED]
    assert all_mail() == []


def test_a_tampered_link_is_refused() -> None:
    place = a_registration()

    with pytest.raises(NoSuchRegistration):
        cancel(place.token[:-1] + "!")
    with pytest.raises(NoSuchRegistration):
        change_version(place.join_token, "en")


def test_the_newsletter_box_and_the_notice_are_kept_as_consents_with_their_text() -> None:
    session = a_session()

    register(session.key, a_registrant(newsletter=True))

    consents = db.session.scalars(select(Consent).order_by(Consent.id)).all()
    assert {consent.purpose for consent in consents} == {Purpose.NOTICE, Purpose.NEWSLETTER}
    assert {(consent.text_language, consent.source, len(consent.text_hash)) for consent in consents} == {
        ("en", f"session {session.key}", 64)
    }


def test_without_the_newsletter_box_there_is_no_consent_to_it() -> None:
    register(a_session().key, a_registrant())

    assert db.session.scalars(select(Consent.purpose)).all() == [Purpose.NOTICE]


@pytest.mark.parametrize(
    "name",
    [
        "=HYPERLINK(1)",
        "<script>alert(1)</script>",
        "a\r\nBcc: evil@example.org",
        "BEGIN:VEVENT",
        "عبد الله",
        "김하은",
        "🏙️",
    ],
)
def test_wild_names_arrive_whole_and_break_nothing(app: Flask, name: str) -> None:
    session = a_session()

    register(session.key, a_registrant(given_name=name, family_name="X"))

    mail = the_only_mail_to("ana@lisbon.example")
    entry = calendar_of(mail)
    assert entry.attendee == "mailto:ana@lisbon.example"
    assert "Bcc" not in mail
    assert [place.given_name for place in all_registrations()] == [name]
    assert "<script>" not in words_of(mail, "html")
    assert calendar_parts(mail)[0].count(b"\r\nBEGIN:VEVENT") == 1


def test_everything_personal_has_an_end_date() -> None:
    session = a_session()

    register(session.key, a_registrant(newsletter=True))

    (place,) = all_registrations()
    ends = clock.now() + timedelta(days=365)
    assert place.erase_after > ends
    assert place.person.erase_after > ends
    assert all_mail()[0].erase_after > ends
    assert min(db.session.scalars(select(Consent.erase_after))) > ends
    assert min(db.session.scalars(select(CalendarEntry.erase_after))) > ends
