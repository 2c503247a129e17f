"""The page of who gets a mailing: numbers, people, what is missing, when it goes, and confirming it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import Counted
from tests.factories import a_contact, a_mailing, a_member, a_person, a_registration, a_session, a_suppression
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.foundation.db import db
from webinar.invitations.models import Mailing, MailingKind, MailingRecipient, MailingState
from webinar.invitations.queries import counted, find_mailing, fingerprint_of
from webinar.invitations.services.confirm import confirm
from webinar.invitations.staff import who

NOW = datetime(2030, 5, 1, 7, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def organiser(client: FlaskClient) -> FlaskClient:
    signed_in_as(client, Role.ORGANISER)
    return client


def said(page: str) -> str:
    """Return what a page says, without its tags, each stretch of white space as one space."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def again(mailing: Mailing) -> Mailing:
    db.session.rollback()
    found = find_mailing(mailing.id)
    assert found is not None
    db.session.refresh(found)
    return found


def people_on_list() -> int:
    return db.session.scalar(select(func.count()).select_from(MailingRecipient)) or 0


def shown_of(mailing: Mailing) -> str:
    """Return what the page of a mailing shows now, as its button sends it."""
    db.session.rollback()
    db.session.expire_all()
    found = find_mailing(mailing.id)
    assert found is not None
    return fingerprint_of(counted(found))


def press(client: FlaskClient, mailing: Mailing, shown: str | None = None, revision: object = 0, **more: str) -> Any:
    """Press the button of the page as it is now, or as it was when it showed another list."""
    data = {"list": shown_of(mailing) if shown is None else shown, "revision": revision, **more}
    return client.post(f"/staff/mailings/{mailing.id}/confirm", data=data)


def test_it_says_how_many_get_it_in_which_language_and_how_many_are_left_out_and_why(organiser: FlaskClient) -> None:
    session = a_session()
    a_contact("ana@lisbon.example")
    a_contact("bo@lisbon.example")
    a_contact("lea@paris.example", language="fr")
    a_registration(session, person=a_contact("here@lisbon.example").person)
    a_suppression(a_contact("stopped@lisbon.example").person)
    mailing = a_mailing(session, texts={"en": ("Come", "Come"), "fr": ("Venez", "Venez")})

    page = said(organiser.get(f"/staff/mailings/{mailing.id}/who").text)

    assert "3 people get this" in page
    assert "English 2 French 1" in page
    assert "Registered already 1" in page
    assert "Do not write 1" in page
    assert "Send to 3 people" in page


def test_each_number_opens_the_people_behind_it(organiser: FlaskClient) -> None:
    session = a_session()
    a_contact("ana@lisbon.example", given_name="Ana", family_name="Torres", member=a_member("Lisbon"))
    a_suppression(a_contact("stopped@paris.example").person)
    address = f"/staff/mailings/{a_mailing(session).id}/who"

    get_it = said(organiser.get(f"{address}?why=gets&language=en").text)
    stopped = said(organiser.get(f"{address}?why=unsubscribed").text)

    assert "Ana Torres ana@lisbon.example Lisbon English" in get_it
    assert "stopped@paris.example" not in get_it
    assert "stopped@paris.example" in stopped
    assert "ana@lisbon.example" not in stopped


def test_a_long_list_has_pages_and_one_beyond_the_last_is_the_last(organiser: FlaskClient) -> None:
    for number in range(51):
        a_contact(f"a{number:02}@lisbon.example")
    address = f"/staff/mailings/{a_mailing(a_session()).id}/who?why=gets"

    first, last = organiser.get(address).text, organiser.get(f"{address}&page=99").text

    assert ("a00@" in first, "a50@" in first) == (True, False)
    assert ("a00@" in last, "a50@" in last) == (False, True)


@pytest.mark.parametrize(
    "wild", ["why=nobody", "why=gets&page=-3", "why=gets&language=xx", "page=x", "why=double&page=7"]
)
def test_what_stands_in_the_address_breaks_nothing(organiser: FlaskClient, wild: str) -> None:
    a_contact()
    mailing = a_mailing(a_session())

    assert organiser.get(f"/staff/mailings/{mailing.id}/who?{wild}").status_code == 200


