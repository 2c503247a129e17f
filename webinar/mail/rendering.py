"""From templates to the words of a mail, in the language of the person it goes to."""

from __future__ import annotations

import re
from dataclasses import dataclass
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

_INLINER = CSSInliner(load_remote_stylesheets=False)
_EMPTY_LINES = re.compile(r"\n{3,}")
_DOTS_WITHIN = re.compile(r"(?<=\w)\.(?=\w)")

WORD_JOINER = "\u2060"


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


def render(name: str, language: str, /, **values: Any) -> Rendered:
    """Render ``templates/mail/<name>.subject.txt``, ``.txt`` and ``.html`` in a language.

    The plain ones are not escaped, the HTML is. Besides ``values`` the templates know ``language``, ``direction``,
    ``network`` and ``accent``. Nothing of a request is known to them: a mail reads the same wherever it is made.

    Raises:
        jinja2.UndefinedError: a template asks for a value that was not given.
    """
    shared = {
        "language": language,
        "direction": languages.direction(language),
        "network": current_app.config["NETWORK_NAME"],
        "accent": accent_of(current_app.config["BRAND_COLOUR"]),
    }
    known = {**shared, **values}
    template = current_app.extensions["mail_templates"].get_template
    with languages.speaking(language):
        subject = closed_up(template(f"mail/{name}.subject.txt").render(known))
        text = template(f"mail/{name}.txt").render(known, subject=subject)
        html = template(f"mail/{name}.html").render(known, subject=subject)
        text = isolation.begun(_EMPTY_LINES.sub("\n\n", text).strip()) + "\n"
        return Rendered(isolation.begun(subject), text, _INLINER.inline(html))


@pass_eval_context
def isolated(context: EvalContext, name: str) -> str:
    """Keep a name from turning round the text it stands in, where either runs from right to left, and from a link.

    In HTML by ``<bdi>``; in plain text by invisible isolates, only where name and text differ. Mail programs make
    links of what looks like an address, and a name may have been typed by anybody: an invisible joiner behind its
    dots keeps ``evil.example`` a name.
    """
    name = _DOTS_WITHIN.sub("." + WORD_JOINER, isolation.unturned(str(name)))  # of what is missing, str() raises
    return Markup("<bdi>{}</bdi>").format(name) if context.autoescape else isolation.isolated(name)
