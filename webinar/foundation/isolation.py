"""Text of the one direction inside text of the other: names, addresses and titles that must not turn it round.

The invisible characters are those of the Unicode Bidirectional Algorithm (UAX 9). Pages have ``<bdi>`` for names;
what is put into a sentence, into a subject or into plain text gets isolates, and only where it runs the other way,
because some programs show them as boxes.
"""

from __future__ import annotations

import re
import unicodedata

from webinar.foundation import languages

FIRST_STRONG_ISOLATE, POP_ISOLATE, RIGHT_TO_LEFT_MARK = "\u2068", "\u2069", "\u200f"
_FROM_RIGHT = {"R", "AL"}
# Whoever copies a name may bring one without seeing it. Letters that run from right to left need none.
_TURNING = re.compile("[\u202a-\u202e]")
_ISOLATES = re.compile("[\u2066-\u2069]")
_ISOLATED = re.compile("[\u2066-\u2068][^\u2066-\u2069]*\u2069")
_OF_A_WORD = re.compile(r"\w")


def unturned(text: str) -> str:
    """Return a text without the characters that turn round what stands behind them, or hold it apart."""
    return text if text.isascii() else _ISOLATES.sub("", _TURNING.sub("", text))


def isolated(text: str, *, from_right: bool | None = None) -> str:
    """Return a text that is to stand in one of the language of the page: held apart where it runs the other way.

    It is text of a person, so what would turn round its surroundings is taken out; what is held apart stays so. A
    web address stands as it is. ``from_right`` spares whoever knows it the look at which language that is.
    """
    if text.isascii():
        # Mail programs make a link of a web address, and would take the sign behind it for a part of it.
        if not any(map(str.isalpha, text)) or text.startswith(("http://", "https://")):
            return text
        differs = is_from_right() if from_right is None else from_right
    else:
        from_right = is_from_right() if from_right is None else from_right
        text = _TURNING.sub("", text)
        if _ISOLATES.search(text):
            rest = _ISOLATED.sub("", text)
            if rest != text and not _ISOLATES.search(rest) and not _differs(rest, from_right):
                return text
            text = _ISOLATES.sub("", text)
        differs = _differs(text, from_right)
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}" if differs else text


def _differs(text: str, from_right: bool) -> bool:
    others = {"L"} if from_right else _FROM_RIGHT
    return any(unicodedata.bidirectional(character) in others for character in text)


def is_from_right() -> bool:
    """Tell whether the language of the page, or of the mail, is written from right to left."""
    return languages.direction(languages.current()) == "rtl"


def begun(text: str, *, from_right: bool | None = None) -> str:
    """Return plain text whose lines begin from the right where the language does.

    Programs that show plain text take the direction of a line from its first letter (UAX 9, P2), so a line that
    begins with a Latin word, or has figures only, gets a mark in front. A line that is all of the other direction
    stays: an address, a title. ``from_right`` says which language it is outside of a block that speaks it.
    """
    if not (is_from_right() if from_right is None else from_right):
        return text
    return "\n".join(_begun(line) for line in text.split("\n"))


def _begun(line: str) -> str:
    kinds = [unicodedata.bidirectional(character) for character in _ISOLATED.sub("", line)]
    strong = [kind for kind in kinds if kind == "L" or kind in _FROM_RIGHT]
    if strong:
        turns = strong[0] == "L" and any(kind in _FROM_RIGHT for kind in strong)
    else:
        turns = _OF_A_WORD.search(line) is not None and not line.startswith(RIGHT_TO_LEFT_MARK)
    return f"{RIGHT_TO_LEFT_MARK}{line}" if turns else line
