"""Reading a list of contacts: which column is which, and what each line says, before anything is compared or stored.

Columns are known by their names in English, Spanish and French, in any order. The three lists that Mailchimp exports
are known by their columns: who is subscribed, who has unsubscribed, and the addresses that were "cleaned" because they
do not work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.foundation import clock, formats, languages
from webinar.foundation.db import Code
from webinar.foundation.errors import DomainError
from webinar.foundation.lines import one_line
from webinar.foundation.spreadsheet import Row, read_table
from webinar.members.matching import Ambiguous, Found, MemberNames, fold
from webinar.people.mail_address import NoMailAddress, normalise
from webinar.people.models import LegalBasis, MailKind
from webinar.people.words import BASIS_NAMES, KIND_NAMES

NAMES_OF_COLUMNS: Mapping[str, Sequence[str]] = {
    "email": (
        *("email", "e mail", "mail", "email address", "e mail address", "mail address"),
        *("correo", "correo electronico", "direccion de correo", "direccion de correo electronico", "direccion email"),
        *("courriel", "adresse e mail", "adresse email", "adresse mail", "adresse electronique", "adresse de courriel"),
    ),
    "given_name": (
        *("given name", "first name", "firstname", "fname", "forename"),
        *("nombre", "nombres", "nombre de pila", "prenom", "prenoms"),
    ),
    "family_name": (
        *("family name", "last name", "lastname", "lname", "surname", "apellido", "apellidos"),
        *("nom", "nom de famille"),
    ),
    "name": (
        *("name", "full name", "nombre completo", "nombre y apellido", "nombre y apellidos"),
        *("nom complet", "prenom et nom", "nom et prenom"),
    ),
    "member": (
        *("member", "member city", "city", "municipality", "miembro", "ciudad", "ciudad miembro", "municipio"),
        *("membre", "ville", "ville membre", "municipalite", "commune"),
    ),
    "organisation": (
        *("organisation", "organization", "company", "institution", "organizacion", "institucion", "entidad"),
        *("empresa", "organisme", "entreprise", "societe"),
    ),
    "role": ("role", "position", "job title", "title", "cargo", "puesto", "funcion", "fonction", "poste", "titre"),
    "language": ("language", "preferred language", "idioma", "lengua", "langue", "langue preferee"),
    "focal_point": ("focal point", "is focal point", "punto focal", "point focal"),
    "kinds": ("kinds", "kinds of mail", "mails", "tipos de correo", "types de courriel"),
    "source": ("source", "fuente", "procedencia", "origen", "origine", "provenance"),
    "basis": ("basis", "legal basis", "base legal", "base juridica", "base legale", "base juridique"),
    "since": ("since", "optin time", "desde", "depuis"),
}
LONGEST = {"given_name": 100, "family_name": 100, "name": 100, "organisation": 300, "role": 300, "source": 300}

_COLUMN = {name: column for column, names in NAMES_OF_COLUMNS.items() for name in names}
_YES = {"yes", "y", "true", "1", "x", "si", "s", "oui", "o", "vrai", "verdadero"}
_NO = {"no", "n", "false", "0", "non", "faux", "falso", ""}
_NAMES_OF_KINDS = {
    MailKind.INVITATIONS: {"invitations", "invitation", "invitaciones", "invitacion"},
    MailKind.REMINDERS: {"reminders", "reminder", "recordatorios", "recordatorio", "rappels", "rappel"},
    MailKind.NEWSLETTER: {"newsletter", "boletin", "infolettre", "lettre d information"},
}
_NO_KIND = {"none", "nothing", "ninguno", "nada", "aucun", "rien"}
_NAMES_OF_BASES = {
    LegalBasis.CONSENT: {"consent", "consentimiento", "consentement", "consentimento"},
    LegalBasis.PUBLIC_TASK: {"public task", "interes publico", "interet public", "mision publica", "mission publique"},
    LegalBasis.LEGITIMATE_INTEREST: {"legitimate interest", "interes legitimo", "interet legitime"},
}
_FORMULA = re.compile(r"[=@+]")


class ListKind(Code):
    """What a list is about: contacts of ours, or one of the three lists that Mailchimp exports."""

    CONTACTS = "contacts"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    CLEANED = "cleaned"


DO_NOT_WRITE = (ListKind.UNSUBSCRIBED, ListKind.CLEANED)


class NotAList(DomainError):
    """The file as a whole is no list of contacts; the message says what is missing."""


class Entry(NamedTuple):
    """What one line says of one person, each value checked; None where it says nothing, which leaves what is known."""

    line: int
    email: str
    given_name: str | None = None
    family_name: str | None = None
    member_key: str | None = None
    organisation: str | None = None
    role: str | None = None
    language: str | None = None
    is_focal_point: bool | None = None
    kinds: tuple[MailKind, ...] | None = None
    source: str | None = None
    basis: LegalBasis | None = None
    since: datetime | None = None

    @property
    def name(self) -> str:
        """Return the name as the line has it, or the address."""
        return f"{self.given_name or ''} {self.family_name or ''}".strip() or self.email


class Fault(NamedTuple):
    """Why a line cannot be placed, and whom it is about as far as that can be read."""

    line: int
    name: str
    reason: str


@dataclass
class ContactList:
    """A list that was read: what it is about, its lines, those that cannot be placed, and what it names in vain."""

    kind: ListKind = ListKind.CONTACTS
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: Sequence[str] = ()
    unknown_members: dict[str, int] = field(default_factory=dict)


class _CannotTake(DomainError):
    """One cell cannot be taken; the message says why."""


def read_contacts(content: bytes, names: MemberNames, most_lines: int | None = None) -> ContactList:
    """Read a CSV or XLSX file as a list of contacts.

    Raises:
        UnreadableTable: it is no table.
        NotAList: it has no column of addresses, or two that mean the same, no line at all, or more than ``most_lines``.
    """
    read = ContactList()
    columns: dict[str, str] = {}
    first_of: dict[str, int] = {}
    members = _Members(names)
    is_empty = True
    for row in read_table(content):
        if is_empty:
            columns = _columns_of(tuple(row.values))
            read.kind = _kind_of(row.values)
            read.left_out = tuple(column for column in row.values if column not in columns.values())
            is_empty = False
        if most_lines is not None and len(read.entries) + len(read.faults) >= most_lines:
            raise NotAList(
                _l(
                    "The file has more than %(most)s lines, which is too much for this page. "
                    "Split it, or use the command “contacts import” on the server.",
                    most=formats.number(most_lines),
                )
            )
        typed = {name: row.values[column] for name, column in columns.items()}
        try:
            entry = _entry(row, typed, members, read.kind)
            first = first_of.setdefault(entry.email, row.line)
            if first != row.line:
                raise _CannotTake(_("This address stands in line %(line)s already.", line=first))
        except (_CannotTake, NoMailAddress) as refusal:
            read.faults.append(Fault(row.line, one_line(typed["email"])[:80], str(refusal)))
        else:
            read.entries.append(entry)
    if is_empty:
        raise NotAList(_l("The list names nobody. Below the names of the columns, each line is one person."))
    read.unknown_members = members.unknown
    return read


def _columns_of(columns: Sequence[str]) -> dict[str, str]:
    """Return the column of the file for each thing that we know."""
    found: dict[str, str] = {}
    for column in columns:
        meant = _COLUMN.get(fold(column))
        if meant is None:
            continue
        if meant in found:
            raise NotAList(
                _l(
                    "The columns “%(first)s” and “%(second)s” mean the same. Take one of them out.",
                    first=found[meant],
                    second=column,
                )
            )
        found[meant] = column
    if "email" not in found:
        if any("@" in column for column in columns):
            raise NotAList(
                _l("The first line holds an address, not the names of the columns. Put a line with their names above.")
            )
        raise NotAList(
            _l("The file has no column of mail addresses. Call it “Email”, “Correo electrónico” or “Adresse e-mail”.")
        )
    return found


def _kind_of(columns: Mapping[str, str]) -> ListKind:
    """Return which list it is: Mailchimp's have columns that nobody else's has."""
    if any(column.startswith("unsub_") for column in columns):
        return ListKind.UNSUBSCRIBED
    if any(column.startswith("clean_") for column in columns):
        return ListKind.CLEANED
    return ListKind.SUBSCRIBED if {"leid", "euid"} <= columns.keys() else ListKind.CONTACTS


class _Members:
    """Which member each name means, asked once for each: lists name the same members again and again."""

    def __init__(self, names: MemberNames) -> None:
        self.names = names
        self.exact = {member.name: key for key, member in names.members.items()}
        self.answers: dict[str, str | DomainError] = {}
        self.unknown: dict[str, int] = {}

    def key_of(self, typed: str) -> str:
        """Return the key of a member that is named by its key or any of its names.

        Raises:
            _CannotTake: none is called so, or several are.
        """
        if typed not in self.answers:
            self.answers[typed] = self._look_up(typed)
        answer = self.answers[typed]
        if isinstance(answer, DomainError):
            self.unknown[typed] = self.unknown.get(typed, 0) + 1
            raise _CannotTake(answer.message)
        return answer

    def _look_up(self, typed: str) -> str | DomainError:
        if typed in self.exact:
            return self.exact[typed]
        match self.names.find(typed):
            case Found(key):
                return key
            case Ambiguous(keys):
                meant = formats.in_a_row(self.names.name_of(key) for key in keys)
                return DomainError(_("“%(name)s” may be %(members)s: write one of these.", name=typed, members=meant))
            case unknown:
                near = formats.in_a_row(self.names.name_of(key) for key in unknown.suggestions)
        if near:
            return DomainError(
                _("There is no member called “%(name)s”. Is it one of these: %(members)s?", name=typed, members=near)
            )
        return DomainError(_("There is no member called “%(name)s”.", name=typed[:80]))


def _entry(row: Row, typed: Mapping[str, str], members: _Members, kind: ListKind) -> Entry:
    """Read one line.

    Raises:
        NoMailAddress, _CannotTake: with the first thing that is wrong.
    """
    if not typed["email"].strip():
        raise _CannotTake(_("There is no mail address."))
    email = normalise(typed["email"])
    if kind in DO_NOT_WRITE:
        # Nothing else of somebody who left is taken into the house.
        return Entry(row.line, email, since=_first_moment(row.values))
    texts = {name: _text(name, typed.get(name, "")) for name in LONGEST}
    given_name, family_name = texts["given_name"], texts["family_name"]
    if texts["name"] and not (given_name or family_name):
        family_name, comma, given = texts["name"].partition(",")
        family_name, given_name = (part.strip() for part in (family_name, given if comma else ""))
    elif texts["name"] and not family_name:
        family_name = texts["name"]
    member = one_line(typed.get("member", ""))
    return Entry(
        line=row.line,
        email=email,
        given_name=given_name or None,
        family_name=family_name or None,
        member_key=members.key_of(member) if member else None,
        organisation=texts["organisation"] or None,
        role=texts["role"] or None,
        language=_language(one_line(typed.get("language", ""))),
        is_focal_point=_yes_or_no(typed["focal_point"]) if typed.get("focal_point", "").strip() else None,
        kinds=_kinds(typed.get("kinds", "")),
        source=texts["source"] or None,
        basis=_basis(typed.get("basis", "")),
        since=_moment(typed.get("since", "").strip()),
    )


def _text(name: str, written: str) -> str:
    line = one_line(written)
    if len(line) > LONGEST[name]:
        raise _CannotTake(
            _(
                "A text of %(length)s characters stands where at most %(most)s are kept: “%(text)s…”.",
                length=formats.number(len(line)),
                most=LONGEST[name],
                text=line[:40],
            )
        )
    if _FORMULA.match(line):
        raise _CannotTake(_("“%(text)s” is a formula of a spreadsheet. Write what it shows.", text=line[:80]))
    return line


def _yes_or_no(written: str) -> bool:
    folded = fold(written)
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    raise _CannotTake(_("“%(text)s” says neither yes nor no. Write “yes” or leave it empty.", text=written[:80]))


def _kinds(written: str) -> tuple[MailKind, ...] | None:
    parts = [fold(part) for part in re.split(r"[,;|/،]", written) if part.strip()]
    if not parts:
        return None
    # Also as the page says it, in any of its languages.
    names = {kind: known | {fold(str(KIND_NAMES[kind]))} for kind, known in _NAMES_OF_KINDS.items()}
    wanted = {kind for kind, known in names.items() for part in parts if part in known}
    unknown = [part for part in parts if part not in _NO_KIND and not any(part in known for known in names.values())]
    if unknown:
        raise _CannotTake(
            _(
                "“%(text)s” is no kind of mail. Write %(kinds)s, several with commas between.",
                text=unknown[0][:80],
                kinds=formats.in_a_row(kind.value for kind in MailKind),
            )
        )
    return tuple(kind for kind in MailKind if kind in wanted)


def _basis(written: str) -> LegalBasis | None:
    folded = fold(written)
    if not folded:
        return None
    for basis, names in _NAMES_OF_BASES.items():
        if folded in names or folded == fold(str(BASIS_NAMES[basis])):
            return basis
    raise _CannotTake(_("“%(text)s” is no legal basis that we know.", text=written[:80]))


def _language(written: str) -> str | None:
    if not written:
        return None
    code = re.split(r"[-_]", written.lower())[0]
    found = code if languages.is_known(code) else _languages_by_name().get(fold(written))
    if found is None:
        raise _CannotTake(
            _("“%(text)s” is no language that we know. Write its code, like es, or its name.", text=written[:80])
        )
    return found


@cache
def _languages_by_name() -> Mapping[str, str]:
    """Return the codes of languages by their names in themselves, in English, Spanish and French."""
    codes = [code for code in map(str, Locale("en").languages) if len(code) == 2 and languages.is_known(code)]
    return {
        fold(name): code
        for code in codes
        for name in (languages.name_of(code), *(languages.name_of(code, one) for one in ("en", "es", "fr")))
    }


def _moment(written: str) -> datetime | None:
    """Return a moment in ISO 8601, in UTC where it has no zone, as Mailchimp writes it."""
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise _CannotTake(_("“%(text)s” is no date. Write it like 2027-04-03.", text=written[:80])) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    if not datetime(1990, 1, 1, tzinfo=UTC) <= moment <= clock.now():
        raise _CannotTake(_("“%(text)s” is not a day since when somebody can be on a list.", text=written[:80]))
    return moment


def _first_moment(values: Mapping[str, str]) -> datetime | None:
    """Return when somebody left, where the list says so in a way that can be read; it is not worth losing the line."""
    for column in ("unsub_time", "clean_time"):
        try:
            moment = _moment(values.get(column, "").strip())
        except _CannotTake:
            continue
        if moment is not None:
            return moment
    return None
