"""What somebody wrote in an answer, without the mail that it answers and without their signature. Pure.

Mail programs mark what they quote in few ways, in English and Spanish: a line that says who wrote when (Gmail, Apple), a block of headers
or a rule of dashes (Outlook), lines that begin with `>`. What is not known for a mark is kept: a line too many is better than one lost.
"""

import re
from html.parser import HTMLParser

# "On Sat, Nov 28, 2026 at 6:00 PM My Hibachi <hello@...> wrote:", over one line or two.
_WROTE = re.compile(
    r"(?m)^[ \t>]*(?:On\b|El\b|El día\b|Am\b|Le\b).{4,250}?(?:wrote|escribió|schrieb|a écrit)[ \t]*:[ \t]*$(?:\r?\n)?",
    re.DOTALL,
)
_RULE = re.compile(
    r"(?im)^[ \t]*(?:-{2,}[ \t]*(?:original message|mensaje original|forwarded message|mensaje reenviado)[ \t]*-{2,}|_{10,})[ \t]*$"
)
_HEADERS = re.compile(
    r"(?im)^[ \t]*\*?(?:from|de)\*?[ \t]*:[^\n]+\n"
    r"(?:[ \t]*\*?(?:sent|date|enviado(?: el)?|fecha|to|para|subject|asunto|cc)\*?[ \t]*:[^\n]*\n?){2,}"
)
_SIGNATURE = re.compile(r"(?m)^-- ?$")
_SENT_FROM = re.compile(
    r"(?im)^(?:sent from (?:my|yahoo|outlook|mail for)\b.*|enviado desde (?:mi|yahoo|outlook)\b.*"
    r"|get outlook for\b.*|obtener outlook para\b.*|descargar outlook\b.*)$"
)
_QUOTED = re.compile(r"^[ \t]*>")
_WIDEST_WROTE = 4  # lines


def trim(text: str) -> str:
    """The new words; all of them where nothing else would be left."""
    whole = text.replace("\r\n", "\n").replace("\xa0", " ").strip()
    kept = _before_quote(whole)
    kept = "\n".join(line for line in kept.splitlines() if not _QUOTED.match(line))
    for mark in (_SIGNATURE, _SENT_FROM):
        found = mark.search(kept)
        if found is not None:
            kept = kept[: found.start()]
    kept = re.sub(r"\n{3,}", "\n\n", kept).strip()
    return kept or whole


def _before_quote(text: str) -> str:
    """Up to the first mark behind which a mail is quoted. What stands below the quote, as some write, is kept."""
    wrote = next((one for one in _WROTE.finditer(text) if one[0].count("\n") <= _WIDEST_WROTE), None)
    if wrote is not None and _answers_below(text[wrote.end() :]):
        return text[: wrote.start()] + text[wrote.end() :]
    ends = [one.start() for one in (wrote, _RULE.search(text), _HEADERS.search(text)) if one is not None]
    return text[: min(ends)] if ends else text


def _answers_below(rest: str) -> bool:
    """Whether everything quoted has its `>`, and something follows that has none."""
    lines = [line for line in rest.strip().splitlines() if line.strip()]
    return bool(lines) and bool(_QUOTED.match(lines[0])) and not _QUOTED.match(lines[-1])


class _Text(HTMLParser):
    """The words of a page; what is quoted, styled or run is none of them."""

    SKIPPED = frozenset({"style", "script", "head", "title", "blockquote"})
    BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "table", "hr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SKIPPED:
            self._skipping += 1
        elif tag in self.BREAKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SKIPPED and self._skipping:
            self._skipping -= 1
        elif tag in ("p", "div"):
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.said.append(re.sub(r"\s+", " ", data))


def text_of(html: str) -> str:
    """A page as text, for a mail that has no text of its own."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = "".join(reader.said).splitlines()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()
