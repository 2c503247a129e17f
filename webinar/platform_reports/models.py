"""Platforms' reports that were taken over: whom they name, when these were there, and what was decided about them."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.accounts.models import StaffAccount
from webinar.catalogue.models import WebinarSession
from webinar.foundation import clock
from webinar.foundation.db import Code, Line, Model, Short, code_column
from webinar.registration.models import Registration


class ReportedKind(Code):
    """As what somebody was there. ``NAMELESS`` ones are guests of whom nothing is told, ``PHONE`` only a number."""

    HOST = "host"
    PANELLIST = "panellist"
    STAFF = "staff"
    ATTENDEE = "attendee"
    PHONE = "phone"
    NAMELESS = "nameless"


class Standing(Code):
    """What is known, or was decided, of somebody in a report.

    The log-ins of the ``CERTAIN`` count, and those of whom somebody has linked or confirmed (``BY_HAND``) or added as
    one who came without registering (``ADDED``). ``LIKELY`` ones wait for a person to confirm them, ``OPEN`` ones to be
    linked, added or ``SET_ASIDE``; nobody has to do anything about those ``APART``: hosts, panellists and staff who
    are not registered, telephones and nameless guests.
    """

    CERTAIN = "certain"
    LIKELY = "likely"
    OPEN = "open"
    APART = "apart"
    BY_HAND = "by_hand"
    ADDED = "added"
    SET_ASIDE = "set_aside"


COUNTING = (Standing.CERTAIN, Standing.BY_HAND, Standing.ADDED)
DECIDED = (Standing.BY_HAND, Standing.ADDED, Standing.SET_ASIDE)


class Reason(Code):
    """Why somebody in a report is taken for who is registered, or why that stays open."""

    ADDRESS = "address"
    MERGED_ADDRESS = "merged_address"
    REMEMBERED = "remembered"
    SAME_NAME = "same_name"
    OTHER_ORDER = "other_order"
    WITH_MEMBER = "with_member"
    OTHER_LETTERS = "other_letters"
    KNOWN_ADDRESS = "known_address"
    SEVERAL_REGISTERED = "several_registered"
    SEVERAL_REPORTED = "several_reported"


class PlatformReport(Model):
    """A report that was taken over for a session.

    ``platform`` is the reader's name. ``digest`` is of the file and ``read_as`` of how it was read, so that the same
    again is known, and the same file read otherwise replaces it. It is active until it is undone or replaced.
    ``starts_at`` is when the meeting began, as far as it tells. ``logins`` belong to the session, ``logins_outside``
    were before or after it; ``unclear_times`` counts those at a time that the clocks showed twice or not at all;
    ``faults`` the lines that could not be read.
    """

    __tablename__ = "platform_report"
    __table_args__ = (
        Index(
            "uq_platform_report_one_active",
            "session_id",
            "digest",
            "read_as",
            unique=True,
            sqlite_where=text("undone_at IS NULL AND replaced_by_id IS NULL"),
            postgresql_where=text("undone_at IS NULL AND replaced_by_id IS NULL"),
        ),
        CheckConstraint("replaced_by_id <> id", name="not_replaced_by_itself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id"), index=True)
    platform: Mapped[str] = mapped_column(Short)
    file_name: Mapped[str] = mapped_column(Line)
    digest: Mapped[str] = mapped_column(String(64))
    read_as: Mapped[str] = mapped_column(String(64))
    timezone: Mapped[str] = mapped_column(Short)
    topic: Mapped[str] = mapped_column(Line)
    meeting_id: Mapped[str] = mapped_column(Short)
    starts_at: Mapped[datetime | None]
    logins: Mapped[int]
    logins_outside: Mapped[int]
    unclear_times: Mapped[int]
    faults: Mapped[int]
    applied_at: Mapped[datetime] = mapped_column(default=clock.now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    undone_at: Mapped[datetime | None]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("platform_report.id"), index=True)
    erase_after: Mapped[datetime] = mapped_column(index=True)

    session: Mapped[WebinarSession] = relationship(lazy="raise_on_sql")
    account: Mapped[StaffAccount | None] = relationship(lazy="raise_on_sql")

    @property
    def is_active(self) -> bool:
        """Whether it says who was there: it was neither undone nor replaced by another."""
        return self.undone_at is None and self.replaced_by_id is None


class ReportedPerson(Model):
    """Somebody whom a report names, with all their log-ins: of one address, or of one name without an address.

    ``number`` counts them within the report, from 1. ``registration`` is whom the log-ins count for; ``proposed`` whom
    they were found to be, whatever was decided then. ``known_by`` is the address, else the folded name.
    """

    __tablename__ = "reported_person"
    __table_args__ = (
        CheckConstraint(
            "(standing IN ('certain', 'by_hand', 'added')) = (registration_id IS NOT NULL)",
            name="whose_log_ins_count_is_registered",
        ),
        CheckConstraint("standing <> 'likely' OR proposed_id IS NOT NULL", name="the_likely_are_likely_somebody"),
        Index("ix_reported_person_report_standing_name", "report_id", "standing", "name"),
    )

    report_id: Mapped[int] = mapped_column(ForeignKey("platform_report.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Line)
    email: Mapped[str | None] = mapped_column(String(254))
    kind: Mapped[ReportedKind] = mapped_column(code_column(ReportedKind))
    standing: Mapped[Standing] = mapped_column(code_column(Standing))
    reason: Mapped[Reason | None] = mapped_column(code_column(Reason))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), index=True)
    proposed_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), index=True)
    known_by: Mapped[str] = mapped_column(Line)

    report: Mapped[PlatformReport] = relationship(lazy="raise_on_sql")
    registration: Mapped[Registration | None] = relationship(foreign_keys=[registration_id], lazy="raise_on_sql")
    proposed: Mapped[Registration | None] = relationship(foreign_keys=[proposed_id], lazy="raise_on_sql")


class ReportedLogin(Model):
    """One stretch in which one device of somebody in a report was there, in UTC, as reported."""

    __tablename__ = "reported_login"
    __table_args__ = (
        ForeignKeyConstraint(
            ["report_id", "number"], ["reported_person.report_id", "reported_person.number"], ondelete="CASCADE"
        ),
        CheckConstraint("left_at >= joined_at", name="leaves_after_joining"),
        Index("ix_reported_login_report_number", "report_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int]
    number: Mapped[int]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime]


class ReportedCandidate(Model):
    """One of several registrations that somebody in a report may be: a person has to say which."""

    __tablename__ = "reported_candidate"
    __table_args__ = (
        ForeignKeyConstraint(
            ["report_id", "number"], ["reported_person.report_id", "reported_person.number"], ondelete="CASCADE"
        ),
    )

    report_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True, index=True)

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")


class KnownIdentity(Model):
    """What was decided about somebody in a report, for the next one: who it is, or nobody, who is set aside.

    ``known_by`` is the address they were there with, else the folded name.
    """

    __tablename__ = "known_identity"

    known_by: Mapped[str] = mapped_column(Line, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    decided_at: Mapped[datetime] = mapped_column(default=clock.now)
    erase_after: Mapped[datetime] = mapped_column(index=True)


class KnownLayout(Model):
    """Which column of a table of our own says what, as somebody has said, by the digest of its headings."""

    __tablename__ = "known_layout"

    headings: Mapped[str] = mapped_column(String(64), primary_key=True)
    columns: Mapped[dict[str, int]] = mapped_column(JSON)
    named_at: Mapped[datetime] = mapped_column(default=clock.now)


class BroughtReport(Model):
    """A file that somebody of the staff has brought and is looking over, and how they want it to be read.

    It is read again when it is applied; it goes then, and in any case after an hour. What is empty was not chosen:
    the zone and the order of dates follow from the file or from the session, ``columns`` only where it has a layout
    that is not known. ``adds`` says that it is of a further room, where it would else replace another report.
    """

    __tablename__ = "brought_report"

    token: Mapped[str] = mapped_column(String(43), primary_key=True, default=secrets.token_urlsafe)
    session_id: Mapped[int] = mapped_column(ForeignKey("webinar_session.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    file_name: Mapped[str] = mapped_column(Line)
    timezone: Mapped[str | None] = mapped_column(Short)
    date_order: Mapped[str | None] = mapped_column(Short)
    columns: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    adds: Mapped[bool] = mapped_column(default=False)
    brought_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    # The last column: SQLite would walk through all of these bytes to read one that stands behind them.
    content: Mapped[bytes]

    session: Mapped[WebinarSession] = relationship(lazy="raise_on_sql")
