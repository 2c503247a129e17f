"""Somebody does everything in their own language: finds, hears, reads, moves, chooses another, gives the place up."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask_babel import gettext
from playwright.sync_api import Page, ViewportSize, expect
from sqlalchemy import select

from tests.factories import a_member, a_session, a_webinar, stored
from tests.journeys.looking import faults_of, scrolls_sideways
from tests.journeys.test_from_publishing_to_export import follow_link_in, mails_in
from tests.mailbox import calendar_of, words_of
from webinar.catalogue.models import LanguageVersionText
from webinar.foundation.db import db
from webinar.foundation.languages import direction, name_of, speaking
from webinar.people.models import Person
from webinar.registration.models import Registration
from webinar.worker.loop import deliver_once

PHONE = ViewportSize(width=360, height=740)
TITLES = {
    "en": "Heat in cities",
    "es": "El calor en las ciudades",
    "fr": "La chaleur en ville",
    "pt": "O calor nas cidades",
    "ar": "الحر في المدن",
}
NOTES = {
    "en": "Choose your channel at the globe.",
    "fr": "Choisissez votre canal sous le globe.",
    "ar": "اختاروا قناتكم من رمز الكرة الأرضية.",
}


@dataclass(frozen=True)
class Visitor:
    """Who comes: the language of their browser and the one they hear, the one they are written to later, and where."""

    language: str
    locale: str
    later: str
    zone: str
    given_name: str
    family_name: str
    address: str
    city: str = ""
    """The name of their city as they type it, where they come for a member."""

    @property
    def full_name(self) -> str:
        """Their name as mails write it, which other words of the line do not turn round."""
        return f"{self.given_name} {self.family_name}"

    def says(self, text: str) -> str:
        """Return a text of ours as this visitor reads it."""
        with speaking(self.language):
            return str(gettext(text))


VISITORS = [
    Visitor("fr", "fr-SN", "en", "Africa/Dakar", "Aïcha", "Ndiaye", "aicha.ndiaye@dakar.example"),
    Visitor("ar", "ar-EG", "fr", "Africa/Cairo", "سارة", "O'Brien (Cairo)", "sara@cairo.example", "القاهرة"),
]


@pytest.mark.parametrize("visitor", VISITORS, ids=lambda visitor: visitor.language)
def test_everything_from_the_page_to_the_calendar_is_in_ones_own_language(
    open_page: Callable[..., Page], app: Flask, visitor: Visitor
) -> None:
    """Two sessions: one interpreted into the visitor's language, one in it and in others on another day."""
    a_member("Cairo", aliases=["القاهرة"], country_code="EG", region="Africa", timezone="Africa/Cairo")
    webinar = a_webinar("heat", titles=TITLES)
    first = a_session(
        "may", webinar=webinar, languages=("en", "es", visitor.language), notes={visitor.language: NOTES["en"]}
    )
    notes = LanguageVersionText(language=visitor.language, practical_notes=NOTES[visitor.language])
    first.language_versions[2].texts.append(notes)
    stored(first)
    a_session("june", webinar=webinar, starts="2030-06-14T13:00", languages=(visitor.language, "en"))
    page = open_page(locale=visitor.locale, timezone_id=visitor.zone, viewport=PHONE)

    register_by_one_click(page, visitor)
    deliver_once()
    [confirmation] = mails_in(app)
    entry = calendar_of(confirmation)
    assert (entry.method, entry.summary) == ("REQUEST", TITLES[visitor.language])
    assert TITLES[visitor.language] in confirmation["Subject"]
    assert visitor.full_name in words_of(confirmation)
    assert NOTES[visitor.language] in words_of(confirmation)
    assert f'<html lang="{visitor.language}" dir="{direction(visitor.language)}"' in words_of(confirmation, "html")

    page.goto(follow_link_in(confirmation, "/registrations/"))
    expect(page.locator("main")).to_contain_text(visitor.says("You have a place"))
    expect(page.locator("main")).to_contain_text(NOTES[visitor.language])
    looks_well_made(page, visitor.language)
    hear_the_original_by_one_click(page, visitor)
    deliver_once()
    update = mails_in(app)[-1]
    heard = calendar_of(update)
    assert (heard.method, heard.uid, heard.sequence) == ("REQUEST", entry.uid, entry.sequence)
    assert f'<html lang="{visitor.language}"' in words_of(update, "html")
    move_by_one_click(page, visitor)
    deliver_once()
    farewell, welcome = mails_in(app)[-2:]
    assert [calendar_of(farewell).method, calendar_of(welcome).method] == ["CANCEL", "REQUEST"]
    assert (calendar_of(farewell).uid, calendar_of(farewell).sequence) == (entry.uid, entry.sequence + 1)
    assert calendar_of(welcome).uid != entry.uid
    assert calendar_of(welcome).summary == TITLES[visitor.language]

    page.goto(follow_link_in(welcome, "/registrations/"))
    page.locator("[name=mail_language]").select_option(visitor.later)
    page.get_by_role("button", name=visitor.says("Change the language")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[visitor.later])
    looks_well_made(page, visitor.later)
    page.locator("summary").last.click()
    page.locator("form[action$='/cancel'] button").click()
    expect(page.locator("form[action$='/take-back'] button")).to_be_visible()
    deliver_once()
    gone = mails_in(app)[-1]
    assert (calendar_of(gone).method, calendar_of(gone).uid) == ("CANCEL", calendar_of(welcome).uid)
    assert calendar_of(gone).summary == TITLES[visitor.later]
    assert f'<html lang="{visitor.later}"' in words_of(gone, "html")

    assert db.session.scalars(select(Person.email)).all() == [visitor.address]
    of_members = db.session.scalars(select(Registration.affiliation).where(Registration.member_id.is_not(None))).all()
    assert of_members == (["member", "member"] if visitor.city else [])
    assert db.session.scalars(select(Registration.status)).all() == ["cancelled", "cancelled"]


