"""A sixth language is one catalogue and one line: with them, everything that people see is in it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from config import INTERFACE_LANGUAGES, PROJECT, TestConfig
from tests.factories import a_calendar_entry, a_registration, a_session, a_webinar
from tests.security.site_walk import NOON, Address, Values, a_world, addresses, everything_stored
from tests.signing_in import sign_in, with_password
from tests.translations.made_up import (
    CLOSE,
    LANGUAGE,
    OPEN,
    outside_marks,
    shown_unmarked,
    words_of_ours,
    write_catalogue,
)
from webinar import create_app
from webinar.accounts.models import Role
from webinar.calendars.models import CalendarEntry
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.foundation.zones import zone_names
from webinar.mail.models import OutboxMail
from webinar.registration import mails
from webinar.registration.models import Approval, Registration, RegistrationStatus
from webinar.registration.queries import find_by_token

# Names that are the same in every language, codes that files and settings are written with.
NAMES = {
    *("UTC", "CSV", "XLSX", "JSON", "PDF", "PNG", "JPEG", "WebP", "SVG", "DOCX", "ICS", "SMTP", "URL", "HTML"),
    *(
        "Zoom",
        "Teams",
        "Microsoft Teams",
        "Webex",
        "BigBlueButton",
        "GoToWebinar",
        "Jitsi",
        "YouTube",
        "Markdown",
        "Metropolis",
    ),
    *("Google Calendar", "Outlook.com", "Microsoft 365"),
    *("MB", "kB", "GB", "IANA", "ISO", "DTSTART"),
}


@pytest.fixture(scope="module")
def made_up_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Make an application that offers English and the made-up language, and no other."""
    folder = tmp_path_factory.mktemp("sixth")
    write_catalogue(folder / "translations")
    with pytest.MonkeyPatch.context() as patch:
        line = (*INTERFACE_LANGUAGES, LANGUAGE)
        patch.setattr("config.INTERFACE_LANGUAGES", line)
        patch.setattr("webinar.settings.forms.INTERFACE_LANGUAGES", line)
        config = TestConfig(folder / "instance", f"sqlite:///{folder / 'test.db'}", LANGUAGES=f"{LANGUAGE},en")
        config.BABEL_TRANSLATION_DIRECTORIES = str(folder / "translations")  # type: ignore[attr-defined]
        app = create_app(config)
        app.config.update(WTF_CSRF_ENABLED=False, REGISTRATIONS_PER_HOUR=1_000_000, SIGN_INS_PER_HOUR=1_000_000)
        with app.app_context():
            db.create_all()
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(made_up_app: Flask) -> Iterator[Flask]:
    with made_up_app.app_context():
        with db.engine.begin() as connection:
            for table in reversed(db.metadata.sorted_tables):
                connection.execute(table.delete())
        made_up_app.extensions["settings.effect"].forget()
        yield made_up_app
        db.session.remove()


@pytest.fixture
def world(app: Flask) -> Iterator[Values]:
    with time_machine.travel(NOON, tick=False):
        values = a_world()
        values["lang"] = [LANGUAGE]
        yield values


def in_it(address: Address) -> dict[str, str]:
    """Return the query that asks for the language: the page of a join link is in that of the registration."""
    return {} if "lang" in address.rule.arguments else {"lang": LANGUAGE}


def data() -> set[str]:
    """Return everything that somebody has written, and names that Babel has in no language but English."""
    cells = {cell for rows in everything_stored().values() for row in rows for cell in row if isinstance(cell, str)}
    lines = {line.strip() for cell in cells for line in cell.splitlines()} | cells
    cities = {zone.rpartition("/")[2].replace("_", " ") for zone in zone_names()} | set(zone_names())
    return {text for text in lines | cities | NAMES if len(text) > 1}


def test_marks_are_found_where_they_are_and_words_where_they_are_not() -> None:
    page = (
        f'<html lang="{LANGUAGE}"><p title="Left">{OPEN}Dear <b>{OPEN}inner{CLOSE} more</b> all{CLOSE} rest '
        f'<i lang="en">not ours</i> <bdi>Ana</bdi><br> Zoom</p><img alt="{OPEN}A hall{CLOSE}"></html>'
    )

    assert words_of_ours(shown_unmarked(page), {"Zoom"}) == ["Left", "rest"]


