"""The public registration form: it checks the shape of what was typed, not the rules."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webinar.catalogue.models import Question
from webinar.foundation.digits import latin
from webinar.foundation.fields import AtMost, in_themselves
from webinar.foundation.isolation import unturned
from webinar.foundation.lines import is_seen, unpiled
from webinar.foundation.zones import is_zone
from webinar.members.matching import Ambiguous, Found, MemberNames, Names, Unknown
from webinar.people.mail_address import NoMailAddress, normalise
from webinar.registration.asking import AsksQuestions
from webinar.registration.invited import Invited
from webinar.registration.models import MOST_WATCHING_WITH, Affiliation
from webinar.registration.registrant import Details, Registrant

MOST_OF_A_NAME = 100
MOST_OF_A_LINE = 300
MOST_SESSIONS_AT_ONCE = 20


def _stripped(written: str | None) -> str:
    line = " ".join(unpiled(unturned(written)).split(" ")).strip() if written else ""
    return line if is_seen(line) else ""


def one_line(form: Form, field: Field) -> None:
    """Refuse line breaks and other control characters, which no name has and some headers are forged with."""
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in field.data or ""):
        raise StopValidation(_("Write it on one line."))


def a_persons_name(form: Form, field: Field) -> None:
    """Refuse what is no name: web addresses and markup, which would be mailed to somebody in our name."""
    if re.search(r"[<>@]|://|www\.|\.\w+/", field.data or "", re.IGNORECASE):
        raise StopValidation(_("Write only the name, without a web address and without < or >."))


def name_field(label: LazyString, missing: LazyString | None = None) -> StringField:
    """Return a field for a name of a person; it may stay empty where nothing is said if it is ``missing``."""
    needed = [] if missing is None else [DataRequired(missing)]
    return StringField(label, [*needed, one_line, AtMost(MOST_OF_A_NAME), a_persons_name], filters=[_stripped])


def line_field(label: LazyString) -> StringField:
    """Return a field for a line of text, which may stay empty."""
    return StringField(label, [one_line, AtMost(MOST_OF_A_LINE)], filters=[_stripped])


def affiliation_field(label: LazyString) -> RadioField:
    """Return the question on whose behalf somebody comes."""
    return RadioField(
        label,
        choices=[
            SelectChoice(Affiliation.MEMBER.value, _l("A member of the network")),
            SelectChoice(Affiliation.PARTNER.value, _l("A partner organisation")),
            SelectChoice(Affiliation.OTHER.value, _l("Somebody else")),
        ],
        default=Affiliation.MEMBER.value,
        validate_choice=False,
    )


class MailAddressField(EmailField):  # type: ignore[misc]
    """An address that mail can reach; ``normalised`` is its one spelling, once it has been validated."""

    normalised = ""
    missing = _l("Write your mail address. The calendar invitation goes there.")

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no address, saying what is missing."""
        if not self.data:
            raise StopValidation(str(self.missing))
        try:
            self.normalised = normalise(self.data)
        except NoMailAddress:
            raise StopValidation(_address_advice(self.data)) from None


class ColleaguesAddressField(MailAddressField):
    """The address of somebody else."""

    missing = _l("Write your colleague's mail address. The calendar invitation goes there.")


def _address_advice(written: str) -> str:
    local, at, domain = written.rpartition("@")
    if len(written) > 254:
        return str(_("This is longer than any mail address. Write it again."))
    if not at:
        return str(_("An @ is missing. Write the whole address, for example name@example.org."))
    if not local.isascii():
        return str(_("Mail cannot be sent to %(address)s. Give an address in Latin letters.", address=written.strip()))
    if local and domain and "." not in domain:
        return str(
            _(
                "Write the whole address, for example name@example.org. After @%(domain)s something is missing.",
                domain=domain,
            )
        )
    return str(_("Mail cannot reach this address. Write it like name@example.org."))


