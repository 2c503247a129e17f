"""The box on the registration form: a consent, but for who has ended the newsletter, whose mailbox is asked first."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_person, a_session, a_suppression
from tests.mailbox import kinds_of_mail_to
from tests.newsletter.reading import link_to_confirm, readers
from tests.registration.test_services import a_registrant
from webinar.foundation.db import db
from webinar.people.models import Consent, MailKind, Purpose
from webinar.registration.services import register

ANA = "ana@lisbon.example"


def test_who_ticks_the_box_gets_the_newsletter_in_the_language_of_the_form(app: Flask) -> None:
    register(a_session(languages=("en", "fr")).key, a_registrant(email=ANA, newsletter=True, language="fr"))

    assert readers() == [(ANA, "fr")]
    assert kinds_of_mail_to(ANA) == ["confirmation"]


@pytest.mark.parametrize("kind", [MailKind.NEWSLETTER, None])
def test_who_has_ended_it_is_asked_by_mail_whether_it_is_to_come_again(
    client: FlaskClient, kind: MailKind | None
) -> None:
    a_suppression(a_person(ANA), kind=kind)

    register(a_session().key, a_registrant(email=ANA, newsletter=True))

    assert readers() == []
    assert set(db.session.scalars(select(Consent.purpose))) == {Purpose.NOTICE}
    assert sorted(kinds_of_mail_to(ANA)) == ["confirmation", "newsletter request"]

    client.post(link_to_confirm(ANA))
    assert readers() == [(ANA, "en")]


def test_who_wants_no_invitations_gets_the_newsletter_all_the_same(app: Flask) -> None:
    a_suppression(a_person(ANA), kind=MailKind.INVITATIONS)

    register(a_session().key, a_registrant(email=ANA, newsletter=True))

    assert readers() == [(ANA, "en")]
