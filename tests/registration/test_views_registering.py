"""The registration form as a browser without scripts sends it, with good and with bad input."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from tests.factories import a_member, a_person, a_registration, a_session, a_webinar
from webinar.catalogue.models import SessionStatus
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.mail.models import OutboxMail
from webinar.people.models import Consent, Person
from webinar.registration.models import Affiliation, Registration, RegistrationStatus

CountQueries = Callable[[], AbstractContextManager[Any]]


def a_form(**changes: Any) -> dict[str, Any]:
    """Return what a member's official sends, with some of it said otherwise."""
    return {
        "email": "ana@lisbon.example",
        "given_name": "Ana",
        "family_name": "Sousa",
        "affiliation": "other",
        "member": "",
        "organisation": "",
        "role": "International relations",
        "language": "en",
        "timezone": "Europe/Lisbon",
        "privacy": "y",
        **changes,
    }


def stored() -> list[Registration]:
    return list(
        db.session.scalars(
            select(Registration)
            .options(
                joinedload(Registration.person),
                joinedload(Registration.member),
                joinedload(Registration.language_version),
            )
            .order_by(Registration.id)
        )
    )


def nothing_is_stored() -> bool:
    """Tell whether no table that registering writes to has a row."""
    tables = (Registration, Person, OutboxMail, Consent)
    return all(db.session.scalar(select(func.count()).select_from(table)) == 0 for table in tables)


def test_a_valid_form_gives_a_place_and_leads_to_the_mailbox(client: FlaskClient) -> None:
    a_member("Lisbon", aliases=("Lisboa",))
    a_session("heat")

    answer = client.post("/en/sessions/heat/register", data=a_form(affiliation="member", member=" LISBOA "))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/sessions/heat/registered")
    [place] = stored()
    assert (place.full_name, place.person.email, place.member.name) == ("Ana Sousa", "ana@lisbon.example", "Lisbon")  # type: ignore[union-attr]
    assert (place.status, place.role, place.timezone) == (
        RegistrationStatus.REGISTERED,
        "International relations",
        "Europe/Lisbon",
    )
    assert "ana@lisbon.example" in client.get("/en/sessions/heat/registered").text


def test_the_answer_is_the_same_for_an_address_that_is_known(app: Flask, client: FlaskClient) -> None:
    session = a_session("heat")
    a_registration(session, email="known@lisbon.example", registered_at=clock.now() - timedelta(days=2))

    answers = [
        app.test_client().post("/en/sessions/heat/register", data=a_form(email=email))
        for email in ("known@lisbon.example", "new@lisbon.example")
    ]

    first, second = ([answer.status_code, answer.headers["Location"], answer.data] for answer in answers)
    assert first == second


def test_a_name_turns_round_nothing_behind_it_and_covers_nothing_around_it(client: FlaskClient) -> None:
    a_session("next-en")
    turning = {"given_name": "\u202eAna\u2069", "family_name": "\u202aSousa\u202c", "role": "\u2067Mayor"}
    piled = {"organisation": "X" + "\u0336" * 80, "affiliation": "partner"}

    client.post("/en/sessions/next-en/register", data=a_form(**turning, **piled))
    refused = client.post("/en/sessions/next-en/register", data=a_form(given_name="Ana\u2028Bo"))

    (place,) = stored()
    assert (place.given_name, place.family_name, place.role) == ("Ana", "Sousa", "Mayor")
    assert place.organisation == "X" + "\u0336" * 8
    assert "Write it on one line." in refused.text


def test_the_mailbox_page_names_nobody_to_a_stranger(client: FlaskClient) -> None:
    a_session("heat")
    client.post("/en/sessions/heat/register", data=a_form())

    client.delete_cookie("session")

    assert "ana@lisbon.example" not in client.get("/en/sessions/heat/registered").text


@pytest.mark.parametrize(
    "typed", ["Mexico City", "cdmx", "CIUDAD DE MEXICO", "서울", "تهران", "طهران", "teheran", "mexico-city"]
)
def test_a_member_is_found_by_any_of_its_names_in_any_script(client: FlaskClient, typed: str) -> None:
    a_member("Mexico City", aliases=("CDMX", "Ciudad de México"), key="mexico-city")
    a_member("Seoul", aliases=("서울",))
    a_member("Tehran", aliases=("تهران", "Teheran"))
    a_session("heat")

    answer = client.post("/en/sessions/heat/register", data=a_form(affiliation="member", member=typed))

    assert answer.status_code == 303, answer.text
    [place] = stored()
    assert place.member is not None


