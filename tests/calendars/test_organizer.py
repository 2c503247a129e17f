"""Whom an entry is bound to: the address that sent it first, also when the network writes from another one since."""

from __future__ import annotations

from email.utils import parseaddr

from flask import Flask

from tests.factories import a_session
from tests.mailbox import all_mail, calendar_of, mails_to
from tests.registration.test_services import a_registrant, token_of
from webinar.registration.services import cancel, register
from webinar.registration.services.send_links import send_links_again


def test_an_entry_goes_on_coming_from_its_organizer_and_everything_else_from_the_new_address(app: Flask) -> None:
    session = a_session()
    app.config.update(MAIL_DEFAULT_SENDER="old@cities.example", NETWORK_NAME="Cities")
    register(session.key, a_registrant())

    app.config.update(MAIL_DEFAULT_SENDER="Cities of the South <new@cities.example>")
    register(session.key, a_registrant("rita@porto.example"))
    send_links_again(session.key, "ana@lisbon.example")
    cancel(token_of("ana@lisbon.example"))

    confirmation, links, farewell = mails_to("ana@lisbon.example")
    assert parseaddr(confirmation["From"]) == ("Cities", "old@cities.example")
    assert parseaddr(links["From"]) == ("Cities of the South", "new@cities.example")
    assert parseaddr(farewell["From"]) == ("Cities of the South", "old@cities.example")
    assert calendar_of(confirmation).organizer == calendar_of(farewell).organizer == "mailto:old@cities.example"
    (news,) = mails_to("rita@porto.example")
    assert parseaddr(news["From"])[1] == "new@cities.example"
    assert calendar_of(news).organizer == "mailto:new@cities.example"
    # Where it bounces to, too.
    assert [mail.sender.partition("@")[0] for mail in all_mail()] == ["old", "new", "new", "old"]
