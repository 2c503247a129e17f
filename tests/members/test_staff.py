"""The organisers' pages of members: the list, one member, two editors, and merging."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import a_member, a_registration, a_session, stored
from tests.signing_in import sign_in, signed_in_as, with_password
from webinar.accounts.models import AuditEntry, Role
from webinar.foundation.db import db
from webinar.members.models import Member, MemberMailDomain, TypedName
from webinar.members.queries import find_member, member_names, propose_by_mail_domain
from webinar.members.services.edit_member import NoSuchMember
from webinar.members.services.import_members import import_members
from webinar.members.services.merge_members import AlreadyMerged, IntoItself, merge_members
from webinar.registration.services.follow_merges import follow_merges

Counting = Callable[[], AbstractContextManager[Counted]]


def input_of(**more: str) -> dict[str, str]:
    return {
        "name": "Lisbon",
        "official_name": "",
        "country_code": "PT",
        "region": "Europe",
        "timezone": "Europe/Lisbon",
        "latitude": "",
        "longitude": "",
        "mail_domains": "",
        "alias_rows": "2",
        "alias_0": "",
        "alias_1": "",
        "revision": "0",
        **more,
    }


def known(key: str) -> Member:
    db.session.expire_all()
    member = find_member(key)
    assert member is not None
    return member


def names_of(key: str) -> list[str]:
    return [alias.name for alias in known(key).aliases]


def test_a_member_is_added_with_its_names_and_found_by_each_of_them(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    answer = client.post(
        "/staff/new-member",
        data=input_of(
            name=" Tehran ",
            country_code="ir",
            alias_0="تهران",
            alias_1="Teheran",
            mail_domains="Tehran.example, @tehran.ir",
            latitude="35,7",
            longitude="51.4",
        ),
    )

    assert (answer.status_code, answer.location) == (303, "/staff/members/tehran")
    member = known("tehran")
    assert (member.name, member.country_code, member.latitude, member.longitude) == ("Tehran", "IR", 35.7, 51.4)
    assert names_of("tehran") == ["تهران", "Teheran"]
    assert [row.domain for row in member.mail_domains] == ["tehran.example", "tehran.ir"]
    assert member_names().find("طهران") == member_names().find("tehran")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "member tehran")).one()
    assert (entry.action, entry.changes) == ("added", {"name": "Tehran"})


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "  ", "Write how the member is called"),
        ("name", "---", "Write how the member is called"),
        ("country_code", "XX", "is no country code"),
        ("region", "", "Write the region"),
        ("timezone", "Mars/Olympus", "is no time zone"),
        ("latitude", "95", "is no place"),
        ("mail_domains", "not a domain", "is no mail domain"),
        ("key", "São Paulo", "small letters"),
        ("alias_0", "x" * 10_000, "holds a text of 10,000 characters; at most 300 are kept."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_stored(
    client: FlaskClient, field: str, value: str, says: str
) -> None:
    signed_in_as(client, Role.ORGANISER)

    answer = client.post("/staff/new-member", data=input_of(**{"alias_1": "Ulyssipo", field: value}))

    assert answer.status_code == 422
    assert says in answer.text
    assert "Ulyssipo" in answer.text
    assert db.session.scalars(select(Member)).all() == []


def test_a_name_that_another_member_has_is_refused_and_says_whose_it_is(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    a_member("Tehran", aliases=["تهران"], official_name="Tehran Municipality")
    a_member("Lisbon")

    as_name = client.post("/staff/new-member", data=input_of(name="طهران", key="other"))
    as_alias = client.post("/staff/members/lisbon", data=input_of(alias_0="TÉHRAN municipality"))

    assert "is what the member “Tehran” is called" not in as_name.text  # ط is another letter than ت
    assert as_alias.status_code == 422
    assert "“TÉHRAN municipality” is what the member “Tehran” is called." in as_alias.text
    assert names_of("lisbon") == []
    again = client.post("/staff/new-member", data=input_of(name="تهران", key="third"))
    assert "is what the member “Tehran” is called" in again.text


def test_a_member_is_changed_and_what_changed_can_be_read_on_a_page_of_its_own(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    a_member("Lisbon", aliases=["Lisboa", "Lissabon"], mail_domains=["lisbon.example"])

    answer = client.post(
        "/staff/members/lisbon", data=input_of(alias_0="لشبونة", alias_1="Lisboa", mail_domains="lisboa.example")
    )

    assert answer.status_code == 303
    assert names_of("lisbon") == ["لشبونة", "Lisboa"]
    assert known("lisbon").revision == 1
    page = client.get("/staff/members/lisbon/changes").text
    assert "Lisboa, Lissabon" in page
    assert "لشبونة, Lisboa" in page


def test_an_organiser_of_the_same_name_as_a_member_is_taken_for_nobody_else(client: FlaskClient) -> None:
    namesake = with_password(Role.ORGANISER, "lisbon@example.org", name="Lisbon")
    sign_in(client, namesake)
    member = a_member("Lisbon", aliases=["Lisboa"])
    a_registration(a_session("heat"), given_name="Ana", member=member)

    client.post("/staff/members/lisbon", data=input_of(alias_0="Olisipo"))

    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "member lisbon"))
    assert entry.account_id == namesake.id
    assert "Lisboa" in client.get("/staff/members/lisbon/changes").text
    found = client.get("/staff/people?q=lisbon").text
    assert "Ana" in found
    assert "lisbon@example.org" not in found
    assert client.get("/staff/audit?subject=member%20lisbon").status_code == 200


def test_the_same_once_more_changes_nothing(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    a_member("Lisbon", aliases=["Lisboa"])

    client.post("/staff/members/lisbon", data=input_of(alias_0="Lisboa"))

    assert known("lisbon").revision == 0
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "member lisbon")).all() == []


def test_of_two_who_edit_the_same_member_the_second_is_told_what_the_first_changed(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    a_member("Lisbon")
    client.post("/staff/members/lisbon", data=input_of(region="Atlantic"))

    second = client.post("/staff/members/lisbon", data=input_of(official_name="Câmara Municipal"))
    third = client.post("/staff/members/lisbon", data=input_of(official_name="Câmara Municipal", revision="1"))

    assert second.status_code == 409
    assert "Somebody has changed this while you were writing" in second.text
    assert "Atlantic" in second.text
    assert "Câmara Municipal" in second.text
    assert third.status_code == 303
    assert (known("lisbon").region, known("lisbon").official_name) == ("Europe", "Câmara Municipal")


def test_more_rows_are_shown_without_losing_what_was_typed(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)

    answer = client.post("/staff/new-member", data=input_of(name="Tehran", alias_1="تهران", add="alias"))

    assert answer.status_code == 200
    assert "تهران" in answer.text
    assert 'name="alias_4"' in answer.text
    assert db.session.scalars(select(Member)).all() == []


def test_the_list_is_searched_by_any_name_in_any_script_and_counts_people(
    client: FlaskClient, count_queries: Counting
) -> None:
    signed_in_as(client, Role.VIEWER)
    tehran = a_member("Tehran", aliases=["تهران"], country_code="IR", region="Asia-Pacific")
    a_member("Lisbon")
    a_registration(a_session(starts="2040-05-14T13:00"), member=tehran)
    a_registration(a_session("over", starts="2020-05-14T13:00"), member=tehran)

    with count_queries() as queries:
        everything = client.get("/staff/members").text
    found = client.get("/staff/members?search=طهران").text
    european = client.get("/staff/members?region=Europe").text

    assert queries.count <= 12
    assert "Tehran" in everything
    assert "Lisbon" in everything
    assert '<td class="number">1</td><td class="number">2</td>' in everything
    assert "/staff/members/tehran" in found
    assert "/staff/members/lisbon" not in found
    assert "/staff/members/lisbon" in european
    assert "/staff/members/tehran" not in european


def test_a_viewer_sees_a_member_and_changes_nothing(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    a_member("Lisbon")
    a_member("Porto")

    assert client.get("/staff/members/lisbon").status_code == 200
    assert client.post("/staff/members/lisbon", data=input_of(name="Porto")).status_code == 403
    assert client.post("/staff/members/lisbon/merge", data={"into": "porto"}).status_code == 403
    assert client.get("/staff/new-member").status_code == 403


# Merging


def test_before_a_merge_the_page_says_what_will_happen_and_nothing_happens_yet(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    old = a_member("Teheran", aliases=["طهران"], mail_domains=["teheran.example"])
    a_member("Tehran")
    a_registration(member=old)

    page = client.get("/staff/members/teheran/merge?into=Tehran").text

    assert "1 registration counts for" in page
    assert "طهران" in page
    assert "teheran.example" in page
    assert "This cannot be undone." in page
    assert known("teheran").name == "Teheran"


def test_a_merged_member_gives_everything_to_the_other_and_is_in_no_list(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    old = a_member("Teheran", aliases=["طهران", "Tehran"], mail_domains=["teheran.example"], official_name="City")
    new = a_member("Tehran", region="Asia-Pacific")
    older = stored(Member(key="t", name="T", country_code="IR", region="x", timezone="UTC", merged_into_id=old.id))
    place = a_registration(member=old)
    stored(TypedName(folded="teheran city", member_id=old.id))

    answer = client.post("/staff/members/teheran/merge", data={"into": "tehran"})

    assert (answer.status_code, answer.location) == (303, "/staff/members/tehran")
    db.session.expire_all()
    assert place.member_id == new.id
    assert names_of("tehran") == ["Teheran", "City", "طهران"]
    assert db.session.scalars(select(MemberMailDomain.domain)).all() == ["teheran.example"]
    assert propose_by_mail_domain("a@teheran.example") == "tehran"
    assert (old.merged_into_id, older.merged_into_id) == (new.id, new.id)
    assert db.session.get_one(TypedName, "teheran city").member_id == new.id
    names = member_names()
    assert list(names.members) == ["tehran"]
    for written in ("teheran", "Teheran", "t", "طهران"):
        assert names.find(written) == names.find("tehran")
    assert client.get("/staff/members/teheran").location == "/staff/members/tehran"
    assert "Teheran" not in client.get("/staff/members").text


def test_an_edit_that_was_begun_before_the_merge_does_not_reach_the_other_member(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    a_member("Teheran")
    a_member("Tehran")
    merge_members("teheran", "tehran")

    answer = client.post("/staff/members/teheran", data=input_of(name="Lisbon", revision="9"))

    assert (answer.status_code, answer.location) == (303, "/staff/members/tehran")
    assert known("tehran").name == "Tehran"


@pytest.mark.parametrize("by", ["key", "name"])
def test_a_list_with_a_merged_member_raises_nobody_from_the_dead(app: Flask, by: str) -> None:
    a_member("Teheran", region="Old region")
    a_member("Tehran", region="Asia-Pacific")
    merge_members("teheran", "tehran")
    key = "teheran" if by == "key" else ""

    outcome = import_members(
        f"key,name,country_code,region,timezone,aliases\n{key},Teheran,IR,Old region,Asia/Tehran,Thr\n"
        "tehran,Tehran,IR,Asia-Pacific,Asia/Tehran,".encode()
    )

    assert (outcome.added, outcome.changed) == (0, 2)
    assert (known("tehran").name, known("tehran").region) == ("Tehran", "Asia-Pacific")
    assert names_of("tehran") == ["Teheran", "Thr"]


def test_a_name_that_a_merged_member_had_may_be_taken(app: Flask) -> None:
    a_member("Teheran")
    a_member("Tehran")
    merge_members("teheran", "tehran")

    assert a_member("Teheran", key="teheran-2").id


def test_a_merge_that_makes_no_sense_is_refused(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    for name in ("A1", "B1", "C1"):
        a_member(name)
    merge_members("a1", "b1")

    with pytest.raises(IntoItself):
        merge_members("b1", "b1")
    with pytest.raises(AlreadyMerged):
        merge_members("a1", "c1")
    with pytest.raises(AlreadyMerged):
        merge_members("c1", "a1")
    with pytest.raises(NoSuchMember):
        merge_members("c1", "nothing")
    itself = client.post("/staff/members/b1/merge", data={"into": "b1"})
    assert itself.status_code == 422
    assert "This is the member itself" in itself.text
    unknown = client.post("/staff/members/b1/merge", data={"into": "Atlantis"})
    assert unknown.status_code == 422
    assert "We found no member with this name" in unknown.text


def test_a_registration_that_was_on_its_way_follows_the_merge(app: Flask) -> None:
    old, new = a_member("Teheran"), a_member("Tehran")
    merge_members("teheran", "tehran")
    late = a_registration(member=old)

    assert follow_merges() == 1
    assert follow_merges() == 0
    db.session.refresh(late, ["member_id"])
    assert late.member_id == new.id


def test_of_two_merges_of_the_same_two_at_once_one_is_done_and_the_other_refused(app: Flask) -> None:
    a_member("Teheran")
    a_member("Tehran")
    both_ways = [("teheran", "tehran"), ("tehran", "teheran")]

    def merge(pair: tuple[str, str]) -> str:
        with app.app_context():
            try:
                merge_members(*pair)
            except AlreadyMerged:
                return "refused"
            finally:
                db.session.remove()
        return "done"

    db.session.commit()
    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(merge, both_ways))

    assert outcomes == ["done", "refused"]
    assert len(member_names().members) == 1
