"""Handoffs of every kind at the console of another gateway: there at once, with what is known; claimed, settled, withdrawn.

The gateways sweep so seldom here that what arrives came by a hint.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from agents.events import TurnEvent, TurnFinished, TurnText, TurnWritten
from agents.turn import TurnRequest
from business.handoffs.opening import open_for
from kernel.bus import Bus, connect
from kernel.database import Database
from tests.handoffs.conftest import wanted
from tests.rig.inprocess import Running, running
from tests.rig.raw import Raw
from workers.effects import Effects

KINDS = ("booking", "complaint", "human", "lead", "payment")
SECRET = "we waited for 40 minutes"


@pytest.fixture
async def houses(database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Running, Running]]:
    """Two gateways of one install."""
    monkeypatch.setattr("gateway.live.hub.SWEEP_EVERY", 600.0)
    async with running(database_url, redis_url) as first, running(database_url, redis_url) as second:
        yield first, second


def calls(house: Running, **call: Any) -> None:
    """From now on the agents of this gateway call a person with every reply."""
    database = house.gateway.database

    async def answer(request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
        opened = await database.unit(lambda c: open_for(c, request.conversation, turn=request.turn, **wanted(**call)))
        yield TurnWritten(opened.announcement, opened.effects, opened.handoff)
        yield TurnText("Thank you.")
        yield TurnFinished("scripted")

    house.gateway.runner._answer = answer


async def asked(house: Running, **call: Any) -> tuple[Raw, str]:
    """A customer whose words called a person; returns them and the conversation."""
    calls(house, **call)
    alice = await house.visitor()
    assert (await alice.say(SECRET))["ok"]
    await alice.durable("reply_finished")
    return alice, alice.heard("ready")[0]["conversation"]["id"]


async def rows(desk: Raw, **ask: str) -> list[dict[str, Any]]:
    answer = await desk.ask("handoffs", ask, "/console")
    assert answer["ok"], answer
    found: list[dict[str, Any]] = answer["rows"]
    return found


async def do(desk: Raw, event: str, handoff: str, **more: str) -> dict[str, Any]:
    answer: dict[str, Any] = await desk.ask(event, {"handoff": handoff, "id": str(uuid4()), **more}, "/console")
    return answer


class TestEveryKind:
    @pytest.mark.parametrize("kind", KINDS)
    async def test_is_there_claimed_and_settled(self, houses: tuple[Running, Running], kind: str) -> None:
        first, second = houses
        desk, robin = await second.console(), await first.console()
        known = {"facts": {"guests": 60}, "tried": "offered dates", "suggested_reply": "Shall we call you?"}
        alice, conversation = await asked(first, kind=kind, summary=SECRET, **known)
        told = await desk.expect("handoff", lambda body: body["conversation"] == conversation)
        assert {key: told[key] for key in known} == known and (told["kind"], told["state"], told["urgency"]) == (kind, "open", "normal")
        assert await rows(desk, kind=kind, state="open") == [told]
        assert await rows(desk, kind=next(other for other in KINDS if other != kind)) == []
        assert (await do(desk, "handoff_claim", told["id"]))["ok"]
        claimed = await robin.expect("handoff", lambda body: body["state"] == "claimed")
        assert claimed["rev"] > told["rev"] and claimed["claimed_by"]
        assert (await do(robin, "handoff_claim", told["id"]))["error"]["code"] == "conflict"
        assert (await do(desk, "handoff_claim", told["id"]))["ok"], "again is the same"
        assert (await do(desk, "handoff_resolve", told["id"], note="called"))["ok"]
        resolved = await robin.expect("handoff", lambda body: body["state"] == "resolved")
        assert resolved["rev"] > claimed["rev"] and await rows(robin, state="open") == []
        assert (await do(robin, "handoff_claim", told["id"]))["error"]["code"] == "conflict"
        audited = await first.rows("SELECT action FROM core.audit WHERE subject = $1 ORDER BY at", conversation)
        assert [row["action"] for row in audited] == ["handoff.claim", "handoff.resolve"]
        assert "offered dates" not in "".join(alice.frames) and "owner_changed" not in "".join(alice.frames)

    @pytest.mark.parametrize("kind", KINDS)
    async def test_a_worker_tells_of_what_a_lost_gateway_wrote(
        self, houses: tuple[Running, Running], kind: str, database: Database, redis_url: str
    ) -> None:
        first, second = houses
        _, conversation = await asked(first, kind="lead" if kind != "lead" else "human")
        desk = await second.console()
        opened = await database.unit(lambda c: open_for(c, UUID(conversation), turn=None, **wanted(kind=kind)))
        bus = Bus(connect(redis_url))
        pubsub = bus.redis.pubsub()
        await pubsub.subscribe(f"hibachi:handoffs:{kind}")
        while await Effects(database, bus).due():
            pass
        told = await desk.expect("handoff", lambda body: body["id"] == str(opened.handoff))
        assert told["kind"] == kind
        heard = [await pubsub.get_message(timeout=2) for _ in range(2)]
        assert str(opened.handoff).encode() in heard[1]["data"]
        kept = await first.rows("SELECT kind FROM ops.notification WHERE handoff_id = $1", opened.handoff)
        assert [row["kind"] for row in kept] == ["handoff"]
        await pubsub.aclose()  # type: ignore[no-untyped-call]
        await bus.close()


class TestQueue:
    async def test_a_claim_takes_the_conversation_of_a_complaint_too(self, houses: tuple[Running, Running]) -> None:
        first, second = houses
        desk = await second.console()
        alice, conversation = await asked(first, kind="complaint", urgency="severe", hand_over=True)
        await alice.expect("event", lambda body: body["kind"] == "owner_changed" and body["owner"] == "queue")
        assert (await alice.expect("event", lambda body: body["kind"] == "owner_changed"))["expected_minutes"] > 0
        (row,) = await rows(desk, kind="complaint")
        assert (await do(desk, "handoff_claim", row["id"]))["epoch"] == 2
        await alice.expect("event", lambda body: body["kind"] == "owner_changed" and body["owner"] == "human")
        assert (await desk.ask("give_back", {"conversation": conversation, "epoch": 2}, "/console"))["ok"]
        (row,) = await rows(desk, kind="complaint")
        assert row["state"] == "claimed", "to give a conversation back settles no complaint"

    async def test_withdrawn_where_the_customer_goes_back(self, houses: tuple[Running, Running]) -> None:
        first, second = houses
        desk = await second.console()
        alice, _ = await asked(first, hand_over=True)
        await alice.expect("event", lambda body: body["kind"] == "owner_changed")
        assert (await alice.ask("assistant", {}))["ok"]
        told = await desk.expect("handoff", lambda body: body["state"] == "withdrawn")
        assert await rows(desk, state="withdrawn") == [told] and await rows(desk, state="open") == []
        assert (await do(desk, "handoff_claim", told["id"]))["error"]["code"] == "conflict"

    async def test_the_row_moves_in_the_inbox(self, houses: tuple[Running, Running]) -> None:
        first, second = houses
        desk = await second.console()
        assert (await desk.ask("inbox", {"view": "needs_human"}, "/console"))["rows"] == []
        _, conversation = await asked(first, kind="complaint", urgency="high", hand_over=True)
        told = await desk.expect("inbox", lambda body: body["row"]["owner"] == "queue")
        assert told["row"]["id"] == conversation and told["row"]["risk"] == "high"
