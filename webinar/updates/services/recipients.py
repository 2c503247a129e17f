"""Deciding that everybody who comes is told of an update: kept as intent, a few statements whatever their number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import WebinarSession
from webinar.catalogue.services.drafts import EditRefused
from webinar.foundation import languages
from webinar.foundation.db import db
from webinar.foundation.lines import one_line
from webinar.mail.models import MailState, OutboxMail
from webinar.mail.outbox import withdraw
from webinar.registration.models import Registration
from webinar.registration.queries import seating_of
from webinar.registration.reminded import reminders
from webinar.registration.services.places import keep_until
from webinar.updates.models import SessionUpdate, SessionUpdateWord, Times, UpdateKind, UpdateRecipient
from webinar.updates.queries import audience_of, hold_recipients, people_to_tell

MOST_OF_A_WORD = 300
"""How long what organisers add to an update may be, in characters."""


def decide(
    session: WebinarSession, kind: UpdateKind, knew: Times, words: Mapping[str, str], now: datetime
) -> SessionUpdate:
    """Store an update of a session, whose row is held, and whom it is to be told; the calendar entries stay.

    ``knew`` are the times until now. What an earlier update left unsent is withdrawn: its people are told the newer
    one, and that it was at the times which they were told last. So are reminders, unless the times stay.

    Raises:
        EditRefused: the organisers' word is too long, or not there in every language in which people are written to.
    """
    decided = SessionUpdate(
        session_id=session.id,
        kind=kind,
        made_at=now,
        last_turn=seating_of(session.id).last_turn,
        words=checked_words(session, kind, words),
    )
    db.session.add(decided)
    db.session.flush()
    hold_recipients(session.id)
    _take_back_unsent(session.id, knew)
    if kind is not UpdateKind.CHANGED:
        reminders().withdraw(session.id)
    people = people_to_tell(session.id, kind).subquery()
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    everybody = dialect.insert(UpdateRecipient).from_select(
        ["session_id", "person_id", "update_id", "knew_starts_at", "knew_ends_at"],
        select(
            literal(session.id),
            people.c.person_id,
            literal(decided.id),
            literal(knew.starts_at, UpdateRecipient.knew_starts_at.type),
            literal(knew.ends_at, UpdateRecipient.knew_ends_at.type),
        ).where(people.c.person_id.is_not(None)),
    )
    # Whoever has still to be told of a move is told it in the words of then, unless there are others now.
    knows = and_(UpdateRecipient.knew_starts_at == knew.starts_at, UpdateRecipient.knew_ends_at == knew.ends_at)
    keeps_words = kind is UpdateKind.CHANGED and not decided.words
    db.session.execute(
        everybody.on_conflict_do_update(
            index_elements=["session_id", "person_id"],
            set_={"update_id": everybody.excluded.update_id},
            where=knows if keeps_words else None,
        )
    )
    # Whom this does not concern, and who knows the times until now, has nothing to hear any more; who does not know
    # them waits for a place, and is still to be told of the earlier move.
    db.session.execute(
        delete(UpdateRecipient).where(
            UpdateRecipient.session_id == session.id,
            UpdateRecipient.update_id != decided.id,
            knows,
        )
    )
    _keep_as_long_as(session, now)
    return decided


def checked_words(session: WebinarSession, kind: UpdateKind, words: Mapping[str, str]) -> list[SessionUpdateWord]:
    """Return what the organisers add to an update, in all languages in which it is told, or in none.

    Raises:
        EditRefused: it is too long, or missing in one of them; ``field`` says in which.
    """
    told = {language: text for language, word in words.items() if (text := one_line(word))}
    for language, text in told.items():
        if len(text) > MOST_OF_A_WORD:
            raise EditRefused(
                f"word ({language})",
                _l("Write at most %(max)s characters.", max=MOST_OF_A_WORD),
            )
    if told:
        for audience in audience_of(session.id, kind):
            if audience.language not in told:
                raise EditRefused(
                    f"word ({audience.language})",
                    _l(
                        "Write it in %(language)s, too: people are written to in it. Or leave it out in all languages.",
                        language=languages.in_words(audience.language),
                    ),
                )
    return [SessionUpdateWord(language=language, text=text) for language, text in told.items()]


def _take_back_unsent(session_id: int, knew: Times) -> None:
    """Withdraw the mails of earlier updates that have not left; who was told by one knows the times until now."""
    mail_ids = select(UpdateRecipient.mail_id).where(UpdateRecipient.session_id == session_id)
    withdraw(mail_ids, "withdrawn: a newer update takes its place")
    has_left = select(OutboxMail.id).where(
        OutboxMail.id == UpdateRecipient.mail_id, OutboxMail.state.in_((MailState.SENT, MailState.SENDING))
    )
    db.session.execute(
        update(UpdateRecipient)
        .where(UpdateRecipient.session_id == session_id, has_left.exists())
        .values(knew_starts_at=knew.starts_at, knew_ends_at=knew.ends_at)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(UpdateRecipient)
        .where(UpdateRecipient.session_id == session_id)
        .values(mail_id=None)
        .execution_options(synchronize_session=False)
    )


def _keep_as_long_as(session: WebinarSession, now: datetime) -> None:
    """Keep what belongs to a session that is held later as long as if it had been decided so at once."""
    until = keep_until(session, now)
    for kept in (Registration, CalendarEntry):
        db.session.execute(
            update(kept)
            .where(kept.session_id == session.id, kept.erase_after < until)
            .values(erase_after=until)
            .execution_options(synchronize_session=False)
        )
