"""What a text that comes in pieces is made of: words, spaces, emoji, ends of sentences, marks of Markdown; and what may still go on."""

import re
from typing import Literal, NamedTuple

_EMOJI = "\U0001f1e6-\U0001f1ff\U0001f300-\U0001f3fa\U0001f400-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a\u231b\u23e9-\u23f3"
UNIT = re.compile(
    r"(?P<word>[^\W_]+(?:['’.-][^\W_]+)*)"
    r"|(?P<space>[ \t]+)|(?P<line>\n)"
    rf"|(?P<emoji>[{_EMOJI}](?:[\U0001f3fb-\U0001f3ff\ufe0f]|\u200d[{_EMOJI}\u2640\u2642]|[\U0001f1e6-\U0001f1ff])*)"
    r"|(?P<end>[.!?…])|(?P<other>.)",
    re.DOTALL,
)
# What comes after a word or an emoji where it may go on.
_MAY_GO_ON = {"word": ("", "'", "’", "-"), "emoji": ("", "\u200d")}
_HEADING = re.compile(r"#{1,6}[ \t]+")
_BEGUN_HEADING = re.compile(r"#{1,6}[ \t]*\Z")
_LIST = re.compile(r"[-*+][ \t]|\d{1,2}[.)][ \t]")
_BEGUN_LIST = re.compile(r"(?:[-*+]|\d{1,2}[.)]?)\Z")
_IMAGE = re.compile(r"!\[([^\]\n]{0,200})\]\([^)\n]{0,300}\)")
_BEGUN_IMAGE = re.compile(r"!(?:\[[^\]\n]{0,200}(?:\](?:\([^)\n]{0,300})?)?)?\Z")


class Mark(NamedTuple):
    """A mark of Markdown, up to `end`. `begun`: it may become one, more has to come first. `shown`: what a reader sees of it."""

    kind: Literal["heading", "list", "table", "image", "begun"]
    end: int
    shown: str = ""


def goes_on(kind: str | None, rest: str) -> bool:
    """Whether a unit before the `rest` of a text may go on with what comes."""
    return rest in _MAY_GO_ON.get(kind or "", ())


def mark_of_line(text: str, at: int, *, closing: bool) -> Mark | None:
    """The mark that a line begins with."""
    if text[at] == "|":
        return Mark("table", at)
    if (heading := _HEADING.match(text, at)) is not None:
        return Mark("heading", heading.end())
    if (item := _LIST.match(text, at)) is not None:
        return Mark("list", item.end(), item[0])
    begun = not closing and (_BEGUN_HEADING.match(text, at) or _BEGUN_LIST.match(text, at))
    return Mark("begun", at) if begun else None


def image_at(text: str, at: int, *, closing: bool) -> Mark | None:
    """An image, of which its name is shown."""
    if (image := _IMAGE.match(text, at)) is not None:
        return Mark("image", image.end(), image[1])
    return Mark("begun", at) if not closing and _BEGUN_IMAGE.match(text, at) else None
