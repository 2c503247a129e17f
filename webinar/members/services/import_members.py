"""Taking a list of members: adds who is new, updates who is known, deletes nobody."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts import audit
from webinar.foundation.db import db, transaction
from webinar.foundation.errors import DomainError
from webinar.foundation.spreadsheet import Row, read_table
from webinar.members.matching import fold
from webinar.members.models import Member, MemberAlias, MemberMailDomain
from webinar.members.queries import all_members, merged_members
from webinar.members.services import checks
from webinar.members.services.checks import CannotTake
from webinar.members.services.revisions import record_edit

logger = logging.getLogger(__name__)

MOST_PROBLEMS_TOLD = 20
_NEEDED = ("name", "country_code", "region", "timezone")
_KNOWN = {*_NEEDED, "key", "official_name", "aliases", "latitude", "longitude", "mail_domains"}


class MembersNotTaken(DomainError):
    """A list of members cannot be taken; the message says why, line by line, and what to do."""


@dataclass(frozen=True)
class ImportOutcome:
    """How many members an import added, changed and found as they were; the columns that mean nothing here."""

    added: int
    changed: int
    unchanged: int
    not_understood: tuple[str, ...]


@dataclass(frozen=True)
class _Entry:
    """One line of the list, each cell as its column wants it; what is empty or left out is None or has no items."""

    line: int
    key: str | None
    name: str
    official_name: str | None
    country_code: str | None
    region: str | None
    timezone: str | None
    aliases: Sequence[str]
    place: tuple[float, float] | None
    mail_domains: Sequence[str]


def import_members(content: bytes) -> ImportOutcome:
    """Take a list of members (CSV or XLSX) as a whole, or refuse it as a whole.

    A member is known by its key; without one by its name, without regard to case and accents, in its country. An
    empty cell leaves what is known. Aliases and mail domains are added, never taken away. A line about a member that
    was merged into another adds its names and mail domains to the other, and changes nothing else of it.

    Raises:
        UnreadableTable: it is no table.
        MembersNotTaken: a needed column is missing, or lines cannot be placed; the message says which and why.
    """
    rows = list(read_table(content))
    columns = list(rows[0].values) if rows else []
    missing = [column for column in _NEEDED if column not in columns]
    if not rows:
        raise MembersNotTaken(_("The list names no member. Below the names of the columns, each line is one member."))
    if missing:
        raise MembersNotTaken(_("The list has no column %(columns)s. Add it.", columns=", ".join(missing)))

    with transaction():
        takeover = _Takeover(all_members(), merged_members())
        for row in rows:
            takeover.take(row)
        takeover.finish()
    outcome = ImportOutcome(
        added=takeover.added,
        changed=takeover.changed,
        unchanged=takeover.unchanged,
        not_understood=tuple(column for column in columns if column not in _KNOWN),
    )
    logger.info("members imported: %s added, %s changed", outcome.added, outcome.changed)
    return outcome


class _Takeover:
    """The members as they become while the lines of a list are taken one after the other."""

    def __init__(self, members: Sequence[Member], merged: Sequence[Member]) -> None:
        self.members = {member.key: member for member in members}
        by_id = {member.id: member for member in members}
        self.merged = {former.key: by_id[former.merged_into_id] for former in merged if former.merged_into_id}
        self.once_called = {fold(former.name): self.merged[former.key] for former in merged}
        self.called: defaultdict[str, list[Member]] = defaultdict(list)  # by folded name
        for member in members:
            self.called[fold(member.name)].append(member)
        self.line_of: dict[str, int] = {}  # by key, which line was about it
        self.problems: list[str] = []
        self.added = self.changed = self.unchanged = 0

    def take(self, row: Row) -> None:
        """Place one line, or note why it cannot be placed."""
        try:
            entry = _read(row)
            member = self._known(entry)
            if member is None and (successor := self._successor(entry)) is not None:
                self._add_names(successor, entry)
            elif member is not None:
                self._is_the_first_about(member, entry)
                self._update(member, entry)
            else:
                self._add(entry)
        except CannotTake as reason:
            self.problems.append(_("Line %(line)s: %(reason)s", line=row.line, reason=str(reason)))

    def finish(self) -> None:
        """Refuse the list if any line could not be placed.

        Raises:
            MembersNotTaken: with a line for each.
        """
        if not self.problems:
            return
        told = self.problems[:MOST_PROBLEMS_TOLD]
        if more := len(self.problems) - len(told):
            told.append(ngettext("One more line has a problem.", "%(num)s more lines have problems.", more))
        raise MembersNotTaken("\n".join([_("The list cannot be taken. Correct these lines:"), *told]))

    def _known(self, entry: _Entry) -> Member | None:
        if entry.key is not None and entry.key in self.members:
            return self.members[entry.key]
        if entry.key in self.merged:
            return None
        called_so = self.called[fold(entry.name)]
        here = [member for member in called_so if entry.country_code in {None, member.country_code}]
        if entry.key is None and len(here) == 1:
            return here[0]
        same = here or [member for member in called_so if member.name == entry.name]
        if not same:
            return None
        raise CannotTake(
            _(
                "“%(name)s” is what the member with the key %(key)s is called. Give that key to change it, "
                "or another name to add a member.",
                name=entry.name,
                key=" / ".join(member.key for member in same),
            )
        )

    def _successor(self, entry: _Entry) -> Member | None:
        """Return the member into which the one of a line was merged."""
        return self.once_called.get(fold(entry.name)) if entry.key is None else self.merged.get(entry.key)

    def _add_names(self, member: Member, entry: _Entry) -> None:
        known = {member.name, member.official_name, *(alias.name for alias in member.aliases)}
        names = checks.once([entry.name, entry.official_name or "", *entry.aliases])
        self._store(member, {}, _missing(names, known), entry.mail_domains)

    def _is_the_first_about(self, member: Member, entry: _Entry) -> None:
        before = self.line_of.setdefault(member.key, entry.line)
        if before != entry.line:
            raise CannotTake(
                _("This is the same member as in line %(line)s (%(key)s). Keep one.", line=before, key=member.key)
            )

    def _update(self, member: Member, entry: _Entry) -> None:
        changes = _changes(member, {"name": entry.name, **_columns(entry)})
        if "name" in changes:
            self._rename(member, entry.name)
        for column, (_before, now) in changes.items():
            setattr(member, column, now)
        self._store(
            member, changes, _missing(entry.aliases, {alias.name for alias in member.aliases}), entry.mail_domains
        )

    def _store(
        self, member: Member, changes: Mapping[str, Any], aliases: Sequence[str], domains: Sequence[str]
    ) -> None:
        member.aliases.extend(MemberAlias(name=name) for name in aliases)
        domains = _missing(domains, {known.domain for known in member.mail_domains})
        member.mail_domains.extend(MemberMailDomain(domain=domain) for domain in domains)
        if not (changes or aliases or domains):
            self.unchanged += 1
            return
        self.changed += 1
        record_edit(member, {**changes, "aliases": list(aliases), "mail_domains": domains})

    def _rename(self, member: Member, name: str) -> None:
        for namesake in self.called[fold(name)]:
            if namesake.name == name and namesake is not member:
                raise CannotTake(
                    _("The member with the key %(key)s is called “%(name)s” already.", key=namesake.key, name=name)
                )
        self.called[fold(member.name)].remove(member)
        self.called[fold(name)].append(member)
        member.name = name
        db.session.flush()  # before somebody new is given the name that became free

    def _add(self, entry: _Entry) -> None:
        columns = {column: value for column, value in _columns(entry).items() if value is not None}
        empty = [column for column in ("country_code", "region", "timezone") if column not in columns]
        if empty:
            raise CannotTake(
                _("“%(name)s” is new, so %(columns)s must not be empty.", name=entry.name, columns=", ".join(empty))
            )
        member = Member(
            key=entry.key
            or checks.new_key(entry.name, str(entry.country_code), self.members.keys() | self.merged.keys()),
            name=entry.name,
            **columns,
            aliases=[MemberAlias(name=name) for name in entry.aliases],
            mail_domains=[MemberMailDomain(domain=domain) for domain in entry.mail_domains],
        )
        self.members[member.key] = member
        self.called[fold(member.name)].append(member)
        self.line_of[member.key] = entry.line
        self.added += 1
        db.session.add(member)
        audit.record("added", f"member {member.key}")


def _columns(entry: _Entry) -> dict[str, Any]:
    """Return what an entry says of a member's own columns, but for key and name; None where it says nothing."""
    latitude, longitude = entry.place or (None, None)
    return {
        "official_name": entry.official_name,
        "country_code": entry.country_code,
        "region": entry.region,
        "timezone": entry.timezone,
        "latitude": latitude,
        "longitude": longitude,
    }


