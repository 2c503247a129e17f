"""Two people editing the same thing: the second is told what the first changed, and nothing is overwritten silently."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.catalogue.test_staff_series import series_input, webinar_input
from tests.conftest import Counted
from tests.factories import a_series, a_webinar, an_audit_entry, stored
from tests.registration.test_staff_content import CONTENT, edited, shade_en
from tests.signing_in import sign_in, signed_in_as, with_password
from webinar.accounts.models import AuditEntry, Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.catalogue.models import Series, Webinar, WebinarText
from webinar.catalogue.queries import find_series, find_session_of_any_status, find_webinar, lock_webinar
from webinar.catalogue.services.drafts import SeriesDraft, SeriesTexts
from webinar.catalogue.services.edit_series import edit_series
from webinar.catalogue.services.import_catalogue import import_catalogue
from webinar.catalogue.services.revisions import check_revision, record_edit
from webinar.catalogue.services.translate import translate
from webinar.foundation.db import db, transaction


def revision_on(page: str) -> str:
    """Return the revision that a page for editing was made from."""
    found = re.search(r'name="revision"[^>]*value="(\d+)"', page)
    assert found is not None
    return found[1]


def words_of(page: str) -> str:
    """Return what a page says, without its markup and with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def revisions() -> list[tuple[str, int | None]]:
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "changed").order_by(AuditEntry.id))
    return [(entry.subject, entry.revision) for entry in rows if not entry.subject.startswith("account")]


def title_of(thing: Series | Webinar | None) -> str:
    assert thing is not None
    db.session.refresh(thing, ["texts"])
    return thing.texts[0].title


@time_machine.travel(datetime(2030, 5, 1, 10, 0, tzinfo=UTC), tick=False)
def test_the_second_to_save_a_series_is_told_and_may_save_on_top(client: FlaskClient, app: Flask) -> None:
    series = a_series("heat", title="Heat")
    first = app.test_client()
    sign_in(first, with_password(Role.ORGANISER, name="Amina First"))
    signed_in_as(client, Role.ORGANISER)
    begun = revision_on(client.get("/staff/series/heat").text)
    first.post("/staff/series/heat", data=series_input(title_en="Hot cities", revision=begun))

    told = client.post("/staff/series/heat", data=series_input(title_en="Heat waves", revision=begun))

    assert told.status_code == 409
    assert title_of(series) == "Hot cities"
    says = words_of(told.text)
    assert "Somebody has changed this while you were writing. Nothing of yours is stored yet." in says
    assert "Amina First changed 1 May 2030, 12:00 Title (English) Heat → Hot cities" in says
    assert 'value="Heat waves"' in told.text
    assert told.text.count("<title>Error:") == 1

    on_top = client.post(
        "/staff/series/heat", data=series_input(title_en="Heat waves", revision=revision_on(told.text))
    )

    assert on_top.status_code == 303
    assert title_of(series) == "Heat waves"
    assert revisions() == [("series heat", 1), ("series heat", 2)]


def test_a_save_that_changes_nothing_counts_as_none(client: FlaskClient) -> None:
    series = a_series("heat", title="Heat in cities")
    signed_in_as(client, Role.ORGANISER)

    client.post("/staff/series/heat", data=series_input(revision="0"))

    db.session.refresh(series)
    assert (series.revision, revisions()) == (0, [])


@pytest.mark.parametrize("told", ["", "x", "-1", "99999999999999999999", "٣"])
def test_a_revision_that_nobody_was_given_counts_as_the_first(client: FlaskClient, told: str) -> None:
    a_series("heat", title="Heat")
    signed_in_as(client, Role.ORGANISER)
    client.post("/staff/series/heat", data=series_input(title_en="Hot cities"))

    answer = client.post("/staff/series/heat", data=series_input(title_en="Heat waves", revision=told))

    assert (answer.status_code, title_of(find_series("heat"))) == (409, "Hot cities")


