"""A scripted customer: asks, waits, wants a person, answers the person, rates, goes away and comes back, until the demo ends."""

import asyncio
import random
from collections.abc import Callable
from uuid import uuid4

from gateway.demo.lines import Lines
from gateway.demo.parts import Act, Deed, Part
from gateway.demo.wire import Body, Gone, Refused, Wire

ARRIVES_S = (0.0, 12.0)
READS_S = (1.5, 8.0)
TYPES_S = (1.0, 4.0)
PATIENT_S = (35.0, 90.0)
AWAY_S = (10.0, 45.0)
REPLY_S = 60.0  # whatever the tempo: a reply that has not ended by then ends no more
NUDGES = 2


class Guest:
    """`tempo`: how many times faster than life."""

    def __init__(self, base: str, language: str, name: str, part: Part, lines: Lines, chance: random.Random, tempo: float) -> None:
        self._base = base
        self._language = language
        self._name = name
        self._part = part
        self._lines = lines
        self._chance = chance
        self._tempo = tempo
        self._auth: Body = {"site": "demo"}
        self._introduced = False
        self._changed = asyncio.Event()
        # What is on the screen, as far as it decides what to do next.
        self._owner = "ai"
        self._turn: str | None = None
        self._replies = 0
        self._human_said = 0
        self._last_answer: str | None = None

    async def play(self) -> None:
        """Until cancelled."""
        await self._rest(ARRIVES_S)
        while True:
            for visit in self._part:
                self._wire = Wire("/chat", self._hear)
                try:
                    await self._wire.open(self._base, self._auth, {"Accept-Language": self._language})
                    for act in visit:
                        await self._do(act)
                except (Gone, Refused):
                    pass  # a gateway that starts anew, or more than it lets one customer write: later again
                finally:
                    await self._wire.close()
                await self._rest(AWAY_S)

    # -- what comes

    def _hear(self, event: str, body: Body) -> None:
        if event == "ready":
            self._auth = {"site": "demo", "token": body["token"]}
            self._owner = body["conversation"]["owner"]
            self._turn = body["live"]["turn"] if body["live"] else None
        elif event == "event":
            self._happened(body)
        self._changed.set()

    def _happened(self, body: Body) -> None:
        match body["kind"]:
            case "message":
                author = body["message"]["author"]["kind"]
                self._human_said += author == "human"
                if author == "ai":
                    self._last_answer = body["message"]["id"]
            case "reply_started" | "restarted":
                self._turn = body["turn"]
            case "reply_finished":
                self._turn = None
                self._replies += 1
            case "owner_changed":
                self._owner = body["owner"]
            case "closed":
                self._owner = "ai"  # whoever writes next is answered by the assistant

    async def _until(self, holds: Callable[[], object], seconds: float) -> bool:
        """Wait until it holds; False where it did not in time."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def _rest(self, seconds: tuple[float, float]) -> None:
        await asyncio.sleep(self._chance.uniform(*seconds) / self._tempo)

    # -- what is done

    async def _do(self, act: Act) -> None:
        await self._with_person()
        match act:
            case Deed.PERSON:
                await self._wire.ask("human", id=str(uuid4()))
                await self._until(lambda: self._owner != "ai", REPLY_S)
                await self._with_person()
                await self._rest(READS_S)
            case Deed.STOP:
                await self._say("menu")
                await self._until(lambda: self._turn, REPLY_S)
                await self._rest(TYPES_S)
                if self._turn:
                    await self._wire.ask("stop", turn=self._turn)
            case Deed.THUMB if self._last_answer:
                await self._wire.ask("feedback", message=self._last_answer, value=self._chance.choice(("up", "up", "up", "down")))
            case Deed.RATE:
                await self._wire.ask("rate", id=str(uuid4()), score=self._chance.choice((3, 4, 5, 5, 5)))
            case str():
                await self._say(act)
                replies = self._replies
                await self._until(lambda: self._replies > replies or self._owner != "ai", REPLY_S)
                await self._rest(READS_S)

    async def _say(self, topic: str) -> None:
        await self._wire.tell("typing", on=True)
        await self._rest(TYPES_S)
        await self._wire.ask("message", id=str(uuid4()), text=self._lines.say(topic))
        if not self._introduced:
            await self._wire.ask("profile", name=self._name)
            self._introduced = True

    async def _with_person(self) -> None:
        """Answers whoever of the staff writes, and grows impatient twice where nobody does, until the assistant answers again."""
        nudges, topic = 0, "person_came"
        while self._owner != "ai":
            heard = self._human_said
            patience = self._chance.uniform(*PATIENT_S) / self._tempo
            if await self._until(lambda heard=heard: self._human_said > heard or self._owner == "ai", patience):  # type: ignore[misc]
                if self._owner == "human":
                    await self._rest(TYPES_S)
                    await self._say(topic)
                    topic = "to_person"
            elif nudges < NUDGES:
                nudges += 1
                await self._say("waiting")
