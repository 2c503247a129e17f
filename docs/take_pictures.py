"""Takes the pictures of README.md and docs/calendars.md from the sample network.

``.venv/bin/python docs/take_pictures.py`` needs a Chromium and what ``make test`` has installed. Everything runs in a
folder that is thrown away, on a day that is always the same, so that a picture changes only when the page on it does.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

import time_machine  # noqa: E402 (the project's folder had to be made known first)
import typst  # noqa: E402
from flask import current_app  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright  # noqa: E402
from sqlalchemy import select  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402

from config import Config  # noqa: E402
from webinar import create_app  # noqa: E402
from webinar.accounts.services import sign_in_link_for  # noqa: E402
from webinar.catalogue.models import WebinarSession  # noqa: E402
from webinar.catalogue.queries import find_session_by_id  # noqa: E402
from webinar.certificates.models import SessionCertificates  # noqa: E402
from webinar.certificates.paper import Facts, what_it_says  # noqa: E402
from webinar.foundation import clock  # noqa: E402
from webinar.foundation.db import db  # noqa: E402
from webinar.foundation.languages import speaking  # noqa: E402
from webinar.foundation.pdf import TEMPLATES, fonts_here  # noqa: E402
from webinar.mail.models import OutboxMail  # noqa: E402
from webinar.registration.models import Affiliation  # noqa: E402
from webinar.registration.registrant import Registrant  # noqa: E402
from webinar.registration.services import register, register_for_several  # noqa: E402
from webinar.sample.services import ORGANISER, load  # noqa: E402
from webinar.updates.services import cancel_session, move_session, write_due  # noqa: E402
from webinar.worker.loop import deliver_once  # noqa: E402

PICTURES = PROJECT / "docs" / "pictures"
DAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HELD = "internationalisation-and-metropolitan-spaces"
CERTIFIED = {
    "certificate": ("Bintou Diop", "fr"),
    "certificate-ar": ("دينا الخطيب", "ar"),
    "certificate-ko": ("김하은 (Ha-eun Kim)", "en"),
}
SERIES, SESSION, IN_FRENCH = "running-the-metropolis", "next-all", "next-fr"
HEARD_IN = {"next-es": "es", "next-en": "en", IN_FRENCH: "fr", SESSION: "en"}
SORRY = {
    "en": "The minister joins us only then. We are sorry for the change.",
    "es": "La ministra no puede acompañarnos hasta entonces. Les pedimos disculpas por el cambio.",
    "fr": "La ministre ne peut nous rejoindre qu’à cette date. Nous vous prions de nous excuser.",
    "ar": "لا تستطيع الوزيرة أن تنضم إلينا إلا في هذا الموعد. نعتذر عن التغيير.",
}
DESK = ViewportSize(width=1280, height=880)
PHONE = ViewportSize(width=360, height=640)
MAIL = ViewportSize(width=360, height=880)
COLOURS = 128
"""So many are enough for pages of few colours, and a picture takes a third of the bytes."""


class Quiet(WSGIRequestHandler):
    """Answers requests without writing a line about each."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 (named so by Werkzeug)
        """Write nothing."""


