"""An organiser asks the cities: from a list of contacts to the board that says who is missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import time_machine
from flask import Flask
from playwright.sync_api import Page, expect

from tests.factories import a_member, a_session, a_webinar
from tests.journeys.looking import faults_of, scrolls_sideways
from tests.journeys.test_two_people_editing import signed_in
from tests.mailbox import mails_to, words_of
from webinar.foundation.db import db
from webinar.worker.loop import deliver_once

CONTACTS = """\
mail;given name;family name;city;language;focal point
awa@dakar.example;Awa;Diop;Dakar;fr;yes
luis@quito.example;Luis;Vega;Quito;es;yes
ama@accra.example;Ama;Mensah;Accra;en;yes
"""


def write_in(page: Page, code: str, subject: str, body: str) -> None:
    page.locator(f"[name=subject_{code}]").fill(subject)
    page.locator(f"[name=body_{code}]").fill(body)


def test_three_cities_in_three_languages_one_registers_and_two_are_missing(
    app: Flask, live_server: str, open_page: Callable[..., Page]
) -> None:
    for name, zone in (("Dakar", "Africa/Dakar"), ("Quito", "America/Guayaquil"), ("Accra", "Africa/Accra")):
        a_member(name, timezone=zone)
    titles = {"en": "Heat in cities", "fr": "La chaleur en ville", "es": "El calor en las ciudades"}
    session = a_session("heat", webinar=a_webinar("heat", titles=titles), languages=("en", "fr", "es"))

    with time_machine.travel(session.starts_at - timedelta(days=20)):
        page = signed_in(open_page, "Amina First")
        page.goto("/staff/contacts/import")
        page.locator("input[type=file]").set_input_files(
            {"name": "contacts.csv", "mimeType": "text/csv", "buffer": CONTACTS.encode("utf-16")}
        )
        page.get_by_role("button", name="Show what will happen").click()
        page.get_by_role("button", name="Take over the list").click()

        page.goto("/staff/mailings/new?session=heat")
        page.get_by_label("Name", exact=True).fill("Heat: all cities")
        page.get_by_role("button", name="Make the mailing").last.click()
        for code in ("es", "fr"):
            if not page.locator(f"[name=subject_{code}]").count():
                page.get_by_label("Another language", exact=True).select_option(code)
                page.get_by_role("button", name="Add a language").click()
        write_in(page, "en", "Come, {given name}", "Dear {given name},\n\n**{member}** is asked to come.")
        write_in(page, "fr", "Venez, {given name}", "Bonjour {given name},\n\n**{member}** est attendue.")
        write_in(page, "es", "Venga, {given name}", "Hola {given name}:\n\n**{member}** está invitada.")
        page.get_by_role("button", name="Save").last.click()
        expect(page.get_by_text("The texts are stored.")).to_be_visible()

        page.get_by_role("link", name="Who gets this").first.click()
        expect(page.get_by_role("heading", name="3 people get this")).to_be_visible()
        page.get_by_role("button", name="Send to 3 people").click()
        expect(page).to_have_url(re.compile(r"/results$"))
        db.session.rollback()
        tally = deliver_once()
        assert tally is not None
        assert tally.sent == 3
        page.reload()
        expect(page.locator("main")).to_contain_text("Sent: 3")

        (mail,) = mails_to("awa@dakar.example")
        db.session.rollback()
        assert mail["Subject"] == "Venez, Awa"
        assert "Dakar est attendue." in words_of(mail)
        address = re.search(r"\S+/fr/sessions/heat/register\?invitation=\S+", words_of(mail))
        assert address is not None
        phone = open_page(viewport={"width": 360, "height": 740})
        phone.goto(address[0])
        phone.locator("form.form button.primary").click()
        expect(phone).to_have_url(re.compile(r"/fr/sessions/heat/registered$"))

        page.reload()
        expect(page.get_by_role("heading", name="One member has registered")).to_be_visible()
        page.goto("/staff/webinars/heat/cities")
        expect(page.get_by_role("heading", name="2 of 3 cities are not registered yet")).to_be_visible()
        expect(page.get_by_role("button", name="Remind the focal points of 2 cities")).to_be_visible()
        assert (faults_of(page), scrolls_sideways(page)) == ([], [])
        page.get_by_role("link", name="Quito").click()
        page.get_by_label("What the city has said").select_option(label="Will nominate somebody")
        page.get_by_role("textbox", name="Note").fill("Called on Tuesday.")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Called on Tuesday.")).to_be_visible()
        page.get_by_role("link", name="All cities").click()
        expect(page.get_by_text("Will nominate somebody")).to_be_visible()
