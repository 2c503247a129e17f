"""The organisers' forms for series, webinars and sessions: they check the shape of the input, not the rules.

Texts stand in a field for each language (``title_en``), and what there may be several of in numbered rows
(``speaker_0_name``), so a form's class is made for the languages and rows that a page shows. It works without
scripts: each list ends with empty rows, and a button asks for one more. A row left empty is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, Field, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation

from webinar.catalogue.models import AgendaKind, Platform, Series, VersionKind, Webinar, WebinarSession
from webinar.catalogue.services.catalogue_file import (
    ADDRESS,
    MOST_OF_AN_ADDRESS,
    AgendaEntry,
    SpeakerEntry,
    VersionEntry,
)
from webinar.catalogue.services.drafts import (
    SeriesDraft,
    SeriesTexts,
    SessionDraft,
    SessionTimes,
    WebinarDraft,
    WebinarTexts,
)
from webinar.catalogue.services.parts import agenda_as_entries
from webinar.catalogue.services.times import wall_time
from webinar.foundation import languages
from webinar.foundation.addresses import is_web_address
from webinar.foundation.lines import one_line, several_lines
from webinar.foundation.zones import NoSuchTime, in_utc, is_zone
from webinar.members.matching import fold, in_latin

MOST_ROWS = 60
MOST_OF_A_LINE = 300
MOST_OF_A_SUMMARY = 2_000
MOST_OF_A_TEXT = 50_000
LARGEST_WHOLE_NUMBER = 2**31 - 1

KIND_NAMES = {AgendaKind.TALK: _l("Talk"), AgendaKind.ROUNDTABLE: _l("Roundtable")}
PLATFORM_NAMES = {
    Platform.ZOOM: "Zoom",
    Platform.TEAMS: "Microsoft Teams",
    Platform.WEBEX: "Webex",
    Platform.BIGBLUEBUTTON: "BigBlueButton",
    Platform.JITSI: "Jitsi",
    Platform.YOUTUBE: "YouTube",
    Platform.ROOM: _l("A hall that one goes to"),
    Platform.OTHER: _l("Another platform"),
}
VERSION_NAMES = {VersionKind.FLOOR: _l("Original language"), VersionKind.INTERPRETATION: _l("Interpreted")}


def _line(written: str | None) -> str:
    return one_line(written or "")


def _text(written: str | None) -> str:
    return several_lines(written or "")


def _at_most(count: int) -> Length:
    return Length(max=count, message=_l("Write at most %(max)d characters."))


def _web_address(_form: Any, field: Field) -> None:
    if field.data and not ADDRESS.fullmatch(field.data):
        raise StopValidation(_("Use letters without accents, digits, dots and hyphens only, as in heat-in-cities."))


def _link(_form: Any, field: Field) -> None:
    if field.data and not is_web_address(field.data):
        raise StopValidation(_("Write a whole address that begins with https://"))


class _WholeNumber(IntegerField):  # type: ignore[misc]
    """A whole number above 0, or nothing."""

    def __init__(self, label: str, validators: Sequence[Any] = (), **more: Any) -> None:
        range_ = NumberRange(1, LARGEST_WHOLE_NUMBER, _l("Write a whole number above 0, or leave it empty."))
        super().__init__(label, [Optional(), range_, *validators], **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number; nothing is None."""
        written = valuelist[0].strip() if valuelist else ""
        if not written:
            self.data = None
            return
        try:
            super().process_formdata([written])
        except ValueError:
            raise ValueError(_("Write a whole number above 0, or leave it empty.")) from None


class _LocalTime(DateTimeLocalField):  # type: ignore[misc]
    """A wall time, or nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time; nothing is None."""
        written = valuelist[0].strip() if valuelist else ""
        self.data = None
        if written:
            try:
                super().process_formdata([written])
            except ValueError:
                raise ValueError(_("Write a day and an hour, as in 2027-04-03T16:30.")) from None


class EditForm(FlaskForm):  # type: ignore[misc]
    """What all forms here have: languages, numbered rows, and a place for the refusals of the use cases."""

    codes: tuple[str, ...] = ()
    row_counts: Mapping[str, int] = {}

    def rows(self, name: str) -> list[dict[str, Field]]:
        """Return the fields of numbered rows by their names within the row."""
        rows = []
        for number in range(self.row_counts[name]):
            prefix = f"{name}_{number}_"
            rows.append(
                {key.removeprefix(prefix): field for key, field in self._fields.items() if key.startswith(prefix)}
            )
        return rows

    def in_language(self, what: str, code: str) -> Field:
        """Return the field that holds a text in a language."""
        return self._fields[f"{what}_{code}"]

    def refuse(self, field: str, message: object) -> None:
        """Put the refusal of a use case at the field it is about."""
        if field in self._fields:
            self._fields[field].errors = [str(message)]
        else:
            self.form_errors.append(str(message))

    def _filled(self, row: Mapping[str, Field], *but: str) -> bool:
        return any(field.data for name, field in row.items() if name not in but)


