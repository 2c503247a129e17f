"""A question from form to export: an organiser asks it, somebody answers on a phone, the staff take the answer away."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime

import time_machine
from playwright.sync_api import Page, ViewportSize, expect

from tests.factories import a_session, a_webinar
from tests.signing_in import PASSWORD, with_password
from webinar.accounts.models import Role
from webinar.attendance.participants import COLUMNS

PHONE = ViewportSize(width=360, height=740)
QUESTIONS = "/staff/webinars/shade/questions"


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def ask(organiser: Page) -> None:
    """Ask for accessibility needs with one click, and how people come to the shade, in English and then in French."""
    organiser.get_by_role("link", name="Questions", exact=True).click()
    press(organiser, "Add What do you need to take part?")
    organiser.get_by_role("link", name="New question").first.click()
    texts = organiser.get_by_role("region", name="What you ask, and why")
    texts.get_by_label("Question").fill("How do people reach the shade in your city?")
    texts.get_by_label("Purpose").fill("To choose the examples.")
    organiser.get_by_label("Kind of answer", exact=True).select_option("One choice")
    organiser.get_by_label("An answer is needed").check()
    for number, choice in enumerate(["On foot", "By tram"], 1):
        organiser.get_by_role("group", name=f"Choice {number}").get_by_label("Choice").fill(choice)
    organiser.locator(".send").get_by_role("button", name="Save").click()
    expect(organiser.get_by_role("heading", name="How do people reach the shade in your city?")).to_be_visible()
    # Spanish, which the webinar is not written in, is not missed.
    expect(organiser.get_by_text("Missing in French")).to_have_count(1)
    expect(organiser.get_by_text("Missing in")).to_have_count(1)

    organiser.get_by_role("link", name="Translations", exact=True).click()
    organiser.get_by_role("link", name="Translate into French").click()
    asked = organiser.get_by_role("group", name="Question 2", exact=True)
    asked.get_by_label("Question").fill("Comment rejoint-on l’ombre dans votre ville ?")
    asked.get_by_label("Purpose").fill("Pour choisir les exemples.")
    for place, choice in ((1, "À pied"), (2, "En tram")):
        organiser.get_by_role("group", name=f"Choice 2.{place}").get_by_role("textbox").fill(choice)
    organiser.locator(".send").get_by_role("button", name="Save").click()
    organiser.goto(QUESTIONS)
    expect(organiser.get_by_text("Missing in")).to_have_count(0)


def register(attendee: Page) -> None:
    """Register in French on a phone; the needed question is forgotten first, and nothing typed is lost."""
    attendee.goto("/fr/sessions/shade-en/register")
    attendee.get_by_label("Adresse e-mail").fill("zoe@lyon.example")
    attendee.get_by_label("Prénom").fill("Zoé")
    attendee.get_by_label("Nom", exact=True).fill("Martin")
    attendee.get_by_label("Une autre personne ou entité").check()
    attendee.locator("[name=privacy]").check()
    attendee.locator("main .button.primary").tap()
    problem = attendee.get_by_role("alert").get_by_role("link")
    expect(problem).to_have_count(1)
    problem.tap()
    asked = attendee.get_by_role("group", name="Comment rejoint-on l’ombre dans votre ville ?")
    expect(asked).to_be_focused()
    expect(asked).to_contain_text("Pour choisir les exemples.")
    asked.get_by_label("En tram").check()
    expect(attendee.get_by_label("Prénom")).to_have_value("Zoé")
    attendee.locator("[name^=question-][type=checkbox]").first.check()
    attendee.locator("main .button.primary").tap()
    attendee.wait_for_url("**/registered*")


def test_a_question_from_form_to_export(open_page: Callable[..., Page]) -> None:
    with time_machine.travel(datetime(2030, 3, 1, 9, 0, tzinfo=UTC), tick=False):
        webinar = a_webinar("shade", titles={"en": "Shade", "fr": "Ombre"})
        a_session("shade-en", webinar=webinar, languages=("en", "fr"))
        account = with_password(Role.ORGANISER)
        organiser = open_page(viewport=ViewportSize(width=1280, height=800))
        organiser.goto("/staff/webinars/shade")
        organiser.get_by_label("Mail address").fill(account.email)
        organiser.get_by_label("Password").fill(PASSWORD)
        press(organiser, "Sign in")
        ask(organiser)

        register(open_page(viewport=PHONE, has_touch=True, is_mobile=True, locale="fr-FR"))

        organiser.goto("/staff/sessions/shade-en/")
        organiser.get_by_role("link", name="Answers", exact=True).click()
        how = organiser.get_by_role("group", name="How do people reach the shade in your city?")
        how.get_by_role("link", name="1 By tram").click()
        expect(organiser.get_by_role("row", name="Zoé Martin")).to_contain_text("By tram")
        organiser.get_by_role("link", name="Zoé Martin").click()
        expect(organiser.get_by_role("region", name="Answers")).to_contain_text("By tram")

        # Asked no more, it is kept with its answer, as a former one.
        organiser.goto(QUESTIONS)
        press(organiser, "Ask no more How do people reach the shade in your city?")
        expect(organiser.get_by_role("region", name="Former questions")).to_contain_text("1 answer")

        organiser.goto("/staff/sessions/shade-en/attendance")
        with organiser.expect_download() as download:
            organiser.get_by_role("button", name="CSV").first.click()
        with download.value.path().open(encoding="utf-8-sig", newline="") as file:
            head, line = csv.reader(file)
    assert head[len(COLUMNS) :] == [
        "What do you need to take part?",
        "How do people reach the shade in your city? (former)",
    ]
    assert line[5:7] == ["Zoé", "Martin"]
    assert line[len(COLUMNS) :] == ["Captions", "By tram"]
