"""Somebody registers, presses "No" in their calendar, is asked by mail, and gives the place up with one press."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import time_machine
from flask import Flask
from playwright.sync_api import Page, expect

from tests.conftest import look_again
from tests.factories import a_session, a_webinar
from tests.incoming import ORGANIZER, SERVER, an_outlook_reply
from tests.journeys.looking import faults_of, scrolls_sideways
from tests.signing_in import PASSWORD, with_password
from webinar.accounts.models import Role
from webinar.foundation import clock
from webinar.worker.loop import deliver_once

ANA = "ana@lisbon.example"


def newest_mail(app: Flask) -> str:
    """Return the newest mail in the mailbox folder, as text, its lines and words put together again."""
    look_again()
    assert deliver_once() is not None
    look_again()
    newest = max((Path(app.instance_path) / "mailbox").glob("*.eml"))
    message = email.message_from_bytes(newest.read_bytes(), policy=email.policy.default)
    return "\n".join(
        part.get_content() for part in message.walk() if part.get_content_type() in {"text/plain", "text/calendar"}
    )


def test_a_no_in_the_calendar_reaches_the_organiser_and_is_answered_by_an_offer(
    app: Flask, live_server: str, open_page: Callable[..., Page]
) -> None:
    app.config.update(MAIL_AUTHSERV_ID=SERVER, MAIL_DEFAULT_SENDER=ORGANIZER)
    session = a_session("heat-en", webinar=a_webinar("heat", titles={"en": "Heat in cities"}))
    organiser = with_password(Role.ORGANISER)
    with time_machine.travel(session.starts_at - timedelta(days=3)):
        ana = open_page(viewport={"width": 360, "height": 740})
        ana.goto("/en/sessions/heat-en/register")
        ana.get_by_label("Mail address").fill(ANA)
        ana.get_by_label("Given name").fill("Ana")
        ana.get_by_label("Family name").fill("Sousa")
        ana.get_by_label("Somebody else").check()
        ana.get_by_role("checkbox", name=re.compile("I have read")).check()
        ana.get_by_role("button", name="Register").click()
        expect(ana.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
        invitation = newest_mail(app)
        uid = re.search(r"^UID:(\S+)", invitation, re.MULTILINE)
        assert uid is not None

        # What Outlook sends when she presses "No", as the mail server hands it to the command.
        pressed = an_outlook_reply(uid[1], ANA, stamped=f"{clock.now():%Y%m%dT%H%M%SZ}")
        said = app.test_cli_runner().invoke(args=["mail", "receive"], input=pressed)
        assert (said.output, said.exit_code) == ("The answer was stored.\n", 0)

        staff = open_page()
        staff.goto("/staff/sign-in")
        staff.get_by_label("Mail address").fill(organiser.email)
        staff.get_by_label("Password").fill(PASSWORD)
        staff.get_by_role("button", name="Sign in").click()
        staff.goto("/staff/sessions/heat-en/")
        staff.get_by_role("link", name="No in the calendar, and still registered").click()
        expect(staff.get_by_role("row", name=re.compile("Ana Sousa"))).to_contain_text("No")
        assert faults_of(staff) == []
        staff.goto("/staff/mail/to-look-at")
        expect(staff.locator("main")).to_contain_text("Nothing is to be looked at.")
        assert faults_of(staff) == []

        address = re.search(r"\S+/registrations/\S+#give-up", newest_mail(app))
        assert address is not None
        ana.goto(address[0])
        expect(ana.locator("main")).to_contain_text("You have a place")
        assert faults_of(ana) == []
        assert scrolls_sideways(ana) == []
        ana.get_by_role("button", name="Give up my place").click()
        expect(ana.locator("main")).to_contain_text("There are seats")
