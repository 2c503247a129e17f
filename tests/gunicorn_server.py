"""The program as it is served for real: gunicorn with several processes, on this machine only, ended by its own id."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE = 30
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
NAME, VALUE = re.compile(r'name="([^"]*)"'), re.compile(r'value="([^"]*)"')


@contextmanager
def serving(database_url: str, instance: Path, *, processes: int = 3) -> Iterator[str]:
    """Serve a database whose schema is there, and return the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environ = {
        **os.environ,
        "DATABASE_URL": database_url,
        "INSTANCE_PATH": str(instance),
        "PUBLIC_URL": address,
        "PORT": str(port),
        "WEB_CONCURRENCY": str(processes),
        "REGISTRATIONS_PER_HOUR": "100000",
    }
    log = (instance / "gunicorn.log").open("ab+")
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "wsgi:app"],
        cwd=PROJECT,
        env=environ,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        _wait_until_it_answers(server, address)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
        log.close()


def _wait_until_it_answers(server: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError("gunicorn ended before it answered")
        try:
            with closing(Visitor(address)) as visitor:
                visitor.get("/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("gunicorn does not answer")


class Visitor:
    """A browser without JavaScript, with cookies, over one connection."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, str]:
        """Return the status and the text of a page."""
        return self._ask("GET", path)

    def hidden_fields(self, path: str) -> dict[str, str]:
        """Return the hidden fields of the form on a page."""
        _status, page = self.get(path)
        fields = {}
        for field in HIDDEN.findall(page):
            name, value = NAME.search(field), VALUE.search(field)
            if name:
                fields[name[1]] = value[1] if value else ""
        return fields

    def post(self, path: str, fields: Mapping[str, str | list[str]]) -> int:
        """Send a form, in which a field may stand several times, and return the status."""
        status, _page = self._ask("POST", path, urlencode(fields, doseq=True))
        return status

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        for cookie in response.headers.get_all("Set-Cookie", []):
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(cookie).items()})
        return response.status, response.read().decode()
