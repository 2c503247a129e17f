"""What an admin saved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webinar.foundation import clock
from webinar.foundation.db import Model


class Setting(Model):
    """One setting as saved on the page; one of the same name in the environment wins over it.

    ``value`` is a text as it would stand in the environment; the mark is a picture in its place.
    """

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