def test_a_name_that_two_members_have_shows_both_to_choose_from(client: FlaskClient) -> None:
    a_member("Barcelona (city)", key="barcelona")
    a_member("Barcelona (metropolitan area)", key="amb")
    a_session("heat")

    asked = client.post("/en/sessions/heat/register", data=a_form(affiliation="member", member="barcelona "))
    # The key of one of them is the text itself: whoever types it means it.
    unsure = client.post("/en/sessions/heat/register", data=a_form(affiliation="member", member="Barcelona"))
    chosen = client.post("/en/sessions/heat/register", data=a_form(affiliation="member", member=["amb", "Barcelona"]))

    assert asked.status_code == 303
    assert unsure.status_code == 422
    assert "Several members have this name. Choose yours." in unsure.text
    assert 'name="member" value="amb"' in unsure.text
    assert chosen.status_code == 303


def test_a_member_that_does_not_exist_is_said_at_the_field_with_what_it_looks_like(client: FlaskClient) -> None:
    a_member("Montevideo", key="montevideo")
    a_session("heat")

    near = client.post("/en/sessions/heat/register", data=a_form(affiliation="member", member="Montevidio"))
    far = client.post("/en/sessions/heat/register", data=a_form(affiliation="member", member="Xyzzy & sons"))

    assert near.status_code == far.status_code == 422
    assert 'value="montevideo"' in near.text
    assert "We found no member with this name." in far.text
    assert 'value="Xyzzy &amp; sons"' in far.text
    assert nothing_is_stored()


def test_who_names_no_member_is_proposed_the_one_of_their_mail_domain(client: FlaskClient) -> None:
    a_member("Lisbon", key="lisbon", mail_domains=("lisbon.example",))
    a_session("heat")

    answer = client.post(
        "/en/sessions/heat/register", data=a_form(affiliation="member", email="ana@mail.lisbon.example")
    )

    assert answer.status_code == 422
    assert 'name="member" value="lisbon"' in answer.text