def test_everything_that_is_missing_is_named_and_leads_to_where_it_is_mended(organiser: FlaskClient) -> None:
    a_contact(language="pt")
    mailing = a_mailing(texts={"en": ("Come", "")}, local_day=date(2030, 4, 1))

    page = organiser.get(f"/staff/mailings/{mailing.id}/who").text
    answer = press(organiser, mailing)

    assert f'<a href="/staff/mailings/{mailing.id}/text">Texts</a><span>Subject or text is missing in English.' in page
    assert "Choose the sessions that it is about." in page
    assert '<a href="#when">When it goes</a>' in page
    assert f'<a href="/staff/mailings/{mailing.id}/audience">Audience</a>' in page
    assert "Send to" not in page
    assert answer.status_code == 422
    assert again(mailing).is_draft


def test_confirming_fixes_the_list_and_leads_to_how_far_it_is_and_the_page_shows_the_same_list(
    organiser: FlaskClient,
) -> None:
    session = a_session()
    a_contact("ana@lisbon.example")
    a_suppression(a_contact("stopped@lisbon.example").person)
    mailing = a_mailing(session)

    answer = press(organiser, mailing)
    a_contact("late@lisbon.example")
    page = said(organiser.get(f"/staff/mailings/{mailing.id}/who?why=gets").text)

    assert (answer.status_code, answer.location) == (303, f"/staff/mailings/{mailing.id}/results")
    assert again(mailing).state is MailingState.CONFIRMED
    assert "One person gets this" in page
    assert "Do not write 1" in page
    assert "late@lisbon.example" not in page
    assert "Send to" not in page


def test_pressed_twice_it_leads_to_how_far_it_is_and_there_is_one_list(organiser: FlaskClient) -> None:
    a_contact()
    mailing = a_mailing(a_session())

    shown = shown_of(mailing)
    answers = [press(organiser, mailing, shown) for _ in range(2)]

    assert {answer.location for answer in answers} == {f"/staff/mailings/{mailing.id}/results"}
    assert people_on_list() == 1


def test_with_another_list_than_was_shown_nothing_happens_and_the_new_number_is_said(organiser: FlaskClient) -> None:
    a_contact("ana@lisbon.example")
    mailing = a_mailing(a_session())
    shown = shown_of(mailing)
    a_contact("bo@lisbon.example")

    answer = press(organiser, mailing, shown)

    assert answer.status_code == 409
    assert "2 people would get it now" in said(answer.text)
    assert "Send to 2 people" in said(answer.text)
    assert people_on_list() == 0


@pytest.mark.parametrize("shown", ["", "1", "1-", "9" * 30])
def test_what_names_no_list_confirms_nothing(organiser: FlaskClient, shown: str) -> None:
    a_contact()
    mailing = a_mailing(a_session())

    assert press(organiser, mailing, shown).status_code == 409
    assert people_on_list() == 0


def test_what_a_colleague_changed_meanwhile_is_shown_first(organiser: FlaskClient) -> None:
    a_contact()
    mailing = a_mailing(a_session())
    data = {"when": "at", "at": "2030-05-02T09:00", "zone": "Asia/Seoul", "revision": "0"}
    organiser.post(f"/staff/mailings/{mailing.id}/when", data=data)

    answer = press(organiser, mailing, revision=0)

    assert answer.status_code == 409
    assert "Somebody has changed this" in answer.text
    assert again(mailing).is_draft


