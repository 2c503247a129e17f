"""What the mails of a mailing say: each kind, in every language of the pages, by the clocks of the reader's city."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from config import INTERFACE_LANGUAGES
from tests.factories import (
    a_consent,
    a_contact,
    a_mailing,
    a_member,
    a_person,
    a_question,
    a_registration,
    a_session,
    a_webinar,
    an_attendance,
    an_invitation,
)
from tests.invitations.test_confirming import confirmed
from tests.mailbox import calendar_of, calendar_parts, mails_to, the_only_mail_to, words_of
from webinar.catalogue.models import Access, Moment, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.models import Invitation, LeftOut, MailingKind, MailingRecipient
from webinar.invitations.services import write_due
from webinar.people.models import Purpose
from webinar.registration.models import Registration, RegistrationStatus

pytestmark = pytest.mark.usefixtures("app")
NOW = datetime(2030, 5, 1, 9, 0, tzinfo=UTC)
ANA = "ana@lisbon.example"
WORDS = {"en": ("Come, {given name}", "Dear {given name|colleague},\n\nplease **come** for {member}.")}


def everything_written() -> None:
    while write_due():
        db.session.remove()


def both(mail: EmailMessage) -> tuple[str, str]:
    """Return the plain text of a mail and its HTML."""
    return words_of(mail), words_of(mail, "html")


def links_of(mail: EmailMessage) -> list[str]:
    """Return where the buttons and links of a mail lead, in their order."""
    return re.findall(r'href="([^"]+)"', words_of(mail, "html").replace("&amp;", "&"))


def a_newsletter_reader(language: str = "en") -> None:
    """Store that Ana has asked for the newsletter."""
    a_consent(a_person(ANA), purpose=Purpose.NEWSLETTER, text_language=language)


def in_portugal() -> None:
    """Store Ana, a contact of Lisbon."""
    a_contact(ANA, given_name="Ana", member=a_member("Lisbon", timezone="Europe/Lisbon"))


def test_what_can_be_heard_in_the_readers_language_comes_first_each_with_its_own_button() -> None:
    webinar = a_webinar("heat", titles={"en": "Heat in cities", "fr": "La chaleur"})
    spanish = a_session("heat-es", webinar=webinar, languages=("es",), starts="2030-05-14T13:00")
    french = a_session("heat-fr", webinar=webinar, languages=("fr",), starts="2030-05-21T13:00", zone="Asia/Tehran")
    both_of = a_session("heat-all", webinar=webinar, languages=("en", "fr"), starts="2030-05-28T13:00")
    a_contact(ANA, given_name="Ana", language="fr", member=a_member("Dakar", timezone="Africa/Dakar"))
    confirmed(a_mailing(spanish, french, both_of, texts={"fr": ("Venez", "Bonjour {given name},")}))

    everything_written()

    mail = the_only_mail_to(ANA)
    tokens = {one.session_id: one.token for one in db.session.query(Invitation)}
    register = [link for link in links_of(mail) if "/register" in link]
    assert [link.partition("/fr/")[2] for link in register] == [
        f"sessions/{session.key}/register?invitation={tokens[session.id]}" for session in (french, both_of, spanish)
    ]
    text, html = both(mail)
    assert text.count("La chaleur") == html.count("La chaleur") == 1
    # 13:00 in Tehran is 9:30 in Dakar
    assert "Dakar" in text
    assert re.search(r"9.h.30", text)
    assert re.search(r"13.h.00 à Téhéran", text)
    assert "Français et anglais" in text
    assert calendar_parts(mail) == []


def test_a_title_that_is_missing_in_the_readers_language_is_marked_by_its_own() -> None:
    session = a_session(
        "heat", languages=("fr",), webinar=a_webinar(titles={"fr": "La chaleur"}, original_language="fr")
    )
    in_portugal()
    confirmed(a_mailing(session, texts=WORDS))

    everything_written()

    text, html = both(the_only_mail_to(ANA))
    assert re.search(r'<h2[^>]* lang="fr"[^>]*>La chaleur</h2>', html)
    assert "(in French) La chaleur" in text


def test_where_nobody_knows_their_clocks_the_hours_are_those_of_the_session() -> None:
    a_contact(ANA, person=a_person(ANA, timezone=None))
    confirmed(a_mailing(a_session(zone="Asia/Seoul", starts="2030-05-14T13:00")))

    everything_written()

    text = words_of(the_only_mail_to(ANA))
    assert "13:00–14:15 in Seoul" in text
    assert "for you in" not in text


@pytest.mark.parametrize(
    ("registers", "says"), [(False, "does not register you yet"), (True, "Press Yes in it, and you are registered")]
)
def test_what_yes_in_the_calendar_does_is_said_where_an_entry_comes_with_it(*, registers: bool, says: str) -> None:
    in_portugal()
    confirmed(a_mailing(a_session(), texts=WORDS, yes_registers=registers))

    everything_written()

    mail = the_only_mail_to(ANA)
    assert says in words_of(mail)
    assert says in words_of(mail, "html")
    assert calendar_of(mail).method == "REQUEST"


def test_without_an_entry_nothing_is_said_of_calendars() -> None:
    in_portugal()
    confirmed(a_mailing(a_session(), texts=WORDS, with_entry=False))

    everything_written()

    mail = the_only_mail_to(ANA)
    assert "calendar" not in words_of(mail)
    assert calendar_parts(mail) == []


def test_who_is_invited_can_say_that_they_cannot_come() -> None:
    in_portugal()
    confirmed(a_mailing(a_session(), texts=WORDS))

    everything_written()

    mail = the_only_mail_to(ANA)
    address = f"/en/invitations/{db.session.query(Invitation).one().token}"
    assert any(link.endswith(address) for link in links_of(mail))
    assert address in words_of(mail)


def test_information_leads_each_to_their_own_places_and_tells_of_no_other_session() -> None:
    webinar = a_webinar(titles={"en": "Heat in cities"})
    sessions = [a_session(key, webinar=webinar, starts=f"2030-05-{day}T13:00") for key, day in (("a", 14), ("b", 21))]
    person = a_person(ANA)
    places = [a_registration(session, person=person) for session in sessions]
    other = a_registration(sessions[1], person=a_person("rui@lisbon.example"))
    mailing = confirmed(a_mailing(*sessions, kind=MailingKind.INFORMATION, texts=WORDS))

    everything_written()

    assert [link.rpartition("/")[2] for link in links_of(the_only_mail_to(ANA))] == [place.token for place in places]
    assert [link.rpartition("/")[2] for link in links_of(the_only_mail_to("rui@lisbon.example"))] == [other.token]
    assert "you registered for this session" in words_of(the_only_mail_to("rui@lisbon.example"))
    assert mailing.kind.is_about_places


def test_who_gave_their_place_up_meanwhile_gets_no_information() -> None:
    place = a_registration(a_session(), person=a_person(ANA))
    confirmed(a_mailing(place.session, kind=MailingKind.INFORMATION, texts=WORDS))
    place.status, place.cancelled_at = RegistrationStatus.CANCELLED, clock.now()
    db.session.commit()

    everything_written()

    assert mails_to(ANA) == []
    assert db.session.query(MailingRecipient).one().left_out is LeftOut.CANCELLED


def over(kind: MailingKind, session: WebinarSession, *others: WebinarSession) -> EmailMessage:
    """Return what Ana gets after a session."""
    place = a_registration(session, person=a_person(ANA))
    came = place if kind is MailingKind.THANKS else a_registration(session, person=a_person("rui@lisbon.example"))
    an_attendance(came)
    with time_machine.travel(session.ends_at + timedelta(hours=1), tick=False):
        confirmed(a_mailing(session, kind=kind, texts=WORDS))
        everything_written()
        return the_only_mail_to(ANA)


def test_who_came_is_led_to_recording_and_materials() -> None:
    session = a_session(webinar=a_webinar("heat", titles={"en": "Heat"}))

    mail = over(MailingKind.THANKS, session)

    assert links_of(mail)[0].endswith("/en/webinars/heat")
    assert "See recording and materials" in words_of(mail)
    assert calendar_parts(mail) == []


def test_who_came_is_asked_how_it_was_where_the_webinar_asks_that() -> None:
    session = a_session("heat", starts="2020-05-14T13:00")
    a_question(session.webinar, moment=Moment.AFTERWARDS)

    links = links_of(over(MailingKind.THANKS, session))

    place = db.session.scalars(select(Registration)).one()
    assert f"/en/registrations/{place.token}/feedback" in " ".join(links)


def test_who_missed_it_is_offered_the_days_on_which_it_is_held_again() -> None:
    webinar = a_webinar("heat", titles={"en": "Heat in cities"})
    session = a_session("heat-1", webinar=webinar)
    a_session("heat-2", webinar=webinar, starts="2030-06-14T13:00", languages=("en", "fr"))
    a_session("secret", webinar=webinar, starts="2030-06-15T13:00", access=Access.WITH_LINK)
    a_session("past", webinar=webinar, starts="2030-04-15T13:00")

    mail = over(MailingKind.MISSED, session)

    assert [link.partition("/en/")[2] for link in links_of(mail)][:2] == ["webinars/heat", "sessions/heat-2/register"]
    for words in both(mail):
        assert "It is held again" in words
        assert "sessions/secret" not in words


def test_a_newsletter_needs_no_session_and_can_show_some() -> None:
    a_newsletter_reader()
    confirmed(a_mailing(kind=MailingKind.NEWSLETTER, texts={"en": ("News", "Of **this** month.")}))
    everything_written()
    mail = the_only_mail_to(ANA)
    assert "<strong>this</strong>" in words_of(mail, "html")
    assert "you asked for the newsletter" in words_of(mail)

    confirmed(a_mailing(a_session("heat"), kind=MailingKind.NEWSLETTER, texts={"en": ("More", "Come.")}))
    everything_written()

    second = mails_to(ANA)[1]
    assert any("/webinars/" in link for link in links_of(second))
    assert "List-Unsubscribe" in second


def test_a_language_of_no_page_has_its_own_words_marked_and_the_rest_in_that_of_the_pages() -> None:
    a_contact(ANA, given_name="آنا", language="fa")
    confirmed(a_mailing(a_session(), texts={"fa": ("بیایید {given name}", "سلام {given name}")}))

    everything_written()

    mail = the_only_mail_to(ANA)
    html = words_of(mail, "html")
    assert '<html lang="en" dir="ltr"' in html
    (around,) = re.findall(r'<div [^>]*lang="fa"[^>]*>', html)
    assert 'dir="rtl"' in around
    assert "text-align: right" in around
    assert ">Register</a>" in html
    assert "آنا" in str(mail["Subject"])


def test_the_name_of_the_network_is_no_html(app: Flask) -> None:
    in_portugal()
    confirmed(a_mailing(a_session(), texts=WORDS))
    app.config["NETWORK_NAME"], before = "<b>Cities</b> & more", app.config["NETWORK_NAME"]
    try:
        everything_written()
    finally:
        app.config["NETWORK_NAME"] = before

    text, html = both(the_only_mail_to(ANA))
    assert "the lists of <b>Cities</b> & more." in text
    assert "the lists of &lt;b&gt;Cities&lt;/b&gt; &amp; more." in html


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
@pytest.mark.parametrize("kind", list(MailingKind))
def test_every_kind_is_whole_in_every_language(kind: MailingKind, language: str) -> None:
    webinar = a_webinar("heat", titles={language: "Heat"}, original_language=language)
    session = a_session("heat-1", webinar=webinar, languages=(language, "ca"))
    a_session("heat-2", webinar=webinar, starts="2030-06-14T13:00")
    if kind is MailingKind.NEWSLETTER:
        a_newsletter_reader(language)
    elif kind.is_about_places:
        place = a_registration(session, person=a_person(ANA), language=language, version=language)
        if kind is MailingKind.THANKS:
            an_attendance(place)
        elif kind is MailingKind.MISSED:
            an_attendance(a_registration(session, person=a_person("rui@lisbon.example")))
    else:
        contact = a_contact(ANA, given_name="<Ana>", language=language)
        if kind is MailingKind.REMINDER:
            an_invitation(session, contact.person)
    at = NOW if kind.is_asking or kind is MailingKind.INFORMATION else session.ends_at + timedelta(hours=1)
    with time_machine.travel(at, tick=False):
        confirmed(
            a_mailing(session, kind=kind, texts={language: ("{full name|x}", "**Text** {given name|y} & {role}")})
        )
        everything_written()

    mail = the_only_mail_to(ANA)
    text, html = both(mail)
    assert f'<html lang="{language}"' in html
    assert "<strong>Text</strong>" in html
    assert "Text" in text
    assert not re.search(r"\{|\}|\*\*|None|<Ana>", text.replace("<Ana>", "", 2) + html.partition("</head>")[2])
    assert len(mail.as_bytes()) < 64 * 1024
