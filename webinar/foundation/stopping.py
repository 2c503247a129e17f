"""Being asked to end by a signal, at any moment, and waiting for it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue


class Stop:
    """What a signal handler sets and a loop looks at.

    Not ``threading.Event``: its ``set`` takes the lock that ``wait`` holds for a moment, so a handler that runs in
    just that moment waits for its own thread, for ever. ``SimpleQueue.put`` may be called again inside itself.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Ask to end; safe in a signal handler."""
        self._asked.put(None)

    def is_set(self) -> bool:
        """Tell whether ending was asked for."""
        return not self._asked.empty()

    def wait(self, seconds: float) -> bool:
        """Wait so many seconds, less where ending is asked for, and tell whether it is."""
        try:
            self._asked.get(timeout=seconds)
        except Empty:
            return False
        self._asked.put(None)  # it stays set
        return True


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
