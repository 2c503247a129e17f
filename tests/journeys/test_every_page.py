"""Every page there is, public or of the staff, walked by itself: on a phone, light and dark, in English and in Arabic.

The names and texts are as long and as strange as the forms allow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize

from tests.factories import (
    a_contact,
    a_member,
    a_person,
    a_question,
    a_registration,
    a_session,
    a_suppression,
    a_webinar,
    an_answer,
    an_attendance,
    an_audit_entry,
    an_invitation,
    an_outbox_mail,
    an_unsubscribe_link,
)
from tests.journeys.looking import faults_of, scrolls_sideways, unseen_focus
from tests.security.site_walk import Values, a_world, addresses
from tests.signing_in import PASSWORD, with_password
from webinar.accounts.models import Role
from webinar.catalogue.models import QuestionKind, SessionStatus
from webinar.foundation import clock
from webinar.mail.models import MailState
from webinar.people.models import MailKind, SuppressionReason
from webinar.registration.models import RegistrationStatus

PHONE = ViewportSize(width=360, height=740)
DESK = ViewportSize(width=1280, height=800)
ENDLESS = "Wohnraumversorgungsgesetzgebungskommissionsvorsitzende" * 2
MORE = {
    "public": [
        "/fr/?language=es#coming",
        "/en/?language=de",
        "/en/sessions/off/register",
        "/en/sessions/over/register",
        "/fr/nothing-here",
        "/en/sessions/soon/register?invitation=asked",
    ],
    "staff": ["/staff/nothing-here", "/staff/contacts/do-not-write?reason=unsubscribed"],
}


def a_crowded_world() -> Values:
    """Store the network of the walk, sessions in every state, and people and texts that are hard to set."""
    values = a_world()
    endless = a_webinar("endless", title=ENDLESS)
    session = a_session(
        "soon",
        webinar=endless,
        languages=("en", "es", "fr"),
        seats=4,
        speakers=("Ha-eun Kim (김하은)", "محمد الأحمد", ENDLESS),
    )
    full = a_session("full", webinar=endless, starts="2030-06-14T13:00", seats=1)
    a_session("off", starts="2030-07-01T13:00", status=SessionStatus.CANCELLED)
    tehran = a_member(
        "Tehran", official_name="شهرداری تهران", country_code="IR", region="Asia-Pacific", aliases=("تهران",)
    )
    address = f"{'elham' * 12}@{'tehran-municipality.' * 6}example"
    arrived = a_registration(
        session,
        person=a_person(address),
        given_name="إلهام",
        family_name="فخاري",
        member=tehran,
        role="رئيسة لجنة الإسكان والعمران",
        timezone="Asia/Tehran",
    )
    an_attendance(arrived)
    question = a_question(endless, title=ENDLESS, kind=QuestionKind.SEVERAL, choices=[ENDLESS, "أخرى"], language="fr")
    question.choices[1].takes_words = True
    an_answer(arrived, question, text=ENDLESS * 2, choices=question.choices)
    words = a_question(endless, title=ENDLESS)
    an_answer(arrived, words, text=ENDLESS * 8)
    gone = a_registration(session, given_name="فخاري", status=RegistrationStatus.CANCELLED)
    a_registration(full, given_name=ENDLESS[:100], family_name="Ω", organisation=ENDLESS)
    waiting = a_registration(full, given_name=ENDLESS[:100], status=RegistrationStatus.WAITING)
    an_outbox_mail(
        address,
        subject=ENDLESS,
        state=MailState.REFUSED,
        server_said=f"550 5.7.1 <{ENDLESS}> " + "x" * 200,
    )
    a_suppression(arrived.person, reason=SuppressionReason.DOES_NOT_WORK, source=f"mail {values['mail_id'][0]}")
    a_suppression(waiting.person, kind=MailKind.INVITATIONS)
    stopped = an_unsubscribe_link(waiting.person)
    asked = a_contact("a@very.long.name.example", given_name=ENDLESS[:100], family_name="فخاري", organisation=ENDLESS)
    an_invitation(session, asked.person, token="asked")
    declined = an_invitation(full, asked.person, declined_at=clock.now())
    an_invitation(session, gone.person, withdrawn_at=clock.now())
    an_audit_entry(with_password(Role.ORGANISER, name=ENDLESS[:100]), changes={"title": [ENDLESS, "إلهام"]})
    tokens = [token for place in (arrived, gone, waiting) for token in (place.token, place.join_token)]
    return {
        **values,
        "lang": ["en"],
        "key": ["soon", "full"],
        "slug": [*values["slug"], "endless"],
        "question_id": [*values["question_id"], question.id, words.id],
        "token": [*values["token"], *tokens, stopped.token, declined.token],
    }


@pytest.mark.parametrize("area", ["public", "staff"])
def test_every_page_stands_on_a_phone_and_in_arabic_and_axe_finds_nothing(
    app: Flask, open_page: Callable[..., Page], area: str
) -> None:
    values = a_crowded_world()
    if area == "staff":
        values["token"] = values["token"][:1]  # the page of a sign-in link is the same for each
    account = with_password(Role.ADMIN)
    page = open_page(reduced_motion="reduce")  # no colour is looked at half way to another one
    page.goto("/staff/sign-in")
    page.get_by_label("Mail address").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/staff/")
    paths = {one.path for one in addresses(app, values, "GET") if one.is_staff == (area == "staff")}
    answers = [page.request.get(path) for path in paths]
    ours = sorted({answer.url for answer in answers if answer.ok and 'id="main"' in answer.text()})
    ours += MORE[area]

    faults = [f"{path}: {fault}" for path in ours for fault in faults_on(page, path)]
    assert len(ours) > 10
    assert not faults, "\n".join(faults)


def faults_on(page: Page, path: str) -> list[str]:
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    page.goto(path)
    found = [f"light: {fault}" for fault in faults_of(page)] + unseen_focus(page)
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {fault}" for fault in faults_of(page, only_looks=True)] + scrolls_sideways(page)
    page.goto(in_arabic(path))
    found += [f"in Arabic: {fault}" for fault in faults_of(page, only_looks=True) + scrolls_sideways(page)]
    if page.locator("html[lang=ar][dir=rtl]").count() != 1:
        found.append("is not to be had in Arabic")
    return found


def in_arabic(address: str) -> str:
    """Return the address of a page in Arabic: by its language where it has one, else by ``?lang=ar``."""
    parts = urlsplit(address)
    path, found = re.subn("(^|/preview)/(en|fr)(/|$)", r"\1/ar\3", parts.path)
    query = parts.query if found else f"{parts.query}&lang=ar".lstrip("&")
    return urlunsplit(parts._replace(path=path, query=query))
