"""Registering and joining with scripts switched off, with mistakes first: nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import time_machine
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect
from sqlalchemy import select

from tests.factories import a_member, a_session
from tests.journeys.conftest import Platform
from webinar.foundation.db import db
from webinar.registration.models import Registration
from webinar.registration.queries import find_by_token


def send(page: Page) -> None:
    page.get_by_role("button", name="Register").click()


def test_mistakes_and_a_name_that_two_members_have_lose_nothing(
    app: Flask, platform: Platform, open_page: Callable[..., Page]
) -> None:
    a_member("Barcelona (city)", key="barcelona-city", aliases=("BCN", "Barcelona"))
    a_member("Barcelona (metropolitan area)", key="barcelona-metropolitan-area", aliases=("AMB", "Barcelona"))
    session = a_session("soon", languages=("en", "es", "fr"), join_url=f"{platform.address}/j/1", seats=5)
    doors = session.starts_at - timedelta(minutes=15)
    page = open_page(java_script_enabled=False, viewport=ViewportSize(width=360, height=740))

    page.goto("/en/sessions/soon/register")
    page.get_by_label("Mail address").fill("nuria.puig@amb")
    page.get_by_label("Given name").fill("Núria")
    page.get_by_label("Family name").fill("   ")
    page.get_by_label("Which member").fill("Barcelona")
    page.get_by_label("Your role").fill("Head of “housing” & <land>")
    page.get_by_label("Language you want to hear").select_option("fr")
    page.get_by_label("Send me the newsletter").check()
    send(page)

    assert page.title().startswith("Error: ")
    # In the order of the form, each a link to its field.
    expect(page.get_by_role("alert").get_by_role("link")).to_have_text(
        [
            "Mail address: Write the whole address, for example name@example.org. After @amb something is missing.",
            "Family name: Write your family name.",
            "Which member: Several members have this name. Choose yours.",
            "I have read how my data are used: Read how your data are used, and tick the box.",
        ]
    )
    expect(page.get_by_label("Mail address")).to_have_value("nuria.puig@amb")
    expect(page.get_by_label("Given name")).to_have_value("Núria")
    expect(page.get_by_label("Which member")).to_have_value("Barcelona")
    expect(page.get_by_label("Your role")).to_have_value("Head of “housing” & <land>")
    expect(page.get_by_label("Language you want to hear")).to_have_value("fr")
    expect(page.get_by_label("Send me the newsletter")).to_be_checked()

    # The member is chosen from those that could be meant; what is still wrong does not undo the choice.
    page.get_by_role("radio", name="Barcelona (metropolitan area)").check()
    page.get_by_label("Mail address").fill("nuria.puig@amb.example")
    page.get_by_label("Family name").fill("Puig i Vila")
    send(page)
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(1)
    page.get_by_label("I have read how my data are used").check()
    send(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    db.session.commit()
    place = find_by_token(db.session.scalars(select(Registration.token)).one())
    assert place is not None
    assert place.member is not None
    assert (place.member.key, place.full_name) == ("barcelona-metropolitan-area", "Núria Puig i Vila")
    assert (place.role, place.language_version.code) == ("Head of “housing” & <land>", "fr")

    page.goto(f"/en/registrations/{place.token}")
    page.get_by_role("button", name="Hear it in: Español").click()
    expect(page.locator(".place")).to_contain_text("Español")

    with time_machine.travel(doors, tick=False):
        page.get_by_role("link", name="Check my link").click()
        page.get_by_role("button", name="Join now").click()
    page.wait_for_url(f"{platform.address}/j/1")
    assert platform.visits == [("/j/1", None)]