def _made(base: type[EditForm], codes: Iterable[str], row_counts: Mapping[str, int], fields: dict[str, Any]) -> Any:
    names = {"codes": tuple(codes), "row_counts": dict(row_counts), "__doc__": base.__doc__}
    metaclass: Any = type(base)
    return metaclass(base.__name__, (base,), {**names, **fields})


def rows_wanted(name: str, sent: Mapping[str, str], present: int, spare: int) -> int:
    """Return how many rows a page shows: those there are and some empty ones; one more than was sent, where asked."""
    written = sent.get(f"{name}_rows", "")
    if written.isascii() and written.isdigit() and len(written) < 4:
        present, spare = int(written), 1 if sent.get("add") == name else 0
    return min(present + spare, MOST_ROWS)


def _in_words(code: str) -> str:
    return languages.in_words(code)


# Series


class SeriesForm(EditForm):
    """A series: its web address, and title and summary in each language."""

    slug = StringField(_l("Web address"), [_at_most(100), _web_address], filters=[_line])

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a title in some language, and one wherever there is a summary."""
        is_valid: bool = super().validate(extra_validators)
        return _texts_have_titles(self, ("summary",)) and is_valid

    def draft(self) -> SeriesDraft:
        """Return the validated input as the service wants it."""
        texts = {
            code: SeriesTexts(self.in_language("title", code).data, self.in_language("summary", code).data)
            for code in self.codes
            if self.in_language("title", code).data
        }
        return SeriesDraft(self.slug.data or proposed_address(next(iter(texts.values())).title), texts)


def series_form(codes: Sequence[str], series: Series | None = None) -> SeriesForm:
    """Return the form for a series, filled with what it is and with what was sent."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {}
    for code in codes:
        fields[f"title_{code}"] = StringField(_("Title"), [_at_most(MOST_OF_A_LINE)], filters=[_line])
        fields[f"summary_{code}"] = TextAreaField(_("Summary"), [_at_most(MOST_OF_A_SUMMARY)], filters=[_text])
    if series is not None:
        data["slug"] = series.slug
        for text in series.texts:
            data |= {f"title_{text.language}": text.title, f"summary_{text.language}": text.summary}
    form: SeriesForm = _made(SeriesForm, codes, {}, fields)(data=data)
    return form


def _texts_have_titles(form: EditForm, others: Sequence[str]) -> bool:
    titles = {code: form.in_language("title", code) for code in form.codes}
    is_valid = True
    for code, title in titles.items():
        if not title.data and any(form.in_language(other, code).data for other in others):
            form.refuse(
                title.name, _("Write the title in %(language)s too, or leave out the rest.", language=_in_words(code))
            )
            is_valid = False
    if is_valid and not any(title.data for title in titles.values()):
        form.refuse(titles[form.codes[0]].name, _("Write a title in at least one language."))
        is_valid = False
    return is_valid


def proposed_address(title: str) -> str:
    """Return a web address made from a title: ``Île-de-France 2030`` is ``ile-de-france-2030``."""
    latin = in_latin(fold(title)).replace(" ", "-")[:80].strip("-")
    return latin if ADDRESS.fullmatch(latin) else "untitled"


# Webinars


