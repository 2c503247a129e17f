"""Reading who is who."""

from __future__ import annotations

from sqlalchemy import Subquery, select
from sqlalchemy.orm import aliased

from webinar.people.models import Person


def merged_people() -> Subquery:
    """Return a table of everybody merged into somebody, ``person_id``, and whom they count as now, ``counts_as_id``.

    Whoever is not in it counts as themselves. Somebody merged twice over counts as the last.
    """
    # Greater than, because SQLite looks no "is not null" up in an index.
    followed = (
        select(Person.id.label("person_id"), Person.merged_into_id.label("into_id"))
        .where(Person.merged_into_id > 0)
        .cte("followed", recursive=True)
    )
    further = aliased(Person)
    followed = followed.union(
        select(followed.c.person_id, further.merged_into_id)
        .join(further, further.id == followed.c.into_id)
        .where(further.merged_into_id > 0)
    )
    last = aliased(Person)
    return (
        select(followed.c.person_id, followed.c.into_id.label("counts_as_id"))
        .join(last, last.id == followed.c.into_id)
        .where(last.merged_into_id.is_(None))
        .subquery("merged_people")
    )
