"""Runs conversations against a candidate, one after the other, and checks every turn."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from agents.evaluation.candidate import Answer, Candidate
from agents.evaluation.files import Conversation, ExpectedTurn
from agents.evaluation.forbidden import licensed_by, licensed_by_profile
from agents.evaluation.results import Report, Result, TurnResult
from agents.evaluation.scoring import check
from business.profile.schemas import Profile

log = structlog.get_logger(__name__)

Progress = Callable[[int, int, Result], None]
SILENCE = Answer("")


async def evaluate(
    candidate: Candidate, conversations: Mapping[str, Conversation], profile: Profile, progress: Progress | None = None
) -> Report:
    """Conversations share one calendar, which is emptied in between, so they never run side by side."""
    began, started = datetime.now(UTC), time.monotonic()
    results = []
    for number, (name, conversation) in enumerate(conversations.items(), 1):
        results.append(await _converse(candidate, name, conversation, licensed_by_profile(profile)))
        if progress is not None:
            progress(number, len(conversations), results[-1])
    return Report(candidate.name, profile.version, began, time.monotonic() - started, tuple(results))


async def _converse(candidate: Candidate, name: str, conversation: Conversation, licensed: frozenset[int]) -> Result:
    """What the candidate breaks down at fails with every turn that was still to come: an evaluation is not ended by it."""
    done: list[TurnResult] = []
    error = None
    try:
        async with candidate.talk(conversation) as talk:
            for turn in conversation.turns:
                if turn.paid or turn.now is not None:
                    await talk.meanwhile(turn.now, paid=turn.paid)
                answer = await talk.say(turn.say, turn.booked)
                # An amount stays said: later turns may come back to it.
                licensed |= licensed_by(call.data for call in answer.calls)
                done.append(TurnResult(turn, answer, check(turn, answer, licensed)))
    except Exception as raised:
        log.exception("evaluation.broke_down", conversation=name)
        error = type(raised).__name__
    missing = [_unanswered(turn, licensed) for turn in conversation.turns[len(done) :]]
    return Result(name, conversation, (*done, *missing), error)


def _unanswered(turn: ExpectedTurn, licensed: frozenset[int]) -> TurnResult:
    """Nothing came, so nothing passes, not even what must not be said."""
    return TurnResult(turn, None, tuple(replace(one, passed=False, came="no answer") for one in check(turn, SILENCE, licensed)))
