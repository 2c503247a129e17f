"""The page on which organisers say who may register: what it stores, what it tells, and what becomes of who waits."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import a_member, a_registration, a_session
from tests.mailbox import all_mail, kinds_of_mail_to
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import Access, WebinarSession
from webinar.foundation.db import db
from webinar.registration.models import Approval, Registration, RegistrationStatus
from webinar.registration.services import cancel
from webinar.registration.services.who_may_register import MovedOn, renew_link, set_who_may_register

pytestmark = pytest.mark.usefixtures("app")
PAGE = "/staff/sessions/board/access"


@pytest.fixture
def organiser(client: FlaskClient) -> FlaskClient:
    signed_in_as(client, Role.ORGANISER)
    return client


def what_they_have(session: WebinarSession) -> list[tuple[str, str | None]]:
    """Return status and approval of all registrations of a session, in the order of their turns."""
    rows = db.session.execute(
        select(Registration.status, Registration.approval)
        .where(Registration.session_id == session.id)
        .order_by(Registration.turn)
    )
    return [(status.value, approval.value if approval else None) for status, approval in rows]


def test_the_page_says_who_may_register_and_what_each_answer_changes(organiser: FlaskClient) -> None:
    a_session("board", access=Access.MEMBERS, most_per_member=3)

    page = organiser.get(PAGE).text

    assert '<input checked id="access-2" name="access" type="radio" value="members">' in page
    assert re.search(r'name="most_per_member"[^>]* value="3"', page)
    assert "Everybody else waits until you approve or decline them." in page
    assert "The link to pass on" not in page


def test_what_is_stored_is_stored_and_told_in_the_audit_log(organiser: FlaskClient) -> None:
    session = a_session("board")

    answer = organiser.post(PAGE, data={"access": "with_link", "most_per_member": "2", "revision": "0"})

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert (session.access, session.most_per_member, session.revision) == (Access.WITH_LINK, 2, 1)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "changed")).one()
    assert entry.changes == {"access": ["everyone", "with_link"], "most_per_member": [None, 2]}
    assert "Whoever has the link" in organiser.get("/staff/sessions/board/changes").text


def test_the_same_again_changes_nothing(organiser: FlaskClient) -> None:
    session = a_session("board")

    organiser.post(PAGE, data={"access": "everyone", "most_per_member": "", "revision": "0"})

    assert session.revision == 0


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"access": "nobody"}, "Choose one of these."),
        ({"access": ""}, "Choose one of these."),
        ({"access": "members", "most_per_member": "0"}, "Write a whole number above 0, or leave it empty."),
        ({"access": "members", "most_per_member": "-1"}, "Write a whole number above 0, or leave it empty."),
        ({"access": "members", "most_per_member": "two"}, "Write a whole number above 0, or leave it empty."),
        ({"access": "members", "most_per_member": "9" * 30}, "Write a whole number above 0, or leave it empty."),
    ],
)
def test_what_cannot_be_is_refused_with_everything_typed_kept(
    organiser: FlaskClient, typed: dict[str, str], told: str
) -> None:
    session = a_session("board")

    answer = organiser.post(PAGE, data={**typed, "revision": "0"})

    assert answer.status_code == 422
    assert told in answer.text
    assert typed.get("most_per_member", "") in answer.text
    assert (session.access, session.most_per_member) == (Access.EVERYONE, None)


def test_the_second_of_two_who_save_is_told_and_decides(organiser: FlaskClient) -> None:
    session = a_session("board")
    set_who_may_register("board", Access.MEMBERS, None)
    mine = {"access": "with_link", "most_per_member": "4", "revision": "0"}

    told = organiser.post(PAGE, data=mine)
    again = organiser.post(PAGE, data={**mine, "revision": "1"})

    assert told.status_code == 409
    assert "Somebody has changed this while you were writing." in told.text
    assert 'name="revision" type="hidden" value="1"' in told.text
    assert again.status_code == 303
    assert session.access is Access.WITH_LINK


def test_a_viewer_reads_it_and_changes_nothing(client: FlaskClient) -> None:
    session = a_session("board")
    signed_in_as(client, Role.VIEWER)

    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, data={"access": "members"}).status_code == 403
    assert client.post(f"{PAGE}/new-link").status_code == 403
    assert session.access is Access.EVERYONE


def test_no_session_no_page(organiser: FlaskClient) -> None:
    assert organiser.get(PAGE).status_code == 404
    assert organiser.post(PAGE, data={"access": "members"}).status_code == 404
    assert organiser.post(f"{PAGE}/new-link").status_code == 404


def test_the_link_to_pass_on_leads_to_the_form_until_there_is_a_new_one(organiser: FlaskClient) -> None:
    session = a_session("board", access=Access.WITH_LINK, languages=("en", "fr"))
    old = session.access_token
    page = organiser.get(PAGE).text
    assert f"/en/sessions/board/register?access={old}" in page
    assert f"/fr/sessions/board/register?access={old}" in page

    organiser.post(f"{PAGE}/new-link")

    page = organiser.get(PAGE).text
    assert old not in page
    assert session.access_token in page
    assert organiser.get(f"/en/sessions/board/register?access={old}").status_code == 404
    assert organiser.get(f"/en/sessions/board/register?access={session.access_token}").status_code == 200


def test_no_link_stands_in_the_audit_log() -> None:
    session = a_session("board", access=Access.WITH_LINK)
    old = session.access_token

    renew_link("board")

    db.session.refresh(session, ["access_token"])
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject, entry.changes) == ("made a new link for", "session board", {})
    assert old != session.access_token


def test_a_lower_limit_takes_no_seat_and_holds_for_the_next() -> None:
    session = a_session("board", most_per_member=3)
    lisbon = a_member("Lisbon")
    seated = [a_registration(session, member=lisbon) for _ in range(3)]
    waits = a_registration(session, member=lisbon, status=RegistrationStatus.WAITING)

    assert set_who_may_register("board", Access.EVERYONE, 1) == MovedOn(0, 0)
    cancel(seated[0].token)

    assert what_they_have(session) == [
        ("cancelled", None),
        ("registered", None),
        ("registered", None),
        ("waiting", None),
    ]
    assert kinds_of_mail_to(waits.person.email or "") == []


def test_a_page_says_that_a_member_has_more_than_the_limit(organiser: FlaskClient) -> None:
    session = a_session("board", most_per_member=1)
    lisbon = a_member("Lisbon")
    for _ in range(2):
        a_registration(session, member=lisbon)

    assert "One member has 2 seats, which is more than that. Nobody loses a seat" in organiser.get(PAGE).text


def test_a_higher_limit_gives_free_seats_to_those_who_waited_the_first_first(organiser: FlaskClient) -> None:
    session = a_session("board", most_per_member=1, seats=3)
    lisbon = a_member("Lisbon")
    for status in ("registered", "waiting", "waiting", "waiting"):
        a_registration(session, member=lisbon, status=RegistrationStatus(status))

    page = organiser.post(
        PAGE, data={"access": "everyone", "most_per_member": "", "revision": "0"}, follow_redirects=True
    )

    assert [status for status, _ in what_they_have(session)] == ["registered", "registered", "registered", "waiting"]
    assert "2 people who waited have a seat now, and are told by mail." in page.text
    assert [mail.kind for mail in all_mail()] == ["promotion"] * 2


def test_where_everyone_may_come_those_who_were_to_be_approved_get_seats_or_wait_and_are_told() -> None:
    session = a_session("board", access=Access.MEMBERS, seats=1)
    asked = [a_registration(session, status=RegistrationStatus.WAITING, approval=Approval.ASKED) for _ in range(2)]

    assert set_who_may_register("board", Access.EVERYONE, None) == MovedOn(1, 1)

    assert what_they_have(session) == [("registered", None), ("waiting", None)]
    assert [kinds_of_mail_to(place.person.email or "") for place in asked] == [["promotion"], ["waiting list"]]


def test_who_has_a_place_keeps_it_when_only_members_may_come() -> None:
    session = a_session("board")
    a_registration(session)

    set_who_may_register("board", Access.MEMBERS, None)

    assert what_they_have(session) == [("registered", None)]
    assert all_mail() == []


def test_the_overview_says_who_may_register_and_leads_there(organiser: FlaskClient) -> None:
    a_session("board", access=Access.MEMBERS, most_per_member=4)

    page = organiser.get("/staff/sessions/board/").text

    assert f'<a href="{PAGE}">Members of the network</a>' in page
