"""Which member is this? One decision about a typed name holds for all who typed it, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Counted
from tests.factories import a_member, a_registration, a_session, stored
from tests.signing_in import signed_in_as
from webinar.accounts.models import AuditEntry, Role
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.members.models import Member, TypedName
from webinar.members.services.merge_members import merge_members
from webinar.registration import services
from webinar.registration.models import Affiliation, Registration
from webinar.registration.queries import count_by_member, count_to_place
from webinar.registration.registrant import Registrant
from webinar.registration.services.import_registrations import import_registrations
from webinar.registration.services.place_names import (
    DecidedOtherwise,
    NameTaken,
    NoSuchMember,
    NotDecided,
    place_name,
    take_back_decision,
)
from webinar.registration.typed_names import unplaced_page

Counting = Callable[[], AbstractContextManager[Counted]]


def somebody(organisation: str, session: WebinarSession | None = None, **more: Any) -> Registration:
    return a_registration(session, organisation=organisation, **{"affiliation": Affiliation.PARTNER, **more})


def typed(organisation: str, email: str = "new@lisbon.example") -> Registrant:
    return Registrant(
        email=email,
        given_name="Ana",
        family_name="Sousa",
        affiliation=Affiliation.OTHER,
        organisation=organisation,
        version="en",
        language="en",
        timezone="Europe/Lisbon",
    )


def stands(place: Registration) -> tuple[str, int | None, str]:
    db.session.refresh(place, ["affiliation", "member_id", "organisation"])
    return place.affiliation.value, place.member_id, place.organisation


def the_place_of(email: str) -> Registration:
    db.session.expire_all()
    return db.session.scalars(select(Registration).where(Registration.person.has(email=email))).one()


def test_names_are_one_however_they_are_written_with_all_that_helps_to_decide(
    app: Flask, count_queries: Counting
) -> None:
    a_member("Lisbon", aliases=["Lisboa"], mail_domains=["lisbon.example"])
    first = somebody("Cámara de Lisboa", email="a@planning.lisbon.example")
    somebody("camara  de lisboa!", first.session, email="b@planning.lisbon.example")
    somebody("Cámara de Lisboa", email="c@mail.example")
    somebody("---")
    a_registration(member=a_member("Porto"), organisation="Cámara de Lisboa")
    key = first.session.key

    with count_queries() as queries:
        [name] = unplaced_page(1).names

    assert queries.count <= 7
    assert name.written == ["Cámara de Lisboa", "camara  de lisboa!"]
    assert (name.people, name.sessions[0], name.domains[0]) == (3, key, "planning.lisbon.example")
    assert [guess.key for guess in name.guesses][:1] == ["lisbon"]
    assert count_to_place() == 1


def test_one_decision_places_all_who_typed_it_and_whoever_types_it_later(app: Flask) -> None:
    lisbon = a_member("Lisbon")
    places = [somebody("Câmara Lisboa"), somebody("camara lisboa", affiliation=Affiliation.OTHER), somebody("Other")]
    coming = a_session("coming", starts="2040-05-14T13:00")

    assert place_name("camara lisboa", "lisbon") == 2
    services.register("coming", typed("CAMARA  LISBOA"))

    assert [stands(place) for place in places] == [
        ("member", lisbon.id, "Câmara Lisboa"),
        ("member", lisbon.id, "camara lisboa"),
        ("partner", None, "Other"),
    ]
    assert stands(the_place_of("new@lisbon.example")) == ("member", lisbon.id, "CAMARA  LISBOA")
    assert count_to_place() == 1
    assert [count.key for count in count_by_member(coming.id)] == ["lisbon"]


def test_an_imported_registration_is_placed_by_what_was_decided(app: Flask) -> None:
    lisbon = a_member("Lisbon")
    stored(TypedName(folded="camara lisboa", member_id=lisbon.id))
    session = a_session("coming", starts="2040-05-14T13:00")

    import_registrations(
        session.key, "email,given_name,family_name,organisation\na@b.example,A,B,Câmara Lisboa".encode(), quiet=True
    )

    assert stands(the_place_of("a@b.example")) == ("member", lisbon.id, "Câmara Lisboa")


def test_a_name_that_is_no_member_is_not_asked_again(app: Flask) -> None:
    place = somebody("UN-Habitat")

    place_name("un habitat", None)
    somebody("UN Habitat")

    assert count_to_place() == 0
    assert stands(place) == ("partner", None, "UN-Habitat")


def test_a_decision_taken_back_leaves_everybody_as_they_had_chosen(app: Flask) -> None:
    lisbon = a_member("Lisbon")
    partner = somebody("Lisboa")
    other = somebody("LISBOA", affiliation=Affiliation.OTHER)
    of_its_own = a_registration(member=lisbon, organisation="Lisboa")
    place_name("lisboa", "lisbon")

    assert take_back_decision("lisboa") == 2

    assert stands(partner) == ("partner", None, "Lisboa")
    assert stands(other) == ("other", None, "LISBOA")
    assert stands(of_its_own) == ("member", lisbon.id, "Lisboa")
    assert count_to_place() == 1
    with pytest.raises(NotDecided):
        take_back_decision("lisboa")


def test_a_decision_follows_a_merge_and_can_be_taken_back_after_it(app: Flask) -> None:
    a_member("Lisbon")
    new = a_member("Greater Lisbon")
    place = somebody("Lisboa")
    place_name("lisboa", "lisbon")

    merge_members("lisbon", "greater-lisbon")

    assert stands(place) == ("member", new.id, "Lisboa")
    assert take_back_decision("lisboa") == 1
    assert stands(place) == ("partner", None, "Lisboa")


def test_the_name_becomes_one_of_the_members_names_where_that_is_wished(app: Flask) -> None:
    lisbon = a_member("Lisbon")
    a_member("Porto")
    somebody("Câmara Lisboa")
    somebody("Porto")

    place_name("camara lisboa", "lisbon", as_alias=True)
    with pytest.raises(NameTaken):
        place_name("porto", "lisbon", as_alias=True)

    db.session.refresh(lisbon, ["aliases"])
    assert [alias.name for alias in lisbon.aliases] == ["Câmara Lisboa"]
    assert db.session.get(TypedName, "porto") is None
    assert count_to_place() == 1


def test_what_was_decided_otherwise_stands(app: Flask) -> None:
    a_member("Lisbon")
    a_member("Porto")
    somebody("Lisboa")
    place_name("lisboa", "lisbon")

    with pytest.raises(DecidedOtherwise):
        place_name("lisboa", "porto")
    with pytest.raises(DecidedOtherwise):
        place_name("lisboa", None)
    with pytest.raises(NoSuchMember):
        place_name("lisboa", "atlantis")
    assert place_name("lisboa", "lisbon") == 0


def test_who_chooses_again_themselves_is_placed_by_nobody_any_more(app: Flask) -> None:
    a_member("Lisbon")
    place = somebody("Lisboa")
    place_name("lisboa", "lisbon")
    db.session.refresh(place)

    place.affiliation = Affiliation.OTHER
    place.member_id = None
    db.session.commit()

    assert place.typed_affiliation is None


def test_placing_takes_nobodys_seat_where_a_member_has_more_than_it_may(app: Flask) -> None:
    a_member("Lisbon")
    session = a_session("coming", starts="2040-05-14T13:00", most_per_member=1)
    places = [somebody("Lisboa", session), somebody("Lisboa", session)]

    place_name("lisboa", "lisbon")

    assert [stands(place)[0] for place in places] == ["member", "member"]
    assert {place.status.value for place in places} == {"registered"}


def test_the_page_shows_each_name_with_its_guesses_and_one_button_settles_it(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    lisbon = a_member("Lisbon", aliases=["Lisboa"])
    place = somebody("City of Lisboa", email="a@lisbon.example")
    somebody("<b>Evil</b>")

    page = client.get("/staff/which-member").text
    done = client.post(
        "/staff/which-member", data={"folded": "city of lisboa", "member": ["lisbon", ""], "as_alias": "y"}
    )
    told = client.get("/staff/which-member").text
    client.post("/staff/which-member", data={"folded": "b evil b", "none": "1", "member": ""})
    decided = client.get("/staff/which-member/decided").text

    assert "City of Lisboa" in page
    assert "lisbon.example" in page
    assert "a@lisbon.example" not in page
    assert "<b>Evil" not in page
    assert (done.status_code, done.location) == (303, "/staff/which-member")
    assert "1 registration counts for Lisbon now" in told
    assert stands(place) == ("member", lisbon.id, "City of Lisboa")
    assert "city of lisboa" in decided
    assert "No member" in decided
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "name city of lisboa")).all()
    assert [(entry.action, entry.changes) for entry in entries] == [
        ("placed", {"member": "lisbon", "registrations": 1})
    ]

    client.post("/staff/which-member/decided", data={"folded": "city of lisboa"})
    assert stands(place) == ("partner", None, "City of Lisboa")


def test_what_cannot_be_decided_is_said_at_the_name(client: FlaskClient) -> None:
    signed_in_as(client, Role.ORGANISER)
    a_member("Lisbon")
    a_member("Porto")
    somebody("Porto")

    unknown = client.post("/staff/which-member", data={"folded": "porto", "member": "Atlantis"})
    taken = client.post("/staff/which-member", data={"folded": "porto", "member": "lisbon", "as_alias": "y"})
    gone = client.post("/staff/which-member", data={"folded": "nobody typed it", "member": "lisbon"})

    assert unknown.status_code == 422
    assert "We found no member with this name" in unknown.text
    assert taken.status_code == 422
    assert "is what the member “Porto” is called" in taken.text
    assert gone.status_code == 303
    assert db.session.scalars(select(TypedName)).all() == []


def test_a_viewer_sees_the_names_and_decides_nothing(client: FlaskClient) -> None:
    signed_in_as(client, Role.VIEWER)
    a_member("Lisbon")
    somebody("Lisboa")

    assert "It is this member" not in client.get("/staff/which-member").text
    assert client.post("/staff/which-member", data={"folded": "lisboa", "member": "lisbon"}).status_code == 403
    assert client.post("/staff/which-member/decided", data={"folded": "lisboa"}).status_code == 403
    assert db.session.scalars(select(Member.key)).all() == ["lisbon"]
