"""Numbers and days may be typed in the digits of any script."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form

from webinar.catalogue.forms.fields import Day, WholeNumber
from webinar.members.services.checks import place_of


class Typed(Form):  # type: ignore[misc]
    """A number and a day."""

    seats = WholeNumber("Seats")
    day = Day("Day")


@pytest.mark.parametrize("typed", ["12", "۱۲", "١٢", "１２", " ۱۲ "])
def test_a_number_is_read_in_any_digits(app: Flask, typed: str) -> None:
    form = Typed(MultiDict({"seats": typed, "day": "۲۰۲۷-۰۴-۰۳"}))

    assert form.validate()
    assert form.data == {"seats": 12, "day": date(2027, 4, 3)}


@pytest.mark.parametrize("typed", ["۱۲x", "-۱", "۰", "٫٥", "½", "十二"])
def test_what_is_no_whole_number_is_refused_in_any_digits(app: Flask, typed: str) -> None:
    assert not Typed(MultiDict({"seats": typed})).validate()


def test_degrees_are_read_in_any_digits() -> None:
    assert place_of("۳۵٫۷", "٥١٫٤") == (35.7, 51.4)
