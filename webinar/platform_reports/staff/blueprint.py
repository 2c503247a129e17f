"""The blueprint of the staff's pages of platforms' reports."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("platform_reports_staff", __name__)
