"""What the README and the pages in docs/ say of the program is so: settings, commands, files, folders, links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
from flask import Flask
from flask.cli import AppGroup

from config import PROJECT, Config
from webinar.attendance.participants import COLUMNS

PAGES = {path: path.read_text(encoding="utf-8") for path in (PROJECT / "README.md", *PROJECT.glob("docs/*.md"))}
README = PAGES[PROJECT / "README.md"]

READ_BY_THE_SERVER = re.compile(r"environ\.get\(['\"](\w+)['\"]\)")
OURS = {
    *("attendance", "catalogue", "contacts", "mail", "mailing", "members", "registrations", "sample", "session"),
    "staff",
}
"""Groups of commands that are this program's; ``db``, ``run``, ``shell`` and ``routes`` come with what it stands on."""


class Watched(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        """Return a value, and remember its name."""
        self.asked.add(key)
        return super().get(key, default)


def section(title: str) -> str:
    """Return what stands below a heading of the README, down to the next one of its level."""
    [text] = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    return str(text)


def rows(title: str) -> Iterator[list[str]]:
    """Yield the rows of the table in a section of the README, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def settings() -> dict[str, str]:
    """Return the settings that the README names, with what it gives as default."""
    return {name.strip("`"): default for name, _meaning, default in rows("Settings")}


def blocks(language: str, page: str) -> list[str]:
    """Return the blocks of a page that are marked as a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def shown_commands() -> list[list[str]]:
    """Return the words of every command of ours that either page shows, from the first after ``wsgi``."""
    shown = [
        form for cell, _does in rows("Commands") for form in re.findall(r"`([^`]+)`", cell)
    ]  # "staff close EMAIL" and the like
    for page in PAGES.values():
        for line in "\n".join(blocks("sh", page)).splitlines():
            if "flask --app wsgi " in line:
                shown.append(line.partition("flask --app wsgi ")[2].partition("#")[0])
    return [shlex.split(form) for form in shown]


def test_the_settings_in_the_readme_are_those_that_are_read(tmp_path: Path) -> None:
    environment = Watched({"INSTANCE_PATH": str(tmp_path)})
    Config(environment)
    by_the_server = READ_BY_THE_SERVER.findall((PROJECT / "gunicorn.conf.py").read_text(encoding="utf-8"))

    assert set(settings()) == environment.asked | set(by_the_server)


def read(environment: dict[str, str]) -> dict[str, object]:
    """Return all settings of an environment, but for what it says of which of them were set in it."""
    return {name: value for name, value in vars(Config(environment)).items() if name != "SET_ON_SERVER"}


def test_the_defaults_in_the_readme_are_the_defaults(tmp_path: Path) -> None:
    nothing_set = {"INSTANCE_PATH": str(tmp_path)}
    told = {name: default.strip("`") for name, default in settings().items() if default.startswith("`")}
    del told["INSTANCE_PATH"]
    assert Path(Config(nothing_set | {"INSTANCE_PATH": ""}).INSTANCE_PATH) == PROJECT / "instance"

    assert read(nothing_set | told) == read(nothing_set)
    assert len(told) >= 15


def test_every_command_that_is_shown_exists_with_its_options(app: Flask) -> None:
    shown = shown_commands()

    for words in shown:
        command = app.cli.commands[words[0]]
        assert isinstance(command, click.Group)
        wanted = command.commands[words[1]]
        options = {name for parameter in wanted.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, words
    assert len(shown) > 15


def test_every_command_of_ours_is_in_the_table(app: Flask) -> None:
    ours = {name: group for name, group in app.cli.commands.items() if isinstance(group, AppGroup) and name != "db"}
    there_are = {(group, command) for group in ours for command in ours[group].commands}
    told = {(words[0], words[1]) for words in shown_commands()} - {("db", "upgrade")}

    assert set(ours) == OURS
    assert told == there_are


def test_every_option_of_ours_is_in_the_table(app: Flask) -> None:
    table = section("Commands")
    for name in OURS:
        group = app.cli.commands[name]
        assert isinstance(group, click.Group)
        for command in group.commands.values():
            for parameter in command.params:
                if isinstance(parameter, click.Option):
                    assert f"{parameter.opts[0]}" in table, f"{name} {command.name}"


def test_every_target_of_make_that_is_shown_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    shown = {
        name
        for page in PAGES.values()
        for code in (*re.findall(r"`([^`\n]+)`", page), *blocks("sh", page))
        for name in re.findall(r"(?:^|&& |=\d+ )make ([a-z]+)", code, re.MULTILINE)
    }

    [phony] = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert shown <= set(phony.split())
    assert {"run", "test", "check", "bench", "install", "catalogues"} <= shown


def test_the_columns_of_the_export_are_those_in_the_readme() -> None:
    [listed] = re.findall(r"which will not change:\n(.*?)\.\n", section("Files that go in and out"), re.DOTALL)

    assert tuple(re.findall(r"`(\w+)`", listed)) == COLUMNS


@pytest.mark.parametrize(("language", "command"), [("csv", "members"), ("json", "catalogue")])
def test_the_example_files_can_be_imported(app: Flask, tmp_path: Path, language: str, command: str) -> None:
    [example] = blocks(language, README)
    file = tmp_path / "example"
    file.write_text(example, encoding="utf-8")

    first = app.test_cli_runner().invoke(args=[command, "import", str(file)])
    again = app.test_cli_runner().invoke(args=[command, "import", str(file)])

    assert (first.exit_code, first.stderr) == (0, "")
    assert (" 2 added" if language == "csv" else " 3 added") in first.stdout
    assert again.exit_code == 0
    assert ("No change" if language == "csv" else " 0 added, 0 changed, 3 as they were") in again.stdout


def test_the_map_of_the_code_names_every_folder_and_no_other() -> None:
    features = {path.name for path in (PROJECT / "webinar").iterdir() if (path / "__init__.py").exists()}
    [listing] = blocks("text", section("Where things are in the code"))

    assert set(re.findall(r"\b([a-z_]+)/ ", listing)) == features
    for path in re.findall(r"`([\w./-]+\.py|\w+/)`", section("Where things are in the code")):
        assert any((folder / path).exists() for folder in (PROJECT, PROJECT / "tests", PROJECT / "templates")), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", PAGES[page]):
        file, _hash, heading = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.*)$", PAGES[there], re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}, target


def test_pictures_stay_small() -> None:
    sizes = {picture.name: picture.stat().st_size for picture in (PROJECT / "docs" / "pictures").glob("*.png")}

    shown = {name for page in PAGES.values() for name in re.findall(r"pictures/([\w-]+\.png)", page)}
    assert sizes.keys() == shown
    assert max(sizes.values()) < 200_000
