"""Links that fill in a new entry of a calendar on the web."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.factories import a_registration, a_session, a_webinar
from webinar.calendars.copies import MOST_OF_AN_ADDRESS, copies_of
from webinar.catalogue.models import Access, SessionStatus


@pytest.mark.usefixtures("app")
def test_google_and_outlook_are_told_the_same_instant_title_and_public_link() -> None:
    webinar = a_webinar("heat", titles={"en": "Heat & water", "fr": "Chaleur"})
    session = a_session(webinar=webinar, starts="2030-05-14T13:00", zone="America/Mexico_City", minutes=60)

    ways = copies_of(session, "en")

    assert [way.calendar for way in ways] == ["Google Calendar", "Outlook.com", "Microsoft 365"]
    google, *outlooks = ({k: v[0] for k, v in parse_qs(urlsplit(way.address).query).items()} for way in ways)
    page = "http://127.0.0.1:5000/en/webinars/heat"
    assert google["dates"] == "20300514T190000Z/20300514T200000Z"
    assert (google["text"], google["location"]) == ("Heat & water", page)
    assert google["details"] == page
    for told in outlooks:
        assert (told["startdt"], told["enddt"]) == ("2030-05-14T19:00:00Z", "2030-05-14T20:00:00Z")
        assert (told["subject"], told["location"]) == ("Heat & water", page)
    assert all("+" not in way.address for way in ways)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("title", ["الحرّ في المدن " * 18, "🏙️‍🌈" * 60, "a" * 300, "a\r\nb&c=d#e"])
def test_no_address_is_too_long_for_a_browser_or_breaks(title: str) -> None:
    webinar = a_webinar(titles={"en": title})

    for way in copies_of(a_session(webinar=webinar), "en"):
        assert len(way.address) < MOST_OF_AN_ADDRESS
        assert way.address.isascii()
        assert not set("\r\n #") & set(way.address)


def test_nobody_elsewhere_is_told_a_link_that_opens_something(client: FlaskClient) -> None:
    session = a_session(access=Access.WITH_LINK)
    place = a_registration(session)
    public = a_registration(a_session())

    hidden = client.get(f"/en/registrations/{place.token}").text
    shown = client.get(f"/en/registrations/{public.token}").text

    assert "calendar.google.com" not in hidden
    [google] = [part.partition('"')[0] for part in shown.split('href="') if part.startswith("https://calendar.google")]
    assert public.join_token not in google
    assert public.token not in google


@pytest.mark.usefixtures("app")
def test_there_is_no_copy_of_what_is_cancelled_or_not_public_or_behind_a_link() -> None:
    assert copies_of(a_session(status=SessionStatus.CANCELLED), "en") == []
    assert copies_of(a_session(status=SessionStatus.DRAFT), "en") == []
    assert copies_of(a_session(access=Access.WITH_LINK), "en") == []