BAD = {
    "a name of spaces": ({"given_name": "   "}, "Write your given name."),
    "a name that nobody can see": ({"given_name": "\u200b\u3164"}, "Write your given name."),
    "a name of 10,000 characters": ({"family_name": "a" * 10_000}, "Write at most 100 characters."),
    "a name with line breaks": ({"given_name": "Ana\r\nBcc: all@example.org"}, "Write it on one line."),
    "a name with a calendar in it": ({"given_name": "Ana\nBEGIN:VEVENT\nEND:VEVENT"}, "Write it on one line."),
    "a name with markup": ({"given_name": "<script>alert(1)</script>"}, "Write only the name"),
    "a name that is an address": ({"family_name": "Win at https://evil.example"}, "Write only the name"),
    "a name with a path": ({"given_name": "Win at evil.example/prize"}, "Write only the name"),
    "a name that mail goes to": ({"given_name": "prize@evil.example"}, "Write only the name"),
    "a role with a line break": ({"role": "Mayor\nBEGIN:VALARM"}, "Write it on one line."),
    "a role of 10,000 characters": ({"role": "a" * 10_000}, "Write at most 300 characters."),
    "no address": ({"email": ""}, "Write your mail address."),
    "an address without @": ({"email": "ana"}, "An @ is missing."),
    "an address no mail server takes": (
        {"email": "josé@lisbon.example"},
        "Mail cannot be sent to josé@lisbon.example.",
    ),
    "an address without its end": ({"email": "ana@amb"}, "After @amb something is missing."),
    "an address of a thousand characters": (
        {"email": "a" * 1000 + "@example.org"},
        "This is longer than any mail address.",
    ),
    "two addresses": ({"email": "ana@example.org, eve@example.org"}, "Mail cannot reach this address."),
    "an address with a header": (
        {"email": "ana@example.org\r\nBcc: eve@example.org"},
        "Mail cannot reach this address.",
    ),
    "a zone that nobody knows": ({"timezone": "Mars/Olympus"}, "Nobody knows this time zone."),
    "a language the session does not have": ({"language": "de"}, "This session cannot be followed in that language."),
    "no answer of ours": ({"affiliation": "king"}, "Choose one of these."),
    "a partner without a name": (
        {"affiliation": "partner", "organisation": " "},
        "Write the name of your organisation.",
    ),
    "no member": ({"affiliation": "member"}, "Write the name of your city"),
    "a member of 10,000 characters": (
        {"affiliation": "member", "member": "x" * 10_000},
        "We found no member with this name.",
    ),
    "the notice unread": ({"privacy": ""}, "Read how your data are used, and tick the box."),
    "a program that fills in everything": ({"subject": "Buy now"}, "This field is to stay empty."),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_a_message_at_the_field_and_changes_nothing(client: FlaskClient, name: str) -> None:
    changes, message = BAD[name]
    a_session("heat", languages=("en", "es"))
    form = a_form(**changes)
    if form["privacy"] == "":
        del form["privacy"]

    answer = client.post("/en/sessions/heat/register", data=form)

    assert answer.status_code == 422
    assert message in answer.text
    assert 'aria-invalid="true"' in answer.text or "subject" in changes
    assert "put right" in answer.text
    assert nothing_is_stored()


def test_nothing_that_was_typed_is_lost(client: FlaskClient) -> None:
    a_session("heat", languages=("en", "es"))
    form = a_form(
        email="broken",
        given_name="김",
        family_name='O\'Brien "x"',
        affiliation="partner",
        organisation="A & B",
        language="es",
        newsletter="y",
    )

    text = client.post("/en/sessions/heat/register", data=form).text

    for kept in (
        'value="broken"',
        'value="김"',
        "O&#39;Brien &#34;x&#34;",
        'value="A &amp; B"',
        'value="International relations"',
    ):
        assert kept in text
    assert re.search(r'value="partner"[^>]*|checked[^>]*value="partner"', text)
    assert re.search(r'<option value="es"[^>]* selected>', text)
    assert re.search(r'<input[^>]*checked[^>]*name="newsletter"', text)


@pytest.mark.parametrize(
    ("given_name", "family_name"),
    [
        ("محمد", "الأحمد"),
        ("하은", "김"),
        ("Zoë 🌍", "Nguyễn"),
        ("=HYPERLINK(A1)", "+1"),
        ("Ana María", "de la O'Hara-Łódź"),
    ],
)
def test_names_are_kept_as_written(client: FlaskClient, given_name: str, family_name: str) -> None:
    a_session("heat")

    answer = client.post("/en/sessions/heat/register", data=a_form(given_name=given_name, family_name=family_name))

    assert answer.status_code == 303
    [place] = stored()
    assert (place.given_name, place.family_name) == (given_name, family_name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ANA@LISBON.EXAMPLE", "ana@lisbon.example"),
        ("  ana+x@lisbon.example ", "ana+x@lisbon.example"),
        ("ana@münchen.example", "ana@xn--mnchen-3ya.example"),
    ],
)
def test_an_address_is_kept_in_its_one_spelling(client: FlaskClient, typed: str, kept: str) -> None:
    a_session("heat")

    client.post("/en/sessions/heat/register", data=a_form(email=typed))

    [place] = stored()
    assert place.person.email == kept


def test_without_a_zone_from_the_browser_the_sessions_own_is_taken(client: FlaskClient) -> None:
    a_session("heat", zone="Africa/Accra")

    client.post("/en/sessions/heat/register", data=a_form(timezone=""))

    assert [place.timezone for place in stored()] == ["Africa/Accra"]


def test_the_language_asked_for_in_the_address_is_selected(client: FlaskClient) -> None:
    a_session("heat", languages=("en", "es", "fr"))

    def selected(address: str) -> list[str]:
        return re.findall(r'<option value="(..)"[^>]* selected>', client.get(address).text)

    assert selected("/en/sessions/heat/register?language=fr") == ["fr"]
    assert selected("/es/sessions/heat/register") == ["es"]
    assert selected("/en/sessions/heat/register?language=de") == ["en"]


def test_where_there_is_one_language_nothing_is_asked(client: FlaskClient) -> None:
    a_session("heat", languages=("fr",))
    form = a_form()
    del form["language"]

    assert "<select" not in client.get("/en/sessions/heat/register").text
    assert client.post("/en/sessions/heat/register", data=form).status_code == 303
    assert [place.language_version.code for place in stored()] == ["fr"]


def test_partners_and_others_are_of_no_member_whatever_stands_in_the_field(client: FlaskClient) -> None:
    a_member("Lisbon")
    a_session("heat")

    client.post("/en/sessions/heat/register", data=a_form(affiliation="partner", organisation="UCLG", member="Lisbon"))

    [place] = stored()
    assert (place.affiliation, place.member, place.organisation) == (Affiliation.PARTNER, None, "UCLG")


