"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts import acting, services
from webinar.accounts.forms import LinkForm, SignInForm
from webinar.accounts.guard import HOME, begin_session, end_session, needs
from webinar.accounts.models import Role
from webinar.foundation import reader
from webinar.foundation.security import client_address, token_checked_by_form

bp = Blueprint("accounts", __name__)


@bp.route("/staff/sign-in", methods=["GET", "POST"])
@token_checked_by_form
def sign_in() -> ResponseReturnValue:
    """Show the form for signing in, and sign in who sends it with the right password."""
    form = SignInForm(next=request.args.get("next", ""))
    if request.method == "GET" and acting.account() is not None:
        return redirect(reader.local_path(form.next.data) or HOME)
    status = 200 if request.method == "GET" else 422
    refusals: list[str] = []
    if form.validate_on_submit():
        try:
            account = services.sign_in(form.email.data, form.password.data, caller=client_address())
        except services.TooManySignIns as refusal:
            refusals, status = [str(refusal)], 429
        except services.SignInRefused as refusal:
            refusals = [str(refusal)]
        else:
            begin_session(account)
            return redirect(reader.local_path(form.next.data) or HOME, code=303)
    return render_template("accounts/sign_in.html", form=form, refusals=refusals), status


@bp.route("/staff/sign-in/<token>", methods=["GET", "POST"])
@token_checked_by_form
def sign_in_by_link(token: str) -> ResponseReturnValue:
    """Show a button, since mail scanners follow links; pressed, it signs in and uses the link up."""
    form = LinkForm()
    status = 200 if request.method == "GET" else 422
    refusal = ""
    if form.validate_on_submit():
        try:
            account = services.sign_in_by_link(token)
        except services.LinkUnusable as unusable:
            refusal, status = str(unusable), 410
        else:
            begin_session(account, by_link=True)
            if account.password_hash is None:
                flash(_("You are signed in. Choose a password now: the link works only once."))
                return redirect(url_for("account.password"), code=303)
            return redirect(HOME, code=303)
    return render_template("accounts/link.html", form=form, refusal=refusal), status


@bp.post("/staff/sign-out")
@needs(Role.VIEWER)
def sign_out() -> ResponseReturnValue:
    """End all sessions of the account."""
    services.sign_out(acting.signed_in().id)
    end_session()
    return redirect(url_for(".sign_in"), code=303)