def test_the_second_to_save_a_webinar_is_told(client: FlaskClient) -> None:
    webinar = a_webinar("shade", series=a_series("heat"), title="Shade")
    signed_in_as(client, Role.ORGANISER)
    client.post("/staff/webinars/shade", data=webinar_input(title="Trees", agenda_0_title="Welcome"))

    told = client.post("/staff/webinars/shade", data=webinar_input(title="Awnings", revision="0"))

    assert (told.status_code, title_of(webinar)) == (409, "Trees")
    assert "Title (English) Shade → Trees Agenda 1 Welcome" in words_of(told.text)
    assert 'value="Awnings"' in told.text


def test_the_second_to_save_a_session_is_told_in_words_and_keeps_every_row(client: FlaskClient) -> None:
    session = shade_en(seats=10)
    stored(WebinarText(webinar_id=session.webinar_id, language="fr", title="Ombre"))
    signed_in_as(client, Role.ORGANISER)
    client.post(CONTENT, data=edited(seats="20", platform="teams", language_1_code="fr", start="2030-05-14T16:00"))

    told = client.post(
        CONTENT, data=edited(seats="30", speaker_1_name="Ana Sousa", language_0_practical_notes="Canal 2", revision="0")
    )

    assert told.status_code == 409
    db.session.refresh(session)
    assert session.seats == 20
    says = words_of(told.text)
    assert "Seats 10 → 20" in says
    assert "Platform Zoom → Microsoft Teams" in says
    assert "Start 14 May 2030, 16:30 → 14 May 2030, 16:00" in says
    assert "Language (French) Interpreted" in says
    assert ('value="30"' in told.text, "Ana Sousa" in told.text, "Canal 2" in told.text) == (True, True, True)


def test_a_translation_that_came_meanwhile_stops_nobody_and_stays(client: FlaskClient) -> None:
    a_webinar("shade", series=a_series("heat"), title="Shade")
    signed_in_as(client, Role.ORGANISER)
    translate("shade", "ar", {"webinar-title": "الظل"})

    answer = client.post("/staff/webinars/shade", data=webinar_input(title="Trees", revision="0"))

    assert answer.status_code == 303
    texts = find_webinar("shade").texts  # type: ignore[union-attr]
    assert {text.language: (text.title, text.is_outdated) for text in texts} == {
        "en": ("Trees", False),
        "ar": ("الظل", True),
    }


def test_what_somebody_renamed_is_still_found_and_its_history_goes_with_it(client: FlaskClient) -> None:
    a_webinar("shade", series=a_series("heat", title="Heat"), title="Shade")
    signed_in_as(client, Role.ORGANISER)
    client.post("/staff/webinars/shade", data=webinar_input(title="Trees"))
    client.post("/staff/webinars/shade", data=webinar_input(title="Trees", slug="trees", revision="1"))
    client.post("/staff/series/heat", data=series_input(title_en="Heat", slug="warm"))

    told = client.post("/staff/webinars/shade", data=webinar_input(title="Must not be lost", revision="0"))
    series = client.post("/staff/series/heat", data=series_input(title_en="Nor this", revision="0"))

    assert (told.status_code, series.status_code) == (409, 409)
    assert "Web address shade → trees" in words_of(told.text)
    assert "Must not be lost" in told.text
    assert "Nor this" in series.text
    assert revisions() == [("webinar trees", 1), ("webinar trees", 2), ("series warm", 1)]
    assert client.get("/staff/webinars/none").status_code == 404


def test_a_catalogue_file_that_changes_something_counts_as_an_edit(app: Flask, client: FlaskClient) -> None:
    shade_en()
    webinar = find_webinar("shade")
    assert webinar is not None
    signed_in_as(client, Role.ORGANISER)
    import_catalogue(
        b'{"series": [{"slug": "%b", "title": {"en": "Cities in a changing climate"}, "webinars": [{"slug": "shade",'
        b' "title": {"en": "Shade"}, "sessions": [{"key": "shade-en", "start": "2030-05-14T16:30", "end":'
        b' "2030-05-14T17:30", "timezone": "Europe/Madrid", "languages": [{"code": "en", "kind": "floor"}], "seats":'
        b" 7}]}]}]}" % webinar.series.slug.encode()
    )

    told = client.post(CONTENT, data=edited(revision="0"))

    assert (told.status_code, revisions()) == (409, [("session shade-en", 1)])
    assert "A command on the server changed" in words_of(told.text)


