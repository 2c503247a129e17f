"""Ten minutes before the start the telephone rings: what an organiser does for somebody who is registered."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_member, a_person, a_registration, a_session, a_webinar, an_attendance, an_outbox_mail
from tests.mailbox import (
    all_mail,
    calendar_of,
    calendar_parts,
    kinds_of_mail_to,
    mails_to,
    read,
    the_only_mail_to,
    words_of,
)
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.attendance.models import AttendanceRecord, AttendanceSource
from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.catalogue.models import Platform, SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.models import MailState
from webinar.people.mail_address import NoMailAddress
from webinar.people.models import Consent, Person, Purpose
from webinar.people.services.who_is_who import give_consent
from webinar.registration import services
from webinar.registration.mails import enqueue_news_of_place
from webinar.registration.models import LeftFor, Registration, RegistrationStatus
from webinar.registration.queries import find_by_join_token, find_by_token

ANA = "ana@lisbon.example"
RIGHT = "ana.sousa@lisbon.example"
PLACE = "/staff/sessions/heat/registrations/1"


def a_place(session: WebinarSession | None = None, **more: object) -> Registration:
    """Return Ana's place with its confirmation and calendar entry."""
    place = a_registration(session or a_session("heat"), email=ANA, **more)  # type: ignore[arg-type]
    enqueue_news_of_place(find_by_token(place.token) or place, clock.now())
    db.session.commit()
    return place


def noted() -> list[tuple[str, str, object]]:
    """Return what the audit log holds beside signing in."""
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(entry.action, entry.subject, entry.changes) for entry in entries if entry.subject.startswith("session")]


def sentence_on(page: str) -> str:
    found = re.search(r"<textarea[^>]*data-words[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


# The link in a chat.


def test_the_link_stands_in_a_sentence_in_the_person_s_language_and_each_look_is_written_down(
    client: FlaskClient,
) -> None:
    place = a_registration(a_session("heat", languages=("en", "fr")), email=ANA, language="en")
    signed_in_as(client, Role.ORGANISER)

    page = client.post(f"{PLACE}/link").text

    assert sentence_on(page) == (
        "Hello Ana, here is your personal link for “Heat in cities” (Tuesday, 14 May 2030, 13:00–14:15 for you in "
        f"Lisbon): http://127.0.0.1:5000/join/{place.join_token}"
    )
    assert noted() == [("showed the link of", "session heat", {"registration": 1})]
    assert all_mail() == []


def test_the_sentence_is_marked_with_the_language_it_is_in(client: FlaskClient) -> None:
    a_registration(a_session("heat", languages=("en", "fr")), email=ANA, language="fr")
    signed_in_as(client, Role.ORGANISER)

    assert 'data-words lang="fr" dir="auto"' in client.post(f"{PLACE}/link").text


@pytest.mark.parametrize(
    ("status", "platform"),
    [(RegistrationStatus.WAITING, Platform.ZOOM), (RegistrationStatus.REGISTERED, Platform.ROOM)],
)
def test_who_waits_and_who_goes_to_a_hall_gets_the_link_to_their_place(
    client: FlaskClient, status: RegistrationStatus, platform: Platform
) -> None:
    place = a_registration(a_session("heat", platform=platform), status=status)
    signed_in_as(client, Role.ORGANISER)

    words = sentence_on(client.post(f"{PLACE}/link").text)

    assert words.endswith(f"/en/registrations/{place.token}")


def test_a_name_is_only_a_name_in_the_sentence(client: FlaskClient) -> None:
    a_registration(a_session("heat"), given_name='</textarea><script>alert(1)</script>"%(link)s')
    signed_in_as(client, Role.ORGANISER)

    page = client.post(f"{PLACE}/link").text

    assert "<script>alert" not in page
    assert sentence_on(page).startswith('Hello </textarea><script>alert(1)</script>"%(link)s, here')


@pytest.mark.parametrize("status", [SessionStatus.CANCELLED, SessionStatus.PUBLISHED])
def test_a_link_that_leads_nowhere_is_not_shown(client: FlaskClient, status: SessionStatus) -> None:
    a_registration(a_session("heat", status=status, starts="2020-05-14T13:00"))
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"{PLACE}/link")

    assert (answer.status_code, answer.headers["Location"]) == (303, PLACE)
    assert "This place can no longer be changed." in client.get(PLACE).text
    assert noted() == []


