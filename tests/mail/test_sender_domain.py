"""What the DNS says of the sender's domain, asked of a name server of our own."""

from __future__ import annotations

import re
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.mail.name_server import a_name_server
from tests.signing_in import signed_in_as
from webinar.accounts.models import Role
from webinar.mail import sender_domain
from webinar.mail.sender_domain import Subject, Verdict, ask, findings

KEY = "v=DKIM1; k=rsa; p=" + "MIGf" * 100
FINE = {
    "cities.network": ["some-verification=1", "v=spf1 include:_spf.provider.net -all"],
    "s1._domainkey.cities.network": [KEY],
    "_dmarc.cities.network": ["v=DMARC1; p=quarantine"],
}


def asked(
    records: dict[str, list[str]], domain: str = "cities.network", envelope: str = "", selector: str = "s1"
) -> dict[Subject, Verdict]:
    """Return the verdicts on a domain by what was looked for, the last where there are two."""
    with a_name_server(records):
        return {one.subject: one.verdict for one in ask(domain, envelope or domain, selector)}


def test_what_is_as_it_should_be_is_found_with_the_record_as_it_stands() -> None:
    with a_name_server(FINE):
        spf, dkim, dmarc = ask("cities.network", "cities.network", "s1")

    assert [one.verdict for one in (spf, dkim, dmarc)] == [Verdict.THERE] * 3
    assert (dkim.name, dkim.record) == ("s1._domainkey.cities.network", KEY)  # of several strings
    assert dmarc.record == "v=DMARC1; p=quarantine"


def test_of_a_domain_that_nobody_knows_everything_is_missing() -> None:
    assert asked({}) == dict.fromkeys(Subject, Verdict.MISSING)


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        (["v=spf1 mx -all"], Verdict.THERE),
        (["V=SPF1 mx ~all"], Verdict.THERE),
        (["v=spf1"], Verdict.THERE),
        (["v=spf10 mx"], Verdict.MISSING),
        (["a note about v=spf1"], Verdict.MISSING),
        ([], Verdict.MISSING),
        (["v=spf1 mx -all", "v=spf1 a -all"], Verdict.SEVERAL),
        (["v=spf1 +all"], Verdict.EVERYBODY),
        (["v=spf1 mx all"], Verdict.EVERYBODY),
        (["\\255\\000"], Verdict.MISSING),
    ],
)
def test_which_servers_may_send(records: list[str], verdict: Verdict) -> None:
    assert asked({"cities.network": records})[Subject.SPF] is verdict


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        (["p=MIGf"], Verdict.THERE),
        (["v=DKIM1; p="], Verdict.REVOKED),
        (["v=DKIM1; k=rsa"], Verdict.MISSING),
        ([], Verdict.MISSING),
    ],
)
def test_the_key(records: list[str], verdict: Verdict) -> None:
    assert asked({"s1._domainkey.cities.network": records})[Subject.DKIM] is verdict


def test_without_a_selector_nobody_is_asked_for_the_key() -> None:
    assert asked(FINE, selector="")[Subject.DKIM] is Verdict.NO_SELECTOR


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        ({"_dmarc.cities.network": ["v=DMARC1; p=none"]}, Verdict.THERE),
        ({"_dmarc.mail.cities.network": ["v=DMARC1; p=none"]}, Verdict.THERE),
        ({"_dmarc.cities.network": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}, Verdict.SEVERAL),
        ({"_dmarc.cities.network": ["something"]}, Verdict.MISSING),
        ({"_dmarc.network": ["v=DMARC1; p=none"]}, Verdict.MISSING),
    ],
)
def test_the_rule_of_a_domain_is_its_own_or_that_of_the_one_above(
    records: dict[str, list[str]], verdict: Verdict
) -> None:
    assert asked(records, "mail.cities.network")[Subject.DMARC] is verdict


def test_an_envelope_of_another_organisation_is_told() -> None:
    assert asked(FINE, envelope="bounces.cities.network")[Subject.DMARC] is Verdict.THERE
    assert asked(FINE, envelope="provider.net")[Subject.DMARC] is Verdict.FOREIGN


def test_a_name_server_that_is_silent_costs_two_seconds_in_all_and_is_told_as_such() -> None:
    with a_name_server(FINE) as server:
        server.is_silent = True
        began = time.monotonic()

        found = ask("cities.network", "cities.network", "s1")

        assert time.monotonic() - began < 4
    assert {one.verdict for one in found} == {Verdict.UNANSWERED}


def test_a_name_server_that_fails_is_told_as_such() -> None:
    with a_name_server(FINE) as server:
        server.fails = True

        assert {one.verdict for one in ask("cities.network", "cities.network", "s1", 0.5)} == {Verdict.UNANSWERED}


@pytest.mark.parametrize("domain", ["a" * 64 + ".network", "x..network", "-"])
def test_a_name_that_can_be_none_breaks_nothing(domain: str) -> None:
    with a_name_server({}):
        assert ask(domain, domain, "s1", 0.5)


class TestInTheApplication:
    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    def test_it_is_kept_for_an_hour_and_a_silence_for_a_minute(
        self, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app.config.update(MAIL_DEFAULT_SENDER="Cities <webinars@cities.network>", MAIL_DKIM_SELECTOR="s1")
        with a_name_server(FINE) as server:
            server.fails = True
            assert not findings().are_fine
            server.fails = False
            assert not findings().are_fine
            monkeypatch.setattr(sender_domain, "KEPT_WHEN_UNANSWERED_FOR", 0)
            app.extensions.pop(sender_domain.EXTENSION)
            assert findings().are_fine
            questions = len(server.asked)
            assert findings().are_fine
            assert len(server.asked) == questions
            app.config["MAIL_DKIM_SELECTOR"] = "another"
            assert not findings().are_fine
        app.extensions.pop(sender_domain.EXTENSION)

    def test_the_page_says_what_each_means_and_what_to_do(self, app: Flask, client: FlaskClient) -> None:
        app.config.update(
            MAIL_DEFAULT_SENDER="webinars@cities.network", MAIL_BOUNCES="back@provider.net", MAIL_DKIM_SELECTOR="s1"
        )
        signed_in_as(client, Role.VIEWER)
        with a_name_server({**FINE, "provider.net": []}):
            page = " ".join(re.sub(r"<[^>]+>", " ", client.get("/staff/mail/domain").text).split())
        app.extensions.pop(sender_domain.EXTENSION)

        assert "This is what the name servers say of cities.network" in page
        assert "There is no list, so many servers will refuse our mail." in page
        assert "The key is published." in page
        assert "Mails come back to another domain than they come from" in page

    def test_of_an_example_address_no_name_server_is_asked(self, app: Flask, client: FlaskClient) -> None:
        signed_in_as(client, Role.VIEWER)
        with a_name_server({}) as server:
            page = client.get("/staff/mail/domain").text

            assert server.asked == []
        assert "Mails come from an example address" in page
