"""Seeing an update before it is decided: the very mail, and nothing changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.factories import a_person, a_session, a_webinar, an_invited_entry
from tests.mailbox import all_mail, mails_to, words_of
from tests.registration.test_services import a_registrant
from tests.updates.test_moving import again, at, entry_of, everything_written
from webinar.catalogue.models import SessionStatus
from webinar.catalogue.services.drafts import EditRefused
from webinar.foundation.db import db
from webinar.registration.services import register
from webinar.updates.models import UpdateKind
from webinar.updates.services import move_session
from webinar.updates.services.rehearse import Plan, rehearse, rehearsed_mail

pytestmark = pytest.mark.usefixtures("app")


def a_move(start: str = "2030-05-21T13:00", end: str = "2030-05-21T14:15", **words: str) -> Plan:
    return Plan(UpdateKind.MOVED, at(start), at(end), words)


def test_it_says_who_is_told_in_which_language_and_when_it_would_be() -> None:
    webinar = a_webinar(titles={"en": "Heat in cities", "fr": "La chaleur en ville"})
    session = a_session(webinar=webinar, languages=("en", "fr"), seats=2)
    register(session.key, a_registrant())
    register(session.key, a_registrant("lea@example.org", version="fr", language="fr"))
    register(session.key, a_registrant("waits@example.org"))
    an_invited_entry(session, a_person("invited@example.org", language="fr"))

    seen = rehearse(session.key, a_move())

    assert [tuple(one) for one in seen.audience] == [("en", 1, 1, 0), ("fr", 1, 0, 1)]
    assert seen.people == 4
    assert (seen.before.starts_at, seen.then.starts_at) == (
        datetime(2030, 5, 14, 12, 0, tzinfo=UTC),
        datetime(2030, 5, 21, 12, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize("kind", list(UpdateKind))
def test_nothing_is_stored_by_looking(kind: UpdateKind) -> None:
    session = a_session()
    register(session.key, a_registrant())
    plan = a_move() if kind is UpdateKind.MOVED else Plan(kind)
    before = (session.starts_at, session.status, session.sequence, session.revision)

    rehearse(session.key, plan)
    rehearsed_mail(session.key, plan, "en")
    db.session.commit()

    stored = again(session)
    assert (stored.starts_at, stored.status, stored.sequence, stored.revision) == before
    assert (entry_of("ana@lisbon.example").sequence, len(all_mail()), everything_written()) == (0, 1, 0)


def test_the_mail_that_is_shown_is_the_one_that_leaves() -> None:
    session = a_session()
    register(session.key, a_registrant())

    shown = rehearsed_mail(session.key, a_move(en="The speaker is ill."), "en")
    move_session(session.key, at("2030-05-21T13:00"), at("2030-05-21T14:15"), words={"en": "The speaker is ill."})
    everything_written()

    told = mails_to("ana@lisbon.example")[-1]
    assert shown is not None
    assert (shown.subject, shown.text.splitlines()) == (told["Subject"], words_of(told).splitlines())
    assert "SEQUENCE:1" in shown.calendar


def test_somebody_invited_stands_for_a_language_in_which_nobody_is_registered() -> None:
    session = a_session()
    an_invited_entry(session, a_person("invited@example.org"))

    shown = rehearsed_mail(session.key, Plan(UpdateKind.CANCELLED), "en")

    assert shown is not None
    assert "METHOD:CANCEL" in shown.calendar
    assert again(session).status is SessionStatus.PUBLISHED
    assert rehearsed_mail(session.key, Plan(UpdateKind.CANCELLED), "fr") is None


def test_what_could_not_be_decided_is_refused_beforehand() -> None:
    session = a_session()
    register(session.key, a_registrant())

    with pytest.raises(EditRefused):
        rehearse(session.key, a_move("2020-05-21T13:00", "2020-05-21T14:00"))
    with pytest.raises(EditRefused):
        rehearse(session.key, a_move(fr="Souffrante."))
    db.session.commit()

    assert again(session).starts_at == session.starts_at
