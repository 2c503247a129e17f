"""No mail tells us whether it was opened or which of its links was pressed: what templates may not hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import PROJECT

MAILS = PROJECT / "templates" / "mail"

# A picture or a style from the network would tell when and where a mail is read; nothing of ours needs one.
FETCHED = re.compile(
    r"<(?:img|link|script|iframe|object|embed|video|audio|source)\b|\b(?:src|srcset|background)\s*=", re.I
)
IN_STYLES = re.compile(r"url\s*\(|@import", re.I)


@pytest.mark.parametrize("template", sorted(MAILS.rglob("*.html")), ids=lambda path: str(path.relative_to(MAILS)))
def test_no_template_of_a_mail_has_anything_that_is_fetched_when_it_is_opened(template: Path) -> None:
    content = re.sub(r"\{#.*?#\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert FETCHED.findall(content) == []
    assert IN_STYLES.findall(content) == []
