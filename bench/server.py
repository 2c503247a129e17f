"""A gunicorn and a worker of our own settings on this machine, each ended by its own id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from config import PROJECT

PATIENCE = 20
PATIENCE_WITH_A_WORKER = 600


@contextmanager
def gunicorn(application: str, settings: Mapping[str, str], *, workers: int = 2) -> Iterator[int]:
    """Serve an application of this project and return the port it answers on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", application],
        cwd=PROJECT,
        env={
            **os.environ,
            **settings,
            "PORT": str(port),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "WEB_CONCURRENCY": str(workers),
        },
    )
    try:
        _wait_for(server, port)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def a_worker(settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Let a worker write and send what is due, and return its process."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "mail", "deliver", "--watch"]
    worker = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    try:
        yield worker
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(PATIENCE_WITH_A_WORKER)


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(1)  # until all of its processes are there
            return
    raise RuntimeError("gunicorn does not answer")
