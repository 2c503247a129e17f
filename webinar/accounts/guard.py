"""The one guard in front of the staff area, by address: nothing below ``/staff`` opts in, or can forget to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError

from webinar.accounts import acting
from webinar.accounts.models import Role, StaffAccount
from webinar.accounts.queries import find_by_session_key
from webinar.foundation import reader, site

View = TypeVar("View", bound=Callable[..., Any])

STAFF = "/staff"
HOME = "/staff/"
# Where one comes in without being in.
OPEN = {"accounts.sign_in", "accounts.sign_in_by_link"}
READING = {"GET", "HEAD", "OPTIONS"}


def needs(role: Role) -> Callable[[View], View]:
    """Say which role a view below ``/staff`` needs; whoever has a higher one may too.

    Without it everybody signed in may read a page, and only an administrator may change something by it.
    """

    def mark(view: View) -> View:
        view.__dict__["needed_role"] = role
        return view

    return mark


def needed_role(view: Callable[..., Any], method: str) -> Role:
    """Return the role that a request of this method to a view needs."""
    declared: Role | None = getattr(view, "needed_role", None)
    return declared or (Role.VIEWER if method in READING else Role.ADMIN)


def begin_session(account: StaffAccount, *, by_link: bool = False) -> None:
    """Sign an account in, in this browser; whatever the session held before is gone."""
    session.clear()
    session.permanent = True
    session["by_link"] = by_link
    login_user(account)
    acting.begin(account)


def end_session() -> None:
    """Sign out in this browser."""
    logout_user()
    session.clear()
    acting.begin(None)


def init_app(app: Flask) -> None:
    """Put the guard in front of every request; before the check of the CSRF token, so that who is not signed in
    learns nothing but that.
    """
    login_manager = LoginManager()
    login_manager.session_protection = None  # it would bind the session to an address, and phones change theirs
    login_manager.user_loader(find_by_session_key)
    login_manager.init_app(app, add_context_processor=False)
    # On the way out it looks into the session, for a cookie that we do not use: every public page would get
    # "Vary: Cookie", and no cache could give it to two people.
    app.after_request_funcs[None].remove(login_manager._update_remember_cookie)
    app.before_request(_guard)
    app.register_error_handler(CSRFError, _show_expired)


def _guard() -> ResponseReturnValue | None:
    if not is_staff_address():
        return None
    account = current_user._get_current_object()
    if isinstance(account, StaffAccount):
        acting.begin(account)
    elif request.endpoint in OPEN:
        return None
    else:
        reading = request.method in READING
        wanted = request.full_path.rstrip("?") if reading else None
        return redirect(url_for("accounts.sign_in", next=wanted), code=302 if reading else 303)
    if request.endpoint is not None and request.endpoint not in OPEN:
        view = current_app.view_functions[request.endpoint]
        if not account.may(needed_role(view, request.method)):
            abort(403)
    return None


def is_staff_address() -> bool:
    """Tell whether the present request is one to the staff area."""
    # By what was asked for and by what it led to: neither a new rule nor an odd spelling slips past.
    matched = "" if request.url_rule is None else request.url_rule.rule
    return any(path == STAFF or path.startswith(f"{STAFF}/") for path in (request.path, matched))


def _show_expired(error: CSRFError) -> ResponseReturnValue:
    """Lead back to the page of a button whose CSRF token is too old; forms check theirs, and are shown again."""
    if not is_staff_address():
        return site.show_error(error)
    flash(_("This page lay open for a long time, so nothing was changed. Do it once more."), "warn")
    return redirect(reader.came_from() or HOME, code=303)
