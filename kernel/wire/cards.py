"""Cards: what stands in a conversation and changes, a quote above all."""

from typing import Literal

from pydantic import Field

from kernel.wire.base import Wire


class CardLine(Wire):
    label: str
    value: str


class CardAction(Wire):
    """One button: a page to open, or words that the customer says by pressing it."""

    label: str
    url: str | None = None
    say: str | None = None


class Card(Wire):
    """Something that stands in the conversation and changes: a later version of the same `id` takes its place."""

    id: str
    type: Literal["quote", "hold", "booking", "payment", "complaint"]
    state: str
    version: int
    title: str
    lines: list[CardLine] = Field(default_factory=list)
    total: str | None = None
    action: CardAction | None = None
