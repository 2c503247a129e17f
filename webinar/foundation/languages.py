"""The interface languages: which are offered, how they are called, which way they run, and how one is chosen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from gettext import NullTranslations
from typing import NamedTuple

from babel import Locale, localedata
from flask import current_app, g, has_request_context, request
from flask_babel import force_locale, get_locale, get_translations

from webinar.foundation import alphabet
from webinar.foundation.accept_language import best_of

_CODE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*")


def offered() -> Sequence[str]:
    """Return the codes of the interface languages of this installation, the first one being its default."""
    languages: Sequence[str] = current_app.config["LANGUAGES"]
    return languages


def current() -> str:
    """Return the code of the interface language of the page, or of the mail, that is being made."""
    forced = spoken()
    locale = get_locale() if forced is None else forced.locale
    return locale.language if locale is not None else offered()[0]


def selector(of_account: Callable[[], str | None]) -> Callable[[], str]:
    """Return what chooses the language of a request.

    Its address decides: ``/fr/...``, else ``?lang=fr``; else the account of whoever is signed in, else the browser.
    ``of_account`` gives the language that whoever is signed in has chosen, if anybody is.
    """

    def select_locale() -> str:
        if not has_request_context():
            return offered()[0]
        # Read from the path, so that "nothing here" under /fr/ is told in French too.
        for chosen in (request.path.split("/", 2)[1], asked_for(), of_account()):
            if chosen in offered():
                return str(chosen)
        return accepted()

    return select_locale


def asked_for() -> str | None:
    """Return the offered language that an address without one in its path asks for, by ``?lang=fr``."""
    wanted = request.args.get("lang", "")
    return wanted if wanted in offered() else None


def accepted() -> str:
    """Return the offered language that the browser's Accept-Language likes best; the answer then depends on that."""
    g.depends_on_browser_language = True
    return best_of(offered(), request.headers.get("Accept-Language", ""))


def depends_on_browser() -> bool:
    """Tell whether the answer to this request would be another one for a browser that likes another language."""
    return bool(g.get("depends_on_browser_language"))


def of_pages(code: str) -> str:
    """Return the language of the pages for somebody who reads a language: the first offered one if it is not offered.

    Whoever registered in a language that was taken away later is still written to in it, but its pages are gone.
    """
    return code if code in offered() else offered()[0]


def offered_for(code: str) -> str | None:
    """Return the offered language that a code stands for, in whatever case, with or without a region.

    ``FR`` and ``fr-CA`` stand for ``fr``.
    """
    found = _CODE.fullmatch(code)
    base = found[1].lower() if found else ""
    return base if base in offered() else None


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Make everything in the block in one language: texts, dates, numbers."""
    with force_locale(language):
        locale = get_locale()
        if locale is None:  # outside of the application
            yield
            return
        before = g.get("spoken")
        g.spoken = Spoken(locale, str(locale), get_translations())
        try:
            yield
        finally:
            g.spoken = before


class Spoken(NamedTuple):
    """The language of a block, and its catalogue."""

    locale: Locale
    code: str
    catalogue: NullTranslations


def spoken() -> Spoken | None:
    """Return the language of the block that is being made, or None where the request chooses it.

    Flask-Babel would tell too, but asks its way through several objects for each word: a mail has hundreds.
    """
    try:
        found: Spoken | None = g.get("spoken")
    except RuntimeError:  # outside of the application
        return None
    return found


@lru_cache(maxsize=2000)
def name_of(code: str, in_language: str | None = None) -> str:
    """Return the name of a language, in itself unless told otherwise, with a capital: ``fr`` is ``Français``."""
    locale = Locale.parse(code, sep="-")
    name = locale.get_display_name(in_language or code) or code
    return name[:1].upper() + name[1:]


def name_here(code: str) -> str:
    """Return the name of a language in that of the page, with a capital, for where it stands alone: ``Francés``."""
    return name_of(code, current())


def in_words(code: str) -> str:
    """Return the name of a language as it stands within a sentence of the page: ``French``, ``francés``."""
    return Locale.parse(code, sep="-").get_display_name(current()) or code


def is_known(code: str) -> bool:
    """Tell whether a code names a language at all, so that a session can be held in it (BCP 47, language only)."""
    return code.isascii() and code.isalpha() and code.lower() == code and code in _with_locale()


@cache
def _with_locale() -> frozenset[str]:
    """Return the codes that have a name and that Babel can write in; it names some that it knows nothing else about."""
    return frozenset(str(code) for code in Locale("en").languages if localedata.exists(str(code)))


def all_known() -> Sequence[str]:
    """Return the codes of the languages with a code of two letters, by their names in the language of the page."""
    return _all_known(current())


@cache
def _all_known(language: str) -> Sequence[str]:
    names = Locale.parse(language, sep="-").languages
    codes = [code for code in _with_locale() if len(code) == 2]
    return sorted(codes, key=lambda code: alphabet.place(names.get(code, code), language))


def in_alphabet(word: str) -> tuple[bool, str, str]:
    """Return what to sort a name by for who reads the page: ``árabe`` stands before ``búlgaro``."""
    return alphabet.place(word, current())


@lru_cache(maxsize=1000)
def direction(code: str) -> str:
    """Return ``rtl`` for languages written from right to left, else ``ltr``."""
    return Locale.parse(code, sep="-").text_direction
