"""A page in its languages: where each is, what search engines are told, and addresses whose language is not ours.

A public page stands at ``/<lang>/...``. The same address without the language leads to the reader's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from webinar.foundation import languages
from webinar.foundation.addresses import absolute
from webinar.foundation.security import has_token

READING = {"GET", "HEAD"}


class Readable(NamedTuple):
    """A page that a browser can ask for: its endpoint and what stands in its address."""

    endpoint: str
    values: Mapping[str, Any]


class InLanguage(NamedTuple):
    """The address of a page in a language."""

    code: str
    address: str


class LanguageNotOffered(NotFound):
    """An address in a language that pages are not offered in; ``elsewhere`` is the page in those that they are in.

    ``elsewhere`` is empty where there is no such page in any language.
    """

    def __init__(self, elsewhere: list[InLanguage]) -> None:
        super().__init__()
        self.elsewhere = elsewhere


def init_app(app: Flask) -> None:
    """Answer for addresses whose language is missing or not offered, and say in which language each page is."""
    app.before_request(_in_an_offered_language)

    @app.context_processor
    def note() -> dict[str, str]:
        # The frame may be in another language than the reader's: the last one that a page was made in is the page's.
        code = languages.current()
        g.page_language = code
        return {"language": code}

    @app.after_request
    def tell(response: Response) -> Response:
        if languages.depends_on_browser():
            response.vary.add("Accept-Language")
        code = g.get("page_language") or (request.view_args or {}).get("lang")
        if code in languages.offered() and response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            response.headers.setdefault("Content-Language", code)
        return response


def here() -> str:
    """Return the path of this page with its query, to come back to; of an answer to a form, that of the form."""
    page = _readable()
    if page is None:
        return request.full_path.rstrip("?")
    return _address(page, page.values.get("lang", ""), list(request.args.items(multi=True)))


def in_language(code: str, home: str) -> str:
    """Return the address of this page in another interface language; the first page where it has none.

    The query stays. An answer to a form leads to the page that the form stands on.
    """
    page = _readable()
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    if page is None:
        return url_for(home, lang=code)
    if "lang" not in page.values:
        query.append(("lang", code))
    elif page.values["lang"] not in languages.offered():
        return url_for(home, lang=code)
    return _address(page, code, query)


def alternates() -> list[InLanguage]:
    """Return the languages of this page with their absolute addresses, for search engines.

    ``x-default`` is the address that asks the browser for its language. Empty for pages that are not public.
    """
    page = _public()
    if page is None:
        return []
    offered = [InLanguage(code, _absolute(page, code)) for code in languages.offered()]
    without = InLanguage("x-default", _without_language(offered[0]))
    return [*offered, without]


def canonical() -> str | None:
    """Return the absolute address that search engines know this page by, without its query; None if not public."""
    page = _public()
    return None if page is None else _absolute(page, page.values["lang"])


def _public() -> Readable | None:
    page = _readable()
    if page is None or page.values.get("lang") not in languages.offered() or has_token():
        return None
    return page if _begins_with_language(page.endpoint) else None


def _begins_with_language(endpoint: str) -> bool:
    return any(rule.rule.startswith("/<lang>/") for rule in current_app.url_map.iter_rules(endpoint))


def _absolute(page: Readable, code: str) -> str:
    return absolute(page.endpoint, **{**page.values, "lang": code})


def _without_language(page: InLanguage) -> str:
    public: str = current_app.config["PUBLIC_URL"]
    return f"{public}/{page.address.removeprefix(f'{public}/{page.code}/')}"


def _address(page: Readable, code: str, query: list[tuple[str, str]]) -> str:
    # The query goes on as text: given to url_for, "?_external=1&_scheme=..." would become an order to it.
    values = {**page.values, "lang": code} if "lang" in page.values else page.values
    address = url_for(page.endpoint, **values)
    return f"{address}?{urlencode(query)}" if query else address


def _readable() -> Readable | None:
    """Return the page of this address, or that above it where this one only takes forms or there is none."""
    if request.url_rule is not None and "GET" in (request.url_rule.methods or set()):
        return Readable(request.url_rule.endpoint, request.view_args or {})
    path = request.path
    while path:
        for spelling in (path, f"{path}/"):
            if (page := _page_at(spelling)) is not None:
                return page
        path = path.rstrip("/").rpartition("/")[0]
    return None


def _page_at(path: str) -> Readable | None:
    try:
        return Readable(*current_app.url_map.bind("").match(path, method="GET"))
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return None


def _in_an_offered_language() -> ResponseReturnValue | None:
    """Lead an address without a language to the reader's, ``/FR/`` and ``/fr-CA/`` to ``/fr/``; refuse all others.

    Raises:
        LanguageNotOffered: the address names a language that pages are not offered in.
    """
    if request.url_rule is None:
        return _with_language() if request.method in READING and request.path != "/" else None
    if not request.url_rule.rule.startswith("/<lang>/"):
        return None
    page = Readable(request.url_rule.endpoint, request.view_args or {})
    written = page.values["lang"]
    if written in languages.offered():
        return None
    if request.method not in READING:
        raise NotFound
    if code := languages.offered_for(written):
        return redirect(_address(page, code, list(request.args.items(multi=True))))
    if (answer := _with_language()) is not None:  # "/privacy/": what was taken for a language was a page
        return answer
    if not languages.is_known(written.replace("_", "-").partition("-")[0].lower()):
        raise NotFound
    raise LanguageNotOffered(_elsewhere(page))


def _with_language() -> ResponseReturnValue | None:
    """Lead to the same address in the reader's language, if there are pages at such addresses."""
    path = f"/{languages.offered()[0]}{request.path.rstrip('/')}"
    page = _page_at(path)
    if page is None or not _begins_with_language(page.endpoint):
        return None
    code = languages.asked_for() or languages.accepted()
    return redirect(_address(page, code, [(n, v) for n, v in request.args.items(multi=True) if n != "lang"]))


def _elsewhere(page: Readable) -> list[InLanguage]:
    query = list(request.args.items(multi=True))
    found = [InLanguage(code, _address(page, code, query)) for code in languages.offered()]
    # Asked for as by a browser without cookies: what stands behind the address is known to its view alone.
    with current_app.app_context(), current_app.test_request_context(found[0].address):
        try:
            current_app.dispatch_request()
        except HTTPException:
            return []
    return found
