"""People who use the site while something is measured: requests to a server of this machine, and how long each took."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from webinar.accounts.models import StaffAccount

_HIDDEN = re.compile(r'name="(csrf_token|revision|list)"[^>]*value="([^"]*)"')


def asked(port: int, method: str, path: str, cookie: str = "", fields: dict[str, Any] | None = None) -> tuple[int, str]:
    """Ask for a page, and return the status of the answer and the page."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "en"}
    connection.request(method, path, urlencode(fields) if fields else None, headers)
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    return answer.status, page


def expect(status: int, answered: tuple[int, str]) -> str:
    """Return a page that was answered.

    Raises:
        RuntimeError: it was answered with another status.
    """
    if answered[0] != status:
        raise RuntimeError(f"a page was answered {answered[0]}: {answered[1][:2000]}")
    return answered[1]


def hidden_in(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's forms that say who sends them and what was shown."""
    return dict(_HIDDEN.findall(page))


def register(port: int, key: str, number: int) -> None:
    """Register somebody new for a session of these programs: the form is fetched, filled in and sent."""
    path = f"/en/sessions/{key}/register"
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    page = connection.getresponse()
    cookie = (page.getheader("Set-Cookie") or "").split(";")[0]
    fields = {
        **hidden_in(page.read().decode()),
        "email": f"new{number}@example.org",
        "given_name": "Ana",
        "family_name": "Sousa",
        "affiliation": "other",
        "role": "International relations",
        "language": "en",
        "timezone": "America/Mexico_City",
        "privacy": "y",
    }
    connection.close()
    expect(303, asked(port, "POST", path, cookie, fields))


def cookie_of(account: StaffAccount, app: Flask) -> str:
    """Return the cookie of somebody of the staff who is signed in, with the secret of the tokens of forms in it."""
    client = app.test_client()
    with client.session_transaction() as signed_in:
        signed_in["_user_id"] = account.session_key
        signed_in["_fresh"] = True
    client.get("/staff/account")  # a page with a form: the secret of all tokens is in the cookie from now on
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    if cookie is None:
        raise RuntimeError("nobody is signed in")
    return f"{name}={cookie.value}"


@contextmanager
def used_meanwhile(clients: dict[str, Callable[[], object]]) -> Iterator[dict[str, list[float]]]:
    """Let each client do one thing after the other while the block runs, and give how many seconds each took."""
    took: dict[str, list[float]] = {name: [] for name in clients}
    done = threading.Event()

    def use(name: str) -> None:
        while not done.is_set():
            began = time.perf_counter()
            clients[name]()
            took[name].append(time.perf_counter() - began)
            time.sleep(0.02)

    threads = [threading.Thread(target=use, args=(name,)) for name in clients]
    for thread in threads:
        thread.start()
    try:
        yield took
    finally:
        done.set()
        for thread in threads:
            thread.join()
