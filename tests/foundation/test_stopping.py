"""Being asked to end, at the most awkward moment too."""

import os
import signal
import subprocess
import sys
import time

from webinar.foundation.stopping import Stop, told_to_stop

ASKED_AT_EVERY_MOMENT = """
import signal
from webinar.foundation.stopping import Stop
for microseconds in list(range(1, 400)) * 5:
    stop = Stop()
    signal.signal(signal.SIGALRM, lambda *_: stop.set())
    signal.setitimer(signal.ITIMER_REAL, microseconds / 1_000_000)
    while not stop.wait(0.00001):
        pass
print("ended")
"""


def test_what_is_asked_stays_asked_and_ends_every_wait() -> None:
    stop = Stop()
    assert not stop.is_set()
    assert not stop.wait(0.001)

    stop.set()

    began = time.monotonic()
    assert stop.is_set()
    assert stop.wait(60)
    assert stop.wait(60)
    assert stop.is_set()
    assert time.monotonic() - began < 30


def test_a_signal_at_whatever_moment_of_a_wait_ends_it() -> None:
    run = subprocess.run(
        [sys.executable, "-c", ASKED_AT_EVERY_MOMENT], capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.stdout, run.stderr) == ("ended\n", "")


def test_a_signal_ends_a_wait_and_afterwards_means_what_it_meant_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with told_to_stop() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(60)
    assert signal.getsignal(signal.SIGTERM) == before
