"""An organiser puts files on the page of a webinar, with scripts and without; anybody sees and saves them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.factories import a_session, a_webinar
from tests.files.made import A_PAGE, A_PDF, a_picture
from tests.journeys.looking import faults_of, scrolls_sideways
from tests.signing_in import PASSWORD, with_password
from webinar.accounts.models import Role

MATERIALS = "/staff/webinars/heat/materials"


def organiser(open_page: Callable[..., Page], **device: object) -> Page:
    account = with_password(Role.ORGANISER, name="Olga Organiser")
    page = open_page(**device)
    page.goto("/staff/sign-in")
    page.get_by_label("Mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("link", name="Olga Organiser")).to_be_visible()
    return page


def a_file(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("scripts", [True, False])
def test_a_picture_a_paper_and_a_photo_reach_the_public_page(
    open_page: Callable[..., Page], tmp_path: Path, scripts: bool
) -> None:
    a_session("heat-en", webinar=a_webinar("heat", title="Heat"), speakers=["Ana Sousa"])
    photo = a_file(tmp_path, "Ana at home.png", a_picture(400, 500, kind="PNG", colour="green"))
    page = organiser(open_page, java_script_enabled=scripts, viewport={"width": 360, "height": 740})

    page.goto("/staff/webinars/heat/picture")
    page.get_by_label("Picture", exact=True).set_input_files(
        a_file(tmp_path, "heat.jpg", a_picture(2000, 1000, colour="orange"))
    )
    page.get_by_role("button", name="Store the picture").click()
    expect(page.get_by_text("The picture is stored.")).to_be_visible()

    page.get_by_role("link", name="Materials", exact=True).click()
    page.get_by_label("Title").fill("Issue paper")
    page.get_by_label("File", exact=True).set_input_files(a_file(tmp_path, "paper.pdf", A_PAGE))
    page.get_by_role("button", name="Add the material").click()
    expect(page.get_by_text("This is neither a PDF nor").last).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Issue paper")
    page.get_by_label("File", exact=True).set_input_files(a_file(tmp_path, "paper.pdf", A_PDF))
    page.get_by_role("button", name="Add the material").click()
    expect(page.get_by_text("“Issue paper” is stored.")).to_be_visible()
    if scripts:
        assert not scrolls_sideways(page)

    page.goto("/staff/sessions/heat-en/photos")
    page.get_by_label("Photo", exact=True).set_input_files(photo)
    page.get_by_role("button", name="Store the photo of Ana Sousa").click()
    expect(page.get_by_role("img", name="Photo of Ana Sousa")).to_be_visible()

    page.goto("/en/webinars/heat")
    for picture in ("img.opening-picture", "img.photo"):
        expect(page.locator(picture)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Issue paper").click()
    assert download.value.suggested_filename == "paper.pdf"
    assert download.value.path().read_bytes() == A_PDF
    if scripts:
        assert faults_of(page) == []


def test_a_file_that_is_too_large_is_said_to_be_so_before_it_travels(
    app: Flask, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    a_webinar("heat", title="Heat")
    app.config["MAX_FILE_BYTES"] = 1000
    page = organiser(open_page)
    page.goto(MATERIALS)
    page.get_by_label("Title").fill("Issue paper")

    page.get_by_label("File", exact=True).set_input_files(a_file(tmp_path, "paper.pdf", A_PDF + bytes(1000)))

    expect(page.get_by_role("alert")).to_have_text("This file is too large. It can have 1 kB at the most.")
    expect(page.get_by_label("File", exact=True)).to_have_value("")
    expect(page.get_by_label("Title")).to_have_value("Issue paper")
    assert faults_of(page) == []
    page.get_by_label("File", exact=True).set_input_files(a_file(tmp_path, "small.pdf", A_PDF))
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Add the material").click()
    expect(page.get_by_text("“Issue paper” is stored.")).to_be_visible()
