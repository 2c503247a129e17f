"""The organisers' page of the newsletter: how many get it in which language, their addresses as a file, who stops.

Everybody signed in may look at the figures; only organisers may take addresses away, or end it for somebody.
"""

from __future__ import annotations

import tempfile
from typing import IO

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts import acting
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.foundation.security import token_checked_by_form
from webinar.foundation.spreadsheet import Sheet, csv_lines, write_xlsx
from webinar.newsletter.forms import EndForm
from webinar.newsletter.queries import COLUMNS, exported, readers_by_language
from webinar.newsletter.services.end_by_hand import NotAReader, end_by_hand, note_export

bp = Blueprint("newsletter_staff", __name__)

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get("/staff/newsletter")
def newsletter() -> str:
    """Show how many get the newsletter, in which languages."""
    return _page(EndForm(formdata=None))


@bp.post("/staff/newsletter")
@needs(Role.ORGANISER)
@token_checked_by_form
def end() -> ResponseReturnValue:
    """End the newsletter for somebody who has told the secretariat so."""
    form = EndForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        end_by_hand(form.email.normalised)
    except NotAReader as refusal:
        form.email.errors = [str(refusal)]
        return _page(form), 422
    flash(_("The newsletter goes to this address no more."))
    return redirect(url_for(".newsletter"), code=303)


@bp.post("/staff/newsletter.<how>")
@needs(Role.ORGANISER)
def export(how: str) -> ResponseReturnValue:
    """Give the addresses that the newsletter goes to as a file; that somebody took it is written down."""
    if how not in MEDIA_TYPES:
        abort(404)
    note_export(how)
    # Closed, and so deleted, by the server when it has sent it.
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    if how == "xlsx":
        write_xlsx(file, [Sheet(_("Newsletter"), COLUMNS, exported())])
    else:
        file.writelines(csv_lines(COLUMNS, exported()))
    file.seek(0)
    return send_file(file, MEDIA_TYPES[how], as_attachment=True, download_name=f"newsletter.{how}")


def _page(form: EndForm) -> str:
    readers = readers_by_language()
    return render_template(
        "staff/newsletter/newsletter.html",
        form=form,
        readers=readers,
        total=sum(one.asked + one.listed for one in readers),
        may_edit=acting.signed_in().may(Role.ORGANISER),
    )
