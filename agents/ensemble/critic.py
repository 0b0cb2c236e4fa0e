"""The critic of a consensus: whether two answers say the same, how far each is grounded in what is known, and which is better.

It does not know whose answers they are, and their order is chance, by the turn's id.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import orjson
from pydantic import BaseModel, ConfigDict, Field

from agents.ensemble.model import ModelMessage, ModelRequest
from agents.ensemble.verdict import verdict
from agents.ensemble.watched import Contender

PURPOSE = "critic"
# Somebody waits for the answer: after that it is judged without the critic.
WITHIN_S = 8.0
# What a critic reads of the conversation, from its end.
CHARACTERS = 16_000
REASON = 200

Share: TypeAlias = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Side = Literal["a", "b", "tie"]


class _Said(BaseModel):
    """The verdict on the wire. A reason that is too long is cut, not refused."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    agreement: Share
    grounding_a: Share
    grounding_b: Share
    better: Side
    reason: Annotated[str, Field(max_length=4_000)] = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was judged of the first and the second answer. Shares are 0 to 1."""

    agreement: float
    grounding: tuple[float, float]
    better: Literal["first", "second", "tie"]
    reason: str


async def judge(critic: Contender, request: ModelRequest, first: str, second: str) -> Verdict | None:
    """`request` is the one that both answered. None: no verdict."""
    swapped = request.turn.int % 2 == 1
    a, b = (second, first) if swapped else (first, second)
    told = orjson.dumps({"conversation": _conversation(request), "true": request.prepared, "a": a, "b": b}).decode()
    messages = (ModelMessage("system", _prompt()), ModelMessage("user", told))
    said = await verdict(critic, replace(request, messages=messages, purpose=PURPOSE), _Said, WITHIN_S)
    return None if said is None else _unswapped(said, swapped)


def _unswapped(said: _Said, swapped: bool) -> Verdict:
    groundings = (said.grounding_a, said.grounding_b)
    better: Literal["first", "second", "tie"] = "tie" if said.better == "tie" else "first" if (said.better == "a") != swapped else "second"
    return Verdict(said.agreement, groundings[::-1] if swapped else groundings, better, said.reason.strip()[:REASON])


def _conversation(request: ModelRequest) -> list[dict[str, str]]:
    """Without the instructions in front, which the critic does not follow."""
    room, kept = CHARACTERS, list[dict[str, str]]()
    for message in reversed(request.messages[1:]):
        room -= len(message.content)
        if room < 0:
            break
        kept.append({"role": message.role, "content": message.content})
    return kept[::-1]


@cache
def _prompt() -> str:
    return Path(__file__).with_suffix(".md").read_text(encoding="utf-8").strip()
