"""The language that a browser asks for: by weight, with regions, and whatever else may stand in the header."""

from __future__ import annotations

import random
import time

import pytest

from webinar.foundation.accept_language import best_of

OFFERED = ("en", "es", "fr", "pt", "ar")


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA, en;q=0.5", "fr"),
        ("en;q=0.2, fr;q=0.8, es;q=0.9", "es"),
        ("en;q=0.5, fr;q=0.5", "en"),
        ("fr;q=0.5, en;q=0.5", "fr"),
        ("pt-BR,pt;q=0.9,en-US;q=0.8", "pt"),
        ("ar-EG", "ar"),
        ("es-419", "es"),
        ("ES-mx ; q=0.9 , en;q=0.8", "es"),
        ("zh-Hant-TW, pt;q=0.1", "pt"),
        ("ko", "en"),
    ],
)
def test_the_language_liked_best_is_chosen_and_a_region_asks_for_its_language(header: str, wanted: str) -> None:
    assert best_of(OFFERED, header) == wanted


def test_a_script_asks_for_its_language_and_codes_given_up_for_those_of_today() -> None:
    assert best_of(("en", "zh", "he", "nb"), "zh-Hant") == "zh"
    assert best_of(("en", "zh", "he", "nb"), "iw-IL") == "he"
    assert best_of(("en", "zh", "he", "nb"), "no") == "nb"


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("*", "en"),
        ("ko, *;q=0.5", "en"),
        ("en;q=0, *", "es"),
        ("en;q=0.1, *;q=0.5", "es"),
        ("fr, *;q=0.5", "fr"),
        ("en;q=0", "en"),
        ("en;q=0, fr;q=0.001", "fr"),
        ("fr-CA;q=0, fr;q=0.5", "fr"),
    ],
)
def test_a_star_stands_for_what_is_not_named_and_weight_zero_for_what_is_not_wanted(header: str, wanted: str) -> None:
    assert best_of(OFFERED, header) == wanted


@pytest.mark.parametrize(
    "header",
    ["fr;q=2", "fr;q=-1", "fr;q=many", "fr;level=1", "f", "fr_CA", ";", ",,,", "q=1", "fr\x00", "../fr", "français"],
)
def test_what_is_no_language_range_counts_as_nothing(header: str) -> None:
    assert best_of(OFFERED, header) == "en"
    assert best_of(OFFERED, f"{header}, es;q=0.1") == "es"


@pytest.mark.parametrize("letters", ["abc,;-=q0.* ", "a-", ",", ";q=", "fr-,"])
def test_8_kb_of_nonsense_cost_less_than_a_millisecond_and_end_somewhere_that_is_offered(letters: str) -> None:
    chance = random.Random(letters)
    nonsense = ["".join(chance.choice(letters) for _ in range(8192)) for _ in range(20)]

    began = time.perf_counter()
    chosen = {best_of(("fr", "ar"), header) for header in nonsense}

    assert chosen <= {"fr", "ar"}
    assert (time.perf_counter() - began) / len(nonsense) < 0.001


def test_what_stands_behind_the_first_500_characters_is_not_read() -> None:
    assert best_of(OFFERED, "x," * 200 + "fr") == "fr"
    assert best_of(OFFERED, "x," * 300 + "fr") == "en"
