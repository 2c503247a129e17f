"""The organisers' pages on which a mailing is made, written in several languages, looked at and tried on oneself."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.architecture.test_staff_queries import MOST
from tests.conftest import Counted, look_again
from tests.factories import a_contact, a_mailing, a_member, a_person, a_registration, a_session, a_webinar
from tests.invitations.test_confirming import confirmed
from tests.mailbox import all_mail, calendar_parts, mails_to, words_of
from tests.security.site_walk import everything_stored
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.foundation.db import db, transaction
from webinar.invitations.models import Mailing, MailingKind
from webinar.invitations.queries import find_mailing
from webinar.invitations.services.held import held_draft
from webinar.invitations.services.revisions import record_edit

pytestmark = pytest.mark.usefixtures("app")
ANA = "ana@lisbon.example"


@pytest.fixture
def organiser(client: FlaskClient) -> FlaskClient:
    signed_in_as(client, Role.ORGANISER)
    return client


def again(mailing: Mailing) -> Mailing:
    """Return a mailing as it is stored now."""
    db.session.rollback()
    db.session.expire_all()
    found = find_mailing(mailing.id)
    assert found is not None
    return found


def texts_of(mailing: Mailing) -> dict[str, tuple[str, str]]:
    return {text.language: (text.subject, text.body) for text in again(mailing).texts}


def typed(mailing: Mailing, **more: object) -> dict[str, object]:
    """Return what the page of a mailing sends, as it stands or with something else typed."""
    stored = again(mailing)
    fields: dict[str, object] = {
        "name": stored.name,
        "revision": str(stored.revision),
        "codes": [text.language for text in stored.texts],
        "sessions": [str(shown.session_id) for shown in stored.sessions],
        "with_entry": "y",
        "others": "",
    }
    for text in stored.texts:
        fields |= {f"subject_{text.language}": text.subject, f"body_{text.language}": text.body}
    return {**fields, **more}


# A new one


def test_a_mailing_is_made_for_the_session_one_comes_from(organiser: FlaskClient) -> None:
    session = a_session("heat", languages=("fr", "en"))
    page = organiser.get("/staff/mailings/new?session=heat").text
    assert f'value="{session.id}" checked' in page

    answer = organiser.post(
        "/staff/mailings/new", data={"kind": "invitation", "name": " Heat ", "sessions": [str(session.id)]}
    )

    mailing = db.session.scalars(select(Mailing)).one()
    assert (answer.status_code, answer.location) == (303, f"/staff/mailings/{mailing.id}/text")
    made = again(mailing)
    assert (made.kind, made.name, made.is_draft) == (MailingKind.INVITATION, "Heat", True)
    assert [shown.session_id for shown in made.sessions] == [session.id]
    # The languages that are heard are there to be written in.
    page = organiser.get(answer.location).text
    assert 'name="subject_fr"' in page
    assert 'name="subject_en"' in page
    assert 'name="subject_es"' not in page


def test_from_a_webinar_all_its_coming_sessions_are_ticked(organiser: FlaskClient) -> None:
    webinar = a_webinar("heat")
    coming = [a_session(webinar=webinar, starts=f"2030-05-{day}T13:00") for day in (14, 21)]
    past = a_session(webinar=webinar, starts="2020-05-14T13:00")

    page = organiser.get("/staff/mailings/new?webinar=heat").text

    assert [f'value="{session.id}" checked' in page for session in (*coming, past)] == [True, True, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"kind": "spam"},
        {"kind": ""},
        {"name": "x" * 301},
        {"sessions": ["99999"]},
        {"sessions": ["x", "-1", "9" * 30]},
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_typed_is_lost(
    organiser: FlaskClient, wrong: dict[str, object]
) -> None:
    answer = organiser.post("/staff/mailings/new", data={"kind": "thanks", "name": "Thank you all", **wrong})

    assert answer.status_code == 422
    assert "Thank you all" in answer.text or "name" in wrong
    assert 'value="thanks"' in answer.text
    assert db.session.scalars(select(Mailing)).all() == []


def test_a_copy_takes_over_texts_conditions_and_the_sessions_that_fit(organiser: FlaskClient) -> None:
    past, coming = a_session("past", starts="2020-05-14T13:00"), a_session("coming")
    earlier = a_mailing(
        past,
        coming,
        texts={"en": ("Come", "Dear"), "fr": ("Venez", "Bonjour")},
        conditions=[{"about": "region", "values": ["Europe"], "holds": True}],
        others_language="en",
        yes_registers=True,
        name="January",
    )
    page = organiser.get(f"/staff/mailings/new?copy={earlier.id}").text
    assert f'value="{coming.id}" checked' in page
    assert f'value="{past.id}" checked' not in page
    assert "January (copy)" in page
    to_remind = organiser.get(f"/staff/mailings/new?copy={earlier.id}&kind=reminder").text
    assert re.search(r'<input(?=[^>]* checked)[^>]* value="reminder"', to_remind)

    organiser.post(
        f"/staff/mailings/new?copy={earlier.id}",
        data={"kind": "reminder", "name": "February", "sessions": [str(coming.id)]},
    )

    copy = db.session.scalars(select(Mailing).where(Mailing.id != earlier.id)).one()
    assert texts_of(copy) == {"en": ("Come", "Dear"), "fr": ("Venez", "Bonjour")}
    made = again(copy)
    assert (made.kind, made.others_language, made.yes_registers) == (MailingKind.REMINDER, "en", True)
    assert made.conditions == again(earlier).conditions


@pytest.mark.parametrize("copy", ["99999", "x", "9" * 40, "-1", "٣"])
def test_a_copy_of_nothing_is_a_new_one(organiser: FlaskClient, copy: str) -> None:
    assert organiser.get("/staff/mailings/new", query_string={"copy": copy}).status_code == 200


def test_only_organisers_make_and_write(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    mailing = a_mailing(a_session())

    assert client.get("/staff/mailings/new").status_code == 403
    assert client.get(f"/staff/mailings/{mailing.id}/preview").status_code == 403
    assert client.post(f"/staff/mailings/{mailing.id}/text", data=typed(mailing)).status_code == 403
    assert client.post(f"/staff/mailings/{mailing.id}/test").status_code == 403
    page = client.get(f"/staff/mailings/{mailing.id}/text").text
    assert '<fieldset class="edit" disabled>' in page
    assert "Save</button>" not in page


# Writing


def test_texts_are_stored_by_language_with_the_sessions_and_what_the_entry_does(organiser: FlaskClient) -> None:
    first, second = a_session("a", starts="2030-05-14T13:00"), a_session("b", starts="2030-05-13T13:00")
    mailing = a_mailing(first)

    answer = organiser.post(
        f"/staff/mailings/{mailing.id}/text",
        data=typed(
            mailing,
            codes=["en", "fr", "ca"],
            subject_fr="Venez",
            body_fr="Bonjour { Given_Name },\r\n\r\n**venez**",
            subject_ca="Veniu",
            sessions=[str(first.id), str(second.id)],
            others="en",
            yes_registers="y",
        ),
    )

    assert answer.status_code == 303
    assert texts_of(mailing) == {
        "en": ("Come to the webinar", "Dear {given name},\n\nplease **come**."),
        "fr": ("Venez", "Bonjour { Given_Name },\n\n**venez**"),
        "ca": ("Veniu", ""),  # a draft may be incomplete
    }
    stored = again(mailing)
    assert [shown.session_id for shown in stored.sessions] == [second.id, first.id]  # as they are held
    assert (stored.others_language, stored.leaves_others_out) == ("en", False)
    assert (stored.with_entry, stored.yes_registers) == (True, True)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == f"mailing {mailing.id}")).one()
    assert {"subject (fr)", "body (fr)", "subject (ca)", "sessions", "others", "yes_registers"} == set(entry.changes)


def test_a_language_without_any_text_is_taken_out(organiser: FlaskClient) -> None:
    mailing = a_mailing(a_session(), texts={"en": ("Come", "Dear"), "fr": ("Venez", "Bonjour")})

    organiser.post(f"/staff/mailings/{mailing.id}/text", data=typed(mailing, subject_fr=" ", body_fr="\n"))

    assert list(texts_of(mailing)) == ["en"]


def test_another_language_gets_its_fields_and_nothing_typed_is_lost(organiser: FlaskClient) -> None:
    mailing = a_mailing(a_session())

    answer = organiser.post(
        f"/staff/mailings/{mailing.id}/text",
        data=typed(mailing, subject_en="Typed and not stored", step="language", add_language="fa"),
    )

    assert answer.status_code == 200
    assert 'name="subject_fa"' in answer.text
    assert 'dir="rtl"' in answer.text
    assert "Typed and not stored" in answer.text
    assert list(texts_of(mailing)) == ["en"]


@pytest.mark.parametrize("language", ["xx", "<b>", "en-GB", "", "e" * 5000])
def test_what_is_no_language_gets_no_fields(organiser: FlaskClient, language: str) -> None:
    mailing = a_mailing(a_session())

    answer = organiser.post(
        f"/staff/mailings/{mailing.id}/text",
        data=typed(mailing, step="language", add_language=language, codes=["en", language]),
    )

    assert answer.status_code == 200
    assert answer.text.count('name="subject_') == 1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"body_en": "Dear {first name},"}, "{first name} is no personal detail. Do you mean {given name}?"),
        ({"subject_en": "{{member}}"}, "{{member}} is no personal detail. Do you mean {member}?"),
        ({"body_en": "{xyzzy}"}, "{xyzzy} is no personal detail. Choose one from the menu"),
        ({"body_en": "[a](https://example.org/{member})"}, "cannot stand in the address of a link"),
        ({"body_en": "x" * 50_001}, "Write at most 50,000 characters."),
        ({"name": " "}, "Write a name by which you find it again."),
        ({"others": "fr"}, "Not a valid choice"),
        ({"sessions": ["99999"]}, "A session is not there any more."),
    ],
)
def test_what_cannot_be_stored_is_refused_at_its_field_and_nothing_is_lost(
    organiser: FlaskClient, wrong: dict[str, object], says: str
) -> None:
    mailing = a_mailing(a_session())
    data = typed(mailing, **{"body_en": "Typed and not stored", "subject_en": "Typed, too", **wrong})

    answer = organiser.post(f"/staff/mailings/{mailing.id}/text", data=data)

    assert answer.status_code == 422
    assert says in answer.text
    assert "Typed" in answer.text
    assert texts_of(mailing) == {"en": ("Come to the webinar", "Dear {given name},\n\nplease **come**.")}


def test_others_can_get_only_a_text_that_there_is(organiser: FlaskClient) -> None:
    mailing = a_mailing(a_session())

    answer = organiser.post(f"/staff/mailings/{mailing.id}/text", data=typed(mailing, codes=["en", "fr"], others="fr"))

    assert answer.status_code == 422
    assert "There is no text in this language." in answer.text


def test_two_who_write_at_once_are_told_and_nothing_is_overwritten(organiser: FlaskClient) -> None:
    mailing = a_mailing(a_session())
    mine, theirs = typed(mailing, subject_en="Mine"), typed(mailing, subject_en="Theirs")
    organiser.post(f"/staff/mailings/{mailing.id}/text", data=theirs)

    answer = organiser.post(f"/staff/mailings/{mailing.id}/text", data=mine)

    assert answer.status_code == 409
    assert "Somebody has changed this while you were writing." in answer.text
    assert "Theirs" in answer.text
    assert 'value="Mine"' in answer.text
    assert texts_of(mailing)["en"][0] == "Theirs"
    revision = str(again(mailing).revision)
    assert organiser.post(f"/staff/mailings/{mailing.id}/text", data={**mine, "revision": revision}).status_code == 303
    assert texts_of(mailing)["en"][0] == "Mine"


def test_who_changes_the_audience_meanwhile_is_in_nobodys_way(organiser: FlaskClient) -> None:
    mailing = a_mailing(a_session())
    mine = typed(mailing, subject_en="Mine")
    with transaction():
        record_edit(held_draft(mailing.id, 0), {"conditions": [[], ["Europe"]]})

    assert organiser.post(f"/staff/mailings/{mailing.id}/text", data=mine).status_code == 303
    assert texts_of(mailing)["en"][0] == "Mine"


def test_a_confirmed_mailing_says_what_it_says(organiser: FlaskClient) -> None:
    a_contact(ANA)
    mailing = a_mailing(a_session())
    data = typed(mailing, subject_en="Other")
    confirmed(mailing)

    answer = organiser.post(f"/staff/mailings/{mailing.id}/text", data=data)

    assert answer.status_code == 409
    assert "This mailing has been confirmed" in answer.text
    assert texts_of(mailing)["en"][0] == "Come to the webinar"
    page = organiser.get(f"/staff/mailings/{mailing.id}/text").text
    assert f"/staff/mailings/new?copy={mailing.id}" in page


def test_what_organisers_typed_is_no_html_on_the_page(organiser: FlaskClient) -> None:
    mailing = a_mailing(a_session(), name="<b>Name</b>", texts={"en": ("<i>S</i>", "</textarea><script>x</script>")})

    page = organiser.get(f"/staff/mailings/{mailing.id}/text").text

    assert "<b>Name" not in page
    assert "<i>S" not in page
    assert "<script>x" not in page


# Looking at it


def test_the_mail_is_shown_as_somebody_of_the_audience_would_get_it(organiser: FlaskClient) -> None:
    a_contact(ANA, given_name="Ana", member=a_member("Lisbon"))
    rui = a_contact("rui@lisbon.example", given_name="Rui", language="fr")
    mailing = a_mailing(a_session(), texts={"en": ("Come, {given name}", "x"), "fr": ("Venez, {given name}", "y")})

    page = organiser.get(f"/staff/mailings/{mailing.id}/preview").text
    french = organiser.get(f"/staff/mailings/{mailing.id}/preview?language=fr").text
    frame = organiser.get(f"/staff/mailings/{mailing.id}/preview/mail?language=fr&person={rui.person_id}")

    assert "Come, Ana" in page
    assert "With an entry for the calendar" in page
    assert "Venez, Rui" in french
    assert "Rui" in frame.text
    assert frame.headers["Content-Security-Policy"].startswith("sandbox")


def test_a_look_stores_nothing_and_shows_nobodys_links(organiser: FlaskClient) -> None:
    a_contact(ANA)
    session = a_session()
    a_registration(session, person=(place := a_person("rui@lisbon.example")))
    mailings = [a_mailing(session), a_mailing(session, kind=MailingKind.INFORMATION)]
    before = everything_stored()

    for mailing in mailings:
        page = organiser.get(f"/staff/mailings/{mailing.id}/preview").text
        organiser.get(f"/staff/mailings/{mailing.id}/preview/mail")
        organiser.post(f"/staff/mailings/{mailing.id}/preview/mail", data=typed(mailing, show="en"))
        assert "/example" in page or "invitation=example" in page

    assert everything_stored() == before
    assert place.email == "rui@lisbon.example"


def test_without_anybody_an_invented_person_is_shown_and_said_so(organiser: FlaskClient) -> None:
    mailing = a_mailing(a_session(), texts={"en": ("Come, {given name}", "of {member}")})

    page = organiser.get(f"/staff/mailings/{mailing.id}/preview").text

    assert "this is the one of an invented person" in page
    assert "Come, Ana" in page


def test_nothing_written_is_nothing_to_look_at(organiser: FlaskClient) -> None:
    mailing = a_mailing(a_session())
    mailing.texts.clear()
    db.session.commit()

    assert "Nothing is written yet." in organiser.get(f"/staff/mailings/{mailing.id}/preview").text
    assert organiser.get(f"/staff/mailings/{mailing.id}/preview/mail").status_code == 200
    answer = organiser.post(f"/staff/mailings/{mailing.id}/test", follow_redirects=True)
    assert "Nothing is written yet." in answer.text


@pytest.mark.parametrize("query", ["language=xx", "person=99999", "person=x", "language=fr&person=1"])
def test_whom_and_what_there_is_not_is_no_failure(organiser: FlaskClient, query: str) -> None:
    mailing = a_mailing(a_session())

    assert organiser.get(f"/staff/mailings/{mailing.id}/preview?{query}").status_code == 200
    assert organiser.get(f"/staff/mailings/{mailing.id}/preview/mail?{query}").status_code == 200


def test_while_one_writes_the_mail_is_shown_as_it_stands_in_the_form(organiser: FlaskClient) -> None:
    a_contact(ANA, given_name="Ana")
    a_contact("rui@lisbon.example", given_name="Rui")
    session, other = a_session("a"), a_session("b", webinar=a_webinar(titles={"en": "Water"}))
    mailing = a_mailing(session)
    data = typed(mailing, show="en", subject_en="Now, {given name}", body_en="*{first name}*", sessions=[str(other.id)])

    first = organiser.post(f"/staff/mailings/{mailing.id}/preview/mail", data=data)
    ruis = organiser.post(f"/staff/mailings/{mailing.id}/preview/mail", data={**data, "whose": " RUI@lisbon.example"})
    nobody = organiser.post(f"/staff/mailings/{mailing.id}/preview/mail", data={**data, "whose": "x@example.org"})

    assert "Now, <bdi>Ana</bdi>" in first.text
    assert "<em>{first name}</em>" in first.text
    assert "Water" in first.text
    assert "Now, <bdi>Rui</bdi>" in ruis.text
    assert "would not get the mailing in English" in nobody.text
    assert first.headers["Content-Security-Policy"].startswith("sandbox")


def test_a_look_at_thanks_shows_recording_and_materials(organiser: FlaskClient) -> None:
    session = a_session("past", starts="2020-05-14T13:00")
    mailing = a_mailing(session, kind=MailingKind.THANKS)

    assert "See recording and materials" in organiser.get(f"/staff/mailings/{mailing.id}/preview").text


# A test to oneself


def test_a_test_comes_to_who_is_signed_in_in_all_languages_and_registers_nobody(client: FlaskClient) -> None:
    account = signed_in_as(client, Role.ORGANISER)
    a_contact(ANA)
    mailing = a_mailing(a_session(), texts={"en": ("Come, {given name}", "x"), "fr": ("Venez", "y")})

    answer = client.post(f"/staff/mailings/{mailing.id}/test", follow_redirects=True)

    assert f"Tests in 2 languages are on their way to {account.email}." in answer.text
    english, french = mails_to(account.email)
    assert english["Subject"] == "Test: Come, Ana"
    assert "Venez" in str(french["Subject"])
    assert "invitation=example" in words_of(english)
    assert calendar_parts(english) == []
    assert "List-Unsubscribe" not in english
    assert {mail.to_address for mail in all_mail()} == {account.email}
    assert again(mailing).is_draft


@pytest.mark.parametrize("kind", list(MailingKind))
def test_the_pages_take_few_queries_however_many_sessions_and_people_there_are(
    organiser: FlaskClient, count_queries: Callable[[], AbstractContextManager[Counted]], kind: MailingKind
) -> None:
    webinar = a_webinar(titles={"en": "Heat", "fr": "Chaleur"})
    sessions = [a_session(webinar=webinar, languages=("en", "fr")) for _ in range(8)]
    for number in range(8):
        contact = a_contact(f"ana{number}@lisbon.example", member=a_member(f"City {number}"))
        a_registration(sessions[0], person=contact.person)
    mailing = a_mailing(*sessions, kind=kind, texts={"en": ("a", "b"), "fr": ("a", "b")})
    pages = ["new", f"{mailing.id}/text", f"{mailing.id}/preview", f"{mailing.id}/preview/mail"]
    counts = []
    for page in pages:
        look_again()
        with count_queries() as counted:
            assert organiser.get(f"/staff/mailings/{page}").status_code == 200
        counts.append(counted.count)

    assert max(counts) <= MOST, counts


def test_from_a_session_and_a_webinar_there_is_a_way_to_invite(organiser: FlaskClient) -> None:
    session = a_session("heat", webinar=a_webinar("heat-in-cities"))

    assert "/staff/mailings/new?session=heat" in organiser.get("/staff/sessions/heat/").text
    assert "/staff/mailings/new?webinar=heat-in-cities" in organiser.get("/staff/webinars/heat-in-cities").text
    with time_machine.travel(session.ends_at + timedelta(hours=1), tick=False):
        signed_in_as(organiser, Role.ORGANISER)
        assert "/staff/mailings/new?session=heat&amp;kind=thanks" in organiser.get("/staff/sessions/heat/").text
