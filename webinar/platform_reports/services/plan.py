"""What taking a report over would do: whom it names, who of them is registered, and what stays open."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from webinar.catalogue.models import WebinarSession
from webinar.foundation.zones import in_zone, is_zone
from webinar.members.matching import fold
from webinar.members.queries import member_names
from webinar.platform_reports.logins import Placed, placed
from webinar.platform_reports.matching import Matching, Named, Registered, match, named_in
from webinar.platform_reports.models import PlatformReport, ReportedKind, Standing
from webinar.platform_reports.queries import (
    active_reports,
    decided_in,
    find_layout,
    known_by_in,
    known_of,
    registered_in,
    span_of,
)
from webinar.platform_reports.reading import look_at, read_report, read_with_columns
from webinar.platform_reports.report import Columns, DateOrder, Fault, Report, UnknownLayout
from webinar.platform_reports.services.refusals import NoSuchZone


@dataclass(frozen=True)
class HowToRead:
    """How somebody wants a report to be read; what is None follows from the file, else from the session.

    ``adds`` says that it is of a further room, where it would else replace the report of the same meeting.
    """

    timezone: str | None = None
    order: DateOrder | None = None
    columns: Columns | None = None
    adds: bool = False


@dataclass(frozen=True)
class Reading:
    """A report as it was read for a session, its log-ins in UTC.

    ``timezone`` is the zone that its times were taken to be in. ``columns`` are those that a person has named, now or
    for another report of the same headings, and ``headings`` is the digest of these; None where none was needed.
    """

    report: Report
    timezone: str
    placed: Placed
    digest: str
    read_as: str
    columns: Columns | None
    headings: str | None
    adds: bool


@dataclass(frozen=True)
class Plan:
    """What taking a report over would do.

    ``same`` is the report of this very file, read just so, that is stored already: nothing would change.
    ``replaces`` is the one that it would replace.
    """

    reading: Reading
    people: Sequence[Named]
    same: PlatformReport | None
    replaces: PlatformReport | None

    @property
    def report(self) -> Report:
        """What the file says."""
        return self.reading.report

    @property
    def counts(self) -> Counter[Standing]:
        """How many people are certain, likely, open and so on."""
        return Counter(one.standing for one in self.people)

    @property
    def apart(self) -> Counter[ReportedKind]:
        """How many of those counted apart are hosts, on the telephone and so on."""
        return Counter(one.kind for one in self.people if one.standing is Standing.APART)

    @property
    def faults(self) -> Sequence[Fault]:
        """The lines that could not be read, the first one first."""
        return sorted([*self.report.faults, *self.reading.placed.faults], key=lambda fault: fault.line)

    @property
    def days(self) -> Sequence[date]:
        """The days on which somebody joined, by the clocks of the report's zone."""
        return sorted({login.joined.date() for login in self.report.logins})

    @property
    def is_of_another_time(self) -> bool:
        """Whether it names people, but none of them was there at the time of the session."""
        return bool(self.report.logins) and not self.reading.placed.belonging

    def of(self, standing: Standing) -> Sequence[Named]:
        """Return the people of one standing, as they stand in the file."""
        return [one for one in self.people if one.standing is standing]


def read_for(session: WebinarSession, content: bytes, how: HowToRead) -> Reading:
    """Read a file as a report of a session.

    Raises:
        UnknownLayout: it is a table whose columns nobody has named yet.
        UnreadableReport: it is none.
        NoSuchZone: the zone that was chosen does not exist.
    """
    if how.timezone is not None and not is_zone(how.timezone):
        raise NoSuchZone(how.timezone)
    expected = in_zone(session.starts_at, how.timezone or session.timezone).replace(tzinfo=None)
    columns, headings = how.columns, None
    if columns is not None:
        report = read_with_columns(content, columns, expected=expected, order=how.order)
        headings = _headings_in(content)
    else:
        try:
            report = read_report(content, expected=expected, order=how.order)
        except UnknownLayout as unknown:
            headings = digest_of(unknown.layout.header)
            known = find_layout(headings)
            if known is None:
                raise
            columns = Columns(**known.columns)
            report = read_with_columns(content, columns, expected=expected, order=how.order)
    zone = how.timezone or report.timezone or session.timezone
    read_as = json.dumps([zone, how.order, None if columns is None else columns.chosen()])
    return Reading(
        report=report,
        timezone=zone,
        placed=placed(report.logins, zone, session.starts_at, session.ends_at),
        digest=hashlib.sha256(content).hexdigest(),
        read_as=hashlib.sha256(read_as.encode()).hexdigest(),
        columns=columns,
        headings=headings,
        adds=how.adds,
    )


def digest_of(header: Sequence[str]) -> str:
    """Return by what the headings of a table are known again, whatever their letter case."""
    return hashlib.sha256("\n".join(fold(heading) for heading in header).encode()).hexdigest()


def _headings_in(content: bytes) -> str:
    return digest_of(look_at(content).header)


def plan_for(session: WebinarSession, reading: Reading) -> Plan:
    """Find whom a report names among those registered in its session; a fixed number of queries, nothing is stored."""
    people = named_in(reading.placed.belonging)
    registered = registered_in(session.id)
    matching = Matching(registered, member_names())
    people = match(people, matching, known_of(people, session.id, {one.email for one in registered}))
    active = active_reports(session.id)
    same = next((one for one in active if (one.digest, one.read_as) == (reading.digest, reading.read_as)), None)
    replaces = _replaced_by(reading, people, active)
    if replaces is not None:
        _take_decisions_over(people, replaces, {one.id: one for one in registered})
    return Plan(reading, people, same, replaces)


def _replaced_by(reading: Reading, people: Sequence[Named], active: Sequence[PlatformReport]) -> PlatformReport | None:
    """Return the report whose successor this is: of the same file, or of the same meeting at the same time.

    A meeting without a number is the same if most of the people are: two rooms of one session have others.
    """
    same_file = next((one for one in active if one.digest == reading.digest), None)
    if same_file is not None or reading.adds:
        return same_file
    stretches = reading.placed.belonging
    for former in active:
        is_same = (former.platform, former.meeting_id) == (reading.report.platform, reading.report.meeting_id)
        span = span_of(former.id)
        if not is_same or span is None or not stretches:
            continue
        if span[0] > max(one.left_at for one in stretches) or span[1] < min(one.joined_at for one in stretches):
            continue
        if former.meeting_id or _are_mostly_the_same(former, people):
            return former
    return None


def _are_mostly_the_same(former: PlatformReport, people: Sequence[Named]) -> bool:
    then = known_by_in(former.id)
    return 2 * len(then & {one.known_by for one in people}) > len(then)


def _take_decisions_over(people: Sequence[Named], former: PlatformReport, registered: dict[int, Registered]) -> None:
    decided = decided_in(former.id)
    for one in people:
        decision = decided.get(one.known_by)
        if decision is not None:
            one.standing = decision.standing
            one.counts_for = registered.get(decision.registration_id or 0)
