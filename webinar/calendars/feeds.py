"""Calendars that others subscribe to: what they hold, how they are answered, and kept until something changes.

A feed's bytes depend on nothing but what it tells, so they are the same from every process, and their hash is the
ETag. Calendars ask far more often than anything changes: most of them get 304 (RFC 9110, 13.1.2).
"""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple, cast

from flask import Flask, Response, current_app, make_response, request

from webinar.catalogue.version import last_change
from webinar.foundation.live_config import saved_settings

EXTENSION = "calendars.feeds"
MOST_FEEDS = 200

ENDED_KEPT = timedelta(days=60)
"""How long a session that is over stays in feeds."""
CANCELLED_KEPT = timedelta(days=30)
"""How long what was cancelled stays in feeds, as cancelled: a calendar that asks rarely is to learn of it."""


@dataclass(frozen=True)
class Feed:
    """The finished bytes of a feed, and when something it tells was last changed."""

    content: bytes
    changed_at: datetime

    @cached_property
    def tag(self) -> str:
        """The hash of the bytes."""
        return hashlib.sha256(self.content).hexdigest()[:32]

    @cached_property
    def packed(self) -> bytes:
        """The bytes packed by gzip, without the time at which that was done."""
        return gzip.compress(self.content, mtime=0)


class Window(NamedTuple):
    """From when on sessions stand in feeds; it moves once a day, so that within a day the bytes stay the same."""

    ended_after: datetime
    cancelled_after: datetime


class Kept(NamedTuple):
    """A feed with what was true when it was made."""

    state: object
    feed: Feed


def init_app(app: Flask) -> None:
    """Give an application an empty store of feeds."""
    app.extensions[EXTENSION] = OrderedDict()


def window(now: datetime) -> Window:
    """Return from when on sessions stand in a feed that is asked for at a moment."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return Window(today - ENDED_KEPT, today - CANCELLED_KEPT)


def kept_feed(which: Hashable, now: datetime, compose: Callable[[Window], bytes]) -> Feed:
    """Return a public feed as it was made, or make it anew if the catalogue, a setting or the day has changed.

    It is looked at with one small query.
    """
    kept = cast("OrderedDict[Hashable, Kept]", current_app.extensions[EXTENSION])
    change = last_change()
    state = (change, window(now), saved_settings())
    known = kept.get(which)
    if known is not None and known.state == state:
        return known.feed
    feed = Feed(compose(window(now)), now if change is None else change[1])
    kept.pop(which, None)  # so that it counts as the newest
    kept[which] = Kept(state, feed)
    while len(kept) > MOST_FEEDS:
        kept.popitem(last=False)
    return feed


def answer(feed: Feed) -> Response:
    """Answer with a feed, packed where the calendar takes it, or with 304 if it has these bytes already."""
    is_packed = request.accept_encodings.quality("gzip") > 0
    response = make_response(feed.packed if is_packed else feed.content)
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    response.vary.add("Accept-Encoding")
    if is_packed:
        response.content_encoding = "gzip"
    # Other bytes have another strong tag (RFC 9110, 8.8.3).
    response.set_etag(f"{feed.tag}-gzip" if is_packed else feed.tag)
    response.last_modified = feed.changed_at
    response.make_conditional(request)
    return response
