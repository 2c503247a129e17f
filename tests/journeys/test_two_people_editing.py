"""Two organisers have the same session open: whoever saves second learns what the first did, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.factories import a_session, a_webinar
from tests.journeys.looking import faults_of, scrolls_sideways
from tests.signing_in import PASSWORD, with_password
from webinar.accounts.models import Role
from webinar.catalogue.queries import find_session_of_any_status
from webinar.foundation.db import db

CONTENT = "/staff/sessions/shade-en/content"


def signed_in(open_page: Callable[..., Page], name: str, **device: object) -> Page:
    account = with_password(Role.ORGANISER, name=name)
    page = open_page(**device)
    page.goto("/staff/sign-in")
    page.get_by_label("Mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name=name)).to_be_visible()
    return page


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def seats() -> int | None:
    db.session.rollback()
    session = find_session_of_any_status("shade-en")
    assert session is not None
    db.session.refresh(session)
    return session.seats


def test_the_second_to_save_sees_what_the_first_did_and_decides(open_page: Callable[..., Page]) -> None:
    a_session("shade-en", webinar=a_webinar("shade", title="Shade"), seats=10, speakers=["Ana Sousa"])
    amina = signed_in(open_page, "Amina First")
    ben = signed_in(open_page, "Ben Second", viewport={"width": 360, "height": 740})

    amina.goto(CONTENT)
    ben.goto(CONTENT)
    amina.get_by_label("Seats").fill("20")
    amina.get_by_role("group", name="Speaker 1").get_by_label("Role").fill("Moderator")
    save(amina)
    expect(amina.get_by_text("The session is stored.")).to_be_visible()
    ben.get_by_label("Seats").fill("30")
    ben.get_by_text("A meeting of its own, practical notes").first.click()
    ben.get_by_role("group", name="Language 1").get_by_label("Practical notes").fill("Channel 2, the globe below")
    save(ben)

    told = ben.get_by_role("alert")
    expect(told).to_contain_text("Somebody has changed this while you were writing.")
    expect(told).to_contain_text("Amina First")
    expect(told).to_contain_text("Ana Sousa, Moderator")
    expect(told).to_be_focused()
    assert seats() == 20
    expect(ben.get_by_label("Seats")).to_have_value("30")
    expect(ben.get_by_role("group", name="Language 1").get_by_label("Practical notes")).to_have_value(
        "Channel 2, the globe below"
    )
    assert faults_of(ben) == []
    assert scrolls_sideways(ben) == []

    ben.get_by_role("group", name="Speaker 1").get_by_label("Role").fill("Moderator")
    save(ben)

    expect(ben.get_by_text("The session is stored.")).to_be_visible()
    assert seats() == 30
    amina.goto(CONTENT)
    amina.get_by_role("link", name="What was changed").click()
    expect(amina.get_by_role("listitem").filter(has_text="Ben Second")).to_contain_text("20 → 30")


def test_the_second_may_leave_theirs_and_go_on_from_what_is_stored(open_page: Callable[..., Page]) -> None:
    a_session("shade-en", webinar=a_webinar("shade", title="Shade"), seats=10)
    amina = signed_in(open_page, "Amina First")
    ben = signed_in(open_page, "Ben Second", java_script_enabled=False)
    ben.goto(CONTENT)
    amina.goto(CONTENT)
    amina.get_by_label("Seats").fill("20")
    save(amina)
    expect(amina.get_by_text("The session is stored.")).to_be_visible()
    ben.get_by_label("Seats").fill("30")
    save(ben)

    ben.get_by_role("link", name="Leave mine, show what is stored").click()

    expect(ben.get_by_label("Seats")).to_have_value("20")
    ben.get_by_label("Seats").fill("25")
    save(ben)
    expect(ben.get_by_text("The session is stored.")).to_be_visible()
    assert seats() == 25
