"""docs/definitions.md as a page: every heading can be linked to, every example is a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

#: What begins a line of an example that follows from those above it.
FOLLOWS = "→ "


@dataclass(frozen=True)
class Heading:
    """`level` 2 groups definitions, 3 is one; `anchor` is its id in the page."""

    level: int
    title: str
    anchor: str


@dataclass(frozen=True)
class Definitions:
    html: SafeString
    headings: list[Heading]


@lru_cache(maxsize=1)
def definitions() -> Definitions:
    """The document, read once; it changes only with the program."""
    markdown = MarkdownIt("commonmark", {"html": False})
    markdown.add_render_rule("fence", _example)
    tokens = markdown.parse((settings.BASE_DIR / "docs" / "definitions.md").read_text())
    tokens = tokens[_end_of_title(tokens) :]
    headings = [
        _anchored(token, content)
        for token, content in pairwise(tokens)
        if token.type == "heading_open"
    ]
    html = markdown.renderer.render(tokens, markdown.options, {})
    return Definitions(html=mark_safe(html), headings=headings)  # noqa: S308 - our own document


def _end_of_title(tokens: Sequence[Token]) -> int:
    """The page has its own title, so that of the document is left out."""
    return next(i for i, token in enumerate(tokens) if token.type == "heading_close") + 1


def _anchored(heading: Token, content: Token) -> Heading:
    anchor = slugify(content.content)
    heading.attrSet("id", anchor)
    return Heading(int(heading.tag[1]), content.content, anchor)


def _example(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: dict[str, object],
) -> str:
    lines = [line.partition(": ") for line in tokens[index].content.splitlines()]
    rows = [
        {"name": name.removeprefix(FOLLOWS), "value": value, "follows": name.startswith(FOLLOWS)}
        for name, _, value in lines
    ]
    return render_to_string("supporters/example.html", {"rows": rows})
