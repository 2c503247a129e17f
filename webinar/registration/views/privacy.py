"""What everybody may know about the use of their data."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webinar.registration.notice import NOTICE
from webinar.registration.views.blueprint import bp


@bp.get("/<lang>/privacy")
def privacy(lang: str) -> ResponseReturnValue:
    """Show the notice, in the words whose hash every consent keeps."""
    return render_template("registration/privacy.html", notice=NOTICE, notice_text=Markup(NOTICE.shown_in(lang)))  # noqa: S704 (our own template)


@bp.get("/<lang>/accessibility")
def accessibility(lang: str) -> ResponseReturnValue:
    """Say what was done so that everybody can use the pages, what was not tried, and whom to tell."""
    return render_template("registration/accessibility.html")
