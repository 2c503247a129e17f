"""From a platform's file to the export: an organiser brings Zoom's report in and says who the unknown ones are."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime

import time_machine
from playwright.sync_api import Page, ViewportSize, expect

from tests.factories import a_member, a_registration, a_session, a_webinar
from tests.platform_reports.test_samples_become_attendance import FILES
from tests.signing_in import PASSWORD, with_password
from webinar.accounts.models import Role

REPORT = FILES / "zoom_attendee_report_2025_excel_padded.csv"


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()


def a_webinar_that_was_held() -> None:
    """Store the session of the sample: of those in its file one is there with another address, one not at all."""
    session = a_session(
        "metro", webinar=a_webinar("metro"), starts="2026-04-03T16:30", minutes=60, zone="Europe/Madrid"
    )
    for email, given_name, family_name in (
        ("ana.ejemplo@example.org", "Ana", "Ejemplo"),
        ("bintou.exemple@example.org", "Bintou", "Exemple"),
        ("carl.sample@example.org", "Carl", "Sample, Jr."),
        ("oscar@mexico.example", "Óscar", "Núñez-Muestra"),
    ):
        a_registration(session, email=email, given_name=given_name, family_name=family_name)
    a_member("Guangzhou", aliases=["广州"])


def test_a_report_from_the_file_to_the_export(open_page: Callable[..., Page]) -> None:
    with time_machine.travel(datetime(2026, 4, 4, 9, 0, tzinfo=UTC), tick=False):
        a_webinar_that_was_held()
        account = with_password(Role.ORGANISER)
        page = open_page(viewport=ViewportSize(width=1280, height=800))
        page.goto("/staff/sessions/metro/attendance")
        page.get_by_label("Mail address").fill(account.email)
        page.get_by_label("Password").fill(PASSWORD)
        press(page, "Sign in")

        page.get_by_role("link", name="Bring in a platform’s report").click()
        page.get_by_label("Attendance report").set_input_files(REPORT)
        press(page, "Look at the report")

        # The file names no zone: by the clock of Lisbon everybody would have come an hour late.
        zone = page.get_by_label("By which city’s clock the file tells times")
        expect(zone).to_have_value("Europe/Madrid")
        zone.select_option("Europe/Lisbon")
        press(page, "Read it so")
        expect(
            page.get_by_text("Most of the time in this report lies outside the hours of the session")
        ).to_be_visible()
        zone.select_option("Europe/Madrid")
        press(page, "Read it so")
        press(page, "Apply: 3 people count")

        expect(page.get_by_role("status")).to_contain_text("what it says of 3 people counts now")
        page.get_by_role("button", name=re.compile("^Confirm.*Oscar")).click()
        page.get_by_role("link", name="Not known").click()
        page.get_by_role("link", name=re.compile("^Decide.*李样")).click()
        who = page.get_by_role("region", name="They came without registering")
        who.get_by_label("Given name").fill("样")
        who.get_by_label("Family name").fill("李")
        who.get_by_label("Which member").fill("广州")
        press(page, "Add as having come")
        expect(page.get_by_role("status")).to_contain_text("is added as having come without registering")

        page.goto("/staff/sessions/metro/attendance")
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").first.click()
        with download.value.path().open(encoding="utf-8-sig", newline="") as file:
            lines = {line["email"]: line for line in csv.DictReader(file)}
    assert {email: (line["attended"], line["minutes"]) for email, line in lines.items()} == {
        "ana.ejemplo@example.org": ("yes", "60.00"),
        "bintou.exemple@example.org": ("yes", "57.20"),
        "carl.sample@example.org": ("yes", "60.00"),
        "oscar@mexico.example": ("yes", "56.45"),
        "li.yang@example.org": ("yes", "60.00"),
    }
    added = lines["li.yang@example.org"]
    assert (added["status"], added["member"], added["sources"]) == ("unregistered", "Guangzhou", "report")
