"""Whatever somebody sends, in whatever field of whatever page: an answer, never a fault, and nothing half stored."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlencode

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.security.site_walk import NOON, Address, Values, a_world, addresses, everything_stored
from tests.signing_in import PASSWORD, sign_in, with_password
from webinar.accounts.models import Role

# As bytes: a browser encodes what it sends, others need not.
WILD = (
    b"",
    b"a\0b",
    b"9" * 30,
    b"\xff\xfe",
    "\u202e\u2028\u0085\ufeff🎉 طهران 서울".encode(),
    b"http://[",
    b"\xed\xa0\x80",  # half of a pair (UTF-16), as nobody may write it in UTF-8
    b"a\r\nX-Evil: 1\r\n\r\nBEGIN:VEVENT",
    b"9223372036854775808",
    b"<script>alert(1)</script>'\"{{ 7*7 }}%s%(x)s",
    "josé@例子.example".encode(),
    b"=HYPERLINK(1)|\\..\\../../etc",
    b"https://a.example:99999/",
    b"-1",
    b"   ",
    b"9" * 5000,
    b"0001-01-01T00:00",
    b"//evil.example/\\",
    b"9999-12-31T23:59",
    b"x" * 9000,
    b"1e999",
)
IN_QUERIES = (
    *("page", "sort", "search", "status", "language", "series", "when", "next", "lang", "state", "kind", "topic"),
    *("address", "member", "region", "affiliation", "invitation", "timezone"),
)
METHODS = ("HEAD", "DELETE", "PROPFIND")
URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def world(app: Flask, client: FlaskClient) -> Iterator[Values]:
    """Store something for every address, and sign an administrator in."""
    app.config.update(REGISTRATIONS_PER_HOUR=1_000_000, SIGN_INS_PER_HOUR=1_000_000, PROPAGATE_EXCEPTIONS=False)
    with time_machine.travel(NOON, tick=False):
        values = a_world()
        sign_in(client, with_password(Role.ADMIN), PASSWORD)
        yield values


def in_turn(how_many: int, numbers: Iterator[int]) -> Iterable[bytes]:
    """Return some of the wild values, the next time the next ones: all of them everywhere would take minutes."""
    return (WILD[next(numbers) % len(WILD)] for _ in range(how_many))


def test_no_address_and_no_query_leads_to_a_fault(app: Flask, client: FlaskClient, world: Values) -> None:
    numbers = count()
    faults = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()):
            continue
        asked: list[tuple[str | None, bytes]] = [(None, wild) for wild in in_turn(2, numbers)]
        asked += [(part, wild) for part in rule.arguments for wild in in_turn(6, numbers)]
        for part, wild in asked:
            path = unquote_to_bytes(path_of(rule.rule, world, part, wild)).decode("latin-1")
            query = "" if part else urlencode([(name, wild) for name in IN_QUERIES])
            answer = client.get("/", environ_overrides={"PATH_INFO": path, "QUERY_STRING": query})
            answer.close()
            if answer.status_code == 500:
                faults.append((path, wild))

    assert faults == []


def path_of(rule: str, values: Values, wild_part: str | None, wild: bytes) -> str:
    """Return the path of a rule with values that exist, and a wild one in one of its parts."""
    parts = []
    for part in rule.split("/"):
        if part.startswith("<"):
            inside, _, rest = part[1:].partition(">")
            name = inside.rpartition(":")[2]
            parts.append((quote_from_bytes(wild, safe="") if name == wild_part else str(values[name][0])) + rest)
        else:
            parts.append(part)
    return "/".join(parts)


def test_no_header_leads_to_a_fault_or_elsewhere(app: Flask, client: FlaskClient, world: Values) -> None:
    numbers = count()
    for address in one_of_each_rule(app, world, "GET"):
        [raw] = in_turn(1, numbers)
        wild = raw.decode("latin-1").replace("\r\n", " ")
        headers = {
            "HTTP_HOST": "evil.example",
            "HTTP_ACCEPT_LANGUAGE": ",".join([wild, "fr;q=nan", "en;q=" + "9" * 400, *["x-y;q=0.1"] * 800]),
            **dict.fromkeys(("HTTP_REFERER", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_ACCEPT"), wild),
            **dict.fromkeys(("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_ORIGIN"), wild),
        }
        cookies = "; ".join(f"{name}={wild}" for name in ("session", "timezone", "remember_token"))
        for who, more in ((client, {}), (app.test_client(use_cookies=False), {"HTTP_COOKIE": cookies})):
            answer = who.get(address.path, environ_overrides={**headers, **more})
            answer.close()

            assert answer.status_code != 500, address.path
            assert "evil.example" not in answer.headers.get("Location", ""), address.path


def one_of_each_rule(app: Flask, values: Values, *methods: str) -> Iterable[Address]:
    """Return one address of each rule, the first."""
    found: dict[str, Address] = {}
    for address in addresses(app, values, *methods):
        found.setdefault(address.rule.endpoint, address)
    return found.values()


def test_no_method_and_no_body_leads_to_a_fault(app: Flask, client: FlaskClient, world: Values) -> None:
    a_file = b'--b\r\nContent-Disposition: form-data; name="email"; filename="a"\r\n\r\n\xff\r\n--b--\r\n'
    bodies = (
        (b"--b\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=b"),
        (b"x", "multipart/form-data"),
        (a_file, "multipart/form-data; boundary=b"),
        (b"&".join(b"f%d=1" % number for number in range(2000)), URLENCODED),
        (b"email=" + b"x" * 600_000, URLENCODED),
        (b"email=%ZZ%&=&&=%00", f"{URLENCODED}; charset=utf-7"),
        (b"[" * 100_000, "application/json"),
        (b'{"email": {"a": 5}, "slug": 5, "given_name": ["\\ud800", null]}', "application/json"),
    )
    for address in one_of_each_rule(app, world, "GET", "POST"):
        if address.path == "/staff/sign-out":
            continue
        for method in METHODS:
            answer = client.open(address.path, method=method)
            assert answer.status_code != 500, f"{method} {address.path}"
        if "POST" in (address.rule.methods or set()):
            for body, kind in bodies:
                answer = client.post(address.path, data=body, content_type=kind)
                answer.close()
                assert answer.status_code != 500, f"{address.path} {kind}"


def test_a_file_in_a_field_for_words_and_words_in_one_for_a_file_lead_to_no_fault(
    app: Flask, client: FlaskClient, world: Values
) -> None:
    tried = set()
    for address in one_of_each_rule(app, world, "POST"):
        for name in ("title", "name", "url", "language", "revision", "csrf_token", "remove"):
            a_file = {name: (io.BytesIO(b"%PDF-"), "a.pdf"), "file": "words", "picture": "words", "logo": "words"}
            answer = client.post(address.path, data=a_file, content_type="multipart/form-data")
            answer.close()
            assert answer.status_code in {400, 404, 409}, f"{address.path} {name}"
        tried.add(address.rule.endpoint)

    assert {"catalogue_staff.make_material", "registration_staff.change_photo", "settings_staff.change_mark"} <= tried


@dataclass
class Form:
    """A form of a page: where it goes to, and what would be sent as it stands."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """Reads the forms of a page that go out by POST."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._open = Form((given.get("action") or self.path).partition("?")[0])
            if (given.get("method") or "get").lower() == "post":
                self.forms.append(self._open)
        elif self._open is not None and (name := given.get("name")):
            self._open.fields.setdefault(name, given.get("value") or "")


