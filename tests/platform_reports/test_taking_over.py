from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import a_registration, a_session, a_staff_account
from tests.platform_reports.reports import a_zoom_report, minutes_of, number_of, standings_in, take_over
from webinar.accounts.models import AuditEntry
from webinar.attendance.models import AttendanceRecord
from webinar.foundation.db import db
from webinar.platform_reports.models import BroughtReport, PlatformReport, ReportedLogin, ReportedPerson
from webinar.platform_reports.report import Columns, UnknownLayout
from webinar.platform_reports.services.apply import apply_brought, apply_file
from webinar.platform_reports.services.bring import (
    bring_report,
    choose,
    drop_report,
    find_brought_report,
    plan_of,
)
from webinar.platform_reports.services.decide import link, set_aside
from webinar.platform_reports.services.plan import HowToRead
from webinar.platform_reports.services.refusals import NobodyInIt, NoSuchFile, NoSuchZone, NotActive, NothingBelongs
from webinar.platform_reports.services.undo import undo
from webinar.registration.models import RegistrationStatus

ANA = ("Ana Sousa", "ana@lisbon.example", "13:00:00", "14:00:00")
RUI = ("Rui Costa", "rui@lisbon.example", "13:30:00", "14:00:00")


def stored_rows() -> int:
    """Count all that a report leaves behind."""
    tables = (PlatformReport, ReportedPerson, ReportedLogin, AttendanceRecord, AuditEntry)
    return sum(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_a_report_counts_and_stands_in_the_staffs_log(app: Flask) -> None:
    session = a_session("heat-en")
    a_registration(session, email="ana@lisbon.example")

    done = take_over(session, a_zoom_report(ANA, RUI), file_name="attendees.csv")

    assert minutes_of(session) == {"ana@lisbon.example": 60}
    assert standings_in(done.report_id) == {"Ana Sousa": "certain", "Rui Costa": "open"}
    [entry] = db.session.scalars(select(AuditEntry))
    assert (entry.action, entry.subject) == ("imported", "session heat-en")
    assert entry.changes == {
        "what": "attendance report",
        "file": "attendees.csv",
        "people": 2,
        "counted": 1,
        "to_confirm": 0,
        "open": 1,
    }


def test_several_devices_and_rooms_are_the_union_and_never_the_sum(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")
    take_over(session, a_zoom_report(ANA, ("Ana’s telephone", "ANA@Lisbon.example", "13:30:00", "14:05:00")))

    take_over(session, a_zoom_report(("Ana Sousa", ANA[1], "14:00:00", "14:10:30"), meeting="845-3333-4444"))

    assert minutes_of(session) == {"ana@lisbon.example": 70.5}


@pytest.mark.parametrize("status", [RegistrationStatus.CANCELLED, RegistrationStatus.WAITING])
def test_who_has_no_place_but_came_all_the_same_counts_too(app: Flask, status: RegistrationStatus) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example", status=status)

    take_over(session, a_zoom_report(ANA))

    assert minutes_of(session) == {"ana@lisbon.example": 60}


def test_panellists_count_only_if_they_are_registered(app: Flask) -> None:
    session = a_session(speakers=["Eva Speaker"])
    a_registration(session, email="ana@lisbon.example")
    account = a_staff_account("staff@network.example")

    done = take_over(
        session,
        a_zoom_report(
            ("Who helps", account.email, "13:00:00", "14:00:00"),
            ("Eva Speaker", "eva@elsewhere.example", "13:00:00", "14:00:00"),
            panellists=[ANA, ("Paula", "paula@elsewhere.example", "13:00:00", "14:00:00")],
        ),
    )

    assert minutes_of(session) == {"ana@lisbon.example": 60}
    kinds = db.session.execute(
        select(ReportedPerson.name, ReportedPerson.kind, ReportedPerson.standing).where(
            ReportedPerson.report_id == done.report_id
        )
    )
    assert {name: (kind, standing) for name, kind, standing in kinds} == {
        "Ana Sousa": ("panellist", "certain"),
        "Paula": ("panellist", "apart"),
        "Who helps": ("staff", "apart"),
        "Eva Speaker": ("panellist", "apart"),
    }


def test_the_same_file_again_changes_nothing(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")
    first = take_over(session, a_zoom_report(ANA, RUI))
    before = stored_rows()

    again = take_over(session, a_zoom_report(ANA, RUI), file_name="another name.csv")

    assert (again.report_id, again.is_new) == (first.report_id, False)
    assert stored_rows() == before


def test_a_corrected_file_replaces_its_predecessor_and_takes_the_decisions_over(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")
    eva = a_registration(session, email="eva@porto.example", given_name="Eva", family_name="Dias")
    first = take_over(session, a_zoom_report(ANA, RUI, ("Bot", "bot@x.example", "13:00:00", "14:00:00")))
    link(session.key, first.report_id, number_of(first.report_id, "Rui Costa"), eva.turn)
    set_aside(session.key, first.report_id, [number_of(first.report_id, "Bot")])

    longer = (RUI[0], RUI[1], "13:00:00", "14:00:00")
    second = take_over(session, a_zoom_report(longer, ("Bot", "bot@x.example", "13:00:00", "14:00:00")))

    assert minutes_of(session) == {"eva@porto.example": 60}
    assert standings_in(second.report_id) == {"Rui Costa": "by_hand", "Bot": "set_aside"}
    assert db.session.get_one(PlatformReport, first.report_id).replaced_by_id == second.report_id


def test_the_same_file_in_another_zone_replaces_itself(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")
    take_over(session, a_zoom_report(ANA), timezone="Europe/Madrid")
    assert minutes_of(session) == {"ana@lisbon.example": 0}

    take_over(session, a_zoom_report(ANA))

    assert minutes_of(session) == {"ana@lisbon.example": 60}


def test_undoing_brings_back_what_was_before(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")
    first = take_over(session, a_zoom_report(ANA))
    second = take_over(session, a_zoom_report(("Ana Sousa", ANA[1], "13:00:00", "13:10:00")))
    assert minutes_of(session) == {"ana@lisbon.example": 10}

    with pytest.raises(NotActive):
        undo(session.key, first.report_id)
    undo(session.key, second.report_id)

    assert minutes_of(session) == {"ana@lisbon.example": 60}
    undo(session.key, first.report_id)
    assert minutes_of(session) == {}
    assert db.session.scalars(select(AttendanceRecord)).all() == []
    with pytest.raises(NotActive):
        undo(session.key, first.report_id)


def test_what_was_undone_can_be_taken_over_again(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")
    undo(session.key, take_over(session, a_zoom_report(ANA)).report_id)

    assert take_over(session, a_zoom_report(ANA)).is_new

    assert minutes_of(session) == {"ana@lisbon.example": 60}


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (a_zoom_report(ANA, day="2031-05-14"), NothingBelongs),
        (a_zoom_report(("Ana Sousa", ANA[1], "09:00:00", "12:29:59")), NothingBelongs),
        (a_zoom_report(), NobodyInIt),
    ],
    ids=["of next year", "of another meeting", "empty"],
)
def test_a_report_of_nobody_who_was_there_then_is_refused_and_leaves_nothing(
    app: Flask, content: bytes, refusal: type[Exception]
) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")

    with pytest.raises(refusal):
        take_over(session, content)

    assert stored_rows() == 0


def test_log_ins_of_another_meeting_in_the_same_room_are_counted_and_left_out(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")

    done = take_over(session, a_zoom_report(ANA, ("Ana Sousa", ANA[1], "09:00:00", "10:00:00")))

    report = db.session.get_one(PlatformReport, done.report_id)
    assert (report.logins, report.logins_outside) == (1, 1)
    assert minutes_of(session) == {"ana@lisbon.example": 60}


def test_who_joined_before_registering_counts(app: Flask) -> None:
    session = a_session()
    place = a_registration(session, email="ana@lisbon.example")
    assert place.registered_at < session.starts_at

    take_over(session, a_zoom_report(("Ana Sousa", ANA[1], "12:45:00", "14:00:00")))

    assert minutes_of(session) == {"ana@lisbon.example": 60}


def test_two_organisers_who_apply_the_same_at_once_store_one_report(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")
    key, content = session.key, a_zoom_report(ANA)
    together = threading.Barrier(4)
    outcomes: list[bool] = []

    def apply() -> None:
        with app.app_context():
            together.wait()
            done = apply_file(key, content, file_name="attendees.csv", how=HowToRead())
            outcomes.append(done.is_new)

    organisers = [threading.Thread(target=apply) for _ in range(4)]
    for one in organisers:
        one.start()
    for one in organisers:
        one.join()

    db.session.commit()
    assert sorted(outcomes) == [False, False, False, True]
    assert minutes_of(session) == {"ana@lisbon.example": 60}
    assert db.session.scalar(select(func.count()).select_from(PlatformReport)) == 1


def test_a_file_is_looked_over_and_then_applied_by_who_brought_it(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")
    account, other = a_staff_account(), a_staff_account()
    content = a_zoom_report(ANA)
    token = bring_report(session.key, content, file_name="attendees.csv", account_id=account.id)
    assert find_brought_report(token, other.id) is None
    with pytest.raises(NoSuchZone):
        choose(token, account.id, HowToRead(timezone="Europe/Nowhere"))

    choose(token, account.id, HowToRead(timezone="Europe/Madrid"))

    brought = find_brought_report(token, account.id)
    assert brought is not None
    assert plan_of(brought).reading.timezone == "Europe/Madrid"
    choose(token, account.id, HowToRead())
    assert stored_rows() == 0
    with pytest.raises(NoSuchFile):
        apply_brought(token, other.id)
    assert apply_brought(token, account.id).is_new
    assert minutes_of(session) == {"ana@lisbon.example": 60}
    with pytest.raises(NoSuchFile):
        apply_brought(token, account.id)


def test_a_file_that_is_not_wanted_is_forgotten(app: Flask) -> None:
    account = a_staff_account()
    token = bring_report(a_session().key, a_zoom_report(ANA), file_name="attendees.csv", account_id=account.id)

    drop_report(token, account.id)

    assert db.session.scalars(select(BroughtReport)).all() == []


def test_columns_that_somebody_has_named_are_remembered_for_the_next_file(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")
    table = "Wer;Kam;Ging\nana@lisbon.example;2030-05-14 13:00:00;2030-05-14 13:{}:00\n"
    account = a_staff_account()
    token = bring_report(session.key, table.format(20).encode(), file_name="table.csv", account_id=account.id)
    brought = find_brought_report(token, account.id)
    assert brought is not None
    with pytest.raises(UnknownLayout):
        plan_of(brought)

    choose(token, account.id, HowToRead(columns=Columns(email=0, joined=1, left=2)))
    apply_brought(token, account.id)
    assert minutes_of(session) == {"ana@lisbon.example": 20}

    take_over(session, table.format(30).encode())
    assert minutes_of(session) == {"ana@lisbon.example": 30}


def test_no_name_is_too_strange_to_be_stored(app: Flask) -> None:
    session = a_session()
    names = [
        '=HYPERLINK("http://evil.example","Prize")',
        "x" * 5_000,
        "\u202egnihton",
        "Nul\x00",
        "李样",
        "🙂",
        "(((",
        "\ud800",
    ]
    content = a_zoom_report(*((name.encode("utf-8", "replace").decode(), None, *ANA[2:]) for name in names))

    done = take_over(session, content)

    stored = set(standings_in(done.report_id))
    assert max(map(len, stored)) <= 300
    assert {'=HYPERLINK("http://evil.example","Prize")', "gnihton", "Nul", "李样", "🙂", "((("} <= stored


def test_a_further_room_of_the_same_meeting_is_added_where_somebody_says_so(app: Flask) -> None:
    session = a_session()
    a_registration(session, email="ana@lisbon.example")
    take_over(session, a_zoom_report(ANA))

    take_over(session, a_zoom_report(("Ana Sousa", ANA[1], "14:00:00", "14:15:00")), adds=True)

    assert minutes_of(session) == {"ana@lisbon.example": 75}
