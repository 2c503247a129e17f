"""Settings from the environment, read once and strictly.

Everything that can be set is listed in the README. A value that cannot be understood stops the start with a
sentence that names the setting, what was found and what would be understood.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import click
import idna

PROJECT = Path(__file__).resolve().parent
INTERFACE_LANGUAGES = ("en", "es", "fr", "pt", "ar")
MOST_OF_BOUNCES = 31
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class SettingsError(click.ClickException):
    """A setting cannot be used; the message says which and what to do. Commands print it and end."""


class NotUnderstood(ValueError):
    """A text that no value can be made of; the message ends a sentence that begins with "must"."""


@dataclass(frozen=True)
class Rule:
    """What a setting is that an admin can save on a page: its text where nobody sets it, and what is made of a text.

    ``understand`` raises NotUnderstood.
    """

    default: str
    understand: Callable[[str], Any]


def network_name(written: str) -> str:
    """Return the name of the network, on one line.

    Raises:
        NotUnderstood: it is empty, longer than 100 characters, or has line ends or other controls in it.
    """
    if not 0 < len(written) <= 100 or not written.isprintable():
        raise NotUnderstood("be a name of at most 100 characters on one line")
    return written


def colour(written: str) -> str:
    """Return a colour as ``#rrggbb``.

    Raises:
        NotUnderstood: it is none.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", written):
        raise NotUnderstood("be a colour like #1d3fbb")
    return written.lower()


def time_zone(written: str) -> str:
    """Return the name of a time zone.

    Raises:
        NotUnderstood: there is no such zone.
    """
    if written not in available_timezones():
        raise NotUnderstood("be a zone of the IANA list, like Europe/Madrid")
    return written


def interface_languages(written: str) -> tuple[str, ...]:
    """Return the codes of interface languages, the first one being the default.

    Raises:
        NotUnderstood: there is none, or one that pages and mails are not translated into.
    """
    codes = tuple(dict.fromkeys(code.strip() for code in written.split(",") if code.strip()))
    if not codes or any(code not in INTERFACE_LANGUAGES for code in codes):
        raise NotUnderstood(f"name some of {', '.join(INTERFACE_LANGUAGES)}, joined by commas")
    return codes


def sender(written: str) -> str:
    """Return who mails come from, an address with or without a name.

    Raises:
        NotUnderstood: there is no address in it, or it would not stay on one line.
    """
    if not written.isprintable() or not address_alone(written):
        raise NotUnderstood(
            "be a mail address like webinars@example.org, with or without a name: Metropolis <webinars@example.org>"
        )
    return written


def address_alone(written: str) -> str:
    """Return the address of a sender without the name beside it; empty where there is none."""
    addresses = [address for _name, address in getaddresses([written])]
    return addresses[0] if len(addresses) == 1 and _can_be_written_to(addresses[0]) else ""


