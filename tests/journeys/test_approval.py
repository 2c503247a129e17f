"""A session for members, in browsers: the organiser says so, somebody asks, is approved with a word, and comes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.conftest import look_again
from tests.factories import a_member, a_registration, a_session, a_webinar
from tests.journeys.looking import faults_of, scrolls_sideways, unseen_focus
from tests.mailbox import calendar_parts, kinds_of_mail_to, mails_to, words_of
from tests.signing_in import PASSWORD, with_password
from webinar.accounts.models import Role
from webinar.catalogue.models import WebinarSession

PHONE = ViewportSize(width=360, height=740)
EVA = "eva@else.example"


@pytest.fixture
def session() -> WebinarSession:
    a_member("Lisbon", mail_domains=["lisbon.example"])
    webinar = a_webinar("heat", titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    a_session("heat-fr", webinar=webinar, languages=("fr",), starts="2030-05-21T13:00")
    return a_session("heat-en", webinar=webinar, seats=20)


def looks_well(page: Page) -> None:
    assert faults_of(page) + scrolls_sideways(page) + unseen_focus(page) == []


def sign_in(page: Page) -> None:
    account = with_password(Role.ORGANISER)
    page.goto("/staff/sign-in")
    page.get_by_label("Mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/staff/")


def ask_to_come(page: Page, key: str) -> None:
    page.goto(f"/en/sessions/{key}/register")
    expect(page.get_by_text("This session is for members of the network")).to_be_visible()
    looks_well(page)
    page.get_by_label("Mail address").fill(EVA)
    page.get_by_label("Given name").fill("Eva")
    page.get_by_label("Family name").fill("Novák")
    page.get_by_label("Which member").fill("Lisbon")
    page.get_by_label("I have read how my data are used").check()
    page.get_by_role("button", name="Register", exact=True).click()


def personal_page() -> str:
    text = words_of(mails_to(EVA)[-1])
    return "/en/registrations/" + text.split("/registrations/")[1].split()[0]


def test_somebody_asks_and_an_organiser_approves_with_a_word(
    open_page: Callable[..., Page], session: WebinarSession
) -> None:
    organiser, eva = open_page(), open_page(viewport=PHONE)
    sign_in(organiser)
    organiser.goto(f"/staff/sessions/{session.key}/content")
    organiser.get_by_role("link", name="Who may register").click()
    organiser.get_by_label("Members of the network").check()
    organiser.get_by_label("Seats for one member, at most").fill("2")
    looks_well(organiser)
    organiser.get_by_role("button", name="Save", exact=True).click()
    expect(organiser.get_by_text("It is stored who may register.")).to_be_visible()

    ask_to_come(eva, session.key)
    expect(eva.get_by_text("It says whether you have a place")).to_be_visible()
    looks_well(eva)
    look_again()
    assert kinds_of_mail_to(EVA) == ["request"]
    eva.goto(personal_page())
    expect(eva.get_by_text("The secretariat looks at your registration")).to_be_visible()
    looks_well(eva)

    organiser.goto("/staff/")
    organiser.get_by_role("link", name="Approve or decline").click()
    expect(organiser.get_by_text("Addresses of Lisbon end in lisbon.example.")).to_be_visible()
    organiser.get_by_label("A word to them").fill("Good to have you with us, Eva.")
    looks_well(organiser)
    organiser.get_by_role("button", name=re.compile("^Approve.*Eva Novák")).click()
    expect(organiser.get_by_text("has been approved and has a place")).to_be_visible()
    expect(organiser.get_by_text("to approve", exact=False).first).not_to_have_text("1 person to approve")

    look_again()
    assert kinds_of_mail_to(EVA) == ["request", "approval"]
    assert len(calendar_parts(mails_to(EVA)[-1])) > 0
    assert "Good to have you with us, Eva." in words_of(mails_to(EVA)[-1])
    eva.reload()
    expect(eva.get_by_text("You have a place", exact=True)).to_be_visible()


def test_an_organiser_on_a_phone_declines_one_of_many(open_page: Callable[..., Page], session: WebinarSession) -> None:
    organiser, eva = open_page(viewport=PHONE), open_page(viewport=PHONE)
    sign_in(organiser)
    organiser.goto(f"/staff/sessions/{session.key}/access")
    organiser.get_by_label("Members of the network").check()
    looks_well(organiser)
    organiser.get_by_role("button", name="Save", exact=True).click()
    a_registration(session)
    ask_to_come(eva, session.key)

    organiser.goto(f"/staff/sessions/{session.key}/registrations")
    looks_well(organiser)
    organiser.get_by_label("A word to them").fill("x" * 501)
    organiser.get_by_role("button", name=re.compile("^Decline.*Eva Novák")).click()
    expect(organiser.get_by_role("alert")).to_contain_text("Write at most 500 characters.")
    looks_well(organiser)
    organiser.get_by_label("A word to them").fill("Please come in June.")
    organiser.get_by_role("button", name=re.compile("^Decline.*Eva Novák")).click()
    expect(organiser.get_by_text("has been declined")).to_be_visible()

    look_again()
    assert kinds_of_mail_to(EVA) == ["request", "decline"]


def test_a_link_is_passed_on_and_several_sessions_are_taken_with_one_form(
    open_page: Callable[..., Page], session: WebinarSession
) -> None:
    organiser, guest = open_page(), open_page(viewport=PHONE)
    organiser.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(organiser)
    organiser.goto(f"/staff/sessions/{session.key}/access")
    organiser.get_by_label("Whoever has the link").check()
    organiser.get_by_role("button", name="Save", exact=True).click()
    organiser.get_by_role("button", name="Copy Link in English").click()
    expect(organiser.get_by_text("Copied", exact=True)).to_be_visible()
    link = organiser.evaluate("() => navigator.clipboard.readText()")
    looks_well(organiser)

    guest.goto(link)
    expect(guest.get_by_role("heading", name="Register", exact=True)).to_be_visible()
    a_session("heat-more", webinar=session.webinar, languages=("en", "fr"), starts="2030-06-04T13:00")
    guest.goto(f"/en/series/{session.webinar.series.slug}")
    guest.get_by_role("link", name="Register for several sessions at once").click()
    guest.get_by_label("21 May").check()
    guest.get_by_label("4 June").first.check()
    guest.get_by_label("Language you want to hear, Heat in cities").select_option("fr")
    looks_well(guest)
    guest.get_by_label("Mail address").fill(EVA)
    guest.get_by_label("Given name").fill("Eva")
    guest.get_by_label("Family name").fill("Novák")
    guest.get_by_label("Somebody else").check()
    guest.get_by_label("I have read how my data are used").check()
    guest.get_by_role("button", name="Register", exact=True).click()
    expect(guest.get_by_text("2 messages are on their way")).to_be_visible()
    looks_well(guest)

    look_again()
    assert kinds_of_mail_to(EVA) == ["confirmation", "confirmation"]
