"""The iCalendar text of a session, read back by a parser that is not the one that wrote it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from webinar.calendars import objects
from webinar.calendars.models import CalendarAnswer, CalendarEntry, EntryStatus
from webinar.calendars.objects import Occasion, Published

START = datetime(2027, 2, 24, 15, 0, tzinfo=UTC)
LINK = "https://webinars.example.org/join/abcdefghijklmnopqrstuvwxyz"

# Everything people and programs write, control characters and line ends too, but no lone surrogates.
WILD = st.text(st.characters(exclude_categories=["Cs"]), max_size=200) | st.sampled_from(
    ["a\r\nBEGIN:VEVENT\r\nUID:evil", 'Say "hello"; or, not', "محمد", "김하은", "🏙️‍🌈" * 30, "\\n", "^n"]
)


def an_entry(**more: object) -> CalendarEntry:
    values: dict[str, object] = {
        "uid": "5f7f4d1c-6f0b-4f57-9d0a-0a5f3f1f9a10",
        "sequence": 0,
        "status": EntryStatus.CONFIRMED,
        "organizer": "webinars@example.org",
        "address": "ana@lisbon.example",
        "name": "Ana Sousa",
        "dtstamp": datetime(2027, 1, 1, 9, 0, tzinfo=UTC),
    }
    return CalendarEntry(**{**values, **more})


def an_occasion(**more: object) -> Occasion:
    values: dict[str, object] = {
        "title": "Heat in cities",
        "description": "What cities do when it is hot.",
        "language": "en",
        "starts_at": START,
        "ends_at": START + timedelta(minutes=75),
        "link": LINK,
        "link_label": "Join",
        "host": "Metropolis",
    }
    return Occasion(**{**values, **more})  # type: ignore[arg-type]


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_a_request_has_every_property_once_and_the_method_before_the_event() -> None:
    lines = unfolded(objects.request(an_entry(), an_occasion()))

    names = [line.split(":")[0].split(";")[0] for line in lines]
    before_event = names[: names.index("BEGIN", 1)]
    assert before_event == ["BEGIN", "VERSION", "PRODID", "CALSCALE", "METHOD"]
    for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "ORGANIZER", "ATTENDEE", "URL"):
        assert names.count(name) == 1, name
    assert "METHOD:REQUEST" in lines
    assert "DTSTART:20270224T150000Z" in lines
    assert "DTEND:20270224T161500Z" in lines
    assert "ORGANIZER;CN=Metropolis:mailto:webinars@example.org" in lines
    assert "CLASS:PRIVATE" in lines
    assert "TRIGGER:-PT15M" in lines


def test_the_join_link_stands_in_four_places_and_is_the_same() -> None:
    event = vobject.readOne(objects.request(an_entry(), an_occasion()).decode()).vevent

    assert event.url.value == event.location.value == event.conference.value == LINK
    assert event.description.value.splitlines()[0] == LINK
    assert event.conference.params == {"VALUE": ["URI"], "FEATURE": ["VIDEO"], "LABEL": ["Join"]}


def test_a_cancellation_repeats_who_and_when_and_rings_no_alarm() -> None:
    entry = an_entry()
    entry.cancel()

    calendar = vobject.readOne(objects.cancellation(entry, an_occasion()).decode())

    assert calendar.method.value == "CANCEL"
    assert calendar.vevent.status.value == "CANCELLED"
    assert calendar.vevent.sequence.value == "1"
    assert calendar.vevent.attendee.value == "mailto:ana@lisbon.example"
    assert calendar.vevent.dtstart.value == START
    assert not hasattr(calendar.vevent, "valarm")


def a_published_one(uid: str = "u", **more: object) -> Published:
    return Published(an_occasion(**more), uid, 3, START, is_cancelled=False, organizer="webinars@example.org")


def test_a_published_session_names_no_attendee() -> None:
    content = objects.published([a_published_one()])

    calendar = vobject.readOne(content.decode())
    assert calendar.method.value == "PUBLISH"
    assert calendar.vevent.organizer.value == "mailto:webinars@example.org"
    assert not hasattr(calendar.vevent, "attendee")
    assert content == objects.published([a_published_one()])


def test_a_known_answer_is_repeated_without_asking_again() -> None:
    event = vobject.readOne(objects.request(an_entry(answer=CalendarAnswer.TENTATIVE), an_occasion()).decode()).vevent

    assert (event.attendee.partstat_param, event.attendee.rsvp_param) == ("TENTATIVE", "FALSE")


@pytest.mark.parametrize("zone", ["Europe/Madrid", "Asia/Kathmandu"])
def test_a_time_that_is_not_in_utc_is_refused(zone: str) -> None:
    elsewhere = START.astimezone(ZoneInfo(zone))

    with pytest.raises(ValueError, match="must be in UTC"):
        objects.request(an_entry(), an_occasion(starts_at=elsewhere))


@given(title=WILD, description=WILD, name=WILD, host=WILD)
def test_no_text_breaks_out_of_its_line(title: str, description: str, name: str, host: str) -> None:
    content = objects.request(an_entry(name=name), an_occasion(title=title, description=description, host=host))

    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    names = [line.split(":")[0].split(";")[0] for line in unfolded(content)]
    assert names.count("BEGIN") == names.count("END") == 3
    assert names.count("UID") == names.count("ATTENDEE") == names.count("SUMMARY") == 1


@given(title=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=120))
def test_a_title_is_read_back_as_it_was_written(title: str) -> None:
    content = objects.request(an_entry(), an_occasion(title=title))

    summary = next(line for line in unfolded(content) if line.startswith("SUMMARY"))
    read = summary.partition(":")[2].replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    assert read == title


def test_two_announcements_of_one_sequence_in_one_second_differ_in_their_stamp() -> None:
    entry = an_entry(dtstamp=None, announced_sequence=None)
    now = datetime(2027, 1, 1, 9, 0, 0, 999, tzinfo=UTC)

    stamps = []
    for _ in range(3):
        entry.announce(now)
        stamps.append(entry.dtstamp)
    entry.cancel()
    entry.announce(now - timedelta(minutes=5))  # the clock of the server went back

    assert stamps == [datetime(2027, 1, 1, 9, 0, second, tzinfo=UTC) for second in range(3)]
    assert entry.dtstamp == stamps[-1]
    assert (entry.sequence, entry.announced_sequence) == (1, 1)