# Sending again.


def test_sending_again_brings_links_and_the_same_entry_at_once_after_what_waits_before_it(client: FlaskClient) -> None:
    a_place()
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"{PLACE}/send-again", data={"as": "calendar"})

    assert answer.status_code == 303
    first, again = all_mail()
    assert calendar_of(read(again)).uid == calendar_of(read(first)).uid
    assert calendar_of(read(again)).sequence == calendar_of(read(first)).sequence
    assert (first.urgent, again.urgent) == (True, True)
    assert noted() == [("sent again", "session heat", {"registration": 1})]


def test_sending_as_plain_text_is_one_part_of_plain_text(client: FlaskClient) -> None:
    place = a_registration(a_session("heat"), email=ANA)
    signed_in_as(client, Role.ORGANISER)

    client.post(f"{PLACE}/send-again", data={"as": "text"})

    mail = the_only_mail_to(ANA)
    assert mail.get_content_type() == "text/plain"
    assert not mail.is_multipart()
    assert f"/join/{place.join_token}" in mail.get_content()
    assert mail["Subject"] == "Your links: Heat in cities, 14 May 2030"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert all_mail()[0].urgent
    assert noted() == [("sent again", "session heat", {"registration": 1, "what": "plain text"})]


# The right address.


def test_correcting_the_address_kills_the_old_links_and_sends_new_ones_there(client: FlaskClient) -> None:
    place = a_place()
    before = (place.token, place.join_token)
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"{PLACE}/address", data={"email": " Ana.Sousa@LISBON.example "})

    assert (answer.status_code, answer.headers["Location"]) == (303, PLACE)
    assert (find_by_token(before[0]), find_by_join_token(before[1])) == (None, None)
    assert client.get(f"/join/{before[1]}").status_code == 404
    assert client.get(f"/en/registrations/{before[0]}").status_code == 404
    corrected = find_by_id(place.id)
    assert corrected.person.email == RIGHT
    assert corrected.status is RegistrationStatus.REGISTERED
    assert f"/join/{corrected.join_token}" in words_of(the_only_mail_to(RIGHT))
    assert noted() == [("corrected", "session heat", {"registration": 1})]


def find_by_id(registration_id: int) -> Registration:
    token = db.session.scalars(select(Registration.token).where(Registration.id == registration_id)).one()
    return find_by_token(token) or pytest.fail("no such registration")


def test_the_entry_leaves_the_old_calendar_and_another_comes_into_the_new_one(client: FlaskClient) -> None:
    a_place()
    signed_in_as(client, Role.ORGANISER)

    client.post(f"{PLACE}/address", data={"email": RIGHT})

    invited, taken_out = (calendar_of(mail) for mail in mails_to(ANA))
    new = calendar_of(the_only_mail_to(RIGHT))
    assert (invited.method, taken_out.method, new.method) == ("REQUEST", "CANCEL", "REQUEST")
    assert taken_out.uid == invited.uid != new.uid
    assert taken_out.sequence == invited.sequence + 1
    assert (taken_out.attendee, new.attendee) == (f"mailto:{ANA}", f"mailto:{RIGHT}")
    assert RIGHT not in words_of(mails_to(ANA)[1])


@pytest.mark.parametrize(
    ("state", "told"),
    [(MailState.REFUSED, 1), (MailState.GIVEN_UP, 1), (MailState.QUEUED, 2), (MailState.SENT, 2)],
)
def test_an_address_that_refused_every_invitation_is_not_written_to_again(
    client: FlaskClient, state: MailState, told: int
) -> None:
    a_place()
    mail = all_mail()[0]
    mail.state = state
    mail.sent_at = clock.now() if state is MailState.SENT else None
    db.session.commit()
    signed_in_as(client, Role.ORGANISER)

    client.post(f"{PLACE}/address", data={"email": RIGHT})

    assert len(mails_to(ANA)) == told
    old = db.session.scalars(select(CalendarEntry).order_by(CalendarEntry.id)).first()
    assert old is not None
    assert old.status is EntryStatus.CANCELLED


