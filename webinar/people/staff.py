"""The organisers' pages of the network's contacts: the list, each of them, and files that come in and go out.

Everybody signed in may look; only organisers may change, and take names and addresses out of the house.
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from typing import IO, Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.queries import audit_page
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.foundation import reader
from webinar.foundation.errors import DomainError
from webinar.foundation.lines import one_line
from webinar.foundation.security import takes_file, token_checked_by_form
from webinar.foundation.spreadsheet import Sheet, csv_lines, write_xlsx
from webinar.foundation.zones import in_zone
from webinar.members.queries import find_member, member_names, members_by_region, propose_by_mail_domain
from webinar.people.contact_lines import DO_NOT_WRITE, ListKind
from webinar.people.contact_list import COLUMNS, NO_LANGUAGE, Wanted, exported, languages_of_contacts, listed
from webinar.people.forms import ContactFileForm, ContactForm, DoNotWriteForm, SamePersonForm
from webinar.people.history import told, told_changes
from webinar.people.mail_address import NoMailAddress, normalise
from webinar.people.models import Contact, ContactFile, LegalBasis, SuppressionReason
from webinar.people.newsletter import newsletter_reader
from webinar.people.not_written import not_written
from webinar.people.queries import contact_of_address, find_contact, suppressions_of
from webinar.people.services.contact_files import (
    MOST_LINES_OF_A_PAGE,
    NoSuchFile,
    bring_contacts,
    drop_file,
    find_file,
    plan_of,
    take_contacts,
)
from webinar.people.services.do_not_write import do_not_write, lift, lift_of_anybody
from webinar.people.services.edit_contact import (
    AlreadyContact,
    ContactRefused,
    NoSuchContact,
    add_contact,
    edit_contact,
)
from webinar.people.services.import_contacts import Fate, OtherThanShown
from webinar.people.services.merge_contacts import TheSameContact, merge_contacts, plan_merge
from webinar.people.services.note_export import note_export
from webinar.people.services.revisions import subject_of
from webinar.people.words import BASIS_NAMES, EVERYTHING, KIND_NAMES, REASON_NAMES

bp = Blueprint("contacts_staff", __name__)

MOST_OF_A_SEARCH = 200
MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def may_edit() -> bool:
    """Tell whether who is signed in may change anything."""
    return acting.signed_in().may(Role.ORGANISER)


def _wanted() -> Wanted:
    def said(name: str) -> str:
        return one_line(request.values.get(name, ""))[:MOST_OF_A_SEARCH]

    return Wanted(
        search=said("search"),
        member=said("member"),
        region=said("region"),
        language=said("language"),
        focal=said("focal"),
        writing=said("writing"),
        page=request.args.get("page", 1, type=int),
    )


@bp.get("/staff/contacts")
def list_contacts() -> ResponseReturnValue:
    """List the contacts, narrowed as the address says."""
    wanted = _wanted()
    members = member_names()
    return render_template(
        "staff/contacts/list.html",
        listing=listed(wanted, members),
        wanted=wanted,
        members=members.members.values(),
        regions=members_by_region(),
        languages=languages_of_contacts(),
        no_language=NO_LANGUAGE,
        kind_names=KIND_NAMES,
        may_edit=may_edit(),
    )


@bp.post("/staff/contacts.<how>")
@needs(Role.ORGANISER)
def export_contacts(how: str) -> ResponseReturnValue:
    """Give the contacts of the list as a file; that somebody took it is written down."""
    if how not in MEDIA_TYPES:
        abort(404)
    wanted = _wanted()
    note_export(how, wanted.but())
    rows = exported(wanted, member_names())
    # Closed, and so deleted, by the server when it has sent it.
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    if how == "xlsx":
        write_xlsx(file, [Sheet(_("Contacts"), COLUMNS, rows)])
    else:
        file.writelines(csv_lines(COLUMNS, rows))
    file.seek(0)
    return send_file(file, MEDIA_TYPES[how], as_attachment=True, download_name=f"contacts.{how}")


@bp.get("/staff/contacts/new")
@needs(Role.ORGANISER)
def new_contact() -> ResponseReturnValue:
    """Show the empty form for a contact; ``?member=`` says of which member, and that it is a focal point."""
    member = find_member(one_line(request.args.get("member", ""))[:MOST_OF_A_SEARCH])
    given = {"member": member.name, "is_focal_point": True} if member else {}
    return _new_page(ContactForm(member_names(), given=given))


@bp.post("/staff/contacts/new")
@needs(Role.ORGANISER)
@token_checked_by_form
def make_contact() -> ResponseReturnValue:
    """Add a contact. Without a member, the one of the mail's domain is proposed first."""
    form = ContactForm(member_names())
    if not form.validate_on_submit():
        return _new_page(form), 422
    if form.member_key is None and not form.proposed.data:
        key = propose_by_mail_domain(form.address)
        if key is not None:
            form.proposed.data = "1"
            form.member.data = form.members.name_of(key)
            return _new_page(form, is_proposed=True)
    try:
        contact_id = add_contact(form.address, form.draft())
    except AlreadyContact as refusal:
        form.refuse(refusal)
        return _new_page(form, known_id=refusal.contact_id), 422
    except ContactRefused as refusal:
        form.refuse(refusal)
        return _new_page(form), 422
    flash(_("The contact is stored."))
    return redirect(url_for(".contact", contact_id=contact_id), code=303)


