"""A scripted colleague: looks around, helps those who wait, takes over in mid-sentence, hands back; leaves some for the newcomer."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from gateway.demo.account import Account
from gateway.demo.wire import Body, Gone, Refused, Wire
from kernel.placeholders import fill

LOOKS_S = (3.0, 8.0)
TYPES_S = (2.0, 5.0)
STAYS_S = (6.0, 15.0)
ANSWER_S = 30.0
TAKES_OVER = 0.25  # of the times when nobody needs a person


@dataclass(slots=True)
class Share:
    """What all colleagues keep to. `leave`: so many stay waiting; `hand_over`: so many are still to become the newcomer's."""

    newcomer: str
    newcomer_name: str
    leave: int
    hand_over: int


class Colleague:
    """`words`: their lines by language; `language_of`: which one a customer of this name writes."""

    def __init__(
        self,
        account: Account,
        share: Share,
        words: Mapping[str, Mapping[str, list[str]]],
        language_of: Callable[[str], str],
        chance: random.Random,
        tempo: float,
    ) -> None:
        self._account = account
        self._share = share
        self._words = words
        self._language_of = language_of
        self._chance = chance
        self._tempo = tempo
        self._rows: dict[str, Body] = {}
        self._customer_said: Counter[str] = Counter()

    async def play(self) -> None:
        """Until cancelled."""
        while True:
            self._wire = Wire("/console", self._hear)
            try:
                await self._wire.open(self._account.base, {"token": await self._account.socket_token()})
                await self._read_inbox()
                while True:
                    await self._rest(LOOKS_S)
                    await self._next()
            except (Gone, Refused):
                await self._rest(STAYS_S)  # a gateway that starts anew
            finally:
                await self._wire.close()

    def _hear(self, event: str, body: Body) -> None:
        if event == "inbox":
            self._keep(body["row"])
        elif event == "event" and body["kind"] == "message" and body["message"]["author"]["kind"] == "customer":
            self._customer_said[body["conversation"]] += 1

    def _keep(self, row: Body) -> None:
        known = self._rows.get(row["id"])
        if known is None or row["rev"] > known["rev"]:
            self._rows[row["id"]] = row

    async def _read_inbox(self) -> None:
        ask: Body = {"view": "all"}
        while True:
            page = await self._wire.ask("inbox", **ask)
            for row in page["rows"]:
                self._keep(row)
            if not page.get("cursor"):
                return
            ask["cursor"] = page["cursor"]

    async def _rest(self, seconds: tuple[float, float]) -> None:
        await asyncio.sleep(self._chance.uniform(*seconds) / self._tempo)

    # -- what is done

    async def _next(self) -> None:
        open_rows = [row for row in self._rows.values() if row["state"] == "open"]
        waiting = sorted((row for row in open_rows if row["owner"] == "queue"), key=lambda row: row["waiting_since"] or "")
        answered = [row for row in open_rows if row["owner"] == "ai"]
        asking = [row for row in answered if row["waiting_since"]]
        if len(waiting) > self._share.leave:
            await self._visit(waiting[0], self._help)
        elif asking and self._chance.random() < TAKES_OVER:
            await self._visit(self._chance.choice(asking), self._help)
        elif answered:
            await self._visit(self._chance.choice(answered), self._look)

    async def _visit(self, row: Body, what: Callable[[Body], Any]) -> None:
        """Come in, do something, leave; somebody may be quicker."""
        try:
            await self._wire.ask("watch", conversation=row["id"])
            await what(row)
        except Refused:
            pass
        await self._wire.ask("unwatch", conversation=row["id"])

    async def _look(self, row: Body) -> None:
        await self._rest(STAYS_S)

    async def _help(self, row: Body) -> None:
        """A greeting, an answer or two, good-bye; or a greeting, and the newcomer goes on."""
        conversation = row["id"]
        epoch = (await self._wire.ask("take", conversation=conversation))["epoch"]
        if self._share.hand_over > 0:
            self._share.hand_over -= 1
            await self._say(row, epoch, "hello")
            await self._note(row, "hand_over")
            await self._wire.ask("assign", conversation=conversation, id=str(uuid4()), staff=self._share.newcomer)
            return
        if self._chance.random() < 0.3:
            await self._note(row, "note")
        for topic in ("hello", "answer", "bye"):
            await self._say(row, epoch, topic)
            await self._heard(conversation)
        if self._chance.random() < 0.4:
            await self._wire.ask("resolve", conversation=conversation, epoch=epoch)
        else:
            await self._wire.ask("give_back", conversation=conversation, epoch=epoch, note=self._line(row, "hand_back"))

    async def _say(self, row: Body, epoch: int, topic: str) -> None:
        await self._wire.tell("typing", conversation=row["id"], on=True)
        await self._rest(TYPES_S)
        await self._wire.ask("message", conversation=row["id"], id=str(uuid4()), text=self._line(row, topic), epoch=epoch)

    async def _note(self, row: Body, topic: str) -> None:
        await self._wire.ask("note", conversation=row["id"], id=str(uuid4()), text=self._line(row, topic))

    def _line(self, row: Body, topic: str) -> str:
        lines = self._words[self._language_of(row["customer"])][topic]
        names = {"customer": row["customer"].partition(" ")[0], "me": self._account.name, "owner": self._share.newcomer_name}
        return fill(self._chance.choice(lines), names)

    async def _heard(self, conversation: str) -> None:
        """Wait for the customer's next words; not for ever."""
        said = self._customer_said[conversation]
        waited = 0.0
        while self._customer_said[conversation] == said and waited < ANSWER_S:
            await self._rest((0.5, 0.5))
            waited += 0.5
