"""The body of a template as a tree of a few MJML blocks. What stands in `{{ }}` and `{% %}` is held apart as tokens, so that it comes
through MJML as it was written.

Body = blocks: <mj-text>, <mj-button href>, <mj-table>, <mj-divider>. In a text: h1 h2 p ul ol li strong em b i br a[href]; in a table: tr,
th, td.
A `{% if %}` or `{% for %}` begins and ends within one element.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

BLOCKS = frozenset({"mj-text", "mj-button", "mj-table", "mj-divider"})
INLINE = frozenset({"strong", "em", "b", "i", "a", "br"})
INSIDE: dict[str, frozenset[str]] = {
    "": BLOCKS,
    "mj-text": frozenset({"h1", "h2", "p", "ul", "ol"}) | INLINE,
    "mj-button": frozenset(),
    "mj-table": frozenset({"tr"}),
    "tr": frozenset({"th", "td"}),
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    **{tag: INLINE for tag in ("p", "li", "td", "th", "h1", "h2", "strong", "em", "b", "i", "a")},
}
ATTRIBUTES = {"a": {"href"}, "mj-button": {"href"}, "mj-text": {"mj-class"}, "td": {"align"}, "th": {"align"}}
NO_TEXT = frozenset({"", "mj-table", "tr", "ul", "ol", "mj-divider"})
VOID = frozenset({"br", "mj-divider"})
CLASSES = ("fine", "quote")
_LINK = re.compile(r"(https?://|mailto:|tel:|⟦\d+⟧)")
_TOKEN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_MARK = re.compile(r"⟦(\d+)⟧")
_WORD = re.compile(r"\{%[-+]?\s*(\w+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a template, in words for whoever wrote it. `line` counts from 1, in the body; 0: the subject."""

    line: int
    message: str


@dataclass(slots=True)
class Node:
    """An element, or the whole body where `tag` is empty. Text holds tokens as `⟦n⟧`."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: "list[Node | str]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Body:
    """The tree, and what the tokens stand for."""

    root: Node
    tokens: tuple[str, ...]

    def restore(self, text: str) -> str:
        """`text` with its tokens as they were written."""
        return _MARK.sub(lambda mark: self.tokens[int(mark[1])], text)


def parse(source: str) -> tuple[Body, list[Fault]]:
    """The body's tree and everything that is wrong with it."""
    if "⟦" in source or "⟧" in source:
        return Body(Node("", {}, 1), ()), [
            Fault(source[: source.index("⟦" if "⟦" in source else "⟧")].count("\n") + 1, "⟦ and ⟧ are taken.")
        ]
    tokens: list[str] = []
    reader = _Reader(tokens)
    reader.feed(_TOKEN.sub(lambda match: _keep(tokens, match[0]), source))
    reader.close()
    reader.end()
    return Body(reader.root, tuple(tokens)), reader.faults


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """Pieces of a text; True: it is a token's mark."""
    at = 0
    for mark in _MARK.finditer(text):
        if mark.start() > at:
            yield text[at : mark.start()], False
        yield mark[0], True
        at = mark.end()
    if at < len(text):
        yield text[at:], False


def _keep(tokens: list[str], token: str) -> str:
    """Its lines stay, so that those of the faults are right."""
    if token.startswith("{#"):
        return "\n" * token.count("\n")
    tokens.append(token)
    return f"⟦{len(tokens) - 1}⟧" + "\n" * token.count("\n")


