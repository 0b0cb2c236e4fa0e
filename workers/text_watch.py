"""Watches the provider's webhook, and looks for texts of which none told. Every worker looks; the row of `ops.text_subscription` says which
of them does it now.

A webhook that is suspended or gone is made anew, and what was missed is fetched. What came in is known up to `read_until`; each look begins
a while before that, for lists lag and clocks differ.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import or_

from business.channels import subscriptions
from business.channels.provider import OwnNumber, SmsError, Subscribed, TextProvider
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.tables.ops import TextSubscription
from workers.text_receiver import Receiver

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0
CHECK_EVERY = timedelta(minutes=1)
CHECK_SOON = timedelta(seconds=10)  # while there is no webhook that works
RENEW_BEFORE = timedelta(days=2)
OVERLAP = timedelta(minutes=10)
NO_ADDRESS = "no_public_address"


class TextWatch:
    """`address`: where the provider's webhook is to go, by its secret; None: this install has no address that it could reach."""

    def __init__(
        self,
        database: Database,
        receiver: Receiver,
        address: Callable[[str], str | None],
        poll_seconds: float,
        clock: Clock,
        *,
        every: float = LOOK_EVERY,
    ) -> None:
        self._database = database
        self._receiver = receiver
        self._provider: TextProvider = receiver.provider
        self._address = address
        self._poll = timedelta(seconds=poll_seconds)
        self._clock = clock
        self._every = every

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable:
                log.info("text_watch.later")
            except Exception:
                log.exception("text_watch.failed")  # the next look may be better; texts that wait must not wait for a restart
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        """Do what is due. Raises Unavailable."""
        row = await self._database.unit(lambda c: subscriptions.ensure(c, self._provider.name))
        if await self._mine("checked_at", CHECK_EVERY if row.state == "active" else CHECK_SOON):
            await self._check(row)
        if await self._mine("polled_at", self._poll):
            await self._read()

    async def _mine(self, column: str, every: timedelta) -> bool:
        now = self._clock()
        return await self._database.unit(lambda c: subscriptions.claim(c, self._provider.name, column, now - every, now))

    # The webhook

    async def _check(self, row: Any) -> None:
        try:
            await self._keep(numbers=_listed(await self._provider.numbers()))
            await self._stands(row)
        except SmsError as error:
            log.warning("text_watch.not_checked", cause=error.code)
            await self._keep(error=error.code[:80])

    async def _stands(self, row: Any) -> None:
        address = self._address(row.secret)
        if address is None:
            await self._keep(error=NO_ADDRESS)
            return
        found = None
        if row.subscription_id is not None and row.address == address:
            found = await self._provider.subscription(row.subscription_id)
        if found is not None and found.state == "active" and found.expires_at - self._clock() < RENEW_BEFORE:
            found = await self._provider.renew(found.id)
        if found is not None and found.state == "active":
            await self._keep(state="active", expires_at=found.expires_at, error=None)
            return
        await self._anew(row, address)

    async def _anew(self, row: Any, address: str) -> None:
        """It is known before it is made that there is one to come: what it tells before its id is stored here counts."""
        if row.subscription_id is not None:
            log.warning("text_watch.made_anew", was=row.state)
            with suppress(SmsError):
                await self._provider.unsubscribe(row.subscription_id)
        await self._keep(state="none", subscription_id=None, address=address)
        made = await self._provider.subscribe(address, row.token)
        if not await self._stored(made):
            with suppress(SmsError):
                await self._provider.unsubscribe(made.id)  # another worker, which stood still meanwhile, has made one too
            return
        log.info("text_watch.subscribed")
        await self._keep(polled_at=None)  # what was missed is looked for at once

    async def _stored(self, made: Subscribed) -> bool:
        free = or_(TextSubscription.subscription_id.is_(None), TextSubscription.subscription_id == made.id)
        values = {"subscription_id": made.id, "state": "active", "expires_at": made.expires_at, "error": None}
        return await self._database.unit(lambda c: subscriptions.change(c, self._provider.name, only=free, **values))

    async def _keep(self, **values: Any) -> None:
        await self._database.unit(lambda c: subscriptions.change(c, self._provider.name, **values))

    # What no webhook told

    async def _read(self) -> None:
        """Every text since the last look, and a while before it."""
        row = await self._database.unit(lambda c: subscriptions.ensure(c, self._provider.name))
        began = self._clock()
        since = row.created_at if row.read_until is None else max(row.created_at, row.read_until - OVERLAP)
        try:
            found = await self._provider.arrived(since)
        except SmsError as error:
            log.warning("text_watch.not_read", cause=error.code)
            return
        if await self._receiver.take_what_can_be(found):
            await self._keep(read_until=began)


def _listed(numbers: Sequence[OwnNumber]) -> list[dict[str, Any]]:
    return [asdict(number) for number in numbers]
