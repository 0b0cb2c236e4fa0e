"""What a model gives: the tagged union `Chunk`. A stream is `(Text | Restart)* ToolCall* Finish`, or it raises a `ModelError`."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

FinishReason = Literal["stop", "length", "content_filter", "tool_calls"]


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the answer; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Restart:
    """Only from wrappers that hold several models: what came so far is void, another model starts from 0."""

    reason: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants called. Given only when whole, after all text: `arguments` is the text of one JSON object.

    `id` is the provider's and binds the result to the call. Never given where the request offered no tools.
    """

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """How an answer came to be the one of a consensus. Shares are 0 to 1, None where nobody judged.

    `agreed`: two models said the same. `better`: they differed in what does not matter, this one is better grounded. `doubted`: they
    disagreed, or neither is grounded, and the house speaks. `measured`: no critic, the better grounded one by its figures and names.
    `alone`: the other one gave no answer. `critic`: who judged; `reason` is its own and never a customer's to read.
    """

    outcome: Literal["agreed", "better", "doubted", "measured", "alone"]
    agreement: float | None = None
    grounding: float | None = None
    critic: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finish:
    """The stream's end. Tokens are the provider's own count, None where it gave none; `model` is who answered.

    `reason` is "tool_calls" exactly where calls were given: the model waits for their results. `tokens_cached` is the part of
    `tokens_in` that the provider had in its cache, as far as it told. `judgement`: where the answer is a consensus's.
    """

    reason: FinishReason
    tokens_in: int | None
    tokens_out: int | None
    model: str
    tokens_cached: int = 0
    judgement: Judgement | None = None


Chunk: TypeAlias = Text | Restart | ToolCall | Finish