@pytest.mark.parametrize("who", ["everybody", "the staff"])
def test_every_page_speaks_the_new_language_and_nothing_else(
    app: Flask, client: FlaskClient, world: Values, who: str
) -> None:
    if who == "the staff":
        sign_in(client, with_password(Role.ADMIN, language=LANGUAGE))
    known = data()

    found: dict[str, list[str]] = {}
    seen = 0
    for address in addresses(app, world, "GET"):
        if address.is_staff is not (who == "the staff") or address.path == "/":
            continue
        answer = client.get(address.path, query_string=in_it(address), headers={"Accept-Language": LANGUAGE})
        is_page = answer.mimetype == "text/html" and answer.status_code < 500 and answer.location is None
        if not is_page or "sandbox" in answer.headers["Content-Security-Policy"]:
            answer.close()
            continue
        seen += OPEN in answer.text
        if words := words_of_ours(shown_unmarked(answer.text), known):
            found[address.path] = words
        assert f'<html lang="{LANGUAGE}" dir="rtl"' in answer.text or "<html" not in answer.text, address.path

    assert seen > (70 if who == "the staff" else 30)
    assert found == {}


@pytest.mark.parametrize("who", ["everybody", "the staff"])
def test_every_refusal_and_message_is_in_the_new_language(
    app: Flask, client: FlaskClient, world: Values, who: str
) -> None:
    account = with_password(Role.ADMIN, language=LANGUAGE)
    if who == "the staff":
        sign_in(client, account)
    known = data()
    found: dict[str, list[str]] = {}
    seen = 0
    for address in addresses(app, world, "POST"):
        if address.is_staff is not (who == "the staff"):
            continue
        answer = client.post(
            address.path, query_string=in_it(address), data={"x": "y"}, headers={"Accept-Language": LANGUAGE}
        )
        if answer.location and answer.location.startswith("/staff/sign-in"):
            sign_in(client, account)
        if 300 <= answer.status_code < 400 and answer.location.startswith("/"):
            answer = client.get(answer.location, headers={"Accept-Language": LANGUAGE})
        if answer.mimetype != "text/html" or answer.status_code >= 500:
            answer.close()
            continue
        seen += OPEN in answer.text
        if words := words_of_ours(shown_unmarked(answer.text), known):
            found[address.path] = words

    assert seen > 20
    assert found == {}


# Mails and their calendar parts.


def a_place(**more: object) -> Registration:
    session = a_session(
        webinar=a_webinar(titles={LANGUAGE: "Cidades", "en": "Cidades"}, original_language="en"), languages=("en",)
    )
    place = a_registration(session, language=LANGUAGE, timezone="Asia/Seoul", **more)  # type: ignore[arg-type]
    return found_again(place)


def found_again(place: Registration) -> Registration:
    found = find_by_token(place.token)
    assert found is not None
    return found


def announced(place: Registration) -> Registration:
    entry: CalendarEntry = a_calendar_entry(place)
    entry.announced_sequence = 0
    db.session.commit()
    return place


def mail_and_correct(place: Registration, now: datetime) -> None:
    mails.enqueue_news_of_place(place, now)
    mails.enqueue_address_corrected(place, now)


def waiting(**more: object) -> Registration:
    return a_place(status=RegistrationStatus.WAITING, **more)


def asked() -> Registration:
    return waiting(approval=Approval.ASKED)


WRITTEN: dict[str, Callable[[datetime], None]] = {
    "a place": lambda now: mails.enqueue_news_of_place(a_place(), now),
    "a turn": lambda now: mails.enqueue_news_of_place(waiting(), now),
    "a request": lambda now: mails.enqueue_news_of_place(asked(), now),
    "a seat": lambda now: mails.enqueue_promotion(a_place(), now),
    "a place once more": lambda now: mails.enqueue_reminder_of_place(a_place(), now),
    "a turn once more": lambda now: mails.enqueue_reminder_of_place(waiting(), now),
    "a request once more": lambda now: mails.enqueue_reminder_of_place(asked(), now),
    "a place again": lambda now: mails.enqueue_again(a_place(), now),
    "a turn again": lambda now: mails.enqueue_again(waiting(), now),
    "links": lambda now: mails.enqueue_links(a_place()),
    "links as text": lambda now: mails.enqueue_links(a_place(), plain=True),
    "let come": lambda now: mails.enqueue_approval(a_place(), "Ola", now),
    "let wait": lambda now: mails.enqueue_approval(waiting(), "Ola", now),
    "not let come": lambda now: mails.enqueue_decline(a_place(status=RegistrationStatus.CANCELLED), "Ola"),
    "given up": lambda now: mails.enqueue_cancellation(announced(a_place()), now),
    "handed over": lambda now: mails.enqueue_handed_over(announced(a_place()), now),
    "handed to": lambda now: mails.enqueue_handed_to(a_place(), "Bo", now),
    "a turn handed to": lambda now: mails.enqueue_handed_to(waiting(), "Bo", now),
    "offered": lambda now: mails.enqueue_offered_by(a_place(), "Bo", now),
    "a turn offered": lambda now: mails.enqueue_offered_by(waiting(), "Bo", now),
    "moved": lambda now: mails.enqueue_move(announced(a_place()), a_place(), now),
    "another address": lambda now: mail_and_correct(a_place(), now),
    "a no in the calendar": lambda now: mails.enqueue_offer_to_give_up(place := a_place(), a_calendar_entry(place)),
    "another language to hear": lambda now: mails.enqueue_change_of_version(a_place(), now),
}


