"""Asks a model for a judgement of one shape, as JSON: what does not fit is asked for once more, then there is none, which is no failure."""

import asyncio
import re
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from agents.ensemble.chunks import Text
from agents.ensemble.errors import ModelError
from agents.ensemble.model import ModelMessage, ModelRequest
from agents.ensemble.watched import Contender, watched

log = structlog.get_logger(__name__)

Shape = TypeVar("Shape", bound=BaseModel)
TRIES = 2
TOKENS = 300
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)  # some wrap their JSON in words, or in a fence
AGAIN = "That was not the JSON object that was asked for. Answer with the object alone."


async def verdict(judge: Contender, request: ModelRequest, shape: type[Shape], within_s: float) -> Shape | None:
    """What it says to `request.messages`; None where it cannot be asked, fails, or says nothing of this shape in all that time."""
    request = replace(request, max_tokens=TOKENS, tools=(), paced=False, race=None)
    try:
        async with asyncio.timeout(within_s):
            return await _asked(judge, request, shape)
    except TimeoutError:
        log.warning("verdict.late", model=judge.name, turn=str(request.turn))
    except ModelError as error:
        log.warning("verdict.failed", model=judge.name, kind=error.kind, turn=str(request.turn))
    return None


async def _asked(judge: Contender, request: ModelRequest, shape: type[Shape]) -> Shape | None:
    for _ in range(TRIES):
        if not await judge.breaker.allows():
            return None
        said = await _whole(judge, request)
        found = _OBJECT.search(said)
        if found is not None:
            try:
                return shape.model_validate_json(found[0])
            except ValidationError as error:
                log.info("verdict.misshapen", model=judge.name, faults=error.error_count(), turn=str(request.turn))
        request = replace(request, messages=(*request.messages, ModelMessage("assistant", said or "..."), ModelMessage("user", AGAIN)))
    return None


async def _whole(judge: Contender, request: ModelRequest) -> str:
    async with aclosing(watched(judge, request)) as chunks:
        return "".join([chunk.text async for chunk in chunks if isinstance(chunk, Text)])
