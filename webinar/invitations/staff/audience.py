"""The audience of a mailing: its conditions as sentences, how many people they find now, and who these are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms.fields.choices import SelectChoice

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.foundation import reader
from webinar.foundation.errors import DomainError
from webinar.foundation.lines import one_line
from webinar.foundation.security import token_checked_by_form
from webinar.invitations.audience import About, id_of
from webinar.invitations.audience_choices import choices_for
from webinar.invitations.audience_people import InLanguage, audience_page, by_language, find_mailing_alone
from webinar.invitations.forms.audience import HOLDS, HOLDS_NOT, ConditionForm, NameForm
from webinar.invitations.history import told as told_history
from webinar.invitations.models import Mailing
from webinar.invitations.saved import saved_audiences
from webinar.invitations.sentences import CHOICES, FOR_WHOM, SUBJECTS, told
from webinar.invitations.services.audiences import (
    AudienceRefused,
    ConditionRefused,
    add_condition,
    checked,
    conditions_of,
    remove_condition,
    save_audience,
    take_up,
)
from webinar.invitations.services.held import AlreadyConfirmed
from webinar.invitations.staff.blueprint import bp
from webinar.invitations.staff.workspace import frame

MOST_OF_A_SEARCH = 200


@bp.get("/staff/mailings/<int:mailing_id>/audience")
@needs(Role.VIEWER)
def audience(mailing_id: int) -> ResponseReturnValue:
    """Show the conditions of a mailing and whom they find; ``?add=`` chooses what a further one is about."""
    return _page(_found(mailing_id))


@bp.get("/staff/mailings/<int:mailing_id>/audience/count")
@needs(Role.VIEWER)
def count_audience(mailing_id: int) -> ResponseReturnValue:
    """Count whom the conditions find with one more, which is not stored; for the script of the page."""
    mailing = _found(mailing_id)
    form = ConditionForm(request.args, meta={"csrf": False})
    conditions = conditions_of(mailing)
    try:
        conditions.append(checked(form.condition(request.args.get("about", ""))))
    except ConditionRefused:
        return jsonify(says="")
    total = _total(by_language(mailing, conditions))
    return jsonify(says=ngettext("With it, one person.", "With it, %(num)s people.", total))


@bp.post("/staff/mailings/<int:mailing_id>/audience")
@needs(Role.ORGANISER)
@token_checked_by_form
def narrow_audience(mailing_id: int) -> ResponseReturnValue:
    """Add a condition."""
    form = ConditionForm()
    about = request.form.get("about", "")
    if not form.validate_on_submit():
        return _page(_found(mailing_id), form), 422
    try:
        add_condition(mailing_id, form.condition(about), form.revision.data)
    except ChangedMeanwhile as refusal:
        form.revision.data = refusal.revision
        return _page(_found(mailing_id), form, meanwhile=_told_here(refusal)), 409
    except ConditionRefused as refusal:
        form.refuse("words" if about == About.ROLE else "values", refusal)
        return _page(_found(mailing_id), form), 422
    except AlreadyConfirmed as refusal:
        flash(str(refusal), "warn")
    return _back(mailing_id)


@bp.post("/staff/mailings/<int:mailing_id>/audience/<int:number>/remove")
@needs(Role.ORGANISER)
def widen_audience(mailing_id: int, number: int) -> ResponseReturnValue:
    """Take a condition out; the first has the number 0."""
    return _changed(mailing_id, lambda revision: remove_condition(mailing_id, number, revision))


@bp.post("/staff/mailings/<int:mailing_id>/audience/take-up")
@needs(Role.ORGANISER)
def take_up_audience(mailing_id: int) -> ResponseReturnValue:
    """Take the conditions of a saved audience in place of those there are."""
    audience_id = _number("audience")
    return _changed(mailing_id, lambda revision: take_up(mailing_id, audience_id, revision))


@bp.post("/staff/mailings/<int:mailing_id>/audience/save")
@needs(Role.ORGANISER)
@token_checked_by_form
def save_conditions(mailing_id: int) -> ResponseReturnValue:
    """Save the conditions by name."""
    form = NameForm()
    if not form.validate_on_submit():
        return _page(_found(mailing_id), naming=form), 422
    try:
        save_audience(mailing_id, form.name.data)
    except AudienceRefused as refusal:
        form.name.errors = [str(refusal)]
        return _page(_found(mailing_id), naming=form), 422
    flash(_("The audience is saved. Other mailings can take it up."))
    return _back(mailing_id)


def _found(mailing_id: int) -> Mailing:
    return find_mailing_alone(mailing_id) or abort(404)


def _changed(mailing_id: int, change: Callable[[int], None]) -> ResponseReturnValue:
    """Change the conditions by a button, from the revision that its page was made from."""
    try:
        change(_number("revision"))
    except ChangedMeanwhile as refusal:
        return _page(_found(mailing_id), meanwhile=_told_here(refusal)), 409
    except DomainError as refusal:
        flash(str(refusal), "warn")
    return _back(mailing_id)


def _number(field: str) -> int:
    """Return a number of the form; what no page can have sent is 0."""
    return id_of(request.form.get(field, "")) or 0


def _back(mailing_id: int) -> ResponseReturnValue:
    return redirect(url_for(".audience", mailing_id=mailing_id), 303)


def _told_here(refusal: ChangedMeanwhile) -> list[ToldEntry]:
    return told_history(refusal.entries, reader.zone() or current_app.config["DEFAULT_TIMEZONE"])


def _total(counts: Sequence[InLanguage]) -> int:
    return sum(one.people for one in counts)


def _page(
    mailing: Mailing,
    form: ConditionForm | None = None,
    *,
    naming: NameForm | None = None,
    meanwhile: Sequence[ToldEntry] | None = None,
) -> str:
    conditions = conditions_of(mailing)
    more: dict[str, Any] = {"counts": [], "total": 0, "listing": None}
    if mailing.is_draft:
        counts = by_language(mailing, conditions)
        more = {"counts": counts, "total": _total(counts), "listing": None}
        if "page" in request.args and counts:
            wanted = request.args.get("page", 1, type=int)
            more["listing"] = audience_page(mailing, conditions, more["total"], wanted)
    return render_template(
        "staff/invitations/audience.html",
        for_whom=FOR_WHOM[mailing.kind],
        conditions=told(conditions),
        saved=saved_audiences(),
        naming=naming or NameForm(formdata=None),
        meanwhile=meanwhile,
        subjects=SUBJECTS,
        **_adding(mailing, form),
        **more,
        **frame(mailing, "invitations_staff.audience"),
    )


def _adding(mailing: Mailing, form: ConditionForm | None) -> dict[str, Any]:
    """Return what the form for a condition shows: what it is about, what can be chosen, and what was."""
    said = request.values.get("about" if form else "add", "")
    about = About(said) if said in set(About) else None
    search = one_line(request.values.get("search", ""))[:MOST_OF_A_SEARCH]
    if form is None:
        form = ConditionForm(formdata=None)
        form.revision.data = mailing.revision
    groups = choices_for(about, search) if about else []
    if about:
        form.holds.choices = [
            SelectChoice(value, str(label)) for value, label in zip((HOLDS, HOLDS_NOT), CHOICES[about], strict=True)
        ]
    return {"form": form, "about": about, "search": search, "groups": groups}