def test_pages_about_other_parts_of_a_webinar_do_not_get_in_each_others_way(app: Flask, client: FlaskClient) -> None:
    a_webinar("shade", series=a_series("heat"), title="Shade")
    with transaction():
        webinar = lock_webinar("shade")
        assert webinar is not None
        record_edit(webinar, {"questions": [None, "What do you need?"]})
    signed_in_as(client, Role.ORGANISER)

    texts = client.post("/staff/webinars/shade", data=webinar_input(title="Trees", revision="0"))

    assert (texts.status_code, title_of(find_webinar("shade"))) == (303, "Trees")
    with pytest.raises(ChangedMeanwhile) as refusal:
        check_revision(webinar, 0, "questions")
    assert [list(entry.changes) for entry in refusal.value.entries] == [["questions"]]
    check_revision(webinar, 0, "materials")
    check_revision(webinar, 1, "questions")


def test_a_page_from_a_revision_that_is_still_to_come_overwrites_nothing(client: FlaskClient) -> None:
    series = a_series("heat", title="Heat")
    signed_in_as(client, Role.ORGANISER)

    told = client.post("/staff/series/heat", data=series_input(title_en="Cold", revision="999999999"))
    again = client.post("/staff/series/heat", data=series_input(title_en="Cold", revision=revision_on(told.text)))

    assert (told.status_code, revision_on(told.text), again.status_code) == (409, "0", 303)
    assert title_of(series) == "Cold"


def test_a_viewer_cannot_save_whatever_the_revision(client: FlaskClient) -> None:
    shade_en(seats=10)
    signed_in_as(client, Role.VIEWER)

    answer = client.post(CONTENT, data=edited(seats="20", revision="0"))

    session = find_session_of_any_status("shade-en")
    assert session is not None
    assert (answer.status_code, session.seats) == (403, 10)


# What was changed, at the thing itself


@time_machine.travel(datetime(2030, 5, 1, 10, 0, tzinfo=UTC), tick=False)
def test_everybody_of_the_staff_reads_at_the_thing_what_was_changed(client: FlaskClient, app: Flask) -> None:
    shade_en(seats=10)
    writer = app.test_client()
    sign_in(writer, with_password(Role.ORGANISER, name="Amina First"))
    writer.post(CONTENT, data=edited(seats="20", registration_opens="2030-05-02T09:00"))
    writer.post("/staff/webinars/shade", data=webinar_input(series_slug=series_of("shade-en"), summary="Trees"))
    signed_in_as(client, Role.VIEWER)
    client.set_cookie("timezone", "America/Lima")

    session = client.get("/staff/sessions/shade-en/changes")
    webinar = client.get("/staff/webinars/shade/changes")
    series = client.get(f"/staff/series/{series_of('shade-en')}/changes")

    assert "Amina First changed 1 May 2030, 05:00 Seats 10 → 20" in words_of(session.text)
    assert "Registration opens 2 May 2030, 02:00" in words_of(session.text)
    assert "Summary (English) Trees" in words_of(webinar.text)
    assert 'lang="en" dir="ltr">Trees' in webinar.text
    assert "Nothing has been changed yet." in series.text
    assert "/staff/audit?" not in session.text  # who may not see the whole log gets no link to it


def series_of(key: str) -> str:
    session = find_session_of_any_status(key)
    assert session is not None
    return session.webinar.series.slug


def test_the_way_from_a_thing_to_the_whole_log_shows_only_this_thing(client: FlaskClient) -> None:
    shade_en()
    signed_in_as(client, Role.ORGANISER)
    an_audit_entry(subject="session shade-en", action="published", changes={})
    an_audit_entry(subject="session other", action="published", changes={"seats": [1, "no such thing here"]})

    page = client.get("/staff/sessions/shade-en/changes").text
    log = client.get("/staff/audit?subject=session+shade-en")

    assert "/staff/audit?subject=session+shade-en" in page
    assert "session shade-en" in log.text
    assert "no such thing here" not in log.text
    assert "no such thing here" in client.get("/staff/audit").text


