"""Who gets the newsletter, and the link in the mail that answers who asks for it."""

from __future__ import annotations

import re

from sqlalchemy import select

from tests.mailbox import mails_to, words_of
from webinar.foundation.db import db
from webinar.people.models import Person
from webinar.people.newsletter import newsletter_readers


def link_to_confirm(email: str) -> str:
    """Return the path of the link that confirms it in the latest mail to an address that has one."""
    told = "".join(words_of(mail) for mail in mails_to(email))
    return str(re.findall(r"http://[^/\s]+(/\w\w/newsletter/[\w-]+)", told)[-1])


def readers() -> list[tuple[str | None, str | None]]:
    """Return who gets the newsletter: addresses and languages."""
    db.session.rollback()
    rows = newsletter_readers().subquery()
    found = db.session.execute(
        select(Person.email, rows.c.language).join(Person, Person.id == rows.c.person_id).order_by(Person.email)
    )
    return [(email, language) for email, language in found]
