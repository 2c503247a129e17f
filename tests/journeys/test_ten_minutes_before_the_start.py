"""Ten minutes before the start, five people have lost something, and the organiser holds a telephone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.conftest import look_again
from tests.factories import a_member, a_registration, a_session, a_webinar
from tests.journeys.conftest import Platform
from tests.journeys.looking import faults_of, scrolls_sideways
from tests.mailbox import mails_to, words_of
from tests.signing_in import PASSWORD, with_password
from webinar.accounts.models import Role
from webinar.catalogue.models import WebinarSession
from webinar.registration.models import Registration
from webinar.registration.queries import find_by_id
from webinar.worker.loop import deliver_once

PHONE = ViewportSize(width=360, height=740)
THUMB = 44
"""How many pixels high something is that a thumb hits (WCAG 2.2, 2.5.5)."""


class Thumb:
    """Presses things on a telephone, and counts how often; each must be large enough for it."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, thing: Locator) -> None:
        box = thing.bounding_box()
        assert box is not None
        assert box["height"] >= THUMB or thing.evaluate("one => getComputedStyle(one).display") == "inline-block"
        thing.tap()
        self.taps += 1


@pytest.fixture
def session(app: Flask, platform: Platform) -> Iterator[WebinarSession]:
    """Return a session with an open door that starts in ten minutes."""
    webinar = a_webinar("heat", titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    session = a_session(
        "soon",
        webinar=webinar,
        languages=("en", "fr"),
        join_url=f"{platform.address}/j/1",
        has_open_door=True,
        reminders="none",  # nobody is written to but by what happens here
    )
    for number in range(30):
        a_registration(session, given_name=f"Somebody {number}", family_name="Else")
    with time_machine.travel(session.starts_at - timedelta(minutes=10)):
        yield session


@pytest.fixture
def organiser(open_page: Callable[..., Page], session: WebinarSession) -> Page:
    """Open the staff area on a telephone, signed in."""
    account = with_password(Role.ORGANISER)
    page = open_page(
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
        permissions=["clipboard-read", "clipboard-write"],
    )
    page.goto("/staff/sign-in")
    page.get_by_label("Mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").tap()
    expect(page).to_have_url(re.compile("/staff/$"))
    return page


def find(organiser: Page, thumb: Thumb, words: str) -> None:
    """Look for somebody from wherever one is, as one does on a telephone: the keyboard has a key for it."""
    thumb.tap(organiser.get_by_role("searchbox", name="Find somebody"))
    organiser.keyboard.type(words)
    organiser.keyboard.press("Enter")


def links_in(mail_text: str) -> tuple[str, str]:
    joins, manages = re.search(r"\S+/join/\S+", mail_text), re.search(r"\S+/registrations/\S+", mail_text)
    assert joins is not None
    assert manages is not None
    return joins[0], manages[0]


def again(place: Registration) -> Registration:
    look_again()
    found = find_by_id(place.id)
    assert found is not None
    return found


def test_the_first_lost_her_link_and_gets_it_again_by_herself(
    session: WebinarSession, platform: Platform, open_page: Callable[..., Page]
) -> None:
    a_registration(session, email="ana@lisbon.example")
    ana = open_page(viewport=PHONE)

    ana.goto("/en/webinars/heat")
    ana.get_by_role("link", name="I lost my link").first.click()
    ana.get_by_label("Mail address").fill("Ana@Lisbon.example")
    ana.get_by_role("button", name="Send me my link").click()
    expect(ana.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    tally = deliver_once()
    assert tally is not None
    assert tally.sent == 1
    look_again()
    join, _manage = links_in(words_of(mails_to("ana@lisbon.example")[-1]))
    ana.goto(join)

    expect(ana.get_by_role("heading", level=1)).to_have_text("You are in the room")
    assert [path for path, _referer in platform.visits] == ["/j/1"]


def test_the_second_never_got_a_mail_because_his_address_was_wrong(
    session: WebinarSession, organiser: Page, open_page: Callable[..., Page]
) -> None:
    place = a_registration(session, email="bo@exmaple.example", given_name="Bo", family_name="Østergaard")
    old = f"/join/{place.join_token}"
    thumb = Thumb()

    find(organiser, thumb, "ostergaard")
    thumb.tap(organiser.get_by_role("link", name="Bo Østergaard"))
    thumb.tap(organiser.get_by_role("link", name="Correct the address"))
    organiser.get_by_label("Mail address", exact=True).fill("bo@example.org")
    thumb.tap(organiser.get_by_role("button", name="Correct and send"))
    expect(organiser.get_by_text("The address is corrected.")).to_be_visible()

    deliver_once()
    look_again()
    join, _manage = links_in(words_of(mails_to("bo@example.org")[-1]))
    bo = open_page(viewport=PHONE)
    bo.goto(old)
    expect(bo.get_by_role("heading", level=1)).to_have_text("This link is not known")
    bo.goto(join)
    expect(bo.get_by_role("heading", level=1)).to_have_text("You are in the room")
    assert thumb.taps == 4


def test_the_third_wants_to_hear_it_in_french(session: WebinarSession, organiser: Page) -> None:
    place = a_registration(session, email="cem@istanbul.example", given_name="Cem", family_name="Yılmaz")
    thumb = Thumb()

    find(organiser, thumb, "cem@")
    thumb.tap(organiser.get_by_role("link", name="Cem Yılmaz"))
    thumb.tap(organiser.get_by_role("link", name="Day, language or place"))
    thumb.tap(organiser.locator("label.choice").filter(has=organiser.get_by_role("radio", name="français")))
    thumb.tap(organiser.get_by_role("button", name="Change the language"))

    expect(organiser.get_by_text("The language is changed.")).to_be_visible()
    assert again(place).language_version.code == "fr"


def test_the_fourth_has_not_registered_and_comes_in_through_the_open_door(
    session: WebinarSession, platform: Platform, open_page: Callable[..., Page]
) -> None:
    dina = open_page(viewport=PHONE)

    dina.goto("/en/webinars/heat")
    dina.get_by_role("link", name="Come in: English").click()
    dina.get_by_label("Mail address").fill("dina@accra.example")
    dina.get_by_label("Given name").fill("Dina")
    dina.get_by_label("Family name").fill("Mensah")
    dina.get_by_role("radio", name="Somebody else").check()
    dina.get_by_label("I have read how my data are used").check()
    dina.get_by_role("button", name="Register and go in").click()

    expect(dina.get_by_role("heading", level=1)).to_have_text("You are in the room")
    assert [path for path, _referer in platform.visits] == ["/j/1"]
    look_again()
    assert len(mails_to("dina@accra.example")) == 1


def test_the_fifth_needs_the_link_in_a_chat_and_has_it_after_two_taps(session: WebinarSession, organiser: Page) -> None:
    seoul = a_member("Seoul", aliases=["서울"])
    place = a_registration(session, given_name="하은", family_name="김", member=seoul)
    thumb = Thumb()

    find(organiser, thumb, "서울")
    thumb.tap(organiser.get_by_role("button", name="Copy the link"))

    expect(organiser.get_by_text("Copied. Paste it into the chat.")).to_be_visible()
    words = organiser.evaluate("navigator.clipboard.readText()")
    assert words.startswith("Hello 하은, here is your personal link for “Heat in cities”")
    assert words.endswith(f"/join/{again(place).join_token}")
    assert thumb.taps == 2


def test_without_scripts_the_link_stands_on_a_page_to_be_selected(
    session: WebinarSession, open_page: Callable[..., Page]
) -> None:
    place = a_registration(session, given_name="Eva", family_name="Papadopoulou")
    account = with_password(Role.ORGANISER)
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto("/staff/sign-in")
    page.get_by_label("Mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("searchbox", name="Find somebody").fill("papado")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("button", name="Copy the link").click()

    assert page.get_by_label("Ready for a chat").input_value().endswith(f"/join/{place.join_token}")


def test_where_the_browser_lets_no_page_write_to_the_clipboard_the_words_are_shown(
    session: WebinarSession, open_page: Callable[..., Page]
) -> None:
    a_registration(session, given_name="Eva", family_name="Papadopoulou")
    account = with_password(Role.ORGANISER)
    page = open_page(viewport=PHONE)
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto("/staff/sign-in")
    page.get_by_label("Mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("searchbox", name="Find somebody").fill("papado")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("button", name="Copy the link").click()

    expect(page.get_by_label("Ready for a chat")).to_have_value(re.compile("^Hello Eva, "))
    assert faults_of(page) + scrolls_sideways(page) == []
