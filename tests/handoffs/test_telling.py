"""Who hears of a handoff, in which words, and when they hear of it again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from business.handoffs import lines, overdue, ownership
from business.push import notices, rules
from business.sites.service import ensure_install
from business.staff import rotation
from business.uploads.folder import UploadFolder
from kernel.bus import Bus, connect
from kernel.jobs import SendPush
from kernel.tables.ops import Handoff, Notification, Outbox
from tests.handoffs.conftest import PROFILE, Scene
from tests.handoffs.test_opening import CLOSED, OPEN
from workers.clockwork import Clockwork
from workers.effects import Effects

KINDS = ("booking", "complaint", "human", "lead", "payment")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    found = Bus(connect(redis_url))
    yield found
    await found.close()


@pytest.fixture
async def talk(scene: Scene) -> Scene:
    """A conversation in which no reply is being written."""
    await scene.database.unit(ensure_install)
    await scene.answers("Hello.")
    return scene


async def aged(talk: Scene, by: timedelta) -> None:
    """As if handoffs had been opened, and due, so much earlier."""
    async with talk.database.transaction() as connection:
        await connection.execute(sa.update(Handoff).values(created_at=Handoff.created_at - by, due_at=Handoff.due_at - by))


async def due(talk: Scene) -> list[UUID]:
    async with talk.database.transaction() as connection:
        return [handoff for handoff, _ in await overdue.due_handoffs(connection, timedelta(minutes=PROFILE.people.due_minutes))]


async def alerted(talk: Scene, now: datetime = OPEN) -> Any:
    """Alert what is due; the handoff afterwards."""
    for handoff in await due(talk):
        await talk.database.unit(lambda c, h=handoff: overdue.alert_handoff(c, h, talk.room.id, PROFILE, now))  # type: ignore[misc]
    return (await talk.handoffs())[0]


class TestWords:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_has_its_own_and_tells_no_more_than_a_first_name(self, kind: Any) -> None:
        title, body = rules.words("handoff", "Ana Perez", None, kind)
        assert "Ana" in body and "Perez" not in body and title != rules.words("handoff", "Ana", None, kind, "severe")[0]
        assert rules.words("handoff", None, None, kind)[1].find("isitor") > 0

    def test_no_two_kinds_say_the_same(self) -> None:
        assert len({rules.words("handoff", "Ana", None, kind) for kind in KINDS}) == len(KINDS)  # type: ignore[arg-type]

    def test_overdue_says_that_somebody_waits_only_where_somebody_does(self) -> None:
        waits = rules.words("handoff_due", "Ana", None, "human")
        assert rules.words("handoff_due", "Ana", None, "complaint") == waits != rules.words("handoff_due", "Ana", None, "lead")


class TestNotified:
    async def test_once_for_each_handoff_and_again_where_it_is_more_urgent(self, talk: Scene, bus: Bus) -> None:
        for urgency in ("low", "low", "high", "normal", "severe", "severe"):
            await talk.open(kind="complaint", urgency=urgency, summary=urgency)
        while await Effects(talk.database, bus).due():
            pass
        async with talk.database.transaction() as connection:
            kept = list(await connection.scalars(sa.select(Notification.key).order_by(Notification.created_at)))
        handoff = talk.opened[0].handoff
        assert sorted(kept) == sorted([f"handoff:{handoff}", f"handoff:{handoff}:high", f"handoff:{handoff}:severe"])

    async def test_whose_turn_it_is_hears_of_who_will_wait(self, talk: Scene) -> None:
        dana = talk.room.staff
        await talk.database.unit(lambda c: rotation.change(c, dana.id, True, None))
        await talk.database.unit(lambda c: rotation.here(c, [dana.id]))
        await talk.says()
        talk.gives(talk.call(kind="booking"), talk.call(hand_over=True), "Yes.", None)
        await talk.done()
        assert await self._told(talk) == {"booking": None, "human": str(dana.id)} and (await talk.row()).assignee_id == dana.id

    async def test_of_what_is_severe_everybody(self, talk: Scene) -> None:
        dana = talk.room.staff
        await talk.database.unit(lambda c: rotation.change(c, dana.id, True, None))
        await talk.database.unit(lambda c: rotation.here(c, [dana.id]))
        await talk.says()
        talk.gives(talk.call(kind="complaint", urgency="severe", hand_over=True), "Yes.", None)
        await talk.done()
        assert await self._told(talk) == {"complaint": None}

    @staticmethod
    async def _told(talk: Scene) -> dict[str, str | None]:
        async with talk.database.transaction() as connection:
            payloads = list(await connection.scalars(sa.select(Outbox.payload).where(Outbox.kind == "notify_staff")))
        return {payload["handoff_kind"]: payload["staff"] for payload in payloads}

    async def test_a_push_of_what_was_claimed_goes_to_who_has_it_or_to_nobody(self, talk: Scene) -> None:
        opened = await talk.open(kind="complaint")
        await talk.database.unit(lambda c: ownership.claim_handoff(c, opened.handoff, talk.room.staff))
        now = datetime.now(UTC)
        push = SendPush(device=talk.room.id, reason="handoff", conversation=talk.room.id, handoff=opened.handoff, asked_at=now)
        async with talk.database.transaction() as connection:
            assert await notices.message(connection, push, now) is None, "somebody came"
            theirs = await notices.message(connection, push.model_copy(update={"claimed": True}), now)
        assert theirs is not None and theirs.title == "A complaint"
        await talk.database.unit(lambda c: ownership.resolve_handoff(c, opened.handoff, talk.room.staff, None))
        async with talk.database.transaction() as connection:
            assert await notices.message(connection, push.model_copy(update={"claimed": True}), now) is None


class TestOverdue:
    async def test_nobody_is_reminded_of_what_has_low_urgency(self, talk: Scene) -> None:
        await talk.open(kind="complaint", urgency="low", now=OPEN)
        await aged(talk, timedelta(days=400))
        assert await due(talk) == []

    async def test_of_what_is_severe_not_at_once_but_after_a_while(self, talk: Scene) -> None:
        await talk.open(kind="complaint", urgency="severe", now=datetime.now(UTC))
        assert await due(talk) == [], "they have just heard of it"
        await aged(talk, (PROFILE.people.due_minutes + 1) * MINUTE)
        handoff = await alerted(talk)
        assert handoff.urgency == "severe" and handoff.alerted_at is not None, "never less urgent than before"
        assert await due(talk) == [], "once"

    async def test_who_does_not_wait_is_told_nothing(self, talk: Scene) -> None:
        await talk.open(kind="booking", now=datetime.now(UTC) - timedelta(days=2))
        before = await talk.story()
        handoff = await alerted(talk)
        assert (handoff.urgency, (await talk.row()).risk) == ("normal", "normal") and await talk.story() == before

    @pytest.mark.parametrize(("now", "told"), [(OPEN, True), (CLOSED, False)])
    async def test_in_the_queue_at_night_nobody_is_told_that_it_takes_longer(self, talk: Scene, now: datetime, told: bool) -> None:
        await talk.says()
        talk.gives(talk.call(kind="complaint", urgency="severe", hand_over=True), "I am sorry.", None)
        await talk.done()
        await aged(talk, timedelta(hours=1))
        await alerted(talk, now)
        assert (await talk.line() == lines.late("en")) is told

    async def test_several_workers_alert_once(self, talk: Scene, bus: Bus) -> None:
        await talk.open(kind="payment", now=datetime.now(UTC) - timedelta(days=2))
        for _ in range(3):
            await Clockwork(talk.database, bus, lambda: PROFILE, UploadFolder(Path("/nonexistent"))).look()
        story = [kind for kind, _ in await talk.staff_story()]
        assert story == ["handoff", "alert"] and [key for key in await talk.effects() if ":due:" in key] == [
            f"notify_staff:due:{talk.opened[0].handoff}"
        ]
