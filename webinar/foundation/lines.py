"""Text from outside that must fit on one line: a header, a subject, a name in a list."""

from __future__ import annotations

import re
import unicodedata

# No-break spaces stay: French has them before its punctuation (« : », « ? »), where no line may end.
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")


def one_line(text: str) -> str:
    """Return a text with every run of blanks and line ends as one blank, and without control characters."""
    kept = "".join(one for one in text if one.isspace() or unicodedata.category(one) != "Cc")
    return _BLANKS.sub(" ", kept).strip()
