"""Several sessions taken at once: up to three mails, and where there would be more, one with all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
import vobject
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.calendars.reading import events_of
from tests.conftest import Counted
from tests.factories import (
    a_calendar_entry,
    a_personal_feed,
    a_registration,
    a_series,
    a_session,
    a_webinar,
)
from tests.mail.smtp_server import SmtpServer, a_mail_server
from tests.mailbox import (
    all_mail,
    calendar_of,
    calendar_parts,
    kinds_of_mail_to,
    mails_to,
    read,
    the_only_mail_to,
    words_of,
)
from tests.registration.test_services import a_registrant, all_registrations
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.calendars.models import CalendarEntry, EntryStatus
from webinar.catalogue.models import Access, Platform, Webinar, WebinarSession
from webinar.foundation.db import db
from webinar.foundation.languages import speaking
from webinar.mail.delivery import claim, deliver_due
from webinar.mail.models import MailState, OutboxMail
from webinar.mail.transport import transport_of
from webinar.registration.models import Affiliation, Registration, RegistrationStatus
from webinar.registration.services import (
    NoSuchSession,
    RegistrationClosed,
    UnknownLanguageVersion,
    UnknownMember,
    cancel,
    correct_address,
    register,
    register_for_several,
    send_again,
)
from webinar.updates.services import move_session, write_due

pytestmark = pytest.mark.usefixtures("app")
ANA = "ana@lisbon.example"
NOON = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
ALL = ("one", "two", "three", "four")
PERSON = {"email": ANA, "given_name": "Ana", "family_name": "Sousa", "affiliation": "other", "privacy": "y"}


@pytest.fixture(autouse=True)
def clock_stands() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def heat(app: Flask) -> Webinar:
    titles = {"en": "Heat", "fr": "Chaleur", "ar": "الحرّ في المدن"}
    return a_webinar("heat", series=a_series("heat"), titles=titles, original_language="en")


@pytest.fixture
def sessions(heat: Webinar) -> Mapping[str, WebinarSession]:
    """Return four sessions, the earliest first; two of them before the clocks change in Santiago, two after."""
    starts = ("2030-05-14T13:00", "2030-08-14T13:00", "2030-10-14T13:00", "2030-12-14T01:00")
    return {
        key: a_session(key, webinar=heat, starts=start, zone="America/Santiago")
        for key, start in zip(ALL, starts, strict=True)
    }


def take(*keys: str, **more: object) -> None:
    assert register_for_several("heat", {key: a_registrant(**more) for key in keys or ALL}) == {}  # type: ignore[arg-type]


def entries() -> dict[str, CalendarEntry]:
    rows = db.session.execute(
        select(WebinarSession.key, CalendarEntry)
        .join(CalendarEntry, CalendarEntry.session_id == WebinarSession.id)
        .execution_options(populate_existing=True)
    )
    return {key: entry for key, entry in rows}


def place_in(key: str) -> Registration:
    return db.session.scalars(select(Registration).join(Registration.session).where(WebinarSession.key == key)).one()


def file_in(mail: EmailMessage) -> str:
    [content] = calendar_parts(mail)
    return content.decode()


def shifted(traveller: time_machine.Traveller, **by: int) -> None:
    traveller.shift(timedelta(**by))


def test_four_sessions_come_in_one_mail_with_all_their_entries_in_a_file(
    sessions: Mapping[str, WebinarSession],
) -> None:
    take()

    mail = the_only_mail_to(ANA)
    content = file_in(mail)
    told = {str(event["uid"]): event for event in events_of(content)}
    known = entries()
    assert kinds_of_mail_to(ANA) == ["several sessions"]
    assert mail["Subject"] == "Your sessions from 14 May 2030 to 14 December 2030"
    assert "METHOD:PUBLISH" in content
    assert "ATTENDEE" not in content
    assert len(told) == 4
    for key, session in sessions.items():
        event, entry = told[known[key].uid], known[key]
        assert (event["dtstart"].dt, event["dtend"].dt) == (session.starts_at, session.ends_at)
        assert event["dtstamp"].dt == entry.dtstamp == NOON
        assert (int(event["sequence"]), entry.announced_sequence) == (0, 0)
        assert (event["class"], event["status"]) == ("PRIVATE", "CONFIRMED")
        assert event["organizer"] == "mailto:webinars@example.org"
        assert event["url"].endswith(f"/join/{place_in(key).join_token}")
        assert entry.first_message_id == mail["Message-ID"]


def test_a_reader_that_is_not_ours_finds_the_same_instants_in_the_file(
    sessions: Mapping[str, WebinarSession],
) -> None:
    take()

    calendar = vobject.readOne(file_in(the_only_mail_to(ANA)))
    assert calendar.method.value == "PUBLISH"
    assert {event.uid.value: (event.dtstart.value, event.dtend.value) for event in calendar.vevent_list} == {
        entry.uid: (sessions[key].starts_at, sessions[key].ends_at) for key, entry in entries().items()
    }
    assert not any(hasattr(event, "attendee") for event in calendar.vevent_list)


def test_the_file_is_attached_and_nothing_that_a_program_acts_on_by_itself(
    sessions: Mapping[str, WebinarSession],
) -> None:
    take()

    parts = [part for part in the_only_mail_to(ANA).walk() if not part.is_multipart()]
    assert [(part.get_content_type(), part.get_filename()) for part in parts] == [
        ("text/plain", None),
        ("text/html", None),
        ("application/ics", "sessions.ics"),
    ]
    assert all_mail()[0].calendar_method == "PUBLISH"


def test_the_mail_tells_of_each_session_when_it_is_here_and_there_with_both_links(
    sessions: Mapping[str, WebinarSession],
) -> None:
    take()

    mail = the_only_mail_to(ANA)
    for words in (words_of(mail), words_of(mail, "html")):
        assert words.count("18:00–19:15 for you in Lisbon") == 2
        assert words.count("17:00–18:15 for you in Lisbon") == 1
        assert words.count("04:00–05:15 for you in Lisbon") == 1
        assert "13:00 in Santiago" in words
        for place in all_registrations():
            assert f"/join/{place.join_token}" in words
            assert f"/en/registrations/{place.token}" in words
    told = " ".join(words_of(mail).split())
    assert "You have a place in each of these sessions." in told
    assert "What comes from a file does not follow by itself." in told
    assert f"/en/registrations/{place_in('one').token}#calendar" in told


def test_who_has_a_calendar_of_their_own_is_told_that_it_brings_them(sessions: Mapping[str, WebinarSession]) -> None:
    a_personal_feed(a_registration(email=ANA).person)

    take()

    told = " ".join(words_of(the_only_mail_to(ANA)).split())
    assert "these come by themselves: then do not open the file." in told
    assert "Make an address" not in told


def test_three_sessions_come_in_three_mails_each_with_its_invitation(sessions: Mapping[str, WebinarSession]) -> None:
    take("one", "two", "three")

    parts = [calendar_of(mail) for mail in mails_to(ANA)]
    assert kinds_of_mail_to(ANA) == ["confirmation"] * 3
    assert [part.method for part in parts] == ["REQUEST"] * 3
    assert {part.uid for part in parts} == {entry.uid for entry in entries().values()}


def test_a_fourth_that_is_full_counts_too_and_its_line_says_so(
    heat: Webinar, sessions: Mapping[str, WebinarSession]
) -> None:
    full = a_session("full", webinar=heat, seats=1, starts="2030-06-14T13:00")
    a_registration(full)

    take("one", "two", "three", "full")

    mail = the_only_mail_to(ANA)
    told = " ".join(words_of(mail).split())
    known = entries()
    assert sorted(known) == ["one", "three", "two"]
    assert {str(event["uid"]) for event in events_of(file_in(mail))} == {entry.uid for entry in known.values()}
    assert "All seats of this session are taken. You are on the waiting list" in told
    assert told.count("You have a place. ") == 3
    assert "You have a place in each" not in told
    assert told.index("14 May") < told.index("14 June") < told.index("14 August")
    assert f"/join/{place_in_of(full).join_token}" not in told


def place_in_of(session: WebinarSession) -> Registration:
    return db.session.scalars(
        select(Registration).where(
            Registration.session_id == session.id, Registration.status == RegistrationStatus.WAITING
        )
    ).one()


def test_the_mail_overtakes_mailings_where_one_of_the_sessions_is_soon(
    heat: Webinar, sessions: Mapping[str, WebinarSession]
) -> None:
    a_session("tomorrow", webinar=heat, starts="2030-05-02T11:00", zone="UTC")

    take()
    take(*ALL, "tomorrow", email="zoe@lisbon.example")

    assert [mail.urgent for mail in all_mail()] == [False, True]


def test_who_only_waits_gets_no_file(heat: Webinar) -> None:
    for key in ALL:
        a_registration(a_session(key, webinar=heat, seats=1))

    take()

    mail = the_only_mail_to(ANA)
    assert calendar_parts(mail) == []
    assert entries() == {}
    assert "sessions.ics" not in words_of(mail)
    assert "/join/" not in words_of(mail)


def test_who_must_be_approved_first_is_told_so(heat: Webinar, sessions: Mapping[str, WebinarSession]) -> None:
    a_session("members", webinar=heat, access=Access.MEMBERS)

    take("one", "two", "three", "members")

    assert "the secretariat will look at it" in " ".join(words_of(the_only_mail_to(ANA)).split())


def test_a_session_in_a_room_has_no_link_to_join_in_the_mail(heat: Webinar) -> None:
    for key in ALL:
        a_session(key, webinar=heat, platform=Platform.ROOM)

    take()

    assert "/join/" not in words_of(the_only_mail_to(ANA))


def test_a_refusal_in_one_session_keeps_nobody_from_the_others(
    heat: Webinar, sessions: Mapping[str, WebinarSession]
) -> None:
    a_session("closed", webinar=heat, registration_closes=datetime(2030, 4, 1, tzinfo=UTC))
    registrants = {
        "closed": a_registrant(),
        "none": a_registrant(),
        "one": a_registrant(version="de"),
        **{key: a_registrant() for key in ALL[1:]},
    }

    refusals = register_for_several("heat", registrants)

    assert {key: type(refusal) for key, refusal in refusals.items()} == {
        "closed": RegistrationClosed,
        "none": NoSuchSession,
        "one": UnknownLanguageVersion,
    }
    assert [place.session_id for place in all_registrations()] == [sessions[key].id for key in ALL[1:]]
    assert kinds_of_mail_to(ANA) == ["confirmation"] * 3


def test_where_nothing_is_possible_nothing_is_left_behind(sessions: Mapping[str, WebinarSession]) -> None:
    stranger = a_registrant(affiliation=Affiliation.MEMBER, member_key="atlantis")

    refusals = register_for_several("heat", dict.fromkeys(ALL, stranger))

    assert {type(refusal) for refusal in refusals.values()} == {UnknownMember}
    assert all_registrations() == []
    assert all_mail() == []


def test_the_same_form_again_is_quiet_and_after_ten_minutes_one_reminder_a_day_tells_of_all(
    sessions: Mapping[str, WebinarSession], clock_stands: time_machine.Traveller
) -> None:
    take()
    take()
    assert kinds_of_mail_to(ANA) == ["several sessions"]

    shifted(clock_stands, minutes=11)
    take()
    shifted(clock_stands, hours=2)
    take()

    first, again = mails_to(ANA)
    assert kinds_of_mail_to(ANA) == ["several sessions", "reminder of place"]
    assert words_of(again).count("You already had a place, and nothing has changed.") == 4
    assert [event["uid"] for event in events_of(file_in(again))] == [
        event["uid"] for event in events_of(file_in(first))
    ]
    assert {(int(event["sequence"]), event["dtstamp"].dt) for event in events_of(file_in(again))} == {
        (0, NOON + timedelta(minutes=11))
    }
    assert {entry.first_message_id for entry in entries().values()} == {first["Message-ID"]}


def test_registering_for_one_of_them_again_is_as_quiet_as_after_a_mail_of_its_own(
    sessions: Mapping[str, WebinarSession], clock_stands: time_machine.Traveller
) -> None:
    take()

    register("two", a_registrant())
    assert len(all_mail()) == 1
    shifted(clock_stands, minutes=11)
    register("two", a_registrant())

    assert kinds_of_mail_to(ANA) == ["several sessions", "reminder of place"]
    assert calendar_of(mails_to(ANA)[1]).uid == entries()["two"].uid


def test_only_what_is_told_counts_towards_three(sessions: Mapping[str, WebinarSession]) -> None:
    take("one", "two", "three")

    take()

    assert kinds_of_mail_to(ANA) == ["confirmation"] * 4


def test_giving_one_up_takes_its_entry_out_by_its_uid_and_belongs_to_the_mail_that_brought_it(
    sessions: Mapping[str, WebinarSession], clock_stands: time_machine.Traveller
) -> None:
    take()
    shifted(clock_stands, days=1)

    cancel(place_in("two").token)

    together, gone = mails_to(ANA)
    part = calendar_of(gone)
    assert (part.method, part.uid, part.sequence) == ("CANCEL", entries()["two"].uid, 1)
    assert gone["References"] == together["Message-ID"]
    assert part.stamped == NOON + timedelta(days=1)


def test_a_session_that_moves_is_told_by_an_invitation_of_its_own_after_the_mail_that_brought_it(
    sessions: Mapping[str, WebinarSession], clock_stands: time_machine.Traveller
) -> None:
    take()
    shifted(clock_stands, hours=1)

    start, end = (datetime.fromisoformat(f"2030-08-21T{hour}:00") for hour in (13, 14))
    move_session("two", start, end)
    write_due()

    together, moved = all_mail()
    part = calendar_of(read(moved))
    assert (part.method, part.uid, part.sequence) == ("REQUEST", entries()["two"].uid, 1)
    assert part.start == datetime(2030, 8, 21, 17, 0, tzinfo=UTC)
    assert read(moved)["References"] == together.message_id
    assert [mail.id for mail in claim("one", NOON + timedelta(hours=1))] == [together.id]


def test_the_invitation_again_has_the_same_uid_and_hurries_what_brings_the_entry(
    sessions: Mapping[str, WebinarSession],
) -> None:
    take()

    send_again(place_in("two").token)

    together, alone = all_mail()
    part = calendar_of(read(alone))
    assert (part.method, part.uid, part.sequence) == ("REQUEST", entries()["two"].uid, 0)
    assert part.stamped == NOON + timedelta(seconds=1)
    assert (together.urgent, alone.urgent) == (True, True)
    assert [mail.id for mail in claim("one", NOON)] == [together.id]


def test_a_place_taken_anew_comes_under_a_higher_sequence_after_its_cancellation_has_left(
    sessions: Mapping[str, WebinarSession],
) -> None:
    register("one", a_registrant())
    cancel(place_in("one").token)

    take()

    first, gone, together = all_mail()
    assert together.kind == "several sessions"
    assert entries()["one"].status is EntryStatus.CONFIRMED
    assert {int(event["sequence"]) for event in events_of(file_in(read(together)))} == {0, 2}
    assert entries()["one"].first_message_id == first.message_id
    order = []
    while claimed := claim("one", NOON):
        order += [mail.id for mail in claimed]
        db.session.execute(
            update(OutboxMail)
            .where(OutboxMail.id.in_(order))
            .values(state=MailState.SENT, sent_at=NOON, claimed_until=None, claimed_by=None)
        )
        db.session.commit()
    assert order == [first.id, gone.id, together.id]


@pytest.fixture
def server(app: Flask) -> Iterator[SmtpServer]:
    with a_mail_server() as running:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=running.port, MAIL_TIMEOUT=1)
        yield running


def deliver(app: Flask) -> None:
    deliver_due(transport_of(app), "test")
    db.session.expire_all()


def test_a_cancellation_does_not_overtake_the_mail_that_brought_the_entry(
    app: Flask, server: SmtpServer, sessions: Mapping[str, WebinarSession], clock_stands: time_machine.Traveller
) -> None:
    take()
    cancel(place_in("two").token)
    server.answer = lambda command, _argument: "450 come later" if command == "RCPT" else None
    deliver(app)
    assert [mail.attempts for mail in all_mail()] == [1, 0]

    server.answer = lambda _command, _argument: None
    shifted(clock_stands, minutes=2)
    deliver(app)

    assert [mail.state for mail in all_mail()] == [MailState.SENT, MailState.SENT]
    assert [b"METHOD:CANCEL" in mail.content or b"method=CANCEL" in mail.content for mail in server.taken] == [
        False,
        True,
    ]


def test_where_the_mail_is_refused_for_good_the_cancellation_of_one_goes_with_it(
    app: Flask, server: SmtpServer, sessions: Mapping[str, WebinarSession]
) -> None:
    take()
    cancel(place_in("two").token)
    server.answer = lambda command, _argument: "550 no such user" if command == "RCPT" else None

    deliver(app)

    assert [mail.state for mail in all_mail()] == [MailState.REFUSED, MailState.WITHDRAWN]
    assert all_mail()[1].server_said == "withdrawn: the invitation never left"


@pytest.mark.parametrize(("was_refused", "kinds"), [(True, []), (False, ["cancellation"])])
def test_correcting_the_address_takes_the_entry_out_only_where_the_mail_brought_it(
    sessions: Mapping[str, WebinarSession], was_refused: bool, kinds: list[str]
) -> None:
    take()
    if was_refused:
        all_mail()[0].state = MailState.REFUSED
        db.session.commit()

    correct_address(place_in("two").token, "ana.sousa@lisbon.example")

    assert kinds_of_mail_to(ANA)[1:] == kinds


def test_each_entry_is_in_the_language_of_its_place_and_the_mail_in_that_of_most(heat: Webinar) -> None:
    for key in ALL:
        a_session(key, webinar=heat)
    water = a_webinar("water", titles={"en": "Water"}, original_language="en")
    a_session("water", webinar=water)

    take(*ALL, "water", language="fr")

    mail = the_only_mail_to(ANA)
    page = words_of(mail, "html")
    assert '<html lang="fr"' in page
    assert 'lang="en" dir="ltr"' in page  # the title that there is only in English
    assert "Water" in page
    summaries = {event["summary"].params["LANGUAGE"]: str(event["summary"]) for event in events_of(file_in(mail))}
    assert summaries == {"fr": "Chaleur", "en": "Water"}


@pytest.mark.parametrize(("language", "direction", "title"), [("fr", "ltr", "Chaleur"), ("ar", "rtl", "الحرّ في المدن")])
def test_the_mail_speaks_the_persons_language(
    sessions: Mapping[str, WebinarSession], language: str, direction: str, title: str
) -> None:
    with speaking("en"):  # whoever makes it happen
        take(language=language)

    mail = the_only_mail_to(ANA)
    assert f'<html lang="{language}" dir="{direction}"' in words_of(mail, "html")
    for words in (words_of(mail), words_of(mail, "html")):
        assert words.count(title) >= 4
        assert f"/{language}/registrations/" in words
        assert "/en/registrations/" not in words
    assert all_mail()[0].language == language


def test_a_name_typed_by_anybody_stays_a_name(sessions: Mapping[str, WebinarSession]) -> None:
    take(given_name="<b>evil.example</b>", family_name="\u202ex")

    page = words_of(the_only_mail_to(ANA), "html")
    assert "<b>evil" not in page
    assert "\u202e" not in page


def test_staff_find_the_mail_under_each_registration_and_see_what_it_carries(
    client: FlaskClient, sessions: Mapping[str, WebinarSession]
) -> None:
    take()
    signed_in_as(client, Role.ORGANISER)
    turn = place_in("three").turn

    place = client.get(f"/staff/sessions/three/registrations/{turn}").text
    log = client.get("/staff/mail?topic=session+three").text
    mail = client.get(f"/staff/mail/{all_mail()[0].id}").text

    assert "Several sessions in one" in place
    assert "Your sessions from" in log
    assert entries()["three"].uid in mail
    assert "series heat" in mail


def test_the_page_says_the_same_for_known_and_new_addresses(
    client: FlaskClient, sessions: Mapping[str, WebinarSession]
) -> None:
    data = {**PERSON, "sessions": list(ALL)}

    answers = [client.post("/en/series/heat/register", data=data) for _ in range(2)]
    pages = [client.get(answer.location).text for answer in answers]

    assert answers[0].location == answers[1].location
    assert pages[0] == pages[1]
    assert "Your mail is on its way. For each session it says whether you have a place" in pages[0]
    assert len(all_mail()) == 1


@pytest.mark.parametrize("more", [{}, {"email": "known@lisbon.example"}])
def test_each_session_more_costs_a_few_queries_more(
    heat: Webinar, count_queries: Callable[[], AbstractContextManager[Counted]], more: dict[str, str]
) -> None:
    registrant = a_registrant(**more)
    keys = [a_session(webinar=heat).key for _ in range(20)]
    counted = []
    for some in (keys[:5], keys[5:]):
        with count_queries() as queries:
            register_for_several("heat", dict.fromkeys(some, registrant))
        counted.append(queries.count)

    assert (counted[1] - counted[0]) / 10 <= 12
    assert len(all_mail()) == 2


def test_twenty_sessions_are_one_mail_that_calendars_take(heat: Webinar) -> None:
    keys = [a_session(webinar=heat, starts=f"2030-06-{day:02}T13:00").key for day in range(1, 21)]

    take(*keys)

    mail = all_mail()[0]
    assert len(events_of(file_in(read(mail)))) == 20
    assert len(file_in(read(mail))) < 64 * 1024
    assert len(mail.message or b"") < 256 * 1024


def test_an_entry_from_an_earlier_invitation_stays_the_same_entry(sessions: Mapping[str, WebinarSession]) -> None:
    known = a_registration(sessions["one"], email=ANA, status=RegistrationStatus.CANCELLED)
    entry = a_calendar_entry(known, announced_sequence=0, dtstamp=NOON, first_message_id="<first@example.org>")
    uid = entry.uid

    take()

    event = next(event for event in events_of(file_in(the_only_mail_to(ANA))) if event["uid"] == uid)
    assert (int(event["sequence"]), event["dtstamp"].dt) == (0, NOON + timedelta(seconds=1))
    assert entries()["one"].first_message_id == "<first@example.org>"
