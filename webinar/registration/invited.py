"""What registration must know about who was invited, which is a later feature's: create_app() hands it over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from flask import Flask, current_app

from webinar.calendars.models import CalendarEntry
from webinar.registration.models import Affiliation

EXTENSION = "registration.invited"


@dataclass(frozen=True, kw_only=True)
class Invited:
    """Somebody who was asked to a session, as the network knows them; names are empty where nobody knows them.

    ``access`` opens the session where one needs its link. The address is for the mails alone: an invitation is passed
    on, so a page shows no more of it than ``masked_email``.
    """

    person_id: int
    email: str
    given_name: str
    family_name: str
    member_key: str | None
    member_name: str
    organisation: str
    role: str
    language: str | None
    timezone: str | None
    access: str

    @property
    def full_name(self) -> str:
        """The given name first; empty where nobody knows any."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def comes_for(self) -> str:
        """The name of the member, or of the organisation, that they come for; empty where it is none."""
        return self.member_name or self.organisation

    @property
    def affiliation(self) -> Affiliation:
        """On whose behalf they come, as far as it is known."""
        if self.member_key is not None:
            return Affiliation.MEMBER
        return Affiliation.PARTNER if self.organisation else Affiliation.OTHER

    @property
    def masked_email(self) -> str:
        """Enough of the address for who has it to know it again."""
        local, _at, domain = self.email.rpartition("@")
        return f"{local[:1]}…@{domain}"


class Invitations(Protocol):
    """Who was invited to sessions."""

    def behind(self, token: str, session_key: str) -> Invited | None:
        """Return who was asked to a session by a token; None where it is none of this session, or was taken back."""

    def is_invited(self, session_id: int, person_id: int) -> bool:
        """Tell whether a person was asked to a session, and nobody took it back."""

    def said_yes(self, entry: CalendarEntry, now: datetime, *, is_proven: bool) -> None:
        """Do what follows from a "Yes" in the calendar of somebody without a place, in the caller's transaction."""


def init_app(app: Flask, invitations: Invitations) -> None:
    """Let the registration of an application ask about who was invited."""
    app.extensions[EXTENSION] = invitations


def invitations() -> Invitations:
    """Return what was handed over."""
    return cast(Invitations, current_app.extensions[EXTENSION])
