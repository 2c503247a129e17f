"""The further ways to follow a session: addresses, countries, who is told of which, and setting them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.factories import a_session, a_way
from webinar.accounts.models import AuditEntry
from webinar.catalogue.forms.ways_to_follow import UnknownCountry, country_codes
from webinar.catalogue.models import Platform, VersionKind, WayKind, WebinarSession
from webinar.catalogue.queries import find_whole_session
from webinar.catalogue.services.catalogue_file import VersionEntry
from webinar.catalogue.services.copying import copy_session
from webinar.catalogue.services.drafts import SessionDraft, WayEntry
from webinar.catalogue.services.edit_session import edit_session
from webinar.catalogue.services.ways_to_follow import NoSafeAddress, NoTelephoneNumber, address_of_way
from webinar.catalogue.ways_to_follow import ways_in_messages, ways_on_page
from webinar.foundation import languages
from webinar.foundation.db import db

pytestmark = pytest.mark.usefixtures("app")

STREAM, TELEPHONE, RECORDING = WayKind.STREAM, WayKind.TELEPHONE, WayKind.RECORDING


def with_ways(*ways: WayEntry) -> SessionDraft:
    return SessionDraft(
        times=None,
        platform=Platform.ZOOM,
        join_url="https://zoom.example/j/123",
        seats=None,
        registration_opens=None,
        registration_closes=None,
        languages=(VersionEntry("en", VersionKind.FLOOR, "", {}),),
        ways=ways,
    )


def ways_of(session: WebinarSession) -> list[tuple[str, str, str, str]]:
    found = find_whole_session(session.key)
    assert found is not None
    return [(way.kind.value, way.address, way.access_code, way.countries) for way in found.ways_to_follow]


def changes() -> list[dict[str, Any]]:
    return [entry.changes for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("+34 91 123 45 67", "+34 91 123 45 67"),
        ("+34-91-123.45.67", "+34 91 123 45 67"),
        ("+44 (0)20 7946 0958", "+44 20 7946 0958"),
        ("+ 98 (21) 12345678", "+98 21 12345678"),
        ("+۹۸ ۲۱ ۱۲۳۴۵۶۷۸", "+98 21 12345678"),
    ],
)
def test_a_telephone_number_is_stored_in_one_manner(written: str, stored: str) -> None:
    assert address_of_way(TELEPHONE, written) == stored


@pytest.mark.parametrize(
    "written",
    ["91 123 45 67", "+34 CALL ME", "+34 91 12", "+1234567890123456", "tel:+34911234567", "https://x.example", "+", ""],
)
def test_what_one_cannot_dial_from_abroad_is_refused(written: str) -> None:
    with pytest.raises(NoTelephoneNumber):
        address_of_way(TELEPHONE, written)


@pytest.mark.parametrize(
    "written",
    [
        "javascript:alert(1)",
        "http://stream.example",
        "//stream.example",
        "stream.example",
        "https://",
        "https://a b",
        'https://x.example/"onclick',
        "+34 91 123 45 67",
    ],
)
@pytest.mark.parametrize("kind", [STREAM, RECORDING])
def test_a_stream_and_a_recording_have_a_web_address_with_tls(kind: WayKind, written: str) -> None:
    with pytest.raises(NoSafeAddress):
        address_of_way(kind, written)


@pytest.mark.parametrize(
    ("language", "written", "codes"),
    [
        ("en", "", ()),
        ("en", "Iran", ("IR",)),
        ("en", "ir, cn", ("CN", "IR")),
        ("en", "China; Iran, iran", ("CN", "IR")),
        ("fr", "Chine, Corée du Nord", ("CN", "KP")),
        ("fr", "china", ("CN",)),
        ("ar", "إيران، الصين", ("CN", "IR")),
        ("pt", "Hong Kong, RAE da China, Irã", ("HK", "IR")),
        ("es", "Irán,,", ("IR",)),
    ],
)
def test_countries_are_known_by_their_names_and_codes(
    app: Flask, language: str, written: str, codes: tuple[str, ...]
) -> None:
    with languages.speaking(language):
        assert country_codes(written) == codes


@pytest.mark.parametrize("written", ["Atlantis", "Iran, Atlantis", "ZZ", "EU", "<script>", "IR CN", "Iran and China"])
def test_what_is_no_country_is_named(written: str) -> None:
    with pytest.raises(UnknownCountry, match="We know no country “"):
        country_codes(written)


def test_ways_are_stored_in_order_and_written_down() -> None:
    session = a_session("heat")

    edit_session(
        "heat",
        with_ways(
            WayEntry(TELEPHONE, "+98 21 12345678", "4711#", ("IR",)), WayEntry(STREAM, "https://stream.example/live")
        ),
    )

    assert ways_of(session) == [
        ("telephone", "+98 21 12345678", "4711#", "IR"),
        ("stream", "https://stream.example/live", "", ""),
    ]
    assert changes() == [
        {
            "way_telephone +98 21 12345678": [None, "+98 21 12345678"],
            "way_access_code +98 21 12345678": ["", "4711#"],
            "way_countries +98 21 12345678": ["", "IR"],
            "way_stream https://stream.example/live": [None, "https://stream.example/live"],
        }
    ]


def test_one_is_changed_one_goes_and_one_comes() -> None:
    session = a_session(
        "heat", ways=[a_way(TELEPHONE, "+98 21 12345678", code="1"), a_way(RECORDING, "https://vod.example")]
    )
    [kept, _gone] = [way.id for way in session.ways_to_follow]

    edit_session(
        "heat",
        with_ways(WayEntry(STREAM, "https://vod.example"), WayEntry(TELEPHONE, "+98 21 12345678", "2", ("IR", "CN"))),
    )

    assert ways_of(session) == [
        ("stream", "https://vod.example", "", ""),
        ("telephone", "+98 21 12345678", "2", "CN IR"),
    ]
    assert session.ways_to_follow[1].id == kept
    assert changes() == [
        {
            "way_stream https://vod.example": [None, "https://vod.example"],
            "way_access_code +98 21 12345678": ["1", "2"],
            "way_countries +98 21 12345678": ["", "CN, IR"],
            "way_recording https://vod.example": ["https://vod.example", None],
        }
    ]


def test_the_same_ways_again_change_nothing_and_another_order_does() -> None:
    session = a_session("heat", ways=[a_way(), a_way(RECORDING, "https://vod.example")])
    one, two = WayEntry(STREAM, "https://stream.example/live"), WayEntry(RECORDING, "https://vod.example")

    edit_session("heat", with_ways(one, two))
    assert changes() == []
    edit_session("heat", with_ways(two, one))

    assert [address for _kind, address, *_ in ways_of(session)] == [
        "https://vod.example",
        "https://stream.example/live",
    ]
    assert list(changes()[0]) == ["ways_to_follow"]


@pytest.mark.parametrize(
    "ways",
    [
        [(STREAM, "https://stream.example", ""), (STREAM, "https://stream.example", "")],
        [(STREAM, "http://stream.example", "")],
        [(STREAM, "+34 91 123 45 67", "")],
        [(TELEPHONE, "https://stream.example", "")],
        [(STREAM, "https://stream.example", "ir")],
        [(STREAM, "https://stream.example", "IRAN")],
    ],
)
def test_the_database_holds_no_other_ones(ways: list[tuple[WayKind, str, str]]) -> None:
    with pytest.raises(IntegrityError):
        a_session("heat", ways=[a_way(kind, address, countries=countries) for kind, address, countries in ways])
    db.session.rollback()


def some_ways() -> WebinarSession:
    return a_session(
        "heat",
        ways=[
            a_way(STREAM, "https://china.example", countries="CN KP"),
            a_way(RECORDING, "https://vod.example"),
            a_way(TELEPHONE, "+98 21 12345678", code="4711", countries="IR"),
        ],
    )


@pytest.mark.parametrize(
    ("country", "addresses"),
    [
        ("IR", ["+98 21 12345678", "https://vod.example", "https://china.example"]),
        ("KP", ["https://china.example", "https://vod.example", "+98 21 12345678"]),
        ("PT", ["https://vod.example", "https://china.example", "+98 21 12345678"]),
        (None, ["https://vod.example", "https://china.example", "+98 21 12345678"]),
    ],
)
def test_ones_own_country_comes_first_on_pages(country: str | None, addresses: list[str]) -> None:
    ways = ways_on_page(some_ways(), country)

    assert [way.address for way in ways] == addresses
    assert {way.address: way.whom for way in ways} == {
        "https://china.example": "for China and North Korea",
        "https://vod.example": "",
        "+98 21 12345678": "for Iran",
    }


def test_when_it_is_over_only_what_can_be_watched_later_is_left() -> None:
    assert [way.address for way in ways_on_page(some_ways(), "IR", is_over=True)] == ["https://vod.example"]


@pytest.mark.parametrize(
    ("country", "addresses"),
    [("IR", ["+98 21 12345678", "https://vod.example"]), (None, ["https://vod.example"])],
)
def test_messages_tell_only_what_concerns_one(country: str | None, addresses: list[str]) -> None:
    assert [way.address for way in ways_in_messages(some_ways(), country)] == addresses


def test_a_number_can_be_pressed_and_countries_are_called_as_the_reader_does(app: Flask) -> None:
    with languages.speaking("fr"):
        [telephone, _vod, stream] = ways_on_page(some_ways(), "IR")

    assert telephone.link == "tel:+982112345678"
    assert "Chine et Corée du Nord" in stream.whom


def test_a_copy_has_neither_ways_nor_notice(app: Flask) -> None:
    session = a_session("heat", ways=[a_way()], notice={"en": "We start ten minutes late."})

    copy_session("heat", "heat-again", session.starts_wall.date().replace(year=2031))

    copy = find_whole_session("heat-again")
    assert copy is not None
    assert (copy.ways_to_follow, copy.notice) == ([], [])
    assert len(ways_of(session)) == 1
