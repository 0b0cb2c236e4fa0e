"""The world itself: what is due by the clock happens at its minute, whoever else does what meanwhile."""

from datetime import timedelta

import sqlalchemy as sa

from business.bookings import holds
from business.bookings.requests import Held, HoldRequest
from business.pricing.rules import Party
from kernel.tables.ai import ChatEvent, ChatSession
from kernel.tables.ops import Booking, Handoff, Notification
from tests.simulation.conftest import MONDAY_NOON
from tests.simulation.install import Install


class TestWorld:
    async def test_a_hold_is_over_at_its_minute(self, install: Install) -> None:
        world, profile = install.world, install.profile
        customer = install.host.customer()
        await customer.say("hi")
        day = (MONDAY_NOON + timedelta(days=20)).date()
        request = HoldRequest(customer.conversation, day, profile.slots.times[0], Party(10), "12 Oak Street, San Jose, CA 95112")
        held = await install.database.unit(lambda c: holds.hold(c, profile, request, MONDAY_NOON))
        assert isinstance(held, Held) and held.booking.hold_until is not None
        over = MONDAY_NOON + timedelta(minutes=profile.booking.hold_minutes)
        assert held.booking.hold_until - over < timedelta(seconds=1)
        await world.live(over)
        assert await _states(install) == ["held"]
        await world.live(over + timedelta(seconds=1))
        assert await _states(install) == ["expired"]
        async with install.database.transaction() as connection:
            query = sa.select(ChatEvent.payload, ChatEvent.at).where(ChatEvent.kind == "card").order_by(ChatEvent.seq.desc()).limit(1)
            told = (await connection.execute(query)).one()
        assert told.payload["card"]["state"] == "expired" and timedelta(0) <= told.at - over < timedelta(seconds=1)

    async def test_staff_hear_of_a_handoff_that_nobody_claims(self, install: Install) -> None:
        customer = install.host.customer()
        await customer.say("I want to talk to a person, please")
        await install.world.live(MONDAY_NOON + timedelta(hours=3))
        async with install.database.transaction() as connection:
            (handoff,) = (await connection.execute(sa.select(Handoff))).all()
            kinds = list(await connection.scalars(sa.select(Notification.kind)))
            in_short = await connection.scalar(sa.select(ChatSession.summary))
        assert in_short, "whoever takes over reads what was said"
        assert handoff.alerted_at is not None and "handoff_due" in kinds

    async def test_people_do_things_in_the_order_of_their_moments(self, install: Install) -> None:
        done: list[tuple[str, timedelta]] = []

        def deed(name: str) -> None:
            async def do() -> None:
                done.append((name, install.world.time.at - MONDAY_NOON))

            install.world.plan(MONDAY_NOON + timedelta(minutes={"late": 90, "soon": 5, "never": 600}[name]), do)

        for name in ("late", "never", "soon"):
            deed(name)
        await install.world.live(MONDAY_NOON + timedelta(hours=2))
        assert done == [("soon", timedelta(minutes=5)), ("late", timedelta(minutes=90))]


async def _states(install: Install) -> list[str]:
    async with install.database.transaction() as connection:
        return list(await connection.scalars(sa.select(Booking.status)))
