"""The way out: an SMTP server, or without one a folder on this machine. Nothing else in the house talks SMTP.

All faults of ``smtplib`` are kinds of OSError, as those of the network are.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol, Self, cast

import flask_mail
from flask import Flask

MAILS_A_CONNECTION = 100

CLOSING = 421
WANTS_US_TO_SIGN_IN = {530, 534, 535, 538}


class Letter(NamedTuple):
    """One mail as it is handed over: envelope and bytes. ``name`` sorts by age and is the same at every attempt."""

    name: str
    sender: str
    to: str
    content: bytes


class Refused(Exception):
    """The server does not take this mail: for now, or (``for_good``) ever."""

    def __init__(self, code: int, said: bytes | str) -> None:
        super().__init__(_text(code, said))
        self.code = code

    @property
    def for_good(self) -> bool:
        """Whether trying again makes no sense (RFC 5321, 4.2.1)."""
        return self.code >= 500


class ConnectionLost(Exception):
    """The server went silent or away in the middle of a mail; whether it took the mail is not known."""


class Unreachable(Exception):
    """The way out is closed to all mails: no server, no trust, no sign-in, no space."""


class Transport(Protocol):
    """What delivery needs of a way out; used as a context manager, which closes what is open."""

    def send(self, letter: Letter) -> str:
        """Hand one mail over and return what the server said.

        Raises:
            Refused: the server does not take it.
            ConnectionLost: it may have taken it.
            Unreachable: it was not even asked.
        """
        ...

    def close(self) -> None:
        """End politely what is open; the next mail opens it again."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


def transport_of(app: Flask) -> Transport:
    """Return the way out that the settings name: MAIL_SERVER, or without it the folder ``mailbox``."""
    if app.config["MAIL_SERVER"]:
        return SmtpTransport(cast(flask_mail.Mail, flask_mail.Mail().init_mail(app.config)), app.config["MAIL_TIMEOUT"])
    return MailboxFolder(Path(app.instance_path) / "mailbox")


class _Closing:
    def close(self) -> None:
        """Nothing is open unless a way out says so."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


@dataclass
class MailboxFolder(_Closing):
    """Mails as ``.eml`` files, byte for byte what SMTP would carry."""

    folder: Path

    def send(self, letter: Letter) -> str:
        """Write beside and rename into place: a reader never sees half a mail, a repeat replaces its file."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside = self.folder / f".{letter.name}.part"
            with beside.open("wb") as file:
                file.write(letter.content)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(self.folder / f"{letter.name}.eml")
        except OSError as error:
            raise Unreachable(f"the mailbox folder cannot be written: {error.strerror}") from error
        return "put into the mailbox folder"


class _Connection(flask_mail.Connection):
    """Flask-Mail's connection with what it lacks: patience that ends, and TLS that looks whom it talks to."""

    def open(self, seconds: float) -> smtplib.SMTP:
        """Connect, secure, sign in."""
        settings = self.mail
        # Reading the certificates of the world takes a while; without TLS nobody needs them.
        context = ssl.create_default_context() if settings.use_ssl or settings.use_tls else None
        server: smtplib.SMTP
        if settings.use_ssl:
            server = smtplib.SMTP_SSL(settings.server, settings.port, timeout=seconds, context=context)
        else:
            server = smtplib.SMTP(settings.server, settings.port, timeout=seconds)
        try:
            if settings.use_tls:
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if settings.username and settings.password:
                server.login(settings.username, settings.password)
        except OSError:
            server.close()
            raise
        return server


class SmtpTransport(_Closing):
    """One connection for many mails, opened again when it is lost or has carried its share."""

    def __init__(self, settings: flask_mail.Mail, seconds: float) -> None:
        self._settings = settings
        self._seconds = seconds
        self._server: smtplib.SMTP | None = None
        self._carried = 0

    def send(self, letter: Letter) -> str:
        """Hand one mail to one recipient over, command by command, so that every answer is its own."""
        if self._carried >= MAILS_A_CONNECTION:
            self.close()
        server = self._begin(letter)
        try:
            _demand(server.rcpt(letter.to))
            answer = server.data(letter.content)
            _demand(answer)
        except smtplib.SMTPServerDisconnected as error:
            self._drop()
            raise ConnectionLost(str(error)) from error
        except smtplib.SMTPDataError as error:
            raise self._given_up(Refused(error.smtp_code, error.smtp_error)) from error
        except Refused as refusal:
            raise self._given_up(refusal) from None
        self._carried += 1
        return _text(*answer)

    def _begin(self, letter: Letter) -> smtplib.SMTP:
        """Announce the mail; where an older connection turns out to be closed, once more over a new one."""
        is_used = self._server is not None
        server = self._server or self._open()
        try:
            code, said = server.mail(letter.sender, [f"size={len(letter.content)}"] if server.has_extn("size") else ())
        except smtplib.SMTPServerDisconnected:
            code, said = CLOSING, b"the server ended the connection"
        if code == CLOSING:
            self._drop()
            if is_used:
                return self._begin(letter)
            raise Unreachable(f"the mail server takes nothing: {_text(code, said)}")
        if code in WANTS_US_TO_SIGN_IN:
            raise Unreachable(f"the mail server wants us to sign in: {_text(code, said)}")
        try:
            _demand((code, said))
        except Refused as refusal:
            raise self._given_up(refusal) from None
        return server

    def _given_up(self, refusal: Refused) -> Refused:
        """Make the connection ready for the next mail."""
        if self._server is not None:
            try:
                if refusal.code == CLOSING:
                    self._drop()
                else:
                    self._server.rset()
            except smtplib.SMTPException:
                self._drop()
        return refusal

    def _open(self) -> smtplib.SMTP:
        try:
            self._server = _Connection(self._settings).open(self._seconds)
        except OSError as error:
            raise Unreachable(f"the mail server cannot be used: {_reason(error)}") from error
        self._carried = 0
        return self._server

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def close(self) -> None:
        """Say goodbye; a server that does not answer is left without."""
        if self._server is not None:
            try:
                self._server.quit()
            except OSError:
                self._server.close()
            self._server = None


def _demand(answer: tuple[int, bytes]) -> None:
    if not 200 <= answer[0] < 300:
        raise Refused(*answer)


def _text(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"


def _reason(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _text(error.smtp_code, error.smtp_error)
    return str(error) or type(error).__name__
