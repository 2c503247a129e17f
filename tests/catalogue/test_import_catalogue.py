"""Taking a catalogue file: what it adds and updates, what it refuses as a whole, and that again it changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import a_registration, a_session
from tests.mailbox import kinds_of_mail_to
from webinar.accounts.models import AuditEntry
from webinar.catalogue.models import (
    CoHost,
    Material,
    MaterialText,
    SessionStatus,
    VersionKind,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.catalogue.queries import find_session_of_any_status, find_webinar
from webinar.catalogue.services.catalogue_file import CatalogueFileError
from webinar.catalogue.services.import_catalogue import ImportOutcome, import_catalogue
from webinar.foundation.db import db
from webinar.registration.models import RegistrationStatus

pytestmark = pytest.mark.usefixtures("app")

SESSION: dict[str, Any] = {
    "key": "heat-en",
    "start": "2030-04-03T16:30",
    "end": "2030-04-03T17:30",
    "timezone": "Europe/Madrid",
    "platform": "zoom",
    "join_url": "https://zoom.example/j/1",
    "seats": 50,
    "registration_opens": "2030-03-01T09:00",
    "registration_closes": "2030-04-03T16:00",
    "languages": [{"code": "en", "kind": "floor"}, {"code": "fr", "kind": "interpretation"}],
    "speakers": [{"name": "Paola Arjona", "role": "Director", "affiliation": "AL-LAs"}],
    "published": True,
}
CATALOGUE: dict[str, Any] = {
    "series": [
        {
            "slug": "climate",
            "title": {"en": "Cities in a changing climate", "fr": "Les villes et le climat"},
            "webinars": [
                {
                    "slug": "heat",
                    "title": {"en": "Heat in cities", "fr": "La chaleur en ville"},
                    "summary": {"en": "What cities do when it is hot."},
                    "agenda": [
                        {
                            "kind": "roundtable",
                            "minutes": 30,
                            "title": {"en": "Shade"},
                            "questions": {"en": ["Where?", "How soon?"]},
                        }
                    ],
                    "sessions": [SESSION],
                }
            ],
        }
    ]
}


def taken(catalogue: object) -> ImportOutcome:
    return import_catalogue(json.dumps(catalogue).encode())


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Return the catalogue with its one session changed."""
    catalogue = deepcopy(CATALOGUE)
    change(catalogue["series"][0]["webinars"][0]["sessions"][0])
    return catalogue


def sessions_stored() -> int:
    return db.session.scalar(select(func.count(WebinarSession.id))) or 0


def counts(outcome: ImportOutcome) -> tuple[int, int, int]:
    return outcome.added, outcome.changed, outcome.unchanged


def test_a_file_adds_series_webinar_and_session() -> None:
    outcome = taken(CATALOGUE)

    session = find_session_of_any_status("heat-en")
    webinar = find_webinar("heat")
    assert session is not None
    assert webinar is not None
    assert counts(outcome) == (3, 0, 0)
    assert session.starts_at == datetime(2030, 4, 3, 14, 30, tzinfo=UTC)
    assert session.registration_closes == datetime(2030, 4, 3, 14, 0, tzinfo=UTC)
    assert (session.seats, session.status) == (50, SessionStatus.PUBLISHED)
    assert [(version.code, version.kind) for version in session.language_versions] == [
        ("en", VersionKind.FLOOR),
        ("fr", VersionKind.INTERPRETATION),
    ]
    assert [speaker.name for speaker in session.speakers] == ["Paola Arjona"]
    assert webinar.original_language == "en"
    assert [item.texts[0].questions for item in webinar.agenda] == ["Where?\nHow soon?"]


def test_a_file_that_does_not_name_the_original_language_leaves_it_as_it_is() -> None:
    named = deepcopy(CATALOGUE)
    named["series"][0]["webinars"][0]["original_language"] = "fr"
    taken(named)
    corrected = deepcopy(CATALOGUE)
    corrected["series"][0]["webinars"][0]["title"]["en"] = "Heat in the city"

    outcome = taken(corrected)

    webinar = find_webinar("heat")
    assert webinar is not None
    assert webinar.original_language == "fr"
    assert {text.language: text.is_outdated for text in webinar.texts} == {"en": False, "fr": False}
    assert counts(outcome) == (0, 1, 2)


