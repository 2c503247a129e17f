"""A catalogue with a translation that does not fit its source is not compiled, and one is told where and why."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from gettext import GNUTranslations
from pathlib import Path

import pytest

from config import PROJECT

HEADER = (
    'msgid ""\nmsgstr ""\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
)
GOOD = 'msgid "Yes"\nmsgstr "Oui"\n\n'


def a_catalogue(folder: Path, entries: str, language: str = "fr") -> Path:
    path = folder / "translations" / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + GOOD + entries, encoding="utf-8")
    return path


def compile_it(catalogue: Path) -> subprocess.CompletedProcess[str]:
    program = PROJECT / "translations" / "compile.py"
    return subprocess.run([sys.executable, program, catalogue], capture_output=True, text=True, check=False)


def entry(source: str, *forms: str, plural: str = "") -> str:
    if not plural:
        return f'msgid "{source}"\nmsgstr "{forms[0]}"\n'
    numbered = "".join(f'msgstr[{number}] "{form}"\n' for number, form in enumerate(forms))
    return f'msgid "{source}"\nmsgid_plural "{plural}"\n{numbered}'


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (
            entry("Dear %(name)s", "Bonjour %(nom)s"),
            "“Bonjour %(nom)s” has %(nom)s, which “Dear %(name)s” has not",
        ),
        (entry("Dear %(name)s", "Bonjour"), "“Bonjour” lacks %(name)s, which “Dear %(name)s” has"),
        (entry("Dear %(name)s", "Bonjour %(name)d"), "“Bonjour %(name)d” lacks %(name)s"),
        (entry("Dear %(name)s", "Bonjour %(name)s %(name"), "has a % that begins no whole placeholder"),
        (entry("Dear %(name)s", "Bonjour %name)s %(name)s"), "has a % that begins no whole placeholder"),
        (entry("Half", "50 %"), "has a % that begins no whole placeholder; a percent sign is written %%"),
        (entry("Half", "%s"), "has a % that begins no whole placeholder"),
        (entry("%(num)s day", "un jour", "jours", plural="%(num)s days"), "“jours” lacks %(num)s"),
        (
            entry("%(num)s of %(of)s", "un de %(of)s", "%(num)s de", plural="%(num)s of %(of)s"),
            "“%(num)s de” lacks %(of)s",
        ),
        (
            entry("%(num)s day", "%(num)s jour", "%(num)s jours", "%(num)s jours", plural="%(num)s days"),
            "more translations than num_plurals",
        ),
        (
            entry("%(num)s day", "%(num)s jours", plural="%(num)s days"),
            "“%(num)s day” lacks 1 of the 2 forms that the language has for plurals",
        ),
        ('msgid "Half\nmsgstr "Moitié"\n', 'a quotation mark is missing or one too many: msgid "Half'),
        ('msgid "Half"\nmsgstr "La "moitié"\n', "a quotation mark is missing or one too many"),
        ('msgid "Half"\nmsgtsr "Moitié"\n', "a quotation mark is missing or one too many"),
    ],
)
def test_a_broken_translation_does_not_become_a_compiled_catalogue(tmp_path: Path, broken: str, fault: str) -> None:
    catalogue = a_catalogue(tmp_path, broken)

    done = compile_it(catalogue)

    assert done.returncode == 1
    assert done.stderr.startswith(f"{catalogue}:")
    assert fault in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in catalogue.parent.iterdir()] == ["messages.po"]


def test_the_line_that_is_told_is_that_of_the_text_and_all_faults_are_told_at_once(tmp_path: Path) -> None:
    catalogue = a_catalogue(tmp_path, entry("A %(a)s", "B") + "\n" + entry("C %(c)s", "D"))
    lines = catalogue.read_text(encoding="utf-8").splitlines()

    told = compile_it(catalogue).stderr.splitlines()

    first, second = lines.index('msgid "A %(a)s"') + 1, lines.index('msgid "C %(c)s"') + 1
    assert [line.split(": ")[0] for line in told[:2]] == [f"{catalogue}:{first}", f"{catalogue}:{second}"]
    assert told[2] == "The catalogue is not compiled; mend this first."


@pytest.mark.parametrize(
    "whole",
    [
        entry("Dear %(name)s", "%(name)s, bonjour"),
        entry("Dear %(name)s", ""),
        entry("%(num)s day", "un jour", "%(num)s jours", plural="%(num)s days"),
        entry("100 %% of %(all)s", "100 %% de %(all)s"),
        "#, fuzzy\n" + entry("Dear %(name)s", "Cher %(nom)s"),
    ],
)
def test_what_fits_is_compiled_and_what_is_missing_or_guessed_stays_english(tmp_path: Path, whole: str) -> None:
    catalogue = a_catalogue(tmp_path, whole)

    done = compile_it(catalogue)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with catalogue.with_suffix(".mo").open("rb") as file:
        texts = GNUTranslations(file)
    assert texts.gettext("Yes") == "Oui"
    assert "nom" not in texts.gettext("Dear %(name)s")


def test_a_plural_that_is_not_translated_yet_is_shown_in_english_too(tmp_path: Path) -> None:
    catalogue = a_catalogue(tmp_path, entry("%(num)s day", "", "", plural="%(num)s days"))

    assert compile_it(catalogue).returncode == 0
    with catalogue.with_suffix(".mo").open("rb") as file:
        assert GNUTranslations(file).ngettext("%(num)s day", "%(num)s days", 3) == "%(num)s days"


def test_a_folder_that_is_called_after_no_language_is_refused(tmp_path: Path) -> None:
    done = compile_it(a_catalogue(tmp_path, "", language="klingonish"))

    assert (done.returncode, "“klingonish” is no language" in done.stderr) == (1, True)


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make on this machine")
def test_make_stops_at_a_broken_catalogue_and_leaves_no_compiled_one(tmp_path: Path) -> None:
    catalogue = a_catalogue(tmp_path, entry("Dear %(name)s", "Bonjour %(nom)s"))
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt", "translations/compile.py"):
        shutil.copy(PROJECT / name, tmp_path / name)
    a_venv_that_is_ready(tmp_path)

    def make() -> subprocess.CompletedProcess[str]:
        return subprocess.run(["make", "translations"], cwd=tmp_path, capture_output=True, text=True, check=False)

    refused = make()
    assert refused.returncode == 2
    assert "has %(nom)s, which “Dear %(name)s” has not" in refused.stderr
    assert not catalogue.with_suffix(".mo").exists()

    catalogue.write_text(catalogue.read_text(encoding="utf-8").replace("nom", "name"), encoding="utf-8")
    assert (make().returncode, catalogue.with_suffix(".mo").exists()) == (0, True)


def a_venv_that_is_ready(folder: Path) -> None:
    """Let make find a .venv with everything in it: the Python that runs this test."""
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (folder / ".venv" / ".made").write_text(f"{folder}\n")
    later = (folder / "requirements.txt").stat().st_mtime + 10
    for name in (".made", ".installed", ".installed-dev"):
        (folder / ".venv" / name).touch()
        os.utime(folder / ".venv" / name, (later, later))
        later += 10
    shutil.copystat(folder / ".venv" / ".made", folder / "requirements.txt")
