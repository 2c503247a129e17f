"""What an admin saved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webinar.foundation import clock
from webinar.foundation.db import Model


class Setting(Model):
    """One setting as saved on the page; one of the same name in the environment wins over it."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
