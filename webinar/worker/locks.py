"""Locks on files: that one sender works on SQLite, and that a sender is alive. A dead process holds none."""

from __future__ import annotations

import fcntl
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS_BETWEEN_TRIES = 0.5


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold a lock for the block, and tell whether it could be had; it is not waited for."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def held_when_free(path: Path, wait: Callable[[float], bool]) -> Iterator[bool]:
    """Wait for a lock and hold it for the block; ``wait`` sleeps for some seconds and returns whether to leave off."""
    while True:
        with held(path) as is_ours:
            if is_ours:
                yield True
                return
        if wait(SECONDS_BETWEEN_TRIES):
            yield False
            return


@contextmanager
def sign_of_life(folder: Path) -> Iterator[str]:
    """Give this process a name that others on the same folder can look up while it lives."""
    name = secrets.token_hex(8)
    path = folder / f"{name}.lock"
    with held(path):
        yield name
        path.unlink(missing_ok=True)


def is_alive(folder: Path, name: str) -> bool:
    """Tell whether the process of a name lives; one of another folder, so of another machine, counts as living."""
    path = folder / f"{name}.lock"
    if not path.exists():
        return True
    with held(path) as was_free:
        if was_free:
            path.unlink(missing_ok=True)
    return not was_free
