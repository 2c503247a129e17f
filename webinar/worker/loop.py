"""The one loop: it writes and sends what is due and does what comes round, until it is told to stop."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import current_app
from sqlalchemy.exc import OperationalError

from webinar.certificates.services.write_due import write_due as write_certificates
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.foundation.live_config import look_again
from webinar.foundation.ratelimit import remove_old
from webinar.foundation.stopping import Stop
from webinar.invitations.services import write_due as write_mailings
from webinar.invitations.services.withdraw import write_due as write_withdrawals
from webinar.invitations.services.withdraw_unwanted import withdraw_unwanted
from webinar.mail.delivery import Tally, deliver_due, give_back_abandoned, is_anything_due
from webinar.mail.services import erase_old_bytes
from webinar.mail.transport import Transport, transport_of
from webinar.newsletter.services.ask import forget_old_requests
from webinar.people.services.contact_files import forget_old_files
from webinar.platform_reports.services.bring import forget_old_reports
from webinar.registration.services.follow_merges import follow_merges
from webinar.reminders.services.write_due import write_due as write_reminders
from webinar.updates.services import write_due as write_updates
from webinar.worker.locks import held, held_when_free, is_alive, sign_of_life
from webinar.worker.polling import reading_mailbox

logger = logging.getLogger(__name__)

SECONDS_IDLE = 1.0
SECONDS_AFTER_TROUBLE = 5.0
LONGEST_SECONDS_AFTER_TROUBLE = 60.0

WRITERS: Sequence[Callable[[], int]] = (
    write_updates,
    write_withdrawals,
    write_reminders,
    write_mailings,
    write_certificates,
)
"""What writes the mails to many, a lot at a time, the most pressing first; each returns 0 when it has nothing to do."""

SECONDS_OF_SENDING = 10.0
"""How long mails are sent before it is looked whether others are to be written: a slow mail server may need hours."""


@dataclass
class Chore:
    """Something that is to be done every so many seconds, first at once."""

    seconds: float
    do: Callable[[], object]
    due_at: float = 0.0

    def do_if_due(self, moment: float) -> None:
        """Do it when it is time (by the monotonic clock)."""
        if moment >= self.due_at:
            self.do()
            self.due_at = moment + self.seconds


def deliver_once() -> Tally | None:
    """Write all that is to be written, send what is due and return what became of it.

    None where another sender is at work on this SQLite file.
    """
    with _as_sender() as name:
        if name is None:
            return None
        _give_back_abandoned(name)
        total = Tally()
        while True:
            while _write_lots():
                pass
            run = deliver_due(transport_of(current_app), name)
            total.add(run)
            total.trouble = run.trouble
            if run.trouble or run == Tally():  # some mails are written only when others have left
                return total


def watch(stop: Stop) -> Tally:
    """Write and send what is due, as it becomes due, until ``stop`` is set, and return what became of it in all.

    Mails to many are written a lot at a time, and what is due is sent before the next lot: so a confirmation that is
    decided meanwhile waits behind one lot and not behind all of them. The mailbox that the settings name is read
    beside that. A mail that is on its way is finished first. While the mail server or the database cannot be reached,
    the pauses grow to a minute.
    """
    total = Tally()
    with _as_sender(wait=stop.wait) as name:
        if name is None:
            return total
        chores = [
            Chore(10, partial(_give_back_abandoned, name)),
            Chore(60, follow_merges),
            Chore(20, withdraw_unwanted),
            Chore(3600, _erase_old_bytes),
            Chore(3600, _remove_old_limits),
            Chore(600, forget_old_files),
            Chore(600, forget_old_reports),
            Chore(3600, forget_old_requests),
        ]
        transport = transport_of(current_app)
        pause = SECONDS_IDLE
        with reading_mailbox():
            while not stop.is_set():
                look_again()
                is_more = False
                try:
                    for chore in chores:
                        chore.do_if_due(time.monotonic())
                    written = _write_lots()
                    run = _deliver_for_a_while(transport, name, stop)
                    total.add(run)
                    trouble = run.trouble
                    is_more = bool(written) or run != Tally()
                except OperationalError as error:
                    logger.warning("the database cannot be used: %s", error.orig)
                    trouble = "the database cannot be used"
                finally:
                    db.session.remove()
                if trouble:
                    pause = min(max(2 * pause, SECONDS_AFTER_TROUBLE), LONGEST_SECONDS_AFTER_TROUBLE)
                else:
                    pause = 0.0 if is_more else SECONDS_IDLE
                stop.wait(pause)
    return total


def _write_lots() -> int:
    """Write one lot of each kind of mails to many, and return how many people were taken up."""
    taken_up = 0
    for write in WRITERS:
        if count := write():
            taken_up += count
            db.session.remove()
    return taken_up


def _deliver_for_a_while(transport: Transport, name: str, stop: Stop) -> Tally:
    if not is_anything_due(clock.now()):
        return Tally()
    until = time.monotonic() + SECONDS_OF_SENDING
    return deliver_due(transport, name, lambda: stop.is_set() or time.monotonic() >= until)


@contextmanager
def _as_sender(wait: Callable[[float], bool] | None = None) -> Iterator[str | None]:
    """Be a sender with a name: the only one on SQLite, else None; one among others on PostgreSQL."""
    folder = Path(current_app.instance_path)
    if _is_one_sender_only():
        lock = folder / "worker.lock"
        with held(lock) if wait is None else held_when_free(lock, wait) as is_ours:
            yield secrets.token_hex(8) if is_ours else None
    else:
        with sign_of_life(folder / "senders") as name:
            yield name


def _is_one_sender_only() -> bool:
    return db.engine.dialect.name == "sqlite"


def _give_back_abandoned(me: str) -> None:
    """Take up what senders left behind that are gone, and what a fault left of ours: between two runs we hold none."""
    folder = Path(current_app.instance_path) / "senders"
    alone = _is_one_sender_only()
    count = give_back_abandoned(lambda name: not alone and name != me and is_alive(folder, name))
    if count:
        logger.warning("%s mails of senders that are gone were given back", count)


def _erase_old_bytes() -> None:
    count = erase_old_bytes(clock.now())
    if count:
        logger.info("the texts of %s old mails were deleted", count)


def _remove_old_limits() -> None:
    remove_old(clock.now())
