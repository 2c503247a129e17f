"""Being asked to end by a signal, at any moment, and waiting for it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

NAP = 0.1
"""Seconds after which somebody who waits looks up."""


class Stop:
    """What a signal handler sets and a loop looks at.

    A flag and short naps, on purpose: ``threading.Event`` and ``queue.SimpleQueue`` hold a lock for a moment while
    they wait, and a handler that runs in just that moment waits for its own thread, for ever. Both were seen to.
    """

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        """Ask to end; safe in a signal handler."""
        self._is_set = True

    def is_set(self) -> bool:
        """Tell whether ending was asked for."""
        return self._is_set

    def wait(self, seconds: float) -> bool:
        """Wait so many seconds, less where ending is asked for, and tell whether it is."""
        until = time.monotonic() + seconds
        while not self._is_set and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, NAP))
        return self._is_set


@contextmanager
def told_to_stop() -> Iterator[Stop]:
    """Give what is set when the person (Ctrl-C), a service manager or a closed terminal asks the process to end."""
    stop = Stop()
    asked = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup it is to go on
        asked.append(signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in asked}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
