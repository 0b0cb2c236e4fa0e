"""Consensus: teacher and student answer in parallel, a critic judges both, and only what passed is shown.

Nothing is shown before, so whatever fails here is silent. A step in which the teacher asks for tools passes on at once: only what ends in
words is judged. Where the two disagree, or neither is grounded, the house speaks and the end says so: a person is to know of it.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Literal

import structlog

from agents.ensemble.chunks import Chunk, Finish, Judgement, Text
from agents.ensemble.critic import Verdict, judge
from agents.ensemble.drafts import Draft, drafted
from agents.ensemble.fallback import VISIBLE_RESTARTS, Fallback
from agents.ensemble.grounding import grounding
from agents.ensemble.model import Model, ModelRequest
from agents.ensemble.watched import Contender
from agents.house.pacing import paced

log = structlog.get_logger(__name__)

# After teacher or student is done the other one has so long; then it is done without.
PATIENCE_S = 8.0
# Agreement from which both count as saying the same, and below which nobody knows who is right.
SAME, APART = 0.9, 0.7
# Grounding below which nothing is sent, however much they agree.
GROUNDED = 0.7


class Consensus:
    """A model made of models: two answers and a verdict, then the fallback's way over all others, at last the house."""

    name = "consensus"

    def __init__(
        self,
        contenders: Sequence[Contender],
        student: Contender,
        critic: Contender | None,
        house: Model,
        tokens_per_second: float,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """The first of `contenders` is the teacher. `tokens_per_second`: the pace of an answer that passed; 0: at once. `patience_s`: how
        long the slower of the two is waited for."""
        self._teacher, *self._others = contenders
        self._student = student
        self._critic = critic
        self._house = house
        self._tokens_per_second = tokens_per_second
        self._patience_s = patience_s

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        failed: set[str] = set()
        if request.visible_restarts < VISIBLE_RESTARTS:
            teacher, student = await drafted(self._teacher, self._student, request, self._patience_s)
            if drafts := [draft for draft in (teacher, student) if draft is not None]:
                async with aclosing(self._settled(request, drafts)) as chunks:
                    async for chunk in chunks:
                        yield chunk
                return
            failed = {self._teacher.name, self._student.name}
        rest = [contender for contender in self._others if contender.name not in failed]
        async with aclosing(Fallback(rest, self._house).stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _settled(self, request: ModelRequest, drafts: Sequence[Draft]) -> AsyncGenerator[Chunk, None]:
        """One of the drafts as it goes out, or the house; the teacher's is the first, where it is there."""
        if drafts[0].calls:
            for call in drafts[0].calls:
                yield call
            yield drafts[0].finish
            return
        sent, judgement = await self._judged(request, [draft for draft in drafts if not draft.calls])
        log.info(
            "consensus.judged",
            outcome=judgement.outcome,
            agreement=judgement.agreement,
            grounding=judgement.grounding,
            sent=sent.finish.model if sent is not None else self._house.name,
            turn=str(request.turn),
        )
        async with aclosing(self._said(request, sent)) as chunks:
            async for chunk in chunks:
                yield replace(chunk, judgement=judgement) if isinstance(chunk, Finish) else chunk

    async def _judged(self, request: ModelRequest, drafts: Sequence[Draft]) -> tuple[Draft | None, Judgement]:
        """(what is sent, None for the house; how that came)."""
        if len(drafts) == 1:
            return drafts[0], Judgement("alone")
        said = None if self._critic is None else await judge(self._critic, request, drafts[0].text, drafts[1].text)
        if said is None or self._critic is None:
            chosen, share = measured(request, drafts)
            return chosen, Judgement("measured", grounding=share)
        judgement, place = decided(said)
        return None if place is None else drafts[place], replace(judgement, critic=self._critic.name)

    async def _said(self, request: ModelRequest, sent: Draft | None) -> AsyncGenerator[Chunk, None]:
        if sent is None:
            async with aclosing(self._house.stream(request)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        async with aclosing(paced(sent.text, self._tokens_per_second if request.paced else 0)) as pieces:
            async for piece in pieces:
                yield Text(piece)
        yield sent.finish


def decided(verdict: Verdict) -> tuple[Judgement, int | None]:
    """(how, which of the two is sent); None for neither. Pure."""
    best = {"first": 0, "second": 1, "tie": int(verdict.grounding[1] > verdict.grounding[0])}[verdict.better]
    if verdict.agreement < SAME or verdict.grounding[best] < GROUNDED:
        best = int(verdict.grounding[1] > verdict.grounding[0])
    share = verdict.grounding[best]
    doubted = verdict.agreement < APART or share < GROUNDED
    outcome: Literal["doubted", "agreed", "better"] = "doubted" if doubted else "agreed" if verdict.agreement >= SAME else "better"
    return Judgement(outcome, verdict.agreement, share, reason=verdict.reason), None if doubted else best


def measured(request: ModelRequest, pair: Sequence[Draft]) -> tuple[Draft, float]:
    """(the better grounded one, its share), by what stands in the request; the teacher where nothing tells them apart. Pure."""
    known = [message.content for message in request.messages if message.role != "assistant"]
    found = [grounding(draft.text, known, request.prepared) for draft in pair]
    best = max((0, 1), key=lambda place: (found[place].share, found[place].covered, -place))
    return pair[best], found[best].share
