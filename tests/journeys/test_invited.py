"""Somebody is invited by a mailing: two clicks register, a press says no, and a yes in the calendar is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.conftest import look_again
from tests.factories import a_contact, a_mailing, a_member, a_session, a_webinar
from tests.incoming import ORGANIZER, SERVER, a_calendar, a_message
from tests.invitations.test_confirming import confirmed
from tests.journeys.looking import faults_of, scrolls_sideways
from tests.journeys.test_answer_from_a_calendar import newest_mail
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.models import Registration, RegistrationStatus

ANA = "ana@lisbon.example"


def a_session_in_three_languages() -> WebinarSession:
    titles = {"en": "Heat in cities", "fr": "La chaleur en ville", "ar": "الحر في المدن"}
    return a_session("heat", webinar=a_webinar("heat", titles=titles), languages=("en", "fr", "ar"))


def mails_of(app: Flask, session: WebinarSession, language: str) -> str:
    """Invite one person who reads a language, and return the mail that arrives."""
    a_contact(ANA, language=language, member=a_member("Lisbon", timezone="Europe/Lisbon"))
    words = dict.fromkeys(("en", "fr", "ar"), ("Come", "Dear {given name}"))
    confirmed(a_mailing(session, texts=words))
    return newest_mail(app)


def places() -> list[tuple[str, RegistrationStatus]]:
    look_again()
    found = db.session.execute(select(Registration.given_name, Registration.status)).all()
    db.session.rollback()
    return [(name, status) for name, status in found]


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_button_of_the_mail_and_one_press_on_a_phone(
    app: Flask, live_server: str, open_page: Callable[..., Page], language: str
) -> None:
    session = a_session_in_three_languages()
    with time_machine.travel(session.starts_at - timedelta(days=20)):
        address = re.search(rf"\S+/{language}/sessions/heat/register\?invitation=\S+", mails_of(app, session, language))
        assert address is not None
        phone = open_page(viewport={"width": 360, "height": 740})
        phone.goto(address[0])
        expect(phone.locator("main")).to_contain_text("Ana Costa")
        expect(phone.locator("main")).not_to_contain_text(ANA)
        expect(phone.locator("#language")).to_have_value(language)
        assert (faults_of(phone), scrolls_sideways(phone)) == ([], [])
        phone.locator("form.form button.primary").click()
        expect(phone).to_have_url(re.compile(rf"/{language}/sessions/heat/registered$"))
        expect(phone.locator("main")).to_contain_text("a…@lisbon.example")

        assert places() == [("Ana", RegistrationStatus.REGISTERED)]


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_saying_no_and_taking_it_back_on_a_phone(
    app: Flask, live_server: str, open_page: Callable[..., Page], language: str
) -> None:
    session = a_session_in_three_languages()
    with time_machine.travel(session.starts_at - timedelta(days=20)):
        address = re.search(rf"\S+/{language}/invitations/\S+", mails_of(app, session, language))
        assert address is not None
        phone = open_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
        phone.goto(address[0])
        assert (faults_of(phone), scrolls_sideways(phone)) == ([], [])
        phone.locator("main form button").click()
        assert "METHOD:CANCEL" in newest_mail(app)
        assert (faults_of(phone), scrolls_sideways(phone)) == ([], [])
        phone.locator("main form button").click()
        assert "METHOD:REQUEST" in newest_mail(app)

        assert places() == []


def test_a_yes_in_the_calendar_is_answered_by_the_button(
    app: Flask, live_server: str, open_page: Callable[..., Page]
) -> None:
    app.config.update(MAIL_AUTHSERV_ID=SERVER, MAIL_DEFAULT_SENDER=ORGANIZER)
    session = a_session_in_three_languages()
    with time_machine.travel(session.starts_at - timedelta(days=20)):
        mails_of(app, session, "en")
        uid = db.session.scalars(select(CalendarEntry.uid)).one()
        db.session.rollback()
        pressed = a_message(a_calendar(uid, stamped=f"{clock.now():%Y%m%dT%H%M%SZ}"))
        said = app.test_cli_runner().invoke(args=["mail", "receive"], input=pressed)
        assert (said.output, said.exit_code) == ("The answer was stored.\n", 0)
        address = re.search(r"\S+/en/sessions/heat/register\?invitation=\S+", newest_mail(app))
        assert address is not None
        phone = open_page(viewport={"width": 360, "height": 740})
        phone.goto(address[0])
        phone.get_by_role("button", name="Register").click()
        expect(phone.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")

        assert places() == [("Ana", RegistrationStatus.REGISTERED)]
