"""What is told in one language does not depend on which others were told before."""

from __future__ import annotations

import subprocess
import sys
from itertools import permutations

import pytest

from config import PROJECT

APRIL = {"zh": "四月", "he": "אפריל", "fr": "Avril", "ja": "4月"}


@pytest.mark.parametrize("order", [*permutations(("zh", "he", "fr")), ("ja", "zh", "he", "fr")], ids="-".join)
def test_months_are_those_of_the_language_whichever_came_first(order: tuple[str, ...]) -> None:
    # In a process of its own: in this one somebody has asked before.
    program = (
        "from datetime import datetime, UTC; from flask import Flask; from flask_babel import Babel, force_locale;"
        "from webinar.foundation import formats; app = Flask('x'); Babel(app)\n"
        "moment = datetime(2027, 4, 1, tzinfo=UTC)\n"
        "with app.app_context():\n"
        f"    for code in {order!r}:\n"
        "        with force_locale(code): print(formats.month_name(moment))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, check=True, env={"PYTHONUTF8": "1"}
    )

    assert done.stdout.decode().split() == [APRIL[code] for code in order]
