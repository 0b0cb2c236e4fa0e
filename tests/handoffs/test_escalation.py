"""Nobody came: each step once, in its order, by its channels, until somebody claims it; what is severe wakes everybody at any hour."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from business.complaints import service
from business.handoffs import overdue, ownership
from business.handoffs.ownership import Actor
from business.push import rules, subscriptions
from business.push.rules import QuietHours
from business.push.sending import PushSender
from business.sites.service import ensure_install
from business.staff import rotation
from business.staff.passwords import Passwords
from business.staff.service import StaffService
from kernel.bus import Bus, connect
from kernel.tables.ai import ChatSession
from kernel.tables.core import Staff
from kernel.tables.ops import Complaint, Handoff, Outbox, TextMessage
from tests.handoffs.conftest import PROFILE, Scene
from tests.handoffs.hours import Hours, keys, mails
from tests.rig.pushes import Device, PushService
from workers.pushes import Pushes

RULES = PROFILE.people.escalation
LAST = RULES.steps[-1].after_minutes
# Tomorrow's: what is due by the morning after it is not overdue, whatever day it is.
NIGHT = (datetime.now(PROFILE.business.zone) + timedelta(days=1)).replace(hour=23, minute=0, second=0, microsecond=0)


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    found = Bus(connect(redis_url))
    yield found
    await found.close()


@pytest.fixture
async def talk(scene: Scene) -> Scene:
    """A conversation in which no reply is being written; Dana works here, and Olga, whose business it is."""
    await scene.database.unit(ensure_install)
    staff = StaffService(scene.database, Passwords())
    await staff.invite("olga@hibachi.fun", "Olga", "owner")
    async with scene.database.transaction() as connection:
        await connection.execute(sa.update(Staff).where(Staff.name == "Dana").values(email="dana@hibachi.fun"))
    await scene.answers("Hello.")
    return scene


@pytest.fixture
def hours(talk: Scene, bus: Bus) -> Hours:
    return Hours(talk.database, bus, PROFILE)


async def overdue_now(talk: Scene, **call: Any) -> UUID:
    """A handoff that nobody claimed in time, and of which staff were reminded."""
    opened = await talk.open(now=datetime.now(UTC) - timedelta(days=2), **call)
    await talk.database.unit(lambda c: overdue.alert_handoff(c, opened.handoff, talk.room.id, PROFILE, datetime.now(UTC)))
    return opened.handoff


async def handoff_of(talk: Scene) -> Any:
    (found,) = await talk.handoffs()
    return found


async def told_higher(talk: Scene) -> list[str]:
    """Steps of which somebody was notified."""
    return [key for key in await keys(talk.database, "notify_staff") if key.startswith("escalated:")]


class TestSteps:
    async def test_each_is_taken_once_at_its_moment_though_two_workers_race(self, talk: Scene, hours: Hours) -> None:
        await overdue_now(talk)
        before = RULES.steps[0].after_minutes - 0.1
        await hours.go_on(minutes=before)
        assert (await handoff_of(talk)).step == 0 and await told_higher(talk) == []
        reached = before
        for number, step in enumerate(RULES.steps, 1):
            await hours.go_on(minutes=step.after_minutes - reached)
            reached = step.after_minutes
            assert (await handoff_of(talk)).step == number
            assert len(await told_higher(talk)) == number
        await hours.go_on(hours=24)
        alerts = [payload["reason"] for kind, payload in await talk.staff_story() if kind == "alert"]
        assert alerts == ["handoff_due", *["escalated"] * len(RULES.steps)]
        assert len(await keys(talk.database, "escalate_handoff")) == len(RULES.steps)

    async def test_everybody_hears_of_the_first_and_the_owner_of_the_others(self, talk: Scene, hours: Hours) -> None:
        await overdue_now(talk)
        async with talk.database.transaction() as connection:
            await connection.execute(sa.update(ChatSession).values(channel="sms", phone="+15105550142"))
        await hours.go_on(minutes=LAST + 1)
        wanted = {"everybody": ["dana@hibachi.fun", "olga@hibachi.fun"], "owner": ["olga@hibachi.fun"]}
        assert sorted(to for to, _, _ in await mails(talk.database, "escalation")) == sorted(
            address for step in RULES.steps for address in wanted[step.who]
        )
        assert [key.rpartition(":")[2] == "all" for key in await told_higher(talk)] == [step.who == "everybody" for step in RULES.steps]
        told = [text for _, _, text in await mails(talk.database, "escalation")]
        assert all("https://chat.hibachi.fun/console#/c/" in text for text in told)
        assert all("(510) 555-0142" in text for text in told), "who gave no name goes by the number that they text from"

    async def test_a_claim_ends_it(self, talk: Scene, hours: Hours) -> None:
        handoff = await overdue_now(talk)
        await hours.go_on(minutes=RULES.steps[0].after_minutes)
        await talk.database.unit(lambda c: ownership.claim_handoff(c, handoff, talk.room.staff))
        told, mailed = await told_higher(talk), await mails(talk.database, "escalation")
        await hours.go_on(hours=24)
        assert (await told_higher(talk), await mails(talk.database, "escalation")) == (told, mailed)
        found = await handoff_of(talk)
        assert found.step == 1 and found.claimed_at is not None

    async def test_a_claim_in_the_same_moment_comes_before_or_after_it(self, talk: Scene, hours: Hours) -> None:
        handoff = await overdue_now(talk)
        hours.passed = timedelta(minutes=RULES.steps[0].after_minutes)
        claim = talk.database.unit(lambda c: ownership.claim_handoff(c, handoff, talk.room.staff))
        await asyncio.gather(hours.work(), claim)
        found = await handoff_of(talk)
        assert found.state == "claimed" and found.step == len(await told_higher(talk)) <= 1

    async def test_what_became_severe_goes_the_way_of_the_severe(self, talk: Scene, hours: Hours) -> None:
        await overdue_now(talk, kind="complaint")
        await talk.open(kind="complaint", urgency="severe", summary="Two are ill")
        await hours.go_on(minutes=LAST + 1)
        assert all(":severe:" in key for key in await told_higher(talk))

    async def test_a_wait_that_begins_anew_climbs_anew(self, talk: Scene, hours: Hours) -> None:
        handoff = await overdue_now(talk, kind="complaint")
        await talk.says()
        talk.gives(talk.call(kind="complaint", hand_over=True), "Yes.", None)
        await talk.done()
        await hours.go_on(hours=24)
        assert (await handoff_of(talk)).step == 0, "nobody waits too long again so far"
        async with talk.database.transaction() as connection:
            await connection.execute(sa.update(Handoff).values(due_at=datetime.now(UTC)))
        await talk.database.unit(lambda c: overdue.alert_handoff(c, handoff, talk.room.id, PROFILE, datetime.now(UTC)))
        hours.passed = timedelta()
        await hours.go_on(minutes=LAST + 1)
        assert (await handoff_of(talk)).step == len(RULES.steps)

    async def test_a_profile_without_steps_reminds_once_as_ever(self, talk: Scene) -> None:
        people = PROFILE.people.model_copy(update={"escalation": RULES.model_copy(update={"steps": ()})})
        profile = PROFILE.model_copy(update={"people": people})
        opened = await talk.open(now=datetime.now(UTC) - timedelta(days=2))
        await talk.database.unit(lambda c: overdue.alert_handoff(c, opened.handoff, talk.room.id, profile, datetime.now(UTC)))
        assert await keys(talk.database, "escalate_handoff") == []


class TestTurns:
    """Taking turns goes on while nobody claims."""

    async def test_the_next_one_has_it_when_it_is_overdue_and_who_is_away_is_passed_over(self, talk: Scene) -> None:
        staff = StaffService(talk.database, Passwords())
        made = {name: (await staff.invite(f"{name}@hibachi.fun", name, "agent")).staff_id for name in ("Ben", "Cara")}
        dana = talk.room.staff.id
        await talk.database.unit(lambda c: rotation.change(c, dana, True, 5))
        await talk.database.unit(lambda c: rotation.here(c, [dana, *made.values()]))
        await talk.says()
        talk.gives(talk.call(hand_over=True), "Yes.", None)
        await talk.done()
        first = (await talk.row()).assignee_id
        assert first == dana
        await talk.database.unit(lambda c: rotation.set_away(c, made["Ben"], True))
        async with talk.database.transaction() as connection:
            await connection.execute(sa.update(Handoff).values(due_at=datetime.now(UTC) - timedelta(minutes=1)))
        handoff = (await handoff_of(talk)).id
        await talk.database.unit(lambda c: overdue.alert_handoff(c, handoff, talk.room.id, PROFILE, datetime.now(UTC)))
        assert (await talk.row()).assignee_id == made["Cara"]
        async with talk.database.transaction() as connection:
            told = await connection.scalar(sa.select(Outbox.payload).where(Outbox.key == f"notify_staff:due:{handoff}"))
        assert told is not None and told["staff"] == str(made["Cara"])


class TestTexts:
    """To colleagues' own numbers, proved by a code; where the profile's steps say so."""

    WITH_TEXTS = tuple(number for number, step in enumerate(RULES.steps, 1) if "text" in step.channels)

    @staticmethod
    async def _numbers(talk: Scene, *, proved: bool = True) -> None:
        since = datetime.now(UTC) if proved else None
        async with talk.database.transaction() as connection:
            for name, phone in {"Dana": "+14155557001", "Olga": "+12125557001"}.items():
                await connection.execute(sa.update(Staff).where(Staff.name == name).values(phone=phone, phone_verified_at=since))

    @staticmethod
    async def _texts(talk: Scene) -> list[Any]:
        async with talk.database.transaction() as connection:
            query = sa.select(TextMessage).where(TextMessage.purpose == "staff").order_by(TextMessage.created_at)
            return list((await connection.execute(query)).all())

    async def test_once_for_each_step_though_two_workers_race_and_without_a_word_of_the_customer(self, talk: Scene, hours: Hours) -> None:
        await self._numbers(talk)
        await overdue_now(talk, summary="Two guests of Ana Perez")
        await hours.go_on(minutes=LAST + 1)
        texts = await self._texts(talk)
        assert [text.to_number for text in texts] == ["+12125557001"] * len(self.WITH_TEXTS) and self.WITH_TEXTS
        assert all(text.segments == 1 and "/console#/c/" in text.text and "Ana" not in text.text for text in texts)
        assert {text.state for text in texts} == {"waiting"}

    async def test_to_no_number_that_nobody_proved(self, talk: Scene, hours: Hours) -> None:
        await self._numbers(talk, proved=False)
        await overdue_now(talk)
        await hours.go_on(minutes=LAST + 1)
        assert await self._texts(talk) == []

    async def test_quiet_hours_keep_it_back_but_for_what_is_severe(self, talk: Scene, hours: Hours) -> None:
        await self._numbers(talk)
        now = datetime.now(UTC)
        quiet = QuietHours(0, 24 * 60 - 1, "UTC") if now.hour * 60 + now.minute < 24 * 60 - 90 else QuietHours(60, 59, "UTC")
        async with talk.database.transaction() as connection:
            for staff in (await connection.scalars(sa.select(Staff.id))).all():
                await subscriptions.keep_quiet(connection, staff, quiet)
        await overdue_now(talk, kind="human")
        await hours.go_on(minutes=LAST + 1)
        assert await self._texts(talk) == []
        await talk.open(kind="complaint", urgency="severe", summary="Two are ill")
        await hours.work()
        assert sorted(text.to_number for text in await self._texts(talk)) == ["+12125557001", "+14155557001"]


class TestSevere:
    """At eleven in the evening two guests are ill."""

    @staticmethod
    async def _complained(talk: Scene, now: datetime = NIGHT) -> None:
        words = {"kind": "complaint", "urgency": "severe", "summary": "Two guests are ill", "hand_over": True, "now": now}
        await talk.says("Two of us got sick after the party")
        talk.gives(talk.call(**words), "I am so sorry.", None)
        await talk.done()
        await talk.database.unit(
            lambda c: service.record(c, PROFILE, talk.room.id, severity="severe", summary="Two of us got sick", now=now)
        )

    async def test_everybody_is_called_at_once_and_again_a_few_times(self, talk: Scene, hours: Hours) -> None:
        await self._complained(talk)
        await hours.work()
        assert sorted(to for to, _, _ in await mails(talk.database, "complaint_alert")) == ["olga@hibachi.fun"]
        (first,) = await keys(talk.database, "notify_staff")
        assert first == f"handoff:{(await handoff_of(talk)).id}"
        for number in range(1, RULES.severe.times_at_most + 1):
            await hours.go_on(minutes=RULES.severe.again_minutes)
            assert len(await told_higher(talk)) == number
            assert len(await mails(talk.database, "escalation")) == 2 * number
        await hours.go_on(hours=24)
        assert len(await told_higher(talk)) == RULES.severe.times_at_most

    async def test_until_somebody_claims_it(self, talk: Scene, hours: Hours) -> None:
        await self._complained(talk)
        await hours.go_on(minutes=RULES.severe.again_minutes)
        handoff = (await handoff_of(talk)).id
        await talk.database.unit(lambda c: ownership.claim_handoff(c, handoff, talk.room.staff))
        told = await told_higher(talk)
        await hours.go_on(hours=24)
        assert await told_higher(talk) == told and len(told) == 1

    async def test_what_happened_is_kept(self, talk: Scene) -> None:
        await self._complained(talk)
        async with talk.database.transaction() as connection:
            incident = await connection.scalar(sa.select(Complaint.incident))
        assert (
            incident is not None
            and incident["said"][-1]["text"] == "Two of us got sick after the party"
            and "got sick" in incident["words"]
        )

    @pytest.mark.parametrize(("urgency", "woken"), [("severe", True), ("high", False)])
    async def test_quiet_hours_keep_nothing_severe_back(self, talk: Scene, hours: Hours, urgency: Any, woken: bool) -> None:
        dana: Actor = talk.room.staff
        local = datetime.now(ZoneInfo("UTC"))
        minute = local.hour * 60 + local.minute
        quiet = QuietHours((minute - 60) % 1440, (minute + 60) % 1440, "UTC")
        async with PushService() as pushes:
            device = Device(pushes)
            given = rules.keys(**device.subscription, services=("127.0.0.1",))
            await talk.database.unit(lambda c: subscriptions.save(c, dana.id, "a session", given))
            await talk.database.unit(lambda c: subscriptions.keep_quiet(c, dana.id, quiet))
            await talk.open(kind="complaint", urgency=urgency, summary="Two guests are ill")
            await hours.work()
            sender = Pushes(talk.database, PushSender(), "mailto:olga@hibachi.fun", lambda: datetime.now(UTC))
            await sender.look()
            await sender.idle()
            await sender._closing.close()
            assert bool(pushes.received) is woken
