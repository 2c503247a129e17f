"""What is logged about a fault names nobody and opens nothing: no address, no name, no personal link."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import a_person, a_registration, a_session
from webinar.foundation.db import db
from webinar.registration.models import Registration


def test_a_fault_is_logged_without_the_link_and_the_values_of_the_statement(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not written out where it is used: a trace shows the lines of the source.
    address = "ana@lisbon.example"
    place = a_registration(a_session(), person=a_person(address))
    token = place.token
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail(**_arguments: str) -> None:
        db.session.execute(db.insert(Registration).values(session_id=None, given_name="Ana", token=address))

    monkeypatch.setitem(app.view_functions, "registration.my_registration", fail)
    with caplog.at_level(logging.ERROR):
        answer = client.get(f"/en/registrations/{token}")

    assert answer.status_code == 500
    assert "fault at registration.my_registration [GET]: IntegrityError" in caplog.text
    assert "in fail" in caplog.text
    assert token not in caplog.text
    assert address not in caplog.text
