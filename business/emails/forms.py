"""A body's two forms, made from the same blocks: MJML for the page, and the text that is read where pages are not shown."""

import re
from html import escape

from business.emails.blocks import Body, Node, parts

# Written into the elements: many mail programs read no style sheet.
_STYLES = {
    "h1": "margin:0 0 12px;font-size:26px;line-height:32px;font-weight:600",
    "h2": "margin:0 0 8px;font-size:20px;line-height:26px;font-weight:600",
    "p": "margin:0 0 12px",
    "ul": "margin:0 0 12px;padding-left:20px",
    "ol": "margin:0 0 12px;padding-left:20px",
    "li": "margin:0 0 4px",
    "a": "color:#c2410c",
    "th": "padding:6px 16px 6px 0;white-space:nowrap;border-bottom:1px solid #e5e2dd;font-weight:400;color:#5d5850;vertical-align:top",
    "td": "padding:6px 0;border-bottom:1px solid #e5e2dd;vertical-align:top",
}
_CSS_CLASSES = {"mj-text": "ink", "mj-table": "ink", "mj-button": "action", "mj-divider": "line"}
_PARTS = frozenset({"p", "h1", "h2", "ul", "ol"})
_SPACES = re.compile(r"\s+")
_STATEMENT = re.compile(r"⟦\d+⟧")


def mjml(body: Body) -> str:
    """The blocks for the layout; tokens are still marks. What steers blocks, or rows, passes as raw."""
    return "".join(_block(body, child) for child in body.root.children)


def plain(body: Body) -> str:
    """The text; tokens are still marks. Empty lines may be too many."""
    return "".join(_plain_block(child) for child in body.root.children)


def tidy(text: str) -> str:
    """Text as it is sent: no spaces at a line's end, one empty line at most."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _block(body: Body, node: Node | str) -> str:
    if isinstance(node, str):
        return f"<mj-raw>{node}</mj-raw>"
    attributes = {"css-class": _CSS_CLASSES[node.tag], **node.attributes}
    if node.attributes.get("mj-class"):
        attributes["css-class"] += f" {node.attributes['mj-class']}"
    return f"<{node.tag}{_written(attributes)}>{_inner(node)}</{node.tag}>"


def _inner(node: Node) -> str:
    return "".join(_escaped(child) if isinstance(child, str) else _element(child) for child in node.children)


def _element(node: Node) -> str:
    if node.tag == "br":
        return "<br />"
    style = _STYLES.get(node.tag, "")
    if node.tag in ("th", "td"):
        style = f"text-align:{node.attributes.get('align', 'left')};{style}"
    given = {name: value for name, value in node.attributes.items() if name != "align"}
    if node.tag == "th":
        given["scope"] = "row"
    return f"<{node.tag}{_written({**given, **({'style': style} if style else {})})}>{_inner(node)}</{node.tag}>"


def _escaped(text: str) -> str:
    return "".join(piece if is_token else escape(piece, quote=False) for piece, is_token in parts(text))


def _written(attributes: dict[str, str]) -> str:
    return "".join(
        f' {name}="{"".join(piece if is_token else escape(piece) for piece, is_token in parts(value))}"'
        for name, value in attributes.items()
    )


def _plain_block(node: Node | str) -> str:
    if isinstance(node, str):
        return node
    match node.tag:
        case "mj-button":
            return f"{_words(node)}:\n{node.attributes['href']}\n\n"
        case "mj-divider":
            return "\n----\n\n"
        case "mj-table":
            return "".join(child if isinstance(child, str) else _row(child) for child in node.children) + "\n"
        case _:
            return _flow(node) + "\n\n"


def _row(row: Node) -> str:
    """`first: second` and so on, on a line."""
    said = []
    for cell in row.children:
        if isinstance(cell, str):
            said.append(cell)
        else:
            said.append((": " if any(not _STATEMENT.fullmatch(one) for one in said) else "") + _words(cell))
    return "".join(said) + "\n"


def _flow(node: Node) -> str:
    """A text: paragraphs and lists, and words between them; what parts paragraphs is no word."""
    parted = any(isinstance(child, Node) and child.tag in _PARTS for child in node.children)
    said = (_SPACES.sub(" ", child) if isinstance(child, str) else _flowing(child) for child in node.children)
    return "".join(one.strip(" ") if parted else one for one in said)


def _flowing(node: Node) -> str:
    match node.tag:
        case "p" | "h1" | "h2":
            return f"{_words(node)}\n\n"
        case "ul" | "ol":
            items = (child if isinstance(child, str) else f"- {_words(child)}\n" for child in node.children)
            return "".join(items) + "\n"
        case _:
            return _inline(node)


def _words(node: Node) -> str:
    said = "".join(_SPACES.sub(" ", child) if isinstance(child, str) else _inline(child) for child in node.children)
    return said.strip(" ")


def _inline(node: Node) -> str:
    if node.tag == "br":
        return "\n"
    words = _words(node)
    href = node.attributes.get("href", "")
    if node.tag != "a" or href in (words, f"mailto:{words}") or href.startswith("tel:"):
        return words
    return f"{words} ({href.removeprefix('mailto:')})"