def register_by_one_click(page: Page, visitor: Visitor) -> None:
    """Come by the bare address, choose the own language on the page of the webinar, and fill in the form."""
    page.goto("/")
    expect(page).to_have_url(re.compile(f"/{visitor.language}/$"))
    page.get_by_role("heading", level=1).get_by_role("link", name=TITLES[visitor.language]).click()
    looks_well_made(page, visitor.language)
    ways = page.locator(".ways").first.get_by_role("link")
    expect(ways).to_have_count(3)
    expect(ways.first).to_have_accessible_name(
        re.compile(f"^{visitor.says('Register')}.* {name_of(visitor.language)} {visitor.says('interpreted')} ")
    )
    ways.first.click()
    expect(page.locator("[name=language]")).to_have_value(visitor.language)
    looks_well_made(page, visitor.language)
    page.locator("[name=email]").fill(visitor.address)
    page.locator("[name=given_name]").fill(visitor.given_name)
    page.locator("[name=family_name]").fill(visitor.family_name)
    page.locator(f"[name=affiliation][value={'member' if visitor.city else 'other'}]").check()
    if visitor.city:
        page.locator("[data-combobox] input").press_sequentially(visitor.city)
        page.get_by_role("listbox").get_by_role("option").first.click()
        expect(page.locator("[data-combobox] input")).to_have_value("Cairo")
    page.locator("[name=privacy]").check()
    page.locator("form.form button.primary").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(visitor.says("Look into your mailbox"))
    looks_well_made(page, visitor.language)


def hear_the_original_by_one_click(page: Page, visitor: Visitor) -> None:
    """Take the button of the session's own language; the day, the hour and the links stay."""
    own = re.compile(f"^{visitor.says('Hear it in')}.* {name_of('en')} {visitor.says('the original')}")
    page.get_by_role("button", name=own).click()
    expect(page.locator(".place .tongues")).to_contain_text(name_of("en"))
    expect(page.locator(".place time")).to_have_attribute("datetime", re.compile("^2030-05-14"))
    looks_well_made(page, visitor.language)


def move_by_one_click(page: Page, visitor: Visitor) -> None:
    """Take the button of the other day that says the own language; nothing else has to be opened or confirmed."""
    own = re.compile(f"^{visitor.says('Move here')}.* {name_of(visitor.language)} {visitor.says('the original')} ")
    page.get_by_role("button", name=own).click()
    told = "You have moved to this day. Two mails tell your calendar:"
    expect(page.get_by_role("status").first).to_contain_text(
        visitor.says(f"{told} one takes the old entry out, the other brings the new one, and your new links.")
    )
    expect(page.locator(".place time")).to_have_attribute("datetime", re.compile("^2030-06-14"))
    looks_well_made(page, visitor.language)


def looks_well_made(page: Page, language: str) -> None:
    """Check what a program can see, and that the page says which language it is in and which way it runs."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("dir", direction(language))
    assert faults_of(page) == []
    assert scrolls_sideways(page) == []
