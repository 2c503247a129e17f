"""Making, editing and publishing a session."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.factories import a_registration, a_session, a_webinar, stored
from tests.mailbox import kinds_of_mail_to
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import (
    LanguageVersion,
    SessionStatus,
    Speaker,
    SpeakerPart,
    VersionKind,
    WebinarSession,
    WebinarText,
)
from webinar.catalogue.queries import find_session_of_any_status, find_whole_session
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.registration.models import RegistrationStatus

CountQueries = Callable[[], AbstractContextManager[Any]]

NEW = "/staff/webinars/shade/new-session"
CONTENT = "/staff/sessions/shade-en/content"


def session_input(**more: str) -> dict[str, str]:
    return {
        "key": "shade-en",
        "start": "2030-05-14T16:30",
        "end": "2030-05-14T17:30",
        "timezone": "Europe/Madrid",
        "platform": "zoom",
        "join_url": "https://zoom.example/j/1",
        "seats": "",
        "registration_opens": "",
        "registration_closes": "",
        "language_rows": "2",
        "language_0_code": "en",
        "language_0_kind": "floor",
        "language_0_join_url": "",
        "language_0_practical_notes": "",
        "language_1_code": "",
        "language_1_kind": "interpretation",
        "language_1_join_url": "",
        "language_1_practical_notes": "",
        "speaker_rows": "2",
        "speaker_0_name": "",
        "speaker_0_role": "",
        "speaker_0_affiliation": "",
        **more,
    }


def edited(**more: str) -> dict[str, str]:
    """Return input for a session that exists already."""
    given = session_input(**more)
    del given["key"]
    return given


def shade_en(**more: Any) -> WebinarSession:
    return a_session(
        "shade-en",
        webinar=a_webinar("shade", title="Shade"),
        starts="2030-05-14T16:30",
        zone="Europe/Madrid",
        minutes=60,
        **{"join_url": "https://zoom.example/j/1", **more},
    )


def entries() -> list[tuple[str, str, dict[str, Any]]]:
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.subject.like("session%")).order_by(AuditEntry.id))
    return [(entry.action, entry.subject, entry.changes) for entry in rows]


def test_a_session_is_made_as_a_draft_with_languages_and_speakers(client: FlaskClient) -> None:
    a_webinar("shade", title="Shade")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(
        NEW,
        data=session_input(
            seats="100",
            registration_opens="2030-03-31T09:00",
            language_1_code="fr",
            language_1_practical_notes="Choose the French channel.",
            speaker_0_name="الهام فخاری",
            speaker_0_role="Moderator",
        ),
    )

    assert answer.location == "/staff/sessions/shade-en/"
    session = find_whole_session("shade-en")
    assert session is not None
    assert session.status is SessionStatus.DRAFT
    assert (session.starts_at, session.timezone) == (datetime(2030, 5, 14, 14, 30, tzinfo=UTC), "Europe/Madrid")
    assert session.registration_opens == datetime(2030, 3, 31, 7, 0, tzinfo=UTC)
    assert session.seats == 100
    assert [(version.code, version.kind) for version in session.language_versions] == [
        ("en", VersionKind.FLOOR),
        ("fr", VersionKind.INTERPRETATION),
    ]
    # In the language in which the webinar was first written, whatever one hears there.
    assert [[(text.language, text.practical_notes) for text in one.texts] for one in session.language_versions] == [
        [],
        [("en", "Choose the French channel.")],
    ]
    [speaker] = session.speakers
    assert (speaker.name, [(text.language, text.role) for text in speaker.texts]) == (
        "الهام فخاری",
        [("en", "Moderator")],
    )
    ((action, subject, changes),) = entries()
    assert (action, subject, changes["start"]) == ("created", "session shade-en", [None, "2030-05-14T16:30"])


def test_one_more_session_begins_in_a_language_not_held_yet_with_the_speakers_of_the_one_before(
    client: FlaskClient, count_queries: CountQueries
) -> None:
    webinar = a_webinar("shade", titles={"en": "Shade", "es": "Sombra"})
    a_session("shade-en", webinar=webinar, zone="Asia/Seoul", speakers=["Ana Ruiz", "Jin Park"])
    signed_in_as(client, Role.ORGANISER)

    with count_queries() as queries:
        page = client.get(NEW).text

    assert re.search(r'name="language_0_code".*?<option selected value="(..)"', page, re.DOTALL).group(1) == "es"  # type: ignore[union-attr]
    assert '<option selected value="Asia/Seoul">' in page
    assert re.findall(r'name="speaker_\d_name"[^>]* value="([^"]*)"', page) == ["Ana Ruiz", "Jin Park", "", ""]
    assert queries.count <= 12


def test_a_key_left_empty_is_made_from_the_webinar_and_the_day(client: FlaskClient) -> None:
    a_webinar("shade")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(NEW, data=session_input(key=""))

    assert answer.location == "/staff/sessions/shade-2030-05-14/"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"start": ""}, "Write the day and the hour at which it starts."),
        ({"end": "tomorrow"}, "Write a day and an hour, as in 2027-04-03T16:30."),
        ({"end": "2030-05-14T16:30"}, "The end must come after the start."),
        ({"start": "2030-03-31T02:30"}, "The clocks of Madrid skip 02:30 on this day."),
        ({"end": "2030-10-27T02:30"}, "The clocks of Madrid show 02:30 twice on this day."),
        ({"registration_closes": "2030-03-31T02:30"}, "The clocks of Madrid skip 02:30 on this day."),
        (
            {"registration_opens": "2030-05-02T09:00", "registration_closes": "2030-05-01T09:00"},
            "Registration must close after it opens.",
        ),
        (
            {"start": "9999-12-31T23:30", "end": "9999-12-31T23:59", "timezone": "America/Lima"},
            "This year is too far off.",
        ),
        ({"timezone": "Mars/Olympus"}, "Choose a city of the list."),
        ({"timezone": ""}, "Choose a city of the list."),
        ({"platform": "telepathy"}, "Choose one of these."),
        ({"join_url": "javascript:alert(1)"}, "Write a whole address that begins with https://"),
        ({"seats": "0"}, "Write a whole number above 0, or leave it empty."),
        ({"seats": "99999999999"}, "Write a whole number above 0, or leave it empty."),
        ({"seats": "many"}, "Write a whole number above 0, or leave it empty."),
        ({"key": "two words"}, "Use letters without accents, digits, dots and hyphens only"),
        ({"key": "taken"}, "“taken” is taken already."),
        ({"language_0_code": ""}, "Choose the language of row 1."),
        (
            {"language_0_code": "", "language_0_practical_notes": "", "speaker_0_name": "Must not be lost"},
            "Choose the language in which the session is held.",
        ),
        ({"language_0_code": "zz"}, "Choose a language of the list."),
        ({"language_1_code": "en"}, "This language stands here twice."),
        ({"language_1_code": "fr", "language_1_kind": "floor"}, "Only one language can be the original one."),
        ({"language_0_kind": "interpretation"}, "One of the languages must be the original one."),
        ({"language_1_practical_notes": "Canal 2"}, "Choose the language of row 2."),
        ({"speaker_0_role": "Moderator"}, "Write the name of speaker 1."),
    ],
)
def test_a_session_that_cannot_be_is_refused_at_the_field_and_nothing_typed_is_lost(
    client: FlaskClient, wrong: dict[str, str], says: str
) -> None:
    a_session("taken")
    a_webinar("shade")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(NEW, data=session_input(language_0_practical_notes="Must not be lost") | wrong)

    assert answer.status_code == 422
    assert says in answer.text
    assert "Must not be lost" in answer.text
    assert find_session_of_any_status("shade-en") is None
    assert entries() == []


def test_one_more_speaker_is_asked_for_without_a_script_and_nothing_is_stored(client: FlaskClient) -> None:
    a_webinar("shade")
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(NEW, data=session_input(speaker_0_name="Ana", add="speaker"))

    assert answer.status_code == 200
    assert 'name="speaker_2_name"' in answer.text
    assert 'name="language_2_code"' not in answer.text
    assert 'value="Ana"' in answer.text
    assert find_session_of_any_status("shade-en") is None


def test_editing_changes_what_differs_and_writes_down_what_it_was(client: FlaskClient) -> None:
    session = shade_en(speakers=["Ana"])
    stored(WebinarText(webinar_id=session.webinar_id, language="fr", title="Ombre"))
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(
        CONTENT,
        data=edited(
            start="2030-05-15T16:30",
            end="2030-05-15T17:30",
            platform="teams",
            language_0_code="fr",
            language_1_code="en",
            speaker_0_name="Élise",
        ),
    )

    assert answer.status_code == 303
    found = find_session_of_any_status("shade-en")
    assert found is not None
    db.session.refresh(found, ["language_versions", "speakers"])
    assert found.starts_at == datetime(2030, 5, 15, 14, 30, tzinfo=UTC)
    assert [(version.code, version.kind) for version in session.language_versions] == [
        ("fr", VersionKind.FLOOR),
        ("en", VersionKind.INTERPRETATION),
    ]
    assert [speaker.name for speaker in found.speakers] == ["Élise"]
    ((action, _subject, changes),) = entries()
    assert action == "changed"
    assert changes["platform"] == ["zoom", "teams"]
    assert changes["start"] == ["2030-05-14T16:30", "2030-05-15T16:30"]
    assert (changes["speaker Ana"], changes["speaker Élise"]) == (["Ana", None], [None, "Élise"])
    assert changes["language (en)"] == ["floor", "interpretation"]


def test_saving_the_same_again_writes_nothing_down(client: FlaskClient) -> None:
    shade_en()
    signed_in_as(client, Role.ORGANISER)

    assert client.post(CONTENT, data=edited()).status_code == 303

    assert entries() == []


def test_times_of_a_session_with_people_are_shown_and_locked(client: FlaskClient) -> None:
    session = shade_en()
    a_registration(session)
    signed_in_as(client, Role.ORGANISER)

    page = client.get(CONTENT).text
    client.post(CONTENT, data=edited(start="2030-05-20T10:00", end="2030-05-20T11:00", timezone="UTC", seats="50"))

    assert "Start, end and time zone of “shade-en” cannot be edited" in page
    assert 'name="start"' not in page
    assert (session.starts_at, session.timezone) == (datetime(2030, 5, 14, 14, 30, tzinfo=UTC), "Europe/Madrid")
    assert session.seats == 50
    assert set(entries()[0][2]) == {"seats"}


def test_a_language_that_people_are_registered_in_cannot_go(client: FlaskClient) -> None:
    session = shade_en(languages=("en", "fr"))
    a_registration(session, version="fr", status=RegistrationStatus.CANCELLED)
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(CONTENT, data=edited(platform="teams"))

    assert answer.status_code == 422
    assert "French cannot be taken away: 1 person is registered in it, cancelled or not." in answer.text
    assert "open the registration, then “Day, language or place”" in answer.text
    assert session.platform == "zoom"
    assert entries() == []


def test_a_language_goes_once_even_those_who_gave_their_place_up_stand_under_another(client: FlaskClient) -> None:
    session = shade_en(languages=("en", "fr"))
    place = a_registration(
        session, email="ana@example.org", version="fr", status=RegistrationStatus.CANCELLED, cancelled_at=clock.now()
    )
    signed_in_as(client, Role.ORGANISER)
    change = f"/staff/sessions/shade-en/registrations/{place.turn}"

    page = client.get(f"{change}/change").text
    wrong = client.post(f"{change}/language", data={"language": "tlh"})
    changed = client.post(f"{change}/language", data={"language": "en"})
    client.post(CONTENT, data=edited())

    assert "The place was given up, and nobody is told." in page
    assert (wrong.status_code, changed.status_code) == (409, 303)
    db.session.refresh(session, ["language_versions"])
    assert [version.code for version in session.language_versions] == ["en"]
    assert entries()[0][2] == {"registration": place.turn, "language": ["fr", "en"]}
    assert kinds_of_mail_to("ana@example.org") == []


def test_a_language_without_people_goes(client: FlaskClient) -> None:
    session = shade_en(languages=("en", "fr"))
    signed_in_as(client, Role.ORGANISER)

    client.post(CONTENT, data=edited())

    db.session.refresh(session, ["language_versions"])
    assert [version.code for version in session.language_versions] == ["en"]
    assert entries()[0][2]["language (fr)"] == ["interpretation", None]


def test_added_seats_go_to_those_who_wait_who_are_told_by_mail(client: FlaskClient) -> None:
    session = shade_en(seats=1)
    a_registration(session)
    first = a_registration(session, email="first@example.org", status=RegistrationStatus.WAITING)
    second = a_registration(session, email="second@example.org", status=RegistrationStatus.WAITING)
    signed_in_as(client, Role.ORGANISER)

    page = client.post(CONTENT, data=edited(seats="2"), follow_redirects=True)

    assert "1 person who waited has a seat now" in page.text
    assert (first.status, second.status) == (RegistrationStatus.REGISTERED, RegistrationStatus.WAITING)
    assert kinds_of_mail_to("first@example.org") == ["promotion"]
    assert kinds_of_mail_to("second@example.org") == []


def test_fewer_seats_than_are_taken_are_refused_with_what_to_do(client: FlaskClient) -> None:
    session = shade_en(seats=5)
    for _number in range(3):
        a_registration(session)
    signed_in_as(client, Role.ORGANISER)

    refused = client.post(CONTENT, data=edited(seats="2"))
    taken = client.post(CONTENT, data=edited(seats="3"))

    assert refused.status_code == 422
    assert "3 seats are taken, so there cannot be only 2." in refused.text
    assert taken.status_code == 303
    assert session.seats == 3


def test_publishing_and_taking_back(client: FlaskClient) -> None:
    session = shade_en(status=SessionStatus.DRAFT)
    signed_in_as(client, Role.ORGANISER)
    assert client.get("/en/webinars/shade").status_code == 404

    client.post("/staff/sessions/shade-en/publish")
    public = client.get("/en/webinars/shade").status_code
    client.post("/staff/sessions/shade-en/unpublish")

    assert public == 200
    assert session.status is SessionStatus.DRAFT
    assert [action for action, *_rest in entries()] == ["published", "unpublished"]


def test_a_session_with_people_cannot_become_a_draft_again(client: FlaskClient) -> None:
    session = shade_en()
    a_registration(session, status=RegistrationStatus.WAITING)
    signed_in_as(client, Role.ORGANISER)

    page = client.post("/staff/sessions/shade-en/unpublish", follow_redirects=True)

    assert "It cannot become a draft again: 1 person is registered, waiting or invited." in page.text
    assert session.status is SessionStatus.PUBLISHED


def test_a_session_whose_webinar_lacks_the_original_title_is_not_published(client: FlaskClient) -> None:
    session = shade_en(status=SessionStatus.DRAFT)
    session.webinar.original_language = "fr"
    db.session.commit()
    signed_in_as(client, Role.ORGANISER)

    page = client.post("/staff/sessions/shade-en/publish", follow_redirects=True)

    assert "The webinar has no title in French, its original language." in page.text
    assert session.status is SessionStatus.DRAFT


def test_a_session_is_not_published_while_a_title_is_missing_in_one_of_its_languages(client: FlaskClient) -> None:
    session = shade_en(status=SessionStatus.DRAFT, languages=("en", "fr", "ar", "es"))
    stored(WebinarText(webinar_id=session.webinar_id, language="fr", title="Ombre"))
    signed_in_as(client, Role.ORGANISER)

    page = client.post("/staff/sessions/shade-en/publish", follow_redirects=True).text
    for language in ("ar", "es"):
        stored(WebinarText(webinar_id=session.webinar_id, language=language, title="…"))
    client.post("/staff/sessions/shade-en/publish")

    assert "The webinar has no title in Arabic and Spanish. Write it on the page “Translations”, then publish." in page
    assert '<a href="/staff/webinars/shade/translations/ar">Write the texts in Arabic</a>' in page
    db.session.refresh(session)
    assert session.status is SessionStatus.PUBLISHED


def test_a_public_session_gets_no_language_without_a_title_and_the_field_says_so(client: FlaskClient) -> None:
    session = shade_en(languages=("en", "ar"))
    signed_in_as(client, Role.ORGANISER)
    with_french = edited(
        language_1_code="ar", language_2_code="fr", language_2_kind="interpretation", language_rows="3", seats="77"
    )

    refused = client.post(CONTENT, data=with_french)
    stored(WebinarText(webinar_id=session.webinar_id, language="fr", title="Ombre"))
    taken = client.post(CONTENT, data=with_french)

    assert (refused.status_code, taken.status_code) == (422, 303)
    # At the row of French; Arabic, which was there before, stays as it is.
    says = "The session is public, and the webinar has no title in French."
    assert says in refused.text.partition('id="language_2_code-error"')[2][:300]
    assert 'value="77"' in refused.text


def test_the_database_holds_no_language_of_a_session_twice(app: Flask) -> None:
    session = shade_en(languages=("en", "fr"))

    with pytest.raises(IntegrityError):
        stored(LanguageVersion(session_id=session.id, code="fr", kind=VersionKind.INTERPRETATION))
    db.session.rollback()


def test_a_cancelled_session_is_neither_published_nor_taken_back(client: FlaskClient) -> None:
    session = shade_en(status=SessionStatus.CANCELLED)
    signed_in_as(client, Role.ORGANISER)

    for action in ("publish", "unpublish"):
        page = client.post(f"/staff/sessions/shade-en/{action}", follow_redirects=True)
        assert "This session is cancelled" in page.text

    assert session.status is SessionStatus.CANCELLED


def test_viewers_see_the_content_and_change_nothing(client: FlaskClient) -> None:
    session = shade_en(status=SessionStatus.DRAFT)
    signed_in_as(client, Role.VIEWER)

    page = client.get(CONTENT)
    refused = [
        client.post(CONTENT, data=edited(seats="1")),
        client.post("/staff/sessions/shade-en/publish"),
        client.post("/staff/sessions/shade-en/unpublish"),
        client.get(NEW),
        client.post(NEW, data=session_input(key="other")),
    ]

    assert page.status_code == 200
    assert ">Save<" not in page.text.replace('aria-hidden="true">Save<', "")
    assert {answer.status_code for answer in refused} == {403}
    assert (session.status, session.seats) == (SessionStatus.DRAFT, None)


def test_strangers_are_led_to_the_sign_in(client: FlaskClient) -> None:
    shade_en(status=SessionStatus.DRAFT)

    assert client.get(CONTENT).location == "/staff/sign-in?next=/staff/sessions/shade-en/content"
    assert client.post("/staff/sessions/shade-en/publish").status_code == 303
    found = find_session_of_any_status("shade-en")
    assert found is not None
    assert found.status is SessionStatus.DRAFT


def test_an_expired_token_shows_the_filled_form_again(app: Flask, client: FlaskClient) -> None:
    session = shade_en()
    signed_in_as(client, Role.ORGANISER)
    app.config["WTF_CSRF_ENABLED"] = True

    answer = client.post(CONTENT, data=edited(speaker_0_name="Typed for an hour", csrf_token="old"))

    assert answer.status_code == 422
    assert "This page lay open for a long time" in answer.text
    assert "Typed for an hour" in answer.text
    assert session.seats is None


def test_publishing_needs_a_token(app: Flask, client: FlaskClient) -> None:
    session = shade_en(status=SessionStatus.DRAFT)
    signed_in_as(client, Role.ORGANISER)
    app.config["WTF_CSRF_ENABLED"] = True

    client.post("/staff/sessions/shade-en/publish")

    assert session.status is SessionStatus.DRAFT


def test_speakers_have_a_part_and_may_not_be_confirmed_yet(client: FlaskClient) -> None:
    session = shade_en(speakers=["Ana Sousa"])
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(
        CONTENT,
        data=edited(
            speaker_0_name="Ana Sousa",
            speaker_0_part="moderator",
            speaker_0_is_asked="y",
            speaker_1_name="Bo Li",
            speaker_1_part="panellist",
        ),
    )

    assert answer.status_code == 303
    ana, bo = db.session.scalars(select(Speaker).order_by(Speaker.position))
    assert (ana.id, ana.part, ana.is_confirmed) == (session.speakers[0].id, SpeakerPart.MODERATOR, False)
    assert (bo.name, bo.part, bo.is_confirmed) == ("Bo Li", SpeakerPart.PANELLIST, True)
    page = client.get(CONTENT).text
    assert '<option selected value="moderator">Moderator</option>' in page
    assert 'checked id="speaker_0_is_asked"' in page
    assert 'checked id="speaker_1_is_asked"' not in page
