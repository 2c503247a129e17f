"""The Attendance tab in a real browser: who comes is seen by itself, and what is typed is counted before it counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.factories import a_member, a_registration, a_session, an_attendance
from tests.signing_in import PASSWORD, with_password
from webinar.attendance.services.join import record_join


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Run on one kind of database: these tests are about the browser."""
    kind: str = request.param
    return kind


def test_who_comes_is_seen_without_a_press_and_the_threshold_says_what_it_would_do(
    page: Page, live_server: str
) -> None:
    starts = datetime.now(UTC) - timedelta(minutes=30)
    session = a_session("heat-en", starts=starts.replace(tzinfo=None).isoformat(), zone="UTC")
    place = a_registration(session, member=a_member("Lisbon"))
    an_attendance(a_registration(session, member=a_member("Seoul")), minutes=20)
    account = with_password()
    page.goto("/staff/sign-in")
    page.get_by_label("Mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/staff/")
    page.clock.install()
    page.goto("/staff/sessions/heat-en/attendance")
    seen = page.locator("[data-live]")
    expect(seen).to_contain_text("0 of 2 who are registered")

    record_join(place.join_token, datetime.now(UTC), doors_open_minutes=15)
    page.clock.run_for(6000)
    expect(seen).to_contain_text("One member is here")
    expect(seen).to_contain_text("One member is missing")

    page.get_by_label("At least so many minutes").fill("30")
    page.clock.run_for(1000)
    expect(page.locator("[data-would]")).to_contain_text("Then 0 of 2 people who were seen would have come")
    page.get_by_role("button", name="Let it count so").click()
    expect(page.get_by_label("At least so many minutes")).to_have_value("30")
    expect(page.locator("[data-would]")).to_contain_text("So it is now: 0 of 2")
