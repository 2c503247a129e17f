"""Organisers' text: Markdown in, safe HTML or plain text out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

MOST_CHARACTERS = 50_000
"""Longer texts are shown as they were typed: some need seconds to be parsed, and nobody writes a book here."""

_TAGS = {
    *("p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "a", "ul", "ol", "li"),
    *("h2", "h3", "h4", "h5", "h6"),
}
_SCHEMES = {"http", "https", "mailto"}


def to_html(text: str, *, top_heading: int = 3) -> Markup:
    """Return Markdown (CommonMark) as HTML that is safe on our pages and in our mails.

    HTML in the text is shown, not run; of images only the words remain, as a picture would tell another server
    who reads; links go to http, https and mail addresses only. ``#`` becomes a heading of the level
    ``top_heading`` (2 to 6), because the page has its own above it.
    """
    if len(text) > MOST_CHARACTERS:
        return Markup("<p>{}</p>").format(text)
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + top_heading - 1, 6)}"
    html = parser.renderer.render(tokens, parser.options, {})
    # The renderer writes nothing that is dangerous; that is checked here once more, by another program.
    return Markup(  # noqa: S704
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href", "title"}, "ol": {"start"}},
            url_schemes=_SCHEMES,
            link_rel="noopener noreferrer",
        )
    )


def to_text(text: str) -> str:
    """Return Markdown as plain text for mails and calendars: no marks, lists with hyphens, addresses in brackets."""
    if len(text) > MOST_CHARACTERS:
        return text
    written = bullet = ""
    lists: list[str] = []
    close = was_close = False  # the items of a list that was typed without empty lines stay together
    for token in _parser().parse(text):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(token.type)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            mark = f"{token.info}{token.markup}" if lists[-1] == "ordered_list_open" else "-"
            bullet = "  " * (len(lists) - 1) + mark + " "
        elif token.type in {"paragraph_open", "heading_open"}:
            close = token.hidden
        elif token.type in {"inline", "fence", "code_block"}:
            words = _inline_text(token.children) if token.children else token.content.rstrip("\n")
            between = "\n" if close and was_close else "\n\n"
            written += (between if written else "") + bullet + words
            bullet, was_close, close = "", close, False
    return written


@cache
def _parser() -> MarkdownIt:
    """Return the parser: no HTML, no automatic links, shallow nesting, and links to known schemes only."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    parser.validateLink = lambda url: url.partition(":")[0].lower() in _SCHEMES  # type: ignore[method-assign]
    parser.add_render_rule("image", _words_of_an_image)
    return parser


def _words_of_an_image(_: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    return str(escape(tokens[index].content))


def _inline_text(children: Sequence[Token]) -> str:
    written = address = ""
    begin = 0
    for child in children:
        if child.type in {"text", "text_special", "code_inline", "image"}:
            written += child.content
        elif child.type in {"softbreak", "hardbreak"}:
            written += "\n"
        elif child.type == "link_open":
            begin, address = len(written), str(child.attrs["href"]).removeprefix("mailto:")
        elif child.type == "link_close" and written[begin:] != address:
            written += f" ({address})"
    return written
