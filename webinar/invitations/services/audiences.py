"""The conditions of a draft: adding one, taking one out; and audiences saved by name, to be taken up by mailings."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from webinar.accounts import audit
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.invitations.audience import LONGEST_VALUE, MOST_CONDITIONS, About, Condition
from webinar.invitations.models import Audience, Mailing
from webinar.invitations.sentences import told
from webinar.invitations.services.held import NoSuchMailing, held_draft
from webinar.invitations.services.revisions import record_edit, subject_of

logger = logging.getLogger(__name__)

ABOUT = "conditions"
"""What is changed here, by its name in the audit log."""


class ConditionRefused(DomainError):
    """A condition cannot be taken as it is."""


class AudienceRefused(DomainError):
    """An audience cannot be saved so."""


class NoSuchAudience(DomainError):
    """There is no audience of this number."""

    def __init__(self) -> None:
        super().__init__(_l("There is no such audience; it may have been deleted."))


def checked(condition: Condition) -> Condition:
    """Return a condition whose values are known and stand in it once.

    Raises:
        ConditionRefused: it is about nothing we know, has no value or too many, or names something that is not there.
    """
    if condition.about not in set(About):
        raise ConditionRefused(_l("Choose what the condition is about."))
    about = About(condition.about)
    if about is About.FOCAL_POINT:
        return Condition(about, (), condition.holds)
    condition = Condition(about, tuple(dict.fromkeys(condition.values)), condition.holds)
    if not condition.values:
        raise ConditionRefused(_l("Choose at least one."))
    if len(condition.values) > about.most_values or any(len(value) > LONGEST_VALUE for value in condition.values):
        raise ConditionRefused(
            _l("That is more than a condition can hold. Take at most %(most)s.", most=about.most_values)
        )
    if told([condition])[0].gone:
        raise ConditionRefused(_l("One of these is not there any more. Choose again."))
    return condition


def add_condition(mailing_id: int, condition: Condition, made_from: int) -> bool:
    """Let one condition more hold of the audience of a draft, and tell whether it is new.

    Raises:
        NoSuchMailing, AlreadyConfirmed, ChangedMeanwhile: as ``held_draft`` says.
        ConditionRefused: it cannot be taken, or there are too many already.
    """
    with transaction():
        mailing = held_draft(mailing_id, made_from, ABOUT)
        condition = checked(condition)
        conditions = conditions_of(mailing)
        if condition in conditions:
            return False
        if len(conditions) >= MOST_CONDITIONS:
            raise ConditionRefused(
                _l("There are %(most)s conditions already, and more cannot be. Take one out.", most=MOST_CONDITIONS)
            )
        _set(mailing, [*conditions, condition])
    return True


def remove_condition(mailing_id: int, number: int, made_from: int) -> None:
    """Take the condition of a number, the first being 0, out of a draft; one that is none changes nothing.

    Raises:
        NoSuchMailing, AlreadyConfirmed, ChangedMeanwhile: as ``held_draft`` says.
    """
    with transaction():
        mailing = held_draft(mailing_id, made_from, ABOUT)
        conditions = conditions_of(mailing)
        if 0 <= number < len(conditions):
            _set(mailing, [*conditions[:number], *conditions[number + 1 :]])


def take_up(mailing_id: int, audience_id: int, made_from: int) -> None:
    """Let the conditions of a saved audience take the place of those of a draft.

    Raises:
        NoSuchMailing, AlreadyConfirmed, ChangedMeanwhile: as ``held_draft`` says.
        NoSuchAudience: there is none of this number.
    """
    with transaction():
        mailing = held_draft(mailing_id, made_from, ABOUT)
        _set(mailing, conditions_of(_held(audience_id)))


def conditions_of(whole: Mailing | Audience) -> list[Condition]:
    """Return the conditions of a mailing or an audience."""
    return [Condition.read(one) for one in whole.conditions]


def _set(mailing: Mailing, conditions: Sequence[Condition]) -> None:
    before = mailing.conditions
    stored = [condition.stored() for condition in conditions]
    if stored == before:
        return
    mailing.conditions = stored
    # Only what differs: thirty conditions with a thousand members each are no reading.
    gone, new = ([one for one in some if one not in others] for some, others in ((before, stored), (stored, before)))
    record_edit(mailing, {ABOUT: [gone, new]})
    logger.info("%s has %s conditions", subject_of(mailing.id), len(stored))


def save_audience(mailing_id: int, name: str) -> int:
    """Save the conditions of a mailing by name, and return the id of the audience.

    Raises:
        NoSuchMailing: there is none of this number.
        AudienceRefused: the name is empty or taken, or the mailing has no condition.
    """
    with transaction():
        mailing = db.session.get(Mailing, mailing_id) if mailing_id < 2**31 else None
        if mailing is None:
            raise NoSuchMailing
        if not mailing.conditions:
            raise AudienceRefused(_l("There is no condition to save yet."))
        _check_name(name)
        audience = Audience(name=name, conditions=list(mailing.conditions))
        db.session.add(audience)
        db.session.flush()
        audit.record("added", _subject_of(audience.id), name=name)
    logger.info("audience %s saved", audience.id)
    return audience.id


def rename_audience(audience_id: int, name: str) -> None:
    """Give a saved audience another name.

    Raises:
        NoSuchAudience: there is none of this number.
        AudienceRefused: the name is empty or taken.
    """
    with transaction():
        audience = _held(audience_id)
        if audience.name == name:
            return
        _check_name(name)
        audit.record("changed", _subject_of(audience_id), name=[audience.name, name])
        audience.name = name


def delete_audience(audience_id: int) -> None:
    """Delete a saved audience; mailings that took it up keep its conditions.

    Raises:
        NoSuchAudience: there is none of this number.
    """
    with transaction():
        audience = _held(audience_id)
        audit.record("deleted", _subject_of(audience_id), name=audience.name)
        db.session.delete(audience)
    logger.info("audience %s deleted", audience_id)


def _held(audience_id: int) -> Audience:
    audience = None
    if audience_id < 2**31:
        audience = db.session.scalar(select(Audience).where(Audience.id == audience_id).with_for_update())
    if audience is None:
        raise NoSuchAudience
    return audience


def _check_name(name: str) -> None:
    if not name:
        raise AudienceRefused(_l("Write a name by which you find it again."))
    if db.session.scalar(select(Audience.id).where(Audience.name == name)) is not None:
        raise AudienceRefused(_l("There is an audience of this name already. Choose another."))


def _subject_of(audience_id: int) -> str:
    return f"audience {audience_id}"
