"""How people read what is known of somebody in a report."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.platform_reports.models import COUNTING, Reason, ReportedKind, Standing


class Group(NamedTuple):
    """People of a report who are looked through together; ``code`` stands in the address of the page."""

    code: str
    label: LazyString
    standings: Collection[Standing]
    means: LazyString


GROUPS = (
    Group(
        "likely",
        _l("To confirm"),
        (Standing.LIKELY,),
        _l("Probably somebody who is registered, for the reason beside it. They count when you have confirmed it."),
    ),
    Group(
        "open",
        _l("Not known"),
        (Standing.OPEN,),
        _l("Nobody registered is found, or several are. They count when somebody has said who they are."),
    ),
    Group(
        "counted",
        _l("Counted"),
        COUNTING,
        _l("What the report says of them counts, together with join links and what was said by hand."),
    ),
    Group(
        "apart",
        _l("Apart"),
        (Standing.APART,),
        _l(
            "Hosts, panellists and staff who are not registered, telephones, and guests without a name. They do not "
            "count among those who came, and nobody has to decide about them."
        ),
    ),
    Group(
        "aside",
        _l("Set aside"),
        (Standing.SET_ASIDE,),
        _l("Somebody has decided that they count for nobody."),
    ),
)

STANDING_NAMES = {
    Standing.CERTAIN: _l("Known for certain"),
    Standing.BY_HAND: _l("Confirmed by hand"),
    Standing.ADDED: _l("Came without registering"),
    Standing.LIKELY: _l("To confirm"),
    Standing.OPEN: _l("Not known"),
    Standing.APART: _l("Counted apart"),
    Standing.SET_ASIDE: _l("Set aside"),
}
STANDING_TONES = {Standing.LIKELY: "warn", Standing.OPEN: "warn"}

KIND_NAMES = {
    ReportedKind.HOST: _l("host"),
    ReportedKind.PANELLIST: _l("panellist"),
    ReportedKind.STAFF: _l("of the staff here"),
    ReportedKind.ATTENDEE: "",
    ReportedKind.PHONE: _l("by telephone"),
    ReportedKind.NAMELESS: _l("a guest without a name"),
}

REASON_NAMES = {
    Reason.ADDRESS: _l("registered with this address"),
    Reason.MERGED_ADDRESS: _l("a former address of the same person"),
    Reason.REMEMBERED: _l("as it was decided before"),
    Reason.SAME_NAME: _l("the same name"),
    Reason.OTHER_ORDER: _l("the same names, in another order"),
    Reason.WITH_MEMBER: _l("the same name, and the member beside it"),
    Reason.OTHER_LETTERS: _l("the same name, in other letters"),
    Reason.KNOWN_ADDRESS: _l("another address of a contact of this name"),
    Reason.SEVERAL_REGISTERED: _l("several of this name are registered"),
    Reason.SEVERAL_REPORTED: _l("several in the report may be the same person"),
}
