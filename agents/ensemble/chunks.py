"""What a model gives: the tagged union `Chunk`. A stream is `(Text | Restart)* Finish`, or it raises a `ModelError`."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

FinishReason = Literal["stop", "length", "content_filter"]


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the answer; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Restart:
    """Only from wrappers that hold several models: what came so far is void, another model starts from 0."""

    reason: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The stream's end. Tokens are the provider's own count, None where it gave none; `model` is who answered."""

    reason: FinishReason
    tokens_in: int | None
    tokens_out: int | None
    model: str


Chunk: TypeAlias = Text | Restart | Finish