def test_every_kind_of_mail_is_among_these() -> None:
    kinds = {name for name in vars(mails) if name.startswith("enqueue_")}
    asked_for_here = {name for write in (*WRITTEN.values(), mail_and_correct) for name in write.__code__.co_names}

    assert kinds - asked_for_here == {"enqueue_confirmation"}  # which is the one of a place, written beforehand


@pytest.mark.parametrize("about", WRITTEN)
def test_every_mail_and_calendar_entry_speaks_the_new_language_and_nothing_else(app: Flask, about: str) -> None:
    written = WRITTEN[about]
    written_now(written)
    known = data() | {"Ola", "Bo", "Ana", "Sousa"}

    rows = db.session.scalars(select(OutboxMail)).all()
    assert rows
    for row in rows:
        assert row.language == LANGUAGE
        message = message_from_bytes(row.message or b"", policy=policy.default)
        shown = {"subject": outside_marks(str(message["Subject"]))}
        for part in message.walk():
            if part.get_content_type() == "text/plain":
                shown["text"] = outside_marks(part.get_content())
            elif part.get_content_type() == "text/html":
                shown["html"] = shown_unmarked(part.get_content())
            elif part.get_content_type() == "text/calendar":
                shown["calendar"] = outside_marks(told_by(part.get_content()))
        assert OPEN in row.subject or "Cidades" in row.subject
        assert {name: words_of_ours(text, known) for name, text in shown.items()} == {name: [] for name in shown}


def written_now(write: Callable[[datetime], None]) -> None:
    """Write a mail in a transaction of its own; what it is about is stored before it."""
    prepared: list[Callable[[], None]] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in vars(mails) if name.startswith("enqueue_")]:
            function = getattr(mails, name)
            patch.setattr(mails, name, lambda *given, f=function, **more: prepared.append(lambda: f(*given, **more)))
        write(clock.now())
    for one in prepared:
        with transaction():
            one()


def told_by(calendar: str) -> str:
    """Return what people read of a calendar part."""
    lines = re.sub(r"\r?\n[ \t]", "", calendar).splitlines()
    return "\n".join(
        line.partition(":")[2].replace("\\n", "\n") for line in lines if re.match("SUMMARY|DESCRIPTION|LOCATION", line)
    )


# One catalogue and one line.


def test_a_sixth_language_is_one_catalogue_and_one_line(tmp_path: Path) -> None:
    for name in ("webinar", "templates", "static", "migrations"):
        (tmp_path / name).symlink_to(PROJECT / name)
    shutil.copytree(PROJECT / "translations", tmp_path / "translations")
    write_catalogue(tmp_path / "translations")
    config = (PROJECT / "config.py").read_text(encoding="utf-8")
    line = f"INTERFACE_LANGUAGES = {INTERFACE_LANGUAGES!r}".replace("'", '"')
    assert line in config
    (tmp_path / "config.py").write_text(config.replace(line, f'{line[:-1]}, "{LANGUAGE}")'), encoding="utf-8")

    ask = (
        "from webinar import create_app; from webinar.foundation.db import db; app = create_app(); client ="
        " app.test_client(); context = app.app_context(); context.push(); db.create_all();"
        f" print(client.get('/', headers={{'Accept-Language': '{LANGUAGE}'}}).location);"
        f" print(client.get('/{LANGUAGE}/').text)"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "INSTANCE_PATH": str(tmp_path / "instance")},
        capture_output=True,
        text=True,
        check=True,
    )

    location, _end, page = done.stdout.partition("\n")
    assert location == f"/{LANGUAGE}/"
    assert f'<html lang="{LANGUAGE}" dir="rtl"' in page
    assert f"{OPEN}Nothing is planned at the moment" in page
    assert f'<a href="/{LANGUAGE}/" lang="{LANGUAGE}" hreflang="{LANGUAGE}" aria-current="true">עברית</a>' in page