def _new_page(form: ContactForm, *, is_proposed: bool = False, known_id: int | None = None) -> str:
    return render_template(
        "staff/contacts/contact.html",
        form=form,
        contact=None,
        is_proposed=is_proposed,
        known_id=known_id,
        meanwhile=None,
        may_edit=True,
    )


@bp.get("/staff/contacts/<int:contact_id>")
def contact(contact_id: int) -> ResponseReturnValue:
    """Show all that is kept about a contact, to be edited."""
    found = find_contact(contact_id) or abort(404)
    return _page(found, ContactForm(member_names(), found))


@bp.post("/staff/contacts/<int:contact_id>")
@needs(Role.ORGANISER)
@token_checked_by_form
def change_contact(contact_id: int) -> ResponseReturnValue:
    """Change a contact."""
    found = find_contact(contact_id) or abort(404)
    form = ContactForm(member_names(), found)
    if not form.validate_on_submit():
        return _page(found, form), 422
    try:
        differs = edit_contact(contact_id, form.draft(), form.made_from)
    except NoSuchContact as refusal:
        flash(str(refusal), "bad")
        return redirect(url_for(".list_contacts"), code=303)
    except ContactRefused as refusal:
        form.refuse(refusal)
        return _page(found, form), 422
    except ChangedMeanwhile as refusal:
        form.revision.data = str(refusal.revision)
        return _page(found, form, refusal), 409
    flash(_("The contact is stored.") if differs else _("Nothing was changed."))
    return redirect(url_for(".contact", contact_id=contact_id), code=303)


def _zone() -> str:
    return reader.zone() or current_app.config["DEFAULT_TIMEZONE"]


def _page(found: Contact, form: ContactForm, meanwhile: ChangedMeanwhile | None = None) -> str:
    zone = _zone()
    return render_template(
        "staff/contacts/contact.html",
        form=form,
        contact=found,
        suppressions=[
            (one, in_zone(one.since, zone), in_zone(one.lifted_at, zone) if one.lifted_at else None)
            for one in suppressions_of(found.person_id)
        ],
        obtained_at=in_zone(found.obtained_at, zone),
        erase_after=in_zone(found.erase_after, zone),
        asked_for_newsletter=_asked_for_newsletter(found, zone),
        not_writing=DoNotWriteForm(formdata=None),
        kind_names=KIND_NAMES,
        reason_names=REASON_NAMES,
        everything=EVERYTHING,
        meanwhile=told(meanwhile.entries, zone) if meanwhile else None,
        may_edit=may_edit(),
    )


def _asked_for_newsletter(found: Contact, zone: str) -> tuple[datetime, str | None] | None:
    """Return when somebody asked for the newsletter themselves, and in which language, if that is why they get it."""
    getting = newsletter_reader(found.person_id)
    return (in_zone(getting.since, zone), getting.language) if getting is not None and getting.asked else None


