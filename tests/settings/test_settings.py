"""Settings on a page: checked by the rules of the environment, in force everywhere within seconds, never half."""

from __future__ import annotations

import io
from collections.abc import Iterator
from email import message_from_bytes, policy
from itertools import product
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from config import INTERFACE_LANGUAGES, RULES, SettingsError, TestConfig
from tests.factories import a_registration, a_session, stored
from tests.registration.test_services import a_registrant
from tests.signing_in import signed_in_as
from webinar import create_app
from webinar.accounts.models import AuditEntry, Role
from webinar.files.models import StoredFile
from webinar.foundation import live_config
from webinar.foundation.colour import accent_of
from webinar.foundation.db import db
from webinar.mail.models import OutboxMail
from webinar.registration.services import register
from webinar.settings.effect import EXTENSION, Effect, effect
from webinar.settings.models import Setting
from webinar.settings.services import Change, SetMeanwhile, save_settings

DEFAULTS = {name: rule.default for name, rule in RULES.items()}


def input_of(**more: str | list[str]) -> dict[str, str | list[str]]:
    data: dict[str, str | list[str]] = {f"before_{name}": text for name, text in DEFAULTS.items()}
    data |= {**DEFAULTS, "LANGUAGES": list(INTERFACE_LANGUAGES), "first_language": "en"}
    return {**data, **more}


def kept() -> dict[str, str]:
    db.session.expire_all()
    return {row.name: row.value for row in db.session.scalars(select(Setting))}


def said_in_audit() -> list[dict[str, object]]:
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "settings").order_by(AuditEntry.id))
    return [row.changes for row in rows]


def a_picture() -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGBA", (200, 100), (10, 20, 200, 255)).save(file, "PNG")
    file.seek(0)
    return file, "logo.png"


def test_what_is_saved_is_in_force_at_once_here_and_written_down(client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)

    answer = client.post(
        "/staff/settings", data=input_of(NETWORK_NAME="Cities of the Coast", BRAND_COLOUR="#0A7A3C", KEEP_DAYS="400")
    )

    assert (answer.status_code, answer.location) == (303, "/staff/settings")
    assert kept() == {"NETWORK_NAME": "Cities of the Coast", "BRAND_COLOUR": "#0a7a3c", "KEEP_DAYS": "400"}
    assert said_in_audit() == [
        {
            "NETWORK_NAME": ["Metropolis", "Cities of the Coast"],
            "BRAND_COLOUR": ["#1d3fbb", "#0a7a3c"],
            "KEEP_DAYS": ["730", "400"],
        }
    ]
    public = client.get("/en/").text
    assert "Cities of the Coast" in public
    assert "Metropolis" not in public
    style = public.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "--brand: #0a7a3c" in client.get(style).text


