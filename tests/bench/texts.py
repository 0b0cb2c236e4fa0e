"""Texts that come in, with the simulator as RingCentral: how soon its webhook is answered while twenty come at once, and how soon the
assistant's first token is in the console that watches the conversation."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import aiohttp

from gateway.simulator.server import RingCentralServer
from tests.bench.clients import Staff, order
from tests.bench.figures import Figure, Goal, percentile, spread
from tests.bench.plan import Plan, say
from tests.bench.rows import rows
from tests.bench.stamps import Tally, now_us
from tests.bench.stand import Stand, model

ANSWER_P99_MS, FIRST_TOKEN_P50_MS = 200.0, 1_000.0
AT_ONCE = 20
TOKENS = 3
EVENT = "/restapi/v1.0/account/~/extension/~/message-store/instant?type=SMS"
SECRET, JWT = "BENCH_TEXTS_SECRET", "BENCH_TEXTS_JWT"


class Watching(Tally):
    """A console's: when the first token of a reply came."""

    def __init__(self) -> None:
        super().__init__()
        self.first: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def take(self, text: bytes, at_us: int) -> None:
        if not self.first.done():
            self.first.set_result(at_us)


async def measure(stand: Stand, plan: Plan) -> list[Figure]:
    async with RingCentralServer() as rc, _install(stand, rc) as port:
        secret, token, subscription = await _subscribed(stand)
        rc.behave("lost", on="webhook", always=True)  # they are sent from here, where they are timed
        post = Post(f"http://127.0.0.1:{port}/webhooks/ringcentral/{secret}", token, subscription)
        async with aiohttp.ClientSession() as post.client:
            tokens = await _first_tokens(stand, port, rc, post, plan.texted)
            answers = await _answers(rc, post, plan.webhooks)
        taken = await rows(stand.database_url, "SELECT state, count(*) FROM ops.inbound_text GROUP BY 1")
    return _figures(answers, tokens, dict(taken))


@asynccontextmanager
async def _install(stand: Stand, rc: RingCentralServer) -> AsyncIterator[int]:
    """A gateway and a worker that have the simulator for RingCentral."""
    os.environ.update({SECRET: rc.client_secret, JWT: rc.jwt})
    with ExitStack() as stack:
        sms = f'[sms]\nprovider = "ringcentral"\naddress = "{rc.base}"\nclient_id = "{rc.client_id}"\n'
        sms += f'client_secret_env = "{SECRET}"\njwt_env = "{JWT}"\ngather_seconds = 0\n'
        written = model("stamped", stand.provider_port) + f'\n[ensemble]\nanswer = ["stamped"]\n\n{sms}'
        entered = await asyncio.to_thread(stack.enter_context, stand.gateway(model=True, written=written))
        await asyncio.to_thread(stack.enter_context, stand.worker())
        try:
            yield entered[1]
        finally:
            await asyncio.to_thread(stack.close)


async def _subscribed(stand: Stand) -> tuple[str, str, str]:
    """The webhook's secret and token; without a public address there is no subscription of theirs, so one is written down."""
    while not (found := await rows(stand.database_url, "SELECT secret, token FROM ops.text_subscription")):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    await rows(stand.database_url, "UPDATE ops.text_subscription SET subscription_id = 'bench'")
    return found[0]["secret"], found[0]["token"], "bench"


class Post:
    """RingCentral's side of the webhook."""

    client: aiohttp.ClientSession

    def __init__(self, address: str, token: str, subscription: str) -> None:
        self._address = address
        self._headers = {"Validation-Token": token}
        self._subscription = subscription

    async def __call__(self, id: str) -> float:
        """Milliseconds until it was answered. Raises where it was not with 200."""
        body: dict[str, Any] = {"event": EVENT, "subscriptionId": self._subscription, "body": {"id": id, "direction": "Inbound"}}
        began = time.perf_counter()
        async with self.client.post(self._address, json=body, headers=self._headers) as answer:
            await answer.read()
            assert answer.status == 200, answer.status
        return (time.perf_counter() - began) * 1000


async def _first_tokens(stand: Stand, port: int, rc: RingCentralServer, post: Post, many: int) -> list[float]:
    """Milliseconds from the webhook's first byte to the first token in the console."""
    took = []
    staff = Staff(port, Tally())
    await staff.sign_in()
    for number in range(many):
        phone = f"+1415555{2000 + number:04d}"
        await post(rc.say(phone, order(1)))
        conversation = await _conversation(stand, phone)
        watching = staff.tally = Watching()
        staff._room = 0  # a socket of its own, which tells this tally
        await staff.watch(conversation)
        at_us = now_us()
        await post(rc.say(phone, order(TOKENS, tag=f"party {number}")))
        async with asyncio.timeout(30):
            took.append((await watching.first - at_us) / 1000)
    staff.close()
    say(f"texts: from webhook to first token in the console: {spread(took)}")
    return took


async def _conversation(stand: Stand, phone: str) -> str:
    """Of a number, when its first text was answered."""
    asked = "SELECT s.id FROM ai.chat_session s JOIN ai.turn t ON t.conversation_id = s.id WHERE s.phone = $1 AND t.state = 'done'"
    async with asyncio.timeout(30):
        while not (found := await rows(stand.database_url, asked, phone)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return str(found[0]["id"])


async def _answers(rc: RingCentralServer, post: Post, many: int) -> list[float]:
    """Milliseconds of each; of the twenty at once a few tell the same text again, as they do."""
    took: list[float] = []
    ids = [rc.say(f"+1415555{3000 + number % 500:04d}", f"text {number}") for number in range(many)]
    for first in range(0, many, AT_ONCE - 5):
        some = ids[first : first + AT_ONCE - 5]
        took += await asyncio.gather(*(post(id) for id in (*some, *some[:5])))
    say(f"texts: a webhook's answer, {AT_ONCE} at once: {spread(took)}")
    return took


def _figures(answers: list[float], tokens: list[float], taken: dict[str, int]) -> list[Figure]:
    note = f"{len(answers)} of them, {AT_ONCE} at once, a quarter of them repeats; meanwhile a worker fetched {taken.get('taken', 0)} texts"
    path = "text fetched by a worker, turn run by the gateway, the model's own time in it"
    return [
        Figure("a text's webhook answered, p99", percentile(answers, 0.99), "ms", Goal(ANSWER_P99_MS), note, spread(answers)),
        Figure("a text to its reply's first token in the console, p50", percentile(tokens, 0.5), "ms", Goal(FIRST_TOKEN_P50_MS), path,
               spread(tokens)),
    ]  # fmt: skip
