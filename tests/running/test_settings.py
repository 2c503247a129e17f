"""Settings from the environment: what is understood, and what is said about what is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import PROJECT, Config, SettingsError
from webinar.mail.transport import Letter, MailboxFolder


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("webinars@example.org", "webinars@example.org"),
        ("The secretariat <webinars@example.org>", "webinars@example.org"),
        ('"Vidal, Inés" <webinars@example.org>', "webinars@example.org"),
    ],
)
def test_the_sender_may_have_a_name_and_pages_show_the_address_alone(
    tmp_path: Path, written: str, address: str
) -> None:
    read = vars(Config({"INSTANCE_PATH": str(tmp_path), "MAIL_DEFAULT_SENDER": written}))

    assert read["MAIL_DEFAULT_SENDER"] == written
    assert read["SECRETARIAT"] == address


@pytest.mark.parametrize(
    "written", ["webinars", "webinars@", "The secretariat <>", "a b@example.org@example.org", "büro@example.org", ".@."]
)
def test_a_sender_without_an_address_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(SettingsError, match="MAIL_DEFAULT_SENDER"):
        Config({"INSTANCE_PATH": str(tmp_path), "MAIL_DEFAULT_SENDER": written})


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"MAIL_PORT": "abc"}, "MAIL_PORT is 'abc', but must be a whole number of at least 1."),
        ({"MAIL_USE_TLS": "maybe"}, "MAIL_USE_TLS is 'maybe', but must be yes or no."),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must begin with postgresql:// or sqlite:///."),
        (
            {"PUBLIC_URL": "https://webinars.example.org"},
            "PUBLIC_URL is https://webinars.example.org, which others can reach, and SECRET_KEY is not set. Set it to "
            'a long random text of your own: python3 -c "import secrets; print(secrets.token_urlsafe(48))"',
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_command_says_which_setting_is_wrong_and_ends(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "mail", "deliver"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "INSTANCE_PATH": str(tmp_path), **settings},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (1, "", f"Error: {sentence}\n")


def test_what_a_running_copy_writes_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "instance"

    Config({"INSTANCE_PATH": str(folder)})
    MailboxFolder(folder / "mailbox").send(Letter("1", "webinars@example.org", "ana@lisbon.example", b"..."))

    assert [(path.stat().st_mode & 0o077) for path in (folder, folder / "secret_key", folder / "mailbox")] == [0, 0, 0]