def test_the_same_file_again_changes_nothing_and_records_nothing() -> None:
    taken(CATALOGUE)
    before = db.session.scalar(select(func.count(AuditEntry.id)))

    outcome = taken(CATALOGUE)

    assert counts(outcome) == (0, 0, 3)
    assert db.session.scalar(select(func.count(AuditEntry.id))) == before == 3


def test_a_changed_file_updates_what_it_names_and_leaves_the_rest() -> None:
    taken(CATALOGUE)
    catalogue = deepcopy(CATALOGUE)
    del catalogue["series"][0]["webinars"][0]["title"]["fr"]
    catalogue["series"][0]["webinars"][0]["title"]["en"] = "Hot cities"

    outcome = taken(catalogue)

    titles = db.session.execute(select(WebinarText.language, WebinarText.title).order_by(WebinarText.language)).all()
    assert counts(outcome) == (0, 1, 2)
    assert [tuple(title) for title in titles] == [("en", "Hot cities"), ("fr", "La chaleur en ville")]


def test_the_floor_can_become_another_language() -> None:
    taken(CATALOGUE)

    taken(
        changed(
            lambda session: session.update(
                languages=[{"code": "en", "kind": "interpretation"}, {"code": "fr", "kind": "floor"}]
            )
        )
    )

    session = find_session_of_any_status("heat-en")
    assert session is not None
    assert {version.code: version.kind.value for version in session.language_versions} == {
        "en": "interpretation",
        "fr": "floor",
    }


def test_what_is_left_out_is_published_and_without_limits() -> None:
    needed = {name: SESSION[name] for name in ("key", "start", "end", "timezone", "languages")}
    catalogue = deepcopy(CATALOGUE)
    catalogue["series"][0]["webinars"][0]["sessions"] = [needed]

    taken(catalogue)

    session = find_session_of_any_status("heat-en")
    assert session is not None
    assert (session.status, session.seats, session.registration_opens) == (SessionStatus.PUBLISHED, None, None)


def test_a_file_that_publishes_a_provisional_session_states_its_date() -> None:
    taken(changed(lambda session: session.update(published=False)))
    session = find_session_of_any_status("heat-en")
    assert session is not None
    session.is_provisional = True
    db.session.commit()

    taken(changed(lambda session: session.update(published=False)))
    assert session.is_provisional
    taken(changed(lambda session: session.update(published=True)))

    assert (session.status, session.is_provisional) == (SessionStatus.PUBLISHED, False)


def test_a_past_session_is_welcome() -> None:
    taken(changed(lambda session: session.update(start="2016-10-17T10:00", end="2016-10-17T12:00")))

    assert sessions_stored() == 1


def test_added_seats_go_to_who_waits_in_the_same_transaction() -> None:
    taken(changed(lambda session: session.update(seats=1)))
    session = find_session_of_any_status("heat-en")
    assert session is not None
    a_registration(session)
    waiting = a_registration(session, email="waiting@example.org", status=RegistrationStatus.WAITING)

    taken(changed(lambda session: session.update(seats=2)))

    db.session.refresh(waiting)
    assert waiting.status is RegistrationStatus.REGISTERED
    assert kinds_of_mail_to("waiting@example.org") == ["promotion"]


def test_fewer_seats_than_are_taken_are_refused_with_what_to_do() -> None:
    taken(CATALOGUE)
    session = find_session_of_any_status("heat-en")
    assert session is not None
    a_registration(session)
    a_registration(session)

    with pytest.raises(CatalogueFileError, match="2 seats are taken, so there cannot be only 1"):
        taken(changed(lambda session: session.update(seats=1)))

    db.session.refresh(session)
    assert session.seats == 50


