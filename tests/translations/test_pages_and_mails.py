"""What people read in Spanish and French, page by page and mail by mail, holds no sentence of the source."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from config import PROJECT
from tests import factories
from tests.invitations.test_confirming import confirmed
from tests.translations.catalogues import TRANSLATED, forms_asked_for
from webinar.calendars.models import CalendarEntry
from webinar.catalogue.models import SessionStatus, WebinarSession
from webinar.catalogue.queries import find_session_by_id
from webinar.certificates.mails import write_certificate
from webinar.foundation import clock, formats
from webinar.foundation.db import db, transaction
from webinar.foundation.languages import speaking
from webinar.foundation.when import When
from webinar.invitations import focal_point_mails, mails_to_invited
from webinar.invitations.models import Invitation, MailingKind
from webinar.invitations.services import write_due
from webinar.mail.models import OutboxMail
from webinar.mail.outbox import enqueue
from webinar.newsletter import mails as newsletter_mails
from webinar.registration import mails
from webinar.registration.models import Approval, Registration, RegistrationStatus
from webinar.registration.queries import find_by_token
from webinar.registration.told_together import News, enqueue_told_together
from webinar.reminders.mails import write_reminder
from webinar.updates.mails import write_to_invited, write_to_place
from webinar.updates.models import Times, UpdateKind

SEOUL = "Asia/Seoul"


@pytest.fixture(scope="module")
def database_kind() -> str:
    """Words do not depend on the database."""
    return "sqlite"


def english_in(shown: str) -> list[str]:
    """Return the sentences of the source that stand in what is shown: those long enough to be no coincidence."""
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split())
    return [form for form in forms_asked_for() if len(form.split()) > 2 and "%(" not in form and form in text]


def a_place(language: str, **more: object) -> Registration:
    session = factories.a_session(starts="2030-05-14T16:00", zone="Europe/Madrid", languages=(language,))
    return factories.a_registration(session, language=language, timezone=SEOUL, **more)  # type: ignore[arg-type]


def the_mail_of(place: Registration, write: Callable[[Registration, datetime], None]) -> tuple[str, str, str]:
    """Return subject, text and HTML of the mail that is written."""
    loaded = find_by_token(place.token)
    assert loaded is not None
    with transaction():
        write(loaded, clock.now())
    row = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc()).limit(1)).one()
    assert row.message is not None
    return read_of(row.message)


def read_of(written: bytes) -> tuple[str, str, str]:
    """Return subject, text and HTML of a finished mail."""
    message = message_from_bytes(written, policy=policy.default)
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert rich is not None
    return str(message["Subject"]), plain.get_content(), rich.get_content()


GIVER = "Léa"
WORD = "Ñ"
ABOUT_A_PLACE: dict[str, tuple[Callable[[Registration, datetime], None], dict[str, object]]] = {
    "confirmation": (mails.enqueue_news_of_place, {}),
    "waiting": (mails.enqueue_news_of_place, {"status": RegistrationStatus.WAITING}),
    "asked": (mails.enqueue_news_of_place, {"status": RegistrationStatus.WAITING, "approval": Approval.ASKED}),
    "promotion": (mails.enqueue_promotion, {}),
    "place_known": (mails.enqueue_reminder_of_place, {}),
    "turn_known": (mails.enqueue_reminder_of_place, {"status": RegistrationStatus.WAITING}),
    "asked_known": (
        mails.enqueue_reminder_of_place,
        {"status": RegistrationStatus.WAITING, "approval": Approval.ASKED},
    ),
    "place_again": (mails.enqueue_again, {}),
    "turn_again": (mails.enqueue_again, {"status": RegistrationStatus.WAITING}),
    "links_again": (lambda place, _now: mails.enqueue_links(place), {}),
    "approved": (lambda place, now: mails.enqueue_approval(place, WORD, now), {}),
    "approved_to_wait": (
        lambda place, now: mails.enqueue_approval(place, WORD, now),
        {"status": RegistrationStatus.WAITING},
    ),
    "declined": (
        lambda place, _now: mails.enqueue_decline(place, WORD),
        {"status": RegistrationStatus.CANCELLED},
    ),
    "said_no": (lambda place, _now: mails.enqueue_offer_to_give_up(place, mails.entry_of(place)), {}),
    "cancellation": (mails.enqueue_cancellation, {"status": RegistrationStatus.CANCELLED}),
    "handed_over": (mails.enqueue_handed_over, {"status": RegistrationStatus.CANCELLED}),
    "place_from_colleague": (lambda place, now: mails.enqueue_handed_to(place, GIVER, now), {}),
    "turn_from_colleague": (
        lambda place, now: mails.enqueue_handed_to(place, GIVER, now),
        {"status": RegistrationStatus.WAITING},
    ),
    "place_kept": (lambda place, now: mails.enqueue_offered_by(place, GIVER, now), {}),
    "turn_kept": (
        lambda place, now: mails.enqueue_offered_by(place, GIVER, now),
        {"status": RegistrationStatus.WAITING},
    ),
    "moved": (lambda place, now: mails.enqueue_move(place, place, now), {}),
    "moved_away": (lambda place, now: _write_away("moved_away", place, now), {}),
    "address_corrected": (lambda place, now: _write_away("address_corrected", place, now), {}),
    "version_changed": (mails.enqueue_change_of_version, {}),
    "told_together": (
        lambda place, now: enqueue_told_together([News(place, is_new=True)], topic="series heat", now=now),
        {},
    ),
}
"""What writes a mail about a place, by the name of its template, and what is true of that place."""


def _write_away(template: str, place: Registration, now: datetime) -> None:
    entry = mails.entry_of(place)
    enqueue(mails.write_without_entry("cancellation", f"registration/{template}", place, entry, now))


def nothing_in_english(subject: str, text: str, rich: str) -> None:
    """Fail if a mail has a sentence of the source in it."""
    found = {"subject": english_in(subject), "text": english_in(text), "html": english_in(rich)}
    assert found == {"subject": [], "text": [], "html": []}


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("template", ABOUT_A_PLACE)
def test_a_mail_about_a_place_is_all_in_the_language_of_the_person(app: Flask, template: str, language: str) -> None:
    write, more = ABOUT_A_PLACE[template]

    nothing_in_english(*the_mail_of(a_place(language, **more), write))


UPDATES: dict[str, tuple[UpdateKind, dict[str, object] | None]] = {
    "moved": (UpdateKind.MOVED, {}),
    "moved_to_wait": (UpdateKind.MOVED, {"status": RegistrationStatus.WAITING}),
    "moved_to_wait, to be looked at": (
        UpdateKind.MOVED,
        {"status": RegistrationStatus.WAITING, "approval": Approval.ASKED},
    ),
    "moved_invited": (UpdateKind.MOVED, None),
    "cancelled": (UpdateKind.CANCELLED, {}),
    "cancelled, on the waiting list": (UpdateKind.CANCELLED, {"status": RegistrationStatus.WAITING}),
    "cancelled_invited": (UpdateKind.CANCELLED, None),
    "changed": (UpdateKind.CHANGED, {}),
    "changed_invited": (UpdateKind.CHANGED, None),
}
"""What organisers decide, by the template of the mail, and what is true of the place of whom it is told, if any."""


def the_update_of(kind: UpdateKind, language: str, more: dict[str, object] | None) -> tuple[str, str, str]:
    """Return subject, text and HTML of what somebody is told of an update; who only waits was invited, too."""
    now = clock.now()
    session = factories.a_session(starts="2030-05-14T16:00", zone="Europe/Madrid", languages=(language,))
    factories.a_session(webinar=session.webinar, starts="2030-06-14T16:00", languages=(language,))
    person = factories.a_person(language=language, timezone=SEOUL)
    entry = factories.an_invited_entry(session, person)
    knew = Times(session.starts_at - timedelta(days=kind is UpdateKind.MOVED), session.ends_at)
    if kind is UpdateKind.CANCELLED:
        session.status = SessionStatus.CANCELLED
        db.session.commit()
    if more is None:
        session = find_session_by_id(session.id)
        mail = write_to_invited(entry, session, knew, zone=SEOUL, word=WORD, now=now)
    else:
        place = factories.a_registration(session, person=person, language=language, timezone=SEOUL, **more)  # type: ignore[arg-type]
        loaded = find_by_token(place.token)
        assert loaded is not None
        mail = write_to_place(loaded, entry, knew, word=WORD, can_move=True, now=now)
    assert mail is not None
    assert mail.message is not None
    return read_of(mail.message)


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("about", UPDATES)
def test_what_is_told_of_an_update_is_all_in_the_language_of_the_person(app: Flask, about: str, language: str) -> None:
    kind, more = UPDATES[about]

    nothing_in_english(*the_update_of(kind, language, more))


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("minutes", [24 * 60, 60])
def test_a_reminder_is_all_in_the_language_of_the_person(app: Flask, minutes: int, language: str) -> None:
    place = find_by_token(a_place(language).token)
    assert place is not None
    mail = write_reminder(place, None, minutes, clock.now())

    assert mail.message is not None
    nothing_in_english(*read_of(mail.message))


FROM_A_FOCAL_POINT: dict[str, tuple[Callable[[Registration, datetime], None], dict[str, object]]] = {
    "registered": (lambda place, now: focal_point_mails.enqueue_registered_by(place, GIVER, now), {}),
    "waiting": (
        lambda place, now: focal_point_mails.enqueue_registered_by(place, GIVER, now),
        {"status": RegistrationStatus.WAITING},
    ),
    "asked": (
        lambda place, now: focal_point_mails.enqueue_registered_by(place, GIVER, now),
        {"status": RegistrationStatus.WAITING, "approval": Approval.ASKED},
    ),
    "given_on": (
        lambda place, now: focal_point_mails.enqueue_given_on_by(GIVER)(place, now),
        {"status": RegistrationStatus.CANCELLED},
    ),
    "given_back": (
        lambda place, now: focal_point_mails.enqueue_given_back(place, GIVER, now),
        {"status": RegistrationStatus.CANCELLED},
    ),
}
"""What writes to who was registered by a focal point, as ``ABOUT_A_PLACE`` has it."""


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("template", FROM_A_FOCAL_POINT)
def test_what_a_focal_point_brings_about_is_told_in_the_language_of_the_person(
    app: Flask, template: str, language: str
) -> None:
    write, more = FROM_A_FOCAL_POINT[template]

    nothing_in_english(*the_mail_of(a_place(language, **more), write))


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_focal_point_gets_their_link_in_their_language(app: Flask, language: str) -> None:
    contact = factories.a_contact(language=language, member=factories.a_member(), is_focal_point=True)
    link = factories.a_focal_point_link(contact)
    assert contact.member is not None

    nothing_in_english(*as_read(focal_point_mails.write_link(link, contact, contact.member)))


TO_INVITED: dict[str, Callable[[CalendarEntry, Invitation, WebinarSession], OutboxMail]] = {
    "declined": mails_to_invited.write_declined,
    "invited_again": mails_to_invited.write_invited_again,
    "said_yes": mails_to_invited.write_answer_to_yes,
    "withdrawn": lambda entry, _invitation, session: mails_to_invited.write_withdrawn(entry, session),
}
"""What writes to somebody who was invited and has not registered, by the name of its template."""


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("template", TO_INVITED)
def test_who_was_invited_is_written_to_in_their_language(app: Flask, template: str, language: str) -> None:
    session = find_session_by_id(factories.a_session(languages=(language,)).id)
    person = factories.a_person(language=language, timezone=SEOUL)
    entry = factories.an_invited_entry(session, person)
    invitation = factories.an_invitation(session, person)

    nothing_in_english(*as_read(TO_INVITED[template](entry, invitation, session)))


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("kind", [MailingKind.INVITATION, MailingKind.NEWSLETTER])
def test_round_what_organisers_wrote_a_mailing_speaks_the_readers_language(
    app: Flask, kind: MailingKind, language: str
) -> None:
    factories.a_contact(language=language, member=factories.a_member(), wants_newsletter=True)
    session = factories.a_session(languages=(language,))
    confirmed(factories.a_mailing(session, kind=kind, texts={language: (WORD, WORD)}))
    while write_due():
        db.session.remove()
    (mail,) = db.session.scalars(select(OutboxMail)).all()

    nothing_in_english(*as_read(mail))


@pytest.mark.parametrize("language", TRANSLATED)
def test_whoever_asks_for_the_newsletter_is_answered_in_the_language_they_want_it_in(app: Flask, language: str) -> None:
    asked = factories.a_newsletter_request(language=language)

    nothing_in_english(*as_read(newsletter_mails.write_request(asked)))
    nothing_in_english(*as_read(newsletter_mails.write_that_it_comes(asked, "https://webinars.example/x")))


@pytest.mark.parametrize("language", TRANSLATED)
def test_who_came_is_told_of_their_certificate_in_their_language(app: Flask, language: str) -> None:
    place = find_by_token(a_place(language).token)
    assert place is not None

    nothing_in_english(*as_read(write_certificate(place)))


def as_read(mail: OutboxMail) -> tuple[str, str, str]:
    """Return subject, text and HTML of a mail that was written."""
    assert mail.message is not None
    return read_of(mail.message)


def test_every_mail_there_is_has_been_read_in_every_language() -> None:
    subjects = (PROJECT / "templates" / "mail").glob("*/*.subject.txt")
    read = {
        "registration": {*ABOUT_A_PLACE},
        "updates": {about.split(",")[0] for about in UPDATES},
        "reminders": {"reminder"},
        "focal_points": {*FROM_A_FOCAL_POINT, "link"},
        "invitations": {*TO_INVITED, "mailing"},
        "newsletter": {"request", "comes"},
        "certificates": {"ready"},
    }

    assert {path.relative_to(PROJECT / "templates" / "mail").as_posix() for path in subjects} == {
        f"{feature}/{template}.subject.txt" for feature, templates in read.items() for template in templates
    }


def test_a_french_subject_keeps_the_no_break_space_before_its_colon(app: Flask) -> None:
    subject, _text, _rich = the_mail_of(a_place("fr"), mails.enqueue_news_of_place)

    assert subject == "Votre place\xa0: Heat in cities, 14 mai 2030"


PUBLIC = {
    "the programme": "/{lang}/",
    "the form": "/{lang}/sessions/open/register",
    "the form of a full session": "/{lang}/sessions/full/register",
    "registration not open yet": "/{lang}/sessions/early/register",
    "registration closed": "/{lang}/sessions/closed/register",
    "a session that is over": "/{lang}/sessions/past/register",
    "look into your mailbox": "/{lang}/sessions/open/registered",
    "the notice": "/{lang}/privacy",
    "accessibility": "/{lang}/accessibility",
    "the time zone": "/{lang}/timezone",
    "nothing there": "/{lang}/nothing",
}


def the_sessions(language: str) -> None:
    now = clock.now()
    webinar = factories.a_webinar(title="X", original_language=language)
    for key, starts, more in (
        ("open", now + timedelta(days=9), {"seats": 3}),
        ("full", now + timedelta(days=9), {"seats": 1}),
        ("early", now + timedelta(days=9), {"registration_opens": now + timedelta(days=1)}),
        ("closed", now + timedelta(days=9), {"registration_closes": now - timedelta(days=1)}),
        ("past", now - timedelta(days=9), {}),
    ):
        session = factories.a_session(
            key, webinar=webinar, starts=f"{starts:%Y-%m-%dT16:00}", zone="Europe/Madrid", languages=(language,), **more
        )
        if key == "full":
            factories.a_registration(session, language=language)


@pytest.mark.parametrize("language", TRANSLATED)
def test_public_pages_are_all_in_their_language(app: Flask, client: FlaskClient, language: str) -> None:
    the_sessions(language)

    shown = {page: client.get(address.format(lang=language)).text for page, address in PUBLIC.items()}
    shown["what to put right"] = client.post(f"/{language}/sessions/open/register", data={"email": "ana@lisbon"}).text
    for status in (RegistrationStatus.REGISTERED, RegistrationStatus.WAITING, RegistrationStatus.CANCELLED):
        place = a_place(language, status=status)
        shown[f"my registration, {status}"] = client.get(f"/{language}/registrations/{place.token}").text
        shown[f"join, {status}"] = client.get(f"/join/{place.join_token}").text

    assert {page: english_in(text) for page, text in shown.items()} == {page: [] for page in shown}


def test_english_is_found_where_it_is(app: Flask, client: FlaskClient) -> None:
    assert "How your data are used" in english_in(client.get("/en/privacy").text)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("23:00–00:15 for you in Seoul", "Wednesday, 21 July 2027", "16:00 in Madrid · 14:00 UTC", "in 8 days")),
        (
            "es",
            (
                "23:00–00:15 para usted en Seúl",
                "miércoles 21 de julio de 2027",
                "16:00 en Madrid · 14:00 UTC",
                "dentro de 8 días",
            ),
        ),
        (
            "fr",
            (
                "23\xa0h\xa000\xa0– 0\xa0h\xa015 pour vous à Séoul",
                "mercredi 21 juillet 2027",
                "16\xa0h\xa000 à Madrid · 14\xa0h\xa000 UTC",
                "dans 8 jours",
            ),
        ),
        (
            "pt",
            (
                "23:00–00:15 na sua hora local, em Seul",
                "quarta-feira, 21 de julho de 2027",
                "16:00 em Madri · 14:00 UTC",
                "em 8 dias",
            ),
        ),
    ],
)
def test_times_read_as_people_say_them(app: Flask, language: str, told: tuple[str, ...]) -> None:
    starts = datetime(2027, 7, 21, 14, 0, tzinfo=UTC)
    when = When(starts, starts + timedelta(minutes=75), SEOUL, "Europe/Madrid")

    with speaking(language):
        said = (when.for_you, formats.full_date(starts), when.there, formats.until(starts, starts - timedelta(days=8)))

    assert said == told


def test_french_and_spanish_have_their_own_rules_for_days_cities_and_lists(app: Flask) -> None:
    first = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
    in_cairo = When(first, first + timedelta(hours=1), "Africa/Cairo", "Europe/Madrid")

    with speaking("fr"):
        assert (formats.day_and_month(first), in_cairo.for_you) == (
            "lundi 1er mars",
            "17\xa0h\xa000\xa0– 18\xa0h\xa000 pour vous au Caire",
        )
    with speaking("es"):
        assert (formats.day_and_month(first), in_cairo.for_you) == (
            "lunes 1 de marzo",
            "17:00–18:00 para usted en El Cairo",
        )
        assert formats.joined(["español", "francés", "inglés"]) == "español, francés e inglés"
        assert formats.joined(["agua", "hielo"]) == "agua y hielo"


@pytest.mark.parametrize(
    ("hours", "told"),
    [(0.5, "in 30 minutes"), (3, "in 3 hours"), (36, "in 36 hours"), (192, "in 8 days"), (1000, "in 42 days")],
)
def test_how_far_off_something_is_is_told_in_the_unit_people_count_in(app: Flask, hours: float, told: str) -> None:
    now = clock.now()

    with speaking("en"):
        assert formats.until(now + timedelta(hours=hours), now) == told


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("minutes", "minute", "days")),
        ("fr", ("minute", "minute", "jours")),
        ("es", ("minutos", "minuto", "días")),
        ("pt", ("minuto", "minuto", "dias")),
    ],
)
def test_a_countdown_says_one_minute_and_two_minutes(app: Flask, language: str, told: tuple[str, ...]) -> None:
    with speaking(language):
        assert (formats.unit(0, "minute"), formats.unit(1, "minute"), formats.unit(45, "day")) == told


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", ("2 years", "90 days")), ("pt", ("2 anos", "90 dias")), ("fa", ("۲ سال", "۹۰ روز"))],
)
def test_how_long_data_are_kept_is_told_in_words_of_the_language(
    app: Flask, language: str, told: tuple[str, str]
) -> None:
    with speaking(language):
        assert (formats.days_or_years(730), formats.days_or_years(90)) == told
