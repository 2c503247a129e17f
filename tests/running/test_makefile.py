"""What the Makefile says on a machine where something is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config import PROJECT

NAMES = ("python3", "python3.13", "python3.12", "python3.11")


def make_with(python: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``make run`` in a folder of its own, every Python on the machine being that shell script."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(PROJECT / name, folder)
    programs = folder / "programs"
    programs.mkdir()
    for name in NAMES:
        (programs / name).write_text(f"#!/bin/sh\n{python}\n")
        (programs / name).chmod(0o755)
    return subprocess.run(
        ["make", "run"],
        cwd=folder,
        env={"PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make on this machine")
@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("exit 1", "Python 3.11 or newer is missing. Debian, Ubuntu: apt-get install python3 python3-venv\n"),
        (
            f'case "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"',
            "The venv module of python3 is missing. Debian, Ubuntu: apt-get install "
            f"python{sys.version_info.major}.{sys.version_info.minor}-venv\n",
        ),
    ],
    ids=["no python", "no venv"],
)
def test_make_says_what_is_missing_and_how_to_get_it(tmp_path: Path, python: str, said: str) -> None:
    made = make_with(python, tmp_path)

    assert (made.returncode, made.stdout) == (2, said)
    assert not (tmp_path / ".venv").exists()
