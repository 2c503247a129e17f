"""The sample's files, as they lie in the folder ``data``."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the lines of one of the CSV files, by column."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def catalogue() -> list[dict[str, Any]]:
    """Return the series in the format of a catalogue file; the coming sessions are still without their times."""
    series: list[dict[str, Any]] = json.loads((DATA / "catalogue.json").read_text(encoding="utf-8"))["series"]
    return series
