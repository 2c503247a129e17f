"""The organisers' pages of a webinar's picture, materials and co-hosts."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import Counted
from tests.factories import a_co_host, a_file, a_material, a_session, a_webinar
from tests.files.made import A_PAGE, A_PDF, AN_SVG, a_picture, a_png_of
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import CoHost, Material, MaterialText, Webinar
from webinar.catalogue.services.media import (
    CoHostDraft,
    MaterialDraft,
    NoSuchPart,
    add_co_host,
    add_material,
    edit_co_host,
    edit_material,
    remove_material,
    set_picture,
)
from webinar.files.checked import CheckedFile
from webinar.files.documents import checked_document
from webinar.files.models import StoredFile
from webinar.foundation.db import db

PAPER = checked_document(A_PDF, "paper.pdf")
OTHER = checked_document(A_PDF.replace(b"Catalog", b"Another"), "other.pdf")
LOGO = CheckedFile("logo.jpg", "image/jpeg", b"\xff\xd8\xff", 4, 3)


@pytest.fixture
def organiser(client: FlaskClient) -> FlaskClient:
    signed_in_as(client, Role.ORGANISER)
    return client


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Send a form that was made from the webinar as it is now, unless it says from which revision."""
    now = db.session.scalar(select(Webinar.revision).where(Webinar.slug == "heat"))
    fields = {"revision": str(now), **fields}
    return client.post(f"/staff/webinars/heat/{path}", data=fields, content_type="multipart/form-data")


def a_file_called(name: str, content: bytes) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def titles() -> list[str]:
    return list(db.session.scalars(select(MaterialText.title).join(Material).order_by(Material.position)))


def names() -> list[str]:
    return list(db.session.scalars(select(CoHost.name).order_by(CoHost.position)))


def file_names() -> list[str]:
    return sorted(db.session.scalars(select(StoredFile.file_name)))


def last_entry() -> tuple[str, str, dict[str, Any]]:
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    return entry.action, entry.subject, entry.changes


def test_a_picture_is_stored_replaced_and_taken_away(organiser: FlaskClient) -> None:
    webinar = a_webinar("heat")

    first = post(organiser, "picture", picture=a_file_called("Heat.PNG", a_picture(2000, 500, kind="PNG")))

    assert (first.status_code, first.headers["Location"]) == (303, "/staff/webinars/heat/picture")
    page = organiser.get("/staff/webinars/heat/picture").text
    assert "The picture is stored." in page
    assert "1,600 × 400 pixels" in page
    assert last_entry() == ("changed", "webinar heat", {"picture": ["", "Heat.jpg"]})
    [stored] = db.session.scalars(select(StoredFile))
    assert f'src="/files/{stored.digest}/Heat.jpg"' in page

    post(organiser, "picture", picture=a_file_called("shade.jpg", a_picture(30, 30)))
    assert file_names() == ["shade.jpg"]

    post(organiser, "picture/remove")
    assert file_names() == []
    assert db.session.scalars(select(Webinar.picture_id)).one() is None
    assert webinar.revision == 3
    assert last_entry() == ("changed", "webinar heat", {"picture": ["shade.jpg", ""]})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (AN_SVG, "This is a drawing or a page (SVG, HTML), not a picture."),
        (a_png_of(10_000, 10_000), "This picture has 10,000 × 10,000 pixels, which is too many."),
        (A_PDF, "This is a PDF, not a picture."),
        (b"", "This file is empty."),
        (None, "Choose a picture."),
    ],
)
def test_what_is_no_picture_is_refused_at_the_field(
    organiser: FlaskClient, content: bytes | None, sentence: str
) -> None:
    a_webinar("heat")

    answer = post(organiser, "picture", **({} if content is None else {"picture": a_file_called("a.jpg", content)}))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert file_names() == []


