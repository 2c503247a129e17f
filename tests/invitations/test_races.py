"""Workers and organisers at once: nothing of a mailing leaves once it is stopped."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import a_contact, a_mailing, a_session
from tests.invitations.test_confirming import confirmed
from tests.updates.test_races import PATIENCE, Others
from webinar.foundation.db import db
from webinar.invitations.models import Invitation
from webinar.invitations.services import write_due
from webinar.invitations.services.going import stop
from webinar.mail.models import MailState, OutboxMail

PEOPLE = 120


@pytest.mark.parametrize("moment", [0.02, 0.1, 0.2, 0.35])
def test_what_is_being_written_when_a_mailing_is_stopped_does_not_leave(app: Flask, moment: float) -> None:
    app.config.update(MAILINGS_A_MINUTE=0, MAILINGS_A_MINUTE_PER_DOMAIN=0)
    for number in range(PEOPLE):
        a_contact(f"person{number}@example.org")
    mailing_id = confirmed(a_mailing(a_session())).id

    def write_all() -> None:
        while write_due(40):
            db.session.remove()

    with Others(app) as others:
        work = [others.start(write_all) for _ in range(2)]
        time.sleep(moment)
        others.start(stop, mailing_id).result(PATIENCE)
        for one in work:
            one.result(PATIENCE)

    db.session.rollback()
    waiting = select(func.count()).select_from(OutboxMail).where(OutboxMail.state == MailState.QUEUED)
    assert db.session.scalar(waiting) == 0
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0
