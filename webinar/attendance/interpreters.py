"""What interpreters are told when they are ordered: the session, its languages, and how many hear each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.attendance.by_language import Counts, Listeners
from webinar.catalogue.models import LanguageVersion, VersionKind, WebinarSession
from webinar.foundation import formats, languages
from webinar.foundation.isolation import begun
from webinar.foundation.zones import in_zone


def order_for(
    session: WebinarSession,
    title: str,
    heard: Mapping[str, Counts],
    listeners: Mapping[str, Sequence[Listeners]],
    now: datetime,
) -> str:
    """Return plain text for a message to the interpreters, in the language of the page.

    Times are those where the session is held, and UTC. ``heard`` and ``listeners`` are those of the session alone.
    """
    times = session.times_there
    # Where the clocks show UTC anyway, it is not said twice.
    day_and_hours = (formats.full_date(times.starts_here), times.for_you, times.there)
    floor = [version for version in session.language_versions if version.kind is VersionKind.FLOOR]
    channels = [version for version in session.language_versions if version.kind is VersionKind.INTERPRETATION]
    lines = [title, formats.comma().join(filter(None, day_and_hours)), ""]
    if floor:
        lines.append(_("Original language: %(languages)s", languages=_named(floor)))
    lines += [_("Interpretation into: %(languages)s", languages=_named(channels)), ""]
    for version in (*floor, *channels):
        lines += _channel(version, heard.get(version.code, Counts()), listeners.get(version.code, ()))
    moment = formats.short(in_zone(now, session.timezone))
    lines += ["", _("As of %(moment)s in %(city)s.", moment=moment, city=formats.city(session.timezone))]
    return begun("\n".join(lines))


def _named(versions: Sequence[LanguageVersion]) -> str:
    return formats.joined([languages.in_words(version.code) for version in versions])


def _channel(version: LanguageVersion, counts: Counts, listeners: Sequence[Listeners]) -> list[str]:
    """Return who hears one channel: how many, from which members, and how many more may come."""
    language = languages.name_here(version.code)
    of_members = [one for one in listeners if one.key is not None]
    if version.kind is VersionKind.INTERPRETATION:
        language = _("%(language)s (interpreted)", language=language)
    people = ngettext("%(num)s person", "%(num)s people", counts.registered)
    if of_members:
        members = ngettext("%(num)s member", "%(num)s members", len(of_members))
        people = _("%(people)s from %(members)s", people=people, members=members)
    lines = [_("%(label)s: %(text)s", label=language, text=people)]
    if listeners:
        listed = [_("%(name)s (%(count)s)", name=one.name, count=one.people) for one in of_members]
        others = sum(one.people for one in listeners if one.key is None)
        if others:
            listed.append(_("%(name)s (%(count)s)", name=_("partners and others"), count=others))
        lines.append(f"  {formats.joined(listed)}")
    if counts.waiting:
        waiting = ngettext("%(num)s more waits for a seat", "%(num)s more wait for a seat", counts.waiting)
        lines.append(f"  {waiting}")
    return lines
