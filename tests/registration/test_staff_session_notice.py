"""The organisers' page of a notice: put up within seconds, taken down with one press; and where it stands at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import a_registration, a_session, a_webinar
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.catalogue.models import NoticeText, SessionStatus, WebinarSession
from webinar.catalogue.services.session_notice import put_up_notice, take_down_notice
from webinar.foundation.db import db

pytestmark = pytest.mark.usefixtures("app")
PAGE = "/staff/sessions/heat-en/notice"
OVERVIEW = "/staff/sessions/heat-en/"
LATE = "We start ten minutes late."
TARD = "Nous commençons dix minutes plus tard."

# The session of a_session(): 13:00 in Lisbon, which is 12:00 UTC, for 75 minutes.
START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START - timedelta(minutes=30), tick=False) as traveller:
        yield traveller


@pytest.fixture
def organiser(client: FlaskClient) -> FlaskClient:
    signed_in_as(client, Role.ORGANISER)
    return client


def heat(**more: Any) -> WebinarSession:
    webinar = a_webinar("heat", titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    return a_session("heat-en", webinar=webinar, languages=("en", "fr"), **more)


def notices() -> int:
    return db.session.scalar(select(func.count()).select_from(NoticeText)) or 0


def test_from_the_overview_it_is_one_tap_to_the_form_and_one_press_to_put_it_up(organiser: FlaskClient) -> None:
    heat()
    assert f'href="{PAGE}">Put up a notice</a>' in organiser.get(OVERVIEW).text
    assert 'name="line_en"' in organiser.get(PAGE).text

    answer = organiser.post(PAGE, data={"line_en": LATE, "line_fr": TARD, "revision": "0"})

    assert (answer.status_code, answer.location) == (303, PAGE)
    page = organiser.get(PAGE).text
    assert f'<p lang="fr" dir="ltr">{TARD}</p>' in page
    assert "Since 14 May 2030, 12:30." in page
    overview = organiser.get(OVERVIEW).text
    assert "This notice stands on its pages" in overview
    assert LATE in overview
    assert "Put up a notice" not in overview


def test_it_is_taken_down_with_one_press_from_the_overview_too(organiser: FlaskClient) -> None:
    heat(notice={"en": LATE})
    [action] = re.findall(r'action="([^"]+/take-down)"', organiser.get(OVERVIEW).text)

    answer = organiser.post(action)

    assert (answer.status_code, notices()) == (303, 0)
    assert "The notice is taken down." in organiser.get(PAGE).text
    assert organiser.post(action).status_code == 303


def test_the_form_says_how_many_are_written_to_in_each_language(organiser: FlaskClient) -> None:
    session = heat()
    for language in ("en", "fr", "fr"):
        a_registration(session, language=language)

    page = organiser.get(PAGE).text

    assert re.search(r'id="line_en-hint">1 person is written to in this language\.', page)
    assert re.search(r'id="line_fr-hint">2 people are written to in this language\.', page)
    assert "Whoever reads in a language that is left empty gets the line in English." in page


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"line_en": ""}, "Write the notice in English, the original language of the webinar"),
        ({"line_en": "", "line_fr": TARD}, "Write the notice in English, the original language of the webinar"),
        ({"line_en": "x" * 5_000}, "Write at most 300 characters."),
        ({"line_en": LATE, "line_ar": "x" * 301}, "Write at most 300 characters."),
    ],
)
def test_what_cannot_be_is_told_at_the_line_and_everything_typed_is_kept(
    organiser: FlaskClient, typed: dict[str, str], told: str
) -> None:
    heat()

    answer = organiser.post(PAGE, data={**typed, "revision": "0"})

    assert answer.status_code == 422
    assert told in answer.text
    assert all(f'value="{written}"' in answer.text for written in typed.values() if written)
    assert notices() == 0


def test_markup_is_shown_as_it_was_written(organiser: FlaskClient) -> None:
    session = heat()
    organiser.post(PAGE, data={"line_en": '<script>alert(1)</script> =1+1 "', "revision": "0"})

    for page in (PAGE, OVERVIEW, "/en/webinars/heat", f"/join/{a_registration(session).join_token}"):
        text = organiser.get(page).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; =1+1 &#34;" in text
        assert "<script>alert" not in text


def test_the_second_of_two_organisers_is_told_and_decides(organiser: FlaskClient) -> None:
    session = heat()
    put_up_notice("heat-en", {"en": "We start on time."})

    told = organiser.post(PAGE, data={"line_en": LATE, "revision": "0"})
    assert told.status_code == 409
    assert "Somebody has changed this while you were writing." in told.text
    assert "We start on time." in told.text
    assert f'value="{LATE}"' in told.text

    again = organiser.post(PAGE, data={"line_en": LATE, "revision": "1"})
    assert again.status_code == 303
    db.session.refresh(session, ["notice"])
    assert [text.line for text in session.notice] == [LATE]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (SessionStatus.DRAFT, "The public does not see this session yet."),
        (SessionStatus.CANCELLED, "This session is cancelled: its pages say so, and nothing else."),
    ],
)
def test_a_session_that_is_not_held_gets_none_and_says_why(
    organiser: FlaskClient, status: SessionStatus, told: str
) -> None:
    heat(status=status)

    answer = organiser.post(PAGE, data={"line_en": LATE, "revision": "0"})

    assert "Put up a notice" not in organiser.get(OVERVIEW).text
    assert told in organiser.get(PAGE).text
    assert (answer.status_code, notices()) == (409, 0)
    assert told in answer.text


def test_a_session_that_is_over_has_none_any_more(organiser: FlaskClient, frozen: time_machine.Traveller) -> None:
    session = heat(notice={"en": LATE})
    frozen.move_to(session.ends_at)
    signed_in_as(organiser, Role.ORGANISER)

    page = organiser.get(PAGE).text

    assert LATE not in page
    assert "This session is over, so nobody would see a notice on its pages." in page
    assert LATE not in organiser.get(OVERVIEW).text


def test_a_viewer_reads_it_and_changes_nothing(client: FlaskClient) -> None:
    heat(notice={"en": LATE})
    signed_in_as(client, Role.VIEWER)

    page = client.get(PAGE).text

    assert LATE in page
    assert "Take it down" not in page
    assert 'name="line_en"' not in page
    assert "Take it down" not in client.get(OVERVIEW).text
    assert client.post(PAGE, data={"line_en": "No."}).status_code == 403
    assert client.post(f"{PAGE}/take-down").status_code == 403
    assert notices() == 1


def test_no_session_no_page(organiser: FlaskClient) -> None:
    assert organiser.get(PAGE).status_code == 404
    assert organiser.post(PAGE, data={"line_en": LATE}).status_code == 404
    assert organiser.post(f"{PAGE}/take-down").status_code == 404


def test_the_history_of_the_session_tells_it_in_its_language(organiser: FlaskClient) -> None:
    heat()
    put_up_notice("heat-en", {"en": LATE, "fr": TARD})
    take_down_notice("heat-en")

    page = organiser.get("/staff/sessions/heat-en/changes").text

    assert "Notice (French)" in page
    assert page.count(TARD) == 2


def public_pages(session: WebinarSession, language: str) -> list[str]:
    place = a_registration(session, language=language)
    return [
        f"/{language}/",
        f"/{language}/series/{session.webinar.series.slug}",
        f"/{language}/webinars/heat",
        f"/{language}/sessions/heat-en/register",
        f"/{language}/registrations/{place.token}",
        f"/join/{place.join_token}",
        f"/join/{session.speakers[0].join_token}?lang={language}",
    ]


def test_it_stands_at_once_on_all_pages_of_the_session_and_goes_at_once(client: FlaskClient) -> None:
    session = heat(speakers=["Ana"])
    pages = public_pages(session, "en")
    assert [page for page in pages if LATE in client.get(page).text] == []

    put_up_notice("heat-en", {"en": LATE})
    assert [page for page in pages if LATE not in client.get(page).text] == []

    take_down_notice("heat-en")
    assert [page for page in pages if LATE in client.get(page).text] == []


def test_whoever_reads_in_another_language_gets_their_line_or_the_original_marked_as_such(client: FlaskClient) -> None:
    session = heat(speakers=["Ana"])
    pages = public_pages(session, "fr")

    put_up_notice("heat-en", {"en": LATE})
    assert [page for page in pages if f'<span lang="en" dir="ltr">{LATE}</span>' not in client.get(page).text] == []

    put_up_notice("heat-en", {"en": LATE, "fr": TARD})
    assert [page for page in pages if f"<span>{TARD}</span>" not in client.get(page).text] == []


def test_where_registration_is_closed_it_stands_too(client: FlaskClient) -> None:
    heat(registration_closes=START - timedelta(hours=1), notice={"en": LATE})

    page = client.get("/en/sessions/heat-en/register").text

    assert "Registration has closed" in page
    assert LATE in page


def test_it_goes_from_kept_pages_when_the_session_is_over(client: FlaskClient, frozen: time_machine.Traveller) -> None:
    session = heat(notice={"en": LATE})
    assert LATE in client.get("/en/webinars/heat").text

    frozen.move_to(session.ends_at)

    assert LATE not in client.get("/en/webinars/heat").text


def test_a_notice_costs_no_page_a_query_more(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Any]]
) -> None:
    pages = public_pages(heat(speakers=["Ana"]), "en")

    def counts() -> list[int]:
        found = []
        for page in pages:
            db.session.expunge_all()
            with count_queries() as queries:
                client.get(page)
            found.append(queries.count)
        return found

    put_up_notice("heat-en", {"en": LATE, "fr": TARD})  # so that nothing is kept of the pages
    with_notice = counts()
    take_down_notice("heat-en")
    assert counts() == with_notice


@pytest.mark.parametrize("page", [PAGE, OVERVIEW])
def test_the_staff_pages_take_few_queries(
    organiser: FlaskClient, count_queries: Callable[[], AbstractContextManager[Any]], page: str
) -> None:
    heat(notice={"en": LATE, "fr": TARD})
    db.session.expunge_all()

    with count_queries() as queries:
        organiser.get(page)

    assert queries.count < 12