class MemberField(StringField):  # type: ignore[misc]
    """A member by its key or by any of its names; ``member_key`` is the one that was found.

    The field may be sent twice: first a choice from what was proposed, then the text. The choice decides.
    ``could_be`` holds the members to choose from when the text means several, or looks like some, and then the one
    that was chosen: the form may come back for another reason.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = ""
        self.member_key: str | None = None
        self.could_be: list[Names] = []

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the text as typed, and the choice beside it."""
        if valuelist:
            self.data = valuelist[-1].strip()
            self.chosen = valuelist[0].strip() if len(valuelist) > 1 else ""

    def look_up(self, members: MemberNames) -> None:
        """Find the member that is meant.

        Raises:
            ValidationError: none or several are.
        """
        wanted = self.chosen or self.data or ""
        if not wanted:
            raise ValidationError(_("Write the name of your city, metropolitan area or region."))
        match members.find(wanted):
            case Found(member_key):
                self.member_key = member_key
                if self.chosen:
                    self.could_be = [members.members[member_key]]
            case Ambiguous(member_keys):
                self.could_be = [members.members[key] for key in member_keys]
                raise ValidationError(_("Several members have this name. Choose yours."))
            case Unknown(suggestions):
                self.could_be = [members.members[key] for key in suggestions]
                if self.could_be:
                    raise ValidationError(
                        _("We found no member with this name. Choose one of these, or write another of its names.")
                    )
                raise ValidationError(
                    _(
                        "We found no member with this name. Write another of its names; if your city is not a member, "
                        "choose “Somebody else” above."
                    )
                )


class _WithAddress(FlaskForm):  # type: ignore[misc]
    """Where the mails go."""

    email = MailAddressField(_l("Mail address"))


class RegisteredAddressField(MailAddressField):
    """The address that somebody has registered with."""

    missing = _l("Write the mail address that you registered with. Your links go there.")


class TheirAddressField(MailAddressField):
    """The address of somebody who is registered."""

    missing = _l("Write the right mail address. New links go there.")


class AddressForm(FlaskForm):  # type: ignore[misc]
    """The right address of somebody who is registered with another one."""

    email = TheirAddressField(_l("Mail address"))


class LostLinkForm(FlaskForm):  # type: ignore[misc]
    """Where the links of a place are to be sent once more."""

    email = RegisteredAddressField(_l("Mail address you registered with"))


class WithDetails(FlaskForm):  # type: ignore[misc]
    """Who somebody is, and on whose behalf they come.

    ``members`` are given from outside, so the form needs no database; ``comes_for`` is the member that was proposed.
    """

    given_name = name_field(_l("Given name"), _l("Write your given name."))
    family_name = name_field(_l("Family name"), _l("Write your family name."))
    affiliation = affiliation_field(_l("You come on behalf of"))
    member = MemberField(_l("Which member"))
    organisation = line_field(_l("Organisation"))
    role = line_field(_l("Your role"))

    def __init__(self, *, members: MemberNames, comes_for: Names | None = None, **known: Any) -> None:
        super().__init__(**known)
        self.members = members
        self.comes_for = comes_for

    def validate_affiliation(self, field: RadioField) -> None:
        """Refuse what is none of the answers."""
        if field.data not in set(Affiliation):
            raise ValidationError(_("Choose one of these."))

    def validate_member(self, field: MemberField) -> None:
        """Find the member, where they come for one; a name that was proposed and left means the same as before."""
        if self.affiliation.data != Affiliation.MEMBER:
            return
        if self.comes_for is not None and not field.chosen and field.data == self.comes_for.name:
            field.member_key = self.comes_for.key
        else:
            field.look_up(self.members)

    def validate_organisation(self, field: StringField) -> None:
        """Want the name of a partner."""
        if self.affiliation.data == Affiliation.PARTNER and not field.data:
            raise ValidationError(_("Write the name of your organisation."))

    @property
    def details(self) -> Details:
        """What was typed about the person, checked."""
        affiliation = Affiliation(self.affiliation.data)
        for_member = affiliation is Affiliation.MEMBER
        return Details(
            given_name=self.given_name.data or "",
            family_name=self.family_name.data or "",
            affiliation=affiliation,
            member_key=self.member.member_key if for_member else None,
            organisation="" if for_member else self.organisation.data or "",
            role=self.role.data or "",
        )


