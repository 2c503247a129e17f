"""What somebody does about their place on a telephone: corrects, moves, gives up, takes back, hands over."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.factories import a_member, a_registration, a_session, a_webinar
from tests.journeys.looking import faults_of, scrolls_sideways
from webinar.foundation.db import db
from webinar.people.models import Person
from webinar.registration.models import Registration, RegistrationStatus


def look_well_made(page: Page) -> None:
    assert faults_of(page) == []
    assert scrolls_sideways(page) == []


@pytest.mark.parametrize("with_scripts", [True, False])
def test_a_place_is_corrected_moved_given_up_taken_back_and_handed_to_a_colleague(
    browser: Browser, live_server: str, app: Flask, with_scripts: bool
) -> None:
    webinar = a_webinar(titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    here = a_session(webinar=webinar, languages=("en", "fr"))
    a_session("june", webinar=webinar, starts="2030-06-14T13:00", languages=("fr",))
    full = a_session("full", webinar=webinar, starts="2030-07-14T13:00", seats=1)
    a_registration(full)
    place = a_registration(here, email="haeun@seoul.example", member=a_member("Seoul"), given_name="Haeun")
    first = f"/en/registrations/{place.token}"
    context = browser.new_context(
        base_url=live_server, java_script_enabled=with_scripts, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()

    page.goto(first)
    page.get_by_role("link", name="Correct my details").click()
    look_well_made(page) if with_scripts else None
    page.get_by_label("Family name").fill("")
    page.get_by_role("button", name="Store my details").click()
    expect(page.get_by_role("alert")).to_contain_text("Family name: Write your family name.")
    page.get_by_label("Family name").fill("김")
    page.get_by_label("Français").check()
    page.get_by_label("City whose clock you follow").select_option("Asia/Seoul")
    page.get_by_role("button", name="Store my details").click()
    expect(page.locator("main")).to_contain_text("Your details are stored.")
    expect(page.locator("aside")).to_contain_text("Haeun 김")
    expect(page.locator("aside")).to_contain_text("Written to inFrench")

    look_well_made(page) if with_scripts else None
    page.get_by_role("button", name="Move here: English the original (Sunday 14 July)").click()
    expect(page.get_by_role("heading", name="Every seat is taken on Sunday 14 July")).to_be_visible()
    page.get_by_role("link", name="Keep my place").click()
    expect(page.locator("main")).to_contain_text("You have a place")
    page.get_by_role("button", name="Move here: Français the original (Friday 14 June)").click()
    expect(page.locator("main")).to_contain_text("You have moved to this day.")
    expect(page.locator("main")).to_contain_text("June 2030")
    second = page.url
    assert second != f"{live_server}{first}"

    page.get_by_text("I cannot come").click()
    page.get_by_role("button", name="Give up my place").click()
    expect(page.locator("main")).to_contain_text("There are seats")
    look_well_made(page) if with_scripts else None
    page.get_by_role("button", name="Take my place back").click()
    expect(page.locator("main")).to_contain_text("You are registered again.")

    page.get_by_text("Hand my place to a colleague").click()
    page.get_by_role("link", name="Name the colleague").click()
    look_well_made(page) if with_scripts else None
    expect(page.get_by_label("Which member")).to_have_value("Seoul")
    page.get_by_label("Your colleague's mail address").fill("haeun@seoul.example")
    page.get_by_label("Given name").fill("Minjun")
    page.get_by_label("Family name").fill("Lee")
    page.get_by_role("button", name="Hand it over").click()
    expect(page.get_by_role("alert")).to_contain_text("This is your own address.")
    page.get_by_label("Your colleague's mail address").fill("minjun@seoul.example")
    page.get_by_role("button", name="Hand it over").click()
    expect(page.locator("main")).to_contain_text("This place was handed over")
    look_well_made(page) if with_scripts else None

    page.goto(first)
    expect(page.locator("main")).to_contain_text("You moved to another day")
    page.goto(f"/en/registrations/{_token_of('minjun@seoul.example')}")
    expect(page.locator("main")).to_contain_text("You have a place")
    expect(page.locator("aside")).to_contain_text("Minjun Lee")
    context.close()


def _token_of(email: str) -> str:
    db.session.commit()
    alive = select(Registration.token).where(Registration.status == RegistrationStatus.REGISTERED)
    return db.session.scalars(alive.join(Registration.person).where(Person.email == email)).one()
