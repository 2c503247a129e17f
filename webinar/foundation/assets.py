"""The files of ``static/`` and the brand's colour, each at an address that changes with its content.

They are few and small, so they are read and compressed once, when the application starts, and answered from
memory; a browser may keep each for ever. There is no build step.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for

STYLE = "style.css"
FOR_EVER = "public, max-age=31536000, immutable"

bp = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """One file, as it is and compressed; ``mark`` changes whenever the content does."""

    content: bytes
    compressed: bytes
    content_type: str
    mark: str


def init_app(app: Flask, folder: Path) -> None:
    """Read all files of a folder, and let templates ask for their addresses with ``asset(name)``."""
    assets = {
        path.relative_to(folder).as_posix(): _asset(path.name, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    app.extensions["assets"] = assets
    app.register_blueprint(bp)
    app.jinja_env.globals["asset"] = address_of


def address_of(name: str) -> str:
    """Return the address of one of our files.

    Raises:
        KeyError: there is no such file.
    """
    asset = _find(name)
    if asset is None:
        raise KeyError(name)
    return url_for("assets.file", mark=asset.mark, name=name)


@bp.get("/static/<mark>/<path:name>")
def file(mark: str, name: str) -> Response:
    """Answer with a file; an address of older content gets the present one, but may not be kept."""
    asset = _find(name)
    if asset is None:
        abort(404)
    response = Response(content_type=asset.content_type)
    response.headers["Cache-Control"] = FOR_EVER if mark == asset.mark else "no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    if request.accept_encodings["gzip"] > 0:
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(asset.compressed)
    else:
        response.set_data(asset.content)
    return response


def _find(name: str) -> Asset | None:
    asset: Asset | None = current_app.extensions["assets"].get(name)
    return _branded(asset, current_app.config["BRAND_COLOUR"]) if asset is not None and name == STYLE else asset


@lru_cache(maxsize=4)
def _branded(style: Asset, colour: str) -> Asset:
    """Return the stylesheet with the one value in it that a network sets.

    Outside all layers it wins over the stylesheet's own; in a style attribute it would need a weaker CSP, in a file
    of its own one more request.
    """
    return _asset(STYLE, style.content + f"\n:root {{ --brand: {colour} }}\n".encode())


def _asset(name: str, content: bytes) -> Asset:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind.endswith(("javascript", "json", "xml")):
        kind += "; charset=utf-8"
    # Without the time of compression in it, every process answers with the same bytes.
    return Asset(content, gzip.compress(content, mtime=0), kind, hashlib.sha256(content).hexdigest()[:12])
