"""The lines of a calendar as they are put together here, read back by all three readers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendars import libical
from tests.calendars.reading import understood
from webinar.calendars import objects
from webinar.calendars.content_lines import content_line, in_octets, moment, text
from webinar.calendars.objects import Occasion, Published, Subscription

START = datetime(2027, 2, 24, 15, 0, tzinfo=UTC)
# Letters of every script, signs, emoji joined to one, marks set above others; line ends and what must be escaped.
SAID = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\u202a\u202b\u202c\u202d\u202e")
    | st.sampled_from('\n\t\\;,:"^ محمد김하은🏙️‍🌈'),
    max_size=200,
)


def published(title: str, description: str = "", host: str = "Metropolis") -> bytes:
    occasion = Occasion(
        title, description, "ar", START, START + timedelta(hours=1), "https://webinars.example.org/x", "Join", host
    )
    one = Published(occasion, "u", 3, START, is_cancelled=False, organizer="webinars@example.org")
    return objects.published([one], Subscription(title or "Webinars", "ar", "https://webinars.example.org/feed"))


def test_the_third_reader_is_on_this_machine_and_reads() -> None:
    if not libical.is_here():
        pytest.skip("there is no libical on this machine, so only two readers read (Debian: apt-get install libical3)")
    with libical.opened(published("Heat")) as calendar:
        (event,) = calendar.components("VEVENT")
        assert event.moment("DTSTART") == START


@given(title=SAID.map(str.strip).filter(bool), description=SAID.map(str.strip))
def test_what_is_said_is_read_as_it_was_said_by_every_reader(title: str, description: str) -> None:
    (event,) = understood(published(title, description))

    assert event.title == title
    assert event.description == f"https://webinars.example.org/x\n\n{description}"
    assert event.location == event.link == "https://webinars.example.org/x"


@pytest.mark.parametrize(
    "title", ["الحرّ في المدن، " * 15 + "؟", "도시의 더위, " * 20 + "끝", "🏙️‍🌈" * 40, "a\\n\\;b" * 30, "é" * 36]
)
def test_long_titles_in_other_scripts_are_whole_in_every_reader(title: str) -> None:
    assert understood(published(title))[0].title == title


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])).map("X:{}".format), max_size=5))
def test_lines_have_at_most_75_octets_are_torn_in_no_letter_and_come_together_again(lines: list[str]) -> None:
    content = in_octets(lines)

    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    for line in content.split(b"\r\n"):
        line.decode()
    assert content.replace(b"\r\n ", b"").decode() == "".join(f"{line}\r\n" for line in lines)


def test_a_line_is_folded_only_where_it_must_be() -> None:
    assert in_octets(["x" * 75]) == b"x" * 75 + b"\r\n"
    assert in_octets(["x" * 76]) == b"x" * 75 + b"\r\n x\r\n"
    assert in_octets(["x" * 74 + "é"]) == b"x" * 74 + "\r\n é\r\n".encode()
    assert in_octets(["x" * 149]) == b"x" * 75 + b"\r\n " + b"x" * 74 + b"\r\n"


def test_line_ends_of_every_kind_are_one_and_control_characters_go() -> None:
    assert text("a\r\nb\rc\nd\u2028e\u2029f\x85g") == r"a\nb\nc\nd\ne\nf\ng"
    assert text("a\x00\x07\x1b\x7f\x9f\u202eb\tc") == "ab\tc"
    assert text("a;b,c\\d:e") == r"a\;b\,c\\d:e"


def test_a_parameter_is_quoted_and_its_quotes_are_written_otherwise() -> None:
    line = content_line("ORGANIZER", "mailto:a@b.example", CN='Say "hello"; or, not\n^\\', RSVP="TRUE")

    assert line == """ORGANIZER;CN="Say ^'hello^'; or, not^n^^/";RSVP=TRUE:mailto:a@b.example"""


@given(host=st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
def test_no_name_breaks_out_of_its_parameter(host: str) -> None:
    (event,) = understood(published("Heat", host=host))

    assert event.organizer == "webinars@example.org"


@pytest.mark.parametrize("value", ["https://a.example/\r\nATTENDEE:mailto:evil@x", "a\nb", "a\x00b", "a\x7f"])
def test_an_address_that_would_break_its_line_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="URL would break its line"):
        content_line("URL", value)


@pytest.mark.parametrize("when", [START.replace(tzinfo=None), START.astimezone(timezone(timedelta(hours=2)))])
def test_a_moment_in_no_zone_or_another_one_is_refused(when: datetime) -> None:
    with pytest.raises(ValueError, match="must be in UTC"):
        moment(when)


@pytest.mark.parametrize(
    ("broken", "by"),
    [
        (b"DTEND:2027", b"DTEND:x2027"),
        (b"\r\nUID:", b"\r\nX-UID:"),
        (b"STATUS:CONFIRMED", b"STATUS:GONE"),
        (b"SEQUENCE:3\r\n", b"SEQUENCE:3\r\nSEQUENCE:3\r\n"),
        (b"\r\nURL:", b"\r\nUXL:"),
        (b"DTSTART:20270224T150000Z", b"DTSTART:20270224T150000"),
        (b"END:VEVENT\r\n", b""),
    ],
)
def test_libical_refuses_what_is_wrong_so_what_it_takes_is_right(broken: bytes, by: bytes) -> None:
    if not libical.is_here():
        pytest.skip("there is no libical on this machine")
    content = published("Heat")
    assert len(re.findall(re.escape(broken), content)) == 1

    with pytest.raises(AssertionError), libical.opened(content.replace(broken, by)) as calendar:
        calendar.components("VEVENT")[0].moment("DTSTART")
