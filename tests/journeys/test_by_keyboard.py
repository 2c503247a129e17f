"""Registering and changing one's mind with the keys alone; one always sees where the focus is."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from tests.factories import a_member, a_session
from webinar.foundation.db import db
from webinar.registration.models import Registration
from webinar.registration.queries import find_by_token

# What is wrong with where the focus is now: it must be in sight, and look otherwise than without focus.
LOST = """() => {
  const one = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  if (one === document.body) return "nothing has the focus";
  if (box.width === 0 || box.bottom <= 0 || box.top >= innerHeight) return `out of sight: ${one.outerHTML}`;
  if (outlineStyle === "none" || parseFloat(outlineWidth) < 2) return `looks as ever: ${one.outerHTML}`;
  return "";
}"""


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press the key until the target has the focus; at every stop on the way the focus must be seen."""
    for _ in range(60):
        page.keyboard.press(key)
        assert page.evaluate(LOST) == ""
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{target} is not reached by {key}")


def test_somebody_registers_and_gives_the_place_up_with_the_keys_alone(page: Page) -> None:
    a_member("Mexico City", key="mexico-city", aliases=("CDMX", "Ciudad de México"))
    a_member("Guadalajara", key="guadalajara", aliases=("Guadalajara, México",))
    a_session("soon", languages=("en", "es", "fr"))
    keys = page.keyboard

    page.goto("/en/")
    tab_to(page, page.get_by_role("link", name="Skip to content"))
    keys.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="Register", exact=True))
    keys.press("Enter")

    page.wait_for_url("**/register")
    tab_to(page, page.get_by_label("Mail address"))
    keys.type("ana@cdmx.example")
    tab_to(page, page.get_by_label("Given name"))
    keys.type("Ana")
    tab_to(page, page.get_by_label("Family name"))
    keys.type("Luz")
    tab_to(page, page.get_by_role("radio", name="A member of the network"))
    keys.press("ArrowDown")
    expect(page.get_by_role("radio", name="A partner organisation")).to_be_checked()
    keys.press("ArrowUp")
    city = page.get_by_role("combobox", name="Which member")
    tab_to(page, city)
    choose_by_arrows(page, city)
    tab_to(page, page.get_by_label("Language you want to hear"))
    keys.press("ArrowDown")
    tab_to(page, page.get_by_label("I have read how my data are used"))
    keys.press("Space")
    tab_to(page, page.get_by_role("button", name="Register"))
    keys.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    db.session.commit()
    place = find_by_token(db.session.scalars(select(Registration.token)).one())
    assert place is not None
    assert place.member is not None
    assert (place.member.key, place.language_version.code) == ("mexico-city", "es")

    page.goto(f"/en/registrations/{place.token}")
    tab_to(page, page.get_by_role("button", name="Hear it in: Français"))
    keys.press("Space")
    expect(page.locator(".place")).to_contain_text("Français")
    tab_to(page, page.locator("summary", has_text="I cannot come"))
    keys.press("Space")
    tab_to(page, page.get_by_role("button", name="Give up my place"))
    keys.press("Enter")
    expect(page.locator("main")).to_contain_text("You gave up this place")


def choose_by_arrows(page: Page, city: Locator) -> None:
    """Go round the proposals by arrows and take one; the focus stays in the input."""
    page.keyboard.type("México")
    options = page.get_by_role("listbox", name="Proposals").get_by_role("option")
    expect(options).to_contain_text(["Mexico City", "Guadalajara"])
    expect(city).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status")).to_have_text("Members found: 2")

    for key, marked in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowDown", 0), ("ArrowUp", 1), ("ArrowUp", 0)):
        page.keyboard.press(key)
        expect(options.nth(marked)).to_have_attribute("aria-selected", "true")
        expect(options.nth(1 - marked)).to_have_attribute("aria-selected", "false")
        expect(city).to_have_attribute("aria-activedescendant", options.nth(marked).get_attribute("id") or "")
    expect(city).to_be_focused()

    page.keyboard.press("Enter")
    expect(city).to_have_value("Mexico City")
    expect(city).to_have_attribute("aria-expanded", "false")
    expect(city).to_be_focused()
