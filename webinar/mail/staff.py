"""The mail log: every mail that was decided, how far it came, what the server said, and how it looks.

Everybody signed in may look at the log. What stands in a mail is for organisers: it holds personal links, and
whoever has one can give up or change somebody's place.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.foundation.lines import one_line
from webinar.foundation.security import sandboxed
from webinar.mail.domain_words import told
from webinar.mail.message import OpenedMail, open_message
from webinar.mail.models import UNFINISHED, MailState, OutboxMail
from webinar.mail.queries import count_by_state, kinds, mail_log, read_mail
from webinar.mail.sender_domain import findings
from webinar.mail.services import CannotTryAgain, send_again
from webinar.people.queries import standing_against
from webinar.people.words import EVERYTHING, KIND_NAMES, REASON_NAMES

bp = Blueprint("mail_staff", __name__)

MOST_OF_A_SEARCH = 300


class Filter(NamedTuple):
    """Which mails somebody wants to see, as it stands in the address; what is empty limits nothing."""

    address: str
    state: str
    kind: str
    topic: str

    def on_page(self, page: int) -> dict[str, str | int]:
        """Return what stands in the address of a page of this log."""
        return {**{name: value for name, value in self._asdict().items() if value}, "page": page}


@bp.get("/staff/mail")
def log() -> ResponseReturnValue:
    """Show the mail log, newest first."""
    given = request.args
    wanted = Filter(*(one_line(given.get(name, ""))[:MOST_OF_A_SEARCH] for name in Filter._fields))
    page = mail_log(
        address=wanted.address,
        state=MailState(wanted.state) if wanted.state in set(MailState) else None,
        kind=wanted.kind,
        topic=wanted.topic,
        page=given.get("page", 1, type=int),
    )
    return render_template(
        "staff/mail/log.html",
        wanted=wanted,
        page=page,
        kinds=kinds(),
        states=list(MailState),
        counts=count_by_state(),
        may_settle=acting.signed_in().may(Role.ORGANISER),
    )


@bp.get("/staff/mail/<int:mail_id>")
def mail(mail_id: int) -> ResponseReturnValue:
    """Show one mail: its way, what the server said, and how it looks."""
    found = _found(mail_id)
    may_read = acting.signed_in().may(Role.ORGANISER)
    opened = _opened(found) if may_read and found.message is not None else None
    return render_template(
        "staff/mail/mail.html",
        mail=found,
        opened=opened,
        calendar=calendar_lines(opened.calendar) if opened else [],
        suppressions=standing_against(found.to_address) if found.to_address else [],
        kind_names=KIND_NAMES,
        reason_names=REASON_NAMES,
        everything=EVERYTHING,
        may_read=may_read,
        is_waiting=found.state in UNFINISHED,
        can_try_again=may_read and found.state in {MailState.REFUSED, MailState.GIVEN_UP} and found.message is not None,
    )


@bp.get("/staff/mail/<int:mail_id>/html")
@needs(Role.ORGANISER)
def html(mail_id: int) -> ResponseReturnValue:
    """Show how a mail looks, in a response that can do nothing and loads nothing."""
    opened = _opened(_found(mail_id))
    return sandboxed(opened.html or f"<pre>{_escaped(opened.text)}</pre>")


@bp.get("/staff/mail/<int:mail_id>.eml")
@needs(Role.ORGANISER)
def download(mail_id: int) -> ResponseReturnValue:
    """Give a mail as the file that mail programs open, byte for byte as it leaves."""
    found = _found(mail_id)
    response = Response(found.message or abort(404), mimetype="message/rfc822")
    response.headers.set("Content-Disposition", "attachment", filename=f"mail-{found.id}.eml")
    return response


@bp.get("/staff/mail/domain")
def domain() -> str:
    """Show what the DNS says of the domain that mails come from; it may take two seconds, once an hour."""
    found = findings()
    return render_template("staff/mail/domain.html", findings=found, told=[told(one) for one in found.found])


@bp.post("/staff/mail/<int:mail_id>/try-again")
@needs(Role.ORGANISER)
def try_again(mail_id: int) -> ResponseReturnValue:
    """Put a mail that was refused or given up into the queue once more."""
    _found(mail_id)
    try:
        send_again(mail_id)
    except CannotTryAgain as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("The mail is in the queue again and leaves with the next delivery."))
    return redirect(url_for(".mail", mail_id=mail_id), code=303)


def _found(mail_id: int) -> OutboxMail:
    if mail_id >= 2**31:
        abort(404)
    return read_mail(mail_id) or abort(404)


def _opened(found: OutboxMail) -> OpenedMail:
    return open_message(found.message or abort(404))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def calendar_lines(text: str) -> list[tuple[str, str]]:
    """Return a calendar object as names and values to be read: unfolded and unescaped (RFC 5545, 3.1 and 3.3.11)."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    lines = []
    for line in unfolded.splitlines():
        # The first colon outside of quotation marks ends name and parameters.
        parts = re.match(r'((?:[^":]|"[^"]*")*):(.*)', line)
        if parts is not None:
            value = re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], parts[2])
            lines.append((parts[1], value))
    return lines