def test_a_page_that_was_kept_is_made_again_with_the_new_name(client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)
    assert "Metropolis" in client.get("/en/").text

    client.post("/staff/settings", data=input_of(NETWORK_NAME="Coast"))

    assert "Metropolis" not in client.get("/en/").text


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("NETWORK_NAME", "   ", "Write a name of at most 100 characters."),
        ("NETWORK_NAME", "x" * 101, "Write a name of at most 100 characters."),
        ("BRAND_COLOUR", "blue", "Write a colour as #"),
        ("BRAND_COLOUR", "#1d3fbb; } body { display: none", "Write a colour as #"),
        ("LANGUAGES", [], "Choose at least one language."),
        ("LANGUAGES", ["en", "tlh"], "Choose at least one language."),
        ("DEFAULT_TIMEZONE", "Mars/Olympus", "Choose a city of the list."),
        ("DOORS_OPEN_MINUTES", "-5", "Write a whole number of minutes"),
        ("DOORS_OPEN_MINUTES", "9" * 30, "Write a whole number of minutes"),
        ("KEEP_DAYS", "0", "Write a whole number of days"),
        ("MAILINGS_A_MINUTE", "many", "Write a whole number of mails"),
        ("MAILINGS_A_MINUTE_PER_DOMAIN", "-1", "Write a whole number of mails"),
        ("REMINDERS", "soon", "Write at most five different numbers of minutes"),
        ("REMINDERS", "60,60", "Write at most five different numbers of minutes"),
        ("REMINDERS", "5,10,15,20,25,30", "Write at most five different numbers of minutes"),
        ("MAIL_DEFAULT_SENDER", "nobody", "Write a mail address"),
        ("MAIL_DEFAULT_SENDER", "a@b.example, c@d.example", "Write a mail address"),
        ("MAIL_DEFAULT_SENDER", "Büro <büro@coast.example>", "Write a mail address"),
        ("MAIL_DEFAULT_SENDER", ".@.", "Write a mail address"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field_and_nothing_is_saved(
    client: FlaskClient, name: str, value: str | list[str], says: str
) -> None:
    signed_in_as(client, Role.ADMIN)

    answer = client.post("/staff/settings", data=input_of(**{"NETWORK_NAME": "Typed and kept", name: value}))

    assert answer.status_code == 422
    assert says in answer.text
    if name != "NETWORK_NAME":
        assert "Typed and kept" in answer.text
    assert kept() == {}


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_whatever_colour_is_chosen_text_in_it_can_be_read() -> None:
    steps = range(0, 256, 51)
    for red, green, blue in product(steps, steps, steps):
        accent = accent_of(f"#{red:02x}{green:02x}{blue:02x}")

        assert contrast(accent.light, accent.on_light) >= 4.5
        assert contrast(accent.dark, accent.on_dark) >= 4.5


def test_a_colour_that_nobody_could_read_is_shown_as_it_will_be_used(client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)

    page = client.post("/staff/settings", data=input_of(BRAND_COLOUR="#FFFF00", look="1"))

    assert page.status_code == 200
    assert "Nobody could read text in a colour as bright as this one" in page.text
    assert accent_of("#ffff00").light in page.text
    assert kept() == {}


def test_mails_are_written_in_the_name_and_colour_that_were_saved(app: Flask) -> None:
    session = a_session(starts="2040-05-14T13:00")
    save_settings({"BRAND_COLOUR": Change("#1d3fbb", "#7a0a3c"), "NETWORK_NAME": Change("Metropolis", "Coast")})
    live_config.look_again()

    register(session.key, a_registrant("ana@lisbon.example"))

    mail = message_from_bytes(db.session.scalars(select(OutboxMail.message)).one() or b"", policy=policy.default)
    html = mail.get_body(("html",))
    assert html is not None
    assert accent_of("#7a0a3c").light in html.get_content()
    assert mail["From"] == "Coast <webinars@example.org>"


def test_of_two_admins_the_second_is_told_and_may_replace_it(client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)
    save_settings({"KEEP_DAYS": Change("730", "365")})

    other_field = client.post("/staff/settings", data=input_of(NETWORK_NAME="Coast"))
    same_field = client.post("/staff/settings", data=input_of(KEEP_DAYS="100"))
    again = client.post("/staff/settings", data=input_of(KEEP_DAYS="100", before_KEEP_DAYS="365"))

    assert other_field.status_code == 303
    assert same_field.status_code == 422
    assert "Somebody has set this to “365” meanwhile." in same_field.text
    assert 'name="before_KEEP_DAYS" value="365"' in same_field.text
    assert again.status_code == 303
    assert kept() == {"KEEP_DAYS": "100", "NETWORK_NAME": "Coast"}


def test_setting_the_same_once_more_is_no_change(app: Flask) -> None:
    assert save_settings({"KEEP_DAYS": Change("730", "730")}) == []
    with pytest.raises(SetMeanwhile):
        save_settings({"KEEP_DAYS": Change("1", "2")})
    assert kept() == {}


def test_a_language_in_which_people_are_written_to_goes_only_when_that_is_confirmed(client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)
    session = a_session(starts="2040-05-14T13:00")
    a_registration(session, language="fr")
    without: dict[str, str | list[str]] = {"LANGUAGES": ["es", "en"], "first_language": "es"}

    page = client.get("/staff/settings").text
    refused = client.post("/staff/settings", data=input_of(**without))
    done = client.post("/staff/settings", data=input_of(**without, take_languages="y"))

    assert "1 person who comes to a session is written to in it" in page
    assert refused.status_code == 422
    assert "The personal links of 1 person lead to pages in French, which would be gone." in refused.text
    assert done.status_code == 303
    assert kept() == {"LANGUAGES": "es,en"}
    assert client.get("/fr/").status_code == 404
    assert client.get("/", headers={"Accept-Language": "fr"}).location == "/es/"


def test_only_administrators_see_and_save_settings(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    assert client.get("/staff/settings").status_code == 403
    assert client.post("/staff/settings", data=input_of(KEEP_DAYS="1")).status_code == 403
    assert client.post("/staff/settings/mark/remove").status_code == 403
    assert "/staff/settings" not in client.get("/staff/").text


# The mark


def test_the_mark_stands_at_the_head_of_public_pages_until_it_is_taken_away(client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)

    first = client.post("/staff/settings/mark", data={"mark": a_picture()})
    with_mark = client.get("/en/").text
    picture = with_mark.split('marked-name"')[1].split('src="')[1].split('"')[0]
    shown = client.get(picture)
    client.post("/staff/settings/mark/remove")
    without = client.get("/en/").text

    assert first.status_code == 303
    assert 'alt="Metropolis"' in with_mark
    assert (shown.status_code, shown.content_type) == (200, "image/png")
    assert client.get(picture).status_code == 404
    assert 'alt="Metropolis"' not in without
    assert db.session.scalars(select(StoredFile)).all() == []
    assert said_in_audit() == [{"mark": "logo.png"}, {"mark": "taken away"}]


def test_what_is_no_picture_is_no_mark(client: FlaskClient) -> None:
    signed_in_as(client, Role.ADMIN)

    nothing = client.post("/staff/settings/mark", data={})
    script = client.post("/staff/settings/mark", data={"mark": (io.BytesIO(b"<svg onload='alert(1)'/>"), "logo.svg")})

    assert (nothing.status_code, script.status_code) == (422, 422)
    assert kept() == {}


# Other processes


@pytest.fixture
def other(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """Make a second copy of the application on the same database, started with a name of its own."""
    url = app.config["SQLALCHEMY_DATABASE_URI"].replace("postgresql+psycopg", "postgresql")
    made = create_app(TestConfig(tmp_path / "other", url, NETWORK_NAME="From the environment"))
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    with made.app_context():
        db.engine.dispose()


def seconds_pass(app: Flask) -> None:
    known: Effect = app.extensions[EXTENSION]
    known.look_soon()


def test_what_is_saved_in_one_process_is_in_force_in_another_within_seconds(app: Flask, other: Flask) -> None:
    there = other.test_client()
    assert "--brand: #1d3fbb" in style_of(there)

    save_settings({"BRAND_COLOUR": Change("#1d3fbb", "#7a0a3c")})

    assert "--brand: #1d3fbb" in style_of(there)  # it does not ask the database at each request
    seconds_pass(other)
    assert "--brand: #7a0a3c" in style_of(there)


def style_of(client: FlaskClient) -> str:
    page = client.get("/en/").text
    return client.get(page.split('rel="stylesheet" href="')[1].split('"')[0]).text


def test_what_the_environment_says_wins_over_what_was_saved(app: Flask, other: Flask) -> None:
    save_settings({"NETWORK_NAME": Change("Metropolis", "Saved")})
    there = other.test_client()
    signed_in_as(there, Role.ADMIN)

    page = there.get("/staff/settings").text
    there.post("/staff/settings", data=input_of(NETWORK_NAME="Typed", KEEP_DAYS="99"))

    assert "From the environment" in there.get("/en/").text
    assert "Set by whoever runs the server, who alone can change it: NETWORK_NAME" in page
    assert 'name="NETWORK_NAME"' not in page
    assert kept() == {"NETWORK_NAME": "Saved", "KEEP_DAYS": "99"}


def test_a_request_sees_the_same_settings_from_beginning_to_end(app: Flask) -> None:
    with app.test_request_context():
        before = app.config["NETWORK_NAME"]
        stored(Setting(name="NETWORK_NAME", value="Saved meanwhile"))
        stored(Setting(name="BRAND_COLOUR", value="#7a0a3c"))
        effect().look_soon()

        assert (before, app.config["NETWORK_NAME"], app.config["BRAND_COLOUR"]) == (
            "Metropolis",
            "Metropolis",
            "#1d3fbb",
        )
        live_config.look_again()
        assert (app.config["NETWORK_NAME"], app.config.get("BRAND_COLOUR")) == ("Saved meanwhile", "#7a0a3c")


def test_what_another_release_saved_and_nobody_understands_is_left_aside(app: Flask) -> None:
    stored(Setting(name="LANGUAGES", value="tlh"))
    stored(Setting(name="FLYING_CARS", value="yes"))
    stored(Setting(name="MAIL_DEFAULT_SENDER", value="Coast <post@coast.example>"))
    effect().look_soon()
    live_config.look_again()

    assert app.config["LANGUAGES"] == INTERFACE_LANGUAGES
    assert app.config["SECRETARIAT"] == "post@coast.example"


def test_a_database_without_tables_stops_nothing(empty_database_url: str, tmp_path: Path) -> None:
    made = create_app(TestConfig(tmp_path, empty_database_url))

    with made.app_context():
        assert made.config["NETWORK_NAME"] == "Metropolis"
        db.engine.dispose()
    assert made.test_client().get("/healthz").status_code == 200


def test_the_environment_is_read_by_the_same_rules(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"BRAND_COLOUR is 'blue', but must be a colour like #1d3fbb\."):
        TestConfig(tmp_path, "sqlite://", BRAND_COLOUR="blue")
    with pytest.raises(
        SettingsError, match=r"LANGUAGES is ',', but must name some of en, es, fr, pt, ar, joined by com"
    ):
        TestConfig(tmp_path, "sqlite://", LANGUAGES=",")
    with pytest.raises(SettingsError, match=r"KEEP_DAYS is '0', but must be a whole number from 1 to 36500\."):
        TestConfig(tmp_path, "sqlite://", KEEP_DAYS="0")
