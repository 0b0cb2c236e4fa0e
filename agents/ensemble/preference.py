"""Which of two answers a critic finds better. It does not know whose they are, and their order is chance: a hash of the pair decides.

The verdict is JSON of one shape. What does not fit it is asked for once more; after that there is no verdict, which is no failure.
"""

import hashlib
import re
from contextlib import aclosing
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import orjson
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.ensemble.chunks import Text
from agents.ensemble.errors import ModelError
from agents.ensemble.model import Model, ModelMessage, ModelRequest

log = structlog.get_logger(__name__)

PURPOSE = "shadow_critic"
TRIES = 2
TOKENS = 300
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)  # some wrap their JSON in words, or in a fence
_AGAIN = "That was not the JSON object that was asked for. Answer with the object alone."

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


async def prefer(critic: Model, asked: ModelRequest, pair: UUID, primary: str, candidate: str) -> Preference | None:
    """`asked` is the turn's request: its last customer message and its `prepared` are what the critic knows. None: no verdict."""
    swapped = candidate_is_a(pair)
    first, second = (candidate, primary) if swapped else (primary, candidate)
    question = next((message.content for message in reversed(asked.messages) if message.role == "user"), "")
    told = orjson.dumps({"question": question, "true": asked.prepared, "a": first, "b": second}).decode()
    messages: tuple[ModelMessage, ...] = (ModelMessage("system", _prompt()), ModelMessage("user", told))
    for number in range(TRIES):
        try:
            text = await _whole(critic, replace(asked, messages=messages, max_tokens=TOKENS, purpose=PURPOSE, tools=(), paced=False))
        except ModelError as error:
            log.warning("critic.failed", model=critic.name, kind=error.kind, attempt=number)
            return None
        if (said := _read(text)) is not None:
            return Preference(better=_whose(said.better, swapped), why=said.reason.strip()[:200])
        messages = (*messages[:2], ModelMessage("assistant", text or "..."), ModelMessage("user", _AGAIN))
    log.warning("critic.not_understood", model=critic.name)
    return None


async def _whole(critic: Model, request: ModelRequest) -> str:
    pieces: list[str] = []
    async with aclosing(critic.stream(request)) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Text):
                pieces.append(chunk.text)
    return "".join(pieces)


def _read(text: str) -> _Said | None:
    found = _OBJECT.search(text)
    if found is None:
        return None
    try:
        return _Said.model_validate_json(found[0])
    except ValidationError:
        return None


def _whose(better: Literal["a", "b", "tie"], swapped: bool) -> Better:
    if better == "tie":
        return "tie"
    return "candidate" if (better == "a") == swapped else "primary"


@cache
def _prompt() -> str:
    return Path(__file__).with_suffix(".md").read_text(encoding="utf-8").strip()
