"""Copying a session, a webinar or a series, to be held again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import delete, func, inspect, select
from sqlalchemy.orm import selectinload

from tests.catalogue.test_editing_together import words_of
from tests.conftest import Counted
from tests.factories import (
    a_co_host,
    a_file,
    a_material,
    a_question,
    a_registration,
    a_series,
    a_session,
    a_webinar,
    an_agenda_item,
)
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import (
    Access,
    LanguageVersionText,
    Platform,
    QuestionKind,
    Series,
    SeriesText,
    SessionStatus,
    SpeakerText,
    VersionKind,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.catalogue.queries import all_sessions_of, find_series, find_whole_session, whole_webinars
from webinar.catalogue.services.copying import OF_THAT_DAY, copy_series, copy_session, copy_webinar
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_series import NoSuchSeries
from webinar.catalogue.services.edit_session import NoSuchSession
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.foundation.db import Model, db
from webinar.registration.models import Registration


def values_of(row: Model, *but: str) -> dict[str, Any]:
    return {one.key: getattr(row, one.key) for one in inspect(type(row)).column_attrs if one.key not in but}


def whole(slug: str) -> Webinar:
    """Return a webinar with everything that belongs to it."""
    found = db.session.scalar(select(Webinar).where(Webinar.slug == slug).options(selectinload(Webinar.series)))
    assert found is not None
    [webinar] = whole_webinars(found)
    return webinar


def session_of(key: str) -> WebinarSession:
    db.session.expire_all()
    found = find_whole_session(key)
    assert found is not None
    return found


def how_many() -> list[int]:
    """Return how many series, webinars and sessions there are."""
    return [db.session.scalar(select(func.count()).select_from(one)) or 0 for one in (Series, Webinar, WebinarSession)]


def a_full_webinar() -> Webinar:
    """Return a webinar with all that can belong to one, and three sessions, one of them cancelled."""
    series = a_series("climate", title="Climate")
    webinar = a_webinar(
        "heat-2026",
        series=series,
        titles={"en": "Heat in cities", "fr": "La chaleur en ville"},
        picture_id=a_file(b"picture").id,
    )
    an_agenda_item(webinar, title="Roundtable", questions="Why?\nHow?")
    a_material(webinar, file=a_file())
    a_material(webinar, title="A link")
    a_co_host(webinar, logo_id=a_file(b"logo").id)
    a_question(webinar, kind=QuestionKind.CHOICE, choices=["A ramp", "Captions"], keep_until=date(2026, 12, 31))
    former = a_question(webinar, title="Former", retired_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert former.retired_at is not None
    first = a_session(
        "heat-es",
        webinar=webinar,
        starts="2026-10-07T15:30",
        zone="Europe/Madrid",
        languages=("en", "fr"),
        seats=100,
        most_per_member=3,
        access=Access.MEMBERS,
        has_open_door=True,
        platform=Platform.WEBEX,
        speakers=["Ana Sousa", "الهام فخاری"],
        registration_opens=datetime(2026, 9, 1, 7, 0, tzinfo=UTC),
        registration_closes=datetime(2026, 10, 6, 22, 0, tzinfo=UTC),
        sequence=4,
        notes={"fr": "Channel 2"},
    )
    first.language_versions[1].join_url = "https://webex.example/fr"
    first.language_versions[1].texts.append(LanguageVersionText(language="fr", practical_notes="Canal 2"))
    first.speakers[0].texts.append(SpeakerText(language="en", role="Mayor", affiliation="Lisbon"))
    a_session("heat-lima", webinar=webinar, starts="2026-11-04T09:00", zone="America/Lima")
    a_session("heat-off", webinar=webinar, starts="2026-09-01T09:00", status=SessionStatus.CANCELLED)
    db.session.commit()
    return webinar


def test_a_session_is_copied_to_another_day_with_its_settings_and_nothing_of_that_day(client: FlaskClient) -> None:
    a_full_webinar()
    source = session_of("heat-es")
    a_registration(source)

    copy_session("heat-es", "heat-again", date(2027, 10, 6))

    copy, source = session_of("heat-again"), session_of("heat-es")
    assert (str(copy.starts_wall), copy.timezone) == ("2027-10-06 15:30:00", "Europe/Madrid")
    assert (copy.starts_at, copy.ends_at) == (
        datetime(2027, 10, 6, 13, 30, tzinfo=UTC),
        datetime(2027, 10, 6, 14, 45, tzinfo=UTC),
    )
    assert copy.registration_opens == datetime(2027, 8, 31, 7, 0, tzinfo=UTC)
    assert copy.registration_closes == datetime(2027, 10, 5, 22, 0, tzinfo=UTC)
    assert (copy.status, copy.join_url, copy.sequence, copy.revision) == (SessionStatus.DRAFT, "", 0, 0)
    assert copy.uid != source.uid
    assert copy.access_token != source.access_token
    assert values_of(copy, "id", *OF_THAT_DAY) == values_of(source, "id", *OF_THAT_DAY)
    assert [(one.code, one.kind, one.join_url) for one in copy.language_versions] == [
        ("en", VersionKind.FLOOR, ""),
        ("fr", VersionKind.INTERPRETATION, ""),
    ]
    assert [{text.language: text.practical_notes for text in one.texts} for one in copy.language_versions] == [
        {},
        {"en": "Channel 2", "fr": "Canal 2"},
    ]
    assert [(text.role, text.affiliation) for one in copy.speakers for text in one.texts] == [("Mayor", "Lisbon")]
    assert [(one.name, one.is_confirmed) for one in copy.speakers] == [("Ana Sousa", False), ("الهام فخاری", False)]
    tokens = [one.join_token for one in (*copy.speakers, *source.speakers)]
    assert len(set(tokens)) == 4
    assert db.session.scalar(select(func.count(Registration.id))) == 1


def test_a_webinar_is_copied_with_everything_that_belongs_to_it(client: FlaskClient) -> None:
    a_full_webinar()

    copy_webinar("heat-2026", "heat-2027", date(2027, 10, 6))

    db.session.expire_all()
    source, copy = whole("heat-2026"), whole("heat-2027")
    own = ("id", "slug", "position", "revision")
    assert values_of(copy, *own) == values_of(source, *own)
    assert copy.revision == 0
    assert [values_of(one, "webinar_id") for one in copy.texts] == [
        values_of(one, "webinar_id") for one in source.texts
    ]
    for part in ("agenda", "materials", "co_hosts"):
        was, became = getattr(source, part), getattr(copy, part)
        assert [values_of(one, "id", "webinar_id") for one in became] == [
            values_of(one, "id", "webinar_id") for one in was
        ]
        assert not {one.id for one in was} & {one.id for one in became}
    assert [text.questions for item in copy.agenda for text in item.texts] == ["Why?\nHow?"]
    (question,) = copy.questions
    assert [text.title for text in question.texts] == ["What do you need to take part?"]
    assert [text.title for choice in question.choices for text in choice.texts] == ["A ramp", "Captions"]
    assert question.keep_until == date(2027, 12, 30)  # as long after the first day as it was
    sessions = all_sessions_of(copy)
    assert [(one.key, str(one.starts_wall), one.timezone, one.status) for one in sessions] == [
        ("heat-2027-2027-10-06", "2027-10-06 15:30:00", "Europe/Madrid", SessionStatus.DRAFT),
        ("heat-2027-2027-11-03", "2027-11-03 09:00:00", "America/Lima", SessionStatus.DRAFT),
    ]
    assert len(all_sessions_of(source)) == 3


def test_a_series_is_copied_with_its_webinars_which_get_free_addresses(client: FlaskClient) -> None:
    webinar = a_full_webinar()
    series = find_series("climate")
    assert series is not None
    a_webinar("shade", series=series, title="Shade")
    a_webinar("heat-2027", title="Somebody else's")

    copy_series("climate", "climate-2027", date(2027, 10, 6))

    copy = find_series("climate-2027")
    assert copy is not None
    assert [(text.language, text.title) for text in copy.texts] == [("en", "Climate")]
    assert copy.position > series.position
    assert [one.slug for one in whole_webinars(copy)] == ["heat-2027-2", "shade-2027"]
    assert [one.key for one in all_sessions_of(copy)] == ["heat-2027-2-2027-10-06", "heat-2027-2-2027-11-03"]
    assert [one.slug for one in whole_webinars(series)] == [webinar.slug, "shade"]


def test_each_copy_is_written_down_at_the_copy(client: FlaskClient) -> None:
    a_full_webinar()
    signed_in_as(client, Role.ORGANISER)

    client.post("/staff/webinars/heat-2026/copy", data={"slug": "heat-2027", "first_day": "2027-10-06"})

    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "copied").order_by(AuditEntry.id))
    assert [(one.subject, one.changes) for one in entries] == [
        ("webinar heat-2027", {"copied_from": "heat-2026"}),
        ("session heat-2027-2027-10-06", {"copied_from": "heat-es"}),
        ("session heat-2027-2027-11-03", {"copied_from": "heat-lima"}),
    ]
    assert "copied" in words_of(client.get("/staff/webinars/heat-2027/changes").text)


def test_what_has_no_session_is_copied_without_a_day(client: FlaskClient) -> None:
    a_webinar("shade", series=a_series("climate"))
    signed_in_as(client, Role.ORGANISER)

    page = client.get("/staff/webinars/shade/copy")
    answer = client.post("/staff/webinars/shade/copy", data={"slug": "trees"})

    assert 'name="first_day"' not in page.text
    assert (answer.status_code, answer.location) == (303, "/staff/webinars/trees/copied")


@time_machine.travel(datetime(2026, 11, 22, 10, 0, tzinfo=UTC), tick=False)
def test_the_same_day_of_the_week_a_year_later_is_proposed_with_a_free_address(client: FlaskClient) -> None:
    a_full_webinar()
    a_session("heat-2026-2027-10-06")
    signed_in_as(client, Role.ORGANISER)

    webinar = client.get("/staff/webinars/heat-2026/copy").text
    session = client.get("/staff/sessions/heat-es/copy").text
    series = client.get("/staff/series/climate/copy").text

    assert ('value="heat-2027"' in webinar, 'value="2027-10-06"' in webinar) == (True, True)
    assert ('value="heat-2026-2027-10-06-2"' in session, 'value="2027-10-06"' in session) == (True, True)
    assert 'value="climate-2027"' in series
    assert "It was Wednesday, 7 October 2026." in words_of(series)
    assert "One cancelled session." in words_of(webinar)


def test_the_page_of_a_copy_says_what_is_to_be_done_with_it(client: FlaskClient) -> None:
    webinar = a_full_webinar()
    a_session("heat-winter", webinar=webinar, starts="2026-11-18T15:30", zone="Europe/Madrid", platform=Platform.ROOM)
    signed_in_as(client, Role.ORGANISER)

    page = client.post(
        "/staff/series/climate/copy", data={"slug": "again", "first_day": "2027-10-06"}, follow_redirects=True
    )

    assert page.status_code == 200
    says = words_of(page.text)
    assert "The series is copied" in says
    assert "Wednesday, 6 October 2027 15:30–16:45 in Madrid" in says
    assert "Speakers to confirm: Ana Sousa , الهام فخاری" in says
    assert says.count("The join address") == 2  # the third is held in a room
    assert says.count("The clocks in Madrid have changed since the session before") == 1
    assert "/staff/sessions/heat-2027-2027-10-06/content#join_url" in page.text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"slug": "taken"}, "“taken” is taken already. Choose another web address."),
        ({"slug": ""}, "Write a web address for the copy."),
        ({"slug": "two words"}, "Use letters without accents, digits, dots and hyphens only"),
        ({"slug": "x" * 101}, "Write at most 100 characters."),
        ({"first_day": ""}, "Choose the day of the first session."),
        ({"first_day": "tomorrow"}, "Write a day, as in 2027-04-03."),
        ({"first_day": "9999-12-31"}, "This year is too far off."),
        ({"first_day": "2027-02-30"}, "Write a day, as in 2027-04-03."),
    ],
)
@pytest.mark.parametrize(
    "address", ["/staff/webinars/heat-2026/copy", "/staff/series/climate/copy", "/staff/sessions/heat-es/copy"]
)
def test_a_copy_that_cannot_be_is_refused_at_the_field_and_nothing_is_stored(
    client: FlaskClient, address: str, wrong: dict[str, str], says: str
) -> None:
    a_full_webinar()
    a_session("taken", webinar=a_webinar("taken", series=a_series("taken")))
    signed_in_as(client, Role.ORGANISER)
    before = how_many()

    answer = client.post(address, data={"slug": "typed-here", "first_day": "2027-10-06"} | wrong)

    assert answer.status_code == 422
    assert says in words_of(answer.text)
    assert 'aria-invalid="true"' in answer.text
    assert ('value="typed-here"' in answer.text) == ("slug" not in wrong)
    assert how_many() == before


@pytest.mark.parametrize(
    ("first_day", "says"),
    [
        ("2027-03-28", "The clocks of Madrid skip 02:30 on this day."),
        ("2027-10-31", "The clocks of Madrid show 02:30 twice on this day."),
    ],
)
def test_a_day_on_which_the_clocks_skip_or_repeat_the_hour_is_refused_and_the_session_named(
    client: FlaskClient, first_day: str, says: str
) -> None:
    a_session("night", starts="2026-04-03T02:30", zone="Europe/Madrid", webinar=a_webinar("nights"))
    signed_in_as(client, Role.ORGANISER)
    before = how_many()

    answer = client.post("/staff/webinars/nights/copy", data={"slug": "again", "first_day": first_day})

    assert answer.status_code == 422
    assert "The copy of “night” cannot be then." in words_of(answer.text)
    assert says in words_of(answer.text)
    assert how_many() == before


def test_a_registration_window_that_falls_into_a_skipped_hour_is_refused(client: FlaskClient) -> None:
    a_session(
        "late",
        starts="2026-05-14T10:00",
        zone="Europe/Madrid",
        registration_opens=datetime(2026, 4, 30, 0, 30, tzinfo=UTC),
    )

    with pytest.raises(EditRefused, match="skip 02:30") as refusal:
        copy_session("late", "again", date(2027, 4, 11))

    assert refusal.value.field == "first_day"


def test_what_was_deleted_meanwhile_is_not_there_any_more(client: FlaskClient) -> None:
    for use_case, refusal in (
        (copy_series, NoSuchSeries),
        (copy_webinar, NoSuchWebinar),
        (copy_session, NoSuchSession),
    ):
        with pytest.raises(refusal):
            use_case("gone", "again", None)
    webinar = a_webinar("shade", series=a_series("climate"))
    signed_in_as(client, Role.ORGANISER)
    page = client.get("/staff/webinars/shade/copy")
    db.session.execute(delete(WebinarText).where(WebinarText.webinar_id == webinar.id))
    db.session.execute(delete(Webinar))
    db.session.execute(delete(SeriesText))
    db.session.commit()

    answer = client.post("/staff/webinars/shade/copy", data={"slug": "trees"})

    assert (page.status_code, answer.status_code) == (200, 404)


@pytest.mark.parametrize("address", ["series/climate", "webinars/heat-2026", "sessions/heat-es"])
def test_a_viewer_copies_nothing(client: FlaskClient, address: str) -> None:
    a_full_webinar()
    signed_in_as(client, Role.VIEWER)
    before = how_many()

    answer = client.post(f"/staff/{address}/copy", data={"slug": "again", "first_day": "2027-10-06"})

    assert (answer.status_code, how_many()) == (403, before)
    assert f"/staff/{address}/copy" not in client.get(f"/staff/{address}").text


def test_the_pages_take_few_queries_however_many_sessions_there_are(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    webinar = a_full_webinar()
    for number in range(10):
        a_session(webinar=webinar, starts=f"2026-12-{number + 10}T10:00")
    signed_in_as(client, Role.ORGANISER)
    for address in ("series/climate", "webinars/heat-2026"):
        for page in ("copy", "copied"):
            db.session.expunge_all()
            with count_queries() as asked:
                assert client.get(f"/staff/{address}/{page}").status_code == 200
            assert asked.count < 12
