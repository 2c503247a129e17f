"""A source that changes marks its translations as to be looked at, and loses none of them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from tests.factories import a_material, a_question, a_session, a_webinar, an_agenda_item, stored
from webinar.catalogue.models import (
    AgendaItem,
    AgendaItemText,
    AgendaKind,
    LanguageVersionText,
    MaterialText,
    Platform,
    QuestionChoiceText,
    QuestionKind,
    QuestionText,
    SpeakerText,
    Webinar,
    WebinarText,
)
from webinar.catalogue.queries import find_webinar, find_whole_session
from webinar.catalogue.services.catalogue_file import AgendaEntry, SpeakerEntry, VersionEntry
from webinar.catalogue.services.drafts import (
    ChoiceDraft,
    QuestionDraft,
    QuestionTexts,
    SessionDraft,
    WebinarDraft,
    WebinarTexts,
)
from webinar.catalogue.services.edit_questions import edit_question
from webinar.catalogue.services.edit_session import edit_session
from webinar.catalogue.services.edit_webinar import edit_webinar
from webinar.catalogue.services.import_catalogue import import_catalogue
from webinar.catalogue.services.media import MaterialDraft, edit_material
from webinar.foundation import clock
from webinar.foundation.db import Model, db

pytestmark = pytest.mark.usefixtures("app")


def marks(kind: type[Any], *columns: str) -> list[tuple[Any, ...]]:
    """Return the texts of a kind by language, each with whether it is to be looked at."""
    in_order = (kind.language, *inspect(kind).primary_key)
    rows = db.session.scalars(select(kind).order_by(*in_order).execution_options(populate_existing=True)).all()
    return [(row.language, *(getattr(row, name) for name in columns), row.is_outdated) for row in rows]


def in_french(row: Model) -> None:
    stored(row)


def shade() -> Webinar:
    return a_webinar("shade", titles={"en": "Shade", "fr": "Ombre"})


def edited(texts: WebinarTexts, *agenda: AgendaEntry) -> bool:
    webinar = find_webinar("shade")
    assert webinar is not None
    return edit_webinar("shade", WebinarDraft("shade", webinar.series.slug, {"en": texts}, agenda))


def part(title: str, item_id: int, *questions: str) -> AgendaEntry:
    return AgendaEntry(AgendaKind.TALK, 30, {"en": title}, {"en": questions}, item_id)


def test_the_texts_of_a_webinar_are_marked_once_and_only_where_the_source_changes() -> None:
    shade()

    assert (
        edited(
            WebinarTexts("Shade"),
        )
        is False
    )
    assert marks(WebinarText, "title") == [("en", "Shade", False), ("fr", "Ombre", False)]
    assert edited(WebinarTexts("Shade", "For whom?"))
    assert marks(WebinarText, "title") == [("en", "Shade", False), ("fr", "Ombre", True)]
    assert edited(WebinarTexts("Shade", "For whom?")) is False


def test_parts_of_the_agenda_keep_their_numbers_and_translations_wherever_they_go() -> None:
    webinar = shade()
    items = [an_agenda_item(webinar, title=title) for title in ("Welcome", "Trees", "Farewell")]
    welcome, trees, farewell = (item.id for item in items)
    for item_id, title in ((welcome, "Accueil"), (trees, "Arbres"), (farewell, "Adieu")):
        in_french(AgendaItemText(agenda_item_id=item_id, language="fr", title=title))

    assert edited(
        WebinarTexts("Shade"), part("Coffee", 0), part("Farewell", farewell), part("Welcome, all", welcome, "Who?")
    )

    found = find_webinar("shade")
    assert found is not None
    db.session.refresh(found, ["agenda"])
    assert [item.id for item in found.agenda][1:] == [farewell, welcome]
    assert found.agenda[0].id not in (welcome, trees, farewell)
    assert marks(AgendaItemText, "agenda_item_id", "title") == [
        ("en", welcome, "Welcome, all", False),
        ("en", farewell, "Farewell", False),
        ("en", found.agenda[0].id, "Coffee", False),
        ("fr", welcome, "Accueil", True),
        ("fr", farewell, "Adieu", False),
    ]


def test_a_part_that_replaces_all_others_is_a_new_one() -> None:
    webinar = shade()
    item = an_agenda_item(webinar, title="Welcome")
    in_french(AgendaItemText(agenda_item_id=item.id, language="fr", title="Accueil"))

    edited(WebinarTexts("Shade"), part("Something else", 0))

    assert marks(AgendaItemText, "title") == [("en", "Something else", False)]


def test_a_part_with_a_number_of_another_webinar_is_a_new_one() -> None:
    webinar = shade()
    other = an_agenda_item(title="Elsewhere")
    mine = an_agenda_item(webinar, title="Welcome")

    edited(WebinarTexts("Shade"), part("Taken over?", other.id), part("Welcome", mine.id), part("Twice", mine.id))

    assert db.session.get_one(AgendaItem, other.id, populate_existing=True).webinar_id != webinar.id
    assert [title for _code, title, _mark in marks(AgendaItemText, "title")].count("Elsewhere") == 1
    found = find_webinar("shade")
    assert found is not None
    assert [item.texts[0].title for item in found.agenda] == ["Taken over?", "Welcome", "Twice"]


def test_a_question_and_each_of_its_choices_are_marked_alone() -> None:
    question = a_question(shade(), title="How?", kind=QuestionKind.CHOICE, choices=["Tram", "Bus"])
    tram, bus = (choice.id for choice in question.choices)
    in_french(QuestionText(question_id=question.id, language="fr", title="Comment ?", purpose="Savoir"))
    in_french(QuestionChoiceText(choice_id=tram, language="fr", title="Tramway"))
    in_french(QuestionChoiceText(choice_id=bus, language="fr", title="Autobus"))
    same = {"en": QuestionTexts("How?", "To prepare the session.")}

    def change(texts: dict[str, QuestionTexts], *choices: ChoiceDraft) -> None:
        draft = QuestionDraft(QuestionKind.CHOICE, False, clock.now().date() + timedelta(days=30), texts, choices)
        edit_question("shade", question.id, draft)

    change(same, ChoiceDraft({"en": "By tram"}, choice_id=tram), ChoiceDraft({"en": "Bus"}, choice_id=bus))
    assert marks(QuestionText, "title")[1] == ("fr", "Comment ?", False)
    assert marks(QuestionChoiceText, "title")[2:] == [("fr", "Tramway", True), ("fr", "Autobus", False)]
    change(
        {"en": QuestionTexts("How?", "To choose the hall.")},
        ChoiceDraft({"en": "By tram"}, choice_id=tram),
        ChoiceDraft({"en": "On foot"}),
    )
    assert marks(QuestionText, "title")[1] == ("fr", "Comment ?", True)
    # Who takes a choice away takes its translations with it.
    assert marks(QuestionChoiceText, "title") == [
        ("en", "By tram", False),
        ("en", "On foot", False),
        ("fr", "Tramway", True),
    ]


def test_the_title_of_a_material_is_marked() -> None:
    material = a_material(shade(), title="Issue paper")
    in_french(MaterialText(material_id=material.id, language="fr", title="Étude"))

    edit_material("shade", material.id, MaterialDraft({"en": "Issue paper"}, "en", "https://example.org/new"))
    assert marks(MaterialText, "title")[1] == ("fr", "Étude", False)
    edit_material("shade", material.id, MaterialDraft({"en": "Paper"}, "en", "https://example.org/new"))
    assert marks(MaterialText, "title")[1] == ("fr", "Étude", True)


def a_session_in_two_languages() -> None:
    session = a_session(
        "shade-en", webinar=shade(), languages=("en", "fr"), speakers=["Ana"], notes={"fr": "Channel 2"}
    )
    [ana] = session.speakers
    for language, role in (("en", "Mayor"), ("fr", "Maire")):
        in_french(SpeakerText(speaker_id=ana.id, language=language, role=role, affiliation="Lisbon"))
    french = session.language_versions[1]
    in_french(LanguageVersionText(language_version_id=french.id, language="fr", practical_notes="Canal 2"))


def change_session(role: str, notes: str, affiliation: str = "Lisbon") -> None:
    session = find_whole_session("shade-en")
    assert session is not None
    versions = tuple(
        VersionEntry(one.code, one.kind, "", {"en": notes if one.code == "fr" else ""})
        for one in session.language_versions
    )
    ana = SpeakerEntry("Ana", {"en": role}, {"en": affiliation}, session.speakers[0].part, True)
    edit_session("shade-en", SessionDraft(None, Platform.ZOOM, "", None, None, None, versions, (ana,)))


def test_speakers_and_practical_notes_are_marked() -> None:
    a_session_in_two_languages()

    change_session("Mayor", "Channel 2")
    assert [mark for *_text, mark in marks(SpeakerText) + marks(LanguageVersionText)] == [False] * 4
    change_session("Mayor of Lisbon", "Channel 3")
    assert marks(SpeakerText, "role") == [("en", "Mayor of Lisbon", False), ("fr", "Maire", True)]
    assert marks(LanguageVersionText, "practical_notes") == [("en", "Channel 3", False), ("fr", "Canal 2", True)]


def test_what_is_said_no_more_in_the_original_is_said_in_no_language() -> None:
    a_session_in_two_languages()

    change_session("", "")
    assert marks(SpeakerText, "role") == [("en", "", False), ("fr", "Maire", True)]
    assert marks(LanguageVersionText) == []
    change_session("", "", affiliation="")
    assert marks(SpeakerText) == []


def test_a_source_that_is_written_first_marks_nothing() -> None:
    session = a_session("shade-en", webinar=shade(), speakers=["Ana"])
    in_french(SpeakerText(speaker_id=session.speakers[0].id, language="fr", role="Maire"))

    change_session("Mayor", "")

    assert marks(SpeakerText, "role") == [("en", "Mayor", False), ("fr", "Maire", False)]


def file(title: dict[str, str], agenda: list[dict[str, Any]], role: Any, notes: Any, paper: Any) -> bytes:
    session = {
        "key": "heat-es",
        "start": "2030-05-14T13:00",
        "end": "2030-05-14T14:00",
        "timezone": "Europe/Madrid",
        "languages": [{"code": "es", "kind": "floor"}, {"code": "fr", "practical_notes": notes}],
        "speakers": [{"name": "Ana", "role": role, "affiliation": "AMB"}],
    }
    webinar = {
        "slug": "heat",
        "title": title,
        "original_language": "en",
        "agenda": agenda,
        "materials": [{"title": paper, "url": "https://example.org/paper"}],
        "sessions": [session],
    }
    return json.dumps({"series": [{"slug": "s", "title": {"en": "S"}, "webinars": [webinar]}]}).encode()


def test_a_catalogue_file_has_texts_plain_or_by_language_and_changes_nothing_again() -> None:
    plain = file({"en": "Heat"}, [], "Alcaldesa", "Canal 2", "Paper")
    both = file({"en": "Heat"}, [], {"en": "Mayor", "fr": "Maire"}, {"en": "Channel 2"}, {"fr": "Étude"})

    assert import_catalogue(plain).added == 3
    assert import_catalogue(plain).unchanged == 3
    # In the language of the floor, of the language that is heard, and of the webinar.
    assert marks(SpeakerText, "role", "affiliation") == [("es", "Alcaldesa", "AMB", False)]
    assert marks(LanguageVersionText, "practical_notes") == [("fr", "Canal 2", False)]
    assert marks(MaterialText, "title") == [("en", "Paper", False)]
    assert (import_catalogue(both).changed, import_catalogue(both).unchanged) == (2, 3)
    assert marks(SpeakerText, "role", "affiliation") == [
        ("en", "Mayor", "", False),
        ("es", "Alcaldesa", "AMB", False),
        ("fr", "Maire", "", False),
    ]
    assert marks(LanguageVersionText, "practical_notes") == [("en", "Channel 2", False), ("fr", "Canal 2", False)]
    assert marks(MaterialText, "title") == [("en", "Paper", False), ("fr", "Étude", False)]


def test_a_catalogue_file_marks_what_it_changes_in_the_source_alone() -> None:
    def of(title: dict[str, str], *parts: dict[str, str]) -> bytes:
        return file(title, [{"title": part} for part in parts], "Alcaldesa", "Canal 2", "Paper")

    import_catalogue(of({"en": "Heat", "fr": "Chaleur"}, {"en": "One", "fr": "Un"}, {"en": "Two", "fr": "Deux"}))
    [one, two] = db.session.scalars(select(AgendaItem.id).order_by(AgendaItem.position))

    # The title anew in both languages, the parts changed about and one of them renamed in English only.
    import_catalogue(of({"en": "Hot", "fr": "Chaud"}, {"en": "Two", "fr": "Deux"}, {"en": "First", "fr": "Un"}))
    assert marks(WebinarText, "title") == [("en", "Hot", False), ("fr", "Chaud", False)]
    assert marks(AgendaItemText, "agenda_item_id", "title")[2:] == [("fr", one, "Un", True), ("fr", two, "Deux", False)]
    assert list(db.session.scalars(select(AgendaItem.id).order_by(AgendaItem.position))) == [two, one]

    import_catalogue(of({"en": "Hotter"}))
    assert marks(WebinarText, "title") == [("en", "Hotter", False), ("fr", "Chaud", True)]
    assert marks(AgendaItemText) == []

    import_catalogue(of({"en": "Hotter", "fr": "Plus chaud"}))
    assert marks(WebinarText, "title") == [("en", "Hotter", False), ("fr", "Plus chaud", False)]


def test_a_catalogue_file_says_which_public_sessions_nobody_finds_in_their_language(app: Flask, tmp_path: Any) -> None:
    content = file({"en": "Heat", "es": "Calor"}, [], "Alcaldesa", "Canal 2", "Paper")
    path = tmp_path / "catalogue.json"
    path.write_bytes(content)

    assert import_catalogue(content).without_title == [("heat-es", ["fr"])]
    told = app.test_cli_runner().invoke(args=["catalogue", "import", str(path)])

    assert told.exit_code == 0
    assert "Public, but its webinar has no title in fr: session heat-es" in told.output