def test_what_was_agreed_to_with_the_form_goes_along_and_a_stranger_gets_no_newsletter(app: Flask) -> None:
    place = a_place()
    person = db.session.scalars(select(Person)).one()
    for purpose, source in ((Purpose.NOTICE, "session heat"), (Purpose.NEWSLETTER, "session heat")):
        give_consent(
            person, purpose, text_version="1", text_language="en", text="words", source=source, now=clock.now()
        )
    db.session.commit()

    services.correct_address(place.token, RIGHT)

    rows = db.session.execute(
        select(Person.email, Consent.purpose, Consent.withdrawn_at.is_(None))
        .join(Consent, Consent.person_id == Person.id)
        .order_by(Consent.id)
    )
    assert [tuple(row) for row in rows] == [
        (ANA, Purpose.NOTICE, True),
        (ANA, Purpose.NEWSLETTER, False),
        (RIGHT, Purpose.NOTICE, True),
        (RIGHT, Purpose.NEWSLETTER, True),
    ]


def test_that_they_came_already_goes_along(app: Flask) -> None:
    place = a_place()
    an_attendance(place, source=AttendanceSource.JOIN_LINK, minutes=None)

    services.correct_address(place.token, RIGHT)

    assert db.session.scalars(
        select(Person.email).join(AttendanceRecord, AttendanceRecord.person_id == Person.id)
    ).all() == [RIGHT]


def test_who_waits_keeps_their_turn_and_the_old_address_is_not_written_to(app: Flask) -> None:
    place = a_place(a_session("heat", seats=1), status=RegistrationStatus.WAITING)

    services.correct_address(place.token, RIGHT)

    assert (find_by_id(place.id).status, find_by_id(place.id).turn) == (RegistrationStatus.WAITING, 1)
    assert kinds_of_mail_to(ANA) == kinds_of_mail_to(RIGHT) == ["waiting list"]
    assert calendar_parts(the_only_mail_to(RIGHT)) == []


@pytest.mark.parametrize(
    "status", [RegistrationStatus.REGISTERED, RegistrationStatus.WAITING, RegistrationStatus.CANCELLED]
)
def test_an_address_that_is_registered_already_is_refused_with_the_way_to_it(
    client: FlaskClient, status: RegistrationStatus
) -> None:
    place = a_place()
    a_registration(place.session, email=RIGHT, status=status)
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"{PLACE}/address", data={"email": RIGHT})

    assert answer.status_code == 422
    assert "This address is registered in this session already." in answer.text
    assert 'href="/staff/sessions/heat/registrations/2"' in answer.text
    assert f'value="{RIGHT}"' in answer.text
    assert find_by_token(place.token) is not None
    assert mails_to(RIGHT) == []
    assert len(mails_to(ANA)) == 1
    assert noted() == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (ANA, "This is the address of the registration already."),
        ("ANA@lisbon.example ", "This is the address of the registration already."),
        ("", "Write the right mail address."),
        ("ana", "An @ is missing."),
        ("ana@lisbon", "something is missing"),
        ("ana@lisbon.example\nBcc: x@y.example", "Mail cannot reach this address."),
        ("a" * 300 + "@lisbon.example", "This is longer than any mail address."),
    ],
)
def test_what_is_no_other_address_is_said_at_the_field_and_nothing_changes(
    client: FlaskClient, typed: str, says: str
) -> None:
    place = a_place()
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"{PLACE}/address", data={"email": typed})

    assert answer.status_code == 422
    assert says in answer.text
    assert find_by_token(place.token) is not None
    assert db.session.scalars(select(Person.email).order_by(Person.id)).all() == [ANA]
    assert len(all_mail()) == 1


def test_an_address_that_was_merged_into_the_person_is_their_own(app: Flask) -> None:
    place = a_place()
    a_person(RIGHT, merged_into_id=place.person_id)

    with pytest.raises(services.SameAddress):
        services.correct_address(place.token, RIGHT)


def test_the_address_of_somebody_who_was_erased_is_nobody_s_and_can_be_given(app: Flask) -> None:
    place = a_place()
    gone = a_person("gone@lisbon.example")
    gone.email, gone.erased_at = None, clock.now()
    db.session.commit()

    services.correct_address(place.token, "gone@lisbon.example")

    assert find_by_id(place.id).person_id != gone.id


