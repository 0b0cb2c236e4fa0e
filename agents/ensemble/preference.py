"""Which of two answers a critic finds better. It does not know whose they are, and their order is chance: a hash of the pair decides."""

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field

from agents.ensemble.model import ModelMessage, ModelRequest
from agents.ensemble.verdict import verdict
from agents.ensemble.watched import Contender

PURPOSE = "shadow_critic"
# Nobody waits for it.
WITHIN_S = 60.0

Better = Literal["primary", "candidate", "tie"]


class _Said(BaseModel):
    """The verdict on the wire. A reason that is too long is cut, not refused."""

    model_config = ConfigDict(extra="ignore")
    better: Literal["a", "b", "tie"]
    reason: Annotated[str, Field(max_length=4_000)] = ""


class Preference(BaseModel):
    """Which one is better, and why in a line."""

    model_config = ConfigDict(frozen=True)
    better: Better
    why: str


def candidate_is_a(pair: UUID) -> bool:
    """Whether a pair's candidate stands first; the same whenever it is asked."""
    return hashlib.blake2b(pair.bytes, digest_size=1).digest()[0] % 2 == 0


async def prefer(critic: Contender, asked: ModelRequest, pair: UUID, primary: str, candidate: str) -> Preference | None:
    """`asked` is the turn's request: its last customer message and its `prepared` are what the critic knows. None: no verdict."""
    swapped = candidate_is_a(pair)
    first, second = (candidate, primary) if swapped else (primary, candidate)
    question = next((message.content for message in reversed(asked.messages) if message.role == "user"), "")
    told = orjson.dumps({"question": question, "true": asked.prepared, "a": first, "b": second}).decode()
    messages = (ModelMessage("system", _prompt()), ModelMessage("user", told))
    said = await verdict(critic, replace(asked, messages=messages, purpose=PURPOSE), _Said, WITHIN_S)
    return None if said is None else Preference(better=_whose(said.better, swapped), why=said.reason.strip()[:200])


def _whose(better: Literal["a", "b", "tie"], swapped: bool) -> Better:
    if better == "tie":
        return "tie"
    return "candidate" if (better == "a") == swapped else "primary"


@cache
def _prompt() -> str:
    return Path(__file__).with_suffix(".md").read_text(encoding="utf-8").strip()