def _can_be_written_to(address: str) -> bool:
    """Tell whether mail servers take an address: with another one as sender no mail could be written at all."""
    local, _at, domain = address.rpartition("@")
    try:
        domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return False
    is_local = re.fullmatch(r"[!-~]+", local) and not re.search(r'[@<>"\\,;:()\[\]]|^\.|\.$|\.\.', local)
    return bool(is_local and re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", domain))


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return the rule for a whole number between two, themselves included."""

    def understand(written: str) -> int:
        if not written.isascii() or not written.isdigit() or len(written) > 12 or not least <= int(written) <= most:
            raise NotUnderstood(f"be a whole number from {least} to {most}")
        return int(written)

    return understand


A_DAY, A_HUNDRED_YEARS = 24 * 60, 36_500

MOST_REMINDERS = 5
LEAST_BEFORE, MOST_BEFORE = 5, 14 * A_DAY
"""How short and how long before the start of a session people can be reminded of it, in minutes."""

NO_REMINDERS = "none"


def reminders(written: str) -> tuple[int, ...]:
    """Return how many minutes before the start of a session people are reminded of it, the first reminder first.

    Raises:
        NotUnderstood: these are no minutes, too few or too many of them, too many reminders, or one of them twice.
    """
    if written == NO_REMINDERS:
        return ()
    before = [part.strip() for part in written.split(",")]
    try:
        minutes = sorted((whole(LEAST_BEFORE, MOST_BEFORE)(part) for part in before), reverse=True)
    except NotUnderstood:
        minutes = []
    if not 0 < len(set(minutes)) == len(minutes) <= MOST_REMINDERS:
        raise NotUnderstood(
            f"be {NO_REMINDERS!r}, or at most {MOST_REMINDERS} different numbers of minutes from {LEAST_BEFORE} to "
            f"{MOST_BEFORE}, joined by commas"
        )
    return tuple(minutes)


def reminders_written(minutes: tuple[int, ...]) -> str:
    """Return the text that ``reminders`` understands as these minutes."""
    return ",".join(str(one) for one in minutes) or NO_REMINDERS


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "NETWORK_NAME": Rule("Metropolis", network_name),
        "BRAND_COLOUR": Rule("#1d3fbb", colour),
        "LANGUAGES": Rule(",".join(INTERFACE_LANGUAGES), interface_languages),
        "DEFAULT_TIMEZONE": Rule("Europe/Madrid", time_zone),
        "DOORS_OPEN_MINUTES": Rule("15", whole(0, A_DAY)),
        "SPEAKER_DOORS_OPEN_MINUTES": Rule("45", whole(0, A_DAY)),
        "REMINDERS": Rule("1440,60", reminders),
        "KEEP_DAYS": Rule("730", whole(1, A_HUNDRED_YEARS)),
        "MAIL_DEFAULT_SENDER": Rule("webinars@example.org", sender),
        "MAILINGS_A_MINUTE": Rule("600", whole(0, 100_000)),
        "MAILINGS_A_MINUTE_PER_DOMAIN": Rule("120", whole(0, 100_000)),
    }
)
"""The settings that an admin can save on a page too. One in the environment wins, then what was saved, then this."""


@dataclass(frozen=True)
class Reader:
    """Reads one environment, turning text into values or refusing with the name of the setting."""

    environ: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        """Return the text of a setting; one set to nothing counts as not set."""
        return self.environ.get(name, "").strip() or default

    def whole(self, name: str, default: int, *, least: int = 0) -> int:
        """Return a whole number of at least ``least``."""
        written = self.text(name, str(default))
        if not written.isascii() or not written.isdigit() or int(written) < least:
            raise SettingsError(f"{name} is {written!r}, but must be a whole number of at least {least}.")
        return int(written)

    def between(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number between two, themselves included."""
        written = self.text(name, str(default))
        try:
            return whole(least, most)(written)
        except NotUnderstood as reason:
            raise SettingsError(f"{name} is {written!r}, but must {reason}.") from None

    def by_rule(self, name: str) -> Any:
        """Return what the rule of a setting makes of its text."""
        rule = RULES[name]
        written = self.text(name, rule.default)
        try:
            return rule.understand(written)
        except NotUnderstood as reason:
            raise SettingsError(f"{name} is {written!r}, but must {reason}.") from None

    def switch(self, name: str, default: bool) -> bool:
        """Return a yes or no."""
        written = self.text(name, "yes" if default else "no").lower()
        if written in {"1", "true", "yes", "on"}:
            return True
        if written in {"0", "false", "no", "off"}:
            return False
        raise SettingsError(f"{name} is {written!r}, but must be yes or no.")


class Config:
    """What a running copy is told: Flask's own names, those of its extensions, and ours.

    Raises:
        SettingsError: a setting cannot be understood, or two of them contradict each other.
    """

    TESTING = False

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        reader = Reader(os.environ if environ is None else environ)
        self.INSTANCE_PATH = Path(reader.text("INSTANCE_PATH", str(PROJECT / "instance"))).resolve()
        self.PUBLIC_URL = _public_url(reader.text("PUBLIC_URL", "http://127.0.0.1:5000"))
        self.SECRET_KEY = reader.text("SECRET_KEY") or _made_secret(self.INSTANCE_PATH, self.PUBLIC_URL)
        self.SQLALCHEMY_DATABASE_URI = _database_url(
            reader.text("DATABASE_URL", f"sqlite:///{self.INSTANCE_PATH / 'webinar.db'}")
        )
        # A server may have gone away since; a file does not.
        self.SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": not self.SQLALCHEMY_DATABASE_URI.startswith("sqlite")}
        self._read_mail(reader)
        self._read_mailbox(reader)

        self.NETWORK_NAME = reader.by_rule("NETWORK_NAME")
        self.BRAND_COLOUR = reader.by_rule("BRAND_COLOUR")
        self.DEFAULT_TIMEZONE = reader.by_rule("DEFAULT_TIMEZONE")
        self.LANGUAGES = reader.by_rule("LANGUAGES")
        self.DOORS_OPEN_MINUTES = reader.by_rule("DOORS_OPEN_MINUTES")
        self.REMINDERS = reader.by_rule("REMINDERS")
        self.KEEP_DAYS = reader.by_rule("KEEP_DAYS")
        self.MARK = None  # a picture, which an admin may choose
        self.SET_ON_SERVER = frozenset(name for name in RULES if reader.text(name))  # no admin can save another value
        self.TRUSTED_PROXIES = reader.whole("TRUSTED_PROXIES", 0)
        self.SPEAKER_DOORS_OPEN_MINUTES = reader.by_rule("SPEAKER_DOORS_OPEN_MINUTES")
        self.REGISTRATIONS_PER_HOUR = reader.whole("REGISTRATIONS_PER_HOUR", 3000, least=1)
        self.SIGN_INS_PER_HOUR = reader.whole("SIGN_INS_PER_HOUR", 20, least=1)

        secure = self.PUBLIC_URL.startswith("https:")
        self.SESSION_COOKIE_SECURE = self.REMEMBER_COOKIE_SECURE = secure
        self.SESSION_COOKIE_HTTPONLY = self.REMEMBER_COOKIE_HTTPONLY = True
        self.SESSION_COOKIE_SAMESITE = self.REMEMBER_COOKIE_SAMESITE = "Lax"
        # A cookie of this name can be set by this host over TLS only, by no neighbour of the same domain (RFC 6265bis).
        self.SESSION_COOKIE_NAME = "__Host-session" if secure else "session"
        self.PERMANENT_SESSION_LIFETIME = 12 * 60 * 60  # of the staff, from their last page on
        self.PREFERRED_URL_SCHEME = "https" if secure else "http"
        self.MAX_CONTENT_LENGTH = 2 * 1024 * 1024
        self.MAX_FILE_BYTES = reader.whole("MAX_FILE_MB", 20, least=1) * 1024 * 1024
        self.WTF_CSRF_TIME_LIMIT = 12 * 60 * 60
        # Pages with a personal link send no Referer, and behind a proxy we may not know our own name: the token
        # has to do, and a cookie that only this host can set.
        self.WTF_CSRF_SSL_STRICT = False

    def _read_mail(self, reader: Reader) -> None:
        self.MAIL_SERVER = reader.text("MAIL_SERVER")
        self.MAIL_USE_TLS = reader.switch("MAIL_USE_TLS", False)
        self.MAIL_USE_SSL = reader.switch("MAIL_USE_SSL", False)
        if self.MAIL_USE_TLS and self.MAIL_USE_SSL:
            raise SettingsError(
                "MAIL_USE_TLS and MAIL_USE_SSL are both on: take MAIL_USE_TLS for STARTTLS (usually port 587) "
                "or MAIL_USE_SSL for TLS from the start (usually port 465)."
            )
        default_port = 465 if self.MAIL_USE_SSL else 587 if self.MAIL_USE_TLS else 25
        self.MAIL_PORT = reader.whole("MAIL_PORT", default_port, least=1)
        self.MAIL_USERNAME = reader.text("MAIL_USERNAME") or None
        self.MAIL_PASSWORD = reader.text("MAIL_PASSWORD") or None
        # Seconds to wait for each answer of the mail server; Flask-Mail would wait for ever.
        self.MAIL_TIMEOUT = reader.whole("MAIL_TIMEOUT", 30, least=1)
        self.MAIL_AUTHSERV_ID = reader.text("MAIL_AUTHSERV_ID")
        self.MAIL_DEFAULT_SENDER = reader.by_rule("MAIL_DEFAULT_SENDER")
        self.MAIL_BOUNCES = _bounces(reader.text("MAIL_BOUNCES"))
        self.MAIL_DKIM_SELECTOR = reader.text("MAIL_DKIM_SELECTOR")
        if not re.fullmatch(r"[A-Za-z0-9_.-]{0,100}", self.MAIL_DKIM_SELECTOR):
            raise SettingsError(
                "MAIL_DKIM_SELECTOR must be the name of a key as it stands before ._domainkey in the DNS: mail2026."
            )
        self.SECRETARIAT = address_alone(self.MAIL_DEFAULT_SENDER)
        self.MAILINGS_A_MINUTE = reader.by_rule("MAILINGS_A_MINUTE")
        self.MAILINGS_A_MINUTE_PER_DOMAIN = reader.by_rule("MAILINGS_A_MINUTE_PER_DOMAIN")
        self.MAILINGS_ON_TRIAL = reader.switch("MAILINGS_ON_TRIAL", False)
        # A message is always built and serialised, so that a fault in its encoding is met in tests too.
        self.MAIL_SUPPRESS_SEND = False

    def _read_mailbox(self, reader: Reader) -> None:
        self.IMAP_SERVER = reader.text("IMAP_SERVER")
        self.IMAP_USE_SSL = reader.switch("IMAP_USE_SSL", True)
        if self.IMAP_SERVER and not self.IMAP_USE_SSL and self.IMAP_SERVER not in LOOPBACK:
            raise SettingsError(
                "IMAP_USE_SSL is off and IMAP_SERVER is not this machine: password and mails would travel for "
                "everybody to read. Leave IMAP_USE_SSL on (usually port 993)."
            )
        self.IMAP_PORT = reader.between("IMAP_PORT", 993 if self.IMAP_USE_SSL else 143, 1, 65_535)
        self.IMAP_USERNAME = reader.text("IMAP_USERNAME")
        self.IMAP_PASSWORD = reader.text("IMAP_PASSWORD")
        for name in ("IMAP_USERNAME", "IMAP_PASSWORD"):
            if self.IMAP_SERVER and not getattr(self, name):
                raise SettingsError(f"IMAP_SERVER is set, so {name} is needed too: the mailbox is not open to anybody.")
        self.IMAP_FOLDER = reader.text("IMAP_FOLDER", "INBOX")
        if not self.IMAP_FOLDER.isprintable() or len(self.IMAP_FOLDER) > 255:
            raise SettingsError("IMAP_FOLDER must be the name of a folder, of at most 255 characters on one line.")
        self.IMAP_POLL_SECONDS = reader.between("IMAP_POLL_SECONDS", 60, 10, A_DAY * 60)


class TestConfig(Config):
    """A configuration for tests: its own folder and database, secrets that are not secret."""

    TESTING = True
    __test__ = False  # pytest is not to collect it

    def __init__(self, instance_path: Path, database_url: str, **settings: str) -> None:
        super().__init__(
            {
                "INSTANCE_PATH": str(instance_path),
                "DATABASE_URL": database_url,
                "SECRET_KEY": "only-for-tests",
                **settings,
            }
        )


def _bounces(written: str) -> str:
    """Return the address that mails come back to, in ASCII; each mail puts ``+`` and a token behind its first part."""
    if not written:
        return ""
    local, _at, domain = written.rpartition("@")
    # 64 letters are allowed before the @ (RFC 5321, 4.5.3.1.1).
    if not _can_be_written_to(written) or "+" in local or len(local) > MOST_OF_BOUNCES:
        raise SettingsError(
            f"MAIL_BOUNCES is {written!r}, but must be a mail address like bounces@example.org, without a name, "
            f"without a + and with at most {MOST_OF_BOUNCES} letters before the @."
        )
    return f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode('ascii')}"


def _public_url(written: str) -> str:
    parts = urlsplit(written)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(f"PUBLIC_URL is {written!r}, but must be an address like https://webinars.example.org.")
    return written.rstrip("/")


def _made_secret(instance: Path, public_url: str) -> str:
    if urlsplit(public_url).hostname not in LOOPBACK:
        raise SettingsError(
            f"PUBLIC_URL is {public_url}, which others can reach, and SECRET_KEY is not set. Set it to a long random "
            'text of your own: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = instance / "secret_key"
    try:
        # Created by one process only, however many start at once; the others read what it wrote.
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret


def _database_url(written: str) -> str:
    scheme, separator, rest = written.partition("://")
    if not separator or scheme not in {"sqlite", "postgres", "postgresql", "postgresql+psycopg"}:
        raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite:///.")
    return written if scheme == "sqlite" else f"postgresql+psycopg://{rest}"
