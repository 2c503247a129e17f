"""libical, the reader of Evolution and KDE, as Debian brings it: just enough of it to read an object of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CDLL, Structure, c_char_p, c_int, c_int64, c_void_p
from datetime import UTC, datetime
from functools import cache
from typing import Any


class _Time(Structure):
    """Libical's ``struct icaltimetype``."""

    _fields_ = (
        *((name, c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_daylight")),
        ("zone", c_void_p),
    )


_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "icalparser_parse_string": (c_void_p, (c_char_p,)),
    "icalcomponent_free": (None, (c_void_p,)),
    "icalcomponent_string_to_kind": (c_int, (c_char_p,)),
    "icalcomponent_count_errors": (c_int, (c_void_p,)),
    "icalcomponent_check_restrictions": (c_int, (c_void_p,)),
    "icalcomponent_as_ical_string": (c_char_p, (c_void_p,)),
    "icalcomponent_count_components": (c_int, (c_void_p, c_int)),
    "icalcomponent_get_first_component": (c_void_p, (c_void_p, c_int)),
    "icalcomponent_get_next_component": (c_void_p, (c_void_p, c_int)),
    "icalcomponent_get_first_property": (c_void_p, (c_void_p, c_int)),
    "icalcomponent_get_next_property": (c_void_p, (c_void_p, c_int)),
    "icalproperty_string_to_kind": (c_int, (c_char_p,)),
    "icalproperty_get_value": (c_void_p, (c_void_p,)),
    "icalproperty_get_value_as_string": (c_char_p, (c_void_p,)),
    "icalproperty_get_parameter_as_string": (c_char_p, (c_void_p, c_char_p)),
    "icalvalue_get_text": (c_char_p, (c_void_p,)),
    "icalvalue_get_datetime": (_Time, (c_void_p,)),
    "icaltime_is_utc": (c_int, (_Time,)),
    "icaltime_as_timet": (c_int64, (_Time,)),
    "icalerror_set_errors_are_fatal": (None, (c_int,)),
}


def is_here() -> bool:
    """Tell whether libical is on this machine."""
    try:
        _library()
    except OSError:
        return False
    return True


@cache
def _library() -> CDLL:
    loaded = CDLL("libical.so.3")
    for name, (returns, takes) in _FUNCTIONS.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = returns, takes
    loaded.icalerror_set_errors_are_fatal(0)
    return loaded


class Component:
    """A calendar or one of its parts, while it is opened."""

    def __init__(self, ical: CDLL, pointer: int) -> None:
        self.ical = ical
        self.pointer = pointer

    def components(self, name: str) -> list[Component]:
        """Return the parts of a name within this one."""
        kind = self.ical.icalcomponent_string_to_kind(name.encode())
        return [
            Component(self.ical, found)
            for found in _all(
                self.ical.icalcomponent_get_first_component, self.ical.icalcomponent_get_next_component, self, kind
            )
        ]

    def values(self, name: str) -> list[str]:
        """Return what each property of a name holds, as it is written."""
        return [self.ical.icalproperty_get_value_as_string(found).decode() for found in self._properties(name)]

    def parameters(self, name: str, parameter: str) -> list[str]:
        """Return a parameter of each property of a name, empty where it has none."""
        return [
            (self.ical.icalproperty_get_parameter_as_string(found, parameter.encode()) or b"").decode()
            for found in self._properties(name)
        ]

    def value(self, name: str) -> str:
        """Return what the one property of a name holds, as it is written."""
        (found,) = self.values(name)
        return found

    def text(self, name: str) -> str:
        """Return what the one property of a name says."""
        (found,) = self._properties(name)
        return str(self.ical.icalvalue_get_text(self.ical.icalproperty_get_value(found)).decode())

    def moment(self, name: str) -> datetime:
        """Return the moment of the one property of a name, which must be in UTC."""
        (found,) = self._properties(name)
        when = self.ical.icalvalue_get_datetime(self.ical.icalproperty_get_value(found))
        assert self.ical.icaltime_is_utc(when), f"{name} is not in UTC"
        return datetime.fromtimestamp(self.ical.icaltime_as_timet(when), UTC)

    def _properties(self, name: str) -> list[int]:
        kind = self.ical.icalproperty_string_to_kind(name.encode())
        return list(
            _all(self.ical.icalcomponent_get_first_property, self.ical.icalcomponent_get_next_property, self, kind)
        )


def _all(first: Any, following: Any, component: Component, kind: int) -> Iterator[int]:
    found = first(component.pointer, kind)
    while found:
        yield found
        found = following(component.pointer, kind)


@contextmanager
def opened(content: bytes) -> Iterator[Component]:
    """Open a calendar in which libical finds no fault, neither of a line nor by the rules of its METHOD (RFC 5546)."""
    ical = _library()
    pointer = ical.icalparser_parse_string(content)
    assert pointer, "libical does not take it for a calendar"
    try:
        fits = ical.icalcomponent_check_restrictions(pointer)
        if not fits or ical.icalcomponent_count_errors(pointer):
            raise AssertionError(ical.icalcomponent_as_ical_string(pointer).decode())
        yield Component(ical, pointer)
    finally:
        ical.icalcomponent_free(pointer)
