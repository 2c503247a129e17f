"""The catalogues are whole, current, and written as their languages are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from gettext import c2py

import pytest

from tests.translations.catalogues import TRANSLATED, asked_for, catalogue, translations

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")

in_each_language = pytest.mark.parametrize("language", TRANSLATED)


def placeholders(forms: Iterable[str]) -> set[str]:
    return {found for form in forms for found in PLACEHOLDER.findall(form)}


@in_each_language
def test_a_catalogue_has_exactly_the_texts_of_the_source(language: str) -> None:
    has = {one.id for one in translations(language)}

    assert asked_for() - has == set(), "run `make catalogues` and translate what is new"
    assert has - asked_for() == set(), "run `make catalogues`, which takes out what nobody asks for"


@in_each_language
def test_every_text_is_translated_and_no_translation_is_a_guess(language: str) -> None:
    assert [one.id for one in translations(language) if not all(one.forms)] == []
    assert [one.id for one in translations(language) if one.is_guess] == []


@in_each_language
def test_every_plural_has_as_many_forms_as_the_language(language: str) -> None:
    wanted = catalogue(language).num_plurals

    plurals = [one for one in translations(language) if isinstance(one.id, tuple)]

    assert plurals
    assert [one.id for one in plurals if len(one.forms) != wanted] == []


@in_each_language
def test_translations_have_the_placeholders_of_the_source(language: str) -> None:
    assert [
        (one.id, one.forms)
        for one in translations(language)
        if placeholders(one.source_forms) != placeholders(one.forms)
        or any("%" in PLACEHOLDER.sub("", form) for form in one.forms)
    ] == []


@in_each_language
def test_translations_begin_and_end_as_the_source_does(language: str) -> None:
    def edges(text: str) -> tuple[str, str]:
        # Only these carry meaning to what stands beside a text; a question mark may be where the source has none.
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    assert [
        one.id
        for one in translations(language)
        if any(edges(form) != edges(one.source_forms[0]) for form in one.forms)
        or any(re.search(r"[ \t]{2}|\n", form) for form in one.forms)
    ] == []


@in_each_language
def test_translations_end_their_sentences_where_the_source_does(language: str) -> None:
    def end(text: str) -> str:
        # In Spanish a salutation ends with a colon; the question mark of Arabic looks to the other side.
        ends = text.replace("؟", "?")
        return ends[-1] if ends.endswith((".", "?", ":")) and not ends.endswith("%(name)s:") else ""

    assert [
        one
        for one in translations(language)
        if {end(form) for form in one.forms} != {end(form) for form in one.source_forms}
    ] == []


@in_each_language
def test_translations_hold_no_markup(language: str) -> None:
    assert [
        one.id for one in translations(language) if any(re.search(r"</?\w|&\w+;", form) for form in one.forms)
    ] == []


def test_french_has_no_break_spaces_before_double_punctuation_and_inside_its_quotation_marks() -> None:
    bare = re.compile(r"[^\xa0][?!;»]|[^\xa0]:(?=\s|$)|«[^\xa0]|[“”\"']")

    assert [form for one in translations("fr") for form in one.forms if bare.search(form)] == []


def test_spanish_opens_what_it_asks_and_exclaims() -> None:
    assert [
        form
        for one in translations("es")
        for form in one.forms
        if form.count("?") != form.count("¿") or form.count("!") != form.count("¡") or re.search("[“”\"']", form)
    ] == []


def test_portuguese_quotes_with_curved_marks_that_open_and_close() -> None:
    assert [
        form
        for one in translations("pt")
        for form in one.forms
        if form.count("“") != form.count("”") or re.search("[«»„\"']", form)
    ] == []


def test_portuguese_keeps_to_words_that_are_read_alike_in_brazil_and_in_portugal() -> None:
    # What only one of the two says or reads so: an "apelido" is a family name in Portugal and a nickname in Brazil.
    of_one_country = (
        r"\b(usuári|utilizador|cadastr|deletar|ecrã|ficheiro|telemóvel|celular|equipa\b|registr?[oa]|apelido|contac?to)"
    )

    assert [
        form for one in translations("pt") for form in one.forms if re.search(of_one_country, form, re.IGNORECASE)
    ] == []


def test_arabic_has_its_own_punctuation_and_no_marks_of_direction() -> None:
    # Direction is the program's: it holds apart what is put into a text.
    foreign = re.compile("[,;?\"“”'\u200e\u200f\u202a-\u202e\u2066-\u2069]|\u0627\u064b")

    assert [
        form
        for one in translations("ar")
        for form in one.forms
        if foreign.search(form) or form.count("«") != form.count("»")
    ] == []


def test_arabic_says_one_and_two_in_words_and_gives_the_number_of_more() -> None:
    pick = c2py(catalogue("ar").plural_expr)

    assert [
        (one.id, count)
        for one in translations("ar")
        if isinstance(one.id, tuple)
        for count in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111)
        if placeholders(one.source_forms)
        - placeholders([one.forms[pick(count)]])
        - ({"%(num)s"} if count < 3 else set())
    ] == []


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "لا أعضاء"), (1, "عضو واحد"), (2, "عضوان"), (3, "3 أعضاء"), (10, "10 أعضاء"), (11, "11 عضوًا"),
        (99, "99 عضوًا"), (100, "100 عضو"), (102, "102 عضو"), (103, "103 أعضاء"), (111, "111 عضوًا"),
    ],
)  # fmt: skip
def test_what_is_counted_in_arabic_stands_in_the_form_its_number_asks_for(count: int, told: str) -> None:
    arabic = catalogue("ar")
    members = next(one for one in translations("ar") if one.id == ("%(num)s member", "%(num)s members"))

    assert members.forms[c2py(arabic.plural_expr)(count)] % {"num": count} == told


@pytest.mark.parametrize(
    ("language", "familiar"),
    [
        ("es", r"\b(tú|tu|tus|ti|te|contigo|vos|vuestr\w+)\b"),
        ("fr", r"\b(tu|toi|te|ton|ta|tes)\b"),
        ("pt", r"\b(tu|te|ti|teus?|tuas?|contigo|vocês?|vós|voss[oa]s?)\b"),
        # The plural addresses women and men alike; these are said to one man, or to one woman.
        ("ar", r"\b(اضغطي?|اختري?|اختاري|اكتبي?|أدخلي?|انقري?|أنت|لك|عليك|إليك|منك|بك|يمكنك)\b"),
    ],
)
def test_readers_are_addressed_with_respect(language: str, familiar: str) -> None:
    assert [
        form for one in translations(language) for form in one.forms if re.search(familiar, form, re.IGNORECASE)
    ] == []
