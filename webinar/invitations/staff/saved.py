"""What organisers keep for their mailings: audiences saved by name, and lists of people from files."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.acting import signed_in
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.foundation.errors import DomainError
from webinar.foundation.security import takes_file, token_checked_by_form
from webinar.foundation.spreadsheet import UnreadableTable
from webinar.invitations.address_file import NotAddresses
from webinar.invitations.forms.audience import AddressesForm, NameForm
from webinar.invitations.models import PeopleList
from webinar.invitations.saved import find_list, list_page, people_lists, saved_audiences
from webinar.invitations.sentences import told
from webinar.invitations.services.audiences import conditions_of, delete_audience, rename_audience
from webinar.invitations.services.people_lists import (
    Brought,
    ListRefused,
    add_to_list,
    bring_list,
    delete_list,
    rename_list,
)
from webinar.invitations.staff.blueprint import bp

MOST_SHOWN = 500
"""So many unknown addresses, and lines without one, are shown of a file that was brought."""


@bp.get("/staff/mailings/audiences")
@needs(Role.VIEWER)
def audiences() -> str:
    """Show the saved audiences, each with its conditions as sentences."""
    saved = saved_audiences()
    sentences = iter(told(condition for one in saved for condition in conditions_of(one)))
    return render_template(
        "staff/invitations/audiences.html",
        audiences=[(one, [next(sentences) for _condition in one.conditions]) for one in saved],
        may_edit=signed_in().may(Role.ORGANISER),
    )


@bp.post("/staff/mailings/audiences/<int:audience_id>")
@needs(Role.ORGANISER)
def change_audience(audience_id: int) -> ResponseReturnValue:
    """Rename or delete a saved audience."""
    form = NameForm()
    try:
        if "delete" in request.form:
            delete_audience(audience_id)
            flash(_("The audience is deleted. Mailings that took it up keep its conditions."))
        elif form.validate():
            rename_audience(audience_id, form.name.data)
            flash(_("The name is stored."))
        else:
            flash(" ".join(str(error) for error in form.name.errors), "warn")
    except DomainError as refusal:
        flash(str(refusal), "warn")
    return redirect(url_for(".audiences"), 303)


@bp.get("/staff/mailings/lists")
@needs(Role.VIEWER)
def lists() -> ResponseReturnValue:
    """Show the lists of people from files, and where one is brought."""
    return _lists_page(AddressesForm(formdata=None))


@bp.post("/staff/mailings/lists")
@needs(Role.ORGANISER)
@takes_file("file")
@token_checked_by_form
def make_list() -> ResponseReturnValue:
    """Make a list of the people whose addresses stand in a file, and say whom it does not know."""
    form = AddressesForm()
    if not form.validate_on_submit():
        return _lists_page(form), 422
    try:
        brought = bring_list(form.name.data, form.content)
    except ListRefused as refusal:
        form.name.errors = [str(refusal)]
        return _lists_page(form), 422
    except (UnreadableTable, NotAddresses) as refusal:
        form.file.errors = [str(refusal)]
        return _lists_page(form), 422
    return _after(brought)


@bp.get("/staff/mailings/lists/<int:list_id>")
@needs(Role.VIEWER)
def people_list(list_id: int) -> ResponseReturnValue:
    """Show who is on a list."""
    return _list_page(find_list(list_id) or abort(404), AddressesForm(formdata=None))


@bp.post("/staff/mailings/lists/<int:list_id>/add")
@needs(Role.ORGANISER)
@takes_file("file")
@token_checked_by_form
def lengthen_list(list_id: int) -> ResponseReturnValue:
    """Add the people of a file to a list."""
    found = find_list(list_id) or abort(404)
    form = AddressesForm()
    if not form.validate_on_submit():
        return _list_page(found, form), 422
    try:
        brought = add_to_list(list_id, form.content)
    except DomainError as refusal:
        form.file.errors = [str(refusal)]
        return _list_page(found, form), 422
    return _after(brought)


@bp.post("/staff/mailings/lists/<int:list_id>")
@needs(Role.ORGANISER)
def change_list(list_id: int) -> ResponseReturnValue:
    """Rename or delete a list."""
    form = NameForm()
    try:
        if "delete" in request.form:
            delete_list(list_id)
            flash(_("The list is deleted. Its people stay."))
            return redirect(url_for(".lists"), 303)
        if form.validate():
            rename_list(list_id, form.name.data)
            flash(_("The name is stored."))
        else:
            flash(" ".join(str(error) for error in form.name.errors), "warn")
    except DomainError as refusal:
        flash(str(refusal), "warn")
    return redirect(url_for(".people_list", list_id=list_id), 303)


def _after(brought: Brought) -> ResponseReturnValue:
    """Show what became of a file. It is said once: addresses of nobody are kept nowhere."""
    if not brought.unknown and not brought.faults:
        flash(_("People put on the list: %(new)s. On it already: %(again)s.", new=brought.new, again=brought.again))
        return redirect(url_for(".people_list", list_id=brought.list_id), 303)
    return render_template(
        "staff/invitations/list_brought.html",
        brought=brought,
        people_list=find_list(brought.list_id),
        unknown=brought.unknown[:MOST_SHOWN],
        faults=brought.faults[:MOST_SHOWN],
    )


def _lists_page(form: AddressesForm) -> str:
    return render_template(
        "staff/invitations/lists.html",
        lists=people_lists(),
        form=form,
        may_edit=signed_in().may(Role.ORGANISER),
    )


def _list_page(found: PeopleList, form: AddressesForm) -> str:
    return render_template(
        "staff/invitations/one_list.html",
        people_list=found,
        listing=list_page(found.id, request.args.get("page", 1, type=int)),
        form=form,
        may_edit=signed_in().may(Role.ORGANISER),
    )
