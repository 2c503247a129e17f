"""Changing the language: by the keys, without scripts, on a phone, and with half a form filled in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.factories import a_registration, a_session, a_webinar
from tests.journeys.test_by_keyboard import tab_to

PHONE = {"width": 360, "height": 740}
TITLES = {"en": "Heat in cities", "fr": "La chaleur en ville", "ar": "الحرارة في المدن"}


def item(page: Page, name: str) -> Locator:
    return page.locator(".language-menu").get_by_role("link", name=name)


@pytest.fixture(autouse=True)
def soon(app: object) -> None:
    a_session("soon", webinar=a_webinar("heat", titles=TITLES), languages=("en", "fr"))


def test_the_menu_is_opened_used_and_closed_with_the_keys_alone(page: Page) -> None:
    page.goto("/en/webinars/heat")
    summary = page.locator(".language-menu summary")
    tab_to(page, summary)
    page.keyboard.press("Enter")
    expect(item(page, "Français")).to_be_visible()
    page.keyboard.press("Escape")
    expect(item(page, "Français")).to_be_hidden()
    expect(summary).to_be_focused()

    page.keyboard.press("Enter")
    tab_to(page, item(page, "العربية"))
    page.keyboard.press("Enter")

    page.wait_for_url("**/ar/webinars/heat")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES["ar"])


def test_it_closes_when_one_looks_elsewhere(page: Page) -> None:
    page.goto("/en/")
    page.locator(".language-menu summary").click()
    expect(item(page, "Français")).to_be_visible()

    page.locator("h1, h2").first.click()

    expect(item(page, "Français")).to_be_hidden()


@pytest.mark.parametrize("address", ["/en/", "/ar/", "/en/sessions/soon/register", "/staff/sign-in"])
def test_without_scripts_on_a_phone_it_opens_and_fits(open_page: Callable[..., Page], address: str) -> None:
    page = open_page(java_script_enabled=False, viewport=PHONE)
    page.goto(address)
    page.locator(".language-menu summary").click()

    for link in page.locator(".language-menu a").all():
        box = link.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        assert box["height"] >= 24
    item(page, "Português").click()
    expect(page.locator("html")).to_have_attribute("lang", "pt")


def test_half_a_form_is_still_there_in_the_other_language_and_nothing_of_it_is_kept(page: Page) -> None:
    page.goto("/en/sessions/soon/register?language=fr")
    page.get_by_label("Mail address").fill("ana@lisbon.example")
    page.get_by_label("Given name").fill("Ana <b>")
    page.locator("select[name=language]").select_option("en")
    page.locator("input[name=newsletter]").check()

    page.locator(".language-menu summary").click()
    item(page, "Français").click()

    page.wait_for_url("**/fr/sessions/soon/register?language=fr")
    expect(page.locator("input[name=email]")).to_have_value("ana@lisbon.example")
    expect(page.locator("input[name=given_name]")).to_have_value("Ana <b>")
    expect(page.locator("select[name=language]")).to_have_value("en")
    expect(page.locator("input[name=newsletter]")).to_be_checked()
    expect(page.locator("input[name=privacy]")).not_to_be_checked()
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.locator("input[name=email]")).to_have_value("")


def test_a_form_that_was_refused_is_still_filled_in_in_the_other_language(page: Page) -> None:
    page.goto("/en/sessions/soon/register")
    page.get_by_label("Mail address").fill("ana@lisbon.example")
    page.get_by_role("button", name="Register").click()
    expect(page.locator("[data-focus]")).to_be_focused()

    page.locator(".language-menu summary").click()
    item(page, "العربية").click()

    page.wait_for_url("**/ar/sessions/soon/register")
    expect(page.locator("input[name=email]")).to_have_value("ana@lisbon.example")


def test_what_was_typed_elsewhere_is_put_into_no_other_form(page: Page) -> None:
    place = a_registration(a_session("other"), given_name="Bo")
    page.goto("/en/sessions/soon/register")
    page.get_by_label("Given name").fill("Ana")
    page.evaluate("() => { document.querySelector('.language-menu a').onclick = (event) => event.preventDefault(); }")
    page.locator(".language-menu summary").click()
    item(page, "English").click()

    page.goto(f"/en/registrations/{place.token}/details")

    expect(page.locator("input[name=given_name]")).to_have_value("Bo")


def test_the_password_for_signing_in_is_kept_nowhere(page: Page) -> None:
    page.goto("/staff/sign-in")
    page.get_by_label("Mail address").fill("olga@example.org")
    page.get_by_label("Password").fill("four unrelated words here")

    page.locator(".language-menu summary").click()
    item(page, "Français").click()

    page.wait_for_url("**lang=fr")
    expect(page.locator("input[name=email]")).to_have_value("olga@example.org")
    expect(page.locator("input[name=password]")).to_have_value("")
