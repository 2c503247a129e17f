"""The organisers' pages of mailings: whom they are for, what they say, and what came of them."""

from webinar.invitations.staff import mailings, new, results, texts, who
from webinar.invitations.staff.blueprint import bp

__all__ = ["bp", "mailings", "new", "results", "texts", "who"]
