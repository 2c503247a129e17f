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


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("", ""),
        ("bounces@example.org", "bounces@example.org"),
        ("bounces@münchen.example", "bounces@xn--mnchen-3ya.example"),
        (f"{'b' * 31}@example.org", f"{'b' * 31}@example.org"),
    ],
)
def test_the_address_of_bounces_is_read_in_ascii(tmp_path: Path, written: str, understood: str) -> None:
    read = vars(Config({"INSTANCE_PATH": str(tmp_path), "MAIL_BOUNCES": written}))

    assert read["MAIL_BOUNCES"] == understood


@pytest.mark.parametrize(
    "written",
    ["bounces", "bounces+x@example.org", "B <bounces@example.org>", f"{'b' * 32}@example.org", "a\r\nb@example.org"],
)
def test_an_address_for_bounces_that_leaves_no_room_for_a_token_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(SettingsError, match=r"MAIL_BOUNCES is .* must be a mail address"):
        Config({"INSTANCE_PATH": str(tmp_path), "MAIL_BOUNCES": written})


MAILBOX = {"IMAP_SERVER": "imap.example.org", "IMAP_USERNAME": "webinars", "IMAP_PASSWORD": "the secret"}


def test_a_mailbox_is_read_with_tls_once_a_minute_unless_said_otherwise(tmp_path: Path) -> None:
    read = vars(Config({"INSTANCE_PATH": str(tmp_path), **MAILBOX}))
    told = {"IMAP_SERVER": "127.0.0.1", "IMAP_USE_SSL": "no", "IMAP_FOLDER": "Réponses", "IMAP_POLL_SECONDS": "10"}
    otherwise = vars(Config({"INSTANCE_PATH": str(tmp_path), **MAILBOX, **told}))

    names = ("IMAP_USE_SSL", "IMAP_PORT", "IMAP_FOLDER", "IMAP_POLL_SECONDS")
    assert [read[name] for name in names] == [True, 993, "INBOX", 60]
    assert [otherwise[name] for name in names] == [False, 143, "Réponses", 10]


def test_without_a_server_the_rest_of_a_mailbox_may_be_missing(tmp_path: Path) -> None:
    assert Config({"INSTANCE_PATH": str(tmp_path)}).IMAP_SERVER == ""


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"IMAP_USERNAME": ""}, "IMAP_SERVER is set, so IMAP_USERNAME is needed too: the mailbox is not open to any"),
        ({"IMAP_PASSWORD": ""}, "IMAP_SERVER is set, so IMAP_PASSWORD is needed too: the mailbox is not open to any"),
        ({"IMAP_PORT": "0"}, "IMAP_PORT is '0', but must be a whole number from 1 to 65535."),
        ({"IMAP_PORT": "70000"}, "IMAP_PORT is '70000', but must be a whole number from 1 to 65535."),
        ({"IMAP_PORT": "9" * 5000}, "but must be a whole number from 1 to 65535."),
        ({"IMAP_USE_SSL": "maybe"}, "IMAP_USE_SSL is 'maybe', but must be yes or no."),
        ({"IMAP_USE_SSL": "no"}, "IMAP_USE_SSL is off and IMAP_SERVER is not this machine: password and mails would"),
        ({"IMAP_FOLDER": "IN\r\nBOX"}, "IMAP_FOLDER must be the name of a folder, of at most 255 characters on one"),
        ({"IMAP_FOLDER": "x" * 256}, "IMAP_FOLDER must be the name of a folder, of at most 255 characters on one"),
        ({"IMAP_POLL_SECONDS": "9"}, "IMAP_POLL_SECONDS is '9', but must be a whole number from 10 to 86400."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_mailbox_that_cannot_be_read_like_that_is_refused_without_naming_the_password(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError) as refusal:
        Config({"INSTANCE_PATH": str(tmp_path), **MAILBOX, **settings})

    assert sentence in refusal.value.message
    assert "the secret" not in refusal.value.message


def test_what_a_running_copy_writes_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "instance"

    Config({"INSTANCE_PATH": str(folder)})
    MailboxFolder(folder / "mailbox").send(Letter("1", "webinars@example.org", "ana@lisbon.example", b"..."))

    assert [(path.stat().st_mode & 0o077) for path in (folder, folder / "secret_key", folder / "mailbox")] == [0, 0, 0]
