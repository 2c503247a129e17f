"""Further ways to follow a session: written on its Content page, told to who is registered, and to nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from tests.calendars.reading import events_of
from tests.factories import a_member, a_person, a_personal_feed, a_registration, a_session, a_way, a_webinar
from tests.mailbox import calendar_of, mails_to, the_only_mail_to, words_of
from tests.registration.test_services import a_registrant
from tests.registration.test_staff_content import CONTENT, CountQueries, edited, shade_en
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.catalogue.models import SessionStatus, WayKind, WebinarSession
from webinar.catalogue.queries import find_whole_session
from webinar.foundation.db import db
from webinar.members.models import Member
from webinar.registration.models import Affiliation, RegistrationStatus
from webinar.registration.services import cancel, register

pytestmark = pytest.mark.usefixtures("app")

# The session of a_session(): 13:00 in Lisbon, which is 12:00 UTC, for 75 minutes.
START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
CHINA, ALL, IRAN = "https://china.example/live", "https://vod.example/heat", "+98 21 12345678"


@pytest.fixture
def long_before() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START - timedelta(days=30), tick=False) as traveller:
        yield traveller


def heat(**more: Any) -> WebinarSession:
    return a_session(
        "heat-en",
        webinar=a_webinar("heat", titles={"en": "Heat in cities", "fr": "La chaleur en ville"}),
        ways=[
            a_way(WayKind.STREAM, CHINA, countries="CN KP"),
            a_way(WayKind.RECORDING, ALL),
            a_way(WayKind.TELEPHONE, IRAN, code="4711#", countries="IR"),
        ],
        **more,
    )


def tehran() -> Member:
    return a_member("Tehran", country_code="IR", region="Asia", timezone="Asia/Tehran")


def seen_in(text: str) -> list[str]:
    """Return which of the addresses stand in a text, in their order."""
    return [one for _at, one in sorted((text.index(one), one) for one in (CHINA, ALL, IRAN) if one in text)]


def way_rows(*rows: dict[str, str], **more: str) -> dict[str, str]:
    fields = {f"way_{number}_{name}": value for number, row in enumerate(rows) for name, value in row.items()}
    return edited(way_rows=str(len(rows)), **fields, **more)


def test_ways_are_written_on_the_content_page_and_shown_there_again(client: FlaskClient) -> None:
    shade_en()
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(
        CONTENT,
        data=way_rows(
            {"kind": "telephone", "address": "+98 (21) 1234-5678", "access_code": "4711#", "countries": "iran, CN"},
            {"kind": "stream", "address": "https://stream.example/live", "access_code": "", "countries": ""},
        ),
    )

    assert answer.status_code == 303
    session = find_whole_session("shade-en")
    assert session is not None
    assert [(way.kind.value, way.address, way.access_code, way.countries) for way in session.ways_to_follow] == [
        ("telephone", "+98 21 1234 5678", "4711#", "CN IR"),
        ("stream", "https://stream.example/live", "", ""),
    ]
    page = client.get(CONTENT).text
    assert re.search(r'id="way_0_countries"[^>]* value="China, Iran"', page)
    assert '<option selected value="telephone">By telephone</option>' in page
    assert 'id="way_2_address"' in page


def test_a_row_left_empty_is_taken_out_and_told_in_the_history(client: FlaskClient) -> None:
    session = shade_en(ways=[a_way(WayKind.TELEPHONE, IRAN, code="4711#", countries="IR")])
    signed_in_as(client, Role.ORGANISER)

    client.post(CONTENT, data=way_rows({"kind": "telephone", "address": "", "access_code": "", "countries": ""}))
    page = client.get("/staff/sessions/shade-en/changes").text

    db.session.refresh(session, ["ways_to_follow", "revision"])
    assert (session.ways_to_follow, session.revision) == ([], 1)
    assert "By telephone" in page
    assert IRAN in page


def test_the_history_tells_codes_and_countries_in_words(client: FlaskClient) -> None:
    shade_en()
    signed_in_as(client, Role.ORGANISER)
    client.post(
        CONTENT,
        data=way_rows({"kind": "telephone", "address": IRAN, "access_code": "4711#", "countries": "IR, CN"}),
    )

    page = client.get("/staff/sessions/shade-en/changes").text

    assert f"{IRAN}: Access code" in page
    assert f"{IRAN}: Countries that need it" in page
    assert "China, Iran" in page


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"kind": "stream", "address": "javascript:alert(1)"}, "Write a whole address that begins with https://"),
        ({"kind": "recording", "address": "http://vod.example"}, "Write a whole address that begins with https://"),
        ({"kind": "telephone", "address": "+34 CALL ME"}, "Write the number as it is dialled from abroad"),
        ({"kind": "telephone", "address": "https://x.example"}, "Write the number as it is dialled from abroad"),
        ({"kind": "stream", "address": "", "access_code": "1"}, "Write the address of way 1."),
        ({"kind": "stream", "address": ALL, "countries": "Atlantis"}, "We know no country “Atlantis”."),
        ({"kind": "stream", "address": "https://x.example/" + "x" * 5_000}, "Write at most"),
        ({"kind": "stream", "address": ALL, "access_code": "x" * 101}, "Write at most 100 characters."),
        ({"kind": "carrier pigeon", "address": ALL}, "Choose one of these."),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_everything_typed_is_kept(
    client: FlaskClient, row: dict[str, str], told: str
) -> None:
    session = shade_en()
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(CONTENT, data=way_rows(row))

    assert answer.status_code == 422
    assert told in answer.text
    assert all(f'value="{typed}"' in answer.text for name, typed in row.items() if name != "kind" and typed)
    assert session.revision == 0


def test_the_same_way_twice_is_refused_however_it_is_written(client: FlaskClient) -> None:
    shade_en()
    signed_in_as(client, Role.ORGANISER)
    one, two = ({"kind": "telephone", "address": address} for address in ("+98 21 12345678", "+98-21-12345678"))

    answer = client.post(CONTENT, data=way_rows(one, two))

    assert answer.status_code == 422
    assert 'id="way_1_address-error"' in answer.text
    assert "This way stands here twice." in answer.text


def test_two_organisers_are_told_of_each_others_ways(client: FlaskClient) -> None:
    shade_en()
    signed_in_as(client, Role.ORGANISER)
    client.post(CONTENT, data=way_rows({"kind": "stream", "address": ALL}, revision="0"))

    answer = client.post(CONTENT, data=way_rows({"kind": "stream", "address": CHINA}, revision="0"))

    assert answer.status_code == 409
    assert ALL in answer.text
    assert CHINA in answer.text


def test_a_viewer_reads_them_and_the_content_page_takes_few_queries(
    client: FlaskClient, count_queries: CountQueries
) -> None:
    shade_en(ways=[a_way(), a_way(WayKind.TELEPHONE, IRAN)])
    signed_in_as(client, Role.VIEWER)
    db.session.expunge_all()

    with count_queries() as queries:
        page = client.get(CONTENT).text

    assert IRAN in page
    assert queries.count < 12
    assert client.post(CONTENT, data=way_rows({"kind": "stream", "address": ALL})).status_code == 403


def test_who_is_registered_sees_all_on_their_page_their_countrys_first(
    client: FlaskClient, long_before: time_machine.Traveller
) -> None:
    place = a_registration(heat(), member=tehran())

    page = client.get(f"/en/registrations/{place.token}").text

    assert "Other ways to follow it" in page
    assert seen_in(page) == [IRAN, ALL, CHINA]
    assert "<h3>By telephone <small>for Iran</small></h3>" in page
    assert f'<a href="tel:+982112345678" dir="ltr">{IRAN}</a>' in page
    assert '<bdi class="figures">4711#</bdi>' in page


@pytest.mark.parametrize("before", [timedelta(days=3), timedelta(minutes=5), timedelta(minutes=-30)])
def test_the_join_page_shows_them_before_and_while_the_doors_are_open(client: FlaskClient, before: timedelta) -> None:
    place = a_registration(heat(), member=tehran())

    with time_machine.travel(START - before, tick=False):
        assert seen_in(client.get(f"/join/{place.join_token}").text) == [IRAN, ALL, CHINA]


def test_when_it_is_over_only_what_can_be_watched_later_is_left(client: FlaskClient) -> None:
    place = a_registration(heat(), member=tehran())

    with time_machine.travel(START + timedelta(days=1), tick=False):
        assert seen_in(client.get(f"/join/{place.join_token}").text) == [ALL]
        assert seen_in(client.get(f"/en/registrations/{place.token}").text) == [ALL]


@pytest.mark.parametrize("status", [RegistrationStatus.WAITING, RegistrationStatus.CANCELLED])
def test_who_has_no_place_sees_none(
    client: FlaskClient, long_before: time_machine.Traveller, status: RegistrationStatus
) -> None:
    place = a_registration(heat(), status=status)

    assert seen_in(client.get(f"/join/{place.join_token}").text) == []
    assert seen_in(client.get(f"/en/registrations/{place.token}").text) == []


def test_a_session_that_is_cancelled_shows_none(client: FlaskClient, long_before: time_machine.Traveller) -> None:
    place = a_registration(heat(status=SessionStatus.CANCELLED))

    assert seen_in(client.get(f"/join/{place.join_token}").text) == []
    assert seen_in(client.get(f"/en/registrations/{place.token}").text) == []


def test_no_public_page_and_no_public_calendar_holds_them(
    client: FlaskClient, long_before: time_machine.Traveller
) -> None:
    session = heat(speakers=["Ana"])
    signed_in_as(client, Role.ORGANISER)
    preview = client.get("/staff/webinars/heat/preview/en").text
    client.delete_cookie("session")

    pages = [
        "/en/",
        f"/en/series/{session.webinar.series.slug}",
        "/en/webinars/heat",
        "/en/sessions/heat-en/register",
        "/en/sessions/heat-en/registered",
        f"/join/{session.speakers[0].join_token}",
        "/sessions/heat-en.ics",
        "/en/calendar.ics",
        f"/en/series/{session.webinar.series.slug}/calendar.ics",
    ]
    told = {page: (answer := client.get(page)).status_code == 200 and answer.text for page in pages}

    assert [page for page, text in told.items() if not text] == []
    assert [page for page, text in told.items() if seen_in(str(text)) or "4711" in str(text)] == []
    assert seen_in(preview) == []


def test_the_confirmation_and_the_calendar_tell_what_concerns_one(long_before: time_machine.Traveller) -> None:
    heat()
    tehran()

    register("heat-en", a_registrant(affiliation=Affiliation.MEMBER, member_key="tehran"))

    mail = the_only_mail_to("ana@lisbon.example")
    assert f"By telephone (for Iran): {IRAN}\nAccess code: 4711#\nTo watch later: {ALL}\n" in words_of(mail).replace(
        "\r", ""
    )
    assert seen_in(words_of(mail, "html")) == [IRAN, ALL]
    assert "4711#" in words_of(mail, "html")
    description = calendar_of(mail).description
    assert f"By telephone (for Iran): {IRAN}\nAccess code: 4711#\nTo watch later: {ALL}\n" in description
    assert CHINA not in mail.as_string()


def test_who_comes_for_no_member_is_told_what_is_for_everybody(long_before: time_machine.Traveller) -> None:
    heat()

    register("heat-en", a_registrant())

    mail = the_only_mail_to("ana@lisbon.example")
    assert (seen_in(words_of(mail)), seen_in(calendar_of(mail).description)) == ([ALL], [ALL])


def test_without_further_ways_nothing_is_said_of_them(long_before: time_machine.Traveller) -> None:
    a_session("heat-en")

    register("heat-en", a_registrant())

    mail = the_only_mail_to("ana@lisbon.example")
    assert "other ways" not in words_of(mail)
    assert "other ways" not in words_of(mail, "html")
    assert "other ways" not in calendar_of(mail).description


def test_who_waits_and_who_gives_up_is_told_of_none(long_before: time_machine.Traveller) -> None:
    session = heat(seats=1)
    seated = a_registration(session)

    register("heat-en", a_registrant())
    assert seen_in(words_of(mails_to("ana@lisbon.example")[-1])) == []

    cancel(seated.token)  # gives the seat to who waits
    assert seen_in(words_of(mails_to("ana@lisbon.example")[-1])) == [ALL]
    assert seen_in(words_of(mails_to(str(seated.person.email))[-1])) == []


def test_ones_own_feed_says_what_the_invitation_says(client: FlaskClient, long_before: time_machine.Traveller) -> None:
    person = a_person("ana@lisbon.example")
    a_registration(heat(), person=person, member=tehran())
    feed = a_personal_feed(person)

    [event] = events_of(client.get(f"/calendar/{feed.token}.ics").text)

    assert seen_in(event["description"]) == [IRAN, ALL]


def test_ways_cost_no_query_more(
    client: FlaskClient,
    count_queries: Callable[[], AbstractContextManager[Any]],
    long_before: time_machine.Traveller,
) -> None:
    tehran()
    sessions = [a_session("without"), heat()]
    counts = []
    for number, session in enumerate(sessions):
        key = session.key
        place = a_registration(session)
        pages = [f"/en/registrations/{place.token}", f"/join/{place.join_token}"]
        db.session.expunge_all()
        with count_queries() as queries:
            register(key, a_registrant(f"{number}@lisbon.example", affiliation=Affiliation.MEMBER, member_key="tehran"))
        of_session = [queries.count]
        for page in pages:
            db.session.expunge_all()
            with count_queries() as queries:
                client.get(page)
            of_session.append(queries.count)
        counts.append(of_session)

    assert counts[0] == counts[1]
