"""Exactly one usage row per call of a model: whole, failed, cut or closed by us. The innermost wrapper of every model."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from agents.ensemble.chunks import Chunk, Finish, Restart, Text, ToolCall
from agents.ensemble.errors import ModelError
from agents.ensemble.model import Model, ModelRequest
from kernel.clock import Clock, utc_now
from kernel.metering import Outcome, UsageRow, UsageSink

# (request, what arrived: text and tool calls as text) -> (tokens in, tokens out)
Count = Callable[[ModelRequest, str], Awaitable[tuple[int, int]]]
# (tokens in, tokens out) -> micro-dollars
Price = Callable[[int, int], Awaitable[int | None]]


@dataclass(slots=True)
class _Call:
    """What is known of a call while it runs."""

    began: float = field(default_factory=time.monotonic)
    first_sign: float | None = None
    text: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    finish: Finish | None = None
    error: str | None = None

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
        rows: set[asyncio.Task[None]] | None = None,
    ) -> None:
        """`rows`: where the rows that are being finished are kept; a model that takes another's place shares its set."""
        self._model = model
        self._provider = provider
        self._role = role
        self._count = count
        self._price = price
        self._sink = sink
        self._clock = clock
        self._rows: set[asyncio.Task[None]] = set() if rows is None else rows

    @property
    def name(self) -> str:
        return self._model.name

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """The wrapped model's stream, unchanged."""
        call = _Call()
        started_at = self._clock()
        try:
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

    async def drain(self) -> None:
        """Waits until every row of the calls that have ended is with the sink."""
        while self._rows:
            await asyncio.gather(*self._rows)

    async def _record(self, request: ModelRequest, call: _Call, started_at: datetime, duration_ms: int) -> None:
        tokens_in = call.finish.tokens_in if call.finish else None
        tokens_out = call.finish.tokens_out if call.finish else None
        if tokens_in is None or tokens_out is None:
            tokens_in, tokens_out = await self._count(request, "".join([*call.text, *call.calls]))
        row = UsageRow(
            conversation=request.conversation,
            turn=request.turn,
            model=self.name,
            provider=self._provider,
            role=request.purpose or self._role,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_microdollars=await self._price(tokens_in, tokens_out),
            first_token_ms=None if call.first_sign is None else _ms(call.first_sign - call.began),
            duration_ms=duration_ms,
            outcome=call.outcome(),
            error=call.error,
            started_at=started_at,
            customer=request.customer,
            site=request.site,
            agent=request.agent,
            race=await request.race.outcome() if request.race is not None else None,
        )
        await self._sink.record(row)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
