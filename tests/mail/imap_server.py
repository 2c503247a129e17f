"""A real IMAP server on this machine: Debian's Dovecot, as a process of an ordinary user in a folder of its own.

Every name is a user of it, with one password, so each test has a mailbox that nobody else has. Mail is delivered as
a mail server does it, by a file in the Maildir.
"""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.mail.smtp_server import CERTIFICATES

CERTIFICATE = CERTIFICATES / "certificate.pem"
PASSWORD = 'the"secret"\\ofÁvila'
PATIENCE = 20

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_uid = {user}
mail_gid = {group}
mail_location = maildir:~/Maildir
auth_failure_delay = 0
auth_mechanisms = plain
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secured_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


@dataclass
class ImapServer:
    """Where the server listens: in the clear, and with TLS and a certificate that nobody knows."""

    folder: Path
    port: int
    secured_port: int
    owner: pwd.struct_passwd

    def mailbox(self) -> Mailbox:
        """Return a mailbox of its own for a test."""
        return Mailbox(self, f"webinars-{secrets.token_hex(6)}")


@dataclass
class Mailbox:
    """One user's mail."""

    server: ImapServer
    name: str
    files: list[Path] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        """The settings that name it, in the clear: the server is on this machine."""
        return {
            "IMAP_SERVER": "127.0.0.1",
            "IMAP_PORT": str(self.server.port),
            "IMAP_USE_SSL": "no",
            "IMAP_USERNAME": self.name,
            "IMAP_PASSWORD": PASSWORD,
        }

    def deliver(self, content: bytes, *, age: timedelta = timedelta(0), folder: str = "") -> None:
        """Put a message into the mailbox that came in some time ago, by the clock of the machine."""
        home = self.server.folder / "home" / self.name
        new = home / "Maildir" / (f".{folder}" if folder else "") / "new"
        for made in (new, new.parent / "tmp", new.parent / "cur"):
            made.mkdir(parents=True, exist_ok=True)
        for path in (*home.rglob("*"), home):
            os.chown(path, self.server.owner.pw_uid, self.server.owner.pw_gid)
        came = time.time() - age.total_seconds()
        file = new.parent / "tmp" / f"{len(self.files):06}.M{secrets.token_hex(4)}.here"
        file.write_bytes(content)
        os.chown(file, self.server.owner.pw_uid, self.server.owner.pw_gid)
        os.utime(file, (came, came))
        self.files.append(file.rename(new / file.name))

    def is_untouched(self) -> bool:
        """Tell whether every message lies where it was delivered to, unread, unmarked and not even seen to be there."""
        return all(file.exists() for file in self.files)

    def make_anew(self) -> None:
        """Delete the mailbox as if the server had lost it; what is delivered from now on is numbered from 1 again."""
        shutil.rmtree(self.server.folder / "home" / self.name)
        self.files.clear()

    @contextmanager
    def read_by_a_person(self) -> Iterator[imaplib.IMAP4]:
        """Open the mailbox as a mail program does."""
        with imaplib.IMAP4("127.0.0.1", self.server.port, timeout=PATIENCE) as connection:
            connection.authenticate("PLAIN", lambda _challenge: f"\0{self.name}\0{PASSWORD}".encode())
            connection.select()
            yield connection

    def flags(self) -> list[str]:
        """Return the marks of each message."""
        with self.read_by_a_person() as connection:
            lines = connection.fetch("1:*", "(FLAGS)")[1]
            return [re.sub(r".*FLAGS \(([^)]*)\).*", r"\1", line.decode()) for line in lines if isinstance(line, bytes)]


def find_dovecot() -> str | None:
    """Return the path of Dovecot's program, if this machine has one with IMAP; a Debian's root has it in PATH."""
    found = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    return found if found and Path("/usr/lib/dovecot/imap").exists() else None


@contextmanager
def an_imap_server(dovecot: str, folder: Path) -> Iterator[ImapServer]:
    """Run the server for the block, as ``nobody`` where the tests run as root."""
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    server = ImapServer(folder, _free_port(), _free_port(), owner)
    values = {
        "folder": folder,
        "password": PASSWORD,
        "port": server.port,
        "secured_port": server.secured_port,
        "user": owner.pw_name,
        "group": grp.getgrgid(owner.pw_gid).gr_name,
    }
    (folder / "dovecot.conf").write_text(CONFIGURATION.format(**values), encoding="utf-8")
    (folder / "home").mkdir()
    for name in ("certificate.pem", "key.pem"):
        shutil.copy(CERTIFICATES / name, folder / name)
    for path in (folder, *folder.iterdir()):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    process = subprocess.Popen(
        [dovecot, "-F", "-c", str(folder / "dovecot.conf")],
        user=owner.pw_uid if os.geteuid() == 0 else None,
        group=owner.pw_gid if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
        stdin=subprocess.DEVNULL,
        stdout=(output := (folder / "output").open("ab")),
        stderr=output,
        cwd=folder,
        start_new_session=True,
    )
    try:
        _wait_until_it_answers(process, server)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _wait_until_it_answers(process: subprocess.Popen[bytes], server: ImapServer) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=1) as connection:
                if connection.recv(100).startswith(b"* OK"):
                    return
        except OSError:
            pass
        time.sleep(0.05)
    said = "".join(path.read_text() for path in (server.folder / "output", server.folder / "log") if path.exists())
    raise RuntimeError(f"Dovecot does not answer:\n{said}")
