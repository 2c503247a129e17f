"""Taking a list of contacts: adds who is new, changes who is known, says who cannot be placed, deletes nobody.

What is shown before and what is done is worked out by the same walk. All of a list is stored in one transaction.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, insert, select, update

from webinar.accounts import audit
from webinar.foundation import clock
from webinar.foundation.db import Code, db, transaction
from webinar.foundation.errors import DomainError
from webinar.members.models import Member
from webinar.members.queries import member_names, members_by_domain, members_by_key
from webinar.people.contact_lines import DO_NOT_WRITE, ContactList, Entry, Fault, ListKind, read_contacts
from webinar.people.models import (
    Contact,
    LegalBasis,
    MailKind,
    Suppression,
    SuppressionReason,
    found_by,
    role_found_by,
)
from webinar.people.queries import people_of, suppressed_kinds
from webinar.people.services.keeping import AT_A_TIME, NewPerson, keep_people, keep_until, make_people
from webinar.people.services.revisions import subject_of

logger = logging.getLogger(__name__)

RENEWED_AFTER = timedelta(days=30)
"""That somebody still stands on a list renews the day until which they are kept, but not on each of many days."""

_REASONS = {
    ListKind.UNSUBSCRIBED: SuppressionReason.UNSUBSCRIBED,
    ListKind.CLEANED: SuppressionReason.DOES_NOT_WORK,
}
_TOLD = ("given_name", "family_name", "organisation", "role", "language", "is_focal_point")


class Fate(Code):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


class OtherThanShown(DomainError):
    """Between looking the list over and taking it something changed, so it would do other things than were shown."""

    def __init__(self) -> None:
        super().__init__(
            _l("Something has changed meanwhile, so nothing was stored. Look once more at what would happen.")
        )


class Change(NamedTuple):
    """One value of a contact: which, what it is and what it becomes, as the audit log has them."""

    what: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """What becomes of one line: of whom, of which member, and what changes.

    ``is_proposed`` says that the member is guessed by the mail's domain, ``is_suppressed`` that the person is not to
    be written to, whatever the list says.
    """

    entry: Entry
    fate: Fate
    person_id: int | None
    contact: Row[Any] | None = None
    member: Member | None = None
    changes: tuple[Change, ...] = ()
    is_proposed: bool = False
    is_suppressed: bool = False


@dataclass
class Plan:
    """What taking a list would do, line by line, or what it has done."""

    kind: ListKind
    lines: list[PlannedLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: Sequence[str] = ()
    unknown_members: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[Fate]:
        """Count the lines by what becomes of them; those that cannot be placed are not among them."""
        return Counter(line.fate for line in self.lines)

    def of(self, fate: str) -> list[PlannedLine]:
        """Return the lines of which one thing becomes."""
        return [line for line in self.lines if line.fate == fate]

    @property
    def changes_something(self) -> bool:
        """Whether anything would be stored."""
        return any(line.fate is not Fate.SAME for line in self.lines)

    @property
    def digest(self) -> str:
        """Return what tells this plan from another one: who would become what."""
        whole = hashlib.sha256()
        for line in self.lines:
            member = line.member.key if line.member else ""
            whole.update(repr((line.entry, line.fate, line.person_id, member, line.changes)).encode())
        for fault in self.faults:
            whole.update(repr(fault.line).encode())
        return whole.hexdigest()


def plan_import(content: bytes, *, most_lines: int | None = None) -> Plan:
    """Return what taking a list of contacts (CSV or XLSX) would do, and store nothing.

    A person is known by their address, also by one that was merged into another. An empty cell leaves what is known.

    Raises:
        UnreadableTable: it is no table.
        NotAList: it is no list of contacts, or has more than ``most_lines``.
    """
    return _plan(read_contacts(content, member_names(), most_lines), for_update=False)


def import_contacts(
    content: bytes,
    *,
    source: str,
    basis: LegalBasis,
    most_lines: int | None = None,
    shown: str | None = None,
) -> Plan:
    """Take a list of contacts, as ``plan_import`` says, and return what was done; the same list again changes nothing.

    ``source`` says where the addresses are from, ``basis`` on what they are kept, where the list does not tell.
    ``shown`` is the digest of the plan that somebody has looked at and agreed to. Mailchimp's lists of who
    unsubscribed and of addresses that do not work make nobody a contact: those people are not written to.

    Raises:
        UnreadableTable: it is no table.
        NotAList: it is no list of contacts, or has more than ``most_lines``.
        OtherThanShown: it would do something else than was ``shown``; nothing is stored.
    """
    read = read_contacts(content, member_names(), most_lines)
    with transaction():
        plan = _plan(read, for_update=True)
        if shown is not None and plan.digest != shown:
            raise OtherThanShown
        now = clock.now()
        if read.kind in DO_NOT_WRITE:
            _suppress(plan, source, now)
        else:
            _store(plan, source, basis, now)
        if plan.changes_something:
            counts = {fate.value: count for fate, count in sorted(plan.counts.items())}
            audit.record("imported", "contacts", what=read.kind.value, source=source, **counts)
    logger.info("contacts imported: %s, %s not placed", dict(plan.counts), len(plan.faults))
    return plan


def _plan(read: ContactList, *, for_update: bool) -> Plan:
    plan = Plan(read.kind, faults=list(read.faults), left_out=read.left_out, unknown_members=read.unknown_members)
    line_of: dict[int, int] = {}  # by person, the line that is about them: two addresses may be one person's
    members = members_by_key()
    for entries in _batches(read.entries):
        known = people_of(entry.email for entry in entries)
        suppressed = suppressed_kinds(known.values())
        contacts = {} if read.kind in DO_NOT_WRITE else _contacts(known.values(), for_update=for_update)
        domains = members_by_domain({_domain(entry) for entry in entries if entry.member_key is None})
        for entry in entries:
            person_id = known.get(entry.email)
            if person_id is not None and line_of.setdefault(person_id, entry.line) != entry.line:
                reason = _("This is the same person as in line %(line)s, by another address.", line=line_of[person_id])
                plan.faults.append(Fault(entry.line, entry.email, reason))
                continue
            not_to_be_written = suppressed.get(person_id, set()) if person_id is not None else set()
            if read.kind in DO_NOT_WRITE:
                fate = Fate.SAME if None in not_to_be_written else Fate.NEW
                plan.lines.append(PlannedLine(entry, fate, person_id))
                continue
            contact = contacts.get(person_id) if person_id is not None else None
            member = members[entry.member_key] if entry.member_key else None
            proposed = domains[_domain(entry)] if member is None and contact is None else []
            line = PlannedLine(
                entry,
                Fate.NEW,
                person_id,
                member=member or (members[proposed[0]] if len(proposed) == 1 else None),
                is_proposed=len(proposed) == 1,
                is_suppressed=bool(not_to_be_written),
            )
            if contact is not None:
                changes = _changes(entry, contact, member, members)
                line = replace(line, fate=Fate.CHANGED if changes else Fate.SAME, contact=contact, changes=changes)
            if entry.is_focal_point and line.member is None and (contact is None or contact.member_id is None):
                reason = _("A focal point is somebody of a member, but no member is named.")
                plan.faults.append(Fault(entry.line, entry.name, reason))
            else:
                plan.lines.append(line)
    plan.faults.sort(key=lambda fault: fault.line)
    return plan


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    left = iter(entries)
    while batch := list(islice(left, AT_A_TIME)):
        yield batch


def _domain(entry: Entry) -> str:
    return entry.email.rpartition("@")[2]


def _contacts(person_ids: Iterable[int], *, for_update: bool) -> dict[int, Row[Any]]:
    """Return the contacts of people as rows: of a long list, loaded objects would take several times the memory."""
    statement = select(*Contact.__table__.columns).where(Contact.person_id.in_(list(person_ids)))
    return {row.person_id: row for row in db.session.execute(statement.with_for_update() if for_update else statement)}


def _changes(
    entry: Entry, contact: Row[Any], member: Member | None, members: Mapping[str, Member]
) -> tuple[Change, ...]:
    changes = [
        Change(column, before, after)
        for column in _TOLD
        if (after := getattr(entry, column)) is not None and (before := getattr(contact, column)) != after
    ]
    if member is not None and member.id != contact.member_id:
        before = next((one.name for one in members.values() if one.id == contact.member_id), "")
        changes.append(Change("member", before, member.name))
    if entry.kinds is not None:
        before = tuple(kind for kind in MailKind if getattr(contact, f"wants_{kind.value}"))
        if before != entry.kinds:
            changes.append(Change("kinds", [kind.value for kind in before], [kind.value for kind in entry.kinds]))
    return tuple(changes)


def _suppress(plan: Plan, source: str, now: datetime) -> None:
    """Write down that people are not to be written to; of somebody new, nothing but the address is kept."""
    for lines in _lots(plan.of(Fate.NEW)):
        people = {line.entry.email: line.person_id for line in lines if line.person_id is not None}
        unknown = [NewPerson(line.entry.email, None, None) for line in lines if line.person_id is None]
        people |= make_people(unknown, keep_until(now))
        keep_people(people.values(), keep_until(now))
        db.session.execute(
            insert(Suppression),
            [
                {
                    "person_id": people[line.entry.email],
                    "reason": _REASONS[plan.kind],
                    "source": source,
                    "since": line.entry.since or now,
                }
                for line in lines
            ],
        )


def _store(plan: Plan, source: str, basis: LegalBasis, now: datetime) -> None:
    until = keep_until(now)
    for lines in _lots(plan.of(Fate.NEW)):
        people = {line.entry.email: line.person_id for line in lines if line.person_id is not None}
        unknown = [
            NewPerson(line.entry.email, line.entry.language, line.member.timezone if line.member else None)
            for line in lines
            if line.person_id is None
        ]
        people |= make_people(unknown, until)
        keep_people(people.values(), until)
        db.session.execute(
            insert(Contact), [_row(line, people[line.entry.email], plan.kind, source, basis, now) for line in lines]
        )
    for lines in _lots(plan.of(Fate.CHANGED)):
        db.session.execute(update(Contact), [_changed_row(line, until) for line in lines])
        keep_people([line.contact.person_id for line in lines if line.contact is not None], until)
        for line in lines:
            if line.contact is not None:
                told = {change.what: [change.before, change.after] for change in line.changes}
                audit.record_edit(subject_of(line.contact.id), line.contact.revision + 1, told)
        db.session.flush()
    behind = [
        line.contact
        for line in plan.of(Fate.SAME)
        if line.contact is not None and line.contact.erase_after < until - RENEWED_AFTER
    ]
    for contacts in _lots(behind):
        db.session.execute(update(Contact), [{"id": contact.id, "erase_after": until} for contact in contacts])
        keep_people([contact.person_id for contact in contacts], until)


Item = TypeVar("Item")


def _lots(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), AT_A_TIME):
        yield items[start : start + AT_A_TIME]


def _row(
    line: PlannedLine, person_id: int, kind: ListKind, source: str, basis: LegalBasis, now: datetime
) -> dict[str, Any]:
    entry = line.entry
    # Who subscribed at Mailchimp subscribed to a newsletter.
    usual = tuple(MailKind) if kind is ListKind.SUBSCRIBED else (MailKind.INVITATIONS, MailKind.REMINDERS)
    kinds = usual if entry.kinds is None else entry.kinds
    return {
        "person_id": person_id,
        "given_name": entry.given_name or "",
        "family_name": entry.family_name or "",
        "member_id": line.member.id if line.member else None,
        "organisation": entry.organisation or "",
        "role": entry.role or "",
        "language": entry.language,
        "is_focal_point": bool(entry.is_focal_point),
        **{f"wants_{one.value}": one in kinds for one in MailKind},
        "source": entry.source or source,
        "basis": entry.basis or basis,
        "obtained_at": entry.since or now,
        "folded": found_by(entry.family_name or "", entry.given_name or "", entry.organisation or "", entry.email),
        "folded_role": role_found_by(entry.role or ""),
        "erase_after": keep_until(now),
    }


def _changed_row(line: PlannedLine, until: datetime) -> dict[str, Any]:
    """Return a whole row: a statement for many has the same columns for each."""
    entry, contact = line.entry, line.contact
    assert contact is not None  # noqa: S101 - nothing else is changed
    values = {column: getattr(contact, column) for column in (*_TOLD, "member_id")}
    values |= {column: value for column in _TOLD if (value := getattr(entry, column)) is not None}
    if line.member is not None:
        values["member_id"] = line.member.id
    kinds = entry.kinds
    for kind in MailKind:
        values[f"wants_{kind.value}"] = getattr(contact, f"wants_{kind.value}") if kinds is None else kind in kinds
    address = contact.folded.rpartition(" ")[2]
    values["folded"] = found_by(values["family_name"], values["given_name"], values["organisation"], address)
    values["folded_role"] = role_found_by(values["role"])
    return {**values, "id": contact.id, "revision": contact.revision + 1, "erase_after": until}