def test_a_log_of_something_unknown_is_empty(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    assert "Nothing has been changed yet." in client.get("/staff/audit?subject=session+none").text


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("platform", ["telegraph", "zoom"], "Platform telegraph → Zoom"),
        ("timezone", ["Europe/Madrid", "Mars/Olympus"], "Time zone Madrid → Mars/Olympus"),
        ("languages", [["en"], ["en", "fr"]], "Languages English → English, Français"),
        ("languages", ["en", "en, fr"], "Languages English → English, Français"),
        ("start", ["2030-99-99T10:00", "2030-05-14T16:30"], "Start 2030-99-99T10:00 → 14 May 2030, 16:30"),
        ("title (en)", ["<b>Bold</b>", ""], "Title (English) <b>Bold</b> taken away"),
        ("flown_to_the 1", 3, "flown to the 1 3"),
        ("speaker_part Ana Sousa", ["speaker", "moderator"], "Ana Sousa: Part Speaker → Moderator"),
        ("speaker_is_confirmed Ana Sousa", [False, True], "Ana Sousa: Confirmed No → Yes"),
        ("speaker fr", [None, "fr, Chair"], "Speaker fr, Chair"),
        ("join_url (fr)", ["", "https://example.org"], "Join address (French) https://example.org"),
        ("part_kind 2", ["talk", "roundtable"], "Kind of part 2 Talk → Roundtable"),
        ("what", "registrations", "What Registrations"),
        ("what", "dreams", "What dreams"),
        ("format", "csv", "Format CSV"),
        ("registered", 12, "Registered 12"),
        ("unregistered", 3, "Came without registering 3"),
        ("language", ["en", "fr"], "Language English → Français"),
        ("language (fr)", [None, "interpretation"], "Language (French) Interpreted"),
        ("mail_language", ["es", "pt"], "Written to in Español → Português"),
        ("session", ["next-en", "next-fr"], "Session next-en → next-fr"),
        ("is_open", [False, True], "is open No → Yes"),
        ("several", [["a", "b"], None], "several a, b taken away"),
    ],
)
def test_values_are_told_in_words_and_what_is_unknown_as_it_stands(
    client: FlaskClient, name: str, change: object, says: str
) -> None:
    shade_en()
    an_audit_entry(subject="session shade-en", action="changed", changes={name: change})
    signed_in_as(client, Role.VIEWER)

    assert says in words_of(client.get("/staff/sessions/shade-en/changes").text)


def test_many_changes_come_in_pages_with_few_queries(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    shade_en()
    account = signed_in_as(client, Role.ORGANISER)
    for number in range(60):
        an_audit_entry(account, subject="session shade-en", action="changed", changes={"seats": [number, number + 1]})
    db.session.expunge_all()

    with count_queries() as asked:
        first = client.get("/staff/sessions/shade-en/changes")
    second = client.get("/staff/sessions/shade-en/changes?page=2")

    assert asked.count < 12
    assert ("Seats 59 → 60" in words_of(first.text), "Seats 0 → 1" in words_of(first.text)) == (True, False)
    assert "Seats 0 → 1" in words_of(second.text)
    assert "60 changes" in first.text


def test_of_many_who_save_at_the_same_moment_one_is_stored_and_the_others_are_told(app: Flask) -> None:
    a_series("heat", title="Heat")
    at_once = 6

    def save(number: int) -> str:
        with app.app_context():
            try:
                edit_series("heat", SeriesDraft("heat", {"en": SeriesTexts(f"Heat {number}")}), 0)
            except ChangedMeanwhile as refusal:
                return f"told of revision {refusal.revision}"
            finally:
                db.session.remove()
            return "stored"

    with ThreadPoolExecutor(at_once) as pool:
        outcomes = sorted(pool.map(save, range(at_once)))

    assert outcomes == ["stored", *["told of revision 1"] * (at_once - 1)]
    assert revisions() == [("series heat", 1)]
