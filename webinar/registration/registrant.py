"""What somebody typed into the registration form, checked for its shape."""

from __future__ import annotations

from dataclasses import dataclass

from webinar.registration.models import Affiliation


@dataclass(frozen=True, kw_only=True)
class Details:
    """Who somebody is and on whose behalf they come, as typed.

    ``member_key`` is given when, and only when, they come on behalf of a member.
    """

    given_name: str
    family_name: str
    affiliation: Affiliation
    member_key: str | None = None
    organisation: str = ""
    role: str = ""


MOST_OF_AN_ANSWER = 2_000


@dataclass(frozen=True)
class GivenAnswer:
    """What somebody answered to one question: words, ``yes`` or ``no``, choices; nothing where it is left empty."""

    question_id: int
    text: str = ""
    choice_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Registrant(Details):
    """One filled-in registration form: names and organisation as typed, addresses and codes checked.

    ``version`` is the code of the language version they will follow, ``language`` the interface language
    they registered in, ``timezone`` an IANA name, ``watching_with`` how many more watch in their room. ``answers`` are
    those to the organisers' questions.
    """

    email: str
    version: str
    language: str
    timezone: str
    newsletter: bool = False
    watching_with: int = 0
    answers: tuple[GivenAnswer, ...] = ()
