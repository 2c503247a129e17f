"""The organisers' pages of mailings: whom they are for, what they say, and what came of them."""

from webinar.invitations.staff import audience, mailings, new, preview, results, saved, texts, who
from webinar.invitations.staff.blueprint import bp

__all__ = ["audience", "bp", "mailings", "new", "preview", "results", "saved", "texts", "who"]
