"""What ``make run`` does, run as a person would run it."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest

from config import PROJECT


def a_free_port() -> int:
    with socket.socket() as trying:
        trying.bind(("127.0.0.1", 0))
        port: int = trying.getsockname()[1]
        return port


class Running:
    """A running copy: its process, its port, what it has printed."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.printed = ""

    def read_until(self, words: str) -> None:
        """Read what it prints until some words come."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line
            if words in line:
                return
        pytest.fail(f"it ended without saying {words!r}:\n{self.printed}")

    def get(self, address: str) -> tuple[int, str]:
        """Fetch a page; return its status and its Server header."""
        try:
            with urlopen(address, timeout=10) as answer:
                return answer.status, answer.headers["Server"]
        except HTTPError as error:
            with error:
                return error.code, error.headers["Server"]


@contextmanager
def a_running_copy(instance: Path, **settings: str) -> Iterator[Running]:
    """Start one, on a free port, and end it whatever happens."""
    port = a_free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONUNBUFFERED": "1",
        "INSTANCE_PATH": str(instance),
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        **settings,
    }
    with subprocess.Popen(
        [sys.executable, "run.py"],
        cwd=PROJECT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            yield Running(process, port)
        finally:
            process.terminate()
            process.communicate(timeout=60)


def test_it_loads_the_sample_serves_and_lets_the_organiser_in_then_starts_again_with_the_same_data(
    tmp_path: Path,
) -> None:
    with a_running_copy(tmp_path) as copy:
        copy.read_until("Ctrl-C")
        sign_in = re.search(r"http://\S+/sign-in/\S+", copy.printed)
        assert sign_in is not None, copy.printed
        assert sign_in[0].startswith(f"http://127.0.0.1:{copy.port}/")
        assert copy.get(f"http://127.0.0.1:{copy.port}/readyz") == (200, "webinar")
        assert copy.get(f"http://127.0.0.1:{copy.port}/en/") == (200, "webinar")
        assert copy.get(sign_in[0])[0] == 200
        children = psutil.Process(copy.process.pid).children(recursive=True)
        assert len(children) >= 3  # gunicorn, its worker, the sender of mail

        copy.process.send_signal(signal.SIGINT)

        assert copy.process.wait(30) == 0
        assert [child for child in children if child.is_running()] == []

    before = numbers_of_rows(tmp_path / "webinar.db")
    began = time.monotonic()
    with a_running_copy(tmp_path) as copy:
        copy.read_until("Ctrl-C")
        assert "Loading" not in copy.printed
        assert time.monotonic() - began < 20

    after = numbers_of_rows(tmp_path / "webinar.db")
    assert after == {**before, "sign_in_link": 2, "audit_entry": before["audit_entry"] + 1}


def test_it_ends_when_one_of_its_two_processes_does(tmp_path: Path) -> None:
    with a_running_copy(tmp_path) as copy:
        copy.read_until("Ctrl-C")
        children = psutil.Process(copy.process.pid).children(recursive=True)
        next(child for child in children if "deliver" in child.cmdline()).kill()

        assert copy.process.wait(40) == 1
        assert [child for child in children if child.is_running()] == []


def test_it_says_so_when_the_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with a_running_copy(tmp_path, PORT=str(taken.getsockname()[1])) as copy:
            copy.read_until("is not free")
            assert "PORT=5001 make run" in copy.printed
            assert copy.process.wait(30) == 1


def test_it_refuses_to_be_reached_from_elsewhere_without_a_secret_of_its_own(tmp_path: Path) -> None:
    with a_running_copy(tmp_path, PUBLIC_URL="https://webinars.example.org") as copy:
        copy.read_until("SECRET_KEY is not set")
        assert copy.process.wait(30) == 1


def numbers_of_rows(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in tables
            if name != "rate_limit"
        }
