"""The questions that the house brings along, worded in all of its languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from webinar.catalogue.models import Moment, QuestionKind, ReadyMade
from webinar.catalogue.services.drafts import ChoiceDraft, QuestionDraft, QuestionTexts
from webinar.foundation import languages


@dataclass(frozen=True)
class ReadyMadeQuestion:
    """A question with its purpose and choices; beside the choice ``in_words`` people write what they mean, if any."""

    kind: QuestionKind
    title: LazyString
    purpose: LazyString
    choices: tuple[LazyString, ...] = ()
    in_words: LazyString | None = None
    moment: Moment = Moment.REGISTERING


_ELSE = _l("Something else")
_OWN_WORDS = _l("In my own words")

READY_MADE: Mapping[ReadyMade, ReadyMadeQuestion] = {
    ReadyMade.ACCESSIBILITY: ReadyMadeQuestion(
        QuestionKind.SEVERAL,
        _l("What do you need to take part?"),
        _l("So that it is there when the session begins."),
        (_l("Captions"), _l("Sign language"), _l("Material that screen readers can read"), _ELSE),
        _ELSE,
    ),
    ReadyMade.GENDER: ReadyMadeQuestion(
        QuestionKind.CHOICE,
        _l("How do you describe your gender?"),
        _l("To count whether everybody is heard. Answering is up to you."),
        (_l("Woman"), _l("Man"), _l("Non-binary"), _OWN_WORDS, _l("I prefer not to say")),
        _OWN_WORDS,
    ),
    ReadyMade.USEFULNESS: ReadyMadeQuestion(
        QuestionKind.CHOICE,
        _l("How useful was this session for your work?"),
        _l("So that the next ones are worth your time."),
        (_l("Very useful"), _l("Rather useful"), _l("Not very useful"), _l("Not useful")),
        moment=Moment.AFTERWARDS,
    ),
    ReadyMade.BETTER: ReadyMadeQuestion(
        QuestionKind.TEXT,
        _l("What should we do differently next time?"),
        _l("The organisers read every answer."),
        moment=Moment.AFTERWARDS,
    ),
}


def ready_made_draft(which: ReadyMade, keep_until: date) -> QuestionDraft:
    """Return a ready-made question with its texts in every interface language; nobody has to answer it."""
    question = READY_MADE[which]
    return QuestionDraft(
        kind=question.kind,
        moment=question.moment,
        is_needed=False,
        keep_until=keep_until,
        texts={code: QuestionTexts(*words) for code, words in _worded(question.title, question.purpose).items()},
        choices=tuple(
            ChoiceDraft(
                {code: title for code, [title] in _worded(choice).items()}, takes_words=choice is question.in_words
            )
            for choice in question.choices
        ),
    )


def _worded(*texts: LazyString) -> dict[str, list[str]]:
    worded = {}
    for code in languages.offered():
        with languages.speaking(code):
            worded[code] = [str(text) for text in texts]
    return worded
