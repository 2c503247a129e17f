"""What later features have against sending one of their mails once more: create_app() hands over who is asked."""

from __future__ import annotations

from typing import Protocol, cast

from flask import Flask, current_app
from flask_babel.speaklater import LazyString

EXTENSION = "mail.again"


class Objector(Protocol):
    """A feature that knows for whom its mails still are."""

    def against(self, mail_id: int) -> LazyString | None:
        """Return in a sentence why a mail of its own is not to be sent again, in the caller's transaction; or None."""


def init_app(app: Flask, *objectors: Objector) -> None:
    """Let the mail log of an application ask these before a mail is sent once more."""
    app.extensions[EXTENSION] = objectors


def why_not(mail_id: int) -> LazyString | None:
    """Return why a mail is not to be sent once more, whatever a mail server would say; None where it may be."""
    objectors = cast(tuple[Objector, ...], current_app.extensions[EXTENSION])
    return next((why for one in objectors if (why := one.against(mail_id)) is not None), None)
