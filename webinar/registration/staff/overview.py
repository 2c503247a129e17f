"""How a session stands: its people and members, where these lie, when people registered, what goes out by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import abort, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.catalogue.forms.access import ACCESS_NAMES
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session_of_any_status
from webinar.catalogue.services.session_notice import why_no_notice
from webinar.catalogue.texts import text_or_none
from webinar.catalogue.zone_changes import zone_change_of
from webinar.foundation import clock, formats, languages
from webinar.foundation.charts import BarChart, bar_chart, dot
from webinar.foundation.zones import in_zone
from webinar.registration.queries import count_by_version
from webinar.registration.staff.blueprint import bp
from webinar.registration.staff.to_do import correct_times
from webinar.registration.staff.workspace import frame
from webinar.registration.standing import ByDay, MemberStanding, by_day, members_in, registered_at, standing_of
from webinar.registration.updates_told import updates_told

FEW_MEMBERS = 40
"""So many who are not registered yet are shown at once, more are folded."""


class Region(NamedTuple):
    """The members of one region: for which somebody comes, and for which nobody does yet."""

    name: str
    coming: list[MemberStanding]
    silent: list[MemberStanding]

    @property
    def members(self) -> int:
        """How many there are."""
        return len(self.coming) + len(self.silent)

    @property
    def people(self) -> int:
        """How many people are registered for them."""
        return sum(member.registered for member in self.coming)


@bp.get("/staff/sessions/<key>/")
def overview(key: str) -> ResponseReturnValue:
    """Show how a session stands."""
    session = find_session_of_any_status(key) or abort(404)
    now = clock.now()
    members = members_in(session.id)
    standing = standing_of(session.id)
    days = by_day(registered_at(session.id), session.timezone, now)
    return render_template(
        "staff/sessions/overview.html",
        **frame(session, "registration_staff.overview"),
        standing=standing,
        all_members=len(members),
        by_version=count_by_version(session.id),
        regions=_regions(members),
        dots=[
            dot(member.name, member.latitude, member.longitude, member.registered)
            for member in sorted(members, key=lambda member: -member.registered)
            if member.latitude is not None and member.longitude is not None
        ],
        few_members=FEW_MEMBERS,
        days=days,
        chart=_chart(days),
        untranslated=session.languages_without_title(),
        lacks_link=_lacks_link(session),
        notice_stands=text_or_none(session.notice_at(now), languages.current(), session.webinar.original_language),
        may_have_notice=why_no_notice(session, now) is None,
        zone_change=correct_times(changed) if (changed := zone_change_of(session, now)) else None,
        who_may_register=ACCESS_NAMES[session.access],
        steps=_by_itself(session, now),
        opens=_told(session.registration_opens, session),
        closes=_told(session.registration_closes, session),
        **updates_told().of(session, now),
    )


def _regions(members: Sequence[MemberStanding]) -> list[Region]:
    found: dict[str, Region] = {}
    for member in members:
        region = found.setdefault(member.region, Region(member.region, [], []))
        (region.coming if member.registered else region.silent).append(member)
    return list(found.values())


def _chart(days: ByDay) -> BarChart:
    ticks = []
    for number, span in enumerate(days.spans):
        begins_month = number == 0 or days.days > 1 or span.first.day == 1
        tick = formats.day_in_short(span.first) if begins_month else formats.day(span.first)
        ticks.append((formats.date(span.first), tick, span.people))
    return bar_chart(ticks)


def _told(moment: datetime | None, session: WebinarSession) -> str:
    return "" if moment is None else formats.short(in_zone(moment, session.timezone))


def _lacks_link(session: WebinarSession) -> bool:
    return (
        session.platform != "room"
        and not session.join_url
        and any(not version.join_url for version in session.language_versions)
    )


def _by_itself(session: WebinarSession, now: datetime) -> list[dict[str, Any]]:
    """Return what happens without anybody pressing a button, in its order, and whether it is over."""
    if session.status is SessionStatus.CANCELLED:
        return []
    is_public = session.status is SessionStatus.PUBLISHED
    at_once = _("Since it was published") if is_public else _("When it is published")
    steps: list[tuple[datetime | None, str, str]] = [
        (
            session.registration_opens,
            _told(session.registration_opens, session) or at_once,
            _("Whoever registers gets a confirmation at once, with the calendar invitation."),
        ),
    ]
    minutes, of_speakers = (current_app.config[f"{who}DOORS_OPEN_MINUTES"] for who in ("", "SPEAKER_"))
    if session.speakers and of_speakers > minutes:
        doors_of_speakers = session.doors_open_at(of_speakers)
        steps.append((doors_of_speakers, _told(doors_of_speakers, session), _("The doors open for speakers.")))
    if session.seats is not None or session.most_per_member is not None:
        steps.append(
            (
                session.starts_at,
                _("Until %(time)s", time=_told(session.starts_at, session)),
                _("A seat that becomes free goes to whoever has waited longest, who is told by mail."),
            )
        )
    doors = session.doors_open_at(minutes)
    closes = session.registration_closes or session.ends_at
    steps += [
        (doors, _told(doors, session), _("The doors open: the personal links lead to the session.")),
        (closes, _told(closes, session), _("Registration closes.")),
    ]
    ordered = [steps[0], *sorted(steps[1:], key=lambda step: step[0] or now)]
    return [
        {"when": when, "what": what, "done": is_public and (moment is None or moment <= now)}
        for moment, when, what in ordered
    ]
