"""A saved policy counts at every gateway: at once by a hint, within a sweep without Redis; a new process begins with it."""

import asyncio
from typing import Any

import httpx

from kernel.policies import SWEEP_EVERY
from tests.rig.inprocess import Running, eventually, running
from tests.rig.redis import RedisServer


async def chief(house: Running) -> dict[str, Any]:
    """How somebody who may save asks: cookies and headers."""
    invited = await house.staff.invite("olga@example.com", "Olga", "owner")
    signed_in = await house.staff.sign_in(invited.sign_in_token)
    session = await house.staff.session(signed_in.cookie)
    await house.staff.change_password(session, "charcoal and garlic", None, "192.0.2.1")
    return {"cookies": {"hibachi_session": signed_in.cookie}, "headers": {"X-CSRF-Token": session.csrf}}


async def save(house: Running, asking: dict[str, Any], based_on: int, **policy: Any) -> int:
    """At that gateway; returns the number."""
    async with httpx.AsyncClient(base_url=house.url, trust_env=False, **asking) as client:
        response = await client.put("/api/admin/ensemble", json={"based_on": based_on, "policy": policy}, headers={"Origin": house.url})
    assert response.status_code == 200, response.text
    number: int = response.json()["number"]
    return number


async def test_counts_at_the_other_gateway_with_redis_and_without(database_url: str, redis_server: RedisServer) -> None:
    async with running(database_url, redis_server.url) as one, running(database_url, redis_server.url) as two:
        asking, loop = await chief(one), asyncio.get_running_loop()
        number = await save(one, asking, 0, budget={"day_cents": 700})
        began = loop.time()
        assert one.gateway.policy.counting.number == number, "at once where it was saved"
        await eventually(lambda: two.gateway.policy.counting.number == number)
        assert loop.time() - began < SWEEP_EVERY / 2, "by the hint and not by the sweep"
        assert two.gateway.agents._policy.budget.day_cents == 700, "whoever answers was told"

        redis_server.kill()
        number = await save(two, asking, number, budget={"day_cents": 0})
        await eventually(lambda: one.gateway.policy.counting.number == number, SWEEP_EVERY + 2)
        assert one.gateway.policy.policy().budget.day_cents == one.gateway.agents._policy.budget.day_cents == 0
        # Another process starts with what was saved, not with its file's.
        async with running(database_url, redis_server.url) as three:
            assert three.gateway.policy.policy().budget.day_cents == three.gateway.agents._policy.budget.day_cents == 0
