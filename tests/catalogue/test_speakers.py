"""Who speaks: their parts, whether they are confirmed, and what they keep when the session is edited."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tests.factories import a_file, a_session
from webinar.accounts.models import AuditEntry
from webinar.catalogue.models import Speaker, SpeakerPart, WebinarSession
from webinar.catalogue.queries import lock_whole_session
from webinar.catalogue.services.catalogue_file import SpeakerEntry
from webinar.catalogue.services.import_catalogue import import_catalogue
from webinar.catalogue.services.parts import set_speakers
from webinar.catalogue.services.photos import NoSuchSpeaker, set_photo
from webinar.files.checked import CheckedFile
from webinar.files.models import StoredFile
from webinar.foundation.db import db, transaction

PHOTO = CheckedFile("ana.jpg", "image/jpeg", b"\xff\xd8\xff", 4, 4)
OTHER = CheckedFile("bo.jpg", "image/jpeg", b"\xff\xd8\xff\xe0", 4, 4)


def a_session_with(*names: str) -> WebinarSession:
    session = a_session("heat-en", speakers=names)
    for number, speaker in enumerate(session.speakers):
        speaker.photo_id = a_file(b"photo %d" % number, name=f"{number}.jpg", media_type="image/jpeg").id
    db.session.commit()
    return session


def now_speak(*names: str) -> bool:
    with transaction():
        session = lock_whole_session("heat-en")
        assert session is not None
        return set_speakers(session, [SpeakerEntry(name) for name in names], "en")


def speaking() -> list[tuple[str, str]]:
    """Return the names of those who speak, in order, each with the name of their photo."""
    rows = db.session.execute(
        select(Speaker.name, StoredFile.file_name)
        .outerjoin(StoredFile, StoredFile.id == Speaker.photo_id)
        .order_by(Speaker.position)
    )
    return [(name, photo or "") for name, photo in rows]


def photos() -> list[str]:
    return sorted(db.session.scalars(select(StoredFile.file_name)))


@pytest.mark.parametrize(
    ("names", "then"),
    [
        (("Ana Sousa", "Bo Li"), [("Ana Sousa", "0.jpg"), ("Bo Li", "1.jpg")]),
        (("Bo Li", "Ana Sousa"), [("Bo Li", "1.jpg"), ("Ana Sousa", "0.jpg")]),
        (("Bo Li",), [("Bo Li", "1.jpg")]),
        (("Dr Aña Sousa", "Bo Li"), [("Dr Aña Sousa", "0.jpg"), ("Bo Li", "1.jpg")]),
        (("Carla Ruiz", "Bo Li"), [("Carla Ruiz", ""), ("Bo Li", "1.jpg")]),
        (("Ana Sousa", "Ana Li", "Bo Li"), [("Ana Sousa", "0.jpg"), ("Ana Li", ""), ("Bo Li", "1.jpg")]),
        ((), []),
    ],
)
def test_who_stays_keeps_photo_and_link_and_who_goes_leaves_none(
    app: Flask, names: Sequence[str], then: list[tuple[str, str]]
) -> None:
    session = a_session_with("Ana Sousa", "Bo Li")
    tokens = {speaker.name: speaker.join_token for speaker in session.speakers}

    differs = now_speak(*names)

    assert speaking() == then
    assert differs is (names != ("Ana Sousa", "Bo Li"))
    assert photos() == sorted(photo for _name, photo in then if photo)
    for speaker in db.session.scalars(select(Speaker).where(Speaker.name.in_(tokens))):
        assert speaker.join_token == tokens[speaker.name]


def test_a_catalogue_file_says_the_part_and_leaves_what_it_does_not_say(app: Flask) -> None:
    def file(**speaker: str) -> bytes:
        session = {
            "key": "heat-en",
            "start": "2030-05-14T13:00",
            "end": "2030-05-14T14:00",
            "timezone": "Europe/Lisbon",
            "languages": [{"code": "en", "kind": "floor"}],
            "speakers": [{"name": "Ana Sousa", **speaker}],
        }
        webinar = {"slug": "heat", "title": {"en": "Heat"}, "sessions": [session]}
        return json.dumps({"series": [{"slug": "s", "title": {"en": "S"}, "webinars": [webinar]}]}).encode()

    import_catalogue(file(part="moderator"))
    [ana] = db.session.scalars(select(Speaker))
    assert (ana.part, ana.is_confirmed) == (SpeakerPart.MODERATOR, True)
    ana.is_confirmed = False
    db.session.commit()

    import_catalogue(file(role="Architect"))

    again = select(Speaker).options(selectinload(Speaker.texts)).execution_options(populate_existing=True)
    [ana] = db.session.scalars(again)
    assert ([text.role for text in ana.texts], ana.part, ana.is_confirmed) == (
        ["Architect"],
        SpeakerPart.MODERATOR,
        False,
    )


def test_a_photo_is_stored_replaced_and_taken_away(app: Flask) -> None:
    session = a_session("heat-en", speakers=["Ana"])
    ana = session.speakers[0].id

    assert set_photo("heat-en", ana, PHOTO)
    assert not set_photo("heat-en", ana, PHOTO)
    assert speaking() == [("Ana", "ana.jpg")]
    assert set_photo("heat-en", ana, OTHER)
    assert photos() == ["bo.jpg"]
    assert set_photo("heat-en", ana, None)
    assert photos() == []

    changes = [entry.changes for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert changes == [
        {"photo (Ana)": ["", "ana.jpg"]},
        {"photo (Ana)": ["ana.jpg", "bo.jpg"]},
        {"photo (Ana)": ["bo.jpg", ""]},
    ]


def test_a_photo_of_somebody_who_left_is_refused_and_not_kept(app: Flask) -> None:
    a_session("heat-en", speakers=["Ana"])

    with pytest.raises(NoSuchSpeaker, match="not in the session any more"):
        set_photo("heat-en", 999, PHOTO)

    assert photos() == []
