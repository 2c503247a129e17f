"""The main job, end to end: an organiser publishes, somebody registers, gets the mail, joins, and is exported."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import time_machine
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect
from python_calamine import CalamineWorkbook

from tests.journeys.conftest import Platform
from tests.mailbox import calendar_of, words_of
from webinar.worker.loop import deliver_once

PHONE = ViewportSize(width=360, height=740)
THREE_WEEKS_BEFORE = datetime(2030, 3, 13, 9, 0, tzinfo=UTC)
STARTS = datetime(2030, 4, 3, 14, 30, tzinfo=UTC)  # 16:30 in Madrid, where summer time has begun meanwhile
DOORS = STARTS - timedelta(minutes=15)
MEMBERS = Path(__file__).parent.parent.parent / "webinar" / "sample" / "data" / "members.csv"
PASSWORD = "four unrelated words here"
HAEUN = "haeun.kim@seoul.example"


def run(app: Flask, *arguments: str) -> str:
    """Run a command as on the server, and return what it printed."""
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output
    return result.output


def mails_in(app: Flask) -> list[EmailMessage]:
    """Return the mails in the mailbox folder as a strict parser reads them, the oldest first."""
    mails = []
    for file in sorted((Path(app.instance_path) / "mailbox").iterdir()):
        content = file.read_bytes()
        assert b"\n" not in content.replace(b"\r\n", b""), "a line does not end as SMTP wants it"
        message = email.message_from_bytes(content, policy=email.policy.strict.clone(raise_on_defect=True))
        assert isinstance(message, EmailMessage)
        mails.append(message)
    return mails


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def sign_in_and_choose_a_password(organiser: Page, link: str) -> None:
    organiser.goto(link)
    press(organiser, "Sign in")
    organiser.get_by_label("New password", exact=True).fill(PASSWORD)
    organiser.get_by_label("once more").fill(PASSWORD)
    press(organiser, "Change password")


def make_and_publish(organiser: Page, room: str) -> None:
    """Make a series, a webinar in two languages and a session of it, and publish the session."""
    organiser.goto("/staff/")
    organiser.get_by_role("link", name="Series", exact=True).click()
    organiser.get_by_role("link", name="New series").click()
    english, spanish = (organiser.get_by_role("group", name=name) for name in ("English", "español"))
    english.get_by_label("Title").fill("Homes for everybody")
    spanish.get_by_label("Title").fill("Viviendas para todos")
    press(organiser, "Make the series")

    organiser.get_by_role("link", name="New webinar").click()
    texts = organiser.get_by_role("region", name="Texts")
    texts.get_by_label("Original language").select_option("en")
    texts.get_by_label("Title").fill("Rents & the city")
    texts.get_by_label("Summary").fill("What capped rents have done.")
    press(organiser, "Make the webinar")
    organiser.get_by_role("navigation", name="Webinar").get_by_role("link", name="Translations").click()
    organiser.get_by_role("link", name="Translate into Spanish").click()
    organiser.get_by_role("textbox", name="Title").fill("Alquileres y ciudad")
    organiser.locator(".send").get_by_role("button", name="Save").click()
    organiser.get_by_role("link", name="Texts and sessions").click()

    organiser.get_by_role("link", name="New session").click()
    organiser.get_by_label("Start", exact=True).fill("2030-04-03T16:30")
    organiser.get_by_label("End", exact=True).fill("2030-04-03T17:45")
    organiser.get_by_label("Time zone", exact=True).select_option("Europe/Madrid")
    organiser.get_by_role("region", name="Where").get_by_label("Join address").fill(room)
    organiser.get_by_text("It is made by itself").click()
    organiser.get_by_label("Key").fill("rents")
    organiser.get_by_role("group", name="Language 2").get_by_label("Language", exact=True).select_option("es")
    organiser.get_by_role("group", name="Speaker 1").get_by_label("Name", exact=True).fill("إلهام فخاري")
    press(organiser, "Make the session")
    press(organiser, "Publish")
    expect(organiser.get_by_text("The session is public")).to_be_visible()


def register(attendee: Page) -> None:
    """Find the session and register for Seoul, named as people there write it, by touch on a phone."""
    attendee.goto("/")
    expect(attendee.get_by_role("heading", level=1)).to_have_text("Rents & the city")
    expect(attendee.locator(".hero .when-you")).to_contain_text("23:30–00:45 for you in Seoul")
    attendee.get_by_role("link", name="Register", exact=True).tap()
    attendee.get_by_label("Mail address").fill("Haeun.Kim@Seoul.example")
    attendee.get_by_label("Given name").fill("하은")
    attendee.get_by_label("Family name").fill("김")
    attendee.get_by_label("Which member").tap()
    attendee.keyboard.insert_text("서울특")
    attendee.get_by_role("option", name="Seoul").tap()
    expect(attendee.get_by_label("Which member")).to_have_value("Seoul")
    attendee.get_by_label("Your role").fill("Director, housing")
    attendee.get_by_label("I have read how my data are used").check()
    attendee.get_by_role("button", name="Register").tap()
    expect(attendee.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")


def follow_link_in(message: EmailMessage, part: str) -> str:
    """Return the one link of ours in a mail whose path begins so."""
    [link] = set(re.findall(rf"http://\S+{part}[\w-]+", words_of(message)))
    assert link in words_of(message, "html")
    return str(link)


def test_from_the_published_webinar_to_the_export(
    app: Flask, live_server: str, platform: Platform, open_page: Callable[..., Page]
) -> None:
    room = f"{platform.address}/j/123?pwd=x"
    run(app, "members", "import", str(MEMBERS))
    with time_machine.travel(THREE_WEEKS_BEFORE, tick=False) as clock:
        link = run(app, "staff", "create", "olga@example.org", "--role", "organiser").split()[-1]
        organiser = open_page(viewport=ViewportSize(width=1280, height=800))
        sign_in_and_choose_a_password(organiser, link)
        make_and_publish(organiser, room)

        attendee = open_page(viewport=PHONE, has_touch=True, is_mobile=True, timezone_id="Asia/Seoul")
        attendee.clock.install(time=THREE_WEEKS_BEFORE)
        register(attendee)

        deliver_once()
        [confirmation] = mails_in(app)
        assert confirmation["To"] == f"하은 김 <{HAEUN}>"
        entry = calendar_of(confirmation)
        assert (entry.method, entry.sequence, entry.start) == ("REQUEST", 0, STARTS)
        assert entry.summary == "Rents & the city"
        organiser.get_by_role("link", name="Mail log").click()
        expect(organiser.get_by_role("row", name=HAEUN)).to_contain_text("Sent")

        attendee.goto(follow_link_in(confirmation, "/registrations/"))
        expect(attendee.locator("main")).to_contain_text("You have a place")
        attendee.get_by_role("button", name="Hear it in: Español").tap()
        expect(attendee.get_by_text("Your choice of language is stored")).to_be_visible()
        clock.shift(60)
        deliver_once()
        _, update = mails_in(app)
        # The same entry, said anew: another language moves nothing (RFC 5546, 2.1.4), so SEQUENCE stays.
        newer = calendar_of(update)
        assert (newer.uid, newer.sequence) == (entry.uid, entry.sequence)
        assert newer.stamped > entry.stamped

        clock.move_to(DOORS - timedelta(minutes=1))
        attendee.clock.set_system_time(DOORS - timedelta(minutes=1))
        attendee.goto(follow_link_in(update, "/join/"))
        expect(attendee.locator("main")).to_contain_text(
            "The doors open on Wednesday 3 April at 23:15, your time in Seoul."
        )
        expect(attendee.get_by_role("timer")).to_contain_text("0hours 1minute")
        assert platform.visits == []

        clock.move_to(DOORS)
        attendee.clock.fast_forward("01:05")
        attendee.wait_for_url(room)
        # The platform does not learn the personal link from which people come.
        assert platform.visits == [("/j/123?pwd=x", None)]

        clock.move_to(STARTS + timedelta(minutes=75))
        organiser.goto("/staff/sessions/rents/registrations")
        organiser.get_by_label("Mail address").fill("olga@example.org")
        organiser.get_by_label("Password").fill(PASSWORD)
        press(organiser, "Sign in")
        expect(organiser.get_by_role("row", name="하은 김")).to_contain_text("Seoul")
        expect(organiser.get_by_role("row", name="하은 김")).to_contain_text("Español")
        organiser.get_by_role("link", name="Attendance").click()
        expect(organiser.get_by_role("row", name="하은 김")).to_contain_text("16:15")
        exports = {kind: downloaded(organiser, kind) for kind in ("CSV", "XLSX")}

    expected = {
        "series": "homes-for-everybody",
        "webinar": "rents-the-city",
        "session": "rents",
        "session_start_utc": "2030-04-03T14:30:00Z",
        "language": "es",
        "given_name": "하은",
        "family_name": "김",
        "email": HAEUN,
        "affiliation": "member",
        "member": "Seoul",
        "country": "KR",
        "region": "Asia-Pacific",
        "organisation": "",
        "role": "Director, housing",
        "status": "registered",
        "registered_at_utc": "2030-03-13T09:00:00Z",
        "calendar_answer": "",
        "attended": "yes",
        "first_join_utc": "2030-04-03T14:15:00Z",
        "last_leave_utc": "",
        "minutes": "0.00",
        "sources": "join_link",
        "mail_language": "en",
        "watching_with": "0",
    }
    assert rows_of_csv(exports["CSV"]) == [expected]
    [row] = rows_of_xlsx(exports["XLSX"])
    assert {name: row[name] for name in expected} == {
        **expected,
        "session_start_utc": datetime(2030, 4, 3, 14, 30),  # noqa: DTZ001
        "registered_at_utc": datetime(2030, 3, 13, 9, 0),  # noqa: DTZ001
        "first_join_utc": datetime(2030, 4, 3, 14, 15),  # noqa: DTZ001
        "minutes": 0.0,
        "watching_with": 0.0,
    }
    assert (row["timezone"], str(row["session_start_local"])) == ("Europe/Madrid", "2030-04-03 16:30:00")


def downloaded(organiser: Page, kind: str) -> Path:
    """Press the first button of the page that exports so, and return the file."""
    with organiser.expect_download() as download:
        organiser.get_by_role("button", name=kind).first.click()
    assert download.value.suggested_filename == f"attendance-rents.{kind.lower()}"
    return Path(download.value.path())


def rows_of_csv(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"))))


def rows_of_xlsx(file: Path) -> list[dict[str, object]]:
    head, *rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]
