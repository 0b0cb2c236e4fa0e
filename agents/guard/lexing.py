"""Text in pieces, letters and digits in, lexemes out: what a reader sees, with the places where it stands in the text.

Look-alikes are what they look like: full-width digits, letters of other scripts, HTML entities, tags and Markdown's emphasis are
read through, invisible characters are not there. How the text was cut into chunks makes no difference.
"""

import html
import re
import unicodedata
from bisect import bisect_left
from typing import Literal, NamedTuple

# No lexeme is longer, as it stands in the text: what goes on is another one.
LONGEST = 60
# More invisible characters in a row than this are seen, as a mark: nothing is held for them.
INVISIBLE_AT_MOST = 16

# word | digits | mark (one character) | newline | end of the text | beyond what may be held
LexemeKind = Literal["w", "n", "m", "l", "end", "far"]

_PLAIN = re.compile(r"[A-Za-z0-9 ,.!?:;$%()'\"/\n@=+|#-]*")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,10});")
_ENTITY_BEGUN = re.compile(r"&(?:#(?:\d{0,7}|[xX][0-9a-fA-F]{0,6})|[A-Za-z]{0,10})")
_TAG = re.compile(r"<[A-Za-z/!][^<>\n]{0,40}>")
_TAG_BEGUN = re.compile(r"<(?:[A-Za-z/!][^<>\n]{0,40})?")
_RUN = re.compile(r"[^\W\d_](?:[^\W\d_]|')*|[0-9]+| +|\n|.", re.DOTALL)
_INVISIBLE = frozenset("*_`\\\u3164\uffa0\u2800\u115f\u1160\u17b4\u17b5")
_SPECIAL = {
    "’": "'", "ʼ": "'", "‘": "'", "\r": "", "\t": " ", "\x0b": " ", "\x0c": " ", "\u2028": "\n", "\u2029": "\n",
    "–": "-", "—": "—", "‐": "-", "‑": "-", "‒": "-", "−": "-", "×": "x", "✕": "x", "✖": "x", "⁄": "/", "∕": "/",
    "ø": "o", "Ø": "O", "ß": "ss", "ﹼ": "$", "٪": "%", "٫": ".", "٬": ",",
}  # fmt: skip
_LOOKS_LIKE = dict(
    zip(
        "асеіјорԛѕԝхуԁһӏкмтвнгАВСЕНІЈКМОРЅТХУαβικνορτυχγΑΒΕΖΗΙΚΜΝΟΡΤΥΧɡıӀ",
        "aceijopqswxydhlkmtbhrABCEHIJKMOPSTXYabikvoptuxyABEZHIKMNOPTYXgil",
        strict=True,
    )
)


class Lexeme(NamedTuple):
    """`text` is folded: lower case, no accents. `start`, `end`: places in the whole text. `glued`: no space stands before it."""

    kind: LexemeKind
    text: str
    start: int
    end: int
    glued: bool
    capital: bool = False


class Lexer:
    """Takes chunks; `lexemes` are those that no further text can change."""

    def __init__(self) -> None:
        self.lexemes: list[Lexeme] = []
        self._raw = ""  # taken, not seen through yet: an entity or a tag that may be going on
        self._raw_at = 0
        self._seen = ""  # seen, not in a lexeme yet
        self._places: list[int] = []
        self._invisible = 0
        self._glued = False
        self.final = False

    def add(self, text: str) -> None:
        if self._raw or not _PLAIN.fullmatch(text):
            self._raw += text
            self._see()
        else:
            at = self._raw_at
            self._seen += text
            self._places.extend(range(at, at + len(text)))
            self._raw_at = at + len(text)
            self._invisible = 0
        self._cut()

    def close(self) -> None:
        """No more text comes."""
        self.final = True
        self._see()
        self._cut()

    @property
    def open_word(self) -> str:
        """What stands at the end and may go on, folded; empty where nothing does."""
        return self._seen.lower()

    @property
    def open_start(self) -> int:
        """Where that stands, or the end of what was seen through."""
        return self._places[0] if self._places else self._raw_at

    @property
    def open_end(self) -> int:
        return self._places[-1] + 1 if self._places else self._raw_at

    @property
    def seen_to(self) -> int:
        """The place up to which the text was seen through."""
        return self._raw_at

    def _see(self) -> None:
        """Characters as they look. What may be the beginning of an entity or a tag waits."""
        raw, at = self._raw, 0
        while at < len(raw):
            char = raw[at]
            length, seen = 1, None
            if char in "&<":
                whole, begun = (_ENTITY, _ENTITY_BEGUN) if char == "&" else (_TAG, _TAG_BEGUN)
                match = whole.match(raw, at)
                # A tag is not seen, but an address in it is called up or clicked: it is read as it stands.
                if match and not (char == "<" and ("//" in match[0] or ":" in match[0])):
                    length, seen = len(match[0]), html.unescape(match[0]) if char == "&" else ""
                    seen = "".join(map(looks, seen))
                elif not self.final and (match := begun.match(raw, at)) and match.end() == len(raw):
                    break
            self._show(looks(char) if seen is None else seen, self._raw_at + at)
            at += length
        self._raw = raw[at:]
        self._raw_at += at

    def _show(self, seen: str, place: int) -> None:
        if not seen:
            self._invisible += 1
            if self._invisible != INVISIBLE_AT_MOST:
                return
            seen = "\x00"
        else:
            self._invisible = 0
        self._seen += seen
        self._places.extend([place] * len(seen))

    def _cut(self) -> None:
        seen, places, at = self._seen, self._places, 0
        while at < len(seen):
            char = seen[at]
            end = _RUN.match(seen, at).end()  # type: ignore[union-attr] # it matches any character
            if char == " ":
                self._glued = False
                at = end
                continue
            word, digits = char.isalpha(), char.isdecimal()
            last = places[at] + LONGEST
            if places[end - 1] >= last:
                end = bisect_left(places, last, at, end)
            elif end == len(seen) and not self.final and (word or digits):
                break
            kind: LexemeKind = "w" if word else "n" if digits else "l" if char == "\n" else "m"
            text = seen[at:end].lower()
            if word and text[-1] == "'":
                text = text.rstrip("'")
            self.lexemes.append(Lexeme(kind, text, places[at], places[end - 1] + 1, self._glued, char.isupper()))
            self._glued = kind != "l"
            at = end
        if at:
            self._seen = seen[at:]
            self._places = places[at:]


_cache: dict[str, str] = {}


def looks(char: str) -> str:
    """What a character looks like: nothing, or plain ones."""
    known = _cache.get(char)
    if known is None:
        known = _cache[char] = _looks(char)
        if len(_cache) > 4096:
            _cache.clear()
    return known


def _looks(char: str) -> str:
    if char in _INVISIBLE:
        return ""
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char.isascii():
        return char
    plain = []
    for part in unicodedata.normalize("NFKD", char):
        category = unicodedata.category(part)
        if category in ("Mn", "Me", "Cf") or part in _INVISIBLE:
            continue
        if category == "Zs":
            plain.append(" ")
        elif category == "Nd":
            plain.append(str(unicodedata.decimal(part)))
        else:
            plain.append(_SPECIAL.get(part, _LOOKS_LIKE.get(part, part)))
    return "".join(plain)


def fold(text: str) -> str:
    """A word as lexemes spell it."""
    return "".join(map(looks, text)).lower()
