"""Where the staff begin: the coming sessions with a bar of their members, and what needs a hand."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import inspect, select

from tests.conftest import Counted
from tests.factories import (
    a_material,
    a_member,
    a_question,
    a_registration,
    a_session,
    a_session_by_former_clocks,
    a_webinar,
    an_agenda_item,
    an_outbox_mail,
)
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import (
    LanguageVersionText,
    MaterialText,
    Platform,
    QuestionChoiceText,
    QuestionText,
    SessionStatus,
    WebinarSession,
)
from webinar.catalogue.services.parts import words_of
from webinar.catalogue.services.publish import CannotPublish, publish
from webinar.catalogue.translations import TEXTS_OF, Owner
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.models import MailState
from webinar.registration.attention import Outdated, outdated_translations
from webinar.registration.models import Approval, RegistrationStatus


def to_do_of(page: str) -> list[tuple[str, str, str]]:
    """Return what needs a hand: what it is, the action, and where that leads."""
    found = []
    for row in re.findall(r"<li><p><strong>(.*?)</li>", page, re.DOTALL):
        what = html.unescape(row.partition("</strong>")[0])
        action = re.search(r'(?:href|action)="([^"]*)"(?:.*<button[^>]*)?>([^<]*)</(?:a|button)>', row, re.DOTALL)
        found.append((what, action[2] if action else "", html.unescape(action[1]) if action else ""))
    return found


def test_the_home_shows_what_comes_with_how_many_of_the_members(client: FlaskClient) -> None:
    session = a_session("heat-en", webinar=a_webinar(title="Heat in cities"), seats=4)
    a_registration(session, member=a_member("Lisbon"))
    a_registration(session, member=a_member("Tehran"))
    a_registration(session, status=RegistrationStatus.WAITING)
    gone = a_member("Old Lisbon")
    gone.merged_into_id = a_member("Porto").id
    db.session.commit()
    a_session("past", webinar=a_webinar(title="Long ago"), starts="2020-05-14T13:00")
    a_session("draft", webinar=a_webinar(title="Not public yet"), status=SessionStatus.DRAFT)
    signed_in_as(client, Role.VIEWER)

    page = " ".join(client.get("/staff/").text.split())

    assert "<strong>2</strong> of 3 members</a> <small>2 of 4 seats</small>" in page
    assert "1 waits" in page
    assert "Not public yet" in page
    assert "Long ago" not in page


def test_a_network_without_members_sees_people(client: FlaskClient) -> None:
    a_registration(a_session("heat-en"))
    signed_in_as(client, Role.VIEWER)

    assert "<strong>1</strong> person registered" in client.get("/staff/").text


def test_nothing_to_do_is_said_kindly(client: FlaskClient) -> None:
    a_session("heat-en")
    signed_in_as(client, Role.ORGANISER)

    page = client.get("/staff/").text

    assert "Nothing needs a hand just now." in page
    assert to_do_of(page) == []


def test_refused_mails_and_missing_join_addresses_lead_to_where_they_are_settled(client: FlaskClient) -> None:
    an_outbox_mail(state=MailState.REFUSED)
    an_outbox_mail(state=MailState.GIVEN_UP)
    an_outbox_mail(state=MailState.REFUSED, message=None)
    a_session("no-link", join_url="")
    a_session("hall", join_url="", platform=Platform.ROOM)
    a_session("draft", join_url="", status=SessionStatus.DRAFT)
    a_session("over", join_url="", starts="2020-05-14T13:00")
    signed_in_as(client, Role.ORGANISER)

    assert to_do_of(client.get("/staff/").text) == [
        ("Tuesday 14 May has no join address", "Add the join address", "/staff/sessions/no-link/content#join_url"),
        ("1 mail was refused", "Look why, and try again", "/staff/mail?state=refused"),
        ("1 mail was given up", "Look why, and try again", "/staff/mail?state=given_up"),
    ]


def test_sessions_whose_clocks_have_changed_lead_to_where_they_are_corrected(client: FlaskClient) -> None:
    webinar = a_webinar(title="Heat in cities")
    rabat: dict[str, Any] = {"zone": "Africa/Casablanca", "offset": 1, "webinar": webinar}
    a_session_by_former_clocks("heat", starts="2030-05-14T13:00", **rabat)
    a_session_by_former_clocks("draft", starts="2030-05-15T13:00", status=SessionStatus.DRAFT, **rabat)
    a_session_by_former_clocks("gap", starts="2031-03-30T02:30", zone="Europe/Madrid", offset=1, webinar=webinar)
    a_session_by_former_clocks("lost", starts="2031-04-30T13:00", zone="Europe/Atlantis", offset=1, webinar=webinar)
    a_session_by_former_clocks("over", starts="2020-05-14T13:00", **rabat)
    signed_in_as(client, Role.ORGANISER)

    page = client.get("/staff/").text

    assert to_do_of(page) == [
        (
            "Tuesday 14 May: since the clocks of Casablanca have changed, pages and calendars show 12:00–13:15 "
            "instead of 13:00–14:15",
            "Correct it and tell everybody",
            "/staff/sessions/heat/move",
        ),
        (
            "Wednesday 15 May: since the clocks of Casablanca have changed, pages and calendars show 12:00–13:15 "
            "instead of 13:00–14:15",
            "Correct it",
            "/staff/sessions/draft/move",
        ),
        (
            "Sunday 30 March: The clocks of Madrid skip 02:30 on this day. Choose another time.",
            "Choose another time",
            "/staff/sessions/gap/move",
        ),
        (
            "Wednesday 30 April: There is no time zone “Europe/Atlantis” any more. Choose another one.",
            "Choose another time zone",
            "/staff/sessions/lost/content#timezone",
        ),
    ]
    assert page.count("<span>Heat in cities</span>") == 4


def test_a_session_whose_languages_each_have_a_join_address_needs_none(client: FlaskClient) -> None:
    session = a_session("heat", join_url="", languages=("en", "fr"))
    for version in session.language_versions:
        version.join_url = "https://zoom.example/j/1"
    db.session.commit()
    signed_in_as(client, Role.ORGANISER)

    assert to_do_of(client.get("/staff/").text) == []


def test_translations_of_coming_webinars_whose_original_has_changed_are_to_be_looked_at(client: FlaskClient) -> None:
    several = a_webinar("heat", titles={"en": "Heat", "fr": "Chaleur"})
    one = a_webinar("trees", titles={"en": "Trees", "fr": "Arbres"})
    over = a_webinar("over", titles={"en": "Over", "fr": "Fini"})
    session = a_session(webinar=several, starts="2030-05-14T13:00")
    a_session(webinar=one, starts="2030-05-13T13:00")
    a_session(webinar=over, starts="2020-05-14T13:00")
    a_session(webinar=over, status=SessionStatus.CANCELLED)
    material, question = a_material(several), a_question(several, choices=["A"])
    former = a_question(one, retired_at=clock.now())
    outdated = [
        LanguageVersionText(
            language_version_id=session.language_versions[0].id, language="es", practical_notes="x", is_outdated=True
        ),
        MaterialText(material_id=material.id, language="pt", title="x", is_outdated=True),
        QuestionChoiceText(choice_id=question.choices[0].id, language="fr", title="x", is_outdated=True),
        QuestionText(question_id=former.id, language="pt", title="x", purpose="y", is_outdated=True),
    ]
    db.session.add_all(outdated)
    for webinar in (one, over):
        webinar.texts[1].is_outdated = True
    db.session.commit()
    signed_in_as(client, Role.ORGANISER)

    assert to_do_of(client.get("/staff/").text) == [
        (
            "The original has changed since it was translated into French",
            "Look at the translations",
            "/staff/webinars/trees/translations/fr?only=work",
        ),
        (
            "The original has changed since it was translated into 3 languages: Spanish, French and Portuguese",
            "Look at the translations",
            "/staff/webinars/heat/translations",
        ),
    ]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("kind", TEXTS_OF.values(), ids=lambda kind: kind.__tablename__)
def test_no_kind_of_text_is_left_out_of_what_is_to_be_looked_at(kind: type[Any]) -> None:
    webinar = a_webinar("heat", title="Heat")
    session = a_session(webinar=webinar, speakers=("Ana Sousa",))
    question = a_question(webinar, choices=["A"])
    owners: list[Owner] = [
        *(webinar, an_agenda_item(webinar), a_material(webinar), question, question.choices[0]),
        *(session.speakers[0], session.language_versions[0]),
    ]
    [owner] = [one for one in owners if TEXTS_OF[type(one)] is kind]
    [whose] = [column.key for column in inspect(kind).primary_key if column.key != "language"]
    words = dict.fromkeys(words_of(kind), "x")
    db.session.add(kind(**{whose: owner.id}, language="fr", is_outdated=True, **words))
    db.session.commit()

    assert outdated_translations(clock.now()) == [Outdated(webinar, ("fr",))]


def test_texts_that_a_coming_session_needs_are_asked_for_once(client: FlaskClient) -> None:
    webinar = a_webinar("heat", titles={"en": "Heat"})
    a_session("first", webinar=webinar, languages=("en", "fr"))
    a_session("second", webinar=webinar, languages=("fr",), starts="2030-06-14T13:00", status=SessionStatus.DRAFT)
    a_session("off", webinar=webinar, languages=("es",), status=SessionStatus.CANCELLED)
    signed_in_as(client, Role.ORGANISER)

    assert to_do_of(client.get("/staff/").text) == [
        (
            "Tuesday 14 May is offered in French and has no texts in it",
            "Write the texts in French",
            "/staff/webinars/heat/translations/fr",
        )
    ]


def test_people_who_wait_for_a_seat_or_for_an_answer_are_told_apart(client: FlaskClient) -> None:
    session = a_session("heat", seats=1)
    a_registration(session)
    for _ in range(2):
        a_registration(session, status=RegistrationStatus.WAITING)
    a_registration(session, status=RegistrationStatus.WAITING, approval=Approval.ASKED)
    over = a_session("over", starts="2020-05-14T13:00")
    a_registration(over, status=RegistrationStatus.WAITING)
    signed_in_as(client, Role.ORGANISER)

    assert to_do_of(client.get("/staff/").text) == [
        (
            "1 person asks to come on Tuesday 14 May",
            "Approve or decline",
            "/staff/sessions/heat/registrations?status=to_approve",
        ),
        ("2 people wait for a seat on Tuesday 14 May", "Add seats", "/staff/sessions/heat/content#seats"),
    ]


def a_provisional_session(key: str, days: int) -> WebinarSession:
    starts = clock.now() + timedelta(days=days)
    return a_session(key, starts=f"{starts:%Y-%m-%dT13:00}", status=SessionStatus.DRAFT, is_provisional=True)


def test_a_provisional_date_that_comes_near_is_confirmed_by_one_click(client: FlaskClient) -> None:
    near = a_provisional_session("near", 30)
    a_provisional_session("far", 90)
    signed_in_as(client, Role.ORGANISER)
    page = client.get("/staff/").text
    (row,) = to_do_of(page)

    answer = client.post(row[2], headers={"Referer": "http://localhost/staff/"})

    assert row[1:] == ("Confirm the date", "/staff/sessions/near/confirm-date")
    assert "Draft, provisional date" in page
    assert (answer.status_code, answer.location) == (303, "/staff/")
    assert not near.is_provisional
    assert to_do_of(client.get("/staff/").text) == []
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "changed")).all()
    assert (entry.subject, entry.changes) == ("session near", {"is_provisional": [True, False]})


def test_a_provisional_session_is_not_published_before_its_date_is_confirmed(client: FlaskClient) -> None:
    session = a_provisional_session("heat", 30)
    signed_in_as(client, Role.ORGANISER)

    with pytest.raises(CannotPublish, match="Confirm the date, then publish"):
        publish("heat")
    refused = client.post("/staff/sessions/heat/publish", follow_redirects=True).text
    client.post("/staff/sessions/heat/confirm-date")
    client.post("/staff/sessions/heat/publish")

    assert "The date is still provisional." in refused
    db.session.refresh(session)
    assert session.status is SessionStatus.PUBLISHED


def test_a_viewer_sees_what_needs_a_hand_without_the_actions(client: FlaskClient) -> None:
    a_session("no-link", join_url="")
    a_provisional_session("near", 30)
    signed_in_as(client, Role.VIEWER)

    assert [row[1] for row in to_do_of(client.get("/staff/").text)] == ["", ""]
    assert client.post("/staff/sessions/near/confirm-date").status_code == 403


def test_a_session_that_does_not_exist_has_no_date_to_confirm(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    assert client.post("/staff/sessions/none/confirm-date").status_code == 404


def test_more_than_eight_things_to_do_are_folded(client: FlaskClient) -> None:
    for number in range(10):
        a_session(f"s{number}", join_url="", starts=f"2030-05-{10 + number}T13:00")
    signed_in_as(client, Role.ORGANISER)

    page = client.get("/staff/").text

    assert len(to_do_of(page)) == 10
    assert "<summary>And 2 more</summary>" in page


def test_an_empty_home_says_where_to_begin(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    assert "No session is coming." in client.get("/staff/").text


def test_the_home_asks_eleven_queries_at_most_however_much_comes(
    client: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    for number in range(15):
        session = a_session_by_former_clocks(
            f"s{number}",
            join_url="",
            languages=("en", "fr", "es"),
            starts=f"2030-05-{10 + number}T13:00",
            zone="Africa/Casablanca",
            offset=1,
        )
        a_registration(session, member=a_member(f"City {number}"))
        a_registration(session, organisation=f"Institute {number}", status=RegistrationStatus.WAITING)
    signed_in_as(client, Role.ORGANISER)

    with count_queries() as queries:
        client.get("/staff/")

    assert queries.count <= 11
