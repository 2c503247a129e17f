"""Saying when a mailing goes out: once it is confirmed, at a moment, or at nine o'clock where each one lives."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l

from webinar.catalogue.services.changes import Changes
from webinar.catalogue.services.drafts import EditRefused
from webinar.foundation import clock
from webinar.foundation.db import transaction
from webinar.foundation.zones import NoSuchTime, in_utc
from webinar.invitations.services.confirm import LAST_OF_ALL, nine_in
from webinar.invitations.services.held import held_draft
from webinar.invitations.services.revisions import record_edit, subject_of

logger = logging.getLogger(__name__)

ABOUT = ("starts_at", "local_day")
"""What ``schedule`` changes, by the names in the audit log."""


@dataclass(frozen=True)
class Schedule:
    """When a mailing goes: ``at`` by the clocks of ``zone``, or at nine on a ``day``; with neither once confirmed."""

    at: datetime | None = None
    zone: str | None = None
    day: date | None = None


def schedule(mailing_id: int, wanted: Schedule, made_from: int) -> bool:
    """Store when a draft goes out, and tell whether that changed anything.

    Raises:
        NoSuchMailing, AlreadyConfirmed, ChangedMeanwhile: as ``held_draft`` says.
        EditRefused: the moment is past, or the clocks there do not show it once; ``field`` is ``at`` or ``day``.
    """
    moment = _moment(wanted)
    with transaction():
        mailing = held_draft(mailing_id, made_from, *ABOUT)
        changes = Changes()
        changes.note("starts_at", _told(mailing.starts_at, mailing.starts_zone), _told(moment, wanted.zone))
        changes.note("local_day", str(mailing.local_day or ""), str(wanted.day or ""))
        mailing.starts_at, mailing.local_day = moment, wanted.day
        mailing.starts_zone = None if moment is None else wanted.zone
        if changes:
            record_edit(mailing, changes)
    logger.info("%s goes %s", subject_of(mailing_id), moment or wanted.day or "once it is confirmed")
    return bool(changes)


def _moment(wanted: Schedule) -> datetime | None:
    now = clock.now()
    if wanted.day is not None:
        try:
            is_past = nine_in(LAST_OF_ALL, wanted.day) <= now
        except NoSuchTime as refusal:
            raise EditRefused("day", str(refusal)) from None
        if is_past:
            raise EditRefused("day", _l("This day is past. Choose another."))
    if wanted.at is None or wanted.zone is None:
        return None
    try:
        moment = in_utc(wanted.at, wanted.zone)
    except NoSuchTime as refusal:
        raise EditRefused("at", str(refusal)) from None
    if moment < now:
        raise EditRefused("at", _l("This moment is past. Choose another, or send it at once."))
    return moment


def _told(moment: datetime | None, zone: str | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%dT%H:%MZ} ({zone or 'UTC'})"
