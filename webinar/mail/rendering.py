"""From templates to the words of a mail, in the language of the person it goes to."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import flask_mail
from css_inline import CSSInliner
from flask import Flask, current_app
from jinja2 import StrictUndefined, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from webinar.foundation import isolation, languages
from webinar.foundation.colour import accent_of
from webinar.foundation.lines import closed_up
from webinar.mail.sheets import Place, Places, Sheet, filled, filled_html, unlinked

_INLINER = CSSInliner(load_remote_stylesheets=False)
_EMPTY_LINES = re.compile(r"\n{3,}")

SHEETS_KEPT = 256
"""How many sheets a process keeps, of some 30 KB each: one for each language and zone in which something is told."""


@dataclass(frozen=True)
class Rendered:
    """The words of one mail: its subject in one line, the plain text and the HTML with its styles in the elements.

    Without HTML it leaves as plain text alone, which passes where other mails are held back.
    """

    subject: str
    text: str
    html: str


def init_app(app: Flask) -> None:
    """Set up Flask-Mail, and the filter ``isolated`` for the names of people and places in mails."""
    flask_mail.Mail(app)
    # The pages' own environment with the line ends of plain text under control: a line that holds only a statement
    # leaves no empty line behind.
    templates = app.jinja_env.overlay(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    templates.filters["isolated"] = isolated
    app.extensions["mail_templates"] = templates
    app.extensions["mail_sheets"] = {}


def render(name: str, language: str, personal: Mapping[str, str] | None = None, /, **values: Any) -> Rendered:
    """Render ``templates/mail/<name>.subject.txt``, ``.txt`` and ``.html`` in a language.

    The plain ones are not escaped, the HTML is. Besides ``values`` the templates know ``language``, ``direction``,
    ``network`` and ``accent``. Nothing of a request is known to them: a mail reads the same wherever it is made.

    Where ``personal`` is given, the mail is one of many. What is one person's own, as a name or a link, stands in
    there: a template can put it out, isolate it and ask whether it is empty, by its name or in ``personal``. The
    ``values`` are what is told alike to others, too: what is rendered of them is kept as a sheet, and the next mail
    with the same values only has its personal texts put into their places.

    Raises:
        jinja2.UndefinedError: a template asks for a value that was not given.
        TypeError: a value of a mail to many may change while its sheet is kept, or its template asks more of a
            personal text.
    """
    alike = {
        "language": language,
        "direction": languages.direction(language),
        "network": current_app.config["NETWORK_NAME"],
        "accent": accent_of(current_app.config["BRAND_COLOUR"]),
        **values,
    }
    if personal is None:
        return _with(_sheet(name, language, alike, {}), {}, language)
    given = tuple(text != "" for text in personal.values())
    which = (name, *zip(personal, given, strict=True), *((key, _comparable(value)) for key, value in alike.items()))
    sheets: dict[Hashable, Sheet] = current_app.extensions["mail_sheets"]
    sheet = sheets.get(which)
    if sheet is None:
        sheet = _sheet(name, language, alike, personal)
        if len(sheets) >= SHEETS_KEPT:
            sheets.clear()
        sheets[which] = sheet
    return _with(sheet, personal, language)


def _comparable(value: object) -> Hashable:
    """Return what is equal for two values only where a template makes the same of them.

    Raises:
        TypeError: it may change, as a row of the database does.
    """
    if isinstance(value, (tuple, list)):
        return tuple(map(_comparable, value))
    if isinstance(value, datetime):  # the same moment is equal in all zones
        return value.replace(tzinfo=None), value.tzinfo
    parameters = getattr(value, "__dataclass_params__", None)
    if value is None or isinstance(value, (str, int)) or (parameters is not None and parameters.frozen):
        return type(value), value
    raise TypeError(f"{type(value).__name__} may change: a mail to many is told values, or personal texts")


def _sheet(name: str, language: str, alike: Mapping[str, Any], personal: Mapping[str, str]) -> Sheet:
    places = Places([one for one, text in personal.items() if text])
    shown = {**personal, **places.by_name()}
    known = {**alike, **shown, "personal": shown}
    template = current_app.extensions["mail_templates"].get_template
    with languages.speaking(language):
        subject = closed_up(template(f"mail/{name}.subject.txt").render(known))
        text = template(f"mail/{name}.txt").render(known, subject=subject)
        html = template(f"mail/{name}.html").render(known, subject=subject)
    return Sheet(
        places.cut(subject),
        places.cut(_EMPTY_LINES.sub("\n\n", text).strip() + "\n"),
        places.cut(_INLINER.inline(html)),
    )


def _with(sheet: Sheet, personal: Mapping[str, str], language: str) -> Rendered:
    from_right = languages.direction(language) == "rtl"
    subject = closed_up(filled(sheet.subject, personal, from_right=from_right))
    text = filled(sheet.text, personal, from_right=from_right)
    return Rendered(
        isolation.begun(subject, from_right=from_right),
        isolation.begun(text, from_right=from_right),
        filled_html(sheet.html, personal, from_right=from_right),
    )


@pass_eval_context
def isolated(context: EvalContext, name: str | Place) -> str | Place:
    """Keep a name from turning round the text it stands in, where either runs from right to left, and from a link.

    In HTML by ``<bdi>``; in plain text by invisible isolates, only where name and text differ.
    """
    if isinstance(name, Place):
        return Markup("<bdi>{}</bdi>").format(name.unlinked) if context.autoescape else name.isolated
    name = unlinked(str(name))  # of what is missing, str() raises
    return Markup("<bdi>{}</bdi>").format(name) if context.autoescape else isolation.isolated(name)
