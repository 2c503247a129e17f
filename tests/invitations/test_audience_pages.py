"""The page of a mailing's audience: sentences, conditions added and taken out, the count, the people behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import (
    a_contact,
    a_mailing,
    a_member,
    a_people_list,
    a_person,
    a_registration,
    a_session,
    an_audience,
    an_invitation,
)
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.foundation import formats
from webinar.foundation.db import db
from webinar.foundation.languages import speaking
from webinar.invitations.audience import MOST_CONDITIONS, SHOWN, About, Condition
from webinar.invitations.models import Audience, Mailing, MailingKind, MailingState
from webinar.invitations.queries import Planned, find_mailing
from webinar.invitations.services.confirm import what_is_missing
from webinar.members.services.merge_members import merge_members

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
    a_people_list()
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)

    page = page_of(client, mailing, add=about.value)

    assert f'<input type="hidden" name="about" value="{about.value}">' in page
    assert "Add the condition" in page


def test_a_condition_is_taken_out_again(client: FlaskClient) -> None:
    a_contact(member=a_member("Accra"))
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)
    add(client, mailing, "member", "accra")
    add(client, mailing, "focal_point")
    db.session.expire_all()

    client.post(f"/staff/mailings/{mailing.id}/audience/0/remove", data={"revision": mailing.revision})

    assert conditions_of(mailing) == [("focal_point", [], True)]


def test_the_history_says_what_was_added_and_taken_out(client: FlaskClient) -> None:
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)

    add(client, mailing, "focal_point")

    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == f"mailing {mailing.id}")).one()
    added = {"about": "focal_point", "values": [], "holds": True}
    assert (entry.revision, entry.changes) == (1, {"conditions": [[], [added]]})


def test_the_same_condition_again_changes_nothing(client: FlaskClient) -> None:
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)

    add(client, mailing, "focal_point")
    add(client, mailing, "focal_point")

    assert conditions_of(mailing) == [("focal_point", [], True)]
    assert mailing.revision == 1


def test_words_of_a_role_are_typed_with_commas_between(client: FlaskClient) -> None:
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)

    assert add(client, mailing, "role", words=" mayor,alcaldesa , ") == 303

    assert conditions_of(mailing) == [("role", ["mayor", "alcaldesa"], True)]


@pytest.mark.parametrize(
    ("about", "values"),
    [
        ("shoe size", ["44"]),
        ("", []),
        ("member", []),
        ("member", ["nowhere"]),
        ("member", [f"city-{number}" for number in range(2_000)]),
        ("region", ["Atlantis"]),
        ("language", ["x" * 400]),
        ("language", ["../../etc"]),
        ("registered", ["session 999999"]),
        ("registered", [f"session {'9' * 60}"]),
        ("registered", ["shown everything"]),
        ("silent", ["shown sessions"] + [f"series {number}" for number in range(50)]),
        ("listed", ["-1"]),
        ("role", []),
    ],
)
def test_what_is_no_condition_is_refused_where_it_was_chosen_and_changes_nothing(
    client: FlaskClient, about: str, values: list[str]
) -> None:
    a_member("Accra")
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)

    assert add(client, mailing, about, *values) == 422

    assert conditions_of(mailing) == []


def test_the_count_of_what_is_no_condition_says_nothing(client: FlaskClient) -> None:
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)
    count = f"/staff/mailings/{mailing.id}/audience/count"

    for query in ("", "?about=shoe", "?about=member&values=nowhere", "?about=registered&values=session+x"):
        assert client.get(count + query).get_json() == {"says": ""}


def test_more_conditions_than_a_mailing_takes_are_refused(client: FlaskClient) -> None:
    full = [{"about": "role", "values": [f"word{number}"], "holds": True} for number in range(MOST_CONDITIONS)]
    mailing = a_mailing(a_session(), conditions=full)
    signed_in_as(client, Role.ORGANISER)

    assert add(client, mailing, "focal_point") == 422

    assert len(conditions_of(mailing)) == MOST_CONDITIONS


def test_the_script_is_told_how_many_one_more_condition_would_leave_and_nothing_is_stored(client: FlaskClient) -> None:
    accra = a_member("Accra")
    a_contact("ana@x.example", member=accra, language="fr")
    a_contact("bo@x.example", member=accra, language="en")
    a_contact("cy@x.example", language="fr")
    mailing = a_mailing(a_session(), conditions=[{"about": "member", "values": ["accra"], "holds": True}])
    signed_in_as(client, Role.VIEWER)
    count = f"/staff/mailings/{mailing.id}/audience/count"

    assert client.get(f"{count}?about=language&values=fr&values=en").get_json() == {"says": "With it, 2 people."}
    assert client.get(f"{count}?about=language&values=fr").get_json() == {"says": "With it, one person."}
    assert len(conditions_of(mailing)) == 1


def test_who_was_overtaken_is_told_what_the_other_changed_and_keeps_what_they_chose(client: FlaskClient) -> None:
    a_member("Accra")
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)
    add(client, mailing, "focal_point")

    data = {"about": "member", "values": ["accra"], "holds": "no", "revision": "0"}
    answer = client.post(f"/staff/mailings/{mailing.id}/audience", data=data)
    page = answer.get_data(as_text=True)

    assert answer.status_code == 409
    assert "Somebody has changed this while you were writing" in page
    assert "Is a focal point" in page
    assert '<input type="checkbox" name="values" value="accra" checked>' in page
    assert conditions_of(mailing) == [("focal_point", [], True)]


def test_a_confirmed_mailing_keeps_its_conditions(client: FlaskClient) -> None:
    a_contact()
    mailing = a_mailing(a_session(), conditions=[{"about": "focal_point", "values": [], "holds": False}])
    mailing.state, mailing.confirmed_at = MailingState.CONFIRMED, mailing.made_at
    db.session.commit()
    signed_in_as(client, Role.ORGANISER)

    add(client, mailing, "focal_point")
    client.post(f"/staff/mailings/{mailing.id}/audience/0/remove", data={"revision": 0})
    page = page_of(client, mailing)

    assert conditions_of(mailing) == [("focal_point", [], False)]
    assert sentences_in(page) == ["Is no focal point"]
    assert "Take out" not in page


def test_who_may_only_look_sees_the_audience_and_cannot_change_it(client: FlaskClient) -> None:
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.VIEWER)

    assert "Add a condition" not in page_of(client, mailing)
    assert add(client, mailing, "focal_point") == 403


def test_the_people_behind_the_count_stand_a_page_at_a_time(client: FlaskClient) -> None:
    accra = a_member("Accra")
    for number in range(53):
        a_contact(
            f"person{number:02}@x.example", given_name="<b>Ana</b>", family_name=f"Costa {number:02}", member=accra
        )
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)

    first, second = page_of(client, mailing, page=1), page_of(client, mailing, page=2)

    assert re.findall(r"Costa (\d\d)", first) == [f"{number:02}" for number in range(50)]
    assert re.findall(r"Costa (\d\d)", second) == ["50", "51", "52"]
    assert page_of(client, mailing, page=10**9).count("Costa") == 3
    assert "<b>Ana</b>" not in first


@pytest.mark.parametrize("kind", list(MailingKind))
def test_the_page_is_there_for_every_kind_of_mailing(client: FlaskClient, kind: MailingKind) -> None:
    session = a_session()
    a_registration(session, person=a_contact("ana@x.example", wants_newsletter=True).person)
    an_invitation(session, a_contact("bo@x.example", wants_newsletter=True).person)
    mailing = a_mailing(session, kind=kind)
    signed_in_as(client, Role.ORGANISER)

    assert page_of(client, mailing, page=1)


def test_what_is_gone_is_said_and_does_not_break_the_page(client: FlaskClient) -> None:
    conditions = [
        {"about": "listed", "values": ["77"], "holds": False},
        {"about": "member", "values": ["nowhere"], "holds": True},
        {"about": "registered", "values": ["session 77", "webinar 77", "series 77"], "holds": True},
        {"about": "shoe size", "values": ["44"], "holds": True},
        {"about": "region", "values": [], "holds": True},
        {"about": "language", "values": ["xx-??"], "holds": True},
    ]
    mailing = a_mailing(a_session(), conditions=conditions)
    an_audience("Gone", *(Condition.read(one) for one in conditions))
    signed_in_as(client, Role.ORGANISER)

    page = page_of(client, mailing, add="member")

    assert page.count("names something that is gone") == len(conditions)
    assert sentences_in(page)[:2] == [
        "Is not on a list that was deleted",
        "Member is a member that is not there any more",
    ]
    assert client.get("/staff/mailings/audiences").get_data(as_text=True).count("names something that is gone") == 6


@pytest.mark.usefixtures("app")
def test_a_mailing_with_a_condition_that_names_something_gone_cannot_be_confirmed() -> None:
    mailing = a_mailing(a_session(), conditions=[{"about": "listed", "values": ["77"], "holds": False}])
    found = find_mailing(mailing.id)
    assert found is not None

    missing = [str(one) for one in what_is_missing(found, [Planned("en", None, 1, 0)], found.made_at)]

    assert missing == ["A condition names something that is not there any more. Take it out."]


def test_a_merged_member_is_called_as_the_other_one(client: FlaskClient) -> None:
    a_member("Teheran")
    a_member("Tehran")
    mailing = a_mailing(a_session(), conditions=[{"about": "member", "values": ["teheran"], "holds": True}])
    merge_members("teheran", "tehran")
    signed_in_as(client, Role.ORGANISER)

    assert sentences_in(page_of(client, mailing)) == ["Member is Tehran"]


def test_a_long_list_of_members_is_cut_short_in_the_sentence(client: FlaskClient) -> None:
    keys = [a_member(f"City {number:02}").key for number in range(20)]
    mailing = a_mailing(a_session(), conditions=[{"about": "member", "values": keys, "holds": True}])
    signed_in_as(client, Role.ORGANISER)

    (sentence,) = sentences_in(page_of(client, mailing))

    assert sentence.endswith("City 09, City 10 or 9 others")


# Saved audiences.


def test_conditions_are_saved_by_name_and_taken_up_by_another_mailing(client: FlaskClient) -> None:
    first = a_mailing(a_session(), conditions=[{"about": "focal_point", "values": [], "holds": True}])
    second = a_mailing(a_session(), conditions=[{"about": "role", "values": ["mayor"], "holds": True}])
    signed_in_as(client, Role.ORGANISER)

    client.post(f"/staff/mailings/{first.id}/audience/save", data={"name": " Focal  points "})
    saved = db.session.scalars(select(Audience)).one()
    client.post(f"/staff/mailings/{second.id}/audience/take-up", data={"audience": saved.id, "revision": 0})

    assert saved.name == "Focal points"
    assert conditions_of(second) == [("focal_point", [], True)]


@pytest.mark.parametrize(
    ("name", "says"), [("", "Write a name"), ("Europe", "of this name already"), ("x" * 301, "300")]
)
def test_a_name_that_is_empty_taken_or_too_long_is_refused_at_its_field(
    client: FlaskClient, name: str, says: str
) -> None:
    an_audience("Europe")
    mailing = a_mailing(a_session(), conditions=[{"about": "focal_point", "values": [], "holds": True}])
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(f"/staff/mailings/{mailing.id}/audience/save", data={"name": name})

    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)
    assert len(db.session.scalars(select(Audience)).all()) == 1


def test_an_audience_that_is_gone_cannot_be_taken_up(client: FlaskClient) -> None:
    mailing = a_mailing(a_session())
    signed_in_as(client, Role.ORGANISER)

    for number in ("1", "9" * 30, "x", ""):
        answer = client.post(
            f"/staff/mailings/{mailing.id}/audience/take-up",
            data={"audience": number, "revision": 0},
            follow_redirects=True,
        )
        assert "There is no such audience" in answer.get_data(as_text=True)


def test_a_saved_audience_is_renamed_and_deleted(client: FlaskClient) -> None:
    audience = an_audience("Europe")
    other = an_audience("Africa")
    signed_in_as(client, Role.ORGANISER)

    client.post(f"/staff/mailings/audiences/{audience.id}", data={"name": "All of Europe"})
    client.post(f"/staff/mailings/audiences/{audience.id}", data={"name": "Africa"})
    client.post(f"/staff/mailings/audiences/{other.id}", data={"name": "Africa", "delete": "1"})
    db.session.expire_all()

    assert [one.name for one in db.session.scalars(select(Audience))] == ["All of Europe"]


# Figures.


def test_the_page_asks_few_queries_however_much_there_is(client: FlaskClient, count_queries: Counting) -> None:
    session = a_session()
    members = [a_member(f"City {number:02}") for number in range(20)]
    for number, member in enumerate(members):
        a_contact(f"person{number}@x.example", member=member)
        a_session(webinar=session.webinar)
    press = a_people_list(a_person())
    conditions = [
        Condition(About.MEMBER, tuple(member.key for member in members)),
        Condition(About.REGION, ("Europe",)),
        Condition(About.LANGUAGE, ("en", "")),
        Condition(About.REGISTERED, (f"session {session.id}", SHOWN[1]), holds=False),
        Condition(About.CITY_CAME, (f"session {session.id}",), holds=False),
        Condition(About.LISTED, (str(press.id),), holds=False),
    ]
    mailing = a_mailing(session, conditions=[condition.stored() for condition in conditions])
    an_audience()
    signed_in_as(client, Role.ORGANISER)
    address = f"/staff/mailings/{mailing.id}/audience"
    client.get(address)

    with count_queries() as looking:
        client.get(f"{address}?page=1")
    with count_queries() as adding:
        client.get(f"{address}?add=registered&search=heat")
    with count_queries() as counting:
        client.get(f"{address}/count?about=focal_point")

    assert (looking.count, adding.count, counting.count) == (10, 11, 3)


def test_who_gets_it_shows_the_same_sentences(client: FlaskClient) -> None:
    a_contact(member=a_member("Accra"))
    mailing = a_mailing(a_session(), conditions=[{"about": "member", "values": ["accra"], "holds": True}])
    signed_in_as(client, Role.ORGANISER)

    page = client.get(f"/staff/mailings/{mailing.id}/who").get_data(as_text=True)

    assert "<li><span>Member is Accra</span></li>" in page


@pytest.mark.parametrize("number", ["9" * 40, "-" + "9" * 40, "x", ""])
def test_numbers_that_no_page_can_have_sent_change_nothing(client: FlaskClient, number: str) -> None:
    focal_points = {"about": "focal_point", "values": [], "holds": True}
    mailing = a_mailing(a_session(), conditions=[focal_points], revision=3)
    signed_in_as(client, Role.ORGANISER)
    address = f"/staff/mailings/{mailing.id}/audience"

    for path, data in (
        ("/0/remove", {"revision": number}),
        (f"/{'9' * 40}/remove", {"revision": "3"}),
        ("/take-up", {"revision": "3", "audience": number}),
    ):
        assert client.post(address + path, data=data).status_code in {303, 409}

    assert conditions_of(mailing) == [("focal_point", [], True)]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("language", "names", "says"),
    [
        ("en", ["Accra"], "Accra"),
        ("en", ["Accra", "Bogotá", "Seoul"], "Accra, Bogotá or Seoul"),
        ("es", ["Accra", "Bogotá"], "Accra o Bogotá"),
        ("es", ["Bogotá", "Oslo"], "Bogotá u Oslo"),
        ("fr", ["Accra", "Lagos"], "Accra ou Lagos"),
    ],
)
def test_one_of_several_is_said_as_the_language_says_it(language: str, names: list[str], says: str) -> None:
    with speaking(language):
        assert formats.one_of(names) == says


def test_of_no_member_is_said_so(client: FlaskClient) -> None:
    conditions = [
        Condition("member", ("",)).stored(),
        Condition("member", ("",), holds=False).stored(),
        Condition("member", ("", a_member("Accra").key)).stored(),
    ]
    signed_in_as(client, Role.ORGANISER)

    said = sentences_in(page_of(client, a_mailing(a_session(), conditions=conditions)))

    assert said == ["Is of no member", "Is of a member", "Member is none or Accra"]
