"""The mails of a mailing: what was written for all, with what is one person's own in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext

from webinar.calendars.models import CalendarEntry
from webinar.calendars.occasions import public_occasion
from webinar.calendars.services import request_part
from webinar.catalogue.models import VersionKind, WebinarSession
from webinar.catalogue.questions import asks_afterwards
from webinar.catalogue.texts import text_in
from webinar.foundation.addresses import absolute
from webinar.foundation.languages import in_words, name_of, of_pages, speaking
from webinar.foundation.when import When
from webinar.invitations.details import Prepared, prepared
from webinar.invitations.models import Invitation, Mailing, MailingKind
from webinar.invitations.queries import Reader
from webinar.mail.message import CalendarPart
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import unwritable, write
from webinar.mail.rendering import Rendered, render
from webinar.people.services.unsubscribe import unsubscribe_url


def _network() -> str:
    name: str = current_app.config["NETWORK_NAME"]
    return name


def topic_of(mailing: Mailing) -> str:
    """Return how the mail log names a mailing."""
    return f"mailing {mailing.id}"


def session_of_entry(sessions: Sequence[WebinarSession], language: str) -> WebinarSession | None:
    """Return the one session whose entry an invitation puts into the calendar of somebody who reads a language.

    A calendar takes one entry a message (RFC 5546, 3.2.2), and nobody wants four days of one topic in theirs: so it is
    the only session, or the only one that can be heard in their language; else none, and the mail offers each.
    """
    if len(sessions) == 1:
        return sessions[0]
    heard = [session for session in sessions if _is_heard_in(session, language)]
    return heard[0] if len(heard) == 1 else None


def _is_heard_in(session: WebinarSession, language: str) -> bool:
    return any(version.code == language for version in session.language_versions)


@dataclass(frozen=True)
class SessionShown:
    """One session as a mail shows it: the day and hour for its reader, what is heard, and what can be done.

    ``number`` is that of its personal links in the mail. ``title`` is empty where the session before it is of the same
    webinar; else it is in ``language``. ``spoken`` is the original language of one that is interpreted. ``is_last``
    says that the next one is of another webinar.
    """

    number: int
    title: str
    language: str
    when: When
    heard: tuple[str, ...]
    spoken: str
    has_entry: bool
    is_last: bool


@dataclass
class Writing:
    """A lot of one mailing being written: what is the same for all is worked out once.

    ``invitations`` are by session and person. ``further`` are sessions still to come of the same webinars, offered to
    who missed one. Nothing is stored; the entries given to ``write`` must be held.
    """

    mailing: Mailing
    sessions: Sequence[WebinarSession]
    invitations: Mapping[tuple[int, int], Invitation]
    unsubscribe_tokens: Mapping[int, str]
    now: datetime
    further: Sequence[WebinarSession] = ()
    _told: dict[tuple[object, ...], tuple[SessionShown, ...]] = field(default_factory=dict)
    _whys: dict[tuple[str, int], str] = field(default_factory=dict)
    _asking: dict[int, bool] = field(default_factory=dict)

    def write(self, reader: Reader, entry: CalendarEntry | None) -> OutboxMail:
        """Write one person's mail, with the entry for their calendar if one goes with it."""
        recipient, mailing = reader.recipient, self.mailing
        part = None if entry is None else self._part(entry, recipient.language)
        mail = write(
            f"mailing: {mailing.kind.value}",
            self.words(reader, None if part is None or entry is None else entry.session_id),
            to=recipient.person.email or "",
            to_name=reader.full_name,
            person_id=recipient.person_id,
            topic=topic_of(mailing),
            language=recipient.language,
            order_key=entry.uid if entry else None,
            calendar=part,
            references=entry.first_message_id if entry else None,
            keep_until=recipient.person.erase_after,
            unsubscribe_url=self._stops_at(reader) or None,
        )
        if entry is not None and entry.first_message_id is None:
            entry.first_message_id = mail.message_id
        return mail

    def words(self, reader: Reader, entry_of: int | None) -> Rendered:
        """Return what somebody reads; ``entry_of`` is the session whose calendar entry comes with it."""
        mailing, language = self.mailing, reader.recipient.language
        text = self._text_in(language)
        frame_in = of_pages(language)
        sessions = self._sessions_for(reader)
        further = self.further if mailing.kind is MailingKind.MISSED else ()
        links = {
            f"{what}_{session.id}": address
            for session in (*sessions, *further)
            for what, address in self._links(session, reader).items()
        }
        return render(
            "invitations/mailing",
            frame_in,
            {**text.personal(self._details(reader)), **links, "unsubscribe_url": self._stops_at(reader)},
            written=text,
            written_in=language,
            kind=mailing.kind,
            why=self._why(frame_in, len(sessions)),
            shown=self._shown(sessions, reader, entry_of),
            further=self._shown(further, reader, None),
            has_entry=entry_of is not None,
            yes_registers=mailing.yes_registers,
            privacy_url=absolute("registration.privacy", lang=frame_in),
        )

    def _why(self, language: str, sessions: int) -> str:
        """Return why people get it, in words."""
        if (language, sessions) not in self._whys:
            with speaking(language):
                if self.mailing.kind is MailingKind.NEWSLETTER:
                    why = _("You receive this because you asked for the newsletter of %(network)s.", network=_network())
                elif self.mailing.kind.is_about_places:
                    why = ngettext(
                        "You receive this because you registered for this session.",
                        "You receive this because you registered for these sessions.",
                        sessions,
                    )
                else:
                    why = _("You receive this because you are on the lists of %(network)s.", network=_network())
                self._whys[language, sessions] = str(why)
        return self._whys[language, sessions]

    def _text_in(self, language: str) -> Prepared:
        written = self.mailing.text_in(language)
        if written is None:
            raise LookupError(f"mailing {self.mailing.id} has no text in {language}")
        return prepared(written.subject, written.body)

    def _stops_at(self, reader: Reader) -> str:
        token = self.unsubscribe_tokens.get(reader.recipient.person_id)
        return "" if token is None else unsubscribe_url(token)

    def _details(self, reader: Reader) -> dict[str, str]:
        return {
            "given name": reader.given_name,
            "family name": reader.family_name,
            "full name": reader.full_name,
            "member": reader.member.name if reader.member else "",
            "organisation": reader.organisation,
            "role": reader.role,
        }

    def _sessions_for(self, reader: Reader) -> list[WebinarSession]:
        """Return the sessions that concern somebody: what they hear in their language first, each in its order.

        Of an invitation one that was taken back by hand does not.
        """
        person_id, kind = reader.recipient.person_id, self.mailing.kind
        sessions = [
            session
            for session in self.sessions
            if not (kind.is_about_places and session.id not in reader.places)
            and not (kind.is_asking and (session.id, person_id) not in self.invitations)
        ]
        return sorted(sessions, key=lambda session: not _is_heard_in(session, reader.recipient.language))

    def _links(self, session: WebinarSession, reader: Reader) -> dict[str, str]:
        """Return the links of a session that a mail of this kind has, by what they do; empty where there is none."""
        language, kind = of_pages(reader.recipient.language), self.mailing.kind
        if kind is MailingKind.INFORMATION:
            token = reader.places[session.id].token
            return {"place": absolute("registration.my_registration", lang=language, token=token)}
        if kind.is_asking:
            token = self.invitations[session.id, reader.recipient.person_id].token
            return {
                "register": absolute("registration.register", lang=language, key=session.key, invitation=token),
                "decline": absolute("invitations.invitation", lang=language, token=token),
            }
        if session in self.further:
            way_in = absolute("registration.register", lang=language, key=session.key, **session.way_in())
            return {"register": way_in, "decline": ""}
        way_in = absolute("registration.webinar", lang=language, slug=session.webinar.slug, **session.way_in())
        if kind is not MailingKind.THANKS:
            return {"webinar": way_in}
        token = reader.places[session.id].token
        asked = absolute("registration.feedback", lang=language, token=token) if self._asks_feedback(session) else ""
        return {"webinar": way_in, "feedback": asked}

    def _asks_feedback(self, session: WebinarSession) -> bool:
        if session.webinar_id not in self._asking:
            self._asking[session.webinar_id] = asks_afterwards(session.webinar_id, self.now)
        return self._asking[session.webinar_id]

    def _shown(
        self, sessions: Sequence[WebinarSession], reader: Reader, entry_of: int | None
    ) -> tuple[SessionShown, ...]:
        known = (*(session.id for session in sessions), reader.recipient.language, reader.zone, entry_of)
        if known not in self._told:
            webinars = [None, *(session.webinar_id for session in sessions), None]
            self._told[known] = tuple(
                self._session(
                    session,
                    reader,
                    is_first=webinars[number] != session.webinar_id,
                    is_last=webinars[number + 2] != session.webinar_id,
                    has_entry=session.id == entry_of,
                )
                for number, session in enumerate(sessions)
            )
        return self._told[known]

    def _session(self, session: WebinarSession, reader: Reader, *, is_first: bool, **more: bool) -> SessionShown:
        language = reader.recipient.language
        frame_in = of_pages(language)
        text = text_in(session.webinar.texts, language, session.webinar.original_language)
        codes = sorted((version.code for version in session.language_versions), key=lambda code: code != language)
        floor = [version.code for version in session.language_versions if version.kind is VersionKind.FLOOR]
        with speaking(frame_in):
            spoken = in_words(floor[0]) if len(codes) > 1 and floor else ""
            heard = (*(name_of(code, frame_in) for code in codes[:1]), *(in_words(code) for code in codes[1:]))
        return SessionShown(
            number=session.id,
            title=text.title if is_first else "",
            language=text.language,
            when=When(
                session.starts_at,
                session.ends_at,
                reader.zone or session.timezone,
                session.timezone,
                is_guess=not reader.zone,
            ),
            heard=heard,
            spoken=spoken,
            **more,
        )

    def _part(self, entry: CalendarEntry, language: str) -> CalendarPart:
        session = next(session for session in self.sessions if session.id == entry.session_id)
        with speaking(of_pages(language)):
            return request_part(entry, public_occasion(session, of_pages(language), follows=True), self.now)


def write_that_it_cannot_be_written(mailing: Mailing, reader: Reader, why: str) -> OutboxMail:
    """Return what the mail log shows of somebody whose mail cannot be written, with the reason; nothing is sent."""
    recipient = reader.recipient
    written = mailing.text_in(recipient.language)
    return unwritable(
        f"mailing: {mailing.kind.value}",
        why,
        to=recipient.person.email or "",
        subject=written.subject if written else mailing.name,
        person_id=recipient.person_id,
        topic=topic_of(mailing),
        language=recipient.language,
        keep_until=recipient.person.erase_after,
    )
