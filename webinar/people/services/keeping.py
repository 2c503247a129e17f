"""Until when the network's lists keep somebody, and the people that many addresses mean at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from webinar.foundation.db import db
from webinar.people.models import Person
from webinar.people.queries import people_of

KEPT_FOR = timedelta(days=3 * 365)
"""From the last time that a list or somebody of the staff said that a contact still is one."""

AT_A_TIME = 500


class NewPerson(NamedTuple):
    """Somebody whose address nobody has yet, the language they are written to and the zone they are told times in."""

    email: str
    language: str | None
    timezone: str | None


def keep_until(now: datetime) -> datetime:
    """Return until when a contact is kept that is confirmed now."""
    return now + KEPT_FOR


def make_people(wanted: Sequence[NewPerson], until: datetime) -> Mapping[str, int]:
    """Make the people of addresses that nobody has, and return by address who it is now; in the caller's transaction.

    Of one whom a form has made meanwhile, that one; their language and zone stay as they chose.
    """
    if not wanted:
        return {}
    rows = [{**person._asdict(), "erase_after": until} for person in wanted]
    dialect = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    db.session.execute(dialect.insert(Person).on_conflict_do_nothing(index_elements=[Person.email]), rows)
    return people_of(person.email for person in wanted)


def keep_people(person_ids: Collection[int], until: datetime) -> None:
    """Keep people at least until a moment, in the caller's transaction."""
    ids = list(person_ids)
    for start in range(0, len(ids), AT_A_TIME):
        db.session.execute(
            update(Person)
            .where(Person.id.in_(ids[start : start + AT_A_TIME]), Person.erase_after < until)
            .values(erase_after=until)
            .execution_options(synchronize_session=False)
        )
