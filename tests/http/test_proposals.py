"""A yes over HTTP: whose it must be, that it is done once and by the role of that moment, and what becomes of it otherwise."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa

from business.bookings import life
from business.staff.service import Invited, StaffService
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ai import ChatMessage, ChatSession
from kernel.tables.core import Audit
from kernel.tables.ops import AssistantAction, Booking, BookingEvent, Email
from tests.agents.staff_world import PROFILE, World, at_venue
from tests.http.conftest import entered

ASK = "/api/admin/assistant"


@pytest.fixture
async def world(database: Database) -> World:
    return await World(database).begin()


@pytest.fixture
async def chief(staff: StaffService) -> Invited:
    return await staff.invite("chief@example.com", "Chief", "admin")


async def proposal(browser: httpx.AsyncClient, csrf: dict[str, str], question: str, **more: Any) -> dict[str, Any]:
    response = await browser.post(ASK, json={"question": question, **more}, headers=csrf)
    (one,) = response.json()["proposals"]
    found: dict[str, Any] = one
    return found


async def say(browser: httpx.AsyncClient, csrf: dict[str, str], one: dict[str, Any], word: str = "confirm") -> httpx.Response:
    return await browser.post(f"{ASK}/proposals/{one['id']}/{word}", json={}, headers=csrf)


async def count(world: World, query: Any) -> int:
    async with world.database.transaction() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0)


async def booked(world: World, number: UUID) -> str:
    async with world.database.transaction() as connection:
        return str(await connection.scalar(sa.select(Booking.status).where(Booking.id == number)))


async def test_refused(browser: httpx.AsyncClient, staff: StaffService, dana: Invited, chief: Invited, world: World) -> None:
    booking = await world.party(await world.customer("Ana Perez"), at_venue(3))
    csrf = await entered(browser, staff, dana)
    one = await proposal(browser, csrf, "Confirm Ana's booking")
    assert (await say(browser, {}, one)).status_code == 403, "without the CSRF token"
    assert (await say(browser, csrf, {"id": "12"})).status_code == 404
    other = await entered(browser, staff, chief)
    for word in ("confirm", "decline"):
        assert (await say(browser, other, one, word)).status_code == 404, "somebody else's, an owner's or not"
    assert await booked(world, booking.id) == "held"


async def test_no(browser: httpx.AsyncClient, staff: StaffService, dana: Invited, world: World) -> None:
    booking = await world.party(await world.customer("Ana Perez"), at_venue(3))
    csrf = await entered(browser, staff, dana)
    one = await proposal(browser, csrf, "Confirm Ana's booking")
    assert (await say(browser, csrf, one, "decline")).json()["state"] == "declined"
    assert (await say(browser, csrf, one)).json()["state"] == "declined", "a no stays a no"
    assert await booked(world, booking.id) == "held"


async def test_too_late(browser: httpx.AsyncClient, staff: StaffService, dana: Invited, world: World) -> None:
    ana = await world.customer("Ana Perez")
    csrf = await entered(browser, staff, dana)
    one = await proposal(browser, csrf, "Reply to Ana: hello")
    async with world.database.transaction() as connection:
        await connection.execute(sa.update(AssistantAction).values(expires_at=sa.func.clock_timestamp()))
    answer = (await say(browser, csrf, one)).json()
    assert answer["state"] == "expired" and "ten minutes" in answer["result"]
    async with world.database.transaction() as connection:
        owner = await connection.scalar(sa.select(ChatSession.owner).where(ChatSession.id == ana))
    assert owner == "ai", "nothing of it was begun"


async def test_done_once_though_it_is_pressed_often(browser: httpx.AsyncClient, staff: StaffService, dana: Invited, world: World) -> None:
    booking = await world.party(await world.customer("Ana Perez"), at_venue(3))
    csrf = await entered(browser, staff, dana)
    one = await proposal(browser, csrf, "Confirm Ana's booking")
    answers = await asyncio.gather(*(say(browser, csrf, one) for _ in range(4)))
    assert [each.json()["state"] for each in answers] == ["done"] * 4
    assert answers[0].json()["result"] == f"Booking {booking.number} is confirmed."
    assert await count(world, sa.select(BookingEvent).where(BookingEvent.kind == "confirmed")) == 1
    for action in ("booking.confirmed", "assistant.confirmed"):
        assert await count(world, sa.select(Audit).where(Audit.action == action)) == 1


async def test_a_reply_takes_over_first_and_is_sent_once(
    browser: httpx.AsyncClient, staff: StaffService, dana: Invited, world: World
) -> None:
    ana = await world.customer("Ana Perez")
    csrf = await entered(browser, staff, dana)
    one = await proposal(browser, csrf, "Reply to Ana: we are on it")
    assert one["text"] == "we are on it"
    answers = await asyncio.gather(*(say(browser, csrf, one) for _ in range(3)))
    assert [each.json()["state"] for each in answers] == ["done"] * 3
    human = sa.select(ChatMessage).where(ChatMessage.conversation_id == ana, ChatMessage.author_kind == "human")
    assert await count(world, human) == 1
    note = await proposal(browser, csrf, "Note about Ana: told her", conversation=str(ana))
    assert (await say(browser, csrf, note)).json()["state"] == "done"
    back = await proposal(browser, csrf, "Hand Ana back")
    assert (await say(browser, csrf, back)).json()["result"] == "The assistant answers again."


async def test_what_changed_meanwhile_is_told(browser: httpx.AsyncClient, staff: StaffService, dana: Invited, world: World) -> None:
    ana = await world.customer("Ana Perez")
    booking = await world.party(ana, at_venue(3))
    csrf = await entered(browser, staff, dana)
    one = await proposal(browser, csrf, "Confirm Ana's booking")
    await world.database.unit(lambda c: life.ask_cancel(c, PROFILE, booking.id, life.By("customer", "Ana"), utc_now(), ""))
    answer = (await say(browser, csrf, one)).json()
    assert answer["state"] == "failed" and "cancelled" in answer["result"]
    assert await count(world, sa.select(BookingEvent).where(BookingEvent.kind == "confirmed")) == 0


async def test_the_role_of_the_moment_counts(browser: httpx.AsyncClient, staff: StaffService, chief: Invited, world: World) -> None:
    booking = await world.party(await world.customer("Ana Perez"), at_venue(9))
    await world.confirmed(booking)
    await world.database.unit(lambda c: life.ask_cancel(c, PROFILE, booking.id, life.By("customer", "Ana"), utc_now(), ""))
    csrf = await entered(browser, staff, chief)
    one = await proposal(browser, csrf, "Approve Ana's cancellation")
    async with world.database.transaction() as connection:
        await connection.execute(sa.text("UPDATE core.staff SET role = 'agent' WHERE id = :id"), {"id": chief.staff_id})
    answer = (await say(browser, csrf, one)).json()
    assert answer["state"] == "failed" and "owner or an admin" in answer["result"]
    assert await booked(world, booking.id) == "cancellation_requested"


async def test_the_deposit_is_asked_for_again(browser: httpx.AsyncClient, staff: StaffService, dana: Invited, world: World) -> None:
    ana, ben = await world.customer("Ana Perez"), await world.customer("Ben King")
    await world.party(ana, at_venue(3), email="ana@example.com")
    await world.party(ben, at_venue(3))
    csrf = await entered(browser, staff, dana)
    one = await proposal(browser, csrf, "Ask Ana for the deposit again")
    assert [(await say(browser, csrf, one)).json()["state"] for _ in range(2)] == ["done", "done"]
    assert await count(world, sa.select(Email).where(Email.kind == "deposit_request", Email.to_address == "ana@example.com")) == 1
    other = await proposal(browser, csrf, "Ask Ben for the deposit again")
    answer = (await say(browser, csrf, other)).json()
    assert answer["state"] == "failed" and "No e-mail address" in answer["result"]
