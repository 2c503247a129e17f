"""Files are kept once, served as what they are, and gone when nothing refers to them."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import a_co_host, a_file, a_material, a_session, a_webinar
from tests.files.made import A_PDF, a_picture
from webinar.catalogue.models import Material
from webinar.files.checked import CheckedFile
from webinar.files.documents import checked_document
from webinar.files.models import StoredFile
from webinar.files.queries import content_of
from webinar.files.services import keep, let_go
from webinar.foundation.db import db, transaction

PAPER = CheckedFile("paper.pdf", "application/pdf", A_PDF)


def stored_files() -> list[int]:
    return list(db.session.scalars(select(StoredFile.id).order_by(StoredFile.id)))


def test_the_same_content_is_kept_once_under_its_first_name(app: Flask) -> None:
    with transaction():
        first = keep(PAPER)
    with transaction():
        second = keep(CheckedFile("other.pdf", "application/pdf", A_PDF))

    assert first.id == second.id
    assert (second.file_name, second.size) == ("paper.pdf", len(A_PDF))
    assert second.digest == hashlib.sha256(A_PDF).hexdigest()
    assert content_of(first.id) == A_PDF


def test_eight_people_keeping_the_same_file_at_once_keep_it_once(app: Flask) -> None:
    start = threading.Barrier(8)

    def keep_it(_number: int) -> int:
        with app.app_context():
            start.wait()
            with transaction():
                kept = keep(PAPER).id
            db.session.remove()
        return kept

    with ThreadPoolExecutor(8) as people:
        kept = set(people.map(keep_it, range(8)))

    assert len(kept) == 1
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 1


def test_a_file_is_let_go_when_nothing_refers_to_it_any_more(app: Flask) -> None:
    file, other = a_file(), a_file(b"%PDF-1.7 other")
    material = a_material(file=file)
    with transaction():
        let_go([file.id, None])
    assert stored_files() == [file.id, other.id]

    with transaction():
        db.session.delete(db.session.get_one(Material, material.id))
        let_go([file.id])

    assert stored_files() == [other.id]


def test_whatever_refers_to_a_file_keeps_it(app: Flask) -> None:
    files = [a_file(b"%PDF-1.7 " + name) for name in (b"picture", b"material", b"logo", b"photo")]
    webinar = a_webinar(picture=files[0])
    a_material(webinar, file=files[1])
    a_co_host(webinar, logo=files[2])
    session = a_session(webinar=webinar, speakers=["Ana"])
    session.speakers[0].photo_id = files[3].id
    db.session.commit()

    with transaction():
        let_go([file.id for file in files])

    assert stored_files() == [file.id for file in files]


def test_a_document_is_handed_out_to_be_saved_and_may_do_nothing(client: FlaskClient) -> None:
    file = a_file(A_PDF, name="Año-서울.pdf")

    answer = client.get(f"/files/{file.digest}/Año-서울.pdf")

    assert (answer.status_code, answer.data) == (200, A_PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''A%C3%B1o-%EC%84%9C%EC%9A%B8.pdf"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers


def test_a_picture_is_shown_in_place(client: FlaskClient) -> None:
    with transaction():
        file = keep(checked_document(a_picture(), "logo.png"))

    answer = client.get(f"/files/{file.digest}/logo.jpg")

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''logo.jpg"


def test_a_browser_that_has_the_file_is_told_so_without_reading_it(client: FlaskClient) -> None:
    file = a_file()
    path = f"/files/{file.digest}/paper.pdf"

    answer = client.get(path, headers={"If-None-Match": client.get(path).headers["ETag"]})

    assert (answer.status_code, answer.data) == (304, b"")
    assert client.head(path).headers["Content-Length"] == str(file.size)


@pytest.mark.parametrize("path", ["{digest}/other.pdf", "{other}/paper.pdf", "{digest}/paper.pdf/", "{digest}", "x/y"])
def test_another_address_leads_nowhere(client: FlaskClient, path: str) -> None:
    file = a_file()

    assert client.get("/files/" + path.format(digest=file.digest, other="0" * 64)).status_code == 404
