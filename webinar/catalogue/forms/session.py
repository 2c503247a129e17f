"""The form for a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from webinar.catalogue.forms.fields import (
    LocalTime,
    OriginalForm,
    WholeNumber,
    link,
    made,
    rows_wanted,
    web_address,
)
from webinar.catalogue.forms.language_versions import (
    check_languages,
    language_choices,
    language_row,
    languages_as_data,
    version_entry,
)
from webinar.catalogue.forms.speakers import check_speakers, speaker_entry, speaker_row, speakers_as_data
from webinar.catalogue.forms.ways_to_follow import check_ways, way_entry, way_row, ways_as_data
from webinar.catalogue.models import Platform, SessionStatus, WebinarSession
from webinar.catalogue.services.catalogue_file import MOST_OF_AN_ADDRESS
from webinar.catalogue.services.drafts import SessionDraft, SessionTimes
from webinar.catalogue.services.times import wall_time
from webinar.foundation.fields import AtMost, as_line
from webinar.foundation.zones import NoSuchTime, in_utc, is_zone

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


class SessionForm(OriginalForm):
    """A session: when, where, in which languages, who speaks; without times where these cannot change any more."""

    platform = SelectField(_l("Platform"), invalid_choice_message=_l("Choose one of these."))
    join_url = StringField(_l("Join address"), [AtMost(MOST_OF_AN_ADDRESS), link], filters=[as_line])
    seats = WholeNumber(_l("Seats"))
    registration_opens = LocalTime(_l("Registration opens"), [Optional()])
    registration_closes = LocalTime(_l("Registration closes"), [Optional()])

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
        check_languages(self)
        check_speakers(self)
        check_ways(self)
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
            languages=tuple(version_entry(row, self.texts_in) for row in self.rows("language") if row["code"].data),
            speakers=tuple(speaker_entry(row, self.texts_in) for row in self.rows("speaker") if row["name"].data),
            is_provisional=self._fields["is_provisional"].data if "is_provisional" in self._fields else None,
            ways=tuple(way_entry(row) for row in self.rows("way") if row["address"].data),
        )

    def proposed_key(self, webinar_slug: str) -> str:
        """Return the key that was written, else one made of the webinar's address and the day."""
        written: str = self._fields["key"].data
        return written or f"{webinar_slug[:80]}-{self._fields['start'].data:%Y-%m-%d}"

    def refuse(self, field: str, message: object) -> None:
        """Put the refusal of a use case at the field it is about; ``language (fr)`` is the row of French."""
        names = {"slug": "key", "languages": "language_0_code"}
        names |= {f"language ({row['code'].data})": row["code"].name for row in self.rows("language")}
        super().refuse(names.get(field, field), message)


def session_form(
    sent: Mapping[str, str],
    zones: Sequence[tuple[str, Sequence[tuple[str, str]]]],
    default_zone: str,
    original: str,
    session: WebinarSession | None = None,
    *,
    times_are_fixed: bool = False,
    first_language: str = "",
    before: WebinarSession | None = None,
) -> SessionForm:
    """Return the form for a session, filled with what it is and with what was sent.

    ``zones`` are the zones to choose from, by continent, with the names of their cities; ``original`` is the language
    of the webinar in which practical notes and what is said of the speakers are written here. A new session begins in
    ``first_language``, and with the zone, the platform and the speakers of the session ``before`` it, if there is one.
    """
    fields: dict[str, Any] = {}
    if session is None:
        fields["key"] = StringField(_("Key"), [AtMost(100), web_address], filters=[as_line])
    if session is None or session.status is SessionStatus.DRAFT:
        fields["is_provisional"] = BooleanField(_("The date may still change"))
    if session is not None and times_are_fixed:
        fields["fixed_zone"] = session.timezone
    else:
        fields["start"] = LocalTime(_("Start"), [InputRequired(_("Write the day and the hour at which it starts."))])
        fields["end"] = LocalTime(_("End"), [InputRequired(_("Write the day and the hour at which it ends."))])
        fields["timezone"] = SelectField(
            _("Time zone"),
            choices=[
                SelectChoice(name, city, optgroup=continent) for continent, cities in zones for name, city in cities
            ],
            invalid_choice_message=_("Choose a city of the list."),
        )
    shown = session or before
    count = {
        "language": rows_wanted(
            "language", sent, len(session.language_versions) if session else 0, 2 if session else 3
        ),
        "speaker": rows_wanted("speaker", sent, len(shown.speakers) if shown else 0, 2 if shown else 3),
        "way": rows_wanted("way", sent, len(session.ways_to_follow) if session else 0, 1),
    }
    count["language"] = max(1, count["language"])
    choices = language_choices(version.code for version in (session.language_versions if session else ()))
    for number in range(count["language"]):
        fields |= language_row(number, choices)
    for number in range(count["speaker"]):
        fields |= speaker_row(number)
    for number in range(count["way"]):
        fields |= way_row(number)
    data = _session_as_data(session, original) if session else {}
    if session is None:
        data = {"timezone": default_zone, "language_0_code": first_language, "platform": Platform.ZOOM.value}
        if before is not None:
            data |= {"timezone": before.timezone, "platform": before.platform.value}
            data |= speakers_as_data(before.speakers, original)
    form: SessionForm = made(SessionForm, (), count, fields)(data={**data, "written_in": original})
    form.platform.choices = [SelectChoice(platform.value, name) for platform, name in PLATFORM_NAMES.items()]
    return form


def _session_as_data(session: WebinarSession, original: str) -> dict[str, Any]:
    return {
        "revision": session.revision,
        "start": session.starts_wall,
        "end": session.ends_wall,
        "timezone": session.timezone,
        "is_provisional": session.is_provisional,
        "platform": session.platform.value,
        "join_url": session.join_url,
        "seats": session.seats,
        "registration_opens": wall_time(session.registration_opens, session.timezone),
        "registration_closes": wall_time(session.registration_closes, session.timezone),
        **languages_as_data(session.language_versions, original),
        **speakers_as_data(session.speakers, original),
        **ways_as_data(session.ways_to_follow),
    }