@bp.post("/staff/contacts/<int:contact_id>/do-not-write")
@needs(Role.ORGANISER)
def stop_writing(contact_id: int) -> ResponseReturnValue:
    """Write down that a contact is not to be written to."""
    found = find_contact(contact_id) or abort(404)
    form = DoNotWriteForm()
    if not form.validate():
        abort(400)  # both are chosen from a list
    try:
        do_not_write(found.id, form.what, form.why)
    except DomainError as refusal:
        flash(str(refusal), "warn")
    else:
        flash(_("They get no more of these mails. Mails about their own places still reach them."))
    return redirect(url_for(".contact", contact_id=contact_id), code=303)


@bp.post("/staff/contacts/<int:contact_id>/do-not-write/<int:suppression_id>/lift")
@needs(Role.ORGANISER)
def write_again(contact_id: int, suppression_id: int) -> ResponseReturnValue:
    """Let a contact be written to again."""
    found = find_contact(contact_id) or abort(404)
    is_lifted = suppression_id < 2**31 and lift(found.id, suppression_id)
    flash(_("They get these mails again.") if is_lifted else _("Nothing was changed."))
    return redirect(url_for(".contact", contact_id=contact_id), code=303)


@bp.get("/staff/contacts/do-not-write")
def list_not_written() -> ResponseReturnValue:
    """List whom lists leave out for one reason, contacts or not; first those whose address does not work."""
    reason = request.args.get("reason", "")
    address = one_line(request.args.get("address", ""))[:MOST_OF_A_SEARCH]
    zone = _zone()
    listing = not_written(
        SuppressionReason(reason) if reason in set(SuppressionReason) else SuppressionReason.DOES_NOT_WORK,
        address,
        request.args.get("page", 1, type=int),
    )
    return render_template(
        "staff/contacts/not_written.html",
        listing=listing,
        lines=[(line, in_zone(line.since, zone)) for line in listing.lines],
        address=address,
        kind_names=KIND_NAMES,
        reason_names=REASON_NAMES,
        everything=EVERYTHING,
        may_edit=may_edit(),
    )


@bp.post("/staff/contacts/do-not-write/<int:suppression_id>/lift")
@needs(Role.ORGANISER)
def write_to_anybody_again(suppression_id: int) -> ResponseReturnValue:
    """Let somebody on the list be written to again."""
    is_lifted = suppression_id < 2**31 and lift_of_anybody(suppression_id)
    flash(_("They get these mails again.") if is_lifted else _("Nothing was changed."))
    shown: dict[str, Any] = {
        name: value[:MOST_OF_A_SEARCH]
        for name in ("reason", "address", "page")
        if (value := request.form.get(name, ""))
    }
    return redirect(url_for(".list_not_written", **shown), code=303)


@bp.get("/staff/contacts/<int:contact_id>/changes")
def changes(contact_id: int) -> ResponseReturnValue:
    """Show what was changed in a contact, the latest first."""
    found = find_contact(contact_id) or abort(404)
    page = audit_page(request.args.get("page", 1, type=int), subject_of(found.id))
    return render_template(
        "staff/contacts/changes.html",
        contact=found,
        page=page,
        entries=told(page.entries, _zone()),
        subject=subject_of(found.id),
        may_edit=may_edit(),
    )


@bp.get("/staff/contacts/<int:contact_id>/merge")
@needs(Role.ORGANISER)
def merge(contact_id: int) -> ResponseReturnValue:
    """Let one say which other contact is the same person, and show what would happen; nothing happens yet."""
    found = find_contact(contact_id) or abort(404)
    form = SamePersonForm(request.args, meta={"csrf": False})
    return _merge_page(found, form, _other(found, form) if "other" in request.args else None)


@bp.post("/staff/contacts/<int:contact_id>/merge")
@needs(Role.ORGANISER)
@token_checked_by_form
def do_merge(contact_id: int) -> ResponseReturnValue:
    """Make one of two contacts, for good."""
    found = find_contact(contact_id) or abort(404)
    form = SamePersonForm()
    is_valid = form.validate_on_submit()
    into = _other(found, form)
    if not is_valid or into is None:
        return _merge_page(found, form, into), 422
    try:
        merge_contacts(found.id, into.id)
    except DomainError as refusal:
        form.other.errors = [str(refusal)]
        return _merge_page(found, form, None), 422
    flash(_("The two are one person now."))
    return redirect(url_for(".contact", contact_id=into.id), code=303)


