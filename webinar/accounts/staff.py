"""The staff's pages about accounts: one's own, everybody's, and the audit log."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts import acting, services
from webinar.accounts import audit as audit_log
from webinar.accounts.forms import ROLE_NAMES, ROLE_NOTES, AccountForm, NewAccountForm, PasswordForm, RoleForm
from webinar.accounts.guard import HOME, begin_session, needs
from webinar.accounts.models import Role, StaffAccount
from webinar.accounts.queries import all_accounts, audit_page, find_account
from webinar.foundation import reader
from webinar.foundation.errors import DomainError
from webinar.foundation.security import token_checked_by_form

bp = Blueprint("account", __name__)


@bp.route("/staff/account", methods=["GET", "POST"])
@needs(Role.VIEWER)
@token_checked_by_form
def own() -> ResponseReturnValue:
    """Show one's own account, and change name and language."""
    account = acting.signed_in()
    form = AccountForm(obj=account)
    if form.validate_on_submit():
        services.change_own(account.id, name=form.name.data or "", language=form.language.data)
        flash(_("Your account is changed."))
        return redirect(url_for(".own"), code=303)
    page = render_template("accounts/own.html", form=form, role_names=ROLE_NAMES)
    return page, 422 if form.errors else 200


@bp.post("/staff/account/language")
@needs(Role.VIEWER)
def speak() -> ResponseReturnValue:
    """Let the staff area speak another language to whoever is signed in, and stay on the page."""
    account = acting.signed_in()
    try:
        services.change_own(account.id, name=account.name, language=request.form.get("language", ""))
    except services.UnknownLanguage as refusal:
        flash(str(refusal), "bad")
    return redirect(_without_language(reader.local_path(request.form.get("next")) or HOME), code=303)


def _without_language(address: str) -> str:
    """Return an address without ``?lang=``, which would win over the account's language."""
    path, _mark, query = address.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "lang"]
    return f"{path}?{urlencode(kept)}" if kept else path


@bp.route("/staff/account/password", methods=["GET", "POST"])
@needs(Role.VIEWER)
@token_checked_by_form
def password() -> ResponseReturnValue:
    """Change one's own password; every other session ends.

    Who came by a sign-in link has forgotten the present one, or has none, and need not know it.
    """
    account = acting.signed_in()
    asks_for_present = account.password_hash is not None and not session.get("by_link")
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            if asks_for_present:
                changed = services.change_password(account.id, form.present.data or "", form.password.data)
            else:
                changed = services.set_password(account.email, form.password.data)
        except services.WrongPassword as refusal:
            form.present.errors = [str(refusal)]
        except services.WeakPassword as refusal:
            form.password.errors = [str(refusal)]
        else:
            begin_session(changed)
            flash(_("Your password is changed. Everywhere else you are signed out."))
            return redirect(url_for(".own"), code=303)
    page = render_template("accounts/password.html", form=form, asks_for_present=asks_for_present)
    return page, 422 if form.errors else 200


@bp.get("/staff/accounts")
@needs(Role.ADMIN)
def accounts() -> ResponseReturnValue:
    """List all accounts."""
    return render_template("accounts/list.html", accounts=all_accounts(), role_names=ROLE_NAMES)


@bp.route("/staff/accounts/new", methods=["GET", "POST"])
@needs(Role.ADMIN)
@token_checked_by_form
def create() -> ResponseReturnValue:
    """Create an account, and show the link that signs its owner in for the first time."""
    form = NewAccountForm()
    if form.validate_on_submit():
        try:
            account = services.create_account(
                form.email.data, form.role.data, name=form.name.data or "", language=form.language.data
            )
        except (services.NotAnAddress, services.AccountExists) as refusal:
            form.email.errors = [str(refusal)]
        else:
            return _page_of_link(account.email)
    page = render_template("accounts/new.html", form=form, role_notes=ROLE_NOTES)
    return page, 422 if form.errors else 200


@bp.route("/staff/accounts/<int:account_id>", methods=["GET", "POST"])
@needs(Role.ADMIN)
@token_checked_by_form
def one(account_id: int) -> ResponseReturnValue:
    """Show an account, and give it another role."""
    account = _find(account_id)
    form = RoleForm(role=account.role.value)
    if form.validate_on_submit():
        try:
            services.change_role(account.email, form.role.data)
        except services.LastAdmin as refusal:
            form.role.errors = [str(refusal)]
        else:
            flash(_("The role of %(email)s is changed.", email=account.email))
            return redirect(url_for(".one", account_id=account_id), code=303)
    page = render_template("accounts/one.html", one=account, form=form, role_names=ROLE_NAMES, role_notes=ROLE_NOTES)
    return page, 422 if form.errors else 200


@bp.post("/staff/accounts/<int:account_id>/link")
@needs(Role.ADMIN)
def make_link(account_id: int) -> ResponseReturnValue:
    """Make a link that signs the owner of an account in once, and show it: it is kept nowhere."""
    try:
        return _page_of_link(_find(account_id).email)
    except services.NoSuchAccount as refusal:
        return _back_with(refusal, account_id)


@bp.post("/staff/accounts/<int:account_id>/close")
@needs(Role.ADMIN)
def close(account_id: int) -> ResponseReturnValue:
    """Close an account."""
    email = _find(account_id).email
    try:
        services.close_account(email)
    except services.LastAdmin as refusal:
        return _back_with(refusal, account_id)
    flash(_("The account of %(email)s is closed.", email=email))
    return redirect(url_for(".one", account_id=account_id), code=303)


@bp.post("/staff/accounts/<int:account_id>/open")
@needs(Role.ADMIN)
def reopen(account_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    email = _find(account_id).email
    services.open_account(email)
    flash(_("The account of %(email)s is open again.", email=email))
    return redirect(url_for(".one", account_id=account_id), code=303)


@bp.get("/staff/audit")
@needs(Role.ORGANISER)
def audit() -> ResponseReturnValue:
    """Show who did what, newest first; with ``?subject=session next-en`` to one thing only."""
    subject = request.args.get("subject", "")
    page = audit_page(request.args.get("page", 1, type=int), subject)
    return render_template("accounts/audit.html", page=page, subject=subject, action_words=audit_log.words)


def _find(account_id: int) -> StaffAccount:
    return find_account(account_id) or abort(404)


def _page_of_link(email: str) -> ResponseReturnValue:
    # Shown at once, and not after a redirect: the link must not stand in a cookie or an address of ours.
    return render_template("accounts/made_link.html", email=email, link=services.sign_in_link_for(email))


def _back_with(refusal: DomainError, account_id: int) -> ResponseReturnValue:
    flash(str(refusal), "bad")
    return redirect(url_for(".one", account_id=account_id), code=303)
