"""A saved profile counts at once, at every gateway: answers, headers, open pages; hints may be lost, nonsense is left out."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from business.profile.live import LiveProfile, first_edition
from business.profile.loader import load_profile
from business.profile.versions import ProfileWriter
from kernel.database import Database
from kernel.ids import StaffId
from tests.rig.inprocess import Running, eventually, running
from tests.rig.raw import Raw

SHIPPED = load_profile()
PRICE = "How much is it per adult?"
Pair = tuple[Running, Running]


@pytest.fixture
async def pair(database_url: str, redis_url: str) -> AsyncIterator[Pair]:
    """Two gateways of one install."""
    async with running(database_url, redis_url) as one, running(database_url, redis_url) as two:
        yield one, two


async def owner(house: Running) -> tuple[StaffId, str, dict[str, str]]:
    """Somebody who may save: id, session cookie, headers."""
    invited = await house.staff.invite("olga@example.com", "Olga", "owner")
    signed_in = await house.staff.sign_in(invited.sign_in_token)
    session = await house.staff.session(signed_in.cookie)
    if session.must_change:
        await house.staff.change_password(session, "charcoal and garlic", None, "192.0.2.1")
    return session.staff_id, signed_in.cookie, {"X-CSRF-Token": session.csrf}


async def answer_to(raw: Raw, text: str) -> str:
    """What the assistant says to it."""
    before = len(said(raw))
    assert (await raw.say(text))["ok"]
    return str(await raw.until(lambda r: said(r)[before] if len(said(r)) > before else None))


def said(raw: Raw) -> list[str]:
    messages = [body["message"] for body in raw.heard("event") if body["kind"] == "message"]
    return [message["text"] for message in messages if message["author"]["kind"] == "ai"]


def content(**changed: dict[str, Any]) -> dict[str, Any]:
    given = SHIPPED.model_dump(mode="json", exclude_none=True)
    return given | {part: given[part] | values for part, values in changed.items()}


class TestSaved:
    async def test_the_new_price_and_hours_at_both_gateways(self, pair: Pair) -> None:
        one, two = pair
        _, cookie, headers = await owner(one)
        here, there = await one.visitor(), await two.visitor()
        assert "$55 per adult" in await answer_to(here, PRICE)
        hours = [{"days": ["mon"], "from_time": "00:00:00", "to_time": "00:01:00"}]
        body = {"based_on": 1, "content": content(prices={"adult_cents": 6100}, people={"hours": hours})}
        async with httpx.AsyncClient(base_url=one.url, cookies={"hibachi_session": cookie}, trust_env=False) as client:
            saved = await client.put("/api/admin/profile", json=body, headers={**headers, "Origin": one.url})
            assert saved.status_code == 200, saved.text
            assert "$61" in await answer_to(here, PRICE), "at once where it was saved"
            await eventually(lambda: two.gateway.profile.edition.number == 2)
            assert "$61" in await answer_to(there, PRICE)
            metrics = (await client.get("/metrics")).text
        assert "hibachi_profile_version 2.0" in metrics
        for raw in (here, there):
            news = await raw.expect("business")
            assert news["hours"] == "Mon 12 AM to 12:01 AM"
            assert [event for _, event, _ in raw.events].index("ready") < [event for _, event, _ in raw.events].index("business")
        newcomer = await two.visitor()
        assert newcomer.heard("ready")[0]["business"]["hours"] == "Mon 12 AM to 12:01 AM"

    async def test_without_any_hint(self, pair: Pair, database: Database) -> None:
        staff, _, _ = await owner(pair[0])
        dearer = SHIPPED.model_copy(update={"prices": SHIPPED.prices.model_copy(update={"adult_cents": 6200})})
        made = await ProfileWriter(database).save(dearer, 1, None, staff)
        for house in pair:
            await eventually(lambda house=house: house.gateway.profile.edition.number == made.number, 15)  # type: ignore[misc]
            assert house.gateway.profile.profile() == dearer


class TestUnreadable:
    async def test_the_one_before_stays_and_the_next_is_taken(self, database: Database) -> None:
        live = LiveProfile(database, await first_edition(database, None))
        newer = json.dumps(content() | {"what_this_code_does_not_know": 1})
        async with database.transaction() as connection:
            await connection.exec_driver_sql(
                "INSERT INTO core.profile_version (number, content, fingerprint, source) VALUES (2, $1, 'x', 'console')", (newer,)
            )
        await live.look()
        await live.look()
        assert live.edition.number == 1 and live.profile() == SHIPPED
        async with database.transaction() as connection:
            await connection.exec_driver_sql(
                "INSERT INTO core.profile_version (number, content, fingerprint, source) VALUES (3, $1, 'y', 'console')",
                (json.dumps(content(prices={"adult_cents": 6300})),),
            )
        await live.look()
        assert live.edition.number == 3 and live.profile().prices.adult_cents == 6300

    async def test_readers_never_see_half_of_it(self, database: Database) -> None:
        live = LiveProfile(database, await first_edition(database, None))
        seen: list[int] = []
        live.on_change(lambda edition: seen.append(edition.number))
        await asyncio.gather(*(live.look() for _ in range(5)))
        assert seen == [] and live.edition.number == 1