def _other(found: Contact, form: SamePersonForm) -> Contact | None:
    try:
        into = contact_of_address(normalise(form.other.data or ""))
    except NoMailAddress as refusal:
        form.other.errors = [str(refusal)]
        return None
    if into is None:
        form.other.errors = [_("No contact has this address.")]
    elif into.id == found.id:
        form.other.errors = [str(TheSameContact())]
        return None
    return into


def _merge_page(found: Contact, form: SamePersonForm, into: Contact | None) -> str:
    plan = plan_merge(found, into) if into else None
    return render_template(
        "staff/contacts/merge.html",
        form=form,
        contact=found,
        into=into,
        plan=plan,
        taken=told_changes((name, "", value) for name, value in plan.taken.items()) if plan else [],
        kind_names=KIND_NAMES,
        everything=EVERYTHING,
    )


@bp.get("/staff/contacts/import")
@needs(Role.ORGANISER)
def bring() -> ResponseReturnValue:
    """Show where a list of contacts is brought."""
    return _bring_page(ContactFileForm())


@bp.post("/staff/contacts/import")
@needs(Role.ORGANISER)
@takes_file("file")
@token_checked_by_form
def look_over() -> ResponseReturnValue:
    """Keep a list for a while, and lead to what taking it would do; nothing of it is stored by this."""
    form = ContactFileForm()
    if not form.validate_on_submit():
        return _bring_page(form), 422
    try:
        file_token = bring_contacts(
            form.content,
            file_name=form.file_name,
            source=form.source.data,
            basis=LegalBasis(form.basis.data),
            account_id=acting.signed_in().id,
        )
    except DomainError as refusal:
        form.file.errors = [str(refusal)]
        return _bring_page(form), 422
    return redirect(url_for(".brought", file_token=file_token), code=303)


def _bring_page(form: ContactFileForm) -> str:
    return render_template("staff/contacts/import.html", form=form, most_lines=MOST_LINES_OF_A_PAGE)


@bp.get("/staff/contacts/import/<file_token>")
@needs(Role.ORGANISER)
def brought(file_token: str) -> ResponseReturnValue:
    """Show line by line what taking a list would do."""
    file = find_file(file_token, acting.signed_in().id)
    if file is None:
        flash(str(NoSuchFile()), "warn")
        return redirect(url_for(".bring"))
    return _preview(file)


@bp.post("/staff/contacts/import/<file_token>")
@needs(Role.ORGANISER)
def take(file_token: str) -> ResponseReturnValue:
    """Take a list over, if it does just what was shown."""
    account = acting.signed_in()
    if "drop" in request.form:
        drop_file(file_token, account.id)
        flash(_("Nothing was stored. The list is gone from here."))
        return redirect(url_for(".list_contacts"), code=303)
    try:
        plan = take_contacts(file_token, account.id, request.form.get("shown", ""))
    except OtherThanShown as refusal:
        flash(str(refusal), "warn")
        return redirect(url_for(".brought", file_token=file_token), code=303)
    except DomainError as refusal:
        flash(str(refusal), "warn")
        return redirect(url_for(".bring"), code=303)
    new, changed = plan.counts[Fate.NEW], plan.counts[Fate.CHANGED]
    if plan.kind in DO_NOT_WRITE:
        flash(
            ngettext(
                "%(num)s address is not written to from now on.",
                "%(num)s addresses are not written to from now on.",
                new,
            )
        )
    else:
        flash(_("The contacts are taken over: %(new)s new, %(changed)s changed.", new=new, changed=changed))
    return redirect(url_for(".list_contacts"), code=303)


def _preview(file: ContactFile) -> str:
    plan = plan_of(file)
    return render_template(
        "staff/contacts/preview.html",
        file=file,
        plan=plan,
        new=plan.of(Fate.NEW),
        changed=[(line, told_changes(line.changes)) for line in plan.of(Fate.CHANGED)],
        same=plan.of(Fate.SAME),
        is_do_not_write=plan.kind in DO_NOT_WRITE,
        list_kinds=ListKind,
        basis_name=BASIS_NAMES[file.basis],
    )
