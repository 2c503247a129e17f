"""Counting attempts in the database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import Counted
from webinar.foundation.db import db, transaction
from webinar.foundation.ratelimit import RateLimit, allow, remove_old

NOON = datetime(2030, 5, 14, 12, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


def attempt(subject: str = "192.0.2.7", *, name: str = "registration", limit: int = 3, now: datetime = NOON) -> bool:
    return allow(name, subject, limit=limit, per=AN_HOUR, now=now)


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(RateLimit)) or 0


def test_as_many_attempts_as_the_limit_says_are_allowed_and_no_more(app: Flask) -> None:
    assert [attempt() for _ in range(5)] == [True, True, True, False, False]


def test_each_subject_and_each_name_is_counted_for_itself(app: Flask) -> None:
    assert attempt(limit=1)
    assert not attempt(limit=1)

    assert attempt("192.0.2.8", limit=1)
    assert attempt(name="sign-in", limit=1)


def test_the_window_ends_an_hour_after_its_first_attempt(app: Flask) -> None:
    assert attempt(limit=1)

    assert not attempt(limit=1, now=NOON + AN_HOUR - timedelta(seconds=1))
    assert attempt(limit=1, now=NOON + AN_HOUR)
    assert not attempt(limit=1, now=NOON + AN_HOUR)


def test_loopback_is_counted_like_everybody(app: Flask) -> None:
    assert [attempt("127.0.0.1", limit=1), attempt("127.0.0.1", limit=1)] == [True, False]


def test_nobody_can_read_from_the_table_who_it_was(app: Flask) -> None:
    attempt("192.0.2.7")
    there = db.session.scalars(select(RateLimit.key)).one()
    app.config["SECRET_KEY"] = "another"
    attempt("192.0.2.7")

    assert len(there) == 64
    assert "192" not in there
    assert rows() == 2  # with another secret it is another key


def test_windows_that_are_over_can_be_removed(app: Flask) -> None:
    for number in range(5):
        attempt(f"192.0.2.{number}")
    attempt("198.51.100.1", now=NOON + AN_HOUR / 2)

    assert remove_old(NOON + AN_HOUR) == 5
    assert rows() == 1


def test_an_attempt_within_a_window_is_one_statement(
    app: Flask, count_queries: Callable[[], AbstractContextManager[Counted]]
) -> None:
    attempt()

    with count_queries() as queries:
        attempt()

    assert queries.count == 1


def test_attempts_at_once_from_many_threads_are_counted_exactly(app: Flask) -> None:
    def one(_: int) -> bool:
        with app.app_context():
            return attempt(limit=20)

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(one, range(60)))

    assert allowed.count(True) == 20


def test_an_attempt_stays_counted_when_the_use_case_is_refused(app: Flask) -> None:
    attempt(limit=1)
    db.session.rollback()

    assert not attempt(limit=1)


def test_counting_inside_of_a_use_case_is_a_mistake_of_ours(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        attempt()
