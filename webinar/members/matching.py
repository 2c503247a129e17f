"""Which member a typed name means: without regard to case, accents, width and Arabic or Persian spelling."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from anyascii import anyascii
from rapidfuzz import fuzz, process

LONGEST_NAME = 300
"""Longer texts are no name of a place, and are not searched for."""

SUGGESTIONS = 4
MOST_WORDS = 6

_ASCII_WORDS = re.compile(r"[a-z0-9]+")
_QUALIFIER = re.compile(r"\s*\([^()]*\)\s*$")
# Arabic and Persian keyboards have different letters for the same sound, and words end in the one or the other.
_SAME_LETTERS = {"ي": "ی", "ى": "ی", "ې": "ی", "ك": "ک", "ة": "ه", "ە": "ه", "ہ": "ه", "ٱ": "ا"}
_MODIFIERS = range(0x2B0, 0x300)  # apostrophes and the like that Unicode counts among the letters


class _Folding(dict[int, str]):
    """What ``str.translate`` makes of each decomposed character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded(chr(code))
        return folded


def _folded(character: str) -> str:
    if character in _SAME_LETTERS:
        return _SAME_LETTERS[character]
    category = unicodedata.category(character)
    if category[0] == "M":
        # Accents of Latin, Greek and Cyrillic and vowel signs of Arabic and Hebrew go. The marks of Indian scripts,
        # of Thai and of Japanese stay: there they make another letter, and the word without them is another word.
        kind = unicodedata.combining(character)
        return "" if kind == 1 or 10 <= kind <= 36 or kind >= 200 else character
    if category == "Cf" or character == "ـ":  # invisible: direction marks, joiners, soft hyphens; the long stroke
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return character if category[0] in "LN" and ord(character) not in _MODIFIERS else " "


_folding = _Folding()


def fold(name: str) -> str:
    """Return what is compared of a name: words of lower-case letters and digits, joined by one space.

    ``Île-de-France`` is ``ile de france``; ``ﻣﺸﻬﺪ`` (presentation forms) is ``مشهد``; ``٣`` is ``3``. Folding twice
    is folding once.
    """
    if name.isascii():
        return " ".join(_ASCII_WORDS.findall(name.lower()))
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return unicodedata.normalize("NFC", " ".join(decomposed.translate(_folding).split()))


def typed_key(typed: str) -> str:
    """Return by what a typed name is remembered, so that one decision holds for all ways of writing it.

    Empty for what is nothing but signs.
    """
    return fold(typed)[:LONGEST_NAME].rstrip()


def in_latin(folded: str) -> str:
    """Return a folded name in Latin letters, as far as those can write it: ``طهران`` and ``تهران`` are ``thran``.

    This finds names across scripts and spellings that no list of letters would bring together (``ø`` is ``o``,
    ``서울`` is ``seoul``). Different names may become the same.
    """
    return folded if folded.isascii() else fold(anyascii(folded))


class Names(NamedTuple):
    """All that one member is called; ``former_keys`` are those of members that were merged into it."""

    key: str
    name: str
    official_name: str = ""
    aliases: tuple[str, ...] = ()
    former_keys: tuple[str, ...] = ()

    def all(self) -> list[str]:
        """Return each name once, also without what stands in brackets behind it.

        “Barcelona (city)” and “Barcelona (metropolitan area)” tell two members apart; a person types “Barcelona”.
        """
        given = [name for name in (self.name, self.official_name, *self.aliases) if name]
        return list(dict.fromkeys([*given, *(_QUALIFIER.sub("", name) for name in given)]))


def words_of(search: str) -> list[str]:
    """Return the words of a search as they are compared; what is neither letter nor digit is left out of them."""
    folded = fold(search)
    return (in_latin(folded) or folded).split()[:MOST_WORDS]


@dataclass(frozen=True)
class Found:
    """The one member that a text names."""

    member_key: str


@dataclass(frozen=True)
class Ambiguous:
    """The members that a text names, sorted by their names; the person is to choose."""

    member_keys: tuple[str, ...]


