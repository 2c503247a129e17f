"""What a first visit costs: requests and bytes of every kind of public page, as gunicorn serves the sample network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request
from sqlalchemy import select

from config import TestConfig
from tests.gunicorn_server import serving
from webinar import create_app
from webinar.catalogue.models import WebinarSession
from webinar.foundation.db import db
from webinar.registration.models import Registration
from webinar.sample.services import load

PAGES = (
    "/es/",
    "/en/series/{series}",
    "/fr/webinars/{webinar}",
    "/en/sessions/next-all/register",
    "/en/sessions/next-all/registered",
    "/en/sessions/{past}/register",
    "/en/registrations/{token}",
    "/join/{join_token}",
    "/en/timezone",
    "/en/privacy",
    "/en/accessibility",
    "/en/nothing-here",
)


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Serve the sample network, and return the address of one page of each kind."""
    folder = tmp_path_factory.mktemp("weight")
    url = f"sqlite:///{folder / 'webinar.db'}"
    app = create_app(TestConfig(folder / "instance", url))
    with app.app_context():
        db.create_all()
        load(datetime.now(UTC))
        values = names_in_addresses()
        db.session.remove()
        db.engine.dispose()
    with serving(url, Path(app.instance_path), processes=1) as server:
        yield [server + page.format(**values) for page in PAGES]


def names_in_addresses() -> dict[str, str]:
    place, coming = db.session.execute(
        select(Registration, WebinarSession).join(Registration.session).where(WebinarSession.key == "next-en").limit(1)
    ).one()
    past = select(WebinarSession.key).order_by(WebinarSession.starts_at).limit(1)
    db.session.refresh(coming, ["webinar"])
    db.session.refresh(coming.webinar, ["series"])
    return {
        "series": coming.webinar.series.slug,
        "webinar": coming.webinar.slug,
        "past": db.session.scalars(past).one(),
        "token": place.token,
        "join_token": place.join_token,
    }


def test_every_public_page_comes_with_at_most_four_requests_and_60_kilobytes_from_here_alone(
    browser: Browser, addresses: list[str]
) -> None:
    visits = [FirstVisit(browser, address) for address in addresses]
    costs = {visit.address: visit.cost() for visit in visits}

    assert {address: cost for address, cost in costs.items() if len(cost) > 4 or sum(cost.values()) > 60_000} == {}
    here = addresses[0].removesuffix("/es/") + "/"
    assert {url for cost in costs.values() for url in cost if not url.startswith(here)} == set()


class FirstVisit:
    """A browser that was never here opens a page.

    The reader's zone is not known yet: that is the dearest case, for times are fetched again.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.requests: list[Request] = []
        self.context = browser.new_context(timezone_id="Asia/Seoul")
        self.page = self.context.new_page()
        self.page.on("requestfinished", lambda request: self.requests.append(request))
        self.page.goto(address, wait_until="commit")

    def cost(self) -> dict[str, int]:
        """Return what it asked for, with the bytes that came over the line for each, when nothing more comes."""
        self.page.wait_for_load_state("networkidle")
        cost = {}
        for number, request in enumerate(self.requests):
            if not request.url.startswith("data:"):
                sizes = request.sizes()
                cost[f"{request.url}#{number}"] = sizes["responseHeadersSize"] + sizes["responseBodySize"]
        self.context.close()
        return cost