def test_to_many_it_asks_once_more_and_says_what_is_known_of_the_senders_domain(
    organiser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(who, "MANY", 1)
    a_contact("ana@lisbon.example")
    a_contact("bo@lisbon.example")
    mailing = a_mailing(a_session())

    asked = press(organiser, mailing)

    assert asked.status_code == 200
    assert again(mailing).is_draft
    assert "Mails come from an example address" in said(asked.text)
    assert press(organiser, mailing, step="sure").status_code == 303
    assert again(mailing).state is MailingState.CONFIRMED


def test_it_goes_at_a_moment_by_the_clocks_of_ones_choice(organiser: FlaskClient) -> None:
    a_contact()
    mailing = a_mailing(a_session())
    data = {"when": "at", "at": "2030-05-02T09:00", "zone": "Asia/Seoul", "revision": "0", "day": "2030-05-09"}

    answer = organiser.post(f"/staff/mailings/{mailing.id}/when", data=data)
    page = said(organiser.get(f"/staff/mailings/{mailing.id}/who").text)
    press(organiser, mailing, revision=1)

    assert answer.status_code == 303
    assert "On Thursday, 2 May 2030 at 09:00, Seoul time 2030-05-02 00:00 UTC" in page
    stored = again(mailing)
    assert (stored.starts_at, stored.starts_zone, stored.local_day) == (
        datetime(2030, 5, 2, 0, 0, tzinfo=UTC), "Asia/Seoul", None,
    )  # fmt: skip
    assert db.session.scalar(select(MailingRecipient.not_before)) == stored.starts_at
    edits = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == f"mailing {mailing.id}")).all()
    assert edits[0].changes == {"starts_at": ["", "2030-05-02T00:00Z (Asia/Seoul)"]}


def test_or_at_nine_where_each_one_lives_with_the_first_and_the_last_of_them(organiser: FlaskClient) -> None:
    a_contact("ana@lisbon.example", member=a_member("Lisbon", timezone="Europe/Lisbon"))
    a_contact("lani@honolulu.example", member=a_member("Honolulu", timezone="Pacific/Honolulu"))
    a_contact("so@seoul.example", member=a_member("Seoul", timezone="Asia/Seoul"))
    mailing = a_mailing(a_session())
    data = {"when": "day", "day": "2030-05-01", "at": "nonsense", "revision": "0"}

    organiser.post(f"/staff/mailings/{mailing.id}/when", data=data)
    page = said(organiser.get(f"/staff/mailings/{mailing.id}/who").text)

    assert "On Wednesday, 1 May 2030 at nine in the morning in each person’s own city" in page
    assert "The first get it in Lisbon ( 2030-05-01 08:00 UTC ), the last in Honolulu ( 2030-05-01 19:00 UTC )." in page
    assert "For one person it is past nine there already: they get it at once." in page


def test_of_one_city_there_is_no_first_and_no_last(organiser: FlaskClient) -> None:
    a_contact("ana@lisbon.example", member=a_member("Lisbon", timezone="Europe/Lisbon"))
    mailing = a_mailing(a_session())

    organiser.post(f"/staff/mailings/{mailing.id}/when", data={"when": "day", "day": "2030-05-02", "revision": "0"})
    page = said(organiser.get(f"/staff/mailings/{mailing.id}/who").text)

    assert "2030-05-02 08:00 UTC" in page
    assert "The first get it in" not in page


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"when": "at"}, "Write the day and the hour at which it goes."),
        ({"when": "at", "at": "tomorrow", "zone": "Asia/Seoul"}, "Write a day and an hour, as in 2027-04-03T16:30."),
        ({"when": "at", "at": "2030-05-01T06:00", "zone": "UTC"}, "This moment is past."),
        ({"when": "at", "at": "2031-03-30T01:30", "zone": "Europe/Lisbon"}, "The clocks"),
        ({"when": "at", "at": "2030-05-02T08:00", "zone": "Mars/Base"}, "Choose a city of the list."),
        ({"when": "day"}, "Write the day on which it goes."),
        ({"when": "day", "day": "2030-04-30"}, "This day is past."),
        ({"when": "day", "day": "9999-12-31"}, "This year is too far off."),
        ({"when": "never"}, "Choose when it goes."),
    ],
)
def test_a_time_that_cannot_be_is_refused_at_its_field(
    organiser: FlaskClient, data: dict[str, str], message: str
) -> None:
    a_contact()
    mailing = a_mailing(a_session())

    answer = organiser.post(f"/staff/mailings/{mailing.id}/when", data={"revision": "0", **data})

    assert answer.status_code == 422
    assert message in said(answer.text)
    stored = again(mailing)
    assert (stored.starts_at, stored.local_day, stored.revision) == (None, None, 0)


def test_when_a_confirmed_mailing_goes_cannot_be_changed_any_more(organiser: FlaskClient) -> None:
    a_contact()
    mailing = a_mailing(a_session())
    confirm(mailing.id, shown_of(mailing), 0)

    answer = organiser.post(f"/staff/mailings/{mailing.id}/when", data={"when": "now", "revision": "1"})

    assert (answer.status_code, answer.location) == (303, f"/staff/mailings/{mailing.id}/results")


