"""What came of a mailing, as its page and its file say it."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from tests.factories import (
    a_contact,
    a_mailing,
    a_member,
    a_recipient,
    a_registration,
    a_session,
    an_attendance,
    an_invitation,
    an_outbox_mail,
)
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.foundation import clock
from webinar.invitations.models import Mailing, MailingState
from webinar.invitations.outcome import Counts, outcome_of
from webinar.invitations.queries import find_mailing
from webinar.mail.models import MailState
from webinar.members.models import Member
from webinar.people.models import Contact

pytestmark = pytest.mark.usefixtures("app")


def got(mailing: Mailing, address: str, member: Member | None, *, state: MailState, said: str = "") -> Contact:
    """Let somebody be on the list of a mailing with a mail in a state."""
    contact = a_contact(address, member=member)
    sent_at = clock.now() if state is MailState.SENT else None
    mail = an_outbox_mail(person_id=contact.person_id, state=state, sent_at=sent_at, server_said=said)
    a_recipient(mailing, contact.person, mail_id=mail.id)
    return contact


def test_each_fact_is_read_where_it_is_recorded_and_counted_for_the_member(client: FlaskClient) -> None:
    session = a_session()
    mailing = a_mailing(session, state=MailingState.CONFIRMED, confirmed_at=clock.now())
    accra, lagos = a_member("Accra"), a_member("Lagos")
    came = got(mailing, "ama@accra.example", accra, state=MailState.SENT)
    an_attendance(a_registration(session, person=came.person, member=accra))
    declined = got(mailing, "kofi@accra.example", accra, state=MailState.SENT)
    an_invitation(session, declined.person, declined_at=clock.now())
    got(mailing, "ada@lagos.example", lagos, state=MailState.REFUSED, said="550 no")
    got(mailing, "obi@lagos.example", lagos, state=MailState.REFUSED, said="came back: nobody there")
    got(mailing, "free@lance.example", None, state=MailState.SENT)

    found = find_mailing(mailing.id)
    assert found is not None
    outcome = outcome_of(found)

    assert [(one.member.name if one.member else None, one.counts) for one in outcome.of_members] == [
        ("Accra", Counts(sent=2, registered=1, declined=1, came=1)),
        ("Lagos", Counts(refused=1, bounced=1)),
        (None, Counts(sent=1)),
    ]
    assert outcome.total == Counts(sent=3, refused=1, bounced=1, registered=1, declined=1, came=1)
    assert outcome.cities == 1
    signed_in_as(client, Role.ORGANISER)
    page = client.get(f"/staff/mailings/{mailing.id}/results").text
    assert "One member has registered" in page
    for way_on in (
        f"/staff/sessions/{session.key}/invited",
        f"/staff/webinars/{session.webinar.slug}/cities",
        f"/staff/mailings/new?copy={mailing.id}&amp;kind=reminder",
    ):
        assert way_on in page
    file = client.post(f"/staff/mailings/{mailing.id}/results.csv", buffered=True)
    lines = list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert [(line["member"], line["sent"], line["bounced"]) for line in lines] == [
        ("Accra", "2", "0"),
        ("Lagos", "0", "1"),
        ("", "1", "0"),
    ]


def test_a_mailing_that_nobody_got_yet_has_no_outcome(client: FlaskClient) -> None:
    mailing = a_mailing(a_session(), state=MailingState.CONFIRMED, confirmed_at=clock.now())
    signed_in_as(client, Role.VIEWER)

    page = client.get(f"/staff/mailings/{mailing.id}/results")

    assert page.status_code == 200
    assert "registered" not in page.text


def test_as_long_as_no_member_has_registered_the_page_says_so(client: FlaskClient) -> None:
    mailing = a_mailing(a_session(), state=MailingState.CONFIRMED, confirmed_at=clock.now())
    got(mailing, "ama@accra.example", a_member("Accra"), state=MailState.SENT)
    signed_in_as(client, Role.VIEWER)

    assert "No member has registered yet" in client.get(f"/staff/mailings/{mailing.id}/results").text
