"""The blueprint of the public pages of who was invited."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("invitations", __name__)
