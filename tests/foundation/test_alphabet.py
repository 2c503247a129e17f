"""Names stand where the reader of a language looks for them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webinar.foundation.alphabet import place


@pytest.mark.parametrize(
    ("language", "in_order"),
    [
        ("en", ["Accra", "Łódź", "London", "São Paulo", "Zürich", "مشهد"]),
        ("es", ["árabe", "búlgaro", "Lima", "nube", "nz", "Ñame", "ñandú", "oca", "Zaragoza"]),
        ("fr", ["Athènes", "Étampes", "Evry", "Évry", "oeuf", "œuvre", "Zürich", "서울"]),
        ("pt", ["Açores", "Ácre", "Água", "São Paulo", "Vitória"]),
        (
            "ar",
            ["آبادان", "إسطنبول", "أكرا", "ألمانيا", "تونس", "الدار البيضاء", "رام الله", "الرياض", "القاهرة", "Accra"],
        ),
        ("fa", ["پاریس", "تهران", "چابهار", "کرج", "گرگان", "یزد"]),
        ("ko", ["가평", "서울", "Accra"]),
    ],
)
def test_names_stand_in_the_alphabet_of_the_language(language: str, in_order: list[str]) -> None:
    mixed = random.Random(1).sample(in_order, len(in_order))

    assert sorted(mixed, key=lambda name: place(name, language)) == in_order


@pytest.mark.parametrize("same", [("مكة", "مکة"), ("على", "علي"), ("مشهد", "ﻣﺸﻬﺪ"), ("Évry", "evry")])
def test_forms_of_one_letter_stand_together(same: tuple[str, str]) -> None:
    one, other = (place(name, "ar")[:2] for name in same)

    assert one == other


@given(st.lists(st.text(max_size=8)), st.sampled_from(["en", "es", "ar", "fa", "zh"]))
def test_every_text_has_its_place(names: list[str], language: str) -> None:
    mixed = random.Random(1).sample(names, len(names))

    assert sorted(mixed, key=lambda name: place(name, language)) == sorted(
        names, key=lambda name: place(name, language)
    )
