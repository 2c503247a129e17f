"""The organisers' form for following up one member: who does, what the member has said, and a note."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from webinar.accounts.models import StaffAccount
from webinar.catalogue.forms.fields import EditForm
from webinar.foundation.fields import AtMost
from webinar.invitations.models import CityAnswer, CityFollowUp
from webinar.invitations.services.follow_up import MOST_OF_A_NOTE
from webinar.invitations.words import CITY_ANSWERS


class FollowUpForm(EditForm):
    """Who follows a member up, what it has said outside of the program, and something to write down."""

    responsible = SelectField(_l("Who follows this up"))
    answer = SelectField(_l("What the city has said"))
    note = TextAreaField(_l("Note"), [AtMost(MOST_OF_A_NOTE)])

    def __init__(self, accounts: Iterable[StaffAccount], held: CityFollowUp | None) -> None:
        chosen = {"revision": 0, "responsible": "", "answer": ""}
        if held is not None:
            chosen = {
                "revision": held.revision,
                "responsible": str(held.responsible_id or ""),
                "answer": held.answer.value if held.answer else "",
            }
        super().__init__(data=chosen)
        self.responsible.choices = [
            SelectChoice("", _("Nobody yet")),
            *(SelectChoice(str(account.id), account.name or account.email) for account in accounts),
        ]
        self.answer.choices = [
            SelectChoice("", _("Nothing yet")),
            *(SelectChoice(answer.value, words) for answer, words in CITY_ANSWERS.items()),
        ]

    @property
    def responsible_id(self) -> int | None:
        """The account that is chosen, if any."""
        return int(self.responsible.data) if self.responsible.data else None

    @property
    def chosen_answer(self) -> CityAnswer | None:
        """The answer that is chosen, if any."""
        return CityAnswer(self.answer.data) if self.answer.data else None