def test_a_full_session_says_that_one_waits_and_lets_one(client: FlaskClient) -> None:
    session = a_session("heat", seats=1)
    a_registration(session)

    page = client.get("/en/sessions/heat/register").text
    answer = client.post("/en/sessions/heat/register", data=a_form())

    assert "Every seat is taken" in page
    assert answer.status_code == 303
    assert [place.status for place in stored()] == [RegistrationStatus.REGISTERED, RegistrationStatus.WAITING]
    assert "whether you have a place or wait for one" in client.get("/en/sessions/heat/registered").text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"status": SessionStatus.CANCELLED}, "This session has been cancelled"),
        ({"starts": "2020-05-14T13:00"}, "This session is over"),
        ({"registration_closes": datetime(2021, 1, 1, tzinfo=UTC)}, "Registration has closed"),
        ({"registration_opens": datetime(2029, 1, 1, tzinfo=UTC)}, "Registration has not opened yet"),
    ],
)
def test_where_one_cannot_register_the_page_says_why_and_offers_the_other_dates(
    client: FlaskClient, changes: dict[str, Any], told: str
) -> None:
    webinar = a_webinar("heat")
    a_session("shut", webinar=webinar, **changes)
    a_session("other", webinar=webinar, starts="2030-06-14T13:00")

    page = client.get("/en/sessions/shut/register")
    answer = client.post("/en/sessions/shut/register", data=a_form())

    assert (page.status_code, answer.status_code) == (200, 409)
    for text in (page.text, answer.text):
        assert told in text
        assert "/en/sessions/other/register" in text
    assert nothing_is_stored()


def test_a_form_from_yesterday_is_shown_again_with_everything_in_it(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    a_session("heat")
    token = _token(client.get("/en/sessions/heat/register").text)

    with time_machine.travel(clock.now() + timedelta(days=1)):
        late = client.post("/en/sessions/heat/register", data=a_form(csrf_token=token))
        assert late.status_code == 422
        assert "This page lay open for a long time" in late.text
        assert 'value="ana@lisbon.example"' in late.text
        assert nothing_is_stored()

        again = client.post("/en/sessions/heat/register", data=a_form(csrf_token=_token(late.text)))

    assert again.status_code == 303


def test_a_form_without_its_token_registers_nobody(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    a_session("heat")

    assert client.post("/en/sessions/heat/register", data=a_form()).status_code == 422
    assert nothing_is_stored()


def _token(text: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert found is not None
    return found[1]


def test_a_stranger_s_mailbox_cannot_be_filled_under_ever_new_names_of_it(client: FlaskClient) -> None:
    a_session("heat")

    answers = [
        client.post("/en/sessions/heat/register", data=a_form(email=f"ana+{number}@lisbon.example"))
        for number in range(22)
    ]
    other = client.post("/en/sessions/heat/register", data=a_form(email="ana@lisbon.example"))

    assert [answer.status_code for answer in answers] == [303] * 20 + [422] * 2
    assert "Many registrations came for this mailbox today." in answers[-1].text
    assert other.status_code == 303
    assert len(stored()) == 21


def test_too_many_from_one_network_are_asked_to_wait_and_lose_nothing(app: Flask, client: FlaskClient) -> None:
    app.config["REGISTRATIONS_PER_HOUR"] = 1
    a_session("heat")
    client.post("/en/sessions/heat/register", data=a_form())

    answer = client.post("/en/sessions/heat/register", data=a_form(email="bea@lisbon.example"))

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "600"
    assert 'value="bea@lisbon.example"' in answer.text
    assert len(stored()) == 1


def test_registering_takes_at_most_fifteen_queries(client: FlaskClient, count_queries: CountQueries) -> None:
    for number in range(30):
        a_member(f"City {number}", aliases=(f"Ciudad {number}",))
    a_session("heat", seats=10, languages=("en", "es"), speakers=("A", "B"))
    a_person("somebody@example.org")

    with count_queries() as queries:
        answer = client.post("/en/sessions/heat/register", data=a_form(affiliation="member", member="City 7"))

    assert answer.status_code == 303
    assert queries.count <= 15, "\n".join(queries.statements)


def test_a_get_registers_nobody(client: FlaskClient) -> None:
    a_session("heat")

    client.get("/en/sessions/heat/register", query_string=a_form())

    assert nothing_is_stored()


def test_the_names_for_the_list_are_given_with_all_their_spellings(client: FlaskClient) -> None:
    a_member("Mexico City", aliases=("CDMX",), country_code="MX", official_name="Gobierno de la Ciudad de México")

    answer = client.get("/en/members.json")

    assert answer.json == [
        {
            "name": "Mexico City",
            "more": "Gobierno de la Ciudad de México · Mexico",
            "names": ["Mexico City", "Gobierno de la Ciudad de México", "CDMX"],
        }
    ]
    assert client.get("/en/members.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
