"""What all tests stand on: an application with an empty database, a client, a server and a browser.

``app`` (and so ``client``, ``live_server``) runs a test twice, on SQLite and on PostgreSQL; a test that asks for
neither runs once. Tests of pages run on one of the two, by turns: what they ask of the database is asked by the tests
of queries and services as well, and every page is opened on both by those of ``tests/security``. All of them run on
both with ``--every-database``. Schema and application are made once a process and database; between tests the rows go.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as property_settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy import event, inspect, text
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from config import TestConfig
from tests.mail.imap_server import ImapServer, an_imap_server, find_dovecot
from tests.postgresql import Server
from webinar import create_app
from webinar.foundation.db import db

# How long one example takes says nothing where several tests run beside each other. Fewer examples than hypothesis
# tries by itself: each run draws others. ``--hypothesis-profile=default`` tries more.
property_settings.register_profile("beside others", deadline=None, max_examples=50)
property_settings.load_profile("beside others")

DATABASES = ("sqlite", "postgresql")
OF_PAGES = re.compile(r"test_(?:views|staff)(?:_\w+)?\.py|test_\w+_pages?\.py")
POSTGRESQL_FOLDER = pytest.StashKey[Path]()
IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


# The run: one PostgreSQL for all of its processes, and no skipped test in CI.


def pytest_configure(config: pytest.Config) -> None:
    """Choose the folder of the PostgreSQL server, the same for all processes of a run."""
    told: str | None = getattr(config, "workerinput", {}).get("postgresql_folder")
    config.stash[POSTGRESQL_FOLDER] = Path(told or tempfile.mkdtemp(prefix="webinar-postgresql-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a pytest-xdist process where that folder is."""
    node.workerinput["postgresql_folder"] = str(node.config.stash[POSTGRESQL_FOLDER])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server at the end of the run, in the process that chose the folder."""
    folder = config.stash.get(POSTGRESQL_FOLDER, None)
    if folder is not None and not hasattr(config, "workerinput"):
        Server(folder).stop()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let one run the tests of pages on both databases."""
    parser.addoption("--every-database", action="store_true", help="run the tests of pages on both databases")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave each test of a page to one of the databases; its name decides to which, so that it is always the same."""
    if config.getoption("--every-database"):
        return
    left = {item for item in items if _is_left_to_another(item)}
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=list(left))


def _is_left_to_another(item: pytest.Item) -> bool:
    chosen = getattr(getattr(item, "callspec", None), "params", {}).get("database_kind")
    if chosen not in DATABASES or not OF_PAGES.fullmatch(item.path.name):
        return False
    story = item.nodeid.replace(chosen, "")
    return bool(chosen != DATABASES[crc32(story.encode()) % len(DATABASES)])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count a skipped test as failed in CI, where everything a test needs is there or is to be put there."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as failed in CI: {report.longrepr}"
    return report


# The application and its database.


@pytest.fixture(scope="session")
def postgresql(pytestconfig: pytest.Config) -> Server:
    """Return the PostgreSQL server of this run; it starts when its first database is made."""
    return Server(pytestconfig.stash[POSTGRESQL_FOLDER])


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Name the kind of database a test runs on; journeys, say, override it to run on one only."""
    kind: str = request.param
    return kind


@pytest.fixture
def empty_database_url(database_kind: str, postgresql: Server, worker_name: str, tmp_path: Path) -> str:
    """Return the address of a database of this test alone, without any table."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return postgresql.make_database(f"empty_{worker_name}")


@pytest.fixture(scope="session")
def worker_name() -> str:
    """Return the name of this test process: ``gw0``, ``gw1`` ... under pytest-xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "alone")


