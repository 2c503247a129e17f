"""The rows of the further ways to follow a session."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from webinar.catalogue.forms.fields import MOST_OF_A_LINE, EditForm
from webinar.catalogue.models import WayKind, WayToFollow
from webinar.catalogue.services.catalogue_file import MOST_OF_AN_ADDRESS
from webinar.catalogue.services.drafts import WayEntry
from webinar.catalogue.services.ways_to_follow import address_of_way
from webinar.catalogue.ways_to_follow import WAY_NAMES
from webinar.foundation import countries, languages
from webinar.foundation.errors import DomainError
from webinar.foundation.fields import AtMost, as_line
from webinar.members.matching import fold

MOST_OF_AN_ACCESS_CODE = 100


class UnknownCountry(DomainError):
    """Something that was written as the name of a country is none that we know."""

    def __init__(self, written: str) -> None:
        super().__init__(
            _l("We know no country “%(name)s”. Write its name, or its two letters as in IR.", name=written)
        )


def way_row(number: int) -> dict[str, Any]:
    """Return the fields of one way, by name."""
    row = f"way_{number}_"
    return {
        f"{row}kind": SelectField(
            _("Way"),
            choices=[SelectChoice(kind.value, name) for kind, name in WAY_NAMES.items()],
            default=WayKind.STREAM.value,
            invalid_choice_message=_("Choose one of these."),
        ),
        f"{row}address": StringField(
            _("Web address or telephone number"), [AtMost(MOST_OF_AN_ADDRESS)], filters=[as_line]
        ),
        f"{row}access_code": StringField(_("Access code"), [AtMost(MOST_OF_AN_ACCESS_CODE)], filters=[as_line]),
        f"{row}countries": StringField(_("Countries that need it"), [AtMost(5 * MOST_OF_A_LINE)], filters=[as_line]),
    }


def ways_as_data(ways: Sequence[WayToFollow]) -> dict[str, Any]:
    """Return what the rows are filled with; the countries are called as in the language of the page."""
    data: dict[str, Any] = {}
    for number, way in enumerate(ways):
        data |= {
            f"way_{number}_kind": way.kind.value,
            f"way_{number}_address": way.address,
            f"way_{number}_access_code": way.access_code,
            f"way_{number}_countries": ", ".join(countries.name_here(code) for code in way.country_codes),
        }
    return data


def check_ways(form: EditForm) -> None:
    """Want an address that fits for each way that anything was written of, each only once, and countries we know."""
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(form.rows("way"), 1):
        if not form.filled(row, "kind") or row["kind"].errors or row["address"].errors:
            continue
        if not row["address"].data:
            row["address"].errors = [_("Write the address of way %(number)s.", number=number)]
            continue
        try:
            same = (row["kind"].data, address_of_way(WayKind(row["kind"].data), row["address"].data))
        except DomainError as refusal:
            row["address"].errors = [str(refusal)]
        else:
            if same in seen:
                row["address"].errors = [_("This way stands here twice.")]
            seen.add(same)
        try:
            country_codes(row["countries"].data)
        except UnknownCountry as refusal:
            row["countries"].errors = [str(refusal)]


def way_entry(row: Mapping[str, Field]) -> WayEntry:
    """Return a way as the service wants it."""
    kind = WayKind(row["kind"].data)
    return WayEntry(
        kind, address_of_way(kind, row["address"].data), row["access_code"].data, country_codes(row["countries"].data)
    )


def country_codes(written: str) -> tuple[str, ...]:
    """Return the codes of the countries in a list: codes, or names in any language that our pages are offered in.

    Raises:
        UnknownCountry: one of them is none.
    """
    parts = [part.strip() for part in re.split(r"[,;،；，、]", written) if part.strip()]
    names = _by_name((languages.current(), "en", *languages.offered()))
    found: dict[str, None] = {}
    while parts:
        # Some have a comma of their own: “Hong Kong, RAE da China”.
        for taken in (2, 1):
            if code := names.get(fold(" ".join(parts[:taken]))):
                found[code] = None
                parts = parts[taken:]
                break
        else:
            raise UnknownCountry(parts[0])
    return tuple(sorted(found))


@cache
def _by_name(codes: Iterable[str]) -> dict[str, str]:
    """Return the countries by their folded names in some languages and by their codes; the first language wins."""
    found = {fold(code): code for code in countries.codes()}
    for language in codes:
        for code, name in countries.names(language).items():
            found.setdefault(fold(name), code)
    return found
