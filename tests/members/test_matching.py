"""Whatever name a person types, in whatever script, it means their member; and no other without asking."""

from __future__ import annotations

import time
import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import names as bench_names
from webinar.members.matching import Ambiguous, Found, MemberNames, Names, Unknown, fold, in_latin

NETWORK = MemberNames(
    [
        Names("barcelona-city", "Barcelona (city)", "Ajuntament de Barcelona"),
        Names("barcelona-amb", "Barcelona (metropolitan area)", "Àrea Metropolitana de Barcelona (AMB)", ("AMB",)),
        Names("tehran", "Tehran", "Tehran Municipality", ("Teheran", "تهران")),
        Names("mashhad", "Mashhad", "", ("مشهد",)),
        Names("isfahan", "Isfahan"),
        Names("makkah", "Makkah", "", ("مكة",)),
        Names("seoul", "Seoul", "", ("서울",)),
        Names("guangzhou", "Guangzhou", "", ("广州", "Canton")),
        Names("kathmandu", "Kathmandu", "", ("काठमाडौँ",)),
        Names("istanbul", "İstanbul"),
        Names("ile-de-france", "Île-de-France"),
        Names("sao-paulo-city", "São Paulo (city)", "", ("Sao Paulo",)),
        Names("sao-paulo-state", "São Paulo (state)"),
        Names("bogota", "Bogotá", "Alcaldía Mayor de Bogotá D.C."),
        Names("accra", "Accra"),
        Names("manchester", "Greater Manchester", "", ("Manchester",)),
        Names("lodz", "Łódź"),
        Names("durban", "Durban", "", ("Ethekwini (Durban)",)),
        Names("xyz", "District 9"),
    ]
)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Île-de-France", "ile de france"),
        ("ILE DE FRANCE", "ile de france"),
        ("I\u0302le—de\u00a0France", "ile de france"),
        ("d’Abidjan", "d abidjan"),
        ("d'Abidjan", "d abidjan"),
        ("dʼAbidjan", "d abidjan"),
        ("İSTANBUL", "istanbul"),
        ("Straße", "strasse"),
        ("Ｓｅｏｕｌ", "seoul"),
        ("서울", "서울"),
        (unicodedata.normalize("NFD", "서울"), "서울"),
        ("ﻣﺸﻬﺪ", "مشهد"),
        ("مشـــهد", "مشهد"),
        ("مَشْهَد", "مشهد"),
        ("شيراز", "شیراز"),
        ("كرج", "کرج"),
        ("مكة", "مکه"),
        ("أهواز", "اهواز"),
        ("آبادان", "ابادان"),
        ("مصطفى", "مصطفی"),
        ("منطقة ٣", "منطقه 3"),
        ("منطقه ۳", "منطقه 3"),
        ("\u200fتهران\u200e", "تهران"),
        ("काठमाडौँ", "काठमाडौँ"),
        ("がき", "がき"),
        ("กรุงเทพ", "กรุงเทพ"),
        ("  Rio   de\tJaneiro ", "rio de janeiro"),
        ("!?", ""),
    ],
)
def test_names_that_are_the_same_to_a_person_are_folded_to_the_same(name: str, folded: str) -> None:
    assert fold(name) == unicodedata.normalize("NFC", folded)


def test_letters_that_differ_stay_different() -> None:
    assert fold("がき") != fold("かき")
    assert fold("काठ") != fold("कठ")


@given(st.text())
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(st.text())
def test_folding_leaves_words_joined_by_one_space(name: str) -> None:
    folded = fold(name)

    assert folded == " ".join(folded.split())
    assert unicodedata.is_normalized("NFC", folded)
    assert in_latin(folded).isascii()


@given(st.text(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_how_a_name_is_encoded_does_not_matter(name: str, form: str) -> None:
    assert fold(unicodedata.normalize(form, name)) == fold(name)  # type: ignore[arg-type]


@given(st.text(st.characters(codec="latin-1")))
def test_case_does_not_matter(name: str) -> None:
    assert fold(name.upper()) == fold(name.lower()) == fold(name)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("tehran", "tehran"),
        (" TEHERAN ", "tehran"),
        ("Téhéran", "tehran"),
        ("تهران", "tehran"),
        ("طهران", "tehran"),
        ("ﻣﺸﻬﺪ", "mashhad"),
        ("مکه", "makkah"),
        ("서울", "seoul"),
        ("广州", "guangzhou"),
        ("廣州", "guangzhou"),
        ("guang zhou", "guangzhou"),
        ("काठमाडौं", "kathmandu"),
        ("ISTANBUL", "istanbul"),
        ("ıstanbul", "istanbul"),
        ("iledefrance", "ile-de-france"),
        ("Lodz", "lodz"),
        ("bogota", "bogota"),
        ("Alcaldia Mayor de Bogota, D. C.", "bogota"),
        ("barcelona-city", "barcelona-city"),
        ("barcelona city", "barcelona-city"),
        ("Barcelona (City)", "barcelona-city"),
        ("amb", "barcelona-amb"),
        ("area metropolitana de barcelona", "barcelona-amb"),
        ("ajuntament de barcelona", "barcelona-city"),
        ("são paulo (STATE)", "sao-paulo-state"),
        ("manchester", "manchester"),
        ("ethekwini", "durban"),
        ("District ۹", "xyz"),
        ("XYZ", "xyz"),
    ],
)
def test_a_member_is_found_by_any_of_its_names(typed: str, key: str) -> None:
    assert NETWORK.find(typed) == Found(key)


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("Barcelona", ("barcelona-city", "barcelona-amb")),
        ("barcelona", ("barcelona-city", "barcelona-amb")),
        ("São Paulo", ("sao-paulo-city", "sao-paulo-state")),
        ("Sao Paulo", ("sao-paulo-city", "sao-paulo-state")),
    ],
)
def test_a_name_that_two_members_share_is_for_the_person_to_decide(typed: str, keys: tuple[str, ...]) -> None:
    assert NETWORK.find(typed) == Ambiguous(keys)


