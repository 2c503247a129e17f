"""Absolute addresses: our own, made from PUBLIC_URL and never from what a request claims; and those people give us."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask import current_app


def absolute(endpoint: str, **values: Any) -> str:
    """Return the absolute public address of an endpoint, with or without a request.

    ``url_for`` would take the host from the request's Host header, which anybody can write.
    """
    public = urlsplit(current_app.config["PUBLIC_URL"])
    adapter = current_app.url_map.bind(public.netloc, script_name=public.path or "/", url_scheme=public.scheme)
    return adapter.build(endpoint, values, force_external=True)


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
