"""What all wire models share: frozen, unknown fields refused, text cleaned at the edge."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StrictStr

MAX_TEXT = 4_000
MAX_REPLY = 8_000
MAX_FRAME = 64 * 1024
SNAPSHOT_EVENTS = 200
SNAPSHOT_BYTES = 48 * 1024
FRESH_EVENTS = 50

# C0 and C1 controls but tab and newline, and the invisible characters that smuggle instructions past a reader: zero widths, signs that
# turn the direction of writing, tags, selectors by which any byte can be written.
_INVISIBLE = "\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
_CONTROLS = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_INVISIBLE}]")
# What binds emoji and some scripts' letters: of use after a character that is no ASCII, two in a row at most.
_JOINERS = "\u200c\u200d\ufe00-\ufe0f"
_LOOSE = re.compile(f"(?<![\x80-\U0010ffff])[{_JOINERS}]+(?!\u20e3)|(?<=[{_JOINERS}]{{2}})[{_JOINERS}]+")
_HIDDEN = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u115f\u1160\u2800\u3164\uffa0{_INVISIBLE}{_JOINERS}]")
_SURROGATES = re.compile("[\ud800-\udfff]")

Owner = Literal["ai", "queue", "human"]
ConversationState = Literal["open", "closed"]
Channel = Literal["web", "sms"]
Risk = Literal["low", "normal", "high", "severe"]
AuthorKind = Literal["customer", "ai", "human", "system"]
Outcome = Literal["complete", "stopped", "taken_over", "failed"]
HandoffKind = Literal["booking", "complaint", "human", "payment", "lead"]
HandoffState = Literal["open", "claimed", "resolved", "withdrawn"]


def clean(text: str) -> str:
    """The text without control characters and hidden ones, with `\\n` line ends; lone surrogates are refused."""
    if _SURROGATES.search(text):
        raise ValueError("the text holds half of a character (a lone surrogate); send whole characters")
    return _LOOSE.sub("", _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def visible(text: str) -> str:
    """What a model may read of a text, whenever and however it was stored: what people cannot see is not there."""
    return text if text.isascii() and text.isprintable() else _HIDDEN.sub("", text)


def spoken(text: str) -> str:
    """What of a model's words may be kept and shown. Halves of characters go too: nobody is there to be told of them."""
    return _SURROGATES.sub("", _CONTROLS.sub("", text))


class Wire(BaseModel):
    """A value that goes over a socket."""

    model_config = ConfigDict(extra="forbid", frozen=True)


CleanText = Annotated[StrictStr, Field(max_length=MAX_TEXT), AfterValidator(clean)]
ShortText = Annotated[StrictStr, Field(max_length=200), AfterValidator(clean)]
Note = Annotated[StrictStr, Field(max_length=2_000), AfterValidator(clean)]
Position = Annotated[StrictInt, Field(ge=0)]
Seq = Annotated[StrictInt, Field(ge=0, le=2**53)]
