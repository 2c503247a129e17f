"""Confirming a mailing: who gets it, who is left out and why, and that the list stands from then on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import (
    LONG_AFTER,
    a_contact,
    a_mailing,
    a_member,
    a_people_list,
    a_person,
    a_registration,
    a_session,
    a_suppression,
    an_attendance,
    an_invitation,
    stored,
)
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import db
from webinar.invitations.audience import Condition
from webinar.invitations.models import LeftOut, Mailing, MailingKind, MailingRecipient, MailingState
from webinar.invitations.queries import counted, find_mailing, fingerprint_of
from webinar.invitations.services.confirm import AudienceChanged, NotReady, confirm, what_is_missing, who_get_it
from webinar.invitations.services.held import AlreadyConfirmed
from webinar.people.models import Contact, MailKind, Person, SuppressionReason
from webinar.registration.models import RegistrationStatus

NOW = datetime(2030, 5, 1, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("app")


def confirmed(mailing: Mailing) -> Mailing:
    """Confirm a mailing for everybody who would get it, and return it."""
    found = find_mailing(mailing.id)
    assert found is not None
    confirm(mailing.id, fingerprint_of(counted(found)), found.revision)
    return found


def list_of(mailing: Mailing) -> dict[str, LeftOut | None]:
    """Return who is on the list of a mailing, by address, and why not."""
    rows = db.session.scalars(select(MailingRecipient).where(MailingRecipient.mailing_id == mailing.id))
    return {row.domain: row.left_out for row in rows}


def test_everybody_is_on_the_list_once_with_the_reason_why_they_get_nothing() -> None:
    session = a_session()
    other = a_session("another")
    a_contact("ana@gets.example")
    a_contact("ana@registered.example", person=(here := a_person("ana@registered.example")))
    a_registration(session, person=here)
    a_contact("ana@cancelled.example", person=(gone := a_person("ana@cancelled.example")))
    a_registration(session, person=gone, status=RegistrationStatus.CANCELLED, cancelled_at=clock.now())
    a_contact("ana@elsewhere.example", person=(elsewhere := a_person("ana@elsewhere.example")))
    a_registration(other, person=elsewhere)
    a_suppression(a_contact("ana@unsubscribed.example").person, kind=MailKind.INVITATIONS)
    a_suppression(a_contact("ana@newsletter.example").person, kind=MailKind.NEWSLETTER)
    a_suppression(a_contact("ana@bounced.example").person, reason=SuppressionReason.DOES_NOT_WORK)
    a_contact("ana@unwanted.example", wants_invitations=False)
    an_invitation(session, a_contact("ana@invited.example").person)
    an_invitation(session, a_contact("ana@declined.example").person, declined_at=clock.now())
    a_contact("ana@merged.example", person=a_person("ana@merged.example", merged_into_id=here.id))
    mailing = a_mailing(session)

    confirmed(mailing)

    assert list_of(mailing) == {
        "gets.example": None,
        "elsewhere.example": None,
        "newsletter.example": None,
        "registered.example": LeftOut.ALREADY_REGISTERED,
        "cancelled.example": LeftOut.CANCELLED,
        "unsubscribed.example": LeftOut.UNSUBSCRIBED,
        "bounced.example": LeftOut.DOES_NOT_WORK,
        "unwanted.example": LeftOut.NOT_WANTED,
        "invited.example": LeftOut.INVITED_BEFORE,
        "declined.example": LeftOut.DECLINED,
        "merged.example": LeftOut.DOUBLE,
    }


def test_what_somebody_did_under_an_address_merged_into_theirs_counts() -> None:
    session = a_session()
    for domain in ("registered", "cancelled", "declined", "unsaid"):
        now = a_contact(f"ana@{domain}.example").person
        before = a_person(f"ana@before-{domain}.example", merged_into_id=now.id)
        if domain == "registered":
            a_registration(session, person=before)
        elif domain == "cancelled":
            a_registration(session, person=before, status=RegistrationStatus.CANCELLED, cancelled_at=clock.now())
        elif domain == "declined":
            an_invitation(session, before, declined_at=clock.now())
    mailing = a_mailing(session, conditions=[Condition("came", ("shown sessions",), holds=False).stored()])

    confirmed(mailing)

    assert list_of(mailing) == {
        "registered.example": LeftOut.ALREADY_REGISTERED,
        "cancelled.example": LeftOut.CANCELLED,
        "declined.example": LeftOut.DECLINED,
        "unsaid.example": None,
    }


def test_who_was_invited_under_an_address_merged_into_theirs_was_invited_before_and_can_be_reminded() -> None:
    sessions = a_session("one"), a_session("two")
    both, one = a_contact("ana@both.example").person, a_contact("ana@one.example").person
    an_invitation(sessions[0], a_person("ana@old-both.example", merged_into_id=both.id))
    an_invitation(sessions[1], both)
    an_invitation(sessions[0], a_person("ana@old-one.example", merged_into_id=one.id))
    a_contact("ana@never.example")
    invitation, reminder = a_mailing(*sessions), a_mailing(*sessions, kind=MailingKind.REMINDER)

    confirmed(invitation)
    confirmed(reminder)

    assert list_of(invitation) == {
        "both.example": LeftOut.INVITED_BEFORE, "one.example": None, "never.example": None,
    }  # fmt: skip
    assert list_of(reminder) == {"both.example": None, "one.example": None}


def test_who_came_under_an_address_merged_into_another_is_thanked_there_unless_the_other_came_too() -> None:
    session = a_session()
    for domain, came_too in (("once", False), ("twice", True)):
        now = a_person(f"ana@{domain}.example")
        an_attendance(a_registration(session, person=a_person(f"ana@old-{domain}.example", merged_into_id=now.id)))
        if came_too:
            an_attendance(a_registration(session, person=now))
    mailing = a_mailing(session, kind=MailingKind.THANKS)

    with time_machine.travel(session.ends_at + timedelta(hours=1), tick=False):
        confirmed(mailing)

    assert list_of(mailing) == {
        "old-once.example": None, "old-twice.example": LeftOut.DOUBLE, "twice.example": None,
    }  # fmt: skip


def test_who_was_invited_and_is_silent_gets_the_reminder() -> None:
    session = a_session()
    an_invitation(session, a_contact("ana@silent.example").person)
    a_contact("ana@never.example")
    mailing = a_mailing(session, kind=MailingKind.REMINDER)

    confirmed(mailing)

    assert list_of(mailing) == {"silent.example": None}


@pytest.mark.parametrize(
    ("kind", "who"), [(MailingKind.THANKS, "came.example"), (MailingKind.MISSED, "missed.example")]
)
def test_after_a_session_thanks_go_to_who_came_and_a_word_to_who_did_not(kind: MailingKind, who: str) -> None:
    session = a_session()
    came = a_registration(session, person=a_person("ana@came.example"))
    an_attendance(came)
    a_registration(session, person=a_person("ana@missed.example"))
    a_contact("ana@contact.example")
    mailing = a_mailing(session, kind=kind)

    with time_machine.travel(session.ends_at + timedelta(hours=1), tick=False):
        confirmed(mailing)

    assert list_of(mailing) == {who: None}


def test_nobody_is_told_that_they_were_missed_where_nobody_knows_who_came() -> None:
    session = a_session()
    a_registration(session, person=a_person("ana@missed.example"))
    mailing = a_mailing(session, kind=MailingKind.MISSED)

    with (
        time_machine.travel(session.ends_at + timedelta(hours=1), tick=False),
        pytest.raises(NotReady, match="nobody has recorded who came"),
    ):
        confirmed(mailing)

    assert list_of(mailing) == {}


def test_who_reads_another_language_gets_what_the_organiser_says_or_the_mailing_is_refused() -> None:
    a_contact("ana@pt.example", language="pt")
    session = a_session()
    mailing = a_mailing(session)

    with pytest.raises(NotReady, match="Portuguese"):
        confirmed(mailing)
    mailing.others_language = "en"
    db.session.commit()
    confirmed(mailing)

    row = db.session.scalars(select(MailingRecipient)).one()
    assert (row.language, row.left_out) == ("en", None)


def test_or_gets_nothing_and_is_on_the_list_as_somebody_without_a_language() -> None:
    a_contact("ana@pt.example", language="pt")
    a_contact("ana@en.example", language="en")
    mailing = a_mailing(a_session(), leaves_others_out=True)

    confirmed(mailing)

    assert list_of(mailing) == {"en.example": None, "pt.example": LeftOut.NO_LANGUAGE}


def another_comes() -> None:
    a_contact("bo@lisbon.example")


def another_comes_for_one_who_goes() -> None:
    a_suppression(db.session.scalars(select(Person)).one())
    a_contact("bo@porto.example")


def somebody_reads_another_language() -> None:
    db.session.scalars(select(Contact)).one().language = "fr"
    db.session.commit()


@pytest.mark.parametrize("change", [another_comes, another_comes_for_one_who_goes, somebody_reads_another_language])
def test_a_list_that_is_not_the_one_shown_is_not_confirmed(change: Callable[[], None]) -> None:
    a_contact()
    mailing = a_mailing(a_session(), texts={"en": ("Come", "Come"), "fr": ("Venez", "Venez")})
    shown = fingerprint_of(counted(mailing))
    change()

    with pytest.raises(AudienceChanged) as refusal:
        confirm(mailing.id, shown, 0)

    found = find_mailing(mailing.id)
    assert found is not None
    assert refusal.value.people == who_get_it(counted(found))
    assert found.is_draft
    assert list_of(mailing) == {}


def test_as_many_people_whose_numbers_add_up_to_the_same_are_another_list() -> None:
    lists = []
    for numbers in ((1_001, 1_004), (1_002, 1_003)):
        theirs = a_people_list(*(a_contact(person=a_person(id=number)).person for number in numbers), name=str(numbers))
        mailing = a_mailing(a_session(str(numbers[0])), conditions=[Condition("listed", (str(theirs.id),)).stored()])
        lists.append(counted(mailing))

    assert [who_get_it(planned) for planned in lists] == [2, 2]
    assert fingerprint_of(lists[0]) != fingerprint_of(lists[1])


def test_confirming_twice_locks_one_list() -> None:
    a_contact()
    mailing = confirmed(a_mailing(a_session()))

    with pytest.raises(AlreadyConfirmed):
        confirm(mailing.id, fingerprint_of(counted(mailing)), 1)

    assert len(list_of(mailing)) == 1
    found = find_mailing(mailing.id)
    assert found is not None
    assert found.state is MailingState.CONFIRMED


def cancelled(session: WebinarSession) -> None:
    session.status = SessionStatus.CANCELLED


@pytest.mark.parametrize(
    ("more", "about"),
    [
        ({"texts": {"en": ("", "text")}}, "texts"),
        ({"texts": {"en": ("subject", " ")}}, "texts"),
        ({"texts": {"en": ("subject", "Dear {first name},")}}, "texts"),
        ({"starts_at": NOW - timedelta(minutes=1)}, "time"),
        ({"local_day": date(2030, 4, 30)}, "time"),
        ({"starts_at": datetime(2030, 5, 14, 12, 1, tzinfo=UTC)}, "time"),  # the session begins at 12:00 UTC
        ({"local_day": date(2030, 5, 14)}, "time"),
        ({"kind": MailingKind.THANKS}, "sessions"),
    ],
)
def test_what_does_not_fit_is_refused_and_says_where(more: dict[str, Any], about: str) -> None:
    a_contact()
    with time_machine.travel(NOW, tick=False):
        mailing = a_mailing(a_session(), **more)

        with pytest.raises(NotReady) as refusal:
            confirmed(mailing)

    assert refusal.value.about == about
    assert list_of(mailing) == {}


@pytest.mark.parametrize("change", [cancelled])
def test_a_session_that_is_not_held_is_refused(change: Callable[[WebinarSession], None]) -> None:
    a_contact()
    session = a_session()
    change(session)
    db.session.commit()

    with pytest.raises(NotReady) as refusal:
        confirmed(a_mailing(session))

    assert refusal.value.about == "sessions"


def test_a_mailing_to_nobody_is_refused() -> None:
    with pytest.raises(NotReady) as refusal:
        confirmed(a_mailing(a_session()))

    assert refusal.value.about == "people"


def test_nine_oclock_is_that_of_each_ones_own_city() -> None:
    a_contact("ana@lisbon.example", member=a_member("Lisbon", timezone="Europe/Lisbon"))
    a_contact("ana@seoul.example", member=a_member("Seoul", timezone="Asia/Seoul"))
    mailing = a_mailing(a_session(), local_day=date(2030, 5, 2))

    with time_machine.travel(NOW, tick=False):
        confirmed(mailing)

    rows = db.session.scalars(select(MailingRecipient).order_by(MailingRecipient.domain))
    assert [row.not_before for row in rows] == [
        datetime(2030, 5, 2, 8, 0, tzinfo=UTC),
        datetime(2030, 5, 2, 0, 0, tzinfo=UTC),
    ]


def test_all_languages_without_a_text_are_named_at_once() -> None:
    for code in ("en", "fr", "pt", "es"):
        a_contact(f"ana@{code}.example", language=code)
    a_contact(person=stored(Person(email="ana@lisbon.example", erase_after=LONG_AFTER)))
    mailing = find_mailing(a_mailing(a_session()).id)
    assert mailing is not None

    missing = [str(one) for one in what_is_missing(mailing, counted(mailing), clock.now())]

    assert missing == [
        "Some people read French, Portuguese and Spanish, and there is no text in these. "
        "Write them, or say what they get.",
        "Of some people nobody knows in which language they read. Say what they get.",
    ]