def main() -> int:
    """Take all pictures; say why where that is not possible."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("There is no Chromium on this machine. Debian, Ubuntu: apt-get install chromium", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        time_machine.travel(DAY),
        sample_site(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take_all(address, browser)
        browser.close()
    return 0


@contextmanager
def sample_site(folder: Path) -> Iterator[str]:
    """Serve the sample network on a free port, in the context of its application."""
    app = create_app(Config({"INSTANCE_PATH": str(folder), "SECRET_KEY": "only-for-pictures"}))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    app.config["PUBLIC_URL"] = address
    with app.app_context():
        upgrade()
        load(clock.now())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield address
        server.shutdown()
        thread.join()
        server.server_close()
        db.engine.dispose()


def take_all(address: str, browser: Browser) -> None:
    """Go the way of an attendee and of an organiser, and take a picture at each stop."""

    def visitor(device: ViewportSize, zone: str) -> Page:
        context = browser.new_context(
            base_url=address,
            viewport=device,
            device_scale_factor=1 if device is DESK else 2,
            locale="en-GB",
            timezone_id=zone,
            color_scheme="light",
        )
        page = context.new_page()
        page.clock.install(time=DAY)
        return page

    page = visitor(DESK, "Europe/Lisbon")
    page.goto("/en/")
    keep(page, "programme")

    page = visitor(PHONE, "Asia/Seoul")
    page.goto(f"/en/sessions/{SESSION}/register")
    fill_in(page)
    page.get_by_role("heading", level=1).evaluate("heading => scrollTo(0, heading.offsetTop - 8)")
    page.mouse.move(0, 0)
    keep(page, "register")
    page.get_by_role("button", name="Register").click()
    page.get_by_role("heading", name="Look into your mailbox").wait_for()

    deliver_once()
    mail_id = db.session.scalar(select(OutboxMail.id))
    page = visitor(DESK, "Europe/Lisbon")
    page.goto(sign_in_link_for(ORGANISER))
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"/staff/sessions/{SESSION}/")
    keep(page, "session")

    signed_in = page.context.cookies()
    page = visitor(PHONE, "Europe/Lisbon")
    page.context.add_cookies(signed_in)  # type: ignore[arg-type]  # what a browser gives, it takes
    page.goto(f"/staff/mail/{mail_id}/html")
    keep(page, "mail")

    page = visitor(DESK, "Europe/Lisbon")
    page.context.add_cookies(signed_in)  # type: ignore[arg-type]  # what a browser gives, it takes
    page.goto(f"/staff/series/{HELD}/attendance")
    keep(page, "by-member")
    page.locator("#matrix").evaluate("part => scrollTo(0, part.offsetTop - 8)")
    keep(page, "matrix")
    for name, (person, language) in CERTIFIED.items():
        keep_certificate(name, person, language)

    for name, last_mail_id in mails_of_changes().items():
        page = visitor(MAIL, "Europe/Lisbon")
        page.context.add_cookies(signed_in)  # type: ignore[arg-type]  # what a browser gives, it takes
        page.goto(f"/staff/mail/{last_mail_id}/html")
        keep(page, name)


def mails_of_changes() -> dict[str, int]:
    """Let a session move, another be cancelled, and somebody take several; return the mails by their pictures."""
    session = db.session.scalars(select(WebinarSession).where(WebinarSession.key == SESSION)).one()
    starts, ends = (wall + timedelta(days=7, minutes=30) for wall in (session.starts_wall, session.ends_wall))
    ana = somebody("ana.torres@barcelona.example", "Ana Torres", "en", "Europe/Madrid")
    layla = somebody("layla.haddad@amman.example", "ليلى حداد", "ar", "Asia/Amman")
    lea = somebody("lea.moreau@abidjan.example", "Léa Moreau", "fr", "Africa/Abidjan")
    mario = somebody("mario.rossi@torino.example", "Mario Rossi", "en", "Europe/Rome")
    for person in (ana, layla):
        register(SESSION, person)
    register(IN_FRENCH, replace(lea, version="fr"))
    register_for_several(SERIES, {key: replace(mario, version=version) for key, version in HEARD_IN.items()})
    several = last_mail_to(mario)
    move_session(SESSION, starts, ends, words=SORRY)
    cancel_session(IN_FRENCH)
    while write_due():
        pass
    return {
        "mail-moved": last_mail_to(ana),
        "mail-moved-ar": last_mail_to(layla),
        "mail-cancelled-fr": last_mail_to(lea),
        "mail-several": several,
    }


def somebody(email: str, name: str, language: str, zone: str) -> Registrant:
    """Return somebody who registers on their own behalf, on pages in a language, to hear English."""
    given, family = name.split()
    return Registrant(
        email=email,
        given_name=given,
        family_name=family,
        affiliation=Affiliation.OTHER,
        version="en",
        language=language,
        timezone=zone,
    )


def last_mail_to(person: Registrant) -> int:
    """Return the number of the newest mail to somebody."""
    to_them = select(OutboxMail.id).where(OutboxMail.to_address == person.email).order_by(OutboxMail.id.desc())
    return db.session.scalars(to_them.limit(1)).one()


def fill_in(page: Page) -> None:
    """Fill in the form as somebody from Seoul."""
    page.get_by_label("Mail address").fill("haeun.kim@seoul.example")
    page.get_by_label("Given name").fill("하은")
    page.get_by_label("Family name").fill("김")
    page.get_by_label("Which member").fill("서울")
    page.get_by_label("Your role").fill("Director, housing")
    page.get_by_label("I have read how my data are used").check()


def keep_certificate(name: str, person: str, language: str) -> None:
    """Store the picture of somebody's certificate for the first session that was held."""
    first = select(WebinarSession.id).where(WebinarSession.ends_at < DAY).order_by(WebinarSession.starts_at).limit(1)
    session = find_session_by_id(db.session.scalars(first).one())
    choices = SessionCertificates(shows_minutes=True, signer_name="Inés Vidal", signer_role="", place="Barcelona")
    facts = Facts(person, "", 71, "K7M2Q9XT4RCD", DAY)
    with patch.dict(current_app.config, PUBLIC_URL="https://webinars.example.org"), speaking(language):
        says = what_it_says(session, choices, facts, language)
    drawn = {key: list(value) if isinstance(value, bytes) else value for key, value in says.items()}
    page = typst.Compiler(TEMPLATES / "certificate.typ", root=TEMPLATES, font_paths=fonts_here())
    made = page.compile(format="png", ppi=72, sys_inputs={"data": json.dumps(drawn)})
    store(made, name)  # type: ignore[arg-type]  # one page is one picture


def keep(page: Page, name: str) -> None:
    """Store what the window shows."""
    store(page.screenshot(animations="disabled", caret="hide"), name)


def store(png: bytes, name: str) -> None:
    """Store a picture in few colours."""
    taken = Image.open(io.BytesIO(png))
    picture = PICTURES / f"{name}.png"
    taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)
    print(f"{picture.relative_to(PROJECT)}: {picture.stat().st_size // 1000} KB")


if __name__ == "__main__":
    sys.exit(main())
