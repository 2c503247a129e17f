"""Two addresses for whoever watches over the server: the process lives, and it can do its work."""

from __future__ import annotations

from flask import Blueprint, Response

from webinar.foundation import schema

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """Say that the process is up; it asks nobody else."""
    return _plain("The process is up.", 200)


@bp.get("/readyz")
def readyz() -> Response:
    """Say whether the database can be reached and its schema is current; 503 where not."""
    if schema.is_current():
        return _plain("The database is reachable and its schema is current.", 200)
    return _plain(
        "The database cannot be reached, or its schema is not current. To bring it up to date: "
        "flask --app wsgi db upgrade",
        503,
    )


def _plain(sentence: str, status: int) -> Response:
    return Response(sentence + "\n", status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
