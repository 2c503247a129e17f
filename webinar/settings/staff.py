"""The page of settings, for administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config import RULES, NotUnderstood
from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.foundation import clock
from webinar.foundation.colour import accent_of
from webinar.foundation.live_config import look_again
from webinar.foundation.security import takes_file, token_checked_by_form
from webinar.foundation.site import zones_by_continent
from webinar.settings.audience import people_by_language
from webinar.settings.effect import effect
from webinar.settings.forms import MarkForm, SettingsForm, settings_form
from webinar.settings.queries import kept_by_name
from webinar.settings.services import PeopleRead, SetMeanwhile, save_settings, set_mark, text_of

bp = Blueprint("settings_staff", __name__)


@bp.get("/staff/settings")
@needs(Role.ADMIN)
def settings() -> ResponseReturnValue:
    """Show all settings, what each changes and where it comes from."""
    texts = _texts()
    return _page(_form(texts), texts)


@bp.post("/staff/settings")
@needs(Role.ADMIN)
@token_checked_by_form
def save() -> ResponseReturnValue:
    """Save the settings, or show how a colour would look."""
    texts = _texts()
    form = _form(texts)
    before = {name: request.form.get(f"before_{name}", text) for name, text in texts.items()}
    if "look" in request.form:
        return _page(form, before)
    readers: dict[str, int] = {}
    if form.validate_on_submit():
        try:
            saved = save_settings(form.changes(before), may_take_languages=bool(form.take_languages.data))
        except SetMeanwhile as refusal:
            form[refusal.name].errors = [str(refusal)]
            before[refusal.name] = refusal.now
        except PeopleRead as refusal:
            form.LANGUAGES.errors = [str(refusal)]
            readers = dict(refusal.languages)
        else:
            flash(
                _("The settings are saved. Everywhere they are in force within a few seconds.")
                if saved
                else _("Nothing was changed.")
            )
            return redirect(url_for(".settings"), code=303)
    return _page(form, before, readers), 422


@bp.get("/staff/settings/mark")
@needs(Role.ADMIN)
def mark() -> ResponseReturnValue:
    """Show the network's mark, to be changed."""
    _texts()
    return render_template("staff/settings/mark.html", form=MarkForm())


@bp.post("/staff/settings/mark")
@needs(Role.ADMIN)
@takes_file("mark")
@token_checked_by_form
def change_mark() -> ResponseReturnValue:
    """Give the network a mark."""
    form = MarkForm()
    if not form.validate_on_submit():
        return render_template("staff/settings/mark.html", form=form), 422
    set_mark(form.mark.data)
    flash(_("The mark is stored. Public pages show it within a few seconds."))
    return redirect(url_for(".mark"), code=303)


@bp.post("/staff/settings/mark/remove")
@needs(Role.ADMIN)
def take_mark_away() -> ResponseReturnValue:
    """Take the network's mark away; its name stands in its place."""
    set_mark(None)
    flash(_("The mark is taken away. Public pages show the name."))
    return redirect(url_for(".mark"), code=303)


def _texts() -> dict[str, str]:
    """Return all settings as texts, as they are stored this very moment."""
    effect().look_soon()
    look_again()
    return {name: text_of(name) for name in RULES}


def _form(texts: dict[str, str]) -> SettingsForm:
    return settings_form(texts, current_app.config["SET_ON_SERVER"], zones_by_continent())


def _page(form: SettingsForm, before: dict[str, str], readers: dict[str, int] | None = None) -> str:
    return render_template(
        "staff/settings/settings.html",
        form=form,
        before=before,
        accent=_accent(form),
        kept=kept_by_name(),
        people=people_by_language(clock.now()),
        readers=readers,
    )


def _accent(form: SettingsForm) -> Any:
    try:
        return accent_of(RULES["BRAND_COLOUR"].understand(form.text_of("BRAND_COLOUR")))
    except NotUnderstood:
        return None
