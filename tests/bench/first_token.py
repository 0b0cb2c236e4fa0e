"""First token through the whole gateway against the direct call of the provider, while other conversations run."""

import asyncio
import json

from tests.bench.background import running
from tests.bench.clients import Customer, order
from tests.bench.figures import Figure, Goal, percentile, spread
from tests.bench.plan import Plan, say
from tests.bench.stamps import WRAP, Tally, decode, now_us
from tests.bench.stand import Stand

GOAL_P50, GOAL_P99 = 12.0, 60.0
PROBES = 20
BETWEEN = 0.12
TOKENS = 3


async def measure(stand: Stand, plan: Plan) -> list[Figure]:
    port = stand.shared_gateway()
    async with running(stand, port, plan.background):
        customers = [await Customer(Tally()).open(port) for _ in range(PROBES)]
        for customer in customers:
            await customer.ask(order(TOKENS))
        say(f"first token: {plan.first_tokens} questions, {plan.background} conversations running")
        through: list[float] = []
        asking: list[float] = []
        coming: list[float] = []
        direct: list[float] = []
        reader, writer = await asyncio.open_connection("127.0.0.1", stand.provider_port)
        for number in range(plan.first_tokens):
            asked, first, stamp = await customers[number % PROBES].first_token(order(TOKENS))
            through.append((first - asked) / 1000)
            delivery = (first - decode(stamp)) % WRAP
            coming.append(delivery / 1000)
            asking.append((first - asked - delivery) / 1000)
            direct.append(await _direct(reader, writer))
            await asyncio.sleep(BETWEEN)
        writer.close()
    return _figures(through, asking, coming, direct)


async def _direct(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> float:
    """Milliseconds from the request to the first token, on a connection that is open already."""
    body = json.dumps({"model": "gpt-4o-mini", "stream": True, "messages": [{"role": "user", "content": order(TOKENS)}]}).encode()
    asked = now_us()
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nHost: provider\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    while b'"content":""' in (line := await reader.readuntil(b"\n\n\r\n")) or b"content" not in line:
        pass
    took = (now_us() - asked) / 1000
    await reader.readuntil(b"0\r\n\r\n")
    return took


def _figures(through: list[float], asking: list[float], coming: list[float], direct: list[float]) -> list[Figure]:
    base = percentile(direct, 0.5)
    detail = {
        "through the gateway": spread(through),
        "question to provider": spread(asking),
        "token from provider to customer": spread(coming),
        "direct": spread(direct),
    }
    say(f"  {detail}")
    note = f"direct call p50 {base:.2f} ms; of the p50, {percentile(asking, 0.5):.1f} ms until the provider was asked"
    return [
        Figure("first token over the direct call, p50", percentile(through, 0.5) - base, "ms", Goal(GOAL_P50), note, detail),
        Figure("first token over the direct call, p99", percentile(through, 0.99) - base, "ms", Goal(GOAL_P99)),
    ]
