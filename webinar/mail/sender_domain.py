"""What the DNS says of the domain that mails come from: whether other servers can tell that they really are from us.

Large mailbox providers refuse mails to many whose sender cannot be proven: by SPF (RFC 7208), which servers may send
for the domain of the envelope; by DKIM (RFC 6376), the key that mails are signed with; by DMARC (RFC 7489), what is to
be done with mails that prove neither. All of it stands in TXT records. Nothing here is a reason not to send.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, cast

import dns.exception
import dns.rdatatype
import dns.resolver
from dns.rdtypes.ANY.TXT import TXT
from flask import current_app

from webinar.foundation import clock
from webinar.mail.message import sender

logger = logging.getLogger(__name__)

SECONDS_IN_ALL = 2.0
"""How long somebody waits for all name servers together."""
KEPT_FOR = 60 * 60
KEPT_WHEN_UNANSWERED_FOR = 60
MOST_PARENTS = 4

EXTENSION = "mail.sender_domain"
_EXAMPLES = ("example", "example.com", "example.net", "example.org", "invalid", "local", "localhost", "test")


class Subject(StrEnum):
    """What was looked for."""

    SPF = "SPF"
    DKIM = "DKIM"
    DMARC = "DMARC"


class Verdict(StrEnum):
    """What was found; ``unanswered`` where no name server has answered in time."""

    THERE = "there"
    MISSING = "missing"
    SEVERAL = "several"
    EVERYBODY = "everybody"
    REVOKED = "revoked"
    NO_SELECTOR = "no_selector"
    UNANSWERED = "unanswered"
    FOREIGN = "foreign"


class Finding(NamedTuple):
    """One answer: the name that was asked about, and the record that was found, as it stands there."""

    subject: Subject
    verdict: Verdict
    name: str
    record: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether nothing is to be done."""
        return self.verdict is Verdict.THERE


class Findings(NamedTuple):
    """What was found of a domain, and when; of an example address nothing is asked."""

    domain: str
    is_example: bool
    found: Sequence[Finding]
    at: datetime

    @property
    def are_fine(self) -> bool:
        """Whether nothing is to be done."""
        return not self.is_example and all(finding.is_fine for finding in self.found)


class _Unanswered(Exception):
    """No name server has said yes or no in time."""


def findings() -> Findings:
    """Return what the DNS says of the domain of MAIL_DEFAULT_SENDER; kept by this process for an hour.

    Waits two seconds at most; what nobody answered is asked again after a minute.
    """
    settings = current_app.config
    domain = sender().domain.lower()
    envelope = (settings["MAIL_BOUNCES"] or sender().address).rpartition("@")[2].lower()
    about = domain, envelope, settings["MAIL_DKIM_SELECTOR"]
    kept: dict[tuple[str, str, str], tuple[float, Findings]] = current_app.extensions.setdefault(EXTENSION, {})
    until, known = kept.get(about, (0.0, None))
    if known is not None and time.monotonic() < until:
        return known
    is_example = domain in _EXAMPLES or domain.endswith(tuple(f".{name}" for name in _EXAMPLES))
    found = Findings(domain, is_example, [] if is_example else ask(*about), clock.now())
    unanswered = any(one.verdict is Verdict.UNANSWERED for one in found.found)
    kept.clear()
    kept[about] = time.monotonic() + (KEPT_WHEN_UNANSWERED_FOR if unanswered else KEPT_FOR), found
    logger.info(
        "domain of the sender: %s", ", ".join(f"{one.subject} {one.verdict}" for one in found.found) or "example"
    )
    return found


def ask(domain: str, envelope: str, selector: str, seconds: float = SECONDS_IN_ALL) -> list[Finding]:
    """Ask the name servers of this machine about a domain, that of the envelope, and a DKIM selector, if one is given.

    Names in ASCII. It takes no longer than ``seconds`` in all.
    """
    until = time.monotonic() + seconds
    return [_spf(envelope, until), _dkim(domain, selector, until), *_dmarc(domain, envelope, until)]


def _spf(domain: str, until: float) -> Finding:
    try:
        records = [text for text in _texts(domain, until) if text.lower().split(" ")[0] == "v=spf1"]
    except _Unanswered:
        return Finding(Subject.SPF, Verdict.UNANSWERED, domain)
    if not records:
        return Finding(Subject.SPF, Verdict.MISSING, domain)
    if len(records) > 1:
        return Finding(Subject.SPF, Verdict.SEVERAL, domain, records[0])
    lets_everybody = any(term.lower() in {"all", "+all"} for term in records[0].split())
    return Finding(Subject.SPF, Verdict.EVERYBODY if lets_everybody else Verdict.THERE, domain, records[0])


def _dkim(domain: str, selector: str, until: float) -> Finding:
    name = f"{selector}._domainkey.{domain}"
    if not selector:
        return Finding(Subject.DKIM, Verdict.NO_SELECTOR, f"*._domainkey.{domain}")
    try:
        keys = [(text, tags) for text in _texts(name, until) if "p" in (tags := _tags(text))]
    except _Unanswered:
        return Finding(Subject.DKIM, Verdict.UNANSWERED, name)
    if not keys:
        return Finding(Subject.DKIM, Verdict.MISSING, name)
    text, tags = keys[0]
    return Finding(Subject.DKIM, Verdict.THERE if tags["p"] else Verdict.REVOKED, name, text)


def _dmarc(domain: str, envelope: str, until: float) -> Iterator[Finding]:
    labels = domain.split(".")
    # Where a domain says nothing, the one above it counts, up to that of the organisation.
    parents = [".".join(labels[n:]) for n in range(len(labels) - 1)][:MOST_PARENTS]
    name = f"_dmarc.{domain}"
    try:
        for parent in parents:
            records = [
                text for text in _texts(f"_dmarc.{parent}", until) if text.replace(" ", "").startswith("v=DMARC1")
            ]
            if records:
                verdict = Verdict.SEVERAL if len(records) > 1 else Verdict.THERE
                yield Finding(Subject.DMARC, verdict, f"_dmarc.{parent}", records[0])
                if not _is_of_one_organisation(domain, envelope, parent):
                    yield Finding(Subject.DMARC, Verdict.FOREIGN, envelope)
                return
    except _Unanswered:
        yield Finding(Subject.DMARC, Verdict.UNANSWERED, name)
    else:
        yield Finding(Subject.DMARC, Verdict.MISSING, name)


def _is_of_one_organisation(domain: str, envelope: str, policy_at: str) -> bool:
    return envelope == domain or f".{envelope}".endswith(f".{policy_at}") or domain.endswith(f".{envelope}")


def _texts(name: str, until: float) -> list[str]:
    """Return the TXT records of a name; none where there is no such name.

    Raises:
        _Unanswered: nobody has said yes or no by then.
    """
    left = until - time.monotonic()
    if left <= 0:
        raise _Unanswered
    try:
        answer = dns.resolver.get_default_resolver().resolve(name, dns.rdatatype.TXT, lifetime=left, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as trouble:
        logger.info("the name servers do not tell about %s: %s", name, type(trouble).__name__)
        raise _Unanswered from trouble
    return [b"".join(cast(TXT, row).strings).decode("utf-8", "replace").strip() for row in answer]


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _is, value in pairs}
