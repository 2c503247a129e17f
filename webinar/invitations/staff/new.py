"""A new mailing: what it is for, and the sessions it is about; empty, or as a copy of an earlier one."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.catalogue.services.drafts import EditRefused
from webinar.foundation import clock, languages
from webinar.foundation.security import token_checked_by_form
from webinar.invitations.choosing import coming_of_webinar, is_about_past, session_of_key, sessions_to_choose
from webinar.invitations.forms.mailing import NewMailingForm
from webinar.invitations.models import Mailing, MailingKind
from webinar.invitations.queries import find_mailing
from webinar.invitations.services.held import NoSuchMailing
from webinar.invitations.services.write_texts import make_mailing
from webinar.invitations.staff.blueprint import bp

KIND_NOTES = {
    MailingKind.INVITATION: _l("To the contacts of the network. Each gets a button of their own to register with."),
    MailingKind.REMINDER: _l("Once more to those who were invited and have neither registered nor said no."),
    MailingKind.INFORMATION: _l("To everybody who has a place. It arrives whatever mail they do not want."),
    MailingKind.THANKS: _l("After a session, to those who were there, with the way to recording and materials."),
    MailingKind.MISSED: _l(
        "After a session, to those who had a place and were not there, with other days of the webinar."
    ),
    MailingKind.NEWSLETTER: _l("To those who read the newsletter. It can show sessions, and need not."),
}


@bp.get("/staff/mailings/new")
@needs(Role.ORGANISER)
def new_mailing() -> ResponseReturnValue:
    """Ask what a new mailing is for; ``session``, ``webinar`` and ``copy`` in the address say what one came from.

    So does ``kind``, which goes before that of what is copied: an invitation is copied to remind of it.
    """
    copied = _copied()
    return _page(_form(copied), copied)


@bp.post("/staff/mailings/new")
@needs(Role.ORGANISER)
@token_checked_by_form
def make_new_mailing() -> ResponseReturnValue:
    """Make a draft, and lead on to its texts."""
    copied = _copied()
    form = _form(copied)
    if not form.validate_on_submit():
        return _page(form, copied), 422
    try:
        kind = MailingKind(form.kind.data)
        mailing_id = make_mailing(kind, form.name.data, form.sessions.ids, copied.id if copied else None)
    except EditRefused as refusal:
        form.refuse(refusal.field, refusal)
        return _page(form, copied), 422
    except NoSuchMailing as refusal:
        form.form_errors.append(str(refusal))
        return _page(form, None), 422
    flash(_("The mailing is made. Nothing is sent before somebody confirms it."), "good")
    return redirect(url_for(".text", mailing_id=mailing_id), 303)


def _copied() -> Mailing | None:
    written = request.args.get("copy", "")
    return find_mailing(int(written)) if written.isascii() and written.isdigit() and len(written) < 10 else None


def _form(copied: Mailing | None) -> NewMailingForm:
    now = clock.now()
    session_ids = [*session_of_key(key)] if (key := request.args.get("session", "")) else []
    if slug := request.args.get("webinar", ""):
        session_ids += coming_of_webinar(slug, now)
    if copied is None:
        return NewMailingForm(kind=_kind(MailingKind.INVITATION).value, sessions=session_ids)
    kind = _kind(copied.kind)
    past = is_about_past(kind)
    fitting = [shown.session_id for shown in copied.sessions if (shown.session.starts_at <= now) == past]
    return NewMailingForm(
        kind=kind.value,
        sessions=fitting,
        name=_("%(name)s (copy)", name=copied.name[:280]),
    )


def _kind(otherwise: MailingKind) -> MailingKind:
    wanted = request.args.get("kind", "")
    return MailingKind(wanted) if wanted in list(MailingKind) else otherwise


def _page(form: NewMailingForm, copied: Mailing | None) -> str:
    now, language = clock.now(), languages.current()
    coming = sessions_to_choose(now, language, past=False, besides=form.sessions.ids)
    past = sessions_to_choose(now, language, past=True)
    listed = {one.session.id for one in past}
    over = [one for one in coming if one.session.ends_at <= now and one.session.id not in listed]
    return render_template(
        "staff/invitations/new.html",
        form=form,
        copied=copied,
        notes={kind.value: note for kind, note in KIND_NOTES.items()},
        groups=[
            (_("Coming sessions"), "coming", [one for one in coming if one.session.ends_at > now]),
            (_("Sessions that are over"), "over", [*over, *past]),
        ],
    )
