"""What a gateway says of itself, and to whom; and what it answers while PostgreSQL is away."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from migrations import runner
from tests.rig.inprocess import Running, running
from tests.rig.postgres import PostgresServer
from tests.rig.redis import RedisServer


class TestMetrics:
    async def test_are_for_the_house_alone(self, database_url: str, redis_url: str) -> None:
        async with running(database_url, redis_url, limits={"trusted_proxies": ("127.0.0.1/32",)}) as house:
            async with httpx.AsyncClient(base_url=house.url) as http:
                outside = ("93.184.216.34", "2606:4700::1111", "10.0.0.1, 93.184.216.34")
                for address, status in (*((address, 404) for address in outside), ("10.1.2.3", 200)):
                    answer = await http.get("/metrics", headers={"X-Forwarded-For": address})
                    assert answer.status_code == status, address
                    assert ("hibachi_" in answer.text) == (status == 200)
                assert (await http.get("/metrics")).status_code == 200

    async def test_are_not_for_who_comes_through_a_proxy_that_nobody_named(self, own_house: Running) -> None:
        """Behind it everyone looks as if they sat at this machine."""
        async with httpx.AsyncClient(base_url=own_house.url) as http:
            assert (await http.get("/metrics")).status_code == 200
            assert (await http.get("/metrics", headers={"X-Forwarded-For": "10.1.2.3"})).status_code == 404

    async def test_tell_what_happens(self, own_house: Running) -> None:
        raw = await own_house.visitor()
        await raw.say("hello")
        await raw.ask("message", {})
        columns = "id, name, variant, approved_at, state, pause_reason"
        campaign = f"INSERT INTO marketing.campaign ({columns}) VALUES ($1, 'x', 'general', now(), $2, $3)"
        for state, why in (("running", None), ("paused", "opt_outs"), ("paused", "staff"), ("paused", "staff")):
            await own_house.rows(campaign, uuid4(), state, why)
        told = "INSERT INTO ops.notification (id, key, kind, created_at) VALUES ($1, $2, 'campaign_paused', now() - $3::interval)"
        for ago in (timedelta(hours=1), timedelta(hours=25)):
            await own_house.rows(told, uuid4(), f"paused {ago}", ago)
        written = (
            "INSERT INTO ops.text_message (id, key, purpose, to_number, text, locale, encoding, segments, state)"
            " VALUES ($1, $2, 'marketing', '+14155557001', 'x', 'en', 'gsm7', 1, 'delivered')"
        )
        await own_house.rows(written, uuid4(), "a text")
        async with httpx.AsyncClient(base_url=own_house.url) as http:
            text = (await http.get("/metrics")).text
        for line in (
            'hibachi_campaigns{state="running"} 1.0',
            'hibachi_campaigns{state="paused"} 3.0',
            'hibachi_campaigns_paused{why="opt_outs"} 1.0',
            'hibachi_campaigns_paused{why="staff"} 2.0',
            "hibachi_campaign_pauses_24h 1.0",
            'hibachi_texts_24h{purpose="marketing",state="delivered"} 1.0',
            'hibachi_connections{namespace="/chat"} 1.0',
            'hibachi_events_total{code="ok",namespace="/chat"} 1.0',
            'hibachi_events_total{code="bad_request",namespace="/chat"} 1.0',
            "hibachi_redis_up 1.0",
        ):
            assert line in text
        assert "hello" not in text


class TestReadiness:
    async def test_and_answers_while_postgresql_is_away(self, redis_url: str) -> None:
        """Nothing is acknowledged that is not stored; when it is back, the same message is stored once."""
        server = PostgresServer()
        try:
            server.create()
            server.start()
            await runner.upgrade(server.url())
            async with running(server.url(), redis_url) as house, httpx.AsyncClient(base_url=house.url, timeout=20) as http:
                assert (await http.get("/readyz")).json() == {"database": True, "redis": True, "warm": True}
                raw = await house.visitor()
                assert (await raw.say("before"))["ok"]
                server.stop()
                assert (await http.get("/healthz")).text == "ok"
                ready = await http.get("/readyz")
                assert (ready.status_code, ready.json()["database"]) == (503, False)
                client_id = str(uuid4())
                refused = await raw.say("while it was away", id=client_id)
                assert refused["error"]["code"] == "unavailable"
                assert refused["error"]["retry_after_ms"] > 0
                assert "postgres" not in str(refused).lower()
                server.start()
                async with asyncio.timeout(20):
                    while (await http.get("/readyz")).status_code != 200:  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
                stored = await raw.say("while it was away", id=client_id)
                assert stored["ok"] and await raw.say("while it was away", id=client_id) == stored
        finally:
            server.destroy()

    async def test_redis_away_is_no_reason_not_to_be_ready(self, database_url: str, redis_server: RedisServer) -> None:
        async with running(database_url, redis_server.url) as house, httpx.AsyncClient(base_url=house.url) as http:
            raw = await house.visitor()
            redis_server.kill()
            assert (await raw.say("is anybody there?"))["ok"]
            await raw.durable("reply_finished", 10)
            ready = await http.get("/readyz")
            assert (ready.status_code, ready.json()["redis"]) == (200, False)
            redis_server.start()
            for _ in range(200):
                if (await http.get("/readyz")).json()["redis"]:
                    break
                await asyncio.sleep(0.1)
            else:
                pytest.fail("Redis was never found again")