def test_who_only_looks_sees_the_list_and_no_button(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    a_contact()
    mailing = a_mailing(a_session())

    page = client.get(f"/staff/mailings/{mailing.id}/who")

    assert "One person gets this" in said(page.text)
    assert "Send to" not in page.text
    assert press(client, mailing).status_code == 403


def test_while_mailings_are_on_trial_only_the_staff_get_any_and_the_page_says_so(
    app: Flask, client: FlaskClient
) -> None:
    account = signed_in_as(client, Role.ORGANISER)
    a_contact("ana@lisbon.example")
    a_contact(account.email)
    app.config["MAILINGS_ON_TRIAL"] = True
    mailing = a_mailing(a_session())

    page = said(client.get(f"/staff/mailings/{mailing.id}/who").text)

    assert "Mailings are on trial" in page
    assert "One person gets this" in page
    assert "Not of the staff: mailings are on trial 1" in page


def test_the_page_asks_the_database_the_same_few_questions_however_many_there_are(
    organiser: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    for number in range(60):
        a_contact(f"a{number:02}@lisbon.example", member=a_member(f"City {number}"))
    mailing = a_mailing(a_session(), local_day=date(2050, 5, 1))
    db.session.expunge_all()

    with count_queries() as counted:
        organiser.get(f"/staff/mailings/{mailing.id}/who?why=gets")

    assert counted.count <= 12


def test_it_says_of_how_many_a_personal_detail_is_not_known_and_what_they_read_instead(organiser: FlaskClient) -> None:
    a_contact("ana@lisbon.example", role="Mayor")
    a_contact("bo@lisbon.example", given_name="")
    a_contact("lea@paris.example", given_name="", language="fr", role="Maire")
    a_suppression(a_contact("stopped@lisbon.example", given_name="").person)
    texts = {
        "en": ("Come, {given name}", "Dear {given name|colleague}, you as {role|an expert}: come."),
        "fr": ("Venez", "{given name|collègue}, {member}, {full name}: venez."),
    }
    mailing = a_mailing(a_session(), texts=texts)

    page = said(organiser.get(f"/staff/mailings/{mailing.id}/who").text)
    preview = said(organiser.get(f"/staff/mailings/{mailing.id}/preview?language=fr").text)

    told = {line for line in ("Given name English 1 Nothing", "Role English 1 an expert") if line in page}
    in_french = ("Given name French 1 collègue", "Member French 1 Nothing")
    assert told == {"Given name English 1 Nothing", "Role English 1 an expert"}
    assert [line in page for line in in_french] == [True, True]
    assert "Whole name French" not in page
    assert [line in preview for line in in_french] == [True, True]
    assert "English 1 Nothing" not in preview


def test_after_a_session_a_detail_is_known_from_the_registration_of_who_is_no_contact(organiser: FlaskClient) -> None:
    session = a_session()
    a_registration(session, person=a_person("ana@lisbon.example"), role="Mayor")
    a_registration(session, person=a_person("bo@lisbon.example"), role="")
    known = a_contact("cy@lisbon.example", role="Clerk").person
    a_registration(session, person=known, role="")
    mailing = a_mailing(session, kind=MailingKind.INFORMATION, texts={"en": ("News", "You as {role}.")})

    page = said(organiser.get(f"/staff/mailings/{mailing.id}/who").text)

    assert "Role English 1 Nothing" in page


@pytest.mark.parametrize(
    ("sessions", "with_entry", "told"),
    [
        (1, True, "One of them gets an entry for their calendar."),
        (2, True, "Nobody gets an entry for their calendar: none of the sessions is the only one"),
        (1, False, "Nobody gets an entry for their calendar, as this mailing was set up."),
    ],
)
def test_it_says_how_many_get_an_entry_for_their_calendar(
    organiser: FlaskClient, sessions: int, with_entry: bool, told: str
) -> None:
    a_contact()
    mailing = a_mailing(*(a_session(f"s{n}") for n in range(sessions)), with_entry=with_entry)

    assert told in said(organiser.get(f"/staff/mailings/{mailing.id}/who").text)
