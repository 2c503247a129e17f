"""Which member is this? Names that people typed, which nobody could place yet, and what was decided about others."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.foundation.errors import DomainError
from webinar.members.forms import DecisionForm
from webinar.members.queries import member_names
from webinar.registration.services.place_names import place_name, take_back_decision
from webinar.registration.staff.blueprint import bp
from webinar.registration.typed_names import Unplaced, decision_page, unplaced, unplaced_page


@bp.get("/staff/which-member")
def which_member() -> ResponseReturnValue:
    """Show the names to place, with who typed them and which members they may be."""
    page = unplaced_page(request.args.get("page", 1, type=int))
    return render_template(
        "staff/members/which.html",
        page=page,
        forms=[(name, _form_of(name, number)) for number, name in enumerate(page.names)],
        may_edit=acting.signed_in().may(Role.ORGANISER),
    )


def _form_of(name: Unplaced, number: int) -> DecisionForm:
    form = DecisionForm(formdata=None, data={"folded": name.folded})
    for field in form:
        field.id = f"{field.id}-{number}"  # there are several forms on the page
    form.member.could_be = list(name.guesses)
    if name.guesses:
        form.member.chosen = name.guesses[0].key
    return form


@bp.post("/staff/which-member")
@needs(Role.ORGANISER)
def decide() -> ResponseReturnValue:
    """Say which member a name is, or that it is none; whatever cannot be done is said at the name, shown alone."""
    form = DecisionForm()
    name = unplaced(form.folded.data or "")
    if name is None:
        flash(_("Nobody is waiting under this name any more: somebody has decided already."), "warn")
        return redirect(url_for(".which_member"), code=303)
    is_none = "none" in request.form
    key = None if is_none else form.member.look_up(member_names())
    if (is_none or key is not None) and form.validate_on_submit():
        try:
            count = place_name(name.folded, key, as_alias=bool(form.as_alias.data))
        except DomainError as refusal:
            form.member.errors = [str(refusal)]
        else:
            _say_what_was_done(name, key, count)
            return redirect(url_for(".which_member"), code=303)
    form.member.could_be.extend(guess for guess in name.guesses if guess not in form.member.could_be)
    return render_template("staff/members/which.html", page=None, forms=[(name, form)], may_edit=True), 422


def _say_what_was_done(name: Unplaced, key: str | None, count: int) -> None:
    if key is None:
        flash(_("“%(name)s” is no member. It is not asked again.", name=name.written[0]))
        return
    flash(
        ngettext(
            "%(num)s registration counts for %(member)s now, and so does whoever types “%(name)s” later.",
            "%(num)s registrations count for %(member)s now, and so does whoever types “%(name)s” later.",
            count,
            member=member_names().name_of(key),
            name=name.written[0],
        )
    )


@bp.get("/staff/which-member/decided")
def decided_names() -> ResponseReturnValue:
    """Show what was decided about names, the latest first."""
    return render_template(
        "staff/members/decided.html",
        page=decision_page(request.args.get("page", 1, type=int)),
        may_edit=acting.signed_in().may(Role.ORGANISER),
    )


@bp.post("/staff/which-member/decided")
@needs(Role.ORGANISER)
def take_back_name() -> ResponseReturnValue:
    """Forget what was decided about a name; it is asked again."""
    try:
        count = take_back_decision(request.form.get("folded", ""))
    except DomainError as refusal:
        flash(str(refusal), "warn")
    else:
        flash(
            ngettext(
                "It is taken back: %(num)s registration counts again as it was typed.",
                "It is taken back: %(num)s registrations count again as they were typed.",
                count,
            )
        )
    return redirect(url_for(".decided_names"), code=303)
