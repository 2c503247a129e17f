"""What has become of a confirmed mailing: how far it has come, person by person, and holding it up."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import IO

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.foundation import clock
from webinar.foundation.errors import DomainError
from webinar.foundation.spreadsheet import Sheet, csv_lines, write_xlsx
from webinar.foundation.zones import in_zone
from webinar.invitations.models import Mailing, MailingKind
from webinar.invitations.outcome import COLUMNS, outcome_of, sessions_asked_to
from webinar.invitations.outcome import lines_of as lines_by_member
from webinar.invitations.progress import Progress, Standing, lines_of, progress_of
from webinar.invitations.queries import find_mailing_without_texts
from webinar.invitations.sentences import session_named
from webinar.invitations.services.going import go_on, pause, stop
from webinar.invitations.services.try_again import try_again
from webinar.invitations.staff.blueprint import bp
from webinar.invitations.staff.workspace import frame
from webinar.invitations.words import KINDS, REASONS, STANDINGS

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DECISIONS: dict[str, tuple[Callable[[int], None], LazyString]] = {
    "pause": (pause, _l("The mailing is paused: nothing more is written until it goes on.")),
    "go-on": (go_on, _l("The mailing goes on.")),
    "stop": (stop, _l("The mailing is stopped: whoever has no mail yet gets none.")),
}


@bp.get("/staff/mailings/<int:mailing_id>/results")
@needs(Role.VIEWER)
def results(mailing_id: int) -> ResponseReturnValue:
    """Show how far a mailing has come, and on demand who stands where; of a draft there is nothing to show yet."""
    mailing = _found(mailing_id)
    if mailing.is_draft:
        return redirect(url_for(".who_gets_it", mailing_id=mailing_id), 303)
    progress = progress_of(mailing, clock.now())
    wanted = request.args.get("standing", "")
    standing = Standing(wanted) if wanted in set(Standing) else None
    page = request.args.get("page", 1, type=int)
    return render_template(
        "staff/invitations/results.html",
        standing=standing,
        lines=None if standing is None else lines_of(mailing, standing, progress, page),
        reason_words=REASONS,
        outcome=outcome_of(mailing),
        words_of_reminder=KINDS[MailingKind.REMINDER],
        asked_to=[] if standing else [(session, session_named(session)) for session in sessions_asked_to(mailing)],
        **_shown(progress),
        **frame(mailing, "invitations_staff.results", is_unfinished=not progress.is_done),
    )


@bp.get("/staff/mailings/<int:mailing_id>/progress")
@needs(Role.VIEWER)
def progress(mailing_id: int) -> ResponseReturnValue:
    """Show how far a mailing has come, as a part of a page: a script asks for it while mails leave."""
    mailing = _found(mailing_id)
    return render_template(
        "staff/invitations/progress.html", mailing=mailing, **_shown(progress_of(mailing, clock.now()))
    )


@bp.post("/staff/mailings/<int:mailing_id>/<any('pause', 'go-on', 'stop'):going>")
@needs(Role.ORGANISER)
def decide(mailing_id: int, going: str) -> ResponseReturnValue:
    """Pause a mailing, let it go on, or stop it for good."""
    _found(mailing_id)
    do, is_done = DECISIONS[going]
    try:
        do(mailing_id)
    except DomainError as refusal:
        flash(str(refusal), "bad")
    else:
        flash(str(is_done))
    return redirect(url_for(".results", mailing_id=mailing_id), 303)


@bp.post("/staff/mailings/<int:mailing_id>/results.<how>")
@needs(Role.ORGANISER)
def export_results(mailing_id: int, how: str) -> ResponseReturnValue:
    """Give what came of a mailing with each member as a file: figures, and nobody's name."""
    mailing = _found(mailing_id)
    if how not in MEDIA_TYPES:
        abort(404)
    rows = lines_by_member(outcome_of(mailing))
    # Closed, and so deleted, by the server when it has sent it.
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    if how == "xlsx":
        write_xlsx(file, [Sheet(_("By member"), COLUMNS, rows)])
    else:
        file.writelines(csv_lines(COLUMNS, rows))
    file.seek(0)
    return send_file(file, MEDIA_TYPES[how], as_attachment=True, download_name=f"mailing-{mailing_id}.{how}")


@bp.post("/staff/mailings/<int:mailing_id>/try-again")
@needs(Role.ORGANISER)
def try_again_refused(mailing_id: int) -> ResponseReturnValue:
    """Send once more what was refused or given up: the mail that is named, or all where that makes sense."""
    _found(mailing_id)
    named = request.form.get("mail", type=int)
    if named is not None and not 0 < named < 2**31:
        abort(404)
    try:
        count = try_again(mailing_id, named)
    except DomainError as refusal:
        flash(str(refusal), "bad")
    else:
        flash(ngettext("One mail is in the queue again.", "%(num)s mails are in the queue again.", count))
    return redirect(url_for(".results", mailing_id=mailing_id), 303)


def _found(mailing_id: int) -> Mailing:
    return find_mailing_without_texts(mailing_id) or abort(404)


def _shown(progress: Progress) -> dict[str, object]:
    return {
        "progress": progress,
        "standings": STANDINGS,
        "last_there": in_zone(progress.last_at, progress.last_zone) if progress.last_at else None,
    }
