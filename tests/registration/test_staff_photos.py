"""The organisers' page of the speakers' photos, and what the public sees of speakers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import Counted
from tests.factories import a_co_host, a_file, a_material, a_session, a_webinar
from tests.files.made import AN_SVG, a_picture
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.catalogue.models import Speaker, SpeakerPart, WebinarSession
from webinar.files.models import StoredFile
from webinar.foundation.db import db

CountQueries = Callable[[], AbstractContextManager[Counted]]


@pytest.fixture
def organiser(client: FlaskClient) -> FlaskClient:
    signed_in_as(client, Role.ORGANISER)
    return client


def send(client: FlaskClient, speaker: Speaker, content: bytes | None, **more: str) -> TestResponse:
    """Send the form of one photo, from the page as it is now unless ``more`` says from which revision."""
    now = db.session.scalar(select(WebinarSession.revision).where(WebinarSession.key == "heat-en"))
    more = {"revision": str(now), **more}
    data = more if content is None else {"photo": (io.BytesIO(content), "Ana.HEIC"), **more}
    return client.post(f"/staff/sessions/heat-en/photos/{speaker.id}", data=data, content_type="multipart/form-data")


def file_names() -> list[str]:
    return sorted(db.session.scalars(select(StoredFile.file_name)))


def a_picture_called(name: str) -> StoredFile:
    return a_file(a_picture(colour=name), name=f"{name}.jpg", media_type="image/jpeg")


def test_who_stores_a_photo_where_somebody_else_has_just_stored_one_is_told(organiser: FlaskClient) -> None:
    session = a_session("heat-en", speakers=["Ana Sousa"])
    ana = session.speakers[0]
    send(organiser, ana, a_picture(900, 900), revision="0")
    [theirs] = db.session.scalars(select(StoredFile.digest))

    behind = send(organiser, ana, a_picture(500, 400), revision="0")
    kept = db.session.scalars(select(StoredFile.digest)).all()
    decided = send(organiser, ana, a_picture(500, 400), revision="1")

    assert (behind.status_code, decided.status_code) == (409, 303)
    assert "Somebody has changed this while you were writing" in behind.text
    assert 'name="revision" value="1"' in behind.text
    assert kept == [theirs]


def test_a_photo_is_stored_and_taken_away(organiser: FlaskClient) -> None:
    session = a_session("heat-en", speakers=["Ana Sousa", "Bo Li"])
    ana = session.speakers[0]

    answer = send(organiser, ana, a_picture(900, 900))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/sessions/heat-en/photos")
    page = organiser.get("/staff/sessions/heat-en/photos").text
    assert "The photo is stored." in page
    [photo] = db.session.scalars(select(StoredFile))
    assert (photo.width, photo.height) == (320, 320)
    assert f'src="/files/{photo.digest}/Ana.jpg" alt="Photo of Ana Sousa"' in page

    send(organiser, ana, None, remove="yes")
    assert file_names() == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(AN_SVG, "This is a drawing or a page (SVG, HTML), not a picture."), (None, "Choose a photo.")],
)
def test_a_photo_that_is_none_is_refused_at_its_speaker(
    organiser: FlaskClient, content: bytes | None, sentence: str
) -> None:
    session = a_session("heat-en", speakers=["Ana Sousa", "Bo Li"])
    bo = session.speakers[1]

    answer = send(organiser, bo, content)

    assert answer.status_code == 422
    assert f'id="photo-{bo.id}-error"' in answer.text
    assert sentence in answer.text
    assert answer.text.count('aria-invalid="true"') == 1
    assert file_names() == []


def a_full_webinar() -> WebinarSession:
    webinar = a_webinar("heat", titles={"en": "Heat", "fr": "Chaleur"}, picture=a_picture_called("red"))
    a_material(webinar, title="Étude", language="fr", file=a_file(name="etude.pdf"))
    a_material(webinar, title="Film", url="https://www.example.org/film")
    a_co_host(webinar, name="AMB", url="https://amb.example/", logo=a_picture_called("blue"))
    first = a_session(webinar=webinar, languages=("en",), speakers=["Ana Sousa", "Bo Li", "Eva Not Sure"])
    second = a_session("heat-fr", webinar=webinar, starts="2030-06-14T13:00", languages=("fr",), speakers=["Ana Sousa"])
    first.speakers[1].part = SpeakerPart.MODERATOR
    first.speakers[2].is_confirmed = False
    second.speakers[0].photo_id = a_picture_called("green").id
    db.session.commit()
    return first


def test_the_public_page_shows_picture_materials_co_hosts_and_who_is_confirmed(client: FlaskClient) -> None:
    a_full_webinar()

    page = client.get("/en/webinars/heat").text

    assert re.search(r'<img class="opening-picture" src="/files/[0-9a-f]{64}/red.jpg" alt=""', page)
    assert re.search(r'<a href="/files/[0-9a-f]{64}/etude.pdf" hreflang="fr" dir="auto">Étude</a>', page)
    assert "PDF, 1 kB" in page
    assert '<a href="https://www.example.org/film" rel="noopener nofollow" dir="auto">Film</a>' in page
    assert '<a href="https://amb.example/" rel="noopener nofollow"><bdi>AMB</bdi></a>' in page
    assert re.search(r'<img src="/files/[0-9a-f]{64}/blue.jpg" alt=""', page)
    # Stored for the French session, shown for both.
    assert re.search(r'<img class="photo" src="/files/[0-9a-f]{64}/green.jpg" alt="" width="52"', page)
    assert "Moderator" in page
    assert "Bo Li" in page
    assert "Eva" not in page


def test_who_is_not_confirmed_is_named_nowhere_in_public(client: FlaskClient) -> None:
    session = a_session("over", starts="2020-05-14T13:00", speakers=["Ana Sousa", "Eva Not Sure"])
    session.speakers[1].is_confirmed = False
    db.session.commit()

    for path in ("/en/", f"/en/series/{session.webinar.series.slug}", f"/en/webinars/{session.webinar.slug}"):
        page = client.get(path).text
        assert "Ana Sousa" in page
        assert "Eva" not in page


def test_the_public_page_shows_at_once_what_was_stored(client: FlaskClient) -> None:
    session = a_full_webinar()
    assert "Eva" not in client.get("/en/webinars/heat").text

    session.speakers[2].is_confirmed = True
    db.session.commit()
    assert "Eva" in client.get("/en/webinars/heat").text

    signed_in_as(client, Role.ORGANISER)
    client.post("/staff/webinars/heat/picture/remove")
    assert "opening-picture" not in client.get("/en/webinars/heat").text
    client.post("/staff/webinars/heat/materials", data={"title": "New paper", "url": "https://example.org/new"})
    assert "New paper" in client.get("/en/webinars/heat").text


def test_the_full_page_takes_no_more_than_eight_queries_and_stays_small(
    client: FlaskClient, count_queries: CountQueries
) -> None:
    a_full_webinar()

    with count_queries() as queries:
        answer = client.get("/en/webinars/heat")

    assert queries.count <= 8, queries.statements
    assert len(answer.data) < 40_000


def test_the_preview_shows_photos_too(organiser: FlaskClient) -> None:
    a_full_webinar()

    page = organiser.get("/staff/webinars/heat/preview/en")

    assert page.status_code == 200
    assert "green.jpg" in page.text
