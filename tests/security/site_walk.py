"""Walking every address there is: new routes are walked by themselves, or a test says what they need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from tests.factories import (
    a_brought_report,
    a_calendar_entry,
    a_certificate,
    a_co_host,
    a_consent,
    a_contact,
    a_contact_file,
    a_file,
    a_focal_point_link,
    a_kept_reply,
    a_mailing,
    a_material,
    a_member,
    a_newsletter_request,
    a_people_list,
    a_person,
    a_personal_feed,
    a_platform_report,
    a_question,
    a_registration,
    a_reported_person,
    a_series,
    a_session,
    a_staff_account,
    a_suppression,
    a_way,
    a_webinar,
    an_agenda_item,
    an_answer,
    an_attendance,
    an_audience,
    an_audit_entry,
    an_invitation,
    an_outbox_mail,
    an_unsubscribe_link,
)
from webinar.accounts.services import sign_in_link_for
from webinar.catalogue.models import QuestionKind, WayKind
from webinar.foundation.db import db
from webinar.platform_reports.models import Reason, Standing

READING = {"GET", "HEAD", "OPTIONS"}
SLUG = "heat"

Values = dict[str, list[str | int]]


@dataclass(frozen=True)
class Address:
    """One address of ours, made from a rule with values that exist."""

    rule: Rule
    path: str

    @property
    def is_staff(self) -> bool:
        return self.path == "/staff" or self.path.startswith("/staff/")


def a_world() -> Values:
    """Store a network in which every address leads somewhere; return the values that stand in addresses, by name."""
    member = a_member(aliases=["Lisboa"], mail_domains=["lisbon.example"])
    webinar = a_webinar(SLUG, series=a_series(SLUG), titles={"en": "Heat", "fr": "Chaleur"})
    session = a_session(
        "next-en",
        webinar=webinar,
        languages=("en", "fr"),
        speakers=["Ana"],
        seats=1,
        ways=[a_way(), a_way(WayKind.TELEPHONE, "+98 21 1234 5678", code="4711", countries="IR")],
        notice={"en": "We start ten minutes late."},
    )
    webinar.texts[1].is_outdated = True  # its page asks whether the translation still fits
    a_registration(a_session("over", webinar=webinar, starts="2020-05-14T13:00"))
    an_agenda_item(webinar, questions="Why?")
    paper = a_material(webinar, file=a_file())
    host = a_co_host(webinar)
    place = a_registration(session, member=member, person=a_person("ana@lisbon.example"), version="fr")
    question = a_question(webinar, kind=QuestionKind.CHOICE, choices=["A ramp", "Captions"])
    an_answer(place, question, choices=question.choices[:1])
    kept = a_kept_reply(a_calendar_entry(place))
    feed = a_personal_feed(place.person)
    an_attendance(place)
    certificate = a_certificate(place)
    a_consent(place.person)
    contact = a_contact(person=place.person, member=member, is_focal_point=True)
    own_page = a_focal_point_link(contact)
    asked = a_newsletter_request("asks@lisbon.example")
    suppression = a_suppression(place.person)
    stop = an_unsubscribe_link(a_person("stops@lisbon.example"))
    mail = an_outbox_mail(to="ana@lisbon.example", person_id=place.person_id)
    account = a_staff_account("bo@example.org")
    an_audit_entry(account)
    brought = a_contact_file(account)
    report = a_platform_report(session, starts_at=session.starts_at)
    likely = a_reported_person(report, 1, standing=Standing.LIKELY, reason=Reason.SAME_NAME, proposed_id=place.id)
    unknown = a_reported_person(report, 2, name="Bo", email="bo@lisbon.example")
    mailing = a_mailing(session)
    invitation = an_invitation(session, a_person("asked@lisbon.example"), mailing_id=mailing.id)
    link = sign_in_link_for(account.email)
    number: list[str | int] = [mail.id, session.id, session.speakers[0].id]
    return {
        "lang": ["en", "fr"],
        "key": ["next-en", "over"],
        "slug": [SLUG],
        "token": [
            *(place.token, place.join_token, session.speakers[0].join_token, link.rpartition("/")[2], stop.token),
            *(own_page.token, asked.token, invitation.token, certificate.number),
        ],
        "feed": [feed.token],
        "how": ["csv", "xlsx", "json"],
        "listed": ["to-sign", "came"],
        "kind": ["csv", "xlsx", "json"],
        "mark": ["x"],
        "name": ["style.css", "site.js"],
        "code": ["en", "fr"],
        "kept_id": [kept.id],
        "language": ["fr"],
        "account_id": [account.id],
        "what": ["move", "cancel", "tell"],
        "id": number,
        "mail_id": [mail.id],
        "number": number,
        "speaker_id": number,
        "turn": [place.turn],
        "question_id": [question.id],
        "ready_made": ["accessibility", "gender"],
        "year": [2030],
        "member_key": [member.key],
        "digest": [paper.file.digest if paper.file else ""],
        "file_name": ["paper.pdf"],
        "material_id": [paper.id],
        "co_host_id": [host.id],
        "contact_id": [contact.id],
        "suppression_id": [suppression.id],
        "file_token": [brought.token],
        "brought_token": [a_brought_report(session, account).token],
        "report_id": [report.id],
        "reported": [likely.number, unknown.number],
        "mailing_id": [mailing.id],
        "audience_id": [an_audience().id],
        "list_id": [a_people_list(place.person).id],
        "going": ["pause", "go-on", "stop"],
    }


def addresses(app: Flask, values: Values, *methods: str) -> Iterator[Address]:
    """Return the addresses of all rules that answer to one of the methods, with each of the values that fit.

    A rule with a part that ``a_world`` does not know fails the test: say there which value it takes.
    """
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not (rule.methods or set()) & set(methods):
            continue
        unknown = rule.arguments - values.keys()
        assert not unknown, f"{rule.rule}: tests/security/site_walk.py must say what {unknown} can be"
        names = sorted(rule.arguments)
        method = next(method for method in methods if method in (rule.methods or set()))
        for choice in product(*(values[name] for name in names)):
            yield Address(rule, adapter.build(rule.endpoint, dict(zip(names, choice, strict=True)), method=method))


def everything_stored() -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of all tables, so that two moments can be compared."""
    db.session.rollback()
    return {
        table.name: sorted((tuple(row) for row in db.session.execute(select(table))), key=repr)
        for table in db.metadata.sorted_tables
    }


NOON = datetime(2030, 5, 14, 11, 50, tzinfo=UTC)
"""Ten minutes before the session of ``a_world``: its doors are open."""