class _Registering(AsksQuestions, _WithAddress, WithDetails):
    """What everybody says who registers, whatever for."""

    timezone = HiddenField(_l("Your time zone"))
    privacy = BooleanField(
        _l("I have read how my data are used"),
        [DataRequired(_l("Read how your data are used, and tick the box."))],
    )
    newsletter = BooleanField(_l("Send me the newsletter"))
    # People do not see it; programs that fill in everything do.
    subject = StringField(_l("Leave this empty"))

    def __init__(self, *, members: MemberNames, own_zone: str, **known: Any) -> None:
        super().__init__(members=members, **known)
        # The organisers' questions stand before these, on the page and in the list of what is to be put right.
        for name in ("privacy", "newsletter", "subject"):
            self._fields[name] = self._fields.pop(name)
        self.own_zone = own_zone

    def validate_timezone(self, field: HiddenField) -> None:
        """Refuse a zone that is none; an empty one is the reader's, as far as it is known."""
        if field.data and not is_zone(field.data):
            raise ValidationError(_("Nobody knows this time zone. Choose a city whose clock you follow."))

    def validate_subject(self, field: StringField) -> None:
        """Stop programs that fill in every field."""
        if field.data:
            raise ValidationError(_("This field is to stay empty."))

    def propose_member(self, by_address: Callable[[str], str | None]) -> None:
        """Propose the member whose address somebody has, where they have named none."""
        if self.member.errors and not self.member.data and self.email.normalised:
            key = by_address(self.email.normalised)
            if key is not None and key in self.members.members:
                self.member.could_be = [self.members.members[key]]

    def _registrant(self, version: str, language: str) -> Registrant:
        return Registrant(
            **asdict(self.details),
            email=self.email.normalised,
            version=version,
            language=language,
            timezone=self.timezone.data or self.own_zone,
            newsletter=bool(self.newsletter.data),
            answers=self.answers,
        )


class PeopleBesideField(IntegerField):  # type: ignore[misc]
    """How many more people watch in somebody's room; nothing is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number, in whatever digits."""
        written = latin(valuelist[0]).strip() if valuelist else ""
        if written and not re.fullmatch(r"[0-9]{1,9}", written):
            raise ValueError(_("Write a whole number from 0 to %(most)s.", most=MOST_WATCHING_WITH))
        self.data = int(written or 0)

    def pre_validate(self, form: Any) -> None:
        """Refuse more than a room holds."""
        if (self.data or 0) > MOST_WATCHING_WITH:
            raise ValidationError(_("Write a whole number from 0 to %(most)s.", most=MOST_WATCHING_WITH))


class RoomForm(FlaskForm):  # type: ignore[misc]
    """How many more watch with somebody who has a place, on the page whose address is the authority."""

    class Meta:
        """A cookie gives no authority here, so there is no token of one."""

        csrf = False

    watching_with = PeopleBesideField(_l("How many more people watch with you?"))


class RegistrationForm(_Registering):
    """Who comes, on whose behalf, and which language they want to hear.

    ``members`` and the codes of the session's languages are given from outside, so the form needs no database.
    """

    language = SelectField(_l("Language you want to hear"), validate_choice=False)
    watching_with = PeopleBesideField(_l("How many more people watch with you?"))

    def __init__(
        self, *, members: MemberNames, versions: Sequence[str], preferred: str, own_zone: str, **known: Any
    ) -> None:
        super().__init__(members=members, own_zone=own_zone, language=preferred, **known)
        self.versions = versions
        if len(versions) == 1 and not self.language.data:
            self.language.data = versions[0]

    def validate_language(self, field: SelectField) -> None:
        """Refuse a language in which the session cannot be followed."""
        if field.data not in self.versions:
            raise ValidationError(_("This session cannot be followed in that language. Choose one of these."))

    def registrant(self, language: str) -> Registrant:
        """Return what was typed as the service wants it; ``language`` is that of the page."""
        return replace(self._registrant(self.language.data, language), watching_with=self.watching_with.data or 0)


