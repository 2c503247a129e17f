"""Text from outside that must fit on one line: a header, a subject, a name in a list."""

from __future__ import annotations

import unicodedata


def one_line(text: str) -> str:
    """Return a text with every run of blanks and line ends as one blank, and without control characters."""
    return " ".join("".join(one for one in text if one.isspace() or unicodedata.category(one) != "Cc").split())
