"""Reads Markdown as a tree: enough to ask for headings, links, tables and sections."""

import html
import re
from collections.abc import Iterator

import mistune

Token = dict

_parse = mistune.create_markdown(renderer=None, plugins=["table", "strikethrough"])
_HREF = re.compile(r"""<a\b[^>]*\bhref\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_HTML_ID = re.compile(r"""\b(?:id|name)\s*=\s*["']([^"']+)["']""", re.IGNORECASE)


def parse(text: str) -> list[Token]:
    """The block tokens of ``text``, blank lines left out."""
    tokens, _ = _parse.parse(text)
    return [token for token in tokens if token["type"] != "blank_line"]


def walk(tokens: list[Token]) -> Iterator[Token]:
    """Every token, parents before children."""
    for token in tokens:
        yield token
        yield from walk(token.get("children", []))


def plain(token: Token) -> str:
    """The words of a token, as a reader sees them."""
    if "children" in token:
        return "".join(map(plain, token["children"]))
    if token["type"] in ("softbreak", "linebreak"):
        return " "
    if token["type"] == "inline_html":
        return ""
    return html.unescape(token.get("raw", ""))


def headings(tokens: list[Token]) -> list[tuple[int, str]]:
    """Level and words of each heading."""
    return [
        (token["attrs"]["level"], plain(token).strip())
        for token in walk(tokens)
        if token["type"] == "heading"
    ]


def links(tokens: list[Token]) -> list[str]:
    """Targets of links, the ones in HTML too."""
    found = [token["attrs"]["url"] for token in walk(tokens) if token["type"] == "link"]
    return found + [url for raw in _raw_html(tokens) for url in _HREF.findall(raw)]


def html_ids(tokens: list[Token]) -> list[str]:
    """Anchors that are set by hand in HTML."""
    return [name for raw in _raw_html(tokens) for name in _HTML_ID.findall(raw)]


def table(token: Token) -> dict[str, str]:
    """A small table of facts, with the names either in its head or in its first column."""
    rows = [
        [plain(cell).strip() for cell in row["children"]]
        for part in token["children"]
        for row in ([part] if part["type"] == "table_head" else part["children"])
    ]
    if len(rows) == 2 and len(rows[0]) > 2:
        return dict(zip(rows[0], rows[1], strict=True))
    return {row[0]: row[1] for row in rows}


def section(tokens: list[Token], title: str) -> list[Token] | None:
    """What stands under the level 2 heading ``title``; None if there is no such heading."""
    found: list[Token] | None = None
    for token in tokens:
        if token["type"] == "heading" and token["attrs"]["level"] <= 2:
            if found is not None:
                break
            if plain(token).strip() == title:
                found = []
        elif found is not None:
            found.append(token)
    return found


def _raw_html(tokens: list[Token]) -> list[str]:
    return [
        token["raw"] for token in walk(tokens) if token["type"] in ("block_html", "inline_html")
    ]
