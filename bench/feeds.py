"""The calendar of all public sessions, 500 of them: a calendar that asks again, and one that asks for the first time.

``python -m bench.feeds`` asks in one process, on SQLite, and prints the processor time of a request.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import insert

from config import Config
from webinar import create_app
from webinar.catalogue.models import (
    LanguageVersion,
    Platform,
    Series,
    SeriesText,
    SessionStatus,
    VersionKind,
    Webinar,
    WebinarSession,
    WebinarText,
)
from webinar.foundation import clock
from webinar.foundation.db import db, transaction

SESSIONS = 500
TIMES = 20
FEED = "/en/calendar.ics"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "INSTANCE_PATH": folder,
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'feeds.db'}",
            "SECRET_KEY": "only-for-measuring",
        }
        app = create_app(Config(settings))
        with app.app_context():
            db.create_all()
            _store()
            _measure(app.test_client())
            db.session.remove()
            db.engine.dispose()


def _measure(client: FlaskClient) -> None:
    first = client.get(FEED)
    asks_again = {"If-None-Match": first.headers["ETag"]}
    print(f"a feed of {first.text.count('BEGIN:VEVENT')} sessions, {len(first.data):,} bytes:")
    for what, ask, status in (
        ("nothing has changed: 304", lambda: client.get(FEED, headers=asks_again).status_code, 304),
        ("whole, from the cache", lambda: client.get(FEED).status_code, 200),
        ("whole, after a session has changed", lambda: _changed(client), 200),
    ):
        print(f"  {what:<65} {_milliseconds(ask, status):>13.1f} ms")


def _changed(client: FlaskClient) -> int:
    with transaction():
        db.session.get_one(WebinarSession, 1).changed_at = clock.now()
    return client.get(FEED).status_code


def _milliseconds(ask: Callable[[], int], status: int) -> float:
    """Return the processor time of the quickest request: what else the machine does only makes one slower."""
    took = []
    for _ in range(TIMES):
        began = time.process_time()
        answered = ask()
        took.append(time.process_time() - began)
        if answered != status:
            raise RuntimeError(f"the feed was answered {answered}")
    return min(took) * 1000


def _store() -> None:
    starts = clock.now().replace(microsecond=0) + timedelta(days=10)
    webinar = Webinar(
        slug="bench",
        original_language="en",
        series=Series(slug="bench", texts=[SeriesText(language="en", title="Bench")]),
        texts=[WebinarText(language="en", title="Heat in cities", summary="What cities do about it. " * 8)],
    )
    db.session.add(webinar)
    db.session.flush()
    numbers = range(1, SESSIONS + 1)
    begins = {n: starts + timedelta(hours=12 * n) for n in numbers}
    db.session.execute(
        insert(WebinarSession),
        [
            {
                "key": f"bench-{n}",
                "webinar_id": webinar.id,
                "starts_wall": begins[n].replace(tzinfo=None),
                "ends_wall": (begins[n] + timedelta(minutes=75)).replace(tzinfo=None),
                "timezone": "UTC",
                "starts_at": begins[n],
                "ends_at": begins[n] + timedelta(minutes=75),
                "platform": Platform.ZOOM,
                "status": SessionStatus.PUBLISHED,
            }
            for n in numbers
        ],
    )
    versions = [{"session_id": n, "code": "en", "kind": VersionKind.FLOOR, "position": 0} for n in numbers]
    db.session.execute(insert(LanguageVersion), versions)
    db.session.commit()


if __name__ == "__main__":
    main()
