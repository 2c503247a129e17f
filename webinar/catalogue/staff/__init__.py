"""The organisers' pages of series and webinars: their texts, what is held of them, and what was changed.

Sessions have pages of their own, which show who is registered, so they belong to a later feature.
"""

from webinar.catalogue.staff import changes, copying, media, series, webinars
from webinar.catalogue.staff.blueprint import bp

__all__ = ["bp", "changes", "copying", "media", "series", "webinars"]