def test_the_proper_name_of_one_member_does_not_win_over_the_alias_of_another() -> None:
    names = MemberNames([Names("city", "Barcelona"), Names("area", "AMB", "", ("Barcelona",))])

    assert names.find("Barcelona") == Ambiguous(("area", "city"))


def test_a_key_as_it_is_written_wins_over_every_name() -> None:
    names = MemberNames([Names("barcelona", "Barcelona (city)"), Names("area", "AMB", "", ("Barcelona",))])

    assert names.find("barcelona") == Found("barcelona")
    assert names.find("Barcelona") == Ambiguous(("area", "barcelona"))


@pytest.mark.parametrize(
    ("typed", "suggestions"),
    [
        ("Acra", ("accra",)),
        ("City of Accra", ("accra",)),
        ("Accra, Ghana", ("accra",)),
        ("Esfahan", ("isfahan",)),
        ("اصفهان", ("isfahan",)),
        ("Kathmando", ("kathmandu",)),
        ("Barcelna", ("barcelona-amb", "barcelona-city")),
        ("서울특별시", ("seoul",)),
        ("Mumbai", ()),
        ("東京", ()),
        ("x", ()),
        ("", ()),
        ("   ", ()),
        ("—", ()),
        ("\0", ()),
        ("🎉", ()),
        ("a" * 10_000, ()),
    ],
)
def test_what_nobody_is_called_is_answered_with_names_that_look_like_it(
    typed: str, suggestions: tuple[str, ...]
) -> None:
    assert NETWORK.find(typed) == Unknown(suggestions)


@given(st.text(max_size=400))
def test_any_text_gets_an_answer_about_members_that_exist(typed: str) -> None:
    match NETWORK.find(typed):
        case Found(key):
            assert key in NETWORK.members
        case Ambiguous(keys):
            assert len(keys) > 1
            assert set(keys) <= set(NETWORK.members)
        case Unknown(keys):
            assert set(keys) <= set(NETWORK.members)


words = st.text(st.characters(categories=["L"]), min_size=1, max_size=20)


@given(st.lists(words, min_size=1, max_size=8))
def test_every_member_answers_to_each_of_its_names(names: list[str]) -> None:
    index = MemberNames(Names(f"key {number}", name) for number, name in enumerate(dict.fromkeys(names)))

    for key, member in index.members.items():
        match index.find(member.name):
            case Found(found):
                assert found == key
            case Ambiguous(keys):
                assert key in keys
            case Unknown():
                assert fold(member.name) == ""  # nothing but signs


def test_the_name_of_a_member_is_as_the_network_writes_it() -> None:
    assert NETWORK.name_of("ile-de-france") == "Île-de-France"


def test_ten_thousand_names_are_folded_and_three_hundred_members_indexed_in_no_time() -> None:
    names = ["Área Metropolitana de Barcelona", "تهران", "Mexico City", "서울"] * 2_500
    members = [
        Names(f"k{n}", f"Ciudad número {n}", f"Municipalidad {n}", (f"شهر {n}", f"도시 {n}")) for n in range(300)
    ]
    MemberNames(members)  # what is read only once is read now

    started = time.process_time()
    for name in names:
        fold(name)
    folded = time.process_time() - started
    MemberNames(members)
    indexed = time.process_time() - started - folded

    assert (folded < 0.2, indexed < 0.1) == (True, True), (folded, indexed)


def test_ten_thousand_names_in_other_letters_are_matched_in_under_a_second() -> None:
    network = bench_names.members()
    names, typed = MemberNames(network), bench_names.typed(network)

    started = time.process_time()
    found = [names.find(name) for name in typed]

    assert time.process_time() - started < 1
    assert all(isinstance(answer, Found) for answer in found)


# One name in the letters of another keyboard, width or hand: what is the same to a person.
_SAME = {
    "ک": "كﮎﻙ", "ی": "يىﯼﻱ", "ه": "ةﻩ", "ا": "أإآٱ", "و": "ؤ", "1": "۱١１",
    "a": "AÁàＡ", "n": "Nñ", "o": "Oöô", "ش": "ﺵ",
}  # fmt: skip


@given(st.text(st.sampled_from(sorted(_SAME)), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_a_name_in_other_letters_is_the_same_name(name: str, dice: Random) -> None:
    other = "".join(dice.choice((one, *_SAME[one])) + dice.choice(("", "", "\u200c", "\u200f", "ـ")) for one in name)

    assert fold(other) == fold(name)
    assert fold(f"{other} {name}".upper()) == fold(f"{name} {other}")


@pytest.mark.parametrize(
    "typed", ["Mashhad", "MASHHAD", "Ｍａｓｈｈａｄ", "مشهد", "ﻣﺸﻬﺪ", "مشــهد", "\u202bمشهد\u202c", "مَشهَد"]
)
def test_mashhad_is_found_however_it_is_written(typed: str) -> None:
    assert NETWORK.find(typed) == Found("mashhad")
