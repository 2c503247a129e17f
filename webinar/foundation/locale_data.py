"""What Babel knows of a language, kept apart from what it knows of all others."""

from __future__ import annotations

import copy
from functools import cache

from babel import localedata


@cache
def keep_apart(identifier: str) -> None:
    """Give a locale, ``he`` or ``en_GB``, data of its own, before anything is read of them.

    Where a language says nothing of its own, Babel 2.18 lets it share a part of the data with all others, and writes
    into that part what it makes of it for the first one that asks: after Chinese, the months of Hebrew were Chinese.
    """
    known = localedata.load(identifier)
    known.update(copy.deepcopy(known))
