"""Exactly one usage row per call of a model: whole, failed, cut or closed by us. The innermost wrapper of every model."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, assert_never
from uuid import UUID

from agents.ensemble.chunks import Chunk, Finish, Restart, Text, ToolCall
from agents.ensemble.errors import ErrorKind, ModelError, OverBudget
from agents.ensemble.model import Model, ModelRequest
from agents.ensemble.tokens import bound
from kernel import metering
from kernel.clock import Clock, utc_now
from kernel.ids import new_id
from kernel.metering import Budgets, Outcome, UsageRow, UsageSink

# (request, what arrived: text and tool calls as text) -> (tokens in, tokens out)
Count = Callable[[ModelRequest, str], Awaitable[tuple[int, int]]]
# Failures before which no provider reads anything: there is nothing to be paid.
UNREAD: frozenset[ErrorKind] = frozenset({"unauthorized", "rate_limited", "unavailable", "no_route", "bad_request", "over_budget"})


class Price(Protocol):
    """(tokens in, tokens out, those of the first that came from the provider's cache) -> micro-dollars, None: not known."""

    def __call__(self, tokens_in: int, tokens_out: int, tokens_cached: int = 0, /) -> Awaitable[int | None]: ...


@dataclass(slots=True)
class _Call:
    """What is known of a call while it runs."""

    began: float = field(default_factory=time.monotonic)
    first_sign: float | None = None
    text: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    finish: Finish | None = None
    error: ErrorKind | None = None
    id: UUID = field(default_factory=new_id)

    def notice(self, chunk: Chunk) -> None:
        match chunk:
            case Text(text):
                self.first_sign = self.first_sign or time.monotonic()
                self.text.append(text)
            case ToolCall(_, name, arguments):
                self.first_sign = self.first_sign or time.monotonic()
                self.calls.append(f"{name}{arguments}")
            case Restart():
                pass
            case Finish():
                self.finish = chunk
            case _:
                assert_never(chunk)

    def outcome(self) -> Outcome:
        if self.finish is not None:
            return "complete"
        if self.error is None:
            return "cancelled"
        return "cut" if self.text else "failed"


class Metered:
    """Wraps one model. Rows are finished by tasks of their own: neither a cancelled turn nor a slow count loses one."""

    def __init__(
        self,
        model: Model,
        *,
        provider: str,
        role: str,
        count: Count,
        price: Price,
        sink: UsageSink,
        clock: Clock = utc_now,
        budgets: Budgets | None = None,
    ) -> None:
        """`budgets`: what must have enough left for each call; None: nothing limits them."""
        self._model = model
        self._provider = provider
        self._role = role
        self._count = count
        self._price = price
        self._sink = sink
        self._clock = clock
        self._budgets = budgets
        self._rows: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        return self._model.name

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """The wrapped model's stream, unchanged; or OverBudget, and the model is not asked."""
        call = _Call()
        started_at = self._clock()
        try:
            if self._budgets is not None:
                await self._reserve(self._budgets, request, call.id, started_at)
                call.began = time.monotonic()
            async with aclosing(self._model.stream(request)) as chunks:
                async for chunk in chunks:
                    call.notice(chunk)
                    yield chunk
        except ModelError as error:
            call.error = error.kind
            raise
        finally:
            duration_ms = _ms(time.monotonic() - call.began)
            record = self._record(request, call, started_at, duration_ms)
            task = asyncio.create_task(record, name=f"usage:{self.name}")
            self._rows.add(task)
            task.add_done_callback(self._rows.discard)

    async def _reserve(self, budgets: Budgets, request: ModelRequest, call: UUID, at: datetime) -> None:
        most = await self._price(bound(request.messages, request.tools), request.max_tokens)
        try:
            await budgets.reserve(
                call,
                purpose=request.purpose or self._role,
                customer=request.customer,
                conversation=request.conversation,
                site=request.site,
                candidate=self.name,
                estimate_microdollars=most or 0,
                at=at,
            )
        except metering.OverBudget as error:
            raise OverBudget(error.scope) from None

    async def drain(self) -> None:
        """Waits until every row of the calls that have ended is with the sink."""
        while self._rows:
            await asyncio.gather(*self._rows)

    async def _record(self, request: ModelRequest, call: _Call, started_at: datetime, duration_ms: int) -> None:
        tokens_in, tokens_out = await self._tokens(request, call)
        cached = call.finish.tokens_cached if call.finish else 0
        row = UsageRow(
            conversation=request.conversation,
            turn=request.turn,
            model=self.name,
            provider=self._provider,
            role=request.purpose or self._role,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_microdollars=await self._price(tokens_in, tokens_out, cached),
            first_token_ms=None if call.first_sign is None else _ms(call.first_sign - call.began),
            duration_ms=duration_ms,
            outcome=call.outcome(),
            error=call.error,
            started_at=started_at,
            customer=request.customer,
            site=request.site,
            agent=request.agent,
            id=call.id,
            race=await request.race.outcome() if request.race is not None else None,
        )
        await self._sink.record(row)

    async def _tokens(self, request: ModelRequest, call: _Call) -> tuple[int, int]:
        """(in, out): the provider's count, else ours; none where the provider read nothing."""
        if call.finish is not None and call.finish.tokens_in is not None and call.finish.tokens_out is not None:
            return call.finish.tokens_in, call.finish.tokens_out
        if call.error in UNREAD and not call.text:
            return 0, 0
        return await self._count(request, "".join([*call.text, *call.calls]))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
