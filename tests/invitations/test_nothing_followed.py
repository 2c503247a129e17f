"""Mails to lists as they leave: their links lead to us or where the organiser wrote, and nothing is fetched."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
import time_machine
from flask import Flask

from tests.factories import a_contact, a_mailing, a_person, a_registration, a_session, an_attendance, an_invitation
from tests.invitations.test_confirming import confirmed
from tests.invitations.test_writing import everything_written
from tests.mailbox import the_only_mail_to, words_of
from webinar.invitations.models import MailingKind

PAPER = "https://papers.example/heat?page=2&from=us"
TEXT = f"""Dear {{given name}},

please [read the paper]({PAPER}).

![]({PAPER}/pixel.gif) <img src="https://papers.example/pixel.gif"> [here](javascript:alert(1)) [data](data:text/html,x)
"""
ADDRESSES = re.compile(r"\b(?:https?|ftp|data|javascript|cid):[^\s\"'<>)]+", re.I)


class Tags(HTMLParser):
    """Collects the names of the elements of a page, of their attributes, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _value in attrs)
        self.links.update(value or "" for name, value in attrs if name == "href")


@pytest.mark.parametrize("kind", list(MailingKind))
def test_a_mail_to_a_list_leads_to_us_or_where_the_organiser_wrote_and_fetches_nothing(
    app: Flask, kind: MailingKind
) -> None:
    session = a_session("heat", starts="2030-05-14T13:00")
    contact = a_contact("ana@lisbon.example", given_name="Ana", wants_newsletter=True)
    is_over = kind in {MailingKind.THANKS, MailingKind.MISSED}
    with time_machine.travel(datetime(2030, 5, 15 if is_over else 1, 9, 0, tzinfo=UTC)):
        if is_over or kind is MailingKind.INFORMATION:
            place = a_registration(session, person=contact.person)
            if is_over:
                another = a_registration(session, person=a_person("rui@lisbon.example"))
                an_attendance(place if kind is MailingKind.THANKS else another)
        if kind is MailingKind.REMINDER:
            an_invitation(session, contact.person)
        confirmed(a_mailing(session, kind=kind, texts={"en": ("Come, {given name}", TEXT)}))
        everything_written()

    mail = the_only_mail_to("ana@lisbon.example")
    html = words_of(mail, "html")
    page = Tags(html)
    ours = app.config["PUBLIC_URL"] + "/"
    assert PAPER in page.links
    assert {link for link in page.links if not link.startswith(ours)} == {PAPER}
    assert not page.names & {"img", "link", "script", "iframe", "object", "embed", "video", "audio", "source"}
    assert not page.attributes & {"src", "srcset", "background", "poster", "onload", "ping"}
    assert not re.search(r"url\s*\(|@import", html)
    assert {
        one for one in ADDRESSES.findall(words_of(mail)) if not one.startswith((ours, "https://papers.example/"))
    } <= {
        "javascript:alert(1",
        "data:text/html,x",
    }