@dataclass(frozen=True)
class Unknown:
    """No member is called so; these have names that look like it, the best first."""

    suggestions: tuple[str, ...] = ()


Answer = Found | Ambiguous | Unknown


class MemberNames:
    """All names of all members, to find one by what a person typed. Made once, never changed."""

    def __init__(self, members: Iterable[Names]) -> None:
        ordered = sorted(members, key=lambda member: (fold(member.name), member.key))
        as_written: defaultdict[str, dict[str, None]] = defaultdict(dict)
        closed_up: defaultdict[str, dict[str, None]] = defaultdict(dict)
        words: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for member in ordered:
            for name in (*member.all(), member.key, *member.former_keys):
                folded = fold(name)
                latin = in_latin(folded)
                as_written[folded][member.key] = None
                closed_up[latin.replace(" ", "")][member.key] = None
                words[latin][member.key] = None
        for index in (as_written, closed_up, words):
            index.pop("", None)  # a name of nothing but signs cannot be searched for
        self.members: Mapping[str, Names] = MappingProxyType({member.key: member for member in ordered})
        self._by_former_key = {former: member.key for member in ordered for former in member.former_keys}
        self._as_written = as_written
        self._closed_up = closed_up
        self._words = words
        # The staff's page of names to place asks for the same ones again and again, and looking takes milliseconds.
        self._suggestions = lru_cache(maxsize=1000)(self._look_for_similar)

    def find(self, text: str) -> Answer:
        """Return the member that a text names: by its key, else by any of its names, in any script.

        A name that two members share is ambiguous even where it is the proper name of one of them: who types
        “Barcelona” may work for the city or for its metropolitan area, and a wrong guess would stay unseen.
        """
        typed = text.strip()
        if typed in self.members:
            return Found(typed)
        if typed in self._by_former_key:
            return Found(self._by_former_key[typed])
        if len(typed) > LONGEST_NAME or not (folded := fold(typed)):
            return Unknown()
        latin = in_latin(folded)
        keys = tuple(self._as_written.get(folded) or self._closed_up.get(latin.replace(" ", "")) or ())
        if not keys:
            return Unknown(self._suggestions(latin) if len(latin) > 2 else ())
        return Found(keys[0]) if len(keys) == 1 else Ambiguous(keys)

    def called(self, search: str) -> set[str]:
        """Return the keys of the members that the words of a search may mean.

        They are in one of its names, in any order and script, as they are or as parts of longer ones; or
        the whole search is one of its names in another spelling.
        """
        words = in_latin(fold(search)).split()
        if not words:
            return set()
        answer = self.find(search)
        named = set(answer.member_keys) if isinstance(answer, Ambiguous) else set()
        if isinstance(answer, Found):
            named.add(answer.member_key)
        return named.union(*(keys for name, keys in self._words.items() if all(word in name for word in words)))

    def is_name(self, folded: str) -> bool:
        """Tell whether a folded text is a name of some member as it is written."""
        return folded in self._as_written

    def name_of(self, key: str) -> str:
        """Return the name of a member as the network writes it.

        Raises:
            KeyError: there is no member of this key.
        """
        return self.members[key].name

    def _look_for_similar(self, latin: str) -> tuple[str, ...]:
        """Return the members with a name that is misspelt here, or that stands here among other words.

        Below 86 WRatio only says that both have words like “city of” in them.
        """
        misspelt = process.extract(latin.replace(" ", ""), list(self._closed_up), scorer=fuzz.ratio, score_cutoff=72)
        within = process.extract(latin, list(self._words), scorer=fuzz.WRatio, score_cutoff=86)
        scores: defaultdict[str, float] = defaultdict(float)
        for near, index in ((misspelt, self._closed_up), (within, self._words)):
            for name, score, _ in near:
                for key in index[name]:
                    scores[key] = max(scores[key], score)
        return tuple(sorted(scores, key=lambda key: (-scores[key], key))[:SUGGESTIONS])