def test_a_material_is_a_file_or_a_link_in_its_language(organiser: FlaskClient) -> None:
    a_webinar("heat")

    post(organiser, "materials", title="Issue paper", language="es", file=a_file_called("paper.exe", A_PDF))
    answer = post(organiser, "materials", title="Film", url="https://www.example.org/film")

    assert answer.status_code == 303
    page = organiser.get("/staff/webinars/heat/materials").text
    assert "“Film” is stored." in page
    assert 'hreflang="es" dir="auto">Issue paper</a>' in page
    assert "PDF, 1 kB" in page
    assert "example.org</span>" in page
    assert titles() == ["Issue paper", "Film"]
    assert last_entry()[2] == {
        "materials": [
            "Issue paper · es · paper.pdf",
            "Issue paper · es · paper.pdf; Film · https://www.example.org/film",
        ]
    }


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"file": b"PDF"}, "Write what it is called."),
        ({"title": "\u0085 "}, "Write what it is called."),
        ({"title": "Paper"}, "Choose a file, or write an address."),
        ({"title": "Paper", "url": "javascript:alert(1)"}, "Write a whole address that begins with https://"),
        ({"title": "Paper", "url": "https://example.org", "file": b"PDF"}, "Choose a file or write an address, not"),
        ({"title": "Paper", "file": A_PAGE}, "This is neither a PDF nor an office file nor a picture"),
        ({"title": "Paper", "file": b""}, "This file is empty."),
        ({"title": "Paper", "url": "https://example.org", "language": "xx"}, "Choose a language of the list."),
        ({"title": "x" * 301, "url": "https://example.org"}, "Write at most 300 characters."),
    ],
)
def test_a_material_that_cannot_be_is_refused_at_the_field_and_loses_nothing_typed(
    organiser: FlaskClient, fields: dict[str, Any], sentence: str
) -> None:
    a_webinar("heat")
    if "file" in fields:
        fields = fields | {"file": a_file_called("paper.pdf", A_PDF if fields["file"] == b"PDF" else fields["file"])}

    answer = post(organiser, "materials", **fields)

    assert answer.status_code == 422
    assert sentence in answer.text
    if fields.get("title") == "Paper":
        assert 'value="Paper"' in answer.text
    assert titles() == []
    assert file_names() == []


def test_a_good_file_beside_another_fault_is_asked_for_once_more(organiser: FlaskClient) -> None:
    a_webinar("heat")

    answer = post(organiser, "materials", file=a_file_called("paper.pdf", A_PDF))

    assert "Choose the file once more" in answer.text


