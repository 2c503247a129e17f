"""Translating a webinar: its pieces with their sources, what is stored, which marks go, what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import a_material, a_question, a_session, a_webinar, an_agenda_item, an_audit_entry, stored
from webinar.accounts.models import AuditEntry
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.catalogue.models import (
    AgendaItemText,
    Platform,
    QuestionKind,
    SessionStatus,
    Speaker,
    SpeakerText,
    VersionKind,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.catalogue.queries import find_webinar, lock_whole_session
from webinar.catalogue.services.catalogue_file import SpeakerEntry, VersionEntry
from webinar.catalogue.services.drafts import EditRefused, SessionDraft, SessionTimes, WebinarDraft, WebinarTexts
from webinar.catalogue.services.edit_session import create_session, edit_session
from webinar.catalogue.services.edit_webinar import NoSuchWebinar, edit_webinar
from webinar.catalogue.services.translate import (
    CannotTranslate,
    PieceGone,
    SourceChanged,
    states_of,
    translate,
)
from webinar.catalogue.translations import State, Translating, find_to_translate, mark_of
from webinar.catalogue.version import current_mark
from webinar.foundation.db import db, transaction

pytestmark = pytest.mark.usefixtures("app")


def shade(**titles: str) -> Webinar:
    return a_webinar("shade", titles={"en": "Shade", **titles})


def to_translate() -> Translating:
    db.session.rollback()
    db.session.expunge_all()
    found = find_to_translate("shade")
    assert found is not None
    return found


def states_in(language: str) -> dict[str, State]:
    """Return how far the pieces of the webinar are in a language, by their keys."""
    return {state.piece.key: state for _unit, states in states_of(to_translate(), language) for state in states}


def written_in(language: str) -> dict[str, str]:
    return {key: state.text for key, state in states_in(language).items() if state.text}


def outdated_in(language: str) -> list[str]:
    return [key for key, state in states_in(language).items() if state.is_outdated]


def what_was_changed() -> dict[str, object]:
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    return dict(entry.changes)


def a_speaker(session: WebinarSession, name: str, role: str = "", affiliation: str = "") -> Speaker:
    texts = [SpeakerText(language="en", role=role, affiliation=affiliation)] if role or affiliation else []
    return stored(Speaker(session_id=session.id, position=0, name=name, texts=texts))


def the_title_changes(title: str, description: str = "") -> None:
    """Write the original anew, which marks its translations."""
    webinar = find_webinar("shade")
    assert webinar is not None
    [before] = [text.description for text in webinar.texts if text.language == "en"]
    texts = {"en": WebinarTexts(title, "", description or before)}
    edit_webinar("shade", WebinarDraft("shade", webinar.series.slug, texts))


def test_everything_that_can_be_translated_has_a_key_and_its_source() -> None:
    webinar = shade()
    session = a_session(webinar=webinar, languages=("en", "fr"), notes={"fr": "Choose channel 2."})
    speaker = a_speaker(session, "Ana", "Mayor", "City of Lisbon")
    item = an_agenda_item(webinar, title="Trees", questions="Which?\nWhere?")
    question = a_question(webinar, title="Your needs?", kind=QuestionKind.CHOICE, choices=["A ramp"])
    material = a_material(webinar, title="Issue paper")

    sources = {key: state.piece.source for key, state in states_in("fr").items()}

    assert sources == {
        "webinar-title": "Shade",
        f"agenda-{item.id}-title": "Trees",
        f"agenda-{item.id}-questions": "Which?\nWhere?",
        f"question-{question.id}-title": "Your needs?",
        f"question-{question.id}-purpose": "To prepare the session.",
        f"choice-{question.choices[0].id}-title": "A ramp",
        f"material-{material.id}-title": "Issue paper",
        f"speaker-{speaker.id}-role": "Mayor",
        f"speaker-{speaker.id}-affiliation": "City of Lisbon",
        f"notes-{session.language_versions[1].id}": "Choose channel 2.",
    }


def test_all_of_it_is_stored_at_once_and_told_in_the_history() -> None:
    webinar = shade()
    session = a_session(webinar=webinar, languages=("en", "fr"), notes={"fr": "Choose channel 2."})
    a_speaker(session, "Ana", "Mayor")
    an_agenda_item(webinar, title="Trees")
    a_question(webinar, choices=["A ramp"])
    a_material(webinar)
    texts = {key: f"{state.piece.source} (fr)" for key, state in states_in("fr").items()}
    mark = current_mark()

    assert translate("shade", "fr", texts)

    assert written_in("fr") == texts
    assert what_was_changed() == {
        "title (fr)": [None, "Shade (fr)"],
        "agenda_title 1 (fr)": [None, "Trees (fr)"],
        "question_title 1 (fr)": [None, "What do you need to take part? (fr)"],
        "question_purpose 1 (fr)": [None, "To prepare the session. (fr)"],
        "question_choice 1.1 (fr)": [None, "A ramp (fr)"],
        "material_title 1 (fr)": [None, "Issue paper (fr)"],
        "speaker_role Ana (fr)": [None, "Mayor (fr)"],
        "practical_notes fr (fr)": [None, "Choose channel 2. (fr)"],
    }
    assert current_mark() != mark


def test_the_same_once_more_changes_nothing() -> None:
    shade()
    translate("shade", "fr", {"webinar-title": "Ombre"})
    mark = current_mark()

    assert not translate("shade", "fr", {"webinar-title": "Ombre"})

    assert to_translate().webinar.revision == 1
    assert current_mark() == mark


def test_what_is_not_among_the_texts_stays_and_what_is_empty_goes() -> None:
    webinar = shade(fr="Ombre")
    webinar.texts[0].summary = "Trees."
    item = an_agenda_item(webinar, title="Trees", questions="Which?")
    title, questions = f"agenda-{item.id}-title", f"agenda-{item.id}-questions"
    translate("shade", "fr", {"webinar-summary": "Des arbres.", title: "Arbres", questions: "Lesquels ?"})

    translate("shade", "fr", {title: "", questions: ""})

    assert written_in("fr") == {"webinar-title": "Ombre", "webinar-summary": "Des arbres."}
    assert db.session.scalars(select(AgendaItemText.language)).all() == ["en"]


def test_former_questions_and_choices_are_left_out() -> None:
    webinar = shade()
    asked = a_question(webinar, choices=["A ramp", "Captions"])
    asked.choices[1].retired_at = datetime(2030, 1, 1, tzinfo=UTC)
    a_question(webinar, retired_at=datetime(2030, 1, 1, tzinfo=UTC))
    db.session.commit()

    assert [key for key in states_in("fr") if not key.startswith("webinar")] == [
        f"question-{asked.id}-title",
        f"question-{asked.id}-purpose",
        f"choice-{asked.choices[0].id}-title",
    ]


def test_the_same_words_of_several_sessions_are_written_once_for_all() -> None:
    webinar = shade()
    sessions = [
        a_session(webinar=webinar, languages=("en", "fr"), notes={"fr": "Channel 2."}, starts=f"2030-05-1{day}T13:00")
        for day in range(3)
    ]
    same = [a_speaker(session, "Ana", "Mayor") for session in sessions[:2]]
    other = a_speaker(sessions[2], "Ana", "Former mayor")

    translate(
        "shade", "fr", {f"speaker-{same[0].id}-role": "Maire", f"notes-{sessions[0].language_versions[1].id}": "2."}
    )

    found = to_translate()
    roles = {
        speaker.id: [text.role for text in speaker.texts if text.language == "fr"]
        for session in found.sessions
        for speaker in session.speakers
    }
    assert roles == {same[0].id: ["Maire"], same[1].id: ["Maire"], other.id: []}
    assert [len(version.texts) for session in found.sessions for version in session.language_versions] == [0, 2] * 3


def test_what_is_missing_in_one_of_several_sessions_is_missing_until_it_is_written_there_too() -> None:
    webinar = shade()
    first = a_speaker(a_session(webinar=webinar), "Ana", "Mayor")
    translate("shade", "fr", {f"speaker-{first.id}-role": "Maire"})
    a_speaker(a_session(webinar=webinar, starts="2030-06-14T13:00"), "Ana", "Mayor")

    before = states_in("fr")[f"speaker-{first.id}-role"]
    assert (before.text, before.is_missing) == ("Maire", True)
    assert translate("shade", "fr", {f"speaker-{first.id}-role": "Maire"})

    assert not states_in("fr")[f"speaker-{first.id}-role"].is_missing


def test_who_speaks_in_one_session_more_is_not_translated_once_more() -> None:
    webinar = shade()
    first = a_session(webinar=webinar, languages=("en", "fr"), notes={"fr": "Channel 2."})
    ana = a_speaker(first, "Ana", "Mayor")
    notes = f"notes-{first.language_versions[1].id}"
    translate("shade", "fr", {f"speaker-{ana.id}-role": "Maire", notes: "Canal 2."})

    create_session("shade", "again", held_with(SpeakerEntry("Bo", role={"en": "Mayor"})))
    assert f"speaker-{ana.id}-role" not in missing_in("fr")
    assert notes not in missing_in("fr")

    edit_session("again", held_with(SpeakerEntry("Ana", role={"en": "Mayor"})))
    assert {key for key in missing_in("fr") if key.startswith(("speaker", "notes"))} == set()


def missing_in(language: str) -> list[str]:
    return [key for key, state in states_in(language).items() if state.is_missing]


def held_with(speaker: SpeakerEntry) -> SessionDraft:
    start = datetime.fromisoformat("2030-06-14T13:00")
    return SessionDraft(
        times=SessionTimes(start, start.replace(hour=14), "Europe/Lisbon"),
        platform=Platform.ZOOM,
        join_url="",
        seats=None,
        registration_opens=None,
        registration_closes=None,
        languages=(
            VersionEntry("en", VersionKind.FLOOR, "", {}),
            VersionEntry("fr", VersionKind.INTERPRETATION, "", {"en": "Channel 2."}),
        ),
        speakers=(speaker,),
    )


# Marks


def test_only_the_text_whose_source_has_changed_is_to_be_looked_at_with_what_it_was() -> None:
    shade(fr="Ombre")
    the_title_changes("Shade", description="Trees.")
    translate("shade", "fr", {"webinar-description": "Des arbres."})
    the_title_changes("More shade")
    the_title_changes("Much more shade")

    states = states_in("fr")

    assert outdated_in("fr") == ["webinar-title"]
    assert states["webinar-title"].before == "Shade"


def test_a_changed_or_confirmed_text_loses_its_mark_and_the_other_keeps_it() -> None:
    shade(fr="Ombre")
    the_title_changes("Shade", description="Trees.")
    translate("shade", "fr", {"webinar-description": "Des arbres."})
    the_title_changes("More shade", description="Many trees.")

    translate("shade", "fr", {"webinar-title": "Plus d'ombre"})
    assert outdated_in("fr") == ["webinar-description"]
    translate("shade", "fr", {}, confirmed={"webinar-description"})

    assert outdated_in("fr") == []
    assert what_was_changed() == {"still_fits description (fr)": [None, "Des arbres."]}
    assert not any(text.is_outdated for text in to_translate().webinar.texts)


def test_where_nobody_knows_which_source_has_changed_seeing_to_one_sees_to_both() -> None:
    webinar = shade()
    item = an_agenda_item(webinar, title="Trees", questions="Which?")
    title, questions = f"agenda-{item.id}-title", f"agenda-{item.id}-questions"
    translate("shade", "fr", {title: "Arbres", questions: "Lesquels ?"})
    for text in db.session.scalars(select(AgendaItemText).where(AgendaItemText.language == "fr")):
        text.is_outdated = True
    db.session.commit()
    assert outdated_in("fr") == [title, questions]

    translate("shade", "fr", {}, confirmed={title})

    assert outdated_in("fr") == []


def test_translating_into_one_language_leaves_the_marks_of_others() -> None:
    shade(fr="Ombre", es="Sombra")
    the_title_changes("More shade")

    translate("shade", "fr", {"webinar-title": "Plus d'ombre"})

    assert outdated_in("es") == ["webinar-title"]


def test_confirming_what_nobody_asks_about_changes_nothing() -> None:
    shade(fr="Ombre")

    assert not translate("shade", "fr", {}, confirmed={"webinar-title", "webinar-summary", "nonsense-1"})


# Two at once


def test_translators_of_two_languages_do_not_disturb_one_another() -> None:
    shade()

    translate("shade", "fr", {"webinar-title": "Ombre"}, made_from=0)
    translate("shade", "es", {"webinar-title": "Sombra"}, made_from=0)

    assert {text.language: text.title for text in to_translate().webinar.texts} == {
        "en": "Shade",
        "fr": "Ombre",
        "es": "Sombra",
    }


def test_the_second_of_two_translators_into_one_language_is_told() -> None:
    shade()
    translate("shade", "fr", {"webinar-title": "Ombre"}, made_from=0)

    with pytest.raises(ChangedMeanwhile) as refused:
        translate("shade", "fr", {"webinar-title": "L'ombre"}, made_from=0)

    assert refused.value.revision == 1
    assert [entry.changes for entry in refused.value.entries] == [{"title (fr)": [None, "Ombre"]}]
    assert written_in("fr") == {"webinar-title": "Ombre"}


def test_a_command_that_does_not_say_what_it_changed_may_have_changed_this_language() -> None:
    webinar = shade()
    webinar.revision = 1
    an_audit_entry(action="changed", subject="webinar shade", revision=1, changes={})

    with pytest.raises(ChangedMeanwhile):
        translate("shade", "fr", {"webinar-title": "Ombre"}, made_from=0)


def test_a_picture_or_a_question_changed_meanwhile_does_not_matter() -> None:
    webinar = shade()
    webinar.revision = 1
    an_audit_entry(action="changed", subject="webinar shade", revision=1, changes={"picture": [None, "x"]})

    assert translate("shade", "fr", {"webinar-title": "Ombre"}, made_from=0)


def test_a_source_that_changes_while_it_is_translated_is_told_and_the_mark_stays() -> None:
    shade(fr="Ombre")
    the_title_changes("More shade")

    for texts, confirmed in (({"webinar-title": "De l'ombre"}, set[str]()), ({}, {"webinar-title"})):
        with pytest.raises(SourceChanged) as refused:
            translate("shade", "fr", texts, confirmed, sources={"webinar-title": mark_of("Shade")})
        assert refused.value.keys == ["webinar-title"]

    assert outdated_in("fr") == ["webinar-title"]


def test_several_save_at_once_in_two_languages_and_one_of_each_is_stored(app: Flask) -> None:
    shade()

    def save(number: int) -> str:
        language = ("fr", "es")[number % 2]
        with app.app_context():
            try:
                translate("shade", language, {"webinar-title": f"{language} {number}"}, made_from=0)
            except ChangedMeanwhile as refusal:
                return f"{language} told by {[*refusal.entries[0].changes]}"
            return f"{language} stored"

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(save, range(6)))

    assert outcomes == [
        "es stored",
        *["es told by ['title (es)']"] * 2,
        "fr stored",
        *["fr told by ['title (fr)']"] * 2,
    ]
    assert to_translate().webinar.revision == 2


def test_a_session_that_loses_a_speaker_while_they_are_translated_disturbs_nobody(app: Flask) -> None:
    session = a_session("shade-en", webinar=shade())
    speaker = a_speaker(session, "Ana", "Mayor")
    key = f"speaker-{speaker.id}-role"

    def save(which: str) -> str:
        with app.app_context():
            if which == "session":
                with transaction():
                    held = lock_whole_session("shade-en")
                    assert held is not None
                    held.speakers = []
                return "without speakers"
            try:
                translate("shade", "fr", {key: "Maire"})
            except PieceGone:
                return "told"
            return "stored"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(save, ["session", "translation"]))

    assert outcomes in (["without speakers", "told"], ["without speakers", "stored"])
    assert "speaker" not in str(written_in("fr"))


# Refusals


def test_a_piece_that_is_gone_is_told_and_nothing_is_stored() -> None:
    shade()

    with pytest.raises(PieceGone) as refused:
        translate("shade", "fr", {"webinar-title": "Ombre", "agenda-999999-title": "Arbres", "agenda-7-title": ""})

    assert refused.value.keys == ["agenda-999999-title"]
    assert written_in("fr") == {}


def test_the_title_stays_where_a_public_session_is_held_in_the_language() -> None:
    webinar = shade(fr="Ombre")
    a_session(webinar=webinar, languages=("en", "fr"), starts="2030-05-14T13:00")
    a_session(webinar=webinar, languages=("fr",), starts="2030-06-14T13:00")
    a_session(webinar=webinar, languages=("fr",), starts="2030-07-14T13:00", status=SessionStatus.DRAFT)

    with pytest.raises(EditRefused) as refused:
        translate("shade", "fr", {"webinar-title": ""})

    assert refused.value.field == "webinar-title"
    assert "14 May 2030" in str(refused.value)
    assert "14 June 2030" in str(refused.value)
    assert "July" not in str(refused.value)
    assert written_in("fr") == {"webinar-title": "Ombre"}


def test_the_title_may_go_where_no_public_session_is_held_in_the_language() -> None:
    webinar = shade(fr="Ombre")
    a_session(webinar=webinar, languages=("en",))
    a_session(webinar=webinar, languages=("fr",), status=SessionStatus.DRAFT)

    translate("shade", "fr", {"webinar-title": ""})

    assert written_in("fr") == {}
    assert [text.language for text in to_translate().webinar.texts] == ["en"]


def test_a_summary_or_guiding_questions_want_their_title_and_a_question_its_purpose() -> None:
    webinar = shade()
    webinar.texts[0].summary = "Trees."
    item = an_agenda_item(webinar, title="Trees", questions="Which?")
    question = a_question(webinar)

    for texts, field in (
        ({"webinar-summary": "Des arbres."}, "webinar-title"),
        ({f"agenda-{item.id}-questions": "Lesquels ?"}, f"agenda-{item.id}-title"),
        ({f"question-{question.id}-title": "Quoi ?"}, f"question-{question.id}-purpose"),
        ({f"question-{question.id}-purpose": "Pour préparer."}, f"question-{question.id}-title"),
    ):
        with pytest.raises(EditRefused) as refused:
            translate("shade", "fr", texts)
        assert refused.value.field == field

    assert written_in("fr") == {}


def test_nothing_is_translated_into_the_original_nor_into_what_is_no_language() -> None:
    shade()

    for language in ("en", "xx", "", "FR", "../fr"):
        with pytest.raises(CannotTranslate):
            translate("shade", language, {"webinar-title": "Ombre"})
    with pytest.raises(NoSuchWebinar):
        translate("sun", "fr", {})


def test_a_role_alone_is_a_text_and_without_both_there_is_none() -> None:
    webinar = shade()
    speaker = a_speaker(a_session(webinar=webinar), "Ana", "Mayor", "Lisbon")
    role, affiliation = f"speaker-{speaker.id}-role", f"speaker-{speaker.id}-affiliation"
    translate("shade", "fr", {role: "Maire", affiliation: "Lisbonne"})

    translate("shade", "fr", {role: ""})
    assert written_in("fr") == {affiliation: "Lisbonne"}
    translate("shade", "fr", {affiliation: ""})

    assert db.session.scalars(select(SpeakerText.language)).all() == ["en"]
    assert db.session.scalars(select(WebinarText.language)).all() == ["en"]
