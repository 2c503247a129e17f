"""A member of the network, everything it is called, and what people typed in its place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.foundation import clock
from webinar.foundation.db import Line, Model, Short


class Member(Model):
    """A city, metropolitan area or region that belongs to the network.

    Membership belongs to an organisation, not to a place: the city of Barcelona and its metropolitan area are two.
    One that was merged into another keeps its row and key, so that an import with the old key finds the other; it is
    in no list, and its name is free. ``revision`` counts the edits: who saves what somebody else has changed since is
    told.
    """

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("length(country_code) = 2 AND country_code = upper(country_code)", name="country_is_iso_3166"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_on_earth"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_on_earth"),
        CheckConstraint("merged_into_id <> id", name="not_merged_into_itself"),
        Index(
            "uq_member_name",
            "name",
            unique=True,
            sqlite_where=text("merged_into_id IS NULL"),
            postgresql_where=text("merged_into_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Short, unique=True)
    name: Mapped[str] = mapped_column(Line)
    official_name: Mapped[str] = mapped_column(Line, default="")
    country_code: Mapped[str] = mapped_column(String(2))
    region: Mapped[str] = mapped_column(Short, index=True)
    timezone: Mapped[str] = mapped_column(Short)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    revision: Mapped[int] = mapped_column(default=0)

    aliases: Mapped[list[MemberAlias]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="MemberAlias.id"
    )
    mail_domains: Mapped[list[MemberMailDomain]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="MemberMailDomain.domain"
    )


class MemberAlias(Model):
    """Another name of a member, in any script, as people write it."""

    __tablename__ = "member_alias"
    __table_args__ = (UniqueConstraint("member_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Line)


class MemberMailDomain(Model):
    """A domain that a member's mail addresses have; it proposes the member, it proves nothing."""

    __tablename__ = "member_mail_domain"
    __table_args__ = (
        UniqueConstraint("member_id", "domain"),
        CheckConstraint("domain = lower(domain)", name="domain_is_lower_case"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    domain: Mapped[str] = mapped_column(String(253), index=True)


class TypedName(Model):
    """What was decided about a name that people typed: which member it is, or that it is none.

    ``folded`` is the name without regard to case and accents, so one decision holds for all ways of writing it.
    """

    __tablename__ = "typed_name"

    folded: Mapped[str] = mapped_column(Line, primary_key=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    decided_at: Mapped[datetime] = mapped_column(default=clock.now)
