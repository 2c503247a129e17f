"""The organisers' page of reminders: which go when, what became of them, changing them, and the very mail."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import a_registration, a_session, a_webinar
from tests.mailbox import all_mail
from tests.registration.test_services import a_registrant
from tests.signing_in import signed_in_as
from tests.updates.test_moving import everything_has_left, moved
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.services.copying import copy_session
from webinar.foundation.db import db
from webinar.registration.services import register
from webinar.reminders.services.choose import ReminderRefused, choose_reminders
from webinar.reminders.services.write_due import write_due

pytestmark = pytest.mark.usefixtures("app")
PAGE = "/staff/sessions/heat/reminders"
START = datetime(2030, 5, 14, 14, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START - timedelta(days=3), tick=False) as traveller:
        yield traveller


@pytest.fixture
def organiser(client: FlaskClient) -> FlaskClient:
    signed_in_as(client, Role.ORGANISER)
    return client


def heat(**more: Any) -> WebinarSession:
    """Store a session at 16:00 in Madrid, in two languages."""
    webinar = a_webinar(titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    values = {"starts": "2030-05-14T16:00", "zone": "Europe/Madrid", "languages": ("en", "fr")}
    return a_session("heat", webinar=webinar, **{**values, **more})


def rows(*reminders: tuple[str, str], **more: str) -> dict[str, str]:
    """Return what the form sends: an amount and a unit each."""
    data = {"revision": "0", **more}
    for number, (amount, unit) in enumerate(reminders):
        data |= {f"reminder_{number}_amount": amount, f"reminder_{number}_unit": unit}
    return data


def chosen() -> str | None:
    db.session.expire_all()
    return db.session.scalars(select(WebinarSession.reminders).where(WebinarSession.key == "heat")).one()


def said(page: str) -> str:
    """Return the words of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_it_says_which_go_when_by_the_clocks_where_it_is_held(organiser: FlaskClient) -> None:
    heat()

    page = said(organiser.get(PAGE).text)

    assert "1 day before 13 May 2030, 16:00 to come" in page
    assert "1 hour before 14 May 2030, 15:00 to come" in page
    assert "Use the usual reminders" not in page


def test_it_says_how_many_have_gone_and_what_came_too_late(
    organiser: FlaskClient, frozen: time_machine.Traveller
) -> None:
    session = heat()
    for number in range(3):
        a_registration(session, email=f"person{number}@example.org")
    frozen.move_to(START - timedelta(hours=1))
    write_due()
    everything_has_left()
    signed_in_as(organiser, Role.ORGANISER)

    page = organiser.get(PAGE).text

    assert "1 day before 13 May 2030, 16:00 not sent: its moment had passed" in said(page)
    assert "1 hour before 14 May 2030, 15:00 3 sent" in said(page)
    assert "topic=session+heat&amp;kind=session+reminder&amp;state=sent" in page


def test_what_went_before_a_move_is_told_apart(organiser: FlaskClient, frozen: time_machine.Traveller) -> None:
    session = heat()
    a_registration(session)
    frozen.move_to(START - timedelta(days=1))
    write_due()
    everything_has_left()
    moved(session, "2030-05-21T16:00")
    signed_in_as(organiser, Role.ORGANISER)

    page = said(organiser.get(PAGE).text)

    assert "1 day before 20 May 2030, 16:00 to come" in page
    before = page[page.index("Sent before the session was moved") :]
    assert "1 day before 13 May 2030, 16:00 14 May 2030, 16:00 1 sent" in before


def test_they_are_changed_and_that_is_written_down_and_taken_back(organiser: FlaskClient) -> None:
    heat()

    answer = organiser.post(PAGE, data=rows(("2", "days"), ("", "hours"), ("90", "minutes")))
    assert (answer.status_code, chosen()) == (303, "2880,90")
    page = said(organiser.get(PAGE).text)
    assert "2 days before 12 May 2030, 16:00 to come" in page
    assert "90 minutes before 14 May 2030, 14:30 to come" in page
    assert "The usual reminders: 1 day before and 1 hour before." in page
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "session heat")).one()
    assert entry.changes == {"reminders": ["1440, 60", "2880, 90"]}

    assert organiser.post(f"{PAGE}/as-usual").status_code == 303
    assert chosen() is None


def test_none_is_chosen_by_leaving_all_empty(organiser: FlaskClient) -> None:
    heat()

    assert organiser.post(PAGE, data=rows(("", "days"), ("", "hours"))).status_code == 303

    assert chosen() == "none"
    assert "Nobody is reminded of this session." in said(organiser.get(PAGE).text)


def test_what_is_as_usual_is_not_stored_with_the_session(app: Flask, organiser: FlaskClient) -> None:
    heat()
    organiser.post(PAGE, data=rows(("1", "hours"), ("24", "hours")))
    assert chosen() is None

    app.config["REMINDERS"] = (30,)
    assert "30 minutes before" in said(organiser.get(PAGE).text)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ([("0", "hours")], "Write a whole number above 0, or leave it empty."),
        ([("-1", "hours")], "Write a whole number above 0, or leave it empty."),
        ([("soon", "hours")], "Write a whole number above 0, or leave it empty."),
        ([("1.5", "hours")], "Write a whole number above 0, or leave it empty."),
        ([("9" * 30, "days")], "Write a"),
        ([("99999", "days")], "Write a smaller number."),
        ([("15", "days")], "A reminder goes at least 5 minutes and at most 14 days before the start."),
        ([("4", "minutes")], "A reminder goes at least 5 minutes and at most 14 days before the start."),
        ([("1", "hours"), ("60", "minutes")], "There is such a reminder already."),
        ([("7", "days")], "That would have been on 7 May 2030, 16:00, which is past."),
        ([("1", "fortnights")], "Not a valid choice"),
        ([(str(number), "hours") for number in range(1, 11)], "A session can have at most 5 reminders."),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason_and_stays_in_the_form(
    organiser: FlaskClient, sent: list[tuple[str, str]], says: str
) -> None:
    heat()

    answer = organiser.post(PAGE, data=rows(*sent))

    assert answer.status_code == 422
    assert says in html.unescape(answer.text)
    assert all(f'value="{amount}"' in answer.text for amount, _unit in sent)
    assert chosen() is None


