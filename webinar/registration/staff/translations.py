"""The organisers' pages of translations: how far each language is, and all texts of one beside the source.

They stand here, above the catalogue whose texts they are, because they say who is written to in a language or hears it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.forms.translation import TranslatedFileForm, TranslationForm, translation_form
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.services.drafts import EditRefused
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.catalogue.services.revisions import subject_of
from webinar.catalogue.services.translate import CannotTranslate, PieceGone, SourceChanged, states_of, translate
from webinar.catalogue.staff.blueprint import codes_with_offered
from webinar.catalogue.staff.changes import told_here
from webinar.catalogue.staff.workspace import frame
from webinar.catalogue.translation_sheet import seen, sheet_of
from webinar.catalogue.translations import (
    Group,
    Kind,
    Piece,
    State,
    Translating,
    Unit,
    changed_sources,
    find_to_translate,
)
from webinar.foundation import clock, formats, languages
from webinar.foundation.security import takes_file, token_checked_by_form
from webinar.foundation.spreadsheet import csv_lines, write_xlsx
from webinar.foundation.zones import in_zone
from webinar.registration.queries import Reached, coming_people_of
from webinar.registration.staff.blueprint import bp

GROUP_NAMES = {
    Group.WEBINAR: _l("Title, summary and description"),
    Group.AGENDA: _l("Agenda"),
    Group.QUESTIONS: _l("Questions on the form"),
    Group.MATERIALS: _l("Materials"),
    Group.SPEAKERS: _l("Speakers"),
    Group.NOTES: _l("Practical notes"),
}
KIND_NAMES = {
    Kind.TITLE: _l("Title"),
    Kind.SUMMARY: _l("Summary"),
    Kind.DESCRIPTION: _l("Description"),
    Kind.PART: _l("Parts of the agenda"),
    Kind.GUIDING_QUESTIONS: _l("Guiding questions"),
    Kind.QUESTION: _l("Questions on the form"),
    Kind.PURPOSE: _l("Purpose of the questions"),
    Kind.CHOICE: _l("Choices"),
    Kind.MATERIAL: _l("Titles of materials"),
    Kind.ROLE: _l("Roles of speakers"),
    Kind.AFFILIATION: _l("Whom speakers speak for"),
    Kind.NOTES: _l("Practical notes"),
}
FILES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
SESSIONS_NAMED = 4


class Missing(NamedTuple):
    """How many texts of a kind are missing."""

    name: str
    texts: int
    is_title: bool


class LanguageLine(NamedTuple):
    """How far a language is: so many of all texts, what is missing or to be looked at, whom it concerns, in a word."""

    code: str
    is_original: bool
    total: int
    written: int
    missing: list[Missing]
    to_look_at: int
    says: list[str]
    tone: str
    reached: Reached
    sessions: list[WebinarSession]

    @property
    def share(self) -> float:
        """How much is translated, from 0 to 100."""
        return round(100 * self.written / self.total, 1) if self.total else 100.0


class GroupOfUnits(NamedTuple):
    """The pieces of one group, those that are shown; and how many of all are missing or to be looked at."""

    group: Group
    name: str
    units: list[tuple[Unit, list[State]]]
    missing: int
    to_look_at: int


@bp.get("/staff/webinars/<slug>/translations")
def translations(slug: str) -> ResponseReturnValue:
    """Show for each language what of a webinar is translated, what is missing or outdated, and who is affected."""
    found = find_to_translate(slug) or abort(404)
    now = clock.now()
    codes = _codes(found)
    changed = changed_sources(subject_of(found.webinar), found.original, codes) if _is_title_outdated(found) else {}
    reached = coming_people_of(found.webinar.id, now)
    lines = []
    for code in [found.original, *codes]:
        states = [state for unit in found.units for state in found.states(unit, code, changed.get(code, {}))]
        coming = [session for session in found.held_in(code) if session.ends_at > now]
        lines.append(_line(found, code, states, coming, reached.get(code, Reached())))
    return render_template(
        "staff/translations/list.html",
        **_frame(found),
        lines=lines,
        named=SESSIONS_NAMED,
    )


@bp.get("/staff/webinars/<slug>/translations/<language>")
def translation(slug: str, language: str) -> ResponseReturnValue:
    """Show all texts of a webinar in a language beside the original, to be written."""
    found = find_to_translate(slug) or abort(404)
    if language == found.original:
        return redirect(url_for("catalogue_staff.webinar", slug=slug), code=303)
    _check_language(found, language)
    return _page(found, translation_form(found, states_of(found, language), language, request.form))


@bp.post("/staff/webinars/<slug>/translations/<language>")
@needs(Role.ORGANISER)
@token_checked_by_form
def change_translation(slug: str, language: str) -> ResponseReturnValue:
    """Store texts in a language; who is behind a source or what somebody else has saved in it is told."""
    found = find_to_translate(slug) or abort(404)
    _check_language(found, language)
    form = translation_form(found, states_of(found, language), language, request.form)
    if not form.validate_on_submit():
        return _page(found, form), 422
    try:
        differs = translate(slug, language, form.texts(), form.confirmed(), form.revision.data, form.sources)
    except ChangedMeanwhile as refusal:
        # With what is stored now where nothing was written here.
        found = find_to_translate(slug) or abort(404)
        form = translation_form(found, states_of(found, language), language, request.form)
        form.revision.data = refusal.revision
        return _page(found, form, told_here(refusal.entries)), 409
    except (NoSuchWebinar, CannotTranslate):
        abort(404)
    except (PieceGone, SourceChanged, EditRefused) as refusal:
        found = find_to_translate(slug) or abort(404)
        form = translation_form(found, states_of(found, language), language, request.form)
        if form.validate():
            form.refuse(refusal.field if isinstance(refusal, EditRefused) else "", refusal)
        return _page(found, form), 422
    flash(_stored(slug, language) if differs else _("Nothing was changed."))
    return redirect(url_for(".translation", slug=slug, language=language, only=_only()), code=303)


@bp.get("/staff/webinars/<slug>/translations/<language>/texts.<how>")
@needs(Role.ORGANISER)
def texts_to_translate(slug: str, language: str, how: str) -> ResponseReturnValue:
    """Give the texts of a webinar with their translations as a file, for a translator elsewhere."""
    if how not in FILES:
        abort(404)
    found = find_to_translate(slug) or abort(404)
    _check_language(found, language)
    states = [state for _unit, of_unit in states_of(found, language) for state in of_unit]
    sheet = sheet_of(states, languages.name_of(language), found.webinar.revision, _called)
    file = io.BytesIO()
    if how == "xlsx":
        write_xlsx(file, [sheet])
    else:
        file.writelines(csv_lines(sheet.columns, sheet.rows))
    file.seek(0)
    return send_file(file, FILES[how], as_attachment=True, download_name=f"{slug}-{language}.{how}")


@bp.post("/staff/webinars/<slug>/translations/<language>/file")
@needs(Role.ORGANISER)
@takes_file("file")
@token_checked_by_form
def read_translation(slug: str, language: str) -> ResponseReturnValue:
    """Put what stands in a file into the fields, to be looked at and saved; nothing is stored by it."""
    found = find_to_translate(slug) or abort(404)
    _check_language(found, language)
    upload = TranslatedFileForm()
    is_read = upload.validate_on_submit()
    form = translation_form(found, states_of(found, language), language, upload.fields)
    if not is_read:
        return _page(found, form, upload=upload), 422
    form.look_at_pieces()
    return _page(found, form, upload=upload, is_from_file=True)


def _called(piece: Piece) -> str:
    kind = str(KIND_NAMES[piece.kind])
    return _("%(label)s: %(text)s", label=kind, text=piece.which) if piece.which else kind


def _codes(found: Translating) -> list[str]:
    """Return the languages to translate into: those that are heard, those of the site, others with texts."""
    heard = {version.code for session in found.sessions for version in session.language_versions}
    written = found.languages_with_texts()
    codes = dict.fromkeys([*sorted(heard), *codes_with_offered(written)])
    return [code for code in codes if code != found.original]


def _check_language(found: Translating, language: str) -> None:
    if not languages.is_known(language) or language not in _codes(found):
        abort(404)


def _is_title_outdated(found: Translating) -> bool:
    return any(text.is_outdated for text in found.webinar.texts)


def _line(
    found: Translating, code: str, states: Sequence[State], coming: list[WebinarSession], reached: Reached
) -> LanguageLine:
    wanted = [state for state in states if state.piece.source]
    missing = [state.piece.kind for state in wanted if state.is_missing]
    counted = [
        Missing(str(KIND_NAMES[kind]), missing.count(kind), kind is Kind.TITLE) for kind in Kind if kind in missing
    ]
    to_look_at = _to_look_at(states)
    written = len(wanted) - len(missing)
    says, tone = _in_words(code == found.original, Kind.TITLE in missing, len(missing), written, to_look_at, coming)
    return LanguageLine(
        code, code == found.original, len(wanted), written, counted, to_look_at, says, tone, reached, coming
    )


def _to_look_at(states: Sequence[State]) -> int:
    return sum(state.is_marked for state in states)


def _in_words(
    is_original: bool, lacks_title: bool, missing: int, written: int, to_look_at: int, coming: Sequence[WebinarSession]
) -> tuple[list[str], str]:
    """Return how a language is doing, the worst first, and the tone in which it is said."""
    if is_original:
        return [_("Everything is translated from it.")], ""
    if lacks_title and coming:
        return [_without_title(coming)], "bad"
    says = []
    if missing and not written:
        says.append(_("Nothing is translated yet"))
    elif missing:
        says.append(ngettext("%(num)s text is missing", "%(num)s texts are missing", missing))
    if to_look_at:
        says.append(ngettext("%(num)s text is to be looked at", "%(num)s texts are to be looked at", to_look_at))
    if not says:
        return [_("Complete")], "good"
    return says, "warn" if written or coming else ""


def _without_title(coming: Sequence[WebinarSession]) -> str:
    public = [session for session in coming if session.status is SessionStatus.PUBLISHED]
    days = formats.joined([_day(session) for session in (public or coming)[:SESSIONS_NAMED]])
    if not public:
        return str(_("The title is missing: %(days)s cannot be published.", days=days))
    return str(
        ngettext(
            "The title is missing, and %(days)s is public already.",
            "The title is missing, and %(days)s are public already.",
            len(public),
            days=days,
        )
    )


def _day(session: WebinarSession) -> str:
    return formats.day_and_month(in_zone(session.starts_at, session.timezone))


def _stored(slug: str, language: str) -> str:
    found = find_to_translate(slug)
    states = [state for _unit, of_unit in states_of(found, language) for state in of_unit] if found else []
    left = sum(state.needs_work for state in states)
    in_words = languages.in_words(language)
    if not left:
        return str(_("The texts in %(language)s are stored. Nothing is missing.", language=in_words))
    return str(
        ngettext(
            "The texts in %(language)s are stored. %(num)s still needs work.",
            "The texts in %(language)s are stored. %(num)s still need work.",
            left,
            language=in_words,
        )
    )


def _only() -> str | None:
    return "work" if request.args.get("only") == "work" else None


def _groups(form: TranslationForm, only: str | None) -> list[GroupOfUnits]:
    found = []
    for group, units in groupby(form.states, key=lambda line: line[0].group):
        lines = [(unit, list(states)) for unit, states in units]
        all_states = [state for _unit, states in lines for state in states]
        in_hand = ((unit, [state for state in states if form.is_in_hand(state)]) for unit, states in lines)
        shown = [line for line in in_hand if line[1]] if only else lines
        missing = sum(state.is_missing for state in all_states)
        found.append(GroupOfUnits(group, str(GROUP_NAMES[group]), shown, missing, _to_look_at(all_states)))
    return found


def _frame(found: Translating) -> dict[str, object]:
    is_public = any(session.is_public() for session in found.sessions)
    return frame(found.webinar, "registration_staff.translations", is_public=is_public)


def _page(
    found: Translating,
    form: TranslationForm,
    meanwhile: Sequence[ToldEntry] | None = None,
    upload: TranslatedFileForm | None = None,
    *,
    is_from_file: bool = False,
) -> str:
    groups = _groups(form, _only())
    states = [state for _unit, of_unit in form.states for state in of_unit]
    in_need = sum(state.needs_work for state in states)
    return render_template(
        "staff/translations/one.html",
        **_frame(found),
        form=form,
        groups=groups,
        only=_only(),
        in_need=in_need,
        total=len(states),
        original=found.original,
        to=form.language,
        is_held_in=bool(found.held_in(form.language)),
        days={session.id: formats.date(in_zone(session.starts_at, session.timezone)) for session in found.sessions},
        can_be_previewed=form.language in languages.offered(),
        meanwhile=meanwhile,
        upload=upload or TranslatedFileForm(formdata=None),
        is_from_file=is_from_file,
        seen=seen,
    )