def _changes(member: Member, columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        column: [before, now]
        for column, now in columns.items()
        if now is not None and (before := getattr(member, column)) != now
    }


def _missing(given: Iterable[str], known: Collection[str]) -> list[str]:
    return [name for name in given if name not in known]


def _read(row: Row) -> _Entry:
    def cell(column: str, most: int = checks.SHORT) -> str:
        return checks.text_of(row.values.get(column, ""), column, most)

    def checked(column: str, check: Callable[[str], str]) -> str | None:
        written = cell(column)
        return check(written) if written else None

    return _Entry(
        line=row.line,
        key=checked("key", checks.key_of),
        name=checks.name_of(row.values.get("name", "")),
        official_name=cell("official_name", checks.LINE) or None,
        country_code=checked("country_code", checks.country_of),
        region=cell("region") or None,
        timezone=checked("timezone", checks.zone_of),
        aliases=checks.once(checks.text_of(text, "aliases", checks.LINE) for text in _parts(row, "aliases")),
        place=checks.place_of(cell("latitude"), cell("longitude")),
        mail_domains=checks.once(
            checks.domain_of(text.strip()) for text in _parts(row, "mail_domains") if text.strip()
        ),
    )


def _parts(row: Row, column: str) -> list[str]:
    return row.values.get(column, "").split("|")