def test_names_that_mean_nothing_are_said_and_do_no_harm() -> None:
    outcome = taken(changed(lambda session: session.update(colour="red")))

    assert outcome.not_understood == ("session “heat-en” › colour",)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.pop("timezone"), "session “heat-en”: “timezone” is missing."),
        (lambda s: s.update(timezone="Europe/Atlantis"), "is not a zone of the IANA list"),
        (
            lambda s: s.update(start="2030-03-31T02:30", end="2030-03-31T04:00"),
            "The clocks of Madrid skip 02:30",
        ),
        (lambda s: s.update(start="2030-10-27T02:30", end="2030-10-27T04:00"), "show 02:30 twice on this day"),
        (lambda s: s.update(end="2030-04-03T16:30"), "The end must come after the start."),
        (lambda s: s.update(start="3 April"), "is not a local date and time like 2027-04-03T16:30"),
        (lambda s: s.update(start="2030-04-03T16:30+02:00"), "is not a local date and time"),
        (lambda s: s.update(start="2030-04-03"), "is not a local date and time"),
        (lambda s: s.update(languages=[]), "exactly one language must be the floor"),
        (lambda s: s.update(languages=[{"code": "en"}, {"code": "en"}]), "a language stands in it twice"),
        (lambda s: s.update(languages=[{"code": "xx"}]), "“xx” is not the code of a language"),
        (lambda s: s.update(platform="carrier pigeon"), "“carrier pigeon” is not one of zoom, teams"),
        (lambda s: s.update(seats=0), "a whole number above 0 was expected"),
        (lambda s: s.update(seats="50"), "a whole number above 0 was expected"),
        (lambda s: s.update(join_url="javascript:alert(1)"), "is not an address that begins with https://"),
        (lambda s: s.update(key="a b"), "cannot stand in a web address"),
        (lambda s: s.update(published="yes"), "true or false was expected"),
        (lambda s: s.update(speakers=[{"role": "Director"}]), "“name” is missing"),
        (lambda s: s.update(registration_closes="2030-02-01T09:00"), "Registration must close after it opens."),
    ],
)
def test_a_fault_is_named_with_its_place_and_nothing_is_stored(
    change: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    with pytest.raises(CatalogueFileError) as refusal:
        taken(changed(change))

    assert sentence in str(refusal.value)
    assert "session" in str(refusal.value)
    assert sessions_stored() == 0
    assert db.session.scalar(select(func.count(Webinar.id))) == 0


def test_a_file_cut_in_half_is_refused_with_the_line() -> None:
    whole = json.dumps(CATALOGUE, indent=1).encode()

    with pytest.raises(CatalogueFileError) as refusal:
        import_catalogue(whole[: len(whole) // 2])

    assert "this is not JSON, or the file was cut off here" in str(refusal.value)
    assert sessions_stored() == 0


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\xfe", b'{"series": 3}', b'{"series": [3]}', b"null"])
def test_a_file_that_is_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(CatalogueFileError):
        import_catalogue(content)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"series": ' + b"1" * 6_000 + b"}",
    ],
)
def test_a_file_that_would_break_the_reader_is_refused(content: bytes) -> None:
    with pytest.raises(CatalogueFileError, match="this is not JSON"):
        import_catalogue(content)


@pytest.mark.parametrize(
    "times",
    [
        {"start": "0001-01-01T00:00", "end": "0001-01-01T01:00"},
        {"start": "9999-12-31T22:00", "end": "9999-12-31T23:59"},
        {"registration_opens": "0001-01-01T00:00"},
        {"registration_closes": "9999-12-31T23:59"},
    ],
)
def test_a_year_that_no_zone_can_be_reckoned_in_is_refused(times: dict[str, str]) -> None:
    with pytest.raises(CatalogueFileError, match="This year is too far off"):
        taken(changed(lambda session: session.update(times)))

    assert sessions_stored() == 0


def test_characters_that_no_database_takes_are_left_out_and_the_same_file_again_changes_nothing() -> None:
    catalogue = deepcopy(CATALOGUE)
    webinar = catalogue["series"][0]["webinars"][0]
    webinar["title"] = {"en": "He\0at \ud800\x1b[31m"}
    webinar["agenda"] = [{"title": {"en": "Ta\0lk"}, "questions": {"en": ["W\0hy?\ud800"]}}]
    taken(catalogue)

    assert db.session.scalars(select(WebinarText.title)).all() == ["Heat [31m"]
    again = taken(catalogue)
    assert (again.added, again.changed) == (0, 0)


def test_questions_of_another_shape_are_refused_with_their_place() -> None:
    catalogue = deepcopy(CATALOGUE)
    catalogue["series"][0]["webinars"][0]["agenda"] = [{"title": {"en": "Talk"}, "questions": ["Why?"]}]

    with pytest.raises(CatalogueFileError, match="agenda 1 › questions: an object"):
        taken(catalogue)


def test_two_sessions_of_one_key_are_refused() -> None:
    catalogue = deepcopy(CATALOGUE)
    catalogue["series"][0]["webinars"][0]["sessions"].append(SESSION)

    with pytest.raises(CatalogueFileError, match="it stands in the file twice"):
        taken(catalogue)

    assert sessions_stored() == 0


def test_a_key_of_another_webinar_is_refused_and_the_whole_file_with_it() -> None:
    a_session(key="heat-en")

    with pytest.raises(CatalogueFileError, match="this session belongs to the webinar"):
        taken(CATALOGUE)

    assert db.session.scalar(select(func.count(Webinar.id)).where(Webinar.slug == "heat")) == 0


def test_another_start_is_taken_while_nobody_is_registered() -> None:
    taken(CATALOGUE)

    taken(changed(lambda session: session.update(start="2030-04-03T16:00")))

    session = find_session_of_any_status("heat-en")
    assert session is not None
    assert session.starts_at == datetime(2030, 4, 3, 14, 0, tzinfo=UTC)


def test_another_start_is_refused_once_people_are_registered() -> None:
    taken(CATALOGUE)
    session = find_session_of_any_status("heat-en")
    assert session is not None
    a_registration(session)

    with pytest.raises(CatalogueFileError, match="people are registered, waiting or invited \\(1\\)"):
        taken(changed(lambda session: session.update(start="2030-04-03T16:00")))

    db.session.refresh(session)
    assert session.starts_at == datetime(2030, 4, 3, 14, 30, tzinfo=UTC)


def test_the_command_says_in_one_sentence_what_it_did(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "catalogue.json"
    file.write_text(json.dumps(CATALOGUE))

    result = app.test_cli_runner().invoke(args=["catalogue", "import", str(file)])

    assert (result.exit_code, result.output) == (
        0,
        "The catalogue has been imported: 3 added, 0 changed, 0 as they were.\n",
    )


def test_the_command_refuses_bad_input_with_a_sentence_and_an_exit_code(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "catalogue.json"
    file.write_text("{")

    result = app.test_cli_runner().invoke(args=["catalogue", "import", str(file)])

    assert result.exit_code == 1
    assert "Nothing was changed." in result.output


def test_materials_and_co_hosts_are_added_and_changed_and_none_is_taken_away(app: Flask) -> None:
    def take(**more: object) -> tuple[int, int]:
        webinar = {"slug": "heat", "title": {"en": "Heat"}, "sessions": [], **more}
        file = {"series": [{"slug": "s", "title": {"en": "S"}, "webinars": [webinar]}]}
        outcome = import_catalogue(json.dumps(file).encode())
        return outcome.added, outcome.changed

    paper = {"title": "Paper", "url": "https://example.org/paper"}
    host = {"name": "AMB", "url": "https://amb.example/"}
    assert take(materials=[paper], co_hosts=[host]) == (2, 0)
    assert take(materials=[paper], co_hosts=[host]) == (0, 0)
    assert take() == (0, 0)
    film = {"title": "Film", "url": "https://example.org/film", "language": "es"}
    assert take(materials=[film, {**paper, "title": "Issue paper"}], co_hosts=[{"name": "AMB"}]) == (0, 1)

    afresh = {"populate_existing": True}
    materials = db.session.scalars(select(Material).order_by(Material.position).execution_options(**afresh))
    called = {text.material_id: text.title for text in db.session.scalars(select(MaterialText))}
    assert [(called[one.id], one.url, one.language) for one in materials] == [
        ("Issue paper", "https://example.org/paper", ""),
        ("Film", "https://example.org/film", "es"),
    ]
    hosts = db.session.scalars(select(CoHost).execution_options(**afresh))
    assert [(one.name, one.url) for one in hosts] == [("AMB", "")]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"materials": [{"title": "Paper"}]}, "“url” is missing"),
        ({"materials": [{"title": "Paper", "url": "javascript:x"}]}, "is not an address that begins with https://"),
        ({"materials": [{"title": "P", "url": "https://e.org", "language": "tlh2"}]}, "is not the code of a language"),
        ({"materials": [{"title": "", "url": "https://e.org"}]}, "it is empty"),
        ({"co_hosts": [{"url": "https://e.org"}]}, "“name” is missing"),
    ],
)
def test_materials_and_co_hosts_that_cannot_be_are_refused(app: Flask, more: dict[str, object], sentence: str) -> None:
    webinar = {"slug": "heat", "title": {"en": "Heat"}, **more}

    with pytest.raises(CatalogueFileError, match=sentence):
        import_catalogue(json.dumps({"series": [{"slug": "s", "title": {"en": "S"}, "webinars": [webinar]}]}).encode())