class KnownAddressField(MailAddressField):
    """The address of somebody who was invited, which the page does not show: left empty, it is ``known``."""

    known = ""

    def pre_validate(self, form: Any) -> None:
        """Take the address that is known, unless another one was written."""
        if self.data:
            super().pre_validate(form)
        else:
            self.normalised = self.known


class InvitedForm(RegistrationForm):
    """The form of somebody who was invited, filled in with what the network knows of them."""

    email = KnownAddressField(_l("Mail address"))

    def __init__(self, *, invited: Invited, members: MemberNames, **more: Any) -> None:
        super().__init__(
            members=members,
            comes_for=members.members.get(invited.member_key or ""),
            given_name=invited.given_name,
            family_name=invited.family_name,
            affiliation=invited.affiliation.value,
            member=invited.member_name,
            organisation=invited.organisation,
            role=invited.role,
            **more,
        )
        self.email.known = invited.email
        self.invited = invited

    @property
    def is_complete(self) -> bool:
        """Whether nothing has to be written or mended but what stands open anyway."""
        folded = (self.given_name, self.family_name, self.affiliation, self.member, self.organisation, self.role)
        return bool(self.given_name.data and self.family_name.data) and not any(field.errors for field in folded)

    @property
    def is_theirs(self) -> bool:
        """Whether who was invited is registered by it, and nobody else; it is validated."""
        return self.email.normalised == self.invited.email