def test_numbers_are_taken_in_the_digits_of_any_script(organiser: FlaskClient) -> None:
    heat()

    assert organiser.post(PAGE, data=rows(("٢", "hours"))).status_code == 303

    assert chosen() == "120"


def test_what_has_gone_may_stay_though_its_moment_is_past(
    organiser: FlaskClient, frozen: time_machine.Traveller
) -> None:
    heat()
    frozen.move_to(START - timedelta(hours=5))
    signed_in_as(organiser, Role.ORGANISER)

    assert organiser.post(PAGE, data=rows(("1", "days"), ("2", "hours"))).status_code == 303

    assert chosen() == "1440,120"


def test_two_who_change_them_at_once_are_told_of_each_other(organiser: FlaskClient) -> None:
    heat()
    choose_reminders("heat", [30])

    answer = organiser.post(PAGE, data=rows(("2", "hours")))

    assert answer.status_code == 409
    assert "30 minutes" in said(answer.text)
    assert 'value="2"' in answer.text
    assert chosen() == "30"


@pytest.mark.parametrize("more", [{"status": SessionStatus.CANCELLED}, {"starts": "2030-05-01T16:00"}])
def test_of_a_session_that_is_over_or_cancelled_nothing_is_changed(
    organiser: FlaskClient, more: dict[str, Any]
) -> None:
    heat(**more)

    assert "Change the reminders" not in organiser.get(PAGE).text
    refused = organiser.post(PAGE, data=rows(("2", "hours")))
    assert refused.status_code == 409
    assert "make a copy of it." in refused.text
    assert organiser.post(f"{PAGE}/as-usual").status_code == 409
    assert chosen() is None


def test_a_viewer_sees_when_but_changes_nothing_and_sees_no_mail(client: FlaskClient) -> None:
    heat()
    signed_in_as(client, Role.VIEWER)

    page = client.get(PAGE)

    assert "1 day before" in said(page.text)
    assert "Change the reminders" not in page.text
    assert "See the mail" not in page.text
    assert client.get(f"{PAGE}/mail").status_code == 403
    assert client.post(PAGE, data=rows(("2", "hours"))).status_code == 403


class TestTheMail:
    """The very mail, of somebody who has a place, in each of their languages."""

    def test_it_is_shown_as_it_would_leave_and_nothing_is_stored(self, organiser: FlaskClient) -> None:
        session = heat()
        register(session.key, a_registrant())
        register(session.key, a_registrant("lea@example.org", version="fr", language="fr"))
        before = [(mail.id, mail.state) for mail in all_mail()]

        page = organiser.get(f"{PAGE}/mail?language=fr&before=60")

        assert "La chaleur en ville" in page.text
        assert "lea@example.org" in page.text
        [address] = re.findall(r'<iframe sandbox src="([^"]+)"', page.text)
        shown = organiser.get(html.unescape(address))
        assert shown.status_code == 200
        assert "/join/" in shown.text
        assert "sandbox" in shown.headers["Content-Security-Policy"]
        db.session.rollback()
        assert [(mail.id, mail.state) for mail in all_mail()] == before

    def test_where_nobody_has_a_place_it_says_so(self, organiser: FlaskClient) -> None:
        heat()

        assert "Nobody has a place yet." in organiser.get(f"{PAGE}/mail").text
        assert organiser.get(f"{PAGE}/mail/en").status_code == 404

    @pytest.mark.parametrize("what", ["?before=61", "?before=x", "/fr", "/xx?before=60"])
    def test_what_there_is_not_is_not_found(self, organiser: FlaskClient, what: str) -> None:
        register(heat().key, a_registrant())

        assert organiser.get(f"{PAGE}/mail{what}").status_code == 404


def test_a_copy_of_a_session_has_its_reminders() -> None:
    heat()
    choose_reminders("heat", [120])

    copy_session("heat", "again", datetime(2030, 6, 14, tzinfo=UTC).date())

    assert db.session.scalars(select(WebinarSession.reminders)).all() == ["120", "120"]


def test_a_command_may_say_as_much_as_the_page() -> None:
    heat()
    with pytest.raises(ReminderRefused):
        choose_reminders("heat", [1, 2])


def test_the_pages_ask_nine_queries_however_many_there_are(
    organiser: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    session = heat()
    for number in range(30):
        a_registration(session, email=f"person{number}@example.org", language=("en", "fr")[number % 2])
    asked = {}
    for path in ("", "/mail", "/mail/fr"):
        with count_queries() as queries:
            assert organiser.get(PAGE + path).status_code == 200
        asked[path] = queries.count
    assert asked == {"": 7, "/mail": 9, "/mail/fr": 7}
