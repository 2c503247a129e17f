"""What was found of the sender's domain, in a sentence with what to do, for who has never heard of any of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.mail.sender_domain import Finding, Subject, Verdict

MEANS: Mapping[Subject, LazyString] = MappingProxyType(
    {
        Subject.SPF: _l("Which servers may send for the domain"),
        Subject.DKIM: _l("The key with which mails are signed"),
        Subject.DMARC: _l("What others do with mails that prove neither"),
    }
)

_WORDS: Mapping[tuple[Subject, Verdict], tuple[str, LazyString]] = MappingProxyType(
    {
        (Subject.SPF, Verdict.THERE): (
            "good",
            _l("There is a list. Whether the server that sends for us stands in it, only who runs it can tell you."),
        ),
        (Subject.SPF, Verdict.MISSING): (
            "bad",
            _l("There is no list, so many servers will refuse our mail. Ask who runs the domain to publish one (SPF)."),
        ),
        (Subject.SPF, Verdict.SEVERAL): (
            "bad",
            _l("There are several lists, so none counts. Ask who runs the domain to make one of them (SPF)."),
        ),
        (Subject.SPF, Verdict.EVERYBODY): (
            "warn",
            _l("The list lets every server on earth send for the domain. Ask who runs it to end it with -all or ~all."),
        ),
        (Subject.DKIM, Verdict.THERE): (
            "good",
            _l("The key is published. Whether our mail is signed with it, a mail to yourself shows (dkim=pass)."),
        ),
        (Subject.DKIM, Verdict.MISSING): (
            "bad",
            _l("No key is published under this name. Ask who runs the mail server whether the selector is right."),
        ),
        (Subject.DKIM, Verdict.REVOKED): (
            "bad",
            _l(
                "The key was taken back, so no signature counts. Ask who runs the mail server for the present selector."
            ),
        ),
        (Subject.DKIM, Verdict.NO_SELECTOR): (
            "warn",
            _l("Nobody has told us the name of the key: set MAIL_DKIM_SELECTOR, which who runs the mail server knows."),
        ),
        (Subject.DMARC, Verdict.THERE): ("good", _l("There is a rule.")),
        (Subject.DMARC, Verdict.MISSING): (
            "bad",
            _l("There is no rule, which large providers want from who sends to many. Ask who runs the domain for one."),
        ),
        (Subject.DMARC, Verdict.SEVERAL): (
            "bad",
            _l("There are several rules, so none counts. Ask who runs the domain to leave one (DMARC)."),
        ),
        (Subject.DMARC, Verdict.FOREIGN): (
            "warn",
            _l(
                "Mails come back to another domain than they come from, so only the signature (DKIM) proves the sender."
            ),
        ),
    }
)
_UNANSWERED = _l("The name servers could not be asked, or did not answer in time. Try again in a minute.")


class ToldFinding(NamedTuple):
    """A finding as a page tells it; ``tone`` is good, warn, bad, or empty where nobody knows."""

    subject: Subject
    means: LazyString
    tone: str
    says: LazyString
    name: str
    record: str


def told(finding: Finding) -> ToldFinding:
    """Return a finding in words."""
    tone, says = _WORDS.get((finding.subject, finding.verdict), ("", _UNANSWERED))
    return ToldFinding(finding.subject, MEANS[finding.subject], tone, says, finding.name, finding.record)
