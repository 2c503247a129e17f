"""What a reminder says, in every language, and what somebody does about reminders on the page of their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from config import INTERFACE_LANGUAGES
from tests.factories import a_contact, a_registration, a_session, a_way, a_webinar
from tests.mailbox import the_only_mail_to, words_of
from webinar.catalogue.models import Platform, SessionStatus, WayKind, WebinarSession
from webinar.registration.models import Registration, RegistrationStatus
from webinar.reminders.services.write_due import write_due

pytestmark = pytest.mark.usefixtures("app")
START = datetime(2030, 5, 14, 14, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANA = "ana@lisbon.example"


@pytest.fixture(autouse=True)
def clocks() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START - timedelta(days=3), tick=False) as traveller:
        yield traveller


def a_place(session: WebinarSession | None = None, **more: Any) -> Registration:
    """Store somebody's place in a session at 16:00 in Madrid, seen from Seoul."""
    session = session or a_session(starts="2030-05-14T16:00", zone="Europe/Madrid")
    return a_registration(session, email=ANA, timezone="Asia/Seoul", **more)


def reminded(clocks: time_machine.Traveller, before: timedelta = HOUR) -> tuple[str, str, str]:
    """Return the reminder that Ana is sent so long before: subject, text, HTML."""
    clocks.move_to(START - before)
    while write_due():
        pass
    mail = the_only_mail_to(ANA)
    return str(mail["Subject"]), words_of(mail), words_of(mail, "html")


def test_it_says_when_by_their_clocks_and_leads_in_first(clocks: time_machine.Traveller) -> None:
    place = a_place()

    subject, text, html = reminded(clocks)

    assert subject == "Reminder: Heat in cities, 14 May, 23:00"
    assert "23:00–00:15 for you in Seoul" in text
    assert "16:00 in Madrid" in text
    addresses = re.findall(r"http://\S+", text)
    assert addresses[0].endswith(f"/join/{place.join_token}")
    assert re.findall(r'href="([^"]+)"', html)[0].endswith(f"/join/{place.join_token}")
    assert any(address.endswith(f"/en/registrations/{place.token}#give-up") for address in addresses)


def test_the_last_one_offers_to_stop_nothing(clocks: time_machine.Traveller) -> None:
    a_place()

    assert "Stop the reminders of this session" not in reminded(clocks, HOUR)[1]


def test_one_before_the_last_offers_to_stop_them(clocks: time_machine.Traveller) -> None:
    place = a_place()

    _subject, text, html = reminded(clocks, DAY)

    assert f"/en/registrations/{place.token}#reminders" in text
    assert f"/en/registrations/{place.token}#reminders" in html


def test_it_has_the_notes_the_notice_and_the_ways_in_from_their_country(clocks: time_machine.Traveller) -> None:
    session = a_session(
        starts="2030-05-14T16:00",
        zone="Europe/Madrid",
        notes={"en": "Choose channel 2."},
        notice={"en": "We start ten minutes late.", "fr": "Dix minutes."},
        ways=[a_way(), a_way(WayKind.TELEPHONE, "+98 21 1234 5678", code="4711", countries="IR")],
    )
    a_place(session)

    _subject, text, html = reminded(clocks)

    for said in ("Choose channel 2.", "We start ten minutes late.", "https://stream.example/live"):
        assert said in text
        assert said in html
    assert "4711" not in text
    assert "Dix minutes" not in text


def test_to_a_room_leads_no_link(clocks: time_machine.Traveller) -> None:
    a_place(a_session(starts="2030-05-14T16:00", zone="Europe/Madrid", platform=Platform.ROOM))

    assert "/join/" not in reminded(clocks)[1]


@pytest.mark.parametrize("before", [DAY, HOUR], ids=["a day", "an hour"])
@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_it_can_be_written_in_every_language(clocks: time_machine.Traveller, language: str, before: timedelta) -> None:
    webinar = a_webinar(titles=dict.fromkeys(INTERFACE_LANGUAGES, "حرارة & <b>Heat</b>"))
    session = a_session(
        webinar=webinar,
        starts="2030-05-14T16:00",
        zone="Europe/Madrid",
        languages=("en", "ar"),
        notes={"en": "<script>"},
        notice={"en": "Late & <b>bold</b>"},
        ways=[a_way()],
    )
    a_place(session, language=language)

    subject, text, html = reminded(clocks, before)

    assert "<b>" not in html.replace("<bdi>", "")
    assert "<script>" not in html
    assert "%(" not in subject + text + html
    assert f'lang="{language}"' in html


class TestThePage:
    """What stands on the page of a place, and its one button."""

    def page(self, client: FlaskClient, place: Registration) -> str:
        return " ".join(client.get(f"/en/registrations/{place.token}").text.split())

    def test_it_says_when_and_stops_them_and_has_them_again(self, client: FlaskClient) -> None:
        place = a_place()
        address = f"/en/registrations/{place.token}/reminders"
        page = self.page(client, place)
        assert "<li>Monday, 13 May 2030, 23:00</li><li>Tuesday, 14 May 2030, 22:00</li>" in page

        assert client.post(address, data={"wanted": "no"}).status_code == 303
        page = self.page(client, place)
        assert "We send you no more reminders of this session." in page
        assert "We send you no reminders of this session." in page

        assert client.post(address, data={"wanted": "yes"}).status_code == 303
        assert "Stop the reminders of this session" in self.page(client, place)

    def test_to_look_at_it_changes_nothing(self, client: FlaskClient) -> None:
        place = a_place()

        assert client.get(f"/en/registrations/{place.token}/reminders").status_code == 405

    @pytest.mark.parametrize("why", ["waits", "cancelled", "wants none", "no reminders", "all are past", "given up"])
    def test_it_says_nothing_where_there_is_nothing_to_choose(
        self, app: Flask, client: FlaskClient, clocks: time_machine.Traveller, why: str
    ) -> None:
        status = {"waits": RegistrationStatus.WAITING, "given up": RegistrationStatus.CANCELLED}
        session = a_session(
            starts="2030-05-14T16:00",
            zone="Europe/Madrid",
            status=SessionStatus.CANCELLED if why == "cancelled" else SessionStatus.PUBLISHED,
        )
        place = a_place(session, status=status.get(why, RegistrationStatus.REGISTERED))
        if why == "wants none":
            a_contact(person=place.person, wants_reminders=False)
        if why == "no reminders":
            app.config["REMINDERS"] = ()
        if why == "all are past":
            clocks.move_to(START - HOUR)

        assert 'id="reminders"' not in self.page(client, place)

    def test_a_link_that_nobody_has_and_a_place_that_is_gone_are_told_so(self, client: FlaskClient) -> None:
        place = a_place(status=RegistrationStatus.CANCELLED)

        assert client.post("/en/registrations/nobody/reminders").status_code == 404
        assert client.post(f"/en/registrations/{place.token}/reminders", data={"wanted": "no"}).status_code == 409