def test_the_place_of_somebody_who_was_erased_cannot_be_given_an_address(client: FlaskClient) -> None:
    place = a_registration(a_session("heat"), email=ANA)
    person = db.session.get_one(Person, place.person_id)
    person.email, person.erased_at = None, clock.now()
    db.session.commit()
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"{PLACE}/address", data={"email": RIGHT})

    assert answer.status_code == 422
    assert "Correct the address" not in client.get(PLACE).text
    assert all_mail() == []


@pytest.mark.parametrize("what", ["cancelled", "over", "given up", "handed over"])
def test_an_address_is_not_corrected_where_nothing_can_be_changed(app: Flask, what: str) -> None:
    session = a_session(
        "heat",
        status=SessionStatus.CANCELLED if what == "cancelled" else SessionStatus.PUBLISHED,
        starts="2020-05-14T13:00" if what == "over" else "2030-05-14T13:00",
    )
    gone = what in {"given up", "handed over"}
    place = a_registration(
        session,
        email=ANA,
        status=RegistrationStatus.CANCELLED if gone else RegistrationStatus.REGISTERED,
    )
    if what == "handed over":
        place.left_for = LeftFor.HANDED_OVER
        db.session.commit()

    with pytest.raises((services.RegistrationOver, services.HandedOver)):
        services.correct_address(place.token, RIGHT)

    assert all_mail() == []
    assert db.session.scalars(select(Person.email)).all() == [ANA]


def test_an_impossible_address_is_refused_by_the_use_case_too(app: Flask) -> None:
    place = a_place()

    with pytest.raises(NoMailAddress):
        services.correct_address(place.token, "nobody")


def test_an_address_can_be_corrected_back(app: Flask) -> None:
    place = a_place()

    services.correct_address(place.token, RIGHT)
    services.correct_address(find_by_id(place.id).token, ANA)

    assert find_by_id(place.id).person.email == ANA
    methods = [calendar_of(mail).method for mail in mails_to(ANA)]
    assert methods == ["REQUEST", "CANCEL", "REQUEST"]
    assert [calendar_of(mail).sequence for mail in mails_to(ANA)] == [0, 1, 2]


# Day, language, giving up: the same use cases as by the person's own link, written down.


def test_an_organiser_changes_the_language_on_somebody_s_behalf(client: FlaskClient) -> None:
    place = a_registration(a_session("heat", languages=("en", "fr")), email=ANA)
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"{PLACE}/language", data={"language": "fr"})

    assert answer.headers["Location"] == PLACE
    assert find_by_id(place.id).language_version.code == "fr"
    assert noted() == [("changed", "session heat", {"registration": 1, "language": ["en", "fr"]})]
    assert kinds_of_mail_to(ANA) == ["confirmation"]


def test_an_organiser_moves_somebody_to_another_day(client: FlaskClient) -> None:
    webinar = a_webinar()
    a_place(a_session("heat", webinar=webinar))
    a_session("later", webinar=webinar, starts="2030-06-14T13:00")
    signed_in_as(client, Role.ORGANISER)

    page = client.get(f"{PLACE}/change").text
    answer = client.post(f"{PLACE}/move", data={"session": "later"}, follow_redirects=True)

    assert 'value="later" checked' in page
    assert "They have moved." in answer.text
    assert "Ana Sousa" in answer.text
    places = db.session.scalars(select(Registration).order_by(Registration.id)).all()
    assert [place.status for place in places] == [RegistrationStatus.CANCELLED, RegistrationStatus.REGISTERED]
    assert noted() == [("moved", "session heat", {"registration": 1, "session": ["heat", "later"]})]


def test_where_they_would_wait_the_organiser_is_asked_first(client: FlaskClient) -> None:
    webinar = a_webinar()
    a_place(a_session("heat", webinar=webinar))
    a_registration(a_session("later", webinar=webinar, starts="2030-06-14T13:00", seats=1))
    signed_in_as(client, Role.ORGANISER)

    asked = client.post(f"{PLACE}/move", data={"session": "later"})
    answer = client.post(f"{PLACE}/move", data={"session": "later", "wait": "yes"})

    assert asked.status_code == 409
    assert "they would wait for one" in asked.text
    assert answer.status_code == 303
    assert len(noted()) == 1


