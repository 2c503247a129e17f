"""A session moves, another is cancelled: the organiser sees first whom it concerns; those follow in their language."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage

from flask import Flask
from flask_babel import gettext
from playwright.sync_api import Page, ViewportSize, expect

from tests.factories import a_session, a_webinar
from tests.journeys.looking import faults_of, scrolls_sideways
from tests.journeys.test_from_publishing_to_export import follow_link_in, mails_in, press
from tests.journeys.test_two_people_editing import signed_in
from tests.mailbox import calendar_of, words_of
from tests.registration.test_services import a_registrant
from webinar.foundation.languages import name_of, speaking
from webinar.registration.services import register
from webinar.worker.loop import deliver_once

PHONE = ViewportSize(width=360, height=740)
TITLES = {"en": "Heat in cities", "fr": "La chaleur en ville", "ar": "الحر في المدن"}
LEA, SARA = "lea@abidjan.example", "sara@cairo.example"
SORRY = {"fr": "La ministre n’est libre que ce jour-là.", "ar": "الوزيرة متاحة في ذلك اليوم فقط."}


def says(language: str, text: str, **values: object) -> str:
    """Return a text of ours in a language."""
    with speaking(language):
        return str(gettext(text, **values))


def last_mail_to(app: Flask, address: str) -> EmailMessage:
    return [mail for mail in mails_in(app) if mail["To"].addresses[0].addr_spec == address][-1]


def opened(open_page: Callable[..., Page], mail: EmailMessage) -> Page:
    """Open a mail as it looks, on a phone."""
    page = open_page(viewport=PHONE)
    page.set_content(words_of(mail, "html"))
    assert scrolls_sideways(page) == []
    return page


def two_who_come() -> None:
    """Register Léa, who reads French, and Sara, who reads Arabic, in the first of two sessions, and write to them."""
    webinar = a_webinar("heat", titles=TITLES)
    a_session("may", webinar=webinar, starts="2030-05-14T13:00", languages=("en", "fr", "ar"))
    a_session("june", webinar=webinar, starts="2030-06-14T13:00", languages=("en", "fr", "ar"))
    lea = a_registrant(LEA, given_name="Léa", version="fr", language="fr", timezone="Africa/Abidjan")
    sara = a_registrant(SARA, given_name="سارة", version="ar", language="ar", timezone="Africa/Cairo")
    for person in (lea, sara):
        register("may", person)
    deliver_once()


def test_a_session_moves_and_who_comes_reads_the_new_time_in_mail_calendar_and_pages(
    open_page: Callable[..., Page], app: Flask
) -> None:
    two_who_come()
    organiser = signed_in(open_page, "Olga Organiser")

    organiser.goto("/staff/sessions/may/")
    organiser.get_by_role("link", name="Move the session").click()
    organiser.get_by_label("Start", exact=True).fill("2030-05-21T15:30")
    organiser.get_by_label("End", exact=True).fill("2030-05-21T16:45")
    for language, word in SORRY.items():
        organiser.locator(f"[name=word_{language}]").fill(word)
    press(organiser, "See who is told first")
    expect(organiser.get_by_role("heading", name="2 people are told by mail")).to_be_visible()
    for language, name in (("fr", "français"), ("ar", "العربية")):
        organiser.get_by_role("button", name=name).click()
        shown = organiser.frame_locator("iframe")
        expect(shown.locator("html")).to_have_attribute("lang", language)
        expect(shown.locator("body")).to_contain_text(SORRY[language])
        expect(shown.locator("body")).to_contain_text(TITLES[language])
    assert faults_of(organiser) == []
    press(organiser, "Move it and tell 2 people")
    expect(organiser.get_by_text("The session is moved.")).to_be_visible()
    told = organiser.get_by_role("region", name="Who has been told")
    expect(told).to_contain_text("0 of 2 mails written")
    deliver_once()
    expect(told).to_contain_text("2 sent", timeout=10_000)  # without a reload
    expect(told.get_by_role("link", name="Look again")).to_have_count(0)

    now = {
        "fr": "mardi 21 mai 2030, 14\xa0h\xa030\xa0– 15\xa0h\xa045 pour vous à Abidjan",
        "ar": "الثلاثاء، 21 مايو 2030، 17:30–18:45 بتوقيتكم في القاهرة",
    }
    for language, address in (("fr", LEA), ("ar", SARA)):
        mail = last_mail_to(app, address)
        assert (calendar_of(mail).method, calendar_of(mail).sequence) == ("REQUEST", 1)
        page = opened(open_page, mail)
        expect(page.locator("html")).to_have_attribute("dir", {"fr": "ltr", "ar": "rtl"}[language])
        expect(page.get_by_role("row").filter(has_text=says(language, "Now")).locator("strong")).to_have_text(
            now[language]
        )
        expect(page.get_by_role("row").filter(has_text=says(language, "Before")).locator("s")).to_be_visible()
        expect(page.get_by_text(SORRY[language])).to_be_visible()

        page.goto(follow_link_in(mail, "/registrations/"))
        expect(page.locator(".place time")).to_have_attribute("datetime", re.compile("^2030-05-21T15:30"))
        page.goto(f"/{language}/webinars/heat")
        first = page.locator("main time").first
        expect(first).to_have_attribute("datetime", re.compile("^2030-05-21T15:30"))


def test_a_session_is_cancelled_and_who_comes_takes_another_day_instead(
    open_page: Callable[..., Page], app: Flask
) -> None:
    two_who_come()
    organiser = signed_in(open_page, "Olga Organiser", viewport=PHONE)

    organiser.goto("/staff/sessions/may/")
    organiser.get_by_role("link", name="Cancel the session").click()
    press(organiser, "See who is told first")
    expect(organiser.get_by_role("heading", name="2 people are told by mail")).to_be_visible()
    assert faults_of(organiser) == []
    assert scrolls_sideways(organiser) == []
    press(organiser, "Cancel it and tell 2 people")
    expect(organiser.get_by_text("The session is cancelled.")).to_be_visible()
    deliver_once()

    gone = last_mail_to(app, LEA)
    assert (calendar_of(gone).method, calendar_of(gone).sequence) == ("CANCEL", 1)
    page = opened(open_page, gone)
    expect(page.get_by_text(says("fr", "Cancelled"), exact=True)).to_be_visible()
    page.get_by_role("link", name=says("fr", "Choose another day")).click()
    expect(page.locator("main")).to_contain_text(says("fr", "This session has been cancelled"))
    other_day = re.compile(f"^{says('fr', 'Move here')}.* {name_of('fr')}")
    page.get_by_role("button", name=other_day).click()
    expect(page.locator(".place time")).to_have_attribute("datetime", re.compile("^2030-06-14"))
    assert faults_of(page) == []

    deliver_once()
    entry = calendar_of(last_mail_to(app, LEA))
    assert (entry.method, entry.sequence, entry.uid != calendar_of(gone).uid) == ("REQUEST", 0, True)
