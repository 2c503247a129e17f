"""A member of the network and everything it is called."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinar.foundation.db import Line, Model, Short


class Member(Model):
    """A city, metropolitan area or region that belongs to the network.

    Membership belongs to an organisation, not to a place: the city of Barcelona and its metropolitan area are two.
    """

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("length(country_code) = 2 AND country_code = upper(country_code)", name="country_is_iso_3166"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_on_earth"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_on_earth"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Short, unique=True)
    name: Mapped[str] = mapped_column(Line, unique=True)
    official_name: Mapped[str] = mapped_column(Line, default="")
    country_code: Mapped[str] = mapped_column(String(2))
    region: Mapped[str] = mapped_column(Short, index=True)
    timezone: Mapped[str] = mapped_column(Short)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

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
