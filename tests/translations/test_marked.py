"""Every text that a page, a mail or a form shows to people is marked for translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

import jinja2
from jinja2 import nodes

from config import PROJECT

TEMPLATES = PROJECT / "templates"
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
TAG_OF_TEMPLATE = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"^[A-Z][a-z]*[,.:]? [a-z]")
WORD_ALONE = re.compile(r"^[A-Z][a-z]{2,}$")
SHOWN_ATTRIBUTES = {"alt", "aria-label", "aria-description", "label", "placeholder", "title"}
# What the scripts say.
SHOWN_ATTRIBUTES |= {"data-list", "data-none", "data-count", "data-copied", "data-too-large"}
MARKS = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext"}

NOT_WORDS = {"UTC", "cdmx", "서울", "تهران", "session next-en", "#coming", "#people"}
# Attributes that a template puts together before it writes them.
NOT_WORDS |= {'lang=" " dir=" "', 'lang=" " dir=" " class="from- "'}


class Texts(HTMLParser):
    """Collects what a page shows: texts between tags, and attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        said = SHOWN_ATTRIBUTES | ({"value"} if tag == "input" and ("type", "submit") in attrs else set())
        self.found += [value for name, value in attrs if name in said and value]

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside not in {"style", "script"}:
            self.found.append(data)


def shown_as_it_stands(template: str, *, is_html: bool) -> list[str]:
    """Return the words of a template that stand in it outside every statement and expression."""
    text = TAG_OF_TEMPLATE.sub(" ", COMMENT.sub("", template))
    if is_html:
        parser = Texts()
        parser.feed(text)
        found = parser.found
    else:
        found = text.splitlines()
    words = (" ".join(one.split()) for one in found)
    return [one for one in words if WORD.search(one) and one not in NOT_WORDS]


def unmarked_in_expressions(template: str) -> list[str]:
    """Return the sentences that a template writes as literals without marking them."""
    tree = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(template)
    marked = {
        id(argument)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in MARKS
        for argument in call.args
    }
    return [
        constant.value
        for constant in tree.find_all(nodes.Const)
        if isinstance(constant.value, str)
        and id(constant) not in marked
        and (SENTENCE.match(constant.value) or WORD_ALONE.match(constant.value))
    ]


def test_words_between_tags_and_in_attributes_are_found() -> None:
    template = (
        '<p title="{{ _("Yes") }}">{# note #}{{ name }} is here<img alt="A hall"></p><style>p { color: red }</style>'
    )

    assert shown_as_it_stands(template, is_html=True) == ["is here", "A hall"]
    assert shown_as_it_stands('{{ _("Yes") }}\nDear {{ name }},', is_html=False) == ["Dear ,"]


def test_words_in_literals_are_found() -> None:
    assert unmarked_in_expressions(
        '{{ _("It is marked") }}{{ x or "It is not" }}{{ f("as-name", _("Yes, it is")) }}{{ status("Over") }}'
    ) == ["It is not", "Over"]


def test_templates_show_only_texts_that_are_marked() -> None:
    found = {}
    for path in sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"}):
        template = path.read_text(encoding="utf-8")
        found[str(path.relative_to(TEMPLATES))] = [
            *shown_as_it_stands(template, is_html=path.suffix == ".html"),
            *unmarked_in_expressions(template),
        ]

    assert found
    assert {name: texts for name, texts in found.items() if texts} == {}


# Python: what forms, refusals and messages say.

SHOWING = re.compile(
    r"^(flash|ValidationError|StopValidation|CheckboxInput|\w*Field|SelectChoice|DataRequired|Place|Sheet)$"
)
FIRST_SHOWN = {"SelectChoice": 1}


def unmarked_in_python(source: str) -> Iterator[str]:
    """Yield the literal texts that a module gives to what shows them: fields, validators, messages."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if not SHOWING.match(name):
            continue
        shown = FIRST_SHOWN.get(name, 0)
        arguments = node.args[shown : shown + 1]
        arguments += [keyword.value for keyword in node.keywords if keyword.arg in {"message", "label", "description"}]
        for argument in arguments:
            if isinstance(argument, ast.JoinedStr) or (isinstance(argument, ast.Constant) and argument.value):
                yield ast.unparse(argument)


def unmarked_beside_fields(source: str) -> Iterator[str]:
    """Yield the literal texts that a module puts at a field: as its errors, or into an attribute that is read out."""
    for node in ast.walk(ast.parse(source)):
        given: list[ast.expr] = []
        if isinstance(node, ast.Assign) and any(getattr(target, "attr", "") == "errors" for target in node.targets):
            given = list(node.value.elts) if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".errors.append"):
            given = node.args
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            given = [text for key, text in pairs if isinstance(key, ast.Constant) and key.value in SHOWN_ATTRIBUTES]
        for text in given:
            if isinstance(text, ast.JoinedStr) or (isinstance(text, ast.Constant) and " " in str(text.value)):
                yield ast.unparse(text)


def marks_that_nobody_can_find(source: str) -> Iterator[str]:
    """Yield the calls that ask for the translation of what is no literal, so that no catalogue can have it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            texts = node.args[: 2 if "ngettext" in node.func.id else 1]
            if not all(isinstance(text, ast.Constant) and isinstance(text.value, str) for text in texts):
                yield ast.unparse(node)


