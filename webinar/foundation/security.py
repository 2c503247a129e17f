"""What every answer tells a browser about what our pages may do, who counts as the caller, and the CSRF token.

Nothing comes from elsewhere, nothing is written inline; personal links are told to nobody and kept nowhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()

_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
_FEATURES = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb", "browsing-topics")


def content_security_policy(**directives: str) -> str:
    """Return our policy with some directives said otherwise: ``form_action=f"'self' {origin(join_url)}"``.

    A response that brings its own ``Content-Security-Policy`` keeps it.
    """
    policy = _POLICY | {name.replace("_", "-"): value for name, value in directives.items()}
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def origin(address: str) -> str:
    """Return the origin of a web address, to be named in a policy: ``https://zoom.example``.

    Raises:
        ValueError: the address is not one of the web; its text must not get into a header.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if (
        parts.scheme not in {"http", "https"}
        or not host
        or not all(letter.isalnum() or letter in "-.:" for letter in host)
    ):
        raise ValueError("not an address of the web")
    host = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port is not None else "")


def sandboxed(html: str) -> Response:
    """Return a foreign page, a mail say, as a response that can do nothing and only our own pages may frame.

    It has its own origin, runs no script, sends no form and loads nothing; it may be styled inline, as mails are.
    """
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def token_checked_by_form(view: View) -> View:
    """Leave the CSRF token of a view to its form, so that an expired one shows the filled form again.

    Only for views where nothing changes unless a ``FlaskForm`` with its token has been validated. The same goes
    for pages whose own token in the address is the authority: there a cookie gives none.
    """
    csrf.exempt(view)
    return view


def takes_file(name: str) -> Callable[[View], View]:
    """Let a view be sent a file in the field of a name, of up to MAX_FILE_MB; a larger one is refused unread."""

    def mark(view: View) -> View:
        view.__dict__["takes_file"] = name
        return view

    return mark


def client_address() -> str:
    """Return where the request comes from, as rate limits count it: an IPv4 address, or an IPv6 network.

    Behind a proxy it is the address that the trusted proxies (TRUSTED_PROXIES) saw. Whoever has one IPv6 address
    has the 64 bits behind it too (RFC 6177).
    """
    written = request.remote_addr or ""
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return "unknown"  # a socket of the machine itself has no address
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def init_app(app: Flask, *, private: str) -> None:
    """Trust as many proxies as the settings say, and give every response its headers, unless its view set its own.

    What lies under the path ``private``, and every page with a ``token``, ``invitation`` or ``access`` in its
    address, is stored by no cache and named to nobody.
    """
    hops = app.config["TRUSTED_PROXIES"]
    if hops:
        # The host is never taken from them: addresses are made from PUBLIC_URL.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    policy = content_security_policy()
    features = ", ".join(f"{name}=()" for name in _FEATURES)
    secure = app.config["PUBLIC_URL"].startswith("https:")

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Permissions-Policy", features)
        if has_token():
            headers["Referrer-Policy"] = "no-referrer"
        headers.setdefault("Referrer-Policy", "same-origin")
        if has_token() or _is_under(private):
            headers["Cache-Control"] = "no-store"
        elif response.mimetype == "text/html":
            headers.setdefault("Cache-Control", "private, no-cache")
        if secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def init_forms(app: Flask) -> None:
    """Look at what forms send; after the guard of the staff area, so that who is not signed in learns that first,
    and nobody else's files are read.
    """
    app.before_request(_refuse_what_no_form_sends)
    csrf.init_app(app)


def _refuse_what_no_form_sends() -> None:
    """Refuse what no page of ours can have sent, before a field or a database fails on it half way.

    Nobody types a NUL character, on which PostgreSQL fails. No form takes JSON, and few take files: Flask-WTF would
    hand them to the fields all the same, as objects they do not know and with characters that cannot be stored.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    taken = getattr(view, "takes_file", None)
    if taken is not None:
        # The other fields of the form, and the lines between the parts, come on top.
        request.max_content_length = current_app.config["MAX_FILE_BYTES"] + current_app.config["MAX_CONTENT_LENGTH"]
    has_nul = "\0" in request.path or any("\0" in value for _name, value in request.values.items(multi=True))
    if has_nul or any(name != taken for name in request.files) or request.is_json:
        abort(400)


def has_token() -> bool:
    """Tell whether this address holds a token, and so belongs to whoever was given it."""
    return "token" in (request.view_args or {}) or "invitation" in request.args or "access" in request.args


def _is_under(prefix: str) -> bool:
    return request.path == prefix or request.path.startswith(f"{prefix}/")
