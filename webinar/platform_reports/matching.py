"""Whom a report names: certainly by the address, likely by the name, else nobody rather than the wrong one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from webinar.members.matching import Found, MemberNames, fold, in_latin
from webinar.platform_reports.logins import Stretch
from webinar.platform_reports.models import Reason, ReportedKind, Standing
from webinar.platform_reports.report import Kind

MOST_OF_A_NAME = 300
MOST_KNOWN_BY = 300

# What platforms write behind a name: Zoom, Teams and Meet, in the languages of their interfaces.
_ROLES = {
    *("unverified", "guest", "external", "host", "co host", "me", "you", "presenter", "organizer"),
    *("no verificado", "sin comprobar", "invitado", "externo", "anfitrion", "coanfitrion", "yo"),
    *("non verifie", "invite", "externe", "hote", "co hote", "moi"),
    *("nao verificado", "convidado", "externa", "anfitriao", "eu"),
    *("gast", "extern", "nicht uberpruft", "ضيف", "خارجي", "مضيف", "لم يتم التحقق"),
}
_BRACKETS = re.compile(r"[(\[（]([^()\[\]（）]*)[)\]）]")
_PARTS = re.compile(r"\s+[-–—|/•·]\s+|\s*[|_]\s*|\s*,\s+")

# What stands for a name where nobody gave one.
_NAMELESS = {
    *("", "guest", "anonymous", "anonymous user", "user", "unknown", "unknown user", "participant", "attendee"),
    *("zoom user", "webex user", "iphone", "ipad", "android", "galaxy", "pc", "laptop", "call in user", "name"),
    *("invitado", "invitada", "anonimo", "usuario", "participante", "invite", "anonyme", "utilisateur"),
    *("convidado", "usuario do zoom", "gast", "ضيف", "مجهول", "مستخدم"),
}
_NUMBER_BEHIND = re.compile(r"( \d+)+$")


class Registered(NamedTuple):
    """Somebody who is, was or waits to be registered in the session; ``counts_as_id`` is who they are now."""

    id: int
    person_id: int
    counts_as_id: int
    email: str | None
    given_name: str
    family_name: str
    member_key: str | None
    member_name: str | None
    organisation: str

    @property
    def full_name(self) -> str:
        """Given and family name, in that order."""
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(slots=True)
class Named:
    """Somebody whom a report names, and what is found of them: all log-ins of one address, or of one name without.

    ``names`` are all that they are called in it, the first one first. ``registered`` is whom they are proposed as, or
    certainly are; ``counts_for`` is whom the log-ins count for. Among the ``candidates`` a person has to choose.
    """

    names: list[str]
    email: str | None
    kind: ReportedKind
    known_by: str
    stretches: list[Stretch]
    standing: Standing = Standing.OPEN
    reason: Reason | None = None
    registered: Registered | None = None
    counts_for: Registered | None = None
    candidates: Sequence[Registered] = ()

    @property
    def name(self) -> str:
        """What they are called first; the address where they have no name."""
        return self.names[0] or self.email or ""


class Known(NamedTuple):
    """What a report is compared with beside the registrations.

    ``addresses`` tells who, as they count now, has an address that is not a registration's own; ``names_at`` what
    those are called whom other lists know at an address; ``remembered`` what was decided before, by what somebody is
    known by: a person, or None, who is set aside.
    """

    addresses: Mapping[str, int]
    names_at: Mapping[str, Collection[str]]
    remembered: Mapping[str, int | None]
    staff: Collection[str]
    speakers: Collection[str]


def stripped(name: str) -> str:
    """Return a name without what a platform has written behind it, as “(Unverified)” or “(Guest)”."""
    return " ".join(_BRACKETS.sub(lambda found: "" if fold(found[1]) in _ROLES else found[0], name).split())


def is_nameless(name: str) -> bool:
    """Tell whether a name is that of nobody in particular."""
    return _NUMBER_BEHIND.sub("", fold(name)) in _NAMELESS


_KINDS = {
    Kind.HOST: ReportedKind.HOST,
    Kind.PANELLIST: ReportedKind.PANELLIST,
    Kind.PHONE: ReportedKind.PHONE,
}
_FIRST_KIND = list(ReportedKind)


def named_in(stretches: Iterable[Stretch]) -> list[Named]:
    """Return whom log-ins name: those of one address are one person, and those of one folded name without any.

    Letter case makes no other address, and what a platform writes behind a name no other name.
    """
    people: dict[str, Named] = {}
    for stretch in stretches:
        login = stretch.login
        name = stripped(login.name)[:MOST_OF_A_NAME]
        email = login.email.lower() if login.email else None
        kind = _KINDS.get(login.kind, ReportedKind.ATTENDEE)
        if kind is ReportedKind.ATTENDEE and email is None and is_nameless(name):
            kind = ReportedKind.NAMELESS
        known_by = (email or fold(name) or name)[:MOST_KNOWN_BY]
        person = people.get(known_by)
        if person is None:
            person = people[known_by] = Named([], email, kind, known_by, [])
        if name not in person.names:
            person.names.append(name)
        person.kind = min(person.kind, kind, key=_FIRST_KIND.index)
        person.stretches.append(stretch)
    return list(people.values())


class Matching:
    """All who are registered in a session, to find one by an address or a name. Made once, never changed."""

    def __init__(self, registered: Iterable[Registered], members: MemberNames) -> None:
        self._members = members
        self._by_address: dict[str, Registered] = {}
        self._by_person: defaultdict[int, list[Registered]] = defaultdict(list)
        self._by_name: dict[Reason, defaultdict[str, list[Registered]]] = {
            reason: defaultdict(list) for reason in _BY_NAME
        }
        for one in registered:
            if one.email is not None:
                self._by_address[one.email] = one
            self._by_person[one.counts_as_id].append(one)
            for reason, keys in _keys_of(one).items():
                for key in keys:
                    self._by_name[reason][key].append(one)

    def by_address(self, email: str) -> Registered | None:
        """Return who registered with an address."""
        return self._by_address.get(email)

    def by_person(self, person_id: int) -> Registered | None:
        """Return the registration of somebody, as they count now; None where they have two."""
        theirs = self._by_person.get(person_id, [])
        return theirs[0] if len(theirs) == 1 else None

    def by_name(self, name: str) -> tuple[Reason, Sequence[Registered]] | None:
        """Return who is called so, and how that is seen; the plainest way that finds somebody counts."""
        for variant, qualifier in _variants(name):
            for reason, key in _lookups(variant):
                found: Sequence[Registered] = self._by_name[reason].get(key, ())
                found = self._of_member(found, qualifier) if qualifier else found
                if found:
                    return (Reason.WITH_MEMBER if qualifier else reason), list(dict.fromkeys(found))
        return None

    def _of_member(self, found: Sequence[Registered], qualifier: str) -> Sequence[Registered]:
        """Return those of whom it may be said: who comes for another member than the one named is somebody else."""
        answer = self._members.find(qualifier)
        if not isinstance(answer, Found):
            return found
        of_it = [one for one in found if one.member_key == answer.member_key]
        return of_it or [one for one in found if one.member_key is None]


_BY_NAME = (Reason.SAME_NAME, Reason.OTHER_ORDER, Reason.OTHER_LETTERS, Reason.WITH_MEMBER)


def _keys_of(one: Registered) -> Mapping[Reason, Collection[str]]:
    full = fold(one.full_name)
    if not full:
        return {}
    turned = fold(f"{one.family_name} {one.given_name}")
    latin, turned_latin = in_latin(full), in_latin(turned)
    keys = {
        Reason.SAME_NAME: {full},
        Reason.OTHER_ORDER: {_sorted(full), _closed(full), _closed(turned)},
        Reason.OTHER_LETTERS: {_sorted(latin), _closed(latin), _closed(turned_latin)},
    }
    place = one.member_name or one.organisation
    if place:
        keys[Reason.WITH_MEMBER] = {_sorted(f"{full} {fold(place)}")}
    return keys


def _lookups(name: str) -> Iterator[tuple[Reason, str]]:
    folded = fold(name)
    if not folded:
        return
    yield Reason.SAME_NAME, folded
    yield Reason.OTHER_ORDER, _sorted(folded)
    yield Reason.OTHER_ORDER, _closed(folded)
    yield Reason.WITH_MEMBER, _sorted(folded)
    latin = in_latin(folded)
    yield Reason.OTHER_LETTERS, _sorted(latin)
    yield Reason.OTHER_LETTERS, _closed(latin)


def _sorted(folded: str) -> str:
    return " ".join(sorted(folded.split()))


def _closed(folded: str) -> str:
    # With a blank before it: no name in its order looks so.
    return " " + folded.replace(" ", "")


def _variants(name: str) -> Iterator[tuple[str, str]]:
    """Yield what may be the name in a text, and what else stands there: a member, a city, the original name."""
    yield name, ""
    brackets = _BRACKETS.findall(name)
    if brackets:
        before = _BRACKETS.sub(" ", name)
        yield before, " ".join(brackets)
        for inside in brackets:
            yield inside, before
        name = before
    parts = _PARTS.split(name.strip())
    if len(parts) == 2:
        yield parts[0], parts[1]
        yield parts[1], parts[0]


def match(people: Iterable[Named], matching: Matching, known: Known) -> list[Named]:
    """Say of everybody in a report who they are, as far as that can be told."""
    parted = [part for one in people for part in _parted(one, matching)]
    for one in parted:
        _tell_kind(one, known)
        _find(one, matching, known)
    _leave_open_what_two_claim(parted)
    return parted


def _parted(one: Named, matching: Matching) -> Iterable[Named]:
    """Return somebody without the log-ins at their address that have the name of another who is registered.

    A personal link that was passed on brings two people in with one address; a second device has another name too,
    but not that of somebody registered.
    """
    owner = None if one.email is None else matching.by_address(one.email)
    if one.email is None or len(one.names) < 2:
        return [one]
    of_others: dict[str, list[Stretch]] = {}
    names = {name: name for name in one.names}
    for name in one.names:
        found = matching.by_name(name)
        if owner is not None and found is not None and owner not in found[1]:
            of_others[name] = []
    if not of_others:
        return [one]
    own: list[Stretch] = []
    for stretch in one.stretches:
        name = names.get(stripped(stretch.login.name)[:MOST_OF_A_NAME], "")
        of_others.get(name, own).append(stretch)
    rest = replace(one, names=[name for name in one.names if name not in of_others], stretches=own)
    others = [
        Named([name], None, one.kind, fold(name)[:MOST_KNOWN_BY], stretches) for name, stretches in of_others.items()
    ]
    return [*([rest] if own else []), *others]


def _tell_kind(one: Named, known: Known) -> None:
    if one.kind is not ReportedKind.ATTENDEE:
        return
    if one.email in known.staff:
        one.kind = ReportedKind.STAFF
    elif any(fold(name) in known.speakers for name in one.names):
        one.kind = ReportedKind.PANELLIST


def _find(one: Named, matching: Matching, known: Known) -> None:
    certain = _certain(one, matching, known)
    if certain is not None:
        one.standing, (one.reason, one.registered) = Standing.CERTAIN, certain
        one.counts_for = one.registered
        return
    named = None if one.kind in {ReportedKind.PHONE, ReportedKind.NAMELESS} else _named(one, matching, known)
    if named is not None:
        reason, found = named
        if len(found) == 1:
            one.standing, one.reason, one.registered = Standing.LIKELY, reason, found[0]
        else:
            one.standing, one.reason, one.candidates = Standing.OPEN, Reason.SEVERAL_REGISTERED, found
    elif known.remembered.get(one.known_by, 0) is None:
        one.standing, one.reason = Standing.SET_ASIDE, Reason.REMEMBERED
    else:
        one.standing = Standing.OPEN if one.kind is ReportedKind.ATTENDEE else Standing.APART


def _certain(one: Named, matching: Matching, known: Known) -> tuple[Reason, Registered] | None:
    if one.email is not None:
        found = matching.by_address(one.email)
        if found is not None:
            return Reason.ADDRESS, found
        person_id = known.addresses.get(one.email)
        found = None if person_id is None else matching.by_person(person_id)
        if found is not None:
            return Reason.MERGED_ADDRESS, found
    decided = known.remembered.get(one.known_by)
    found = None if decided is None else matching.by_person(decided)
    if found is None or (one.email is None and _is_contested(one, matching, found)):
        return None
    return Reason.REMEMBERED, found


def _is_contested(one: Named, matching: Matching, found: Registered) -> bool:
    """Tell whether a name that stood for somebody before is that of another here."""
    named = matching.by_name(one.name)
    return named is not None and any(other.id != found.id for other in named[1])


def _named(one: Named, matching: Matching, known: Known) -> tuple[Reason, Sequence[Registered]] | None:
    for name in one.names:
        found = matching.by_name(name)
        if found is not None:
            return found
    for name in known.names_at.get(one.email or "", ()):
        found = matching.by_name(name)
        if found is not None:
            return Reason.KNOWN_ADDRESS, found[1]
    return None


def _leave_open_what_two_claim(people: Sequence[Named]) -> None:
    """Let none be proposed as somebody whom another in the report is likely to be as well."""
    claims: defaultdict[int, list[Named]] = defaultdict(list)
    for one in people:
        if one.standing is Standing.LIKELY and one.registered is not None:
            claims[one.registered.id].append(one)
    for claiming in claims.values():
        if len(claiming) < 2:
            continue
        for one in claiming:
            one.standing, one.reason = Standing.OPEN, Reason.SEVERAL_REPORTED
            one.candidates = [] if one.registered is None else [one.registered]
            one.registered = None