class _Reader(HTMLParser):
    """Builds the tree; what does not belong is noted, with its line, and left out."""

    def __init__(self, tokens: list[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {}, 1)
        self.faults: list[Fault] = []
        self._open = [self.root]
        self._tokens = tokens

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parent, line = self._open[-1], self.getpos()[0]
        if tag not in INSIDE[parent.tag]:
            allowed = ", ".join(f"<{name}>" for name in sorted(INSIDE[parent.tag])) or "words alone"
            where = f"<{parent.tag}>" if parent.tag else "the body"
            self.faults.append(Fault(line, f"<{tag}> does not belong in {where}. There may be: {allowed}."))
            if tag not in INSIDE and tag not in VOID:
                return
        node = Node(tag, self._attributes(tag, attrs, line), line)
        parent.children.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID and self._open[-1].tag == tag:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or (tag not in INSIDE and tag not in VOID):
            return
        if self._open[-1].tag != tag:
            expected = f"</{self._open[-1].tag}> comes first" if self._open[-1].tag else "nothing is open"
            self.faults.append(Fault(self.getpos()[0], f"</{tag}> ends nothing here: {expected}."))
            if all(node.tag != tag for node in self._open):
                return
        while self._open[-1].tag != tag:
            self._open.pop()
        self._balanced(self._open.pop())

    def handle_data(self, data: str) -> None:
        node, line = self._open[-1], self.getpos()[0]
        if node.tag in NO_TEXT:
            kept = []
            for piece, is_token in parts(data):
                if is_token and self._token(piece).startswith("{%"):
                    kept.append(piece)
                elif piece.strip():
                    where = f"<{node.tag}>" if node.tag else "the body"
                    at = line + data[: data.index(piece.strip()[:20])].count("\n")
                    self.faults.append(Fault(at, f"Words cannot stand in {where} itself. Put them into one of its elements."))
            data = "".join(kept)
        if "{{" in data or "}}" in data or "{%" in data or "%}" in data:
            self.faults.append(Fault(line, "A {{ or {% is never closed, or closed twice."))
        if data:
            node.children.append(data)

    def handle_decl(self, decl: str) -> None:
        self.faults.append(Fault(self.getpos()[0], "A declaration does not belong in a body."))

    def handle_pi(self, data: str) -> None:
        self.faults.append(Fault(self.getpos()[0], "A processing instruction does not belong in a body."))

    def unknown_decl(self, data: str) -> None:
        self.faults.append(Fault(self.getpos()[0], "A declaration does not belong in a body."))

    def end(self) -> None:
        """Nothing more comes."""
        for node in self._open[1:]:
            self.faults.append(Fault(node.line, f"<{node.tag}> is never closed."))
        self._balanced(self.root)
        if not any(isinstance(child, Node) for child in self.root.children) and not self.faults:
            self.faults.append(Fault(1, "The body has no block. Begin with <mj-text>."))

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]], line: int) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in attrs:
            if name not in ATTRIBUTES.get(tag, ()):
                self.faults.append(Fault(line, f"<{tag}> has no attribute {name}."))
            elif name == "href" and not _LINK.match(value or ""):
                self.faults.append(Fault(line, "A link begins with https://, http://, mailto: or tel:, or is a value."))
            elif name == "mj-class" and value not in CLASSES:
                self.faults.append(Fault(line, f"There is no class {value}. There are: {', '.join(CLASSES)}."))
            elif name == "align" and value not in ("left", "right"):
                self.faults.append(Fault(line, "align is left or right."))
            else:
                found[name] = value or ""
        if tag in ("a", "mj-button") and "href" not in found:
            self.faults.append(Fault(line, f"<{tag}> needs a link: href."))
        return found

    def _token(self, mark: str) -> str:
        return self._tokens[int(mark[1:-1])]

    def _balanced(self, node: Node) -> None:
        """What begins in an element ends in it."""
        begun: list[str] = []
        for child in node.children:
            for piece, is_token in parts(child) if isinstance(child, str) else ():
                word = _WORD.match(self._token(piece)) if is_token else None
                if word is None:
                    continue
                if word[1] in ("if", "for"):
                    begun.append(word[1])
                elif word[1] in ("endif", "endfor") and (not begun or f"end{begun.pop()}" != word[1]):
                    self.faults.append(Fault(node.line, f"{{% {word[1]} %}} ends nothing that began in the same element."))
        for word_ in begun:
            self.faults.append(Fault(node.line, f"{{% {word_} %}} does not end in the element in which it begins."))
