"""The organisers' form for a member: it checks each value by the same rules as a list that is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from webinar.foundation import countries, languages
from webinar.members.matching import Ambiguous, Found, MemberNames, Names, Unknown
from webinar.members.models import Member
from webinar.members.services import checks
from webinar.members.services.edit_member import EditRefused, MemberDraft, NameTaken

MOST_ALIASES = 100
SPARE_ALIASES = 3

Value = TypeVar("Value")


class MemberChoice(StringField):  # type: ignore[misc]
    """A member by its key or any of its names, looked up by the staff; ``could_be`` are those to choose from.

    The field may be sent twice: first a choice from what was proposed, then the text. The choice decides.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = ""
        self.could_be: list[Names] = []

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the text as typed, and the choice beside it."""
        if valuelist:
            self.data = valuelist[-1].strip()
            self.chosen = valuelist[0].strip() if len(valuelist) > 1 else ""

    def look_up(self, members: MemberNames) -> str | None:
        """Return the key of the member that is meant; None where none or several are, which is said at the field."""
        match members.find(self.chosen or self.data or ""):
            case Found(key):
                return key
            case Ambiguous(keys):
                self.could_be = [members.members[key] for key in keys]
                self.errors = [_("Several members have this name. Choose one.")]
            case Unknown(keys):
                self.could_be = [members.members[key] for key in keys]
                self.errors = [_("We found no member with this name. Choose one of the list.")]
        return None


class IntoForm(FlaskForm):  # type: ignore[misc]
    """Into which member another one is merged."""

    into = MemberChoice(_l("Into which member"))


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """Which member a name is that people typed, and whether the member is to be called so from then on."""

    folded = HiddenField()
    member = MemberChoice(_l("Which member"))
    as_alias = BooleanField(_l("Make it one of the member’s names, so that the registration form finds it"))


class MemberForm(FlaskForm):  # type: ignore[misc]
    """All that is known about a member; its other names stand in numbered rows, ``alias_0``, as in other long forms."""

    revision = HiddenField()
    key = StringField(_l("Key"))
    name = StringField(_l("Name"))
    official_name = StringField(_l("Official name"))
    country_code = SelectField(_l("Country"), validate_choice=False)
    region = StringField(_l("Region"))
    timezone = SelectField(_l("Time zone"), validate_choice=False)
    latitude = StringField(_l("Latitude"))
    longitude = StringField(_l("Longitude"))
    mail_domains = StringField(_l("Mail domains"))

    alias_rows = 0
    checked: dict[str, Any]

    @property
    def aliases(self) -> list[Field]:
        """The fields of the other names."""
        return [self._fields[f"alias_{number}"] for number in range(self.alias_rows)]

    @property
    def made_from(self) -> int:
        """The revision of the member that the page was made from."""
        written = self.revision.data or ""
        return int(written) if written.isascii() and written.isdigit() and len(written) < 9 else 0

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each value, and put what is wrong at its field."""
        is_valid: bool = super().validate(extra_validators)
        self.checked = {
            "key": self._checked(self.key, lambda written: checks.key_of(written) if written else ""),
            "name": self._checked(self.name, lambda written: checks.name_of(written, _("Name"))),
            "official_name": self._checked(
                self.official_name, lambda written: checks.text_of(written, _("Official name"), checks.LINE)
            ),
            "country_code": self._checked(self.country_code, checks.country_of),
            "region": self._checked(self.region, _region),
            "timezone": self._checked(self.timezone, checks.zone_of),
            "place": self._checked(
                self.latitude, lambda written: checks.place_of(written, (self.longitude.data or "").strip())
            ),
            "mail_domains": self._checked(self.mail_domains, _domains),
            "aliases": checks.once(self._checked(field, _alias) or "" for field in self.aliases),
        }
        return is_valid and not any(field.errors for field in self._fields.values())

    def _checked(self, field: Field, check: Callable[[str], Value]) -> Value | None:
        try:
            return check((field.data or "").strip())
        except checks.CannotTake as refusal:
            field.errors = [str(refusal)]
            return None

    def refuse(self, refusal: EditRefused) -> None:
        """Put the refusal of a use case at the field it is about."""
        field = self._fields.get(refusal.field)
        if isinstance(refusal, NameTaken) and field is None:
            field = next((alias for alias in self.aliases if alias.data.strip() == refusal.name), self.name)
        (field or self.name).errors = [str(refusal)]

    def draft(self) -> MemberDraft:
        """Return the validated input as the service wants it."""
        return MemberDraft(**{name: value for name, value in self.checked.items() if name != "key"})


def _alias(written: str) -> str:
    return checks.name_of(written, _("A name")) if written else ""


def _region(written: str) -> str:
    if not written:
        raise checks.CannotTake(_("Write the region, as the network divides the world."))
    return checks.text_of(written, _("Region"))


def _domains(written: str) -> list[str]:
    return sorted(checks.once(checks.domain_of(domain) for domain in written.replace(",", " ").split()))


def member_form(
    sent: Mapping[str, str],
    zones: Sequence[tuple[str, Sequence[tuple[str, str]]]],
    own_zone: str,
    member: Member | None = None,
) -> MemberForm:
    """Return the form for a member, filled with what it is and with what was sent.

    ``zones`` are offered by parts of the world; a new member has ``own_zone`` until another is chosen.
    """
    aliases = [alias.name for alias in member.aliases] if member else []
    rows = len(aliases) + SPARE_ALIASES
    written = sent.get("alias_rows", "")
    if written.isascii() and written.isdigit() and len(written) < 4:
        rows = int(written) + (SPARE_ALIASES if "add" in sent else 0)
    rows = min(rows, max(MOST_ALIASES, len(aliases)))
    data: dict[str, Any] = {"timezone": own_zone}
    if member is not None:
        data = {column: getattr(member, column) for column in ("key", "name", "official_name", "country_code")}
        data |= {column: getattr(member, column) for column in ("region", "timezone")}
        data |= {"latitude": _degrees(member.latitude), "longitude": _degrees(member.longitude)}
        data["mail_domains"] = ", ".join(known.domain for known in member.mail_domains)
        data["revision"] = str(member.revision)
    fields: dict[str, Any] = {"alias_rows": rows}
    for number in range(rows):
        fields[f"alias_{number}"] = StringField(_("Name %(number)s", number=number + 1))
        data[f"alias_{number}"] = aliases[number] if number < len(aliases) else ""
    metaclass: Any = type(MemberForm)
    form: MemberForm = metaclass("MemberForm", (MemberForm,), {**fields, "__doc__": MemberForm.__doc__})(data=data)
    names = countries.names(languages.current())
    form.country_code.choices = [
        SelectChoice("", _("Choose a country")),
        *(
            SelectChoice(code, names[code])
            for code in sorted(names, key=lambda code: languages.in_alphabet(names[code]))
        ),
    ]
    form.timezone.choices = [SelectChoice(zone, city, optgroup=part) for part, cities in zones for zone, city in cities]
    if member is not None and not any(choice.value == member.timezone for choice in form.timezone.choices):
        form.timezone.choices.append(SelectChoice(member.timezone))  # a name that the list of zones has given up
    return form


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