def test_a_file_of_two_gigabytes_is_refused_before_it_is_read(app: Flask, organiser: FlaskClient) -> None:
    class NeverRead(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise AssertionError("it was read")

        readinto = readline = read  # type: ignore[assignment]

    a_webinar("heat")

    answer = organiser.post(
        "/staff/webinars/heat/materials",
        content_type="multipart/form-data; boundary=b",
        headers={"Referer": "http://localhost/staff/webinars/heat/materials"},
        environ_overrides={"CONTENT_LENGTH": str(2 * 1024**3), "wsgi.input": NeverRead()},
    )

    assert answer.status_code == 413
    assert "a file can have 20 MB at the most" in answer.text
    assert 'href="/staff/webinars/heat/materials">Back</a>' in answer.text
    assert titles() == []


def test_a_file_may_be_as_large_as_the_setting_says(app: Flask, organiser: FlaskClient) -> None:
    a_webinar("heat")
    app.config["MAX_FILE_BYTES"] = len(A_PDF) - 1

    answer = post(organiser, "materials", title="Paper", file=a_file_called("paper.pdf", A_PDF))
    assert answer.status_code == 422
    assert "This file is too large. It can have 1 kB at the most." in answer.text

    app.config["MAX_FILE_BYTES"] = len(A_PDF)
    assert post(organiser, "materials", title="Paper", file=a_file_called("paper.pdf", A_PDF)).status_code == 303


def test_a_file_is_read_of_nobody_who_may_not_send_one(client: FlaskClient) -> None:
    a_webinar("heat")
    assert post(client, "materials", title="Paper", file=a_file_called("a.pdf", A_PDF)).location.startswith(
        "/staff/sign-in"
    )

    signed_in_as(client, Role.VIEWER)
    assert post(client, "materials", title="Paper", file=a_file_called("a.pdf", A_PDF)).status_code == 403
    assert titles() == []


def test_other_forms_still_take_no_files(organiser: FlaskClient) -> None:
    a_webinar("heat")

    answer = organiser.post("/staff/webinars/heat", data={"title_en": a_file_called("a.pdf", A_PDF)})

    assert answer.status_code == 400


def test_a_material_keeps_its_file_until_it_gets_another(app: Flask) -> None:
    a_webinar("heat")
    add_material("heat", MaterialDraft({"en": "Paper"}, file=PAPER))
    [material] = db.session.scalars(select(Material))

    assert edit_material("heat", material.id, MaterialDraft({"en": "Issue paper"}, "en"))
    assert file_names() == ["paper.pdf"]
    assert not edit_material("heat", material.id, MaterialDraft({"en": "Issue paper"}, "en"))

    assert edit_material("heat", material.id, MaterialDraft({"en": "Issue paper"}, "en", file=OTHER))
    assert file_names() == ["other.pdf"]
    assert last_entry()[2] == {"materials": ["Issue paper · en · paper.pdf", "Issue paper · en · other.pdf"]}

    assert edit_material("heat", material.id, MaterialDraft({"en": "Issue paper"}, "en", url="https://example.org/"))
    assert file_names() == []


def test_who_saves_a_material_that_somebody_has_changed_is_told_and_decides(app: Flask, organiser: FlaskClient) -> None:
    webinar = a_webinar("heat")
    add_material("heat", MaterialDraft({"en": "Paper"}, url="https://example.org/1"))
    [material] = db.session.scalars(select(Material))
    lay_open_since = webinar.revision
    edit_material("heat", material.id, MaterialDraft({"en": "Issue paper"}, url="https://example.org/1"))
    mine = {"title": "Paper 9", "language": "", "url": "https://example.org/9"}

    behind = post(organiser, f"materials/{material.id}", **mine, revision=str(lay_open_since))
    stored_then = titles()
    decided = post(organiser, f"materials/{material.id}", **mine, revision=str(webinar.revision))

    assert (behind.status_code, decided.status_code) == (409, 303)
    assert "Somebody has changed this while you were writing" in behind.text
    assert "Issue paper" in behind.text
    assert 'value="Paper 9"' in behind.text
    assert stored_then == ["Issue paper"]
    assert titles() == ["Paper 9"]


def test_who_saves_a_co_host_or_a_picture_that_somebody_has_changed_is_told(app: Flask, organiser: FlaskClient) -> None:
    webinar = a_webinar("heat")
    add_co_host("heat", CoHostDraft("Cities Alliance"))
    [host] = db.session.scalars(select(CoHost))
    lay_open_since = str(webinar.revision)
    edit_co_host("heat", host.id, CoHostDraft("The Cities Alliance"))
    set_picture("heat", LOGO)

    of_host = post(organiser, f"co-hosts/{host.id}", name="CA", revision=lay_open_since)
    of_picture = post(organiser, "picture", picture=a_file_called("b.jpg", a_picture(30, 30)), revision=lay_open_since)

    assert (of_host.status_code, of_picture.status_code) == (409, 409)
    assert "Choose the file once more" in of_picture.text
    assert db.session.get_one(CoHost, host.id, populate_existing=True).name == "The Cities Alliance"


def test_a_file_that_two_materials_show_goes_with_the_second(app: Flask) -> None:
    a_webinar("heat")
    add_material("heat", MaterialDraft({"en": "Paper"}, file=PAPER))
    add_material("heat", MaterialDraft({"en": "The same"}, file=PAPER))
    first, second = db.session.scalars(select(Material).order_by(Material.position))

    remove_material("heat", first.id)
    assert file_names() == ["paper.pdf"]

    remove_material("heat", second.id)
    assert file_names() == []
    with pytest.raises(NoSuchPart, match="It is not here any more"):
        remove_material("heat", second.id)


def test_materials_are_put_in_order(organiser: FlaskClient) -> None:
    webinar = a_webinar("heat")
    one, two, three = (a_material(webinar, title=title) for title in ("One", "Two", "Three"))

    post(organiser, f"materials/{three.id}/move", to="up")
    assert titles() == ["One", "Three", "Two"]
    post(organiser, f"materials/{one.id}/move", to="down")
    assert titles() == ["Three", "One", "Two"]
    assert last_entry()[2]["materials"][1].startswith("Three")
    before = last_entry()
    post(organiser, f"materials/{two.id}/move", to="down")
    assert titles() == ["Three", "One", "Two"]
    assert last_entry() == before


def test_a_material_is_changed_and_taken_away_on_its_page(organiser: FlaskClient) -> None:
    webinar = a_webinar("heat")
    material = a_material(webinar, title="Paper", file=a_file())
    path = f"materials/{material.id}"

    assert 'value="Paper"' in organiser.get(f"/staff/webinars/heat/{path}").text
    answer = post(organiser, path, title="Issue paper")
    assert answer.status_code == 303
    assert titles() == ["Issue paper"]

    post(organiser, f"{path}/remove")
    assert titles() == []
    assert "“Issue paper” is taken away." in organiser.get("/staff/webinars/heat/materials").text
    assert organiser.get(f"/staff/webinars/heat/{path}").status_code == 404


def test_a_part_of_another_webinar_is_not_found_here(organiser: FlaskClient) -> None:
    a_webinar("heat")
    material, host = a_material(), a_co_host()

    for path in (f"materials/{material.id}", f"co-hosts/{host.id}"):
        assert organiser.get(f"/staff/webinars/heat/{path}").status_code == 404
        for more in ("", "/move", "/remove"):
            assert post(organiser, path + more, title="x", name="x").status_code == 404
    assert (titles(), names()) == (["Issue paper"], ["Cities Alliance"])


def test_a_co_host_has_a_name_an_address_and_a_logo(organiser: FlaskClient) -> None:
    a_webinar("heat")

    transparent = a_picture(900, 300, kind="PNG", mode="RGBA", colour=(0, 0, 200, 0))
    answer = post(
        organiser, "co-hosts", name="AMB", url="https://amb.example/", logo=a_file_called("amb.svg", transparent)
    )

    assert answer.status_code == 303
    page = organiser.get("/staff/webinars/heat/co-hosts").text
    assert '<a href="https://amb.example/" rel="noopener nofollow"><bdi>AMB</bdi></a>' in page
    assert 'amb.png" alt="" width="480" height="160"' in page
    assert last_entry()[2] == {"co_hosts": ["", "AMB · https://amb.example/ · amb.png"]}

    [host] = db.session.scalars(select(CoHost))
    post(organiser, f"co-hosts/{host.id}", name="AMB Barcelona", url="")
    assert (names(), file_names()) == (["AMB Barcelona"], ["amb.png"])
    post(organiser, f"co-hosts/{host.id}", name="AMB Barcelona", without_logo="y")
    assert file_names() == []
    post(organiser, f"co-hosts/{host.id}/remove")
    assert names() == []


def test_a_co_host_without_a_name_or_with_a_wrong_address_is_refused(organiser: FlaskClient) -> None:
    a_webinar("heat")

    answer = post(organiser, "co-hosts", name=" ", url="//evil", logo=a_file_called("a.png", a_picture()))

    assert answer.status_code == 422
    for sentence in ("Write its name.", "Write a whole address that begins with https://", "Choose the file once more"):
        assert sentence in answer.text
    assert (names(), file_names()) == ([], [])


def test_a_new_logo_takes_the_place_of_the_old_one(app: Flask) -> None:
    host = a_co_host(a_webinar("heat"), logo=a_file(b"old", name="old.png", media_type="image/png"))

    assert edit_co_host("heat", host.id, CoHostDraft(host.name, logo=LOGO))

    assert file_names() == ["logo.jpg"]


def test_co_hosts_are_put_in_order(organiser: FlaskClient) -> None:
    webinar = a_webinar("heat")
    a_co_host(webinar, name="One")
    two = a_co_host(webinar, name="Two")

    post(organiser, f"co-hosts/{two.id}/move", to="up")

    assert names() == ["Two", "One"]


def test_a_viewer_sees_the_pages_without_their_forms(client: FlaskClient) -> None:
    webinar = a_webinar("heat")
    material, host = a_material(webinar), a_co_host(webinar)
    signed_in_as(client, Role.VIEWER)

    for path in ("picture", "materials", "co-hosts", f"materials/{material.id}", f"co-hosts/{host.id}"):
        page = client.get(f"/staff/webinars/heat/{path}")
        assert page.status_code == 200
        assert "multipart/form-data" not in page.text
        assert post(client, f"{path}", title="x", name="x").status_code == 403


def test_the_pages_ask_the_database_little(
    organiser: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    webinar = a_webinar("heat", picture=a_file(b"p", name="p.png", media_type="image/png"))
    a_session(webinar=webinar)
    for number in range(8):
        a_material(webinar, file=a_file(b"%d" % number))
        a_co_host(webinar, logo=a_file(b"logo %d" % number))

    for path in ("picture", "materials", "co-hosts"):
        with count_queries() as queries:
            assert organiser.get(f"/staff/webinars/heat/{path}").status_code == 200
        assert queries.count <= 7, queries.statements
