"""The organisers' pages of what a webinar has beside its texts: its picture, its materials and its co-hosts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinar.accounts.guard import needs
from webinar.accounts.models import Role
from webinar.accounts.revisions import ChangedMeanwhile
from webinar.accounts.told import ToldEntry
from webinar.catalogue.forms.media import (
    CoHostForm,
    MaterialForm,
    PictureForm,
    co_host_form,
    material_form,
    picture_form,
)
from webinar.catalogue.models import CoHost, Material, MaterialText, Webinar
from webinar.catalogue.queries import find_webinar_with_media
from webinar.catalogue.services.edit_webinar import NoSuchWebinar
from webinar.catalogue.services.media import (
    NoSuchPart,
    add_co_host,
    add_material,
    edit_co_host,
    edit_material,
    move_co_host,
    move_material,
    remove_co_host,
    remove_material,
    set_picture,
)
from webinar.catalogue.staff.blueprint import bp
from webinar.catalogue.staff.changes import told_here
from webinar.catalogue.staff.workspace import frame
from webinar.catalogue.texts import texts_of_each
from webinar.foundation import languages
from webinar.foundation.security import takes_file, token_checked_by_form

GONE = (NoSuchPart, NoSuchWebinar)


def _found(slug: str) -> Webinar:
    return find_webinar_with_media(slug) or abort(404)


def _unless_gone(do: Callable[[], object], done: str = "") -> None:
    """Do something with one part and say that it is done, or that somebody else has taken the part away."""
    try:
        do()
    except GONE as refusal:
        flash(str(refusal), "bad")
    else:
        if done:
            flash(done)


# The picture


@bp.get("/staff/webinars/<slug>/picture")
def picture(slug: str) -> ResponseReturnValue:
    """Show the picture of a webinar, to be changed."""
    found = _found(slug)
    return _picture_page(found, picture_form(found.revision))


@bp.post("/staff/webinars/<slug>/picture")
@needs(Role.ORGANISER)
@takes_file("picture")
@token_checked_by_form
def change_picture(slug: str) -> ResponseReturnValue:
    """Give a webinar a picture."""
    found = _found(slug)
    form = picture_form(found.revision)
    if not form.validate_on_submit():
        return _picture_page(found, form), 422
    try:
        set_picture(slug, form.picture.data, form.revision.data)
    except ChangedMeanwhile as refusal:
        form.revision.data = refusal.revision
        form.picture.ask_again()
        return _picture_page(_found(slug), form, told_here(refusal.entries)), 409
    flash(_("The picture is stored."))
    return redirect(url_for(".picture", slug=slug), code=303)


@bp.post("/staff/webinars/<slug>/picture/remove")
@needs(Role.ORGANISER)
def take_picture_away(slug: str) -> ResponseReturnValue:
    """Take the picture of a webinar away."""
    _found(slug)
    set_picture(slug, None)
    flash(_("The picture is gone. A drawn one stands in its place."))
    return redirect(url_for(".picture", slug=slug), code=303)


def _picture_page(webinar: Webinar, form: PictureForm, meanwhile: Sequence[ToldEntry] | None = None) -> str:
    around = frame(webinar, "catalogue_staff.picture")
    return render_template("staff/catalogue/picture.html", form=form, meanwhile=meanwhile, **around)


# Materials


@bp.get("/staff/webinars/<slug>/materials")
def materials(slug: str) -> ResponseReturnValue:
    """List the materials of a webinar, and show the form for one more."""
    found = _found(slug)
    return _materials_page(found, material_form(found.original_language))


@bp.post("/staff/webinars/<slug>/materials")
@needs(Role.ORGANISER)
@takes_file("file")
@token_checked_by_form
def make_material(slug: str) -> ResponseReturnValue:
    """Add a material."""
    found = _found(slug)
    form = material_form(found.original_language)
    if not form.validate_on_submit():
        return _materials_page(found, form), 422
    add_material(slug, form.draft())
    flash(_("“%(title)s” is stored.", title=form.title.data))
    return redirect(url_for(".materials", slug=slug), code=303)


def _materials_page(webinar: Webinar, form: MaterialForm) -> str:
    around = frame(webinar, "catalogue_staff.materials")
    return render_template("staff/catalogue/materials.html", form=form, titles=_titles(webinar), **around)


@bp.get("/staff/webinars/<slug>/materials/<int:material_id>")
def material(slug: str, material_id: int) -> ResponseReturnValue:
    """Show a material, to be changed or taken away."""
    webinar = _found(slug)
    found = _material(webinar, material_id)
    return _material_page(webinar, found, material_form(webinar.original_language, found, webinar.revision))


@bp.post("/staff/webinars/<slug>/materials/<int:material_id>")
@needs(Role.ORGANISER)
@takes_file("file")
@token_checked_by_form
def change_material(slug: str, material_id: int) -> ResponseReturnValue:
    """Change a material."""
    webinar = _found(slug)
    found = _material(webinar, material_id)
    form = material_form(webinar.original_language, found, webinar.revision)
    if not form.validate_on_submit():
        return _material_page(webinar, found, form), 422
    try:
        differs = edit_material(slug, material_id, form.draft(), form.revision.data)
    except ChangedMeanwhile as refusal:
        form.revision.data = refusal.revision
        form.file.ask_again()
        return _material_page(_found(slug), found, form, told_here(refusal.entries)), 409
    except GONE as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("“%(title)s” is stored.", title=form.title.data) if differs else _("Nothing was changed."))
    return redirect(url_for(".materials", slug=slug), code=303)


@bp.post("/staff/webinars/<slug>/materials/<int:material_id>/move")
@needs(Role.ORGANISER)
def reorder_material(slug: str, material_id: int) -> ResponseReturnValue:
    """Put a material one place further up or down."""
    _material(_found(slug), material_id)
    _unless_gone(lambda: move_material(slug, material_id, up=request.form.get("to") == "up"))
    return redirect(url_for(".materials", slug=slug), code=303)


@bp.post("/staff/webinars/<slug>/materials/<int:material_id>/remove")
@needs(Role.ORGANISER)
def take_material_away(slug: str, material_id: int) -> ResponseReturnValue:
    """Take a material away."""
    webinar = _found(slug)
    title = _titles(webinar)[_material(webinar, material_id).id].title
    _unless_gone(lambda: remove_material(slug, material_id), _("“%(title)s” is taken away.", title=title))
    return redirect(url_for(".materials", slug=slug), code=303)


def _material(webinar: Webinar, material_id: int) -> Material:
    return next((one for one in webinar.materials if one.id == material_id), None) or abort(404)


def _material_page(
    webinar: Webinar, found: Material, form: MaterialForm, meanwhile: Sequence[ToldEntry] | None = None
) -> str:
    around = frame(webinar, "catalogue_staff.materials")
    title = _titles(webinar)[found.id]
    return render_template(
        "staff/catalogue/material.html", form=form, material=found, title=title, meanwhile=meanwhile, **around
    )


def _titles(webinar: Webinar) -> dict[int, MaterialText]:
    texts = {one.id: one.texts for one in webinar.materials}
    return texts_of_each(texts, languages.current(), webinar.original_language)


# Co-hosts


@bp.get("/staff/webinars/<slug>/co-hosts")
def co_hosts(slug: str) -> ResponseReturnValue:
    """List the co-hosts of a webinar, and show the form for one more."""
    return _co_hosts_page(_found(slug), co_host_form())


@bp.post("/staff/webinars/<slug>/co-hosts")
@needs(Role.ORGANISER)
@takes_file("logo")
@token_checked_by_form
def make_co_host(slug: str) -> ResponseReturnValue:
    """Add a co-host."""
    found = _found(slug)
    form = co_host_form()
    if not form.validate_on_submit():
        return _co_hosts_page(found, form), 422
    add_co_host(slug, form.draft())
    flash(_("“%(title)s” is stored.", title=form.name.data))
    return redirect(url_for(".co_hosts", slug=slug), code=303)


def _co_hosts_page(webinar: Webinar, form: CoHostForm) -> str:
    return render_template("staff/catalogue/co_hosts.html", form=form, **frame(webinar, "catalogue_staff.co_hosts"))


@bp.get("/staff/webinars/<slug>/co-hosts/<int:co_host_id>")
def co_host(slug: str, co_host_id: int) -> ResponseReturnValue:
    """Show a co-host, to be changed or taken away."""
    webinar = _found(slug)
    found = _co_host(webinar, co_host_id)
    return _co_host_page(webinar, found, co_host_form(found, webinar.revision))


@bp.post("/staff/webinars/<slug>/co-hosts/<int:co_host_id>")
@needs(Role.ORGANISER)
@takes_file("logo")
@token_checked_by_form
def change_co_host(slug: str, co_host_id: int) -> ResponseReturnValue:
    """Change a co-host."""
    webinar = _found(slug)
    found = _co_host(webinar, co_host_id)
    form = co_host_form(found, webinar.revision)
    if not form.validate_on_submit():
        return _co_host_page(webinar, found, form), 422
    try:
        differs = edit_co_host(slug, co_host_id, form.draft(), form.revision.data)
    except ChangedMeanwhile as refusal:
        form.revision.data = refusal.revision
        form.logo.ask_again()
        return _co_host_page(_found(slug), found, form, told_here(refusal.entries)), 409
    except GONE as refusal:
        flash(str(refusal), "bad")
    else:
        flash(_("“%(title)s” is stored.", title=form.name.data) if differs else _("Nothing was changed."))
    return redirect(url_for(".co_hosts", slug=slug), code=303)


@bp.post("/staff/webinars/<slug>/co-hosts/<int:co_host_id>/move")
@needs(Role.ORGANISER)
def reorder_co_host(slug: str, co_host_id: int) -> ResponseReturnValue:
    """Put a co-host one place further up or down."""
    _co_host(_found(slug), co_host_id)
    _unless_gone(lambda: move_co_host(slug, co_host_id, up=request.form.get("to") == "up"))
    return redirect(url_for(".co_hosts", slug=slug), code=303)


@bp.post("/staff/webinars/<slug>/co-hosts/<int:co_host_id>/remove")
@needs(Role.ORGANISER)
def take_co_host_away(slug: str, co_host_id: int) -> ResponseReturnValue:
    """Take a co-host away."""
    found = _co_host(_found(slug), co_host_id)
    _unless_gone(lambda: remove_co_host(slug, co_host_id), _("“%(title)s” is taken away.", title=found.name))
    return redirect(url_for(".co_hosts", slug=slug), code=303)


def _co_host(webinar: Webinar, co_host_id: int) -> CoHost:
    return next((one for one in webinar.co_hosts if one.id == co_host_id), None) or abort(404)


def _co_host_page(
    webinar: Webinar, found: CoHost, form: CoHostForm, meanwhile: Sequence[ToldEntry] | None = None
) -> str:
    around = frame(webinar, "catalogue_staff.co_hosts")
    return render_template("staff/catalogue/co_host.html", form=form, co_host=found, meanwhile=meanwhile, **around)
