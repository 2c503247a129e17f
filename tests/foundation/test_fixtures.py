"""The ground the other tests stand on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import Counted
from tests.factories import a_member, a_registration, a_row_in_every_table
from webinar.foundation.db import db
from webinar.members.models import Member

Counting = Callable[[], AbstractContextManager[Counted]]


@pytest.mark.parametrize("time", [1, 2])
def test_every_test_begins_with_an_empty_database_and_an_empty_mailbox(app: Flask, time: int) -> None:
    assert db.session.scalar(select(func.count(Member.id))) == 0
    assert list(Path(app.instance_path).iterdir()) == []

    a_row_in_every_table()
    (Path(app.instance_path) / "mailbox").mkdir()


def test_what_a_factory_made_can_be_read_with_its_relations(app: Flask) -> None:
    place = a_registration(member=a_member())

    assert (place.session.webinar.texts[0].title, place.member and place.member.name) == ("Heat in cities", "Lisbon")


def test_queries_are_counted_without_what_the_test_has_in_hand(app: Flask, count_queries: Counting) -> None:
    member = a_member()

    with count_queries() as queries:
        again = db.session.get(Member, member.id)

    assert again is not member

    assert queries.count == 1
