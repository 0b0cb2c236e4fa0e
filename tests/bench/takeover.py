"""How fast a takeover closes the provider's stream, and how fast a reply is whole again after a reconnect in its middle."""

import asyncio
from typing import Any

from tests.bench.background import running
from tests.bench.clients import Customer, order
from tests.bench.figures import Figure, Goal, percentile, spread
from tests.bench.plan import Plan, say
from tests.bench.sockets import Socket
from tests.bench.stamps import Tally, now_us
from tests.bench.stand import Stand

CLOSED_MS, RESUMED_MS = 300.0, 500.0
LONG = 900
BACKGROUND = 10
CHOICE = "abcdefghij"


async def measure_takeover(stand: Stand, plan: Plan) -> list[Figure]:
    """From the click to the end of the provider's stream."""
    closed: list[float] = []
    acknowledged: list[float] = []
    port = stand.shared_gateway()
    async with running(stand, port, min(BACKGROUND, plan.background)) as staff:
        console = await staff.socket()
        for number in range(plan.takeovers):
            tag = "take" + CHOICE[number // 10] + CHOICE[number % 10]
            customer = await Customer(Tally()).open(port)
            await customer.first_token(order(LONG, tag=tag))
            await console.call("watch", {"conversation": customer.conversation})
            await asyncio.sleep(0.2 + 0.017 * number)
            clicked = now_us()
            await console.call("take", {"conversation": customer.conversation})
            acknowledged.append((now_us() - clicked) / 1000)
            closed.append((await _end_of(stand, tag) - clicked) / 1000)
            await console.call("unwatch", {"conversation": customer.conversation})
            customer.socket.close()
    say(f"takeover: provider's stream closed {spread(closed)}, acknowledged {spread(acknowledged)}")
    detail = {"closed": spread(closed), "acknowledged": spread(acknowledged)}
    return [
        Figure("takeover: provider's stream closed, p50", percentile(closed, 0.5), "ms", None, "", detail),
        Figure("takeover: provider's stream closed, p99", percentile(closed, 0.99), "ms", Goal(CLOSED_MS),
               f"{len(closed)} clicks, {min(BACKGROUND, plan.background)} conversations running; "
               f"acknowledged p50 {percentile(acknowledged, 0.5):.0f} ms, p99 {percentile(acknowledged, 0.99):.0f} ms"),
    ]  # fmt: skip


async def _end_of(stand: Stand, tag: str) -> float:
    """When a tagged stream was closed before its end, in microseconds. RuntimeError where it was not."""
    for _ in range(100):
        stream = (await stand.ask_provider("/streams"))[tag]
        if stream["how"] == "closed":
            return float(stream["ended_us"])
        if stream["how"] == "complete":
            break
        await asyncio.sleep(0.05)
    raise RuntimeError("the takeover did not close the provider's stream")


class Reader:
    """A customer who puts a reply together from deltas and snapshots, as a widget does, and leaves in its middle."""

    def __init__(self, token: str, history: str, after: int) -> None:
        self._auth: dict[str, Any] = {"site": "demo", "token": token, "history": history, "after": after}
        self._turn = ""
        self.text = ""
        self.ready = asyncio.Event()
        self.stored: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.gaps = 0

    async def connect(self, port: int) -> None:
        """Enter, with what is held of the reply."""
        self.ready.clear()
        auth = dict(self._auth)
        if self._turn:
            auth["live"] = {"turn": self._turn, "at": len(self.text)}

        def prepare(socket: Socket) -> None:
            socket.live = set()  # every event whole
            socket.on_event = self._event

        self.socket = await Socket.open(port, "/chat", auth, prepare=prepare)
        await self.ready.wait()

    def _event(self, event: str, body: Any, at_us: int) -> None:
        if event == "ready":
            live = body["live"]
            if live is not None:
                self._turn = live["turn"]
                self.text = self.text[: live["from"]] + live["text"]
            for durable in body["events"]:
                self._durable(durable)
            self.ready.set()
        elif event == "delta":
            self._turn = self._turn or body["turn"]
            # Positions are code points for us: the text is ASCII.
            if body["at"] == len(self.text):
                self.text += body["text"]
            elif body["to"] > len(self.text):
                self.gaps += 1
        elif event == "event":
            self._durable(body)

    def _durable(self, event: Any) -> None:
        self._auth["after"] = event["seq"]
        if event["kind"] == "message" and event["message"].get("turn") == self._turn and not self.stored.done():
            self.stored.set_result(event["message"]["text"])
            if not self.ready.is_set():
                self.text = event["message"]["text"]  # it ended while we were away: the message is the whole text


async def measure_resume(stand: Stand, plan: Plan) -> list[Figure]:
    """From the first byte of the reconnect to the whole text so far."""
    took: list[float] = []
    wrong = 0
    port = stand.shared_gateway()
    async with running(stand, port, min(BACKGROUND, plan.background)):
        for number in range(plan.resumes):
            customer = await Customer(Tally()).open(port)
            await customer.ask(order(1))
            reader = Reader(customer.token, customer.history, 0)
            await reader.connect(port)
            customer.say(order(60 + number))
            while len(reader.text) < 100:  # noqa: ASYNC110 - the reader is driven by the socket alone
                await asyncio.sleep(0.01)
            reader.socket.close()
            await asyncio.sleep(0.05 + 0.01 * (number % 7))
            began = now_us()
            await reader.connect(port)
            took.append((now_us() - began) / 1000)
            stored = await asyncio.wait_for(reader.stored, 30)
            # What the deltas and the snapshot gave, against what was stored: nothing lost, nothing doubled.
            wrong += reader.gaps + (stored != reader.text)
            reader.socket.close()
            customer.socket.close()
    say(f"resume: {spread(took)}, {wrong} replies with a lost or doubled character")
    if wrong:
        raise RuntimeError(f"{wrong} of {len(took)} resumed replies had lost or doubled characters")
    return [
        Figure("resume: complete text again, p50", percentile(took, 0.5), "ms", None, "", spread(took)),
        Figure("resume: complete text again, p99", percentile(took, 0.99), "ms", Goal(RESUMED_MS),
               f"{len(took)} reconnects in mid-reply, 0 characters lost or doubled"),
    ]  # fmt: skip
