"""The blueprint of the organisers' pages of who came."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("attendance_staff", __name__)