@pytest.mark.parametrize("session", ["", "none", "elsewhere", "x" * 3000, "%"])
def test_one_cannot_be_moved_to_what_is_no_day_of_the_webinar(client: FlaskClient, session: str) -> None:
    place = a_place()
    a_session("elsewhere")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"{PLACE}/move", data={"session": session})

    assert answer.status_code == 409
    assert find_by_token(place.token) is not None
    assert noted() == []


def test_an_organiser_gives_a_place_up_and_takes_it_back_for_somebody(client: FlaskClient) -> None:
    place = a_place()
    signed_in_as(client, Role.ORGANISER)

    client.post(f"{PLACE}/cancel")
    assert find_by_id(place.id).status is RegistrationStatus.CANCELLED
    assert "Comes after all" in client.get(f"{PLACE}/change").text
    client.post(f"{PLACE}/take-back")

    assert find_by_id(place.id).status is RegistrationStatus.REGISTERED
    assert [action for action, _, _ in noted()] == ["cancelled", "took back"]


def test_what_people_do_by_their_own_links_is_not_the_staff_s_and_not_written_down(client: FlaskClient) -> None:
    place = a_registration(a_session("heat", languages=("en", "fr")), email=ANA)

    client.post(f"/en/registrations/{place.token}/language", data={"language": "fr"})
    client.post(f"/en/registrations/{place.token}/cancel")

    assert noted() == []


# Who may.

DOINGS = ("link", "send-again", "address", "language", "move", "cancel", "take-back")


@pytest.mark.parametrize("what", DOINGS)
def test_a_viewer_can_do_none_of_it_and_sees_no_link(client: FlaskClient, what: str) -> None:
    place = a_place()
    signed_in_as(client, Role.VIEWER)

    answer = client.post(f"{PLACE}/{what}", data={"email": RIGHT, "language": "en", "session": "heat"})

    assert answer.status_code == 403
    assert find_by_token(place.token) is not None
    assert len(all_mail()) == 1
    for page in (PLACE, "/staff/people?q=ana"):
        text = client.get(page).text
        assert "Copy the link" not in text
        assert place.join_token not in text


@pytest.mark.parametrize("what", DOINGS)
@pytest.mark.parametrize("where", ["none/registrations/1", "heat/registrations/7", "heat/registrations/99999999999999"])
def test_of_nobody_nothing_can_be_done(client: FlaskClient, where: str, what: str) -> None:
    a_place()
    signed_in_as(client, Role.ORGANISER)

    assert client.post(f"/staff/sessions/{where}/{what}").status_code == 404


def test_no_page_that_one_only_looks_at_holds_a_personal_link(client: FlaskClient) -> None:
    place = a_place()
    an_outbox_mail(person_id=place.person_id)
    signed_in_as(client, Role.ORGANISER)

    for page in (PLACE, f"{PLACE}/change", f"{PLACE}/address", "/staff/people?q=ana", "/staff/audit"):
        text = client.get(page).text
        assert place.token not in text
        assert place.join_token not in text
    assert "Copy the link" in client.get("/staff/people?q=ana").text


def test_a_member_s_official_is_found_and_helped_with_two_presses(client: FlaskClient) -> None:
    place = a_registration(a_session("heat"), member=a_member("Lisbon", aliases=["Lisboa"]))
    signed_in_as(client, Role.ORGANISER)

    found = client.get("/staff/people?q=lisboa").text  # 1: find
    [address] = re.findall(r'<form method="post" action="([^"]*/link)"', found)
    words = sentence_on(client.post(address).text)  # 2: copy

    assert words.endswith(f"/join/{place.join_token}")


def test_registering_closed_does_not_keep_the_staff_from_helping(client: FlaskClient) -> None:
    a_place(a_session("heat", registration_closes=clock.now() - timedelta(days=1)))
    signed_in_as(client, Role.ORGANISER)

    assert client.post(f"{PLACE}/link").status_code == 200
    assert client.post(f"{PLACE}/send-again").status_code == 303
