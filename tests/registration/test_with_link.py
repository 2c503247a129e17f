"""A session for whoever has its link stands nowhere, and all of its pages ask for the link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.factories import a_registration, a_session, a_webinar
from tests.mailbox import kinds_of_mail_to, the_only_mail_to, words_of
from webinar.catalogue.models import Access, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import transaction

pytestmark = pytest.mark.usefixtures("app")
WRONG = "x" * 43
FORM = {
    "email": "ana@lisbon.example",
    "given_name": "Ana",
    "family_name": "Sousa",
    "affiliation": "other",
    "language": "en",
    "privacy": "y",
}


@pytest.fixture
def board() -> WebinarSession:
    """Return a session for those with the link, of a webinar that is held for everybody too."""
    webinar = a_webinar("heat", titles={"en": "Heat in cities"})
    a_session("open-en", webinar=webinar, starts="2030-05-20T13:00")
    return a_session("board", webinar=webinar, access=Access.WITH_LINK)


def addresses(session: WebinarSession) -> list[str]:
    return [f"/en/sessions/{session.key}/register", f"/en/sessions/{session.key}/registered", "/sessions/board.ics"]


def test_it_stands_in_no_list(client: FlaskClient, board: WebinarSession) -> None:
    pages = ["/en/", f"/en/series/{board.webinar.series.slug}", "/en/webinars/heat", "/en/sessions/open-en/register"]

    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert "open-en" in answer.text
        assert "sessions/board" not in answer.text


def test_a_webinar_that_has_only_such_a_session_is_not_there_for_the_public(client: FlaskClient) -> None:
    session = a_session(access=Access.WITH_LINK)
    page = f"/en/webinars/{session.webinar.slug}"
    with_link = client.get(page, query_string=session.way_in())

    assert client.get(page).status_code == 404
    assert client.get(f"/en/series/{session.webinar.series.slug}").status_code == 404
    assert with_link.status_code == 200
    assert f"/en/series/{session.webinar.series.slug}" not in with_link.text


@pytest.mark.parametrize("given", [{}, {"access": ""}, {"access": WRONG}, {"access": "ä\ud7ff"}])
def test_without_its_token_no_page_of_it_is_there(
    client: FlaskClient, board: WebinarSession, given: dict[str, str]
) -> None:
    for page in addresses(board):
        assert client.get(page, query_string=board.way_in()).status_code == 200
        assert client.get(page, query_string=given).status_code == 404


def test_a_form_sent_without_its_token_registers_nobody(client: FlaskClient, board: WebinarSession) -> None:
    for given in ({}, {"access": WRONG}):
        answer = client.post("/en/sessions/board/register", query_string=given, data=FORM)
        assert answer.status_code == 404

    assert kinds_of_mail_to("ana@lisbon.example") == []


def test_the_token_goes_along_from_the_form_over_its_errors_to_the_mailbox(
    client: FlaskClient, board: WebinarSession
) -> None:
    token = board.access_token
    form = f"/en/sessions/board/register?access={token}"

    refused = client.post(form, data={**FORM, "email": "ana"})
    sent = client.post(form, data=FORM)
    mailbox = client.get(sent.location)

    assert refused.status_code == 422
    assert 'action="' not in refused.text.partition('class="form"')[2].partition(">")[0]  # to where it stands
    assert sent.status_code == 303
    assert sent.location == f"/en/sessions/board/registered?access={token}"
    assert mailbox.status_code == 200
    assert f"/en/sessions/board/register?access={token}" in mailbox.text
    assert kinds_of_mail_to("ana@lisbon.example") == ["confirmation"]


def test_personal_links_work_without_the_token(client: FlaskClient, board: WebinarSession) -> None:
    place = a_registration(board)

    assert client.get(f"/en/registrations/{place.token}").status_code == 200
    assert client.get(f"/join/{place.join_token}").status_code == 200


def test_no_search_engine_cache_or_other_site_learns_the_link(client: FlaskClient, board: WebinarSession) -> None:
    for page in [*addresses(board), "/en/webinars/heat"]:
        answer = client.get(page, query_string=board.way_in())
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        if page.endswith(".ics"):
            continue
        assert 'name="robots" content="noindex"' in answer.text
        assert 'hreflang="fr" href="http' not in answer.text


def test_what_is_kept_for_one_who_has_the_link_is_shown_to_nobody_else(
    client: FlaskClient, board: WebinarSession
) -> None:
    for page in ("/en/sessions/board/register", "/en/webinars/heat"):
        assert "sessions/board" in client.get(page, query_string=board.way_in()).text
        for given in ({}, {"access": WRONG}):
            answer = client.get(page, query_string=given).text
            assert board.access_token not in answer
            assert 'name="email"' not in answer


def test_with_a_new_link_the_old_one_dies_at_once(client: FlaskClient, board: WebinarSession) -> None:
    old = board.way_in()
    pages = [*addresses(board), "/en/webinars/heat"]
    assert all(client.get(page, query_string=old).status_code == 200 for page in pages)

    with transaction():
        board.access_token = WRONG

    assert [client.get(page, query_string=old).status_code for page in pages] == [404, 404, 404, 200]
    assert "sessions/board" not in client.get("/en/webinars/heat", query_string=old).text
    assert all(client.get(page, query_string=board.way_in()).status_code == 200 for page in pages)


def test_a_session_that_gets_a_link_leaves_the_lists_at_once(client: FlaskClient, board: WebinarSession) -> None:
    session = a_session("shade-en", webinar=board.webinar)
    assert "shade-en" in client.get("/en/webinars/heat").text

    with transaction():
        session.access = Access.WITH_LINK

    assert "shade-en" not in client.get("/en/webinars/heat").text
    assert client.get("/en/sessions/shade-en/register").status_code == 404


def test_the_pages_and_mails_of_somebody_in_it_lead_to_pages_that_are_there(client: FlaskClient) -> None:
    closes = clock.now() + timedelta(days=1)
    session = a_session("board", access=Access.WITH_LINK, seats=1, registration_closes=closes)
    a_registration(session)

    client.post("/en/sessions/board/register", query_string=session.way_in(), data=FORM)

    text = words_of(the_only_mail_to("ana@lisbon.example"))
    [address] = [line for line in text.splitlines() if "/webinars/" in line]
    assert client.get(address.removeprefix("http://127.0.0.1:5000")).status_code == 200


def test_a_closed_one_says_so_only_to_who_has_the_link(client: FlaskClient) -> None:
    session = a_session(access=Access.WITH_LINK, registration_closes=datetime(2020, 1, 1, tzinfo=UTC))
    page = f"/en/sessions/{session.key}/register"

    assert "Registration has closed" in client.get(page, query_string=session.way_in()).text
    assert client.get(page).status_code == 404
