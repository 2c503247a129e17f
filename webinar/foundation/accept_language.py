"""Which of our languages a browser asks for by Accept-Language, a header that anybody can write anything into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

# A browser's own header has some 30 to 150 characters. What is longer is read so far and no further.
MOST_CHARACTERS = 500

# A language range as in RFC 4647, 2.1, with a weight as in RFC 9110, 12.4.2.
_RANGE = re.compile(r"(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?")

# Codes that ISO 639 has given up and that some browsers still send.
_OLD_CODES = {"iw": "he", "in": "id", "ji": "yi", "no": "nb", "tl": "fil", "mo": "ro"}


def best_of(offered: Sequence[str], header: str) -> str:
    """Return the offered language that an Accept-Language header likes best, the first one where it likes none.

    A region or script asks for its language (RFC 4647, 3.4): ``pt-BR`` for ``pt``, ``zh-Hant`` for ``zh``. Of two
    liked alike the one that is named first wins; ``*`` stands for the first offered one that is not named; what has
    ``q=0`` is not wanted; what is no language range counts as nothing.
    """
    return _best_of(tuple(offered), header[:MOST_CHARACTERS])


@lru_cache(maxsize=256)
def _best_of(offered: tuple[str, ...], header: str) -> str:
    weights: dict[str, float] = {}
    for written in header.lower().split(","):
        if found := _RANGE.fullmatch(written.strip(" \t")):
            named, weight = found[1], float(found[2] or 1)
            code = _code_of(named, offered)
            # "fr-CA;q=0" refuses one way of writing French, not French.
            if code is not None and (weight > 0 or code == named):
                weights[code] = max(weight, weights.get(code, 0.0))
    not_named = next((code for code in offered if code not in weights), None)
    anything = weights.pop("*", 0.0)
    if not_named is not None and anything > 0:
        weights[not_named] = anything
    liked = [code for code in weights if weights[code] > 0]
    return max(liked, key=weights.__getitem__, default=offered[0])


def _code_of(named: str, offered: tuple[str, ...]) -> str | None:
    code = named.partition("-")[0]
    code = code if code in offered else _OLD_CODES.get(code, code)
    return code if code in offered or code == "*" else None
