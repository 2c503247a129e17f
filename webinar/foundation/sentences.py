"""What is put into the sentences of the catalogues: numbers as the language writes them, texts held apart.

Templates and code call the ``gettext`` of Flask-Babel as everywhere; this is what stands behind it here.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import Domain, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from webinar.foundation import formats, languages
from webinar.foundation.isolation import is_from_right, isolated


def fitted(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a sentence as they stand in it: whole and other numbers, and texts; markup as it is."""
    from_right: bool | None = None
    for name, value in values.items():
        kind = type(value)
        if kind is str:
            from_right = is_from_right() if from_right is None else from_right
            values[name] = isolated(value, from_right=from_right)
        elif kind is int or kind is float:
            values[name] = formats.number(value)
    return values


class Sentences(Domain):  # type: ignore[misc]
    """The catalogue of the code: ``gettext`` and its sisters of Flask-Babel lead here."""

    def gettext(self, string: str, **variables: Any) -> str:
        """Return a sentence in the language of the page, with its values."""
        sentence: str = _catalogue().ugettext(string)
        return _filled(sentence, variables) if variables else sentence

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        """Return the form of a sentence that a number asks for, with the number and the other values."""
        variables.setdefault("num", num)
        return _filled(_catalogue().ungettext(singular, plural, num), variables)


@pass_eval_context
def _gettext(context: EvalContext, string: str, /, **variables: Any) -> str:
    return _filled(_of(context, _catalogue().ugettext(string)), variables)


@pass_eval_context
def _ngettext(context: EvalContext, singular: str, plural: str, num: int, /, **variables: Any) -> str:
    variables.setdefault("num", num)
    return _filled(_of(context, _catalogue().ungettext(singular, plural, num)), variables)


def _catalogue() -> Any:
    forced = languages.spoken()
    return get_translations() if forced is None else forced.catalogue


def _of(context: EvalContext, sentence: str) -> str:
    return Markup(sentence) if context.autoescape else sentence  # noqa: S704  # from the catalogue


def _filled(sentence: str, variables: dict[str, Any]) -> str:
    # As Jinja's own, always a format string: a sentence reads the same with values and without.
    filled = sentence % fitted(variables)
    # The article of what is called "city" becomes one word with what stands before it, where the language wants that.
    return formats.at_the_city(filled, variables["city"]) if "city" in variables else filled


def init_app(app: Flask) -> None:
    """Put these in the place of Flask-Babel's own, in code and templates."""
    app.extensions["babel"].instance.domain_instance = Sentences(domain=app.extensions["babel"].default_domain)
    app.jinja_env.globals.update(gettext=_gettext, ngettext=_ngettext, _=_gettext)
