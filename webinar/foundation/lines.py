"""Text from outside without what no text has: on one line for a header, a subject, a name in a list, or on several."""

from __future__ import annotations

import re
import unicodedata

from webinar.foundation.isolation import unturned

# No-break spaces stay: French has them before its punctuation (« : », « ? »), where no line may end.
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")
# Controls, and halves of surrogate pairs: JSON can name one alone, and no database takes it.
_NO_TEXT = {"Cc", "Cs"}
# Letters and a sign by their category that are drawn as nothing: the fillers of Hangul, the empty cell of Braille.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_DRAWN = frozenset("LNPS")
# What is set above and below a letter. No writing needs more of them: Hebrew with its cantillation has four or five.
_MARKS = {"Mn", "Me"}
MOST_MARKS = 8


def one_line(text: str) -> str:
    """Return a text with every run of blanks and line ends as one blank, and without control characters.

    Those that turn round what stands behind them count among these: letters that run from right to left need none.
    """
    line = closed_up(unpiled(unturned(text)))
    return line if is_seen(line) else ""


def closed_up(text: str) -> str:
    """Return a text of our own on one line: what holds its names apart stays (``isolation.isolated``)."""
    kept = "".join(one for one in text if one.isspace() or unicodedata.category(one) not in _NO_TEXT)
    return _BLANKS.sub(" ", kept).strip()


def several_lines(text: str) -> str:
    """Return a text without blanks around it, its lines ended alike, without other control characters."""
    lines = unpiled(unturned(text)).replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(one for one in lines if one in "\n\t" or unicodedata.category(one) not in _NO_TEXT).strip()
    return kept if is_seen(kept) else ""


def unpiled(text: str) -> str:
    """Return a text with at most eight marks to a letter: a pile of them is drawn over the lines around it."""
    if text.isascii():
        return text
    kept, marks = [], 0
    for one in text:
        marks = marks + 1 if unicodedata.category(one) in _MARKS else 0
        if marks <= MOST_MARKS:
            kept.append(one)
    return "".join(kept)


def is_seen(text: str) -> bool:
    """Tell whether anything of a text can be seen: a title of a zero-width space would be an empty subject."""
    return any(unicodedata.category(one)[0] in _DRAWN and one not in _FILLERS for one in text)
