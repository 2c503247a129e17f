"""The join page in a real browser: it waits, goes on by itself, and gets past the browser's own rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from tests.factories import a_registration, a_session
from webinar.attendance.models import AttendanceRecord
from webinar.foundation.db import db
from webinar.registration.models import Registration


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Run on one kind of database: these tests are about the browser."""
    kind: str = request.param
    return kind


def a_place(room: str, *, doors_open_in: timedelta) -> Registration:
    starts = datetime.now(UTC) + doors_open_in + timedelta(minutes=15)
    session = a_session(
        starts=starts.replace(tzinfo=None).isoformat(),
        zone="UTC",
        join_url=room,
        speakers=("Paola Arjona", "Dr Elham Fakhari"),
    )
    return a_registration(session, given_name="Haeun", family_name="Kim", timezone="Asia/Seoul")


def elsewhere(live_server: str, path: str) -> str:
    """Return an address of the same server under another name, which is another origin to the browser."""
    return live_server.replace("127.0.0.1", "localhost") + path


def arrivals() -> int:
    db.session.commit()
    return len(db.session.scalars(select(AttendanceRecord)).all())


def test_at_the_doors_the_page_goes_to_the_platform_by_itself_and_back_leads_to_before(
    page: Page, live_server: str
) -> None:
    room = elsewhere(live_server, "/healthz")
    place = a_place(room, doors_open_in=timedelta(minutes=-1))

    page.goto("/readyz")
    page.goto(f"/join/{place.join_token}")
    page.wait_for_url(room)
    assert arrivals() == 1

    # The page that went on by itself is not in the way back: nobody is sent to the platform again and again.
    page.go_back()
    assert page.url == f"{live_server}/readyz"


def test_before_the_doors_the_page_counts_down_and_then_goes_on(page: Page, live_server: str) -> None:
    room = elsewhere(live_server, "/healthz")
    place = a_place(room, doors_open_in=timedelta(seconds=3))

    page.goto(f"/join/{place.join_token}")
    assert page.get_by_role("timer").is_visible()
    assert page.get_by_role("button", name="Join now").count() == 0
    assert arrivals() == 0

    page.wait_for_url(room, timeout=15_000)
    assert arrivals() == 1


def test_a_room_behind_redirects_is_reached_too(page: Page, live_server: str) -> None:
    # "/" redirects to the programme: as a short address does, but this one is http, so named by its own origin.
    place = a_place(elsewhere(live_server, "/"), doors_open_in=timedelta(minutes=-1))

    page.goto(f"/join/{place.join_token}")
    page.wait_for_url(elsewhere(live_server, "/en/"))

    assert arrivals() == 1
