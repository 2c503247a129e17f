"""The calendars that anybody can subscribe to: all public sessions, and those of a series."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import time_machine
import vobject
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.calendars.reading import events_of
from tests.conftest import Counted
from tests.factories import a_registration, a_series, a_session, a_webinar, stored
from webinar.calendars import feeds, objects
from webinar.catalogue.models import Access, SessionStatus, Webinar, WebinarText
from webinar.foundation import clock
from webinar.foundation.db import db, transaction
from webinar.settings.models import Setting

NOW = datetime(2030, 5, 1, 9, 0, tzinfo=UTC)
FEED = "/en/calendar.ics"
ZONES = (
    *("America/Mexico_City", "Asia/Tehran", "Asia/Kathmandu", "Africa/Casablanca", "Australia/Lord_Howe"),
    *("Pacific/Apia", "Europe/Madrid", "America/St_Johns", "Asia/Seoul", "America/Sao_Paulo"),
)

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def frozen() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def titles(content: str) -> list[str]:
    return [str(event["SUMMARY"]) for event in events_of(content)]


def test_the_feed_has_every_public_session_the_earliest_first_and_each_parser_reads_it(client: FlaskClient) -> None:
    later = a_session(webinar=a_webinar(titles={"en": "Water"}), starts="2030-07-14T13:00", zone="Asia/Kathmandu")
    sooner = a_session(webinar=a_webinar(titles={"en": "Heat"}), starts="2030-06-14T13:00", zone="Europe/Lisbon")

    text = client.get(FEED).text

    assert titles(text) == ["Heat", "Water"]
    calendar = vobject.readOne(text)
    assert calendar.method.value == "PUBLISH"
    assert [event.uid.value for event in calendar.vevent_list] == [sooner.uid, later.uid]
    assert not any(hasattr(event, "attendee") for event in calendar.vevent_list)
    assert icalendar.Calendar.from_ical(text).errors == []


def test_what_is_a_draft_or_needs_a_link_is_in_no_public_feed(client: FlaskClient) -> None:
    series = a_series("climate")
    webinar = a_webinar(series=series)
    a_session("open", webinar=webinar)
    a_session("members", webinar=webinar, access=Access.MEMBERS)
    hidden = [
        a_session("draft", webinar=webinar, status=SessionStatus.DRAFT),
        a_session("board", webinar=webinar, access=Access.WITH_LINK),
    ]

    for path in (FEED, "/en/series/climate/calendar.ics"):
        text = client.get(path).text
        assert len(events_of(text)) == 2
        for session in hidden:
            assert session.uid not in text
            assert session.access_token not in text


def test_the_feed_of_a_series_has_its_sessions_and_its_name_in_the_language(client: FlaskClient) -> None:
    a_session(webinar=a_webinar(series=a_series("climate", title="Cities and climate"), titles={"en": "Heat"}))
    a_session(webinar=a_webinar(titles={"en": "Elsewhere"}))

    text = client.get("/en/series/climate/calendar.ics").text

    assert titles(text) == ["Heat"]
    assert icalendar.Calendar.from_ical(text)["X-WR-CALNAME"] == "Cities and climate"


def test_a_series_that_is_being_prepared_is_not_there(client: FlaskClient) -> None:
    a_session(webinar=a_webinar(series=a_series("climate")), status=SessionStatus.DRAFT)

    assert client.get("/en/series/climate/calendar.ics").status_code == 404
    assert client.get("/en/series/nowhere/calendar.ics").status_code == 404


def test_a_feed_says_its_name_where_it_is_and_when_to_ask_again(client: FlaskClient) -> None:
    a_session(webinar=a_webinar(titles={"en": "Heat", "fr": "Chaleur"}))

    lines = client.get("/fr/calendar.ics").text.replace("\r\n ", "").split("\r\n")

    assert "NAME;LANGUAGE=fr:" in "\n".join(lines)
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT4H" in lines
    assert "X-PUBLISHED-TTL:PT4H" in lines
    assert "SOURCE;VALUE=URI:http://127.0.0.1:5000/fr/calendar.ics" in lines
    assert "SUMMARY;LANGUAGE=fr:Chaleur" in lines


def test_without_any_session_the_feed_is_an_empty_calendar(client: FlaskClient) -> None:
    answer = client.get(FEED)

    assert answer.status_code == 200
    assert events_of(answer.text) == []
    assert answer.text.endswith("END:VCALENDAR\r\n")


def test_a_language_that_is_not_offered_is_404_and_none_leads_to_the_readers(client: FlaskClient) -> None:
    assert client.get("/ko/calendar.ics").status_code == 404
    assert client.get("/calendar.ics", headers={"Accept-Language": "fr"}).location == "/fr/calendar.ics"
    assert client.get("/FR/calendar.ics").location == "/fr/calendar.ics"


def test_a_calendar_that_asks_again_gets_304_without_a_body(client: FlaskClient) -> None:
    a_session()
    first = client.get(FEED)
    tag, since = first.headers["ETag"], first.headers["Last-Modified"]

    assert not tag.startswith("W/")
    assert first.content_type == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "public, max-age=900"
    for headers in ({"If-None-Match": tag}, {"If-Modified-Since": since}):
        again = client.get(FEED, headers=headers)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(FEED, headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_tells_what_get_would(client: FlaskClient) -> None:
    a_session()
    get, head = client.get(FEED), client.head(FEED)

    assert head.data == b""
    for name in ("ETag", "Last-Modified", "Content-Length", "Content-Type", "Cache-Control"):
        assert head.headers[name] == get.headers[name]


def test_who_takes_gzip_gets_it_under_a_tag_of_its_own(client: FlaskClient) -> None:
    a_session()
    plain = client.get(FEED)

    packed = client.get(FEED, headers={"Accept-Encoding": "gzip, deflate"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    again = client.get(FEED, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304
    for refused in ("identity", "gzip;q=0", ""):
        assert "Content-Encoding" not in client.get(FEED, headers={"Accept-Encoding": refused}).headers


def test_the_tag_is_another_one_when_anything_told_changes_and_only_then(client: FlaskClient) -> None:
    webinar = a_webinar("heat", titles={"en": "Heat", "fr": "Chaleur"})
    session = a_session(webinar=webinar)
    english, french = (text.language for text in webinar.texts)
    assert (english, french) == ("en", "fr")

    def tags() -> tuple[str, str]:
        return client.get(FEED).headers["ETag"], client.get("/fr/calendar.ics").headers["ETag"]

    before = tags()
    change(webinar, "fr", title="La chaleur")
    after = tags()
    assert (after[0] == before[0], after[1] == before[1]) == (True, False)

    before = after
    change(webinar, "en", summary="What cities do.")  # no French summary: the original's is shown there
    after = tags()
    assert (after[0] == before[0], after[1] == before[1]) == (False, False)

    before = after
    change(webinar, "en", description="Long.", is_outdated=True)
    assert tags() == before

    with transaction():
        session.starts_at += timedelta(hours=1)
    assert not set(tags()) & set(before)


def change(webinar: Webinar, language: str, **told: object) -> None:
    with transaction():
        text = db.session.get_one(WebinarText, (webinar.id, language))
        for name, value in told.items():
            setattr(text, name, value)


def test_an_entry_whose_title_was_translated_anew_bears_the_time_of_that(client: FlaskClient) -> None:
    webinar = a_webinar(titles={"en": "Heat", "fr": "Chaleur"})
    a_session(webinar=webinar)

    with time_machine.travel(NOW + timedelta(hours=3), tick=False):
        change(webinar, "fr", title="La chaleur")
        french, english = (events_of(client.get(path).text)[0] for path in ("/fr/calendar.ics", FEED))

    assert french["DTSTAMP"].dt == french["LAST-MODIFIED"].dt == NOW + timedelta(hours=3)
    assert english["DTSTAMP"].dt == NOW


def test_another_name_of_the_network_shows_at_once(app: Flask, client: FlaskClient) -> None:
    a_session()
    before = client.get(FEED).headers["ETag"]

    stored(Setting(name="NETWORK_NAME", value="Cities of the South"))
    app.extensions["settings.effect"].forget()

    after = client.get(FEED)
    assert after.headers["ETag"] != before
    assert "Cities of the South" in after.text.replace("\r\n ", "")


def test_what_was_cancelled_stays_thirty_days_as_cancelled_and_then_goes(client: FlaskClient) -> None:
    session = a_session(starts="2030-12-14T13:00", sequence=1, status=SessionStatus.CANCELLED)
    start = session.changed_at

    with time_machine.travel(start + timedelta(days=30), tick=False):
        [event] = events_of(client.get(FEED).text)
    with time_machine.travel(start + timedelta(days=32), tick=False):
        later = client.get(FEED)

    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    assert "Register" not in event["DESCRIPTION"]
    assert events_of(later.text) == []


def test_what_is_over_stays_sixty_days_and_an_empty_series_is_still_there(client: FlaskClient) -> None:
    a_session(webinar=a_webinar(series=a_series("climate")), starts="2030-05-14T13:00", zone="UTC")
    path = "/en/series/climate/calendar.ics"

    with time_machine.travel(datetime(2030, 7, 13, 12, 0, tzinfo=UTC), tick=False):
        shown = client.get(path)
    with time_machine.travel(datetime(2030, 7, 15, 12, 0, tzinfo=UTC), tick=False):
        gone = client.get(path)

    assert len(events_of(shown.text)) == 1
    assert (gone.status_code, events_of(gone.text)) == (200, [])


def test_the_same_state_gives_the_same_bytes_in_every_process_and_at_every_hour(
    app: Flask, client: FlaskClient
) -> None:
    webinar = a_webinar(titles={"en": "Heat", "ar": "الحرّ في المدن"})
    for zone in ZONES:
        a_session(webinar=webinar, zone=zone)
    for path in (FEED, "/ar/calendar.ics"):
        first = client.get(path)
        with time_machine.travel(NOW + timedelta(hours=12), tick=False):
            feeds.init_app(app)  # as in another process, which has nothing yet
            second = client.get(path)

        assert second.data == first.data
        assert second.headers["ETag"] == first.headers["ETag"]
        assert second.headers["Last-Modified"] == first.headers["Last-Modified"]


@pytest.mark.parametrize("day", ["2027-02-24", "2027-07-01", "2027-03-27", "2027-10-30"])
def test_ten_zones_read_the_stored_instant_in_both_parsers(client: FlaskClient, day: str) -> None:
    with time_machine.travel(datetime(2027, 1, 1, tzinfo=UTC), tick=False):
        sessions = {}
        for zone in ZONES:
            session = a_session(starts=f"{day}T16:30", zone=zone)
            sessions[session.uid] = (datetime.fromisoformat(f"{day}T16:30").replace(tzinfo=ZoneInfo(zone)), zone)
        text = client.get(FEED).text

    for event in events_of(text):
        wall, zone = sessions[str(event["UID"])]
        assert event["DTSTART"].dt == wall, zone
    for event in vobject.readOne(text).vevent_list:
        assert event.dtstart.value == sessions[event.uid.value][0]


def test_right_to_left_text_begins_from_the_right(client: FlaskClient) -> None:
    a_session(webinar=a_webinar(titles={"en": "Heat", "ar": "الحرّ في المدن"}))

    [event] = events_of(client.get("/ar/calendar.ics").text)

    assert event["SUMMARY"] == "الحرّ في المدن"
    assert event["SUMMARY"].params["LANGUAGE"] == "ar"


def test_every_line_has_at_most_75_octets(client: FlaskClient) -> None:
    a_session(webinar=a_webinar(titles={"en": "🏙️‍🌈 " * 40, "ar": "الحرّ في المدن " * 15}))

    for path in (FEED, "/ar/calendar.ics"):
        content = client.get(path).data
        assert all(len(line) <= 75 for line in content.split(b"\r\n"))
        for line in content.split(b"\r\n"):
            line.decode()  # no letter is torn apart
        assert b"\n" not in content.replace(b"\r\n", b"")


WILD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120) | st.sampled_from(
    ["a\r\nBEGIN:VEVENT\r\nUID:evil", "a;b,c\\n:d", "محمد\u202e", "🏙️‍🌈" * 30, "^n", "END:VCALENDAR"]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.tuples(WILD, WILD, WILD), max_size=4), name=WILD)
def test_no_text_breaks_out_of_a_feed_and_both_parsers_read_it(told: list[tuple[str, str, str]], name: str) -> None:
    start = datetime(2030, 6, 1, 12, 0, tzinfo=UTC)
    sessions = [
        objects.Published(
            objects.Occasion(
                title, description, "en", start, start + timedelta(hours=1), "https://a.example/x", "Go", host
            ),
            uid=f"u{number}",
            sequence=0,
            changed_at=NOW,
            is_cancelled=False,
            organizer="webinars@example.org",
        )
        for number, (title, description, host) in enumerate(told)
    ]
    content = objects.published(sessions, objects.Subscription(name, "en", "https://a.example/en/calendar.ics"))

    assert content == objects.published(sessions, objects.Subscription(name, "en", "https://a.example/en/calendar.ics"))
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert [str(event["UID"]) for event in events_of(content.decode())] == [f"u{n}" for n in range(len(told))]
    read = vobject.readOne(content.decode())
    assert [event.uid.value for event in read.contents.get("vevent", [])] == [f"u{n}" for n in range(len(told))]
    assert len(icalendar.Calendar.from_ical(content).subcomponents) == len(told)


def test_a_feed_takes_three_queries_however_many_sessions_and_one_when_nothing_changed(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    series = a_series("climate")
    for _ in range(7):
        a_session(webinar=a_webinar(series=series))
    for path, most in ((FEED, 3), ("/en/series/climate/calendar.ics", 5)):
        with count_queries() as first:
            tag = client.get(path).headers["ETag"]
        with count_queries() as again:
            client.get(path, headers={"If-None-Match": tag})

        assert first.count <= most
        assert again.count == 1


def test_five_hundred_sessions_are_answered_with_304_in_no_time(client: FlaskClient) -> None:
    webinar = a_webinar()
    first = a_session(webinar=webinar)
    with transaction():
        for number in range(499):
            a_copy = type(first)(
                key=f"many-{number}",
                webinar_id=webinar.id,
                starts_wall=first.starts_wall,
                ends_wall=first.ends_wall,
                timezone=first.timezone,
                starts_at=first.starts_at + timedelta(hours=number),
                ends_at=first.ends_at + timedelta(hours=number),
                status=SessionStatus.PUBLISHED,
            )
            db.session.add(a_copy)
    answer = client.get(FEED)
    headers = {"If-None-Match": answer.headers["ETag"]}
    assert len(events_of(answer.text)) == 500

    taken = []
    for _ in range(15):
        begin = time.thread_time()
        assert client.get(FEED, headers=headers).status_code == 304
        taken.append(time.thread_time() - begin)

    assert min(taken) < 0.005


def test_pages_name_the_feed_for_programs_and_for_calendars_on_the_web(client: FlaskClient) -> None:
    a_session(webinar=a_webinar("heat", series=a_series("climate")))

    for page, feed in (("/en/", "/en/calendar.ics"), ("/en/series/climate", "/en/series/climate/calendar.ics")):
        text = client.get(page).text
        assert f'href="webcal://127.0.0.1:5000{feed}"' in text
        assert f'value="http://127.0.0.1:5000{feed}"' in text


def test_a_registration_changes_no_public_feed(client: FlaskClient) -> None:
    session = a_session(seats=3)
    before = client.get(FEED)

    a_registration(session, email="ana@lisbon.example", registered_at=clock.now())

    assert client.get(FEED).data == before.data
