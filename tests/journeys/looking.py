"""What a program can see of a page: faults that axe finds, pages that scroll sideways, a focus that is not seen."""

from __future__ import annotations

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# target-size (WCAG 2.2, 2.5.8) is not asked for unless one names it.
_EVERYTHING = {"resultTypes": ["violations"], "preload": False, "rules": {"target-size": {"enabled": True}}}
# What can be another thing in other colours or at another width; the rest is in the markup.
_LOOKS = {
    "resultTypes": ["violations"],
    "preload": False,
    "runOnly": {
        "type": "rule",
        "values": ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"],
    },
}

_UNSEEN_FOCUS = """() => {
  const unseen = [];
  const reached = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
  for (const one of reached) {
    if (one.disabled || one.tabIndex < 0 || !one.checkVisibility()) continue;
    one.focus({ preventScroll: true, focusVisible: true });
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    if (document.activeElement !== one) unseen.push(`takes no focus: ${one.outerHTML.slice(0, 150)}`);
    else if (outlineStyle === "none" || parseFloat(outlineWidth) < 2) unseen.push(`focus not seen: ${one.outerHTML.slice(0, 150)}`);
  }
  return unseen;
}"""  # noqa: E501

_SIDEWAYS = """() => {
  const wide = document.documentElement;
  if (wide.scrollWidth <= wide.clientWidth) return [];
  const out = [...document.body.querySelectorAll("*")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.right > wide.clientWidth + 1 || box.left < -1;
  });
  return [`scrolls sideways: ${(out.at(-1) ?? document.body).outerHTML.slice(0, 150)}`];
}"""


def faults_of(page: Page, *, only_looks: bool = False) -> list[str]:
    """Return what axe finds wrong with a page; ``only_looks`` where the same markup was looked at before."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = json.dumps(_LOOKS if only_looks else _EVERYTHING)
    found: list[dict[str, Any]] = page.evaluate(f"() => axe.run({options}).then((result) => result.violations)")
    return [f"{one['id']}: {one['nodes'][0]['html'][:150]}" for one in found]


def scrolls_sideways(page: Page) -> list[str]:
    """Return what sticks out of the page, if anything does."""
    found: list[str] = page.evaluate(_SIDEWAYS)
    return found


def unseen_focus(page: Page) -> list[str]:
    """Return everything that the keyboard reaches without one seeing it."""
    page.keyboard.press("Tab")  # from now on the browser shows the focus as it does to those who use keys
    found: list[str] = page.evaluate(_UNSEEN_FOCUS)
    return found
