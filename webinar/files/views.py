"""The public address of every file."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from webinar.files.models import StoredFile
from webinar.files.queries import content_of, find_file
from webinar.foundation.assets import FOR_EVER

bp = Blueprint("files", __name__)


def address_of(file: StoredFile) -> str:
    """Return where a file is, for templates: the address changes with the content, so it can be kept for ever."""
    return url_for("files.file", digest=file.digest, file_name=file.file_name)


@bp.record
def _for_templates(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["file_address"] = address_of


@bp.get("/files/<digest>/<file_name>")
def file(digest: str, file_name: str) -> ResponseReturnValue:
    """Answer with a file as what it was recognised to be: a picture to be seen, anything else to be saved."""
    found = find_file(digest)
    if found is None or found.file_name != file_name:
        abort(404)
    response = Response(content_type=found.media_type)
    # Of its own origin and without any right, should a browser show as a page what only looks like a document.
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = FOR_EVER
    shown = "inline" if found.width else "attachment"
    response.headers["Content-Disposition"] = f"{shown}; filename*=UTF-8''{quote(found.file_name, safe='')}"  # RFC 8187
    response.set_etag(found.digest)
    if not request.if_none_match.contains(found.digest):
        response.set_data(content_of(found.id))
    return response.make_conditional(request)
