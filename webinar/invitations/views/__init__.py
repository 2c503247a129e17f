"""The public pages of who was invited: saying that one cannot come, by the link in the mail."""

from webinar.invitations.views import invitation
from webinar.invitations.views.blueprint import bp

__all__ = ["bp", "invitation"]
