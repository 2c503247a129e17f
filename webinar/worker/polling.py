"""The mailbox that somebody reads, read by us too: each message goes the way that ``mail receive`` goes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple, cast

from flask import Flask, current_app
from sqlalchemy.exc import OperationalError

from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.foundation.live_config import look_again
from webinar.foundation.stopping import Stop
from webinar.mail.imap import Account, MailboxTrouble, OpenMailbox, opened
from webinar.mail.incoming import MOST_BYTES
from webinar.mail.positions import give_free, hold, remember
from webinar.worker.receiving import receive

logger = logging.getLogger(__name__)

LOT = 50
READ_BACK = timedelta(days=14)
"""Older messages are not asked for: not at the first contact, nor when a server numbers its messages anew."""

SECONDS_BETWEEN_LOTS = 1.0
LONGEST_SECONDS_AFTER_TROUBLE = 900.0
SECONDS_TO_END = 2.0


class Round(NamedTuple):
    """How many messages were read, and whether more wait."""

    read: int
    is_more: bool


def account_of(app: Flask) -> Account | None:
    """Return the mailbox that the settings name; None where they name none."""
    settings = app.config
    if not settings["IMAP_SERVER"]:
        return None
    return Account(
        server=settings["IMAP_SERVER"],
        port=settings["IMAP_PORT"],
        username=settings["IMAP_USERNAME"],
        password=settings["IMAP_PASSWORD"],
        use_ssl=settings["IMAP_USE_SSL"],
        folder=settings["IMAP_FOLDER"],
    )


def read_lot(account: Account, should_stop: Callable[[], bool] = lambda: False) -> Round | None:
    """Read up to LOT messages that came since the last time; None where another worker is reading the mailbox.

    How far we are is written down behind each message, so each is read once, but for the one that was in hand when
    the process died or the database went away. Reading that one again changes nothing.

    Raises:
        MailboxTrouble: the server cannot be used.
    """
    now = clock.now()
    held = hold(account.name, now)
    if held is None:
        return None
    try:
        with opened(account) as mailbox:
            uids = mailbox.uids(after=held.last_uid_of(mailbox.uid_validity), since=now - READ_BACK)
            sizes = mailbox.sizes(uids[:LOT]) if uids else {}
            read = 0
            for uid in uids[:LOT]:
                if should_stop():
                    break
                logger.info("message %s: %s", uid, _read(mailbox, uid, sizes.get(uid)))
                if not remember(held, mailbox.uid_validity, uid):
                    break
                read += 1
            return Round(read, len(uids) > LOT)
    finally:
        give_free(held)


def _read(mailbox: OpenMailbox, uid: int, size: int | None) -> str:
    """Read one message and return what became of it."""
    if size is not None and size > MOST_BYTES:
        return "Ignored: it is larger than a megabyte."
    content = None if size is None else mailbox.content(uid)
    if content is None:
        return "Gone: somebody deleted it or took it away."
    try:
        return receive(content)
    except OperationalError:
        raise
    except Exception as fault:  # noqa: BLE001  (a poisoned message must not keep all later ones waiting)
        logger.error("message %s: could not be dealt with: %s", uid, type(fault).__name__)
        db.session.rollback()
        return "Left alone: it brought about a fault."


@contextmanager
def reading_mailbox() -> Iterator[None]:
    """Read the mailbox that the settings name, if they do, beside what the block does.

    In a thread, so that mails leave whatever that server does. Timeouts alone would not do: each of a dozen answers
    may come at the last moment, and looking up a name has no timeout at all. The thread shares nothing with the block
    but the database, where it has a session of its own. At the end it stops behind the message it has in hand; if it
    hangs, it ends with the process, as if that had died.
    """
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
    account = account_of(app)
    if account is None:
        yield
        return
    stop = Stop()
    seconds = app.config["IMAP_POLL_SECONDS"]
    thread = threading.Thread(target=_read_on, args=(app, account, seconds, stop), name="mailbox", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(SECONDS_TO_END)


def _read_on(app: Flask, account: Account, seconds: float, stop: Stop) -> None:
    """Read what comes in until told to stop; while there is trouble, the pauses grow."""
    pause = 0.0
    with app.app_context():
        while not stop.wait(pause):
            look_again()
            trouble = ""
            try:
                lot = read_lot(account, stop.is_set)
                pause = SECONDS_BETWEEN_LOTS if lot and lot.is_more else seconds
            except MailboxTrouble as reason:
                trouble = str(reason)
            except OperationalError:
                trouble = "the database cannot be used"
            except Exception as fault:  # noqa: BLE001  (else answers would be read no more, and nobody would know)
                trouble = type(fault).__name__
            finally:
                db.session.remove()
            if trouble:
                logger.warning("the mailbox cannot be read: %s", trouble)
                pause = pause_after_trouble(pause, seconds)


def pause_after_trouble(before: float, usual: float) -> float:
    """Return how many seconds to wait: twice as long as before, at least as usual, at most 15 minutes or as usual."""
    return min(max(2 * before, usual), max(usual, LONGEST_SECONDS_AFTER_TROUBLE))
