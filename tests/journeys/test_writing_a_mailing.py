"""An organiser writes a mailing with the buttons above the text, by keyboard too, and sees the very mail beside it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.factories import a_contact, a_mailing, a_member, a_session, a_webinar
from tests.journeys.looking import faults_of, scrolls_sideways, unseen_focus
from tests.journeys.test_two_people_editing import signed_in
from webinar.invitations.models import Mailing


@pytest.fixture
def mailing() -> Mailing:
    """Store a draft with empty texts for a session in two languages, and somebody who would get it."""
    a_contact("ana@lisbon.example", given_name="Ana", member=a_member("Lisbon"))
    session = a_session("heat", webinar=a_webinar(titles={"en": "Heat", "fr": "Chaleur"}), languages=("en", "fr"))
    return a_mailing(session, texts={"en": ("Come", "Dear")})


def test_the_buttons_write_what_nobody_has_to_know(open_page: Callable[..., Page], mailing: Mailing) -> None:
    page = signed_in(open_page, "Amina First")
    page.goto(f"/staff/mailings/{mailing.id}/text")
    text = page.get_by_label("Text", exact=True)
    tools = page.get_by_role("toolbar")

    text.fill("come to us")
    text.evaluate("field => field.setSelectionRange(8, 10)")
    tools.get_by_role("button", name="Bold").click()
    expect(text).to_have_value("come to **us**")
    tools.get_by_role("button", name="Bold").click()
    expect(text).to_have_value("come to us")
    text.press("Control+i")
    expect(text).to_have_value("come to *us*")
    text.press("Control+z")
    expect(text).to_have_value("come to us")
    tools.get_by_role("button", name="List").click()
    expect(text).to_have_value("- come to us")
    tools.get_by_role("button", name="List").click()
    text.press("Control+a")
    page.once("dialog", lambda dialog: dialog.accept("https://example.org/a_(b)"))
    tools.get_by_role("button", name="Link").click()
    expect(text).to_have_value("[come to us](https://example.org/a_%28b%29)")

    text.fill("Dear ")
    tools.get_by_text("Personal detail").click()
    tools.get_by_role("button", name="Given name").click()
    expect(text).to_have_value("Dear {given name}")
    subject = page.get_by_label("Subject")
    subject.fill("To ")
    subject.press("End")
    tools.get_by_text("Personal detail").click()
    tools.get_by_role("button", name="Member").click()
    expect(subject).to_have_value("To {member}")


def test_by_keyboard_the_bar_is_one_stop_and_arrows_go_along_it(
    open_page: Callable[..., Page], mailing: Mailing
) -> None:
    page = signed_in(open_page, "Amina First")
    page.goto(f"/staff/mailings/{mailing.id}/text")
    page.get_by_label("Subject").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Bold")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Italic")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Given name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Given name")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Text", exact=True)).to_be_focused()
    assert unseen_focus(page) == []


def test_a_wrong_detail_is_named_while_one_types_and_the_mail_stands_beside(
    open_page: Callable[..., Page], mailing: Mailing
) -> None:
    page = signed_in(open_page, "Amina First")
    page.goto(f"/staff/mailings/{mailing.id}/text")
    mail = page.frame_locator("iframe[name=mail-as-typed]")
    expect(mail.get_by_role("heading", name="Come")).to_be_visible()

    page.get_by_label("Subject").fill("Hello {Given_Name}")
    text = page.get_by_label("Text", exact=True)
    text.press_sequentially(" {first name}")
    expect(page.get_by_text("{first name} is no personal detail. Do you mean {given name}?")).to_be_visible()
    expect(mail.get_by_role("heading", name="Hello Ana")).to_be_visible()
    text.fill("Of **{member}**")
    expect(mail.locator("strong", has_text="Lisbon")).to_be_visible()
    expect(page.locator("[data-found]")).to_be_hidden()
    assert faults_of(page) == []
    history = page.evaluate("history.length")
    text.press_sequentially(" more")
    expect(mail.get_by_text("more", exact=False).first).to_be_visible()
    assert page.evaluate("history.length") == history

    page.get_by_label("For whom").fill("nobody@example.org")
    page.get_by_label("For whom").blur()
    expect(mail.get_by_text("would not get the mailing in English")).to_be_visible()


def test_without_scripts_it_is_written_stored_and_looked_at_all_the_same(
    open_page: Callable[..., Page], mailing: Mailing
) -> None:
    page = signed_in(open_page, "Amina First", java_script_enabled=False)
    page.goto(f"/staff/mailings/{mailing.id}/text")
    expect(page.get_by_role("toolbar")).to_be_hidden()
    page.get_by_label("Another language", exact=True).select_option("fr")
    page.get_by_role("button", name="Add a language").click()
    page.locator("[name=subject_fr]").fill("Venez, {given name}")
    page.locator("[name=body_fr]").fill("Bonjour")
    page.get_by_role("button", name="Show this mail").last.click()
    mail = page.frame_locator("iframe[name=mail-as-typed]")
    expect(mail.get_by_text("Venez, Ana")).to_be_visible(timeout=20_000)  # of a frame no load is waited for
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("The texts are stored.")).to_be_visible()
    expect(page.locator("[name=subject_fr]")).to_have_value("Venez, {given name}")
    page.get_by_role("link", name="See the mail, send me a test").click()
    page.get_by_role("button", name="Send me a test").press("Enter")  # a click while the frame is scrolled is lost
    expect(page.get_by_text(re.compile("Tests in 2 languages are on their way"))).to_be_visible(timeout=20_000)


def test_on_a_phone_nothing_scrolls_sideways(open_page: Callable[..., Page], mailing: Mailing) -> None:
    page = signed_in(open_page, "Amina First", viewport={"width": 360, "height": 740})
    for where in ("new", f"{mailing.id}/text", f"{mailing.id}/preview"):
        page.goto(f"/staff/mailings/{where}")
        assert scrolls_sideways(page) == []
        assert faults_of(page) == []
