"""Real sender processes, started fast enough to kill many: one process that has loaded the program forks each.

Run as a program: each line on standard input starts a sender, whose process id is printed. Whoever stops and kills
them is the test.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

PROJECT = Path(__file__).resolve().parents[2]


class Senders:
    """Starts senders with settings, as a context manager that leaves none behind."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._pids: list[int] = []
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.worker.senders"],
            cwd=PROJECT,
            env={**os.environ, **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self) -> int:
        """Start one sender that watches the outbox, and return its process id."""
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write("start\n")
        self._nursery.stdin.flush()
        pid = int(self._nursery.stdout.readline())
        self._pids.append(pid)
        return pid

    def kill(self, pid: int) -> None:
        """End a sender as a power cut would."""
        self._pids.remove(pid)
        os.kill(pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pid in list(self._pids):
            self.kill(pid)
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.close()
        self._nursery.wait(10)
        self._nursery.stdout.close()


def main() -> None:
    from webinar import create_app
    from webinar.foundation.stopping import Stop
    from webinar.worker.loop import watch

    app = create_app()  # opens no connection, so each fork opens its own
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            with app.app_context():
                watch(Stop())
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
