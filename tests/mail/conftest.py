"""What tests about mail share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader

SAMPLES = Path(__file__).parent / "templates"


@pytest.fixture
def sample_templates(app: Flask) -> Iterator[None]:
    """Add the sample mail of these tests to the templates."""
    templates = app.extensions["mail_templates"]
    usual = templates.loader
    templates.loader = ChoiceLoader([FileSystemLoader(SAMPLES), usual])
    yield
    templates.loader = usual
