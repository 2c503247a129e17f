"""Answering no sooner than after a while, so that how long it took tells nobody what was found."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta


@contextmanager
def taking_at_least(least: timedelta) -> Iterator[None]:
    """Let a block take at least so long, by waiting at its end; also where it raises.

    Nothing may be held meanwhile: put it around a transaction, not into one.
    """
    began = time.monotonic()
    try:
        yield
    finally:
        time.sleep(max(0.0, began + least.total_seconds() - time.monotonic()))
