"""Absolute addresses for mails and calendars, made from PUBLIC_URL and never from what a request claims."""

from __future__ import annotations

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
