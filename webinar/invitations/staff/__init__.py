"""The organisers' pages of mailings: whom they are for, what they say, and what came of them."""

from webinar.invitations.staff import audience, board, invited, mailings, new, preview, results, saved, texts, who
from webinar.invitations.staff.blueprint import bp

__all__ = ["audience", "board", "bp", "invited", "mailings", "new", "preview", "results", "saved", "texts", "who"]
