"""The organisers' pages of the network's members: the list, and each of them with all its names.

Everybody signed in may look; only organisers may change.
"""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.queries import audit_page
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.foundation import clock, languages, reader
from webinar.foundation.errors import DomainError
from webinar.foundation.lines import one_line
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.site import zones_by_continent
from webinar.members.belongings import Registered, belongings
from webinar.members.focal_points import focal_points
from webinar.members.forms import IntoForm, MemberForm, member_form
from webinar.members.history import told
from webinar.members.models import Member
from webinar.members.queries import find_member, listed, member_names, members_by_region
from webinar.members.services.edit_member import EditRefused, NoSuchMember, add_member, edit_member
from webinar.members.services.merge_members import IntoItself, merge_members, plan_merge
from webinar.members.services.revisions import subject_of

bp = Blueprint("members_staff", __name__)

MOST_OF_A_SEARCH = 200


def may_edit() -> bool:
    """Tell whether who is signed in may change anything."""
    return acting.signed_in().may(Role.ORGANISER)


@bp.get("/staff/members")
def list_members() -> ResponseReturnValue:
    """List the members, narrowed as the address says, with how many people register for each."""
    search = one_line(request.args.get("search", ""))[:MOST_OF_A_SEARCH]
    region = one_line(request.args.get("region", ""))
    listing = listed(search, region, request.args.get("page", 1, type=int), languages.current())
    return render_template(
        "staff/members/list.html",
        listing=listing,
        registered=belongings().registered([line.id for line in listing.lines], clock.now()),
        nobody=Registered(),
        names_to_place=belongings().names_to_place(),
        regions=members_by_region(),
        search=search,
        region=region,
        may_edit=may_edit(),
    )


@bp.get("/staff/new-member")
@needs(Role.ORGANISER)
def new_member() -> ResponseReturnValue:
    """Show the empty form for a member."""
    return _page(_form(None), None)


@bp.post("/staff/new-member")
@needs(Role.ORGANISER)
@token_checked_by_form
def make_member() -> ResponseReturnValue:
    """Add a member, or show more rows for its names."""
    form = _form(None)
    if "add" in request.form:
        return _page(form, None)
    if form.validate_on_submit():
        try:
            key = add_member(form.checked["key"], form.draft())
        except EditRefused as refusal:
            form.refuse(refusal)
        else:
            flash(_("The member is stored. People who register find it by any of its names."))
            return redirect(url_for(".member", member_key=key), code=303)
    return _page(form, None), 422


@bp.get("/staff/members/<member_key>")
def member(member_key: str) -> ResponseReturnValue:
    """Show all that is known about a member, to be edited."""
    found = find_member(member_key) or abort(404)
    if found.key != member_key:
        return redirect(url_for(".member", member_key=found.key))
    return _page(_form(found), found)


@bp.post("/staff/members/<member_key>")
@needs(Role.ORGANISER)
@token_checked_by_form
def change_member(member_key: str) -> ResponseReturnValue:
    """Change a member, or show more rows for its names."""
    found = find_member(member_key) or abort(404)
    if found.key != member_key:
        # What was typed is about another member: nothing of it may reach this one.
        flash(_("This member has been merged into “%(name)s”. Nothing was changed.", name=found.name), "warn")
        return redirect(url_for(".member", member_key=found.key), code=303)
    form = _form(found)
    if "add" in request.form:
        return _page(form, found)
    if form.validate_on_submit():
        try:
            differs = edit_member(found.key, form.draft(), form.made_from)
        except NoSuchMember as refusal:
            flash(str(refusal), "bad")
            return redirect(url_for(".list_members"), code=303)
        except EditRefused as refusal:
            form.refuse(refusal)
        except ChangedMeanwhile as refusal:
            form.revision.data = str(refusal.revision)
            return _page(form, found, refusal), 409
        else:
            flash(_("The member is stored.") if differs else _("Nothing was changed."))
            return redirect(url_for(".member", member_key=found.key), code=303)
    return _page(form, found), 422


def _form(found: Member | None) -> MemberForm:
    return member_form(request.form, zones_by_continent(), current_app.config["DEFAULT_TIMEZONE"], found)


def _zone() -> str:
    return reader.zone() or current_app.config["DEFAULT_TIMEZONE"]


def _page(form: MemberForm, found: Member | None, meanwhile: ChangedMeanwhile | None = None) -> str:
    counted = belongings().registered([found.id], clock.now()) if found else {}
    return render_template(
        "staff/members/member.html",
        form=form,
        member=found,
        registered=counted.get(found.id, Registered()) if found else Registered(),
        regions=members_by_region(),
        meanwhile=told(meanwhile.entries, _zone()) if meanwhile else None,
        focal_points=focal_points().of_member(found.id) if found else [],
        may_edit=may_edit(),
    )


@bp.get("/staff/members/<member_key>/changes")
def changes(member_key: str) -> ResponseReturnValue:
    """Show what was changed in a member, the latest first."""
    found = find_member(member_key) or abort(404)
    page = audit_page(request.args.get("page", 1, type=int), subject_of(found.key))
    return render_template(
        "staff/members/changes.html",
        member=found,
        page=page,
        entries=told(page.entries, _zone()),
        subject=subject_of(found.key),
        may_edit=may_edit(),
    )


@bp.get("/staff/members/<member_key>/merge")
@needs(Role.ORGANISER)
def merge(member_key: str) -> ResponseReturnValue:
    """Let one choose into which other member one is merged, and show what would happen; nothing happens yet."""
    found = find_member(member_key) or abort(404)
    form = IntoForm(request.args, meta={"csrf": False})
    return _merge_page(found, form, form.into.look_up(member_names()) if "into" in request.args else None)


@bp.post("/staff/members/<member_key>/merge")
@needs(Role.ORGANISER)
@token_checked_by_form
def do_merge(member_key: str) -> ResponseReturnValue:
    """Merge a member into another, for good."""
    found = find_member(member_key) or abort(404)
    form = IntoForm()
    is_valid = form.validate_on_submit()
    into = form.into.look_up(member_names())  # after the validation, which forgets what was said at the field
    if not is_valid or into is None:
        return _merge_page(found, form, into), 422
    try:
        moved = merge_members(member_key, into)
    except DomainError as refusal:
        form.into.errors = [str(refusal)]
        return _merge_page(found, form, None), 422
    flash(
        ngettext(
            "The two are one member now. %(num)s registration came along.",
            "The two are one member now. %(num)s registrations came along.",
            moved,
        )
    )
    return redirect(url_for(".member", member_key=into), code=303)


def _merge_page(found: Member, form: IntoForm, into_key: str | None) -> str:
    into = find_member(into_key) if into_key else None
    if into is not None and into.id == found.id:
        form.into.errors = [str(IntoItself())]
        into = None
    return render_template(
        "staff/members/merge.html",
        form=form,
        member=found,
        into=into,
        plan=plan_merge(found, into) if into else None,
    )
