"""Writing the mails of a lot so that one which cannot be written keeps no other waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sqlalchemy.exc import OperationalError

from webinar.foundation.db import db
from webinar.foundation.lines import closed_up

logger = logging.getLogger(__name__)


def write_each(
    lot: Sequence[int],
    write: Callable[[Sequence[int]], None],
    give_up: Callable[[int, str], None],
    *,
    about: str,
) -> None:
    """Write the mails of a lot in the caller's transaction: all together or, where that fails, each by itself.

    ``lot`` are ids of what each mail is about; ``give_up`` stores why the one could not be written. ``about`` says for
    the log what the ids are of (``session 3, person``).

    Raises:
        OperationalError: the database cannot be used, so nothing was tried and nobody is given up.
    """
    if not lot:
        return
    try:
        with db.session.begin_nested(), db.session.no_autoflush:
            write(lot)
    except OperationalError:
        raise
    except Exception as fault:  # noqa: BLE001  (whatever one mail brings about must not keep the others waiting)
        if len(lot) > 1:
            for one in lot:
                write_each([one], write, give_up, about=about)
            return
        what = type(fault).__name__
        logger.error("%s %s: no mail can be written: %s", about, lot[0], what)
        give_up(lot[0], closed_up(f"could not be written: {what}: {fault}"))
