"""What kinds of mail, reasons and legal bases are called on pages."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.people.models import LegalBasis, MailKind, SuppressionReason

KIND_NAMES: Mapping[MailKind, LazyString] = {
    MailKind.INVITATIONS: _l("Invitations"),
    MailKind.REMINDERS: _l("Reminders and thanks"),
    MailKind.NEWSLETTER: _l("Newsletter"),
}
EVERYTHING = _l("Everything")

REASON_NAMES: Mapping[SuppressionReason, LazyString] = {
    SuppressionReason.UNSUBSCRIBED: _l("Unsubscribed"),
    SuppressionReason.DOES_NOT_WORK: _l("Address does not work"),
    SuppressionReason.COMPLAINT: _l("Complained"),
    SuppressionReason.BY_HAND: _l("Told us so"),
}

BASIS_NAMES: Mapping[LegalBasis, LazyString] = {
    LegalBasis.LEGITIMATE_INTEREST: _l("Legitimate interest"),
    LegalBasis.PUBLIC_TASK: _l("Public task"),
    LegalBasis.CONSENT: _l("Consent"),
}
