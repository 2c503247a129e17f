"""The public pages in a real browser: what scripts add, and what is there without them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.factories import a_member, a_session
from tests.journeys.looking import faults_of
from webinar.foundation.db import db
from webinar.people.models import Person
from webinar.registration.models import Registration


def test_the_first_page_tells_times_in_the_zone_of_the_browser(page: Page, app: Flask) -> None:
    a_session(starts="2030-05-14T16:00", zone="Europe/Madrid")

    page.goto("/en/")

    expect(page.locator(".hero .when-you")).to_have_text("15:00–16:15 for you in Lisbon")
    expect(page.locator("#zone")).to_contain_text("Times for Lisbon")


def test_another_zone_is_chosen_without_a_script_and_kept(browser: Browser, live_server: str, app: Flask) -> None:
    a_session("soon", starts="2030-05-14T16:00", zone="Europe/Madrid")
    context = browser.new_context(base_url=live_server, java_script_enabled=False)
    page = context.new_page()

    page.goto("/en/sessions/soon/register")
    page.get_by_role("link", name="Change the time zone").click()
    page.get_by_label("City whose clock you follow").select_option("Asia/Seoul")
    page.get_by_role("button", name="Use this zone").click()

    assert page.url == f"{live_server}/en/sessions/soon/register"
    expect(page.locator(".summary .when-you")).to_have_text("23:00–00:15 for you in Seoul")
    context.close()


@pytest.fixture
def type_member(page: Page, app: Flask) -> Callable[[str], None]:
    """Open a registration form and type into its list of members."""
    a_member("Mexico City", aliases=("CDMX", "Ciudad de México"))
    a_member("Seoul", aliases=("서울",))
    a_member("Tehran", aliases=("تهران",))
    a_session("soon")

    def type_it(text: str) -> None:
        page.goto("/en/sessions/soon/register")
        page.get_by_label("Which member").click()
        page.keyboard.type(text)

    return type_it


@pytest.mark.parametrize(
    ("typed", "member"),
    [("ciudad de mex", "Mexico City"), ("CDMX", "Mexico City"), ("서", "Seoul"), ("تهر", "Tehran"), ("SÉOUL", "Seoul")],
)
def test_the_list_proposes_members_while_one_types_and_is_used_by_keyboard(
    page: Page, type_member: Callable[[str], None], typed: str, member: str
) -> None:
    type_member(typed)
    expect(page.get_by_role("option")).to_have_count(1)
    assert faults_of(page) == []

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.get_by_label("Which member")).to_have_value(member)
    expect(page.get_by_role("option")).to_have_count(0)


def test_escape_closes_the_list_and_leaves_what_was_typed(page: Page, type_member: Callable[[str], None]) -> None:
    type_member("seo")
    expect(page.get_by_role("option")).to_have_count(1)

    page.keyboard.press("Escape")

    expect(page.get_by_label("Which member")).to_have_value("seo")
    expect(page.get_by_role("option")).to_have_count(0)


def test_what_is_wrong_takes_the_focus_and_leads_to_its_field(page: Page, app: Flask) -> None:
    a_session("soon")
    page.goto("/en/sessions/soon/register")
    page.get_by_label("Family name").fill("Sousa")
    page.get_by_label("Somebody else").check()
    page.get_by_role("button", name="Register").click()

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("3 things to put right")
    page.get_by_role("link", name="Given name: Write your given name.").click()
    expect(page.get_by_label("Given name")).to_be_focused()
    expect(page.get_by_label("Family name")).to_have_value("Sousa")
    assert faults_of(page) == []
    assert page.title().startswith("Error: ")


@pytest.mark.parametrize("with_scripts", [True, False])
def test_somebody_registers_for_their_city_looks_at_the_place_and_gives_it_up(
    browser: Browser, live_server: str, app: Flask, with_scripts: bool
) -> None:
    a_member("Seoul", aliases=("서울",))
    session = a_session("soon", languages=("en", "fr"))
    key = session.key
    context = browser.new_context(
        base_url=live_server, java_script_enabled=with_scripts, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()

    page.goto("/en/")
    page.get_by_role("link", name="Register", exact=True).click()
    page.get_by_label("Mail address").fill("haeun.kim@seoul.example")
    page.get_by_label("Given name").fill("하은")
    page.get_by_label("Family name").fill("김")
    page.get_by_label("Which member").fill("서울")
    page.get_by_label("Language you want to hear").select_option("fr")
    page.get_by_label("I have read how my data are used").check()
    page.get_by_role("button", name="Register").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    assert page.url == f"{live_server}/en/sessions/{key}/registered"
    expect(page.locator(".envelope-to")).to_contain_text("haeun.kim@seoul.example")

    page.goto(f"/en/registrations/{_token_of('haeun.kim@seoul.example')}")
    expect(page.locator("main")).to_contain_text("You have a place")
    page.get_by_text("I cannot come").click()
    page.get_by_role("button", name="Give up my place").click()

    expect(page.locator("main")).to_contain_text("You gave up this place")
    context.close()


def _token_of(email: str) -> str:
    db.session.commit()
    return db.session.scalars(select(Registration.token).join(Registration.person).where(Person.email == email)).one()