class OnBehalfForm(RegistrationForm):
    """Whom one of the staff registers, who has them on the telephone."""

    given_name = name_field(_l("Given name"), _l("Write their given name."))
    family_name = name_field(_l("Family name"), _l("Write their family name."))
    affiliation = affiliation_field(_l("They come on behalf of"))
    role = line_field(_l("Their role"))
    language = SelectField(_l("Language they want to hear"), validate_choice=False)
    mail_language = RadioField(_l("Mails to them are written in"), validate_choice=False)
    privacy = BooleanField(
        _l("I have told them how their data are used"),
        [DataRequired(_l("Tell them how their data are used, and tick the box."))],
    )
    newsletter = BooleanField(_l("They want the newsletter"))

    def __init__(self, *, languages: Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        self.mail_language.choices = in_themselves(languages)
        if self.mail_language.data is None:
            self.mail_language.data = languages[0]

    def validate_mail_language(self, field: RadioField) -> None:
        """Refuse a language in which no mail can be written."""
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose one of these."))


@dataclass(frozen=True)
class Offered:
    """A session that one can choose among several: how it is called, and the codes of its languages.

    ``preferred`` is the language to select first.
    """

    key: str
    label: str
    webinar_id: int
    versions: Sequence[str]
    preferred: str


class SeveralSessionsForm(_Registering):
    """Who comes to which sessions of a series, and in which language to each; ``choosing`` makes it for a series."""

    offered: Sequence[Offered] = ()
    closed: Mapping[str, str] = {}

    sessions = SelectMultipleField(
        _l("Sessions"), validate_choice=False, widget=ListWidget(), option_widget=CheckboxInput()
    )

    def __init__(self, *, members: MemberNames, own_zone: str, chosen: Sequence[str]) -> None:
        super().__init__(members=members, own_zone=own_zone, sessions=list(chosen))
        self.sessions.choices = [SelectChoice(session.key, session.label) for session in self.offered]

    @property
    def chosen(self) -> list[Offered]:
        """The sessions that are chosen, as far as one can register for them."""
        return [session for session in self.offered if session.key in (self.sessions.data or [])]

    def language_of(self, session: Offered) -> SelectField | None:
        """Return the field for the language of a session; None where it has one language only."""
        return self._fields.get(f"language-{session.key}")

    def must_answer(self, question: Question) -> bool:
        """Tell whether an empty answer is refused: only where a session of the question's webinar is chosen."""
        return question.is_needed and question.webinar_id in {session.webinar_id for session in self.chosen}

    def validate_sessions(self, field: SelectMultipleField) -> None:
        """Want at least one session, and none whose registration has closed meanwhile."""
        gone = [key for key in field.data or [] if key not in {session.key for session in self.offered}]
        if gone:
            named = [self.closed[key] for key in gone if key in self.closed]
            raise ValidationError(
                _(
                    "These cannot be chosen any more: %(sessions)s. They are left out now; look over your choice "
                    "and send it again.",
                    sessions="; ".join(named),
                )
                if named
                else _("A session that you chose is not offered any more. Look over your choice and send it again.")
            )
        if not self.chosen:
            raise ValidationError(_("Choose at least one session."))
        if len(self.chosen) > MOST_SESSIONS_AT_ONCE:
            raise ValidationError(
                _("Choose at most %(count)s sessions at once, and the others afterwards.", count=MOST_SESSIONS_AT_ONCE)
            )

    def registrant_for(self, session: Offered, language: str) -> Registrant:
        """Return what was typed as the service wants it for one session; ``language`` is that of the page."""
        field = self.language_of(session)
        return self._registrant(field.data if field is not None else session.versions[0], language)


def choosing(
    form: type[SeveralSessionsForm], offered: Sequence[Offered], closed: Mapping[str, str]
) -> type[SeveralSessionsForm]:
    """Return the class of a form for these sessions; ``closed`` are names of others by their keys."""
    fields: dict[str, Any] = {"offered": tuple(offered), "closed": dict(closed), "__doc__": form.__doc__}
    for session in offered:
        if len(session.versions) > 1:
            fields[f"language-{session.key}"] = SelectField(
                _("Language you want to hear"),
                [_OfferedVersion(session)],
                default=session.preferred,
                validate_choice=False,
            )
    metaclass: Any = type(form)
    return cast("type[SeveralSessionsForm]", metaclass(form.__name__, (form,), fields))


class _OfferedVersion:
    """Refuses a language in which a chosen session cannot be followed."""

    def __init__(self, session: Offered) -> None:
        self.session = session

    def __call__(self, form: SeveralSessionsForm, field: Field) -> None:
        """Refuse it where the session is chosen."""
        if self.session in form.chosen and field.data not in self.session.versions:
            raise ValidationError(_("This session cannot be followed in that language. Choose one of these."))


class _ForALink(WithDetails):
    """A form on a page whose address is the authority: a cookie gives none, so there is no token of one."""

    class Meta:
        csrf = False

    mail_language = RadioField(_l("Mails are written in"), validate_choice=False)

    def __init__(self, *, languages: Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        self.mail_language.choices = in_themselves(languages)

    def validate_mail_language(self, field: RadioField) -> None:
        """Refuse a language in which no mail can be written."""
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose one of these."))


class DetailsForm(AsksQuestions, _ForALink):
    """What somebody typed about themselves and answered, to be corrected."""

    timezone = SelectField(_l("City whose clock you follow"), validate_choice=False)

    def validate_timezone(self, field: SelectField) -> None:
        """Refuse a zone that is none."""
        if not is_zone(field.data or ""):
            raise ValidationError(_("Choose a city of the list."))


class FeedbackForm(AsksQuestions, FlaskForm):  # type: ignore[misc]
    """What the organisers ask after a session; as with ``_ForALink``, the address is the authority."""

    class Meta:  # noqa: D106
        csrf = False


class HandOverForm(_ForALink):
    """To which colleague somebody hands their place."""

    email = ColleaguesAddressField(_l("Your colleague's mail address"))
    given_name = name_field(_l("Given name"), _l("Write your colleague's given name."))
    family_name = name_field(_l("Family name"), _l("Write your colleague's family name."))
    affiliation = affiliation_field(_l("Your colleague comes on behalf of"))
    member = MemberField(_l("Which member"))
    organisation = line_field(_l("Organisation"))
    role = line_field(_l("Their role"))
    mail_language = RadioField(_l("Mails to your colleague are written in"), validate_choice=False)

    def registrant(self, *, version: str, timezone: str) -> Registrant:
        """Return the colleague as the service wants them, following the session as the person does."""
        return Registrant(
            **asdict(self.details),
            email=self.email.normalised,
            version=version,
            language=self.mail_language.data,
            timezone=timezone,
        )
