"""What the journeys share: the kind of database, and a place where the videos would run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Run on one kind of database: these tests are about browsers."""
    kind: str = request.param
    return kind


@dataclass
class Platform:
    """What stands for Zoom: another origin, which remembers who came and what their browsers told it."""

    address: str = ""
    visits: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def platform() -> Iterator[Platform]:
    """Run a platform on a port of its own; ``visits`` are the paths asked for, with the page that led there."""
    there = Platform()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/favicon.ico":
                there.visits.append((self.path, self.headers["Referer"]))
            page = b"<!doctype html><title>The room</title><h1>You are in the room</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named so by the library)
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    there.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield there
    server.shutdown()
    thread.join()
    server.server_close()