class WebinarForm(EditForm):
    """A webinar: its series, its texts in each language, and the parts of its agenda."""

    slug = StringField(_l("Web address"), [_at_most(100), _web_address], filters=[_line])
    series_slug = SelectField(_l("Series"), validate_choice=False)
    original_language = SelectField(
        _l("Original language"), invalid_choice_message=_l("Choose a language of the list.")
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Want a title in the original language, one wherever there are other texts, and a title for each part."""
        is_valid: bool = super().validate(extra_validators)
        if not _texts_have_titles(self, ("summary", "description")):
            return False
        original = self.original_language.data
        if original in self.codes and not self.in_language("title", original).data:
            message = _("Write the title in %(language)s: it is the original language.", language=_in_words(original))
            self.refuse(f"title_{original}", message)
            is_valid = False
        for number, row in enumerate(self.rows("agenda"), 1):
            if self._filled(row, "kind") and not any(row[f"title_{code}"].data for code in self.codes):
                field = original if original in self.codes else self.codes[0]
                row[f"title_{field}"].errors = [_("Write what part %(number)s of the agenda is called.", number=number)]
                is_valid = False
        return is_valid

    def draft(self) -> WebinarDraft:
        """Return the validated input as the service wants it."""
        texts = {
            code: WebinarTexts(
                self.in_language("title", code).data,
                self.in_language("summary", code).data,
                self.in_language("description", code).data,
            )
            for code in self.codes
            if self.in_language("title", code).data
        }
        return WebinarDraft(
            slug=self.slug.data or proposed_address(texts[self.original_language.data].title),
            series_slug=self.series_slug.data or "",
            original_language=self.original_language.data,
            texts=texts,
            agenda=tuple(
                self._agenda_entry(row)
                for row in self.rows("agenda")
                if any(row[f"title_{c}"].data for c in self.codes)
            ),
        )

    def _agenda_entry(self, row: Mapping[str, Field]) -> AgendaEntry:
        questions = {code: _lines(row[f"questions_{code}"].data) for code in self.codes}
        return AgendaEntry(
            kind=AgendaKind(row["kind"].data),
            minutes=row["minutes"].data,
            title={code: row[f"title_{code}"].data for code in self.codes if row[f"title_{code}"].data},
            questions={code: lines for code, lines in questions.items() if lines and row[f"title_{code}"].data},
        )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in (one_line(line) for line in text.split("\n")) if line)


def webinar_form(
    codes: Sequence[str],
    series: Sequence[tuple[str, str]],
    sent: Mapping[str, str],
    webinar: Webinar | None = None,
    series_slug: str = "",
) -> WebinarForm:
    """Return the form for a webinar, filled with what it is and with what was sent; ``series`` are slug and title."""
    agenda = agenda_as_entries(webinar) if webinar else []
    count = rows_wanted("agenda", sent, len(agenda), 1)
    fields: dict[str, Any] = {}
    for code in codes:
        fields[f"title_{code}"] = StringField(_("Title"), [_at_most(MOST_OF_A_LINE)], filters=[_line])
        fields[f"summary_{code}"] = TextAreaField(_("Summary"), [_at_most(MOST_OF_A_SUMMARY)], filters=[_text])
        fields[f"description_{code}"] = TextAreaField(_("Description"), [_at_most(MOST_OF_A_TEXT)], filters=[_text])
    for number in range(count):
        row = f"agenda_{number}_"
        kinds = [SelectChoice(kind.value, name) for kind, name in KIND_NAMES.items()]
        fields[f"{row}kind"] = SelectField(
            _("Kind"), choices=kinds, default=AgendaKind.TALK.value, invalid_choice_message=_("Choose one of these.")
        )
        fields[f"{row}minutes"] = _WholeNumber(_("Minutes"))
        for code in codes:
            fields[f"{row}title_{code}"] = StringField(_("Title"), [_at_most(MOST_OF_A_LINE)], filters=[_line])
            fields[f"{row}questions_{code}"] = TextAreaField(
                _("Guiding questions"), [_at_most(MOST_OF_A_SUMMARY)], filters=[_text]
            )
    data: dict[str, Any] = {"series_slug": series_slug, "original_language": codes[0]}
    if webinar is not None:
        data |= {
            "slug": webinar.slug,
            "series_slug": webinar.series.slug,
            "original_language": webinar.original_language,
        }
        for text in webinar.texts:
            data[f"title_{text.language}"] = text.title
            data[f"summary_{text.language}"] = text.summary
            data[f"description_{text.language}"] = text.description
        for number, entry in enumerate(agenda):
            data |= {f"agenda_{number}_kind": entry.kind.value, f"agenda_{number}_minutes": entry.minutes}
            data |= {f"agenda_{number}_title_{code}": title for code, title in entry.title.items()}
            data |= {f"agenda_{number}_questions_{code}": "\n".join(lines) for code, lines in entry.questions.items()}
    form: WebinarForm = _made(WebinarForm, codes, {"agenda": count}, fields)(data=data)
    form.series_slug.choices = [SelectChoice(slug, title) for slug, title in series]
    form.original_language.choices = [SelectChoice(code, languages.name_of(code)) for code in codes]
    return form


# Sessions


class SessionForm(EditForm):
    """A session: when, where, in which languages, who speaks; without times where these cannot change any more."""

    platform = SelectField(_l("Platform"), invalid_choice_message=_l("Choose one of these."))
    join_url = StringField(_l("Join address"), [_at_most(MOST_OF_AN_ADDRESS), _link], filters=[_line])
    seats = _WholeNumber(_l("Seats"))
    registration_opens = _LocalTime(_l("Registration opens"), [Optional()])
    registration_closes = _LocalTime(_l("Registration closes"), [Optional()])

    fixed_zone = ""
    """The zone of a session whose times are not in the form."""

    @property
    def zone(self) -> str:
        """The zone in which all times of the form are meant; empty as long as none was chosen."""
        chosen = self.fixed_zone or self._fields["timezone"].data or ""
        return chosen if is_zone(chosen) else ""

    def validate(self, extra_validators: Any = None) -> bool:
        """Want times that the clocks show once and in order, one original language, and a name for each speaker."""
        is_valid: bool = super().validate(extra_validators)
        if self.zone:
            names = ("start", "end", "registration_opens", "registration_closes")
            moments = {name: self._moment(name) for name in names}
            self._in_order(moments["start"], moments["end"], "end", _("The end must come after the start."))
            self._in_order(
                moments["registration_opens"],
                moments["registration_closes"],
                "registration_closes",
                _("Registration must close after it opens."),
            )
        self._check_languages()
        for number, row in enumerate(self.rows("speaker"), 1):
            if self._filled(row) and not row["name"].data:
                row["name"].errors = [_("Write the name of speaker %(number)s.", number=number)]
        return is_valid and not self.errors

    def _moment(self, name: str) -> datetime | None:
        field = self._fields.get(name)
        if field is None or field.errors or field.data is None:
            return None
        try:
            return in_utc(field.data, self.zone)
        except NoSuchTime as refusal:
            field.errors = [str(refusal)]
        return None

    def _in_order(self, first: datetime | None, second: datetime | None, name: str, message: str) -> None:
        if first is not None and second is not None and second <= first:
            self._fields[name].errors = [message]

    def _check_languages(self) -> None:
        chosen: set[str] = set()
        floors = 0
        for number, row in enumerate(self.rows("language"), 1):
            code = row["code"].data
            if not code:
                if row["join_url"].data or row["practical_notes"].data:
                    row["code"].errors = [_("Choose the language of row %(number)s.", number=number)]
                continue
            if code in chosen:
                row["code"].errors = [_("This language stands here twice.")]
            chosen.add(code)
            floors += row["kind"].data == VersionKind.FLOOR
            if floors > 1 and row["kind"].data == VersionKind.FLOOR:
                row["kind"].errors = [_("Only one language can be the original one.")]
        first = self.rows("language")[0]
        if not chosen and not first["code"].errors:
            first["code"].errors = [_("Choose the language in which the session is held.")]
        elif chosen and not floors:
            first["kind"].errors = [_("One of the languages must be the original one.")]

    def draft(self) -> SessionDraft:
        """Return the validated input as the service wants it."""
        times = None
        if not self.fixed_zone:
            times = SessionTimes(self._fields["start"].data, self._fields["end"].data, self.zone)
        return SessionDraft(
            times=times,
            platform=Platform(self.platform.data),
            join_url=self.join_url.data,
            seats=self.seats.data,
            registration_opens=self.registration_opens.data,
            registration_closes=self.registration_closes.data,
            languages=tuple(
                VersionEntry(
                    code=row["code"].data,
                    kind=VersionKind(row["kind"].data),
                    join_url=row["join_url"].data,
                    practical_notes=row["practical_notes"].data,
                )
                for row in self.rows("language")
                if row["code"].data
            ),
            speakers=tuple(
                SpeakerEntry(row["name"].data, row["role"].data, row["affiliation"].data)
                for row in self.rows("speaker")
                if row["name"].data
            ),
        )

    def proposed_key(self, webinar_slug: str) -> str:
        """Return the key that was written, else one made of the webinar's address and the day."""
        written: str = self._fields["key"].data
        return written or f"{webinar_slug[:80]}-{self._fields['start'].data:%Y-%m-%d}"

    def refuse(self, field: str, message: object) -> None:
        """Put the refusal of a use case at the field it is about."""
        names = {"slug": "key", "languages": "language_0_code"}
        super().refuse(names.get(field, field), message)


def session_form(
    sent: Mapping[str, str],
    zones: Sequence[tuple[str, Sequence[tuple[str, str]]]],
    default_zone: str,
    session: WebinarSession | None = None,
    *,
    times_are_fixed: bool = False,
    original_language: str = "",
) -> SessionForm:
    """Return the form for a session, filled with what it is and with what was sent.

    ``zones`` are the zones to choose from, by continent, with the names of their cities.
    """
    fields: dict[str, Any] = {}
    if session is None:
        fields["key"] = StringField(_("Key"), [_at_most(100), _web_address], filters=[_line])
    if session is not None and times_are_fixed:
        fields["fixed_zone"] = session.timezone
    else:
        fields["start"] = _LocalTime(_("Start"), [InputRequired(_("Write the day and the hour at which it starts."))])
        fields["end"] = _LocalTime(_("End"), [InputRequired(_("Write the day and the hour at which it ends."))])
        fields["timezone"] = SelectField(
            _("Time zone"),
            choices=[
                SelectChoice(name, city, optgroup=continent) for continent, cities in zones for name, city in cities
            ],
            invalid_choice_message=_("Choose a city of the list."),
        )
    count = {
        "language": rows_wanted(
            "language", sent, len(session.language_versions) if session else 0, 2 if session else 3
        ),
        "speaker": rows_wanted("speaker", sent, len(session.speakers) if session else 0, 2 if session else 3),
    }
    count["language"] = max(1, count["language"])
    choices = _language_choices(version.code for version in (session.language_versions if session else ()))
    for number in range(count["language"]):
        fields |= _language_row(number, choices)
    for number in range(count["speaker"]):
        row = f"speaker_{number}_"
        fields[f"{row}name"] = StringField(_("Name"), [_at_most(MOST_OF_A_LINE)], filters=[_line])
        fields[f"{row}role"] = StringField(_("Role"), [_at_most(MOST_OF_A_LINE)], filters=[_line])
        fields[f"{row}affiliation"] = StringField(_("Speaks for"), [_at_most(MOST_OF_A_LINE)], filters=[_line])
    data = _session_as_data(session) if session else {}
    if session is None:
        data = {"timezone": default_zone, "language_0_code": original_language, "platform": Platform.ZOOM.value}
    form: SessionForm = _made(SessionForm, (), count, fields)(data=data)
    form.platform.choices = [SelectChoice(platform.value, name) for platform, name in PLATFORM_NAMES.items()]
    return form


def _language_choices(known: Iterable[str]) -> list[SelectChoice]:
    offered = sorted({*languages.offered(), *known}, key=languages.in_words)
    return [
        SelectChoice("", _("No language")),
        *(SelectChoice(code, languages.in_words(code), optgroup=_("Languages of this site")) for code in offered),
        *(
            SelectChoice(code, languages.in_words(code), optgroup=_("Other languages"))
            for code in languages.all_known()
            if code not in offered
        ),
    ]


def _language_row(number: int, choices: list[SelectChoice]) -> dict[str, Any]:
    row = f"language_{number}_"
    kinds = [SelectChoice(kind.value, name) for kind, name in VERSION_NAMES.items()]
    return {
        f"{row}code": SelectField(
            _("Language"),
            choices=choices,
            invalid_choice_message=_("Choose a language of the list."),
        ),
        f"{row}kind": SelectField(
            _("Heard as"),
            choices=kinds,
            default=(VersionKind.INTERPRETATION if number else VersionKind.FLOOR).value,
            invalid_choice_message=_("Choose one of these."),
        ),
        f"{row}join_url": StringField(
            _("Join address of its own"), [_at_most(MOST_OF_AN_ADDRESS), _link], filters=[_line]
        ),
        f"{row}practical_notes": TextAreaField(_("Practical notes"), [_at_most(MOST_OF_A_SUMMARY)], filters=[_text]),
    }


def _session_as_data(session: WebinarSession) -> dict[str, Any]:
    data: dict[str, Any] = {
        "start": session.starts_wall,
        "end": session.ends_wall,
        "timezone": session.timezone,
        "platform": session.platform.value,
        "join_url": session.join_url,
        "seats": session.seats,
        "registration_opens": wall_time(session.registration_opens, session.timezone),
        "registration_closes": wall_time(session.registration_closes, session.timezone),
    }
    for number, version in enumerate(session.language_versions):
        data |= {
            f"language_{number}_code": version.code,
            f"language_{number}_kind": version.kind.value,
            f"language_{number}_join_url": version.join_url,
            f"language_{number}_practical_notes": version.practical_notes,
        }
    for number, speaker in enumerate(session.speakers):
        data |= {
            f"speaker_{number}_name": speaker.name,
            f"speaker_{number}_role": speaker.role,
            f"speaker_{number}_affiliation": speaker.affiliation,
        }
    return data
