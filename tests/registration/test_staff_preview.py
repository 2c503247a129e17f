"""The public pages as they will be, for the staff."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.factories import a_series, a_session, a_webinar
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.catalogue.models import SessionStatus, Webinar


def heat() -> Webinar:
    """Return a webinar in two languages, with a draft and a session that is public."""
    series = a_series("climate", title="Cities in a changing climate")
    return a_webinar("heat", series=series, titles={"en": "Heat in cities", "fr": "La chaleur en ville"})


def test_a_viewer_sees_a_draft_as_the_public_will_and_the_public_does_not(client: FlaskClient) -> None:
    a_session("next-en", webinar=heat(), status=SessionStatus.DRAFT)
    public = client.get("/fr/webinars/heat")
    signed_in_as(client, Role.VIEWER)

    page = client.get("/staff/webinars/heat/preview/fr")

    assert public.status_code == 404
    assert page.status_code == 200
    assert '<html lang="fr"' in page.text
    assert "La chaleur en ville" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert 'content="noindex"' in page.text
    assert 'aria-disabled="true"' in page.text  # the button to register
    assert "/sessions/next-en/register" not in page.text
    assert 'href="/staff/webinars/heat"' in page.text  # the way back


def test_a_series_leads_to_the_previews_of_its_webinars(client: FlaskClient) -> None:
    a_session("next-en", webinar=heat(), status=SessionStatus.DRAFT)
    a_session("next-fr", webinar=a_webinar("other"))
    signed_in_as(client, Role.VIEWER)

    page = client.get("/staff/series/climate/preview/en")

    assert 'href="/staff/webinars/heat/preview/en"' in page.text
    assert 'href="/staff/series/climate/preview/fr"' in page.text
    assert "/webinars/other" not in page.text


def test_a_preview_is_not_kept_for_the_public(client: FlaskClient) -> None:
    webinar = heat()
    a_session("next-en", webinar=webinar)
    a_session("draft", webinar=webinar, starts="2030-06-20T13:00", status=SessionStatus.DRAFT)
    signed_in_as(client, Role.VIEWER)

    previewed = client.get("/staff/webinars/heat/preview/en").text
    public = client.get("/en/webinars/heat").text

    assert ("June" in previewed, "June" in public) == (True, False)
    assert "/en/sessions/next-en/register" in public
    assert 'href="/staff/series/climate/preview/en"' in previewed
    assert 'href="/en/series/climate"' in public
    assert "/staff/" not in public


@pytest.mark.parametrize(
    "address",
    [
        "/staff/webinars/heat/preview/xx",
        "/staff/webinars/none/preview/en",
        "/staff/series/none/preview/en",
        "/staff/series/climate/preview/..",
    ],
)
def test_what_is_not_there_has_no_preview(client: FlaskClient, address: str) -> None:
    heat()
    signed_in_as(client, Role.VIEWER)

    assert client.get(address).status_code == 404


def test_a_preview_is_for_the_staff_only(client: FlaskClient) -> None:
    heat()

    assert client.get("/staff/webinars/heat/preview/en").status_code == 302
