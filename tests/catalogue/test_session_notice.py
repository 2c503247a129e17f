"""The notice of a session: what may stand on its pages, in which languages, until when, and what is written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import a_session, a_webinar
from webinar.accounts.models import AuditEntry
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.catalogue.models import NoticeText, SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.catalogue.services.session_notice import NothingToSay, put_up_notice, take_down_notice
from webinar.foundation.db import db

pytestmark = pytest.mark.usefixtures("app")

# The session of a_session(): 13:00 in Lisbon, which is 12:00 UTC, for 75 minutes.
START = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
LATE = "We start ten minutes late."


@pytest.fixture(autouse=True)
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START - timedelta(minutes=5), tick=False) as traveller:
        yield traveller


def lines_of(key: str) -> dict[str, str]:
    rows = db.session.scalars(select(NoticeText).join(WebinarSession).where(WebinarSession.key == key))
    return {row.language: row.line for row in rows}


def changes() -> list[dict[str, object]]:
    return [entry.changes for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_notice_is_put_up_in_several_languages_with_its_time_and_written_down() -> None:
    session = a_session("heat")

    put_up_notice("heat", {"en": f"  {LATE}\n", "fr": "Nous commençons dix minutes plus tard.", "es": ""})

    assert lines_of("heat") == {"en": LATE, "fr": "Nous commençons dix minutes plus tard."}
    assert [text.put_up_at for text in session.notice] == [START - timedelta(minutes=5)] * 2
    assert changes() == [{"notice (en)": [None, LATE], "notice (fr)": [None, "Nous commençons dix minutes plus tard."]}]
    assert session.revision == 1


def test_the_same_notice_again_changes_nothing_and_stands_since_then(frozen: time_machine.Traveller) -> None:
    session = a_session("heat")
    put_up_notice("heat", {"en": LATE})
    frozen.shift(60)

    put_up_notice("heat", {"en": LATE})

    assert session.notice[0].put_up_at == START - timedelta(minutes=5)
    assert (session.revision, len(changes())) == (1, 1)


def test_another_notice_takes_its_place_in_all_languages(frozen: time_machine.Traveller) -> None:
    session = a_session("heat")
    put_up_notice("heat", {"en": LATE, "fr": "En retard."})
    frozen.shift(60)

    put_up_notice("heat", {"en": "We start now."})

    assert lines_of("heat") == {"en": "We start now."}
    assert session.notice[0].put_up_at == START - timedelta(minutes=4)
    assert changes()[1] == {"notice (en)": [LATE, "We start now."], "notice (fr)": ["En retard.", None]}


def test_it_is_taken_down_and_what_it_said_is_kept_in_the_history() -> None:
    a_session("heat")
    put_up_notice("heat", {"en": LATE})

    take_down_notice("heat")
    take_down_notice("heat")

    assert lines_of("heat") == {}
    assert changes()[1:] == [{"notice (en)": [LATE, None]}]


def test_it_goes_by_itself_at_the_moment_the_session_is_over(frozen: time_machine.Traveller) -> None:
    a_session("heat")
    put_up_notice("heat", {"en": LATE})
    session = find_session_of_any_status("heat")
    assert session is not None

    assert [text.line for text in session.notice_at(session.ends_at - timedelta(seconds=1))] == [LATE]
    assert session.notice_at(session.ends_at) == []


@pytest.mark.parametrize("status", [SessionStatus.DRAFT, SessionStatus.CANCELLED])
def test_a_session_that_is_not_held_has_none(status: SessionStatus) -> None:
    session = a_session("heat", status=status, notice={"en": LATE})

    assert session.notice_at(START) == []
    with pytest.raises(NothingToSay):
        put_up_notice("heat", {"en": "We start now."})
    assert lines_of("heat") == {"en": LATE}


def test_none_is_put_up_from_the_end_on(frozen: time_machine.Traveller) -> None:
    session = a_session("heat")
    frozen.move_to(session.ends_at)

    with pytest.raises(NothingToSay, match="This session is over"):
        put_up_notice("heat", {"en": LATE})

    assert lines_of("heat") == {}


@pytest.mark.parametrize(
    ("lines", "field", "told"),
    [
        ({}, "line (en)", "Write the notice in English, the original language of the webinar"),
        ({"fr": "En retard."}, "line (en)", "Write the notice in English"),
        ({"en": "\u202e\u200b "}, "line (en)", "Write the notice in English"),
        ({"en": "x" * 5_000}, "line (en)", "Write at most 300 characters."),
        ({"en": LATE, "fr": "x" * 301}, "line (fr)", "Write at most 300 characters."),
        ({"en": LATE, "xx": "Spät."}, "line (xx)", "not offered in “xx”"),
        ({"en": LATE, "<b>": "Spät."}, "line (<b>)", "not offered in “<b>”"),
    ],
)
def test_what_cannot_be_is_refused_with_the_line_it_is_about(lines: dict[str, str], field: str, told: str) -> None:
    a_session("heat")

    with pytest.raises(EditRefused, match=told) as refusal:
        put_up_notice("heat", lines)

    assert refusal.value.field == field
    assert (lines_of("heat"), changes()) == ({}, [])


def test_the_original_language_is_needed_also_where_pages_are_not_offered_in_it() -> None:
    a_session("heat", webinar=a_webinar(titles={"fa": "گرما"}, original_language="fa"), languages=("fa",))

    put_up_notice("heat", {"fa": "ده دقیقه دیر شروع می‌کنیم."})

    assert lines_of("heat") == {"fa": "ده دقیقه دیر شروع می‌کنیم."}


def test_what_would_turn_the_page_round_is_taken_out_and_the_rest_is_words() -> None:
    a_session("heat")

    put_up_notice("heat", {"en": "=1+1 <b>late\u202e\x00</b>"})

    assert lines_of("heat") == {"en": "=1+1 <b>late</b>"}


def test_the_second_of_two_organisers_is_told_of_the_first() -> None:
    a_session("heat")
    put_up_notice("heat", {"en": LATE}, made_from=0)

    with pytest.raises(ChangedMeanwhile) as refusal:
        put_up_notice("heat", {"en": "We start now."}, made_from=0)

    assert [entry.changes for entry in refusal.value.entries] == [{"notice (en)": [None, LATE]}]
    assert lines_of("heat") == {"en": LATE}
    put_up_notice("heat", {"en": "We start now."}, made_from=1)
    assert lines_of("heat") == {"en": "We start now."}


def test_no_session_no_notice() -> None:
    with pytest.raises(NoSuchSession):
        put_up_notice("nowhere", {"en": LATE})
    with pytest.raises(NoSuchSession):
        take_down_notice("nowhere")