def refusals_without_a_mark(source: str, refusals: set[str]) -> Iterator[str]:
    """Yield the literal texts that a module refuses somebody with."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            for argument in node.exc.args:
                literal = argument.value if isinstance(argument, ast.Constant) else None
                if node.exc.func.id in refusals and isinstance(literal, str) and " " in literal:
                    yield literal


def names_of_refusals(sources: Iterable[str]) -> set[str]:
    """Return the names of DomainError and of everything that is derived from it."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
    }
    found = {"DomainError"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return found


def test_literals_in_forms_and_messages_are_found() -> None:
    source = (
        'flash(_("Stored."))\nflash("Stored.", "good")\na = StringField("Name", [DataRequired(message="Write it.")])'
    )

    assert list(unmarked_in_python(source)) == ["'Stored.'", "'Name'", "'Write it.'"]


def test_literals_beside_fields_are_found() -> None:
    source = (
        'form.email.errors = ["Write it."]\nfield.errors = (_("Write it."),)\nfield.errors.append(f"Not {x}.")\n'
        'a = StringField(_l("Name"), render_kw={"placeholder": "Name of somebody", "class": "wide as it is"})'
    )

    assert list(unmarked_beside_fields(source)) == ["'Write it.'", "f'Not {x}.'", "'Name of somebody'"]


def test_marks_around_what_is_no_literal_are_found() -> None:
    source = '_("A", name=name)\n_(f"A {name}")\n_l(text)\nngettext("%(num)s day", days, 3)\n_("A " "B")'

    assert list(marks_that_nobody_can_find(source)) == [
        "_(f'A {name}')",
        "_l(text)",
        "ngettext('%(num)s day', days, 3)",
    ]


def test_literals_in_refusals_are_found() -> None:
    classes = "class Closed(DomainError): pass\nclass ClosedForEver(Closed): pass"
    source = (
        'raise ClosedForEver("It is closed.")\nraise Closed(_("It is closed."))\nraise ValueError("Not for people.")'
    )

    assert list(refusals_without_a_mark(source, names_of_refusals([classes]))) == ["It is closed."]


def test_forms_messages_and_refusals_say_only_texts_that_are_marked() -> None:
    sources = {
        str(path.relative_to(PROJECT)): path.read_text(encoding="utf-8") for path in (PROJECT / "webinar").rglob("*.py")
    }
    refusals = names_of_refusals(sources.values())

    found = {
        name: [
            *unmarked_in_python(source),
            *unmarked_beside_fields(source),
            *marks_that_nobody_can_find(source),
            *refusals_without_a_mark(source, refusals),
        ]
        for name, source in sources.items()
    }

    assert "RegistrationClosed" in refusals
    assert {name: texts for name, texts in found.items() if texts} == {}


# Scripts: what they say stands in an attribute of the page, where it is translated.

LITERAL = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`([^`]*)`")
REMARK = re.compile(r"(?:^|\s)//.*$", re.MULTILINE)
KEYS = {"Escape", "Enter", "Accept"}


def said_by_script(source: str) -> list[str]:
    """Return the literals of a script that read like words for people."""
    literals = ("".join(found) for found in LITERAL.findall(REMARK.sub("", source)))
    return [text for text in literals if text not in KEYS and (SENTENCE.match(text) or WORD_ALONE.match(text))]


def test_words_in_scripts_are_found() -> None:
    source = """told.textContent = "Copied to it"; // "Not this one"
    if (event.key === "Escape") box.title = `Closed`; list.className = "combobox-list open";"""

    assert said_by_script(source) == ["Copied to it", "Closed"]


def test_scripts_say_only_what_the_page_tells_them() -> None:
    found = {path.name: said_by_script(path.read_text(encoding="utf-8")) for path in (PROJECT / "static").glob("*.js")}

    assert found
    assert {name: texts for name, texts in found.items() if texts} == {}
