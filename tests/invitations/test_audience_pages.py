"""The page of a mailing's audience: sentences, conditions added and taken out, the count, the people behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import a_contact, a_mailing, a_member, a_person, a_registration, a_session, an_invitation, stored
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.foundation.db import db
from webinar.invitations.audience import MOST_CONDITIONS, About
from webinar.invitations.models import Audience, ListedPerson, Mailing, MailingKind, MailingState, PeopleList

Counting = Callable[[], AbstractContextManager[Counted]]


def page_of(client: FlaskClient, mailing: Mailing, **query: str | int) -> str:
    """Return the page of a mailing's audience."""
    answer = client.get(f"/staff/mailings/{mailing.id}/audience", query_string=query)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def sentences_in(page: str) -> list[str]:
    """Return the conditions that a page shows."""
    return [found.strip() for found in re.findall(r'<li><span id="condition-\d+">([^<]*)', page)]


def heading_of_count(page: str) -> str:
    """Return how many people the page says there are."""
    found = re.search(r'<h2 id="count">([^<]*)</h2>', page)
    assert found
    return found[1]


def add(client: FlaskClient, mailing: Mailing, about: str, *values: str, **more: str) -> int:
    """Add a condition by the form of the page, and return the status of the answer."""
    db.session.expire_all()
    data = {"about": about, "values": list(values), "holds": "yes", "revision": str(mailing.revision), **more}
    return client.post(f"/staff/mailings/{mailing.id}/audience", data=data).status_code


def conditions_of(mailing: Mailing) -> list[tuple[str, list[str], bool]]:
    """Return what is stored with a mailing."""
    db.session.expire_all()
    return [(one["about"], one["values"], one["holds"]) for one in mailing.conditions]


def test_conditions_are_added_and_read_as_sentences_and_narrow_the_count(client: FlaskClient) -> None:
    accra, lagos, seoul = a_member("Accra"), a_member("Lagos"), a_member("Seoul")
    for member, language in ((accra, "en"), (accra, "fr"), (lagos, "en"), (seoul, "en")):
        a_contact(f"{member.key}.{language}@x.example", member=member, language=language)
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)

    assert heading_of_count(page_of(client, mailing)) == "4 people"
    assert add(client, mailing, "member", "accra", "lagos") == 303
    assert add(client, mailing, "language", "fr", holds="no") == 303
    page = page_of(client, mailing)

    assert sentences_in(page) == ["Member is Accra or Lagos", "Does not read French"]
    assert heading_of_count(page) == "2 people"
    assert conditions_of(mailing) == [("member", ["accra", "lagos"], True), ("language", ["fr"], False)]


@pytest.mark.parametrize("about", list(About))
def test_the_form_of_each_kind_of_condition_is_there_without_a_script(client: FlaskClient, about: About) -> None:
    a_contact(member=a_member("Accra"))
    stored(PeopleList(name="Press"))
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)

    page = page_of(client, mailing, add=about.value)

    assert f'<input type="hidden" name="about" value="{about.value}">' in page
    assert "Add the condition" in page