def test_no_field_leads_to_a_fault_and_a_refused_form_stores_nothing(
    app: Flask, client: FlaskClient, world: Values
) -> None:
    numbers = count()
    faults = []
    tried = set()
    alone: set[str] = set()
    for form in forms_of_all_pages(app, client, world):
        tried.add(form.action)
        before = stored()
        for sent in what_to_send(form, alone, numbers):
            answer = client.post(form.action, data=urlencode(sent), content_type=URLENCODED)
            answer.close()
            if answer.status_code == 500:
                faults.append((form.action, sent))
            if answer.status_code < 400:
                before = stored()
                if client.get("/staff/account").status_code != 200:  # the form has ended all sessions
                    sign_in(client, with_password(Role.ADMIN), PASSWORD)
        assert answer.status_code < 400 or stored() == before, form.action

    assert faults == []
    assert {"/staff/account", "/en/sessions/next-en/register", "/staff/new-series", "/staff/sign-in"} <= tried


def forms_of_all_pages(app: Flask, client: FlaskClient, values: Values) -> list[Form]:
    """Return each form once, though it may stand on many pages and lead to several addresses of one rule."""
    matching = app.url_map.bind("localhost")
    forms: dict[str, Form] = {}
    for who in (client, app.test_client()):
        for address in one_of_each_rule(app, values, "GET"):
            answer = who.get(address.path)
            page = Forms(address.path)
            page.feed(answer.text if answer.mimetype == "text/html" else "")
            answer.close()
            for form in page.forms:
                endpoint, _arguments = matching.match(form.action, method="POST")
                if endpoint != "accounts.sign_out":
                    forms.setdefault(endpoint, form)
    return list(forms.values())


def what_to_send(form: Form, alone: set[str], numbers: Iterator[int]) -> Iterator[dict[str, str | bytes]]:
    """Yield a form with a wild value in every field; and with one in one field, so that the others let it by.

    ``alone`` are the fields that were tried so in another form. Of numbered rows the first stands for the others.
    """
    for wild in in_turn(2, numbers):
        yield dict.fromkeys(form.fields, wild)
    for name in [name for name in form.fields if name not in alone]:
        if name not in {"add", "csrf_token"} and not re.search(r"_[1-9]_", name):
            alone.add(name)
            [wild] = in_turn(1, numbers)
            yield {**form.fields, name: wild}


def stored() -> dict[str, list[tuple[object, ...]]]:
    """Return all rows but those that count attempts: they are counted, whatever comes of them."""
    rows = everything_stored()
    rows.pop("rate_limit")
    return rows
