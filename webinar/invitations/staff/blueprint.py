"""The blueprint of the organisers' pages of mailings. Everybody signed in may look; only organisers may change."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("invitations_staff", __name__)
