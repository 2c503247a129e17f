"""Absolute addresses: our own, made from PUBLIC_URL and never from what a request claims; and those people give us."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from werkzeug.routing import Map, MapAdapter


def absolute(endpoint: str, **values: Any) -> str:
    """Return the absolute public address of an endpoint, with or without a request.

    ``url_for`` would take the host from the request's Host header, which anybody can write.
    """
    return _public(current_app.url_map, current_app.config["PUBLIC_URL"]).build(endpoint, values, force_external=True)


@lru_cache(maxsize=16)
def _public(endpoints: Map, url: str) -> MapAdapter:
    public = urlsplit(url)
    return endpoints.bind(public.netloc, script_name=public.path or "/", url_scheme=public.scheme)


def is_web_address(written: str) -> bool:
    """Tell whether a text is a whole http or https address that a browser can be sent to.

    Nothing in it breaks out of a header or an attribute; host and port are such as there can be, or the redirect
    would fail after everything else was done.
    """
    if not re.fullmatch(r"https?://[^\s<>\"'\\]+", written) or not written.isprintable():
        return False
    try:
        parts = urlsplit(written)
        host = parts.hostname or ""
        host.encode("idna")
        return bool(host) and all(sign.isalnum() or sign in "-._:" for sign in host) and (parts.port or 1) > 0
    except ValueError:  # brackets that are no IPv6 address, a port beyond the last, a label too long
        return False
