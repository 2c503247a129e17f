"""An organiser writes the French of a webinar beside its English; the English changes, and the French is looked at."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.factories import a_registration, a_session, a_webinar, an_agenda_item
from tests.journeys.looking import faults_of, scrolls_sideways
from tests.journeys.test_two_people_editing import save, signed_in
from webinar.catalogue.models import SessionStatus

TRANSLATIONS = "/staff/webinars/shade/translations"


def test_from_an_empty_language_to_a_title_that_changes_afterwards(open_page: Callable[..., Page]) -> None:
    webinar = a_webinar("shade", title="Shade")
    an_agenda_item(webinar, title="Trees", questions="Which trees?")
    session = a_session("shade-en", webinar=webinar, languages=("en", "fr"), status=SessionStatus.DRAFT)
    page = signed_in(open_page, "Amina First")

    page.goto("/staff/")
    page.get_by_role("link", name="Write the texts in French").click()
    french = page.get_by_role("textbox", name="Title").first
    expect(french).to_have_attribute("lang", "fr")
    french.fill("De l’ombre")
    part = page.get_by_role("group", name="Part 1")
    part.get_by_label("Title").fill("Arbres")
    part.get_by_label("Guiding questions").fill("Quels arbres ?")
    save(page)
    expect(page.get_by_text("The texts in French are stored. Nothing is missing.")).to_be_visible()
    page.get_by_role("link", name="See it in French").click()
    expect(page.get_by_role("heading", name="De l’ombre")).to_be_visible()

    page.goto("/staff/sessions/shade-en")
    page.get_by_role("button", name="Publish").click()
    a_registration(session, version="fr", language="fr")
    page.goto("/staff/webinars/shade")
    page.get_by_label("Title").first.fill("Shade in summer")
    save(page)
    expect(page.get_by_text("The webinar is stored.")).to_be_visible()

    page.get_by_role("navigation", name="Webinar").get_by_role("link", name="Translations").click()
    line = page.get_by_role("listitem").filter(has_text="Français").last
    expect(line).to_contain_text("1 text is to be looked at")
    expect(line).to_contain_text("1 person who comes is written to in it")
    assert faults_of(page) == []
    line.get_by_role("link", name="Translate into French").click()
    page.get_by_role("link", name="Only what needs work").click()
    expect(page.get_by_text("The original has changed since. Look at it.")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(1)
    page.get_by_text("What it was before").click()
    expect(page.get_by_text("Shade", exact=True)).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 740})
    assert faults_of(page) == []
    assert scrolls_sideways(page) == []

    page.get_by_label("It still fits").check()
    save(page)

    expect(page.get_by_text("Everything is translated into French.")).to_be_visible()
    page.goto(TRANSLATIONS)
    expect(page.get_by_role("listitem").filter(has_text="Français").last).to_contain_text("Complete")


def test_a_translation_is_written_without_scripts_too(open_page: Callable[..., Page]) -> None:
    a_webinar("shade", title="Shade")
    page = signed_in(open_page, "Amina First", java_script_enabled=False)

    page.goto(f"{TRANSLATIONS}/ar?only=work")
    title = page.get_by_role("textbox", name="Title")
    expect(title).to_have_attribute("dir", "rtl")
    title.fill("الظل")
    save(page)

    expect(page.get_by_text("The texts in Arabic are stored. Nothing is missing.")).to_be_visible()