@pytest.fixture(scope="session")
def applications(
    tmp_path_factory: pytest.TempPathFactory, postgresql: Server, worker_name: str
) -> Iterator[Callable[[str], Flask]]:
    """Return a function that gives this process's application for a kind of database, its schema in place."""
    made: dict[str, Flask] = {}

    def application(kind: str) -> Flask:
        if kind not in made:
            folder = tmp_path_factory.mktemp(kind)
            url = f"sqlite:///{folder / 'test.db'}"
            if kind == "postgresql":
                url = postgresql.make_database(f"test_{worker_name}")
            app = create_app(TestConfig(folder / "instance", url))
            with app.app_context():
                db.create_all()
            made[kind] = app
        return made[kind]

    yield application

    for app in made.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(applications: Callable[[str], Flask], database_kind: str) -> Iterator[Flask]:
    """Return the application on an empty database and with an empty instance folder, its context pushed.

    Settings may be changed in ``app.config``; they are put back. Forms need no CSRF token here, but do so on
    the ``live_server``; a test about CSRF sets ``WTF_CSRF_ENABLED``.
    """
    application = applications(database_kind)
    settings = dict(application.config)
    application.config["WTF_CSRF_ENABLED"] = False
    _empty(Path(application.instance_path))
    with application.app_context():
        delete_all_rows()
        application.extensions["settings.effect"].forget()
        yield application
        db.session.remove()
    application.config.clear()
    application.config.update(settings)


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def delete_all_rows() -> None:
    """Empty the database; a test that tells many stories does so before each."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # A thread that an earlier test left behind is to fail this test, not to hang the run.
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        for table in reversed(db.metadata.sorted_tables):
            connection.execute(table.delete())


class Client(FlaskClient):
    """A test client; the test sees after each request what the request has stored.

    The test's own session would go on showing what it read before. So a request ends that reading, and the
    columns of the rows that the test holds are read again when they are looked at; relations stay as loaded.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Make a request."""
        db.session.commit()
        try:
            # A context of its own, as on a server: in the test's, Flask would keep who is signed in and that a
            # token was right from one request to the next.
            with self.application.app_context():
                return super().open(*args, **kwargs)
        finally:
            look_again()


def look_again() -> None:
    """Let the test see what others have stored since it last looked."""
    db.session.commit()
    for row in db.session:
        db.session.expire(row, inspect(row).mapper.column_attrs.keys())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser without JavaScript, with cookies."""
    return Client(app, app.response_class, use_cookies=True)


class Counted:
    """The statements that a block of a test has sent to the database."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    @property
    def count(self) -> int:
        """Return how many there were, beginnings and ends of transactions aside."""
        return len(self.statements)


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[Counted]]:
    """Return a context manager that counts queries: ``with count_queries() as queries: ...; queries.count``.

    The test's own objects leave the session first: what sits there is not asked for again, and would hide
    queries. So read what the block needs (a key, an id) before it.
    """

    @contextmanager
    def counting() -> Iterator[Counted]:
        counted = Counted()

        def write_down(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if "FROM setting " in statement:
                return  # asked by one request in two seconds, whichever that is
            if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
                counted.statements.append(statement)

        db.session.commit()
        db.session.expunge_all()
        event.listen(db.engine, "before_cursor_execute", write_down)
        try:
            yield counted
        finally:
            event.remove(db.engine, "before_cursor_execute", write_down)

    return counting


# Real servers and a real browser.


class QuietHandler(WSGIRequestHandler):
    """Answers requests without writing a line about each."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (named so by Werkzeug)
        """Write nothing."""


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """Run the application on a free port of this machine and return its address, which is PUBLIC_URL too."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    address = f"http://127.0.0.1:{server.server_port}"
    app.config.update(PUBLIC_URL=address, WTF_CSRF_ENABLED=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def imap_server() -> Iterator[ImapServer]:
    """Run a real IMAP server on this machine; without one to run, its tests are skipped."""
    dovecot = find_dovecot()
    if dovecot is None:
        pytest.skip("there is no Dovecot with IMAP on this machine (Debian: apt-get install dovecot-imapd)")
    # Not in a folder of pytest's: nobody else can look into those, and the way to a socket in one would be too long.
    with tempfile.TemporaryDirectory(prefix="webinar-imap-") as folder, an_imap_server(dovecot, Path(folder)) as server:
        yield server


def _find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the machine's own Chromium, which reaches nothing but this machine; without one, its tests are skipped."""
    chromium = _find_chromium()
    if chromium is None:
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            ],
        )
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    """Return a function that opens an empty page in a fresh browser profile, as another person on another device.

    What it is given describes the device: ``open_page(timezone_id="Asia/Seoul", viewport=...)``. The live server
    is the base of relative addresses. A fault of a script, and anything that the Content-Security-Policy stops,
    fails the test.
    """
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def open_it(**device: Any) -> Page:
        context = browser.new_context(
            **{"base_url": live_server, "locale": "en-GB", "timezone_id": "Europe/Lisbon", **device}
        )
        contexts.append(context)
        context.on("console", note)
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        return context.new_page()

    yield open_it

    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """Open an empty page in a fresh browser profile, which has no cookies and stands in Lisbon."""
    return open_page()
