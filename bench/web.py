"""The event page beside a bare Flask "hello", and whole registrations a second: two gunicorn processes, SQLite."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from flask_migrate import upgrade

from bench.load import ask_for
from bench.server import gunicorn
from config import INTERFACE_LANGUAGES, Config
from webinar import create_app
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.sample.services import load

CLIENTS = 8
SECONDS = 10
WARM_UP = 2
ROUNDS, REQUESTS_A_ROUND = 8, 25
PAGE = "/en/webinars/city-managers-and-the-new-urban-agenda"
FORM = "/en/sessions/next-all/register"
NOTICE = "/en/privacy"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@contextmanager
def sample_settings() -> Iterator[dict[str, str]]:
    """Prepare a temporary copy with the sample network, and return the settings that serve it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "INSTANCE_PATH": folder,
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'webinar.db'}",
            "SECRET_KEY": "only-for-measuring",
            "REGISTRATIONS_PER_HOUR": "10000000",
        }
        app = create_app(Config(settings))
        with app.app_context():
            upgrade()
            load(clock.now())
            db.session.remove()
            db.engine.dispose()
        yield settings


def register_for_a_while(port: int, seconds: float, numbers: Iterator[int]) -> int:
    """Register one person after the other, each by GET and POST, by several clients; return how many in the time."""
    until = time.perf_counter() + seconds

    def one_client(_: int) -> int:
        done = 0
        while time.perf_counter() < until:
            # A fresh connection and no cookies: each is another person.
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", FORM)
            page = connection.getresponse()
            cookie = (page.getheader("Set-Cookie") or "").split(";")[0]
            token = TOKEN.search(page.read().decode())
            if token is None:
                raise RuntimeError("the form has no token")
            fields = {
                "csrf_token": token[1],
                "email": f"person{next(numbers)}@example.org",
                "given_name": "Ana",
                "family_name": "Sousa",
                "affiliation": "member",
                "member": "Ciudad de Mexico",
                "role": "International relations",
                "language": "en",
                "timezone": "America/Mexico_City",
                "privacy": "y",
            }
            headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", FORM, urlencode(fields), headers)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            if answer.status != 303:
                raise RuntimeError(f"a registration was answered {answer.status}")
            done += 1
        return done

    with ThreadPoolExecutor(CLIENTS) as clients:
        return sum(clients.map(one_client, range(CLIENTS)))


def main() -> None:
    """Measure and print."""
    with gunicorn("bench.hello:app", {}) as port:
        hello = ask_for(port, "/")
    print(f"bare Flask hello        {hello.per_second:8.0f} requests/s   p99 {hello.p99 * 1000:6.1f} ms")
    with sample_settings() as settings, gunicorn("wsgi:app", settings) as port:
        page = ask_for(port, PAGE)
        ratio = hello.per_second / page.per_second
        print(
            f"event page              {page.per_second:8.0f} requests/s   p99 {page.p99 * 1000:6.1f} ms"
            f"   a {ratio:.1f}th of hello"
        )
        numbers = count()
        register_for_a_while(port, WARM_UP, numbers)  # each process reads its templates once
        registered = register_for_a_while(port, SECONDS, numbers)
        print(f"whole registrations     {registered / SECONDS:8.1f} a second (GET and POST, {CLIENTS} clients)")
        _other_languages(settings)


def _other_languages(settings: dict[str, str]) -> None:
    """Print what a page takes in each language beside English: processor time of one process, in turn.

    Of several rounds the second quickest counts: what else the machine does meanwhile only ever makes one slower.
    """
    client = create_app(Config(settings)).test_client()
    for name, page in (("event page", PAGE), ("form", FORM), ("privacy notice", NOTICE)):
        took: dict[str, list[float]] = {language: [] for language in INTERFACE_LANGUAGES}
        for _ in range(ROUNDS):
            for language, times in took.items():
                there = page.replace("/en/", f"/{language}/", 1)
                client.get(there)
                begin = time.process_time()
                for _ in range(REQUESTS_A_ROUND):
                    client.get(there)
                times.append(time.process_time() - begin)
        usual = {language: sorted(times)[1] for language, times in took.items()}
        english = usual.pop("en")
        told = ", ".join(f"{language} {time_ / english:.2f}" for language, time_ in usual.items())
        print(f"{name + ' in':<24}{told}   times what English takes")


if __name__ == "__main__":
    main()
