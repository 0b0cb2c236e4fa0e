"""Coupons: only a person approves one, within the profile, one that is good per customer, with a code that nobody guesses."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from business.coupons import rules, service
from business.handoffs.ownership import Actor
from kernel.clock import utc_now
from kernel.errors import BadRequest, Conflict, GatewayError, NotFound
from kernel.ids import new_id
from kernel.tables.core import Audit
from kernel.tables.ops import Coupon
from tests.complaints.conftest import PROFILE, Desk

TERMS = PROFILE.reviews.coupon


async def propose(desk: Desk, complaint: UUID, percent: int = TERMS.percent_at_most, cents: int = TERMS.cents_at_most) -> UUID:
    return await desk.database.unit(
        lambda c: service.propose(c, PROFILE, complaint, desk.dana, percent=percent, cents=cents, reason="The food was cold")
    )


async def decide(desk: Desk, coupon: UUID, approve: bool = True, by: Actor | None = None, now: datetime | None = None) -> Any:
    return await desk.database.unit(lambda c: service.decide(c, PROFILE, coupon, by or desk.olga, approve, now or utc_now()))


class TestWorth:
    @pytest.mark.parametrize("percent", [0, -1, TERMS.percent_at_most + 1, 100])
    def test_a_share_beyond_the_profile_is_refused(self, percent: int) -> None:
        with pytest.raises(BadRequest, match=f"1 to {TERMS.percent_at_most} percent"):
            rules.worth(TERMS, percent, 1)

    @pytest.mark.parametrize("cents", [0, -5, TERMS.cents_at_most + 1])
    def test_an_amount_beyond_the_profile_is_refused(self, cents: int) -> None:
        with pytest.raises(BadRequest, match=r"at most \$"):
            rules.worth(TERMS, 1, cents)

    @pytest.mark.parametrize(
        ("percent", "most", "total", "off"),
        [(10, 10_000, 59_000, 5_900), (10, 10_000, 150_000, 10_000), (10, 10_000, 0, 0), (10, 10_000, 5, 1), (100, 10_000, 40, 40)],
    )
    def test_takes_off_the_lesser_of_both(self, percent: int, most: int, total: int, off: int) -> None:
        assert rules.off(percent, most, total) == off

    @pytest.mark.parametrize(
        ("now", "until"),
        [
            (datetime(2026, 8, 31, 20, tzinfo=UTC), datetime(2027, 2, 28, 20, tzinfo=UTC)),
            (datetime(2027, 8, 31, 20, tzinfo=UTC), datetime(2028, 2, 29, 20, tzinfo=UTC)),
            (datetime(2026, 6, 15, 20, tzinfo=UTC), datetime(2026, 12, 15, 20, tzinfo=UTC)),
            (datetime(2026, 7, 1, 20, tzinfo=UTC), datetime(2027, 1, 1, 20, tzinfo=UTC)),
        ],
    )
    def test_is_good_for_the_profiles_months(self, now: datetime, until: datetime) -> None:
        assert TERMS.months == 6 and rules.expires(TERMS, now) == until

    def test_codes_are_read_aloud_and_are_never_the_same(self) -> None:
        made = {rules.code() for _ in range(2_000)}
        assert len(made) == 2_000 and not set("".join(made)) & set("01OIL")


class TestDeciding:
    async def test_nothing_counts_before_a_person_said_so(self, desk: Desk) -> None:
        complaint = (await desk.complain(await desk.customer())).id
        coupon = await propose(desk, complaint)
        async with desk.database.transaction() as connection:
            assert await service.approved_for(connection, complaint, utc_now()) is None
        await decide(desk, coupon)
        async with desk.database.transaction() as connection:
            approved = await service.approved_for(connection, complaint, utc_now())
        assert approved is not None
        assert (approved.id, approved.decided_by, approved.state) == (coupon, desk.olga.id, "approved")
        assert approved.expires_at > utc_now() + timedelta(days=150)

    async def test_the_database_knows_no_approval_without_a_person(self, desk: Desk) -> None:
        coupon = await propose(desk, (await desk.complain(await desk.customer())).id)
        with pytest.raises(IntegrityError, match="approved_by_a_person"):
            async with desk.database.transaction() as connection:
                await connection.execute(sa.update(Coupon).where(Coupon.id == coupon).values(state="approved"))

    async def test_the_same_decision_again_is_the_same_and_another_is_refused(self, desk: Desk) -> None:
        coupon = await propose(desk, (await desk.complain(await desk.customer())).id)
        first = await decide(desk, coupon, by=desk.olga)
        again = await decide(desk, coupon, by=desk.dana)
        assert (again.decided_by, again.expires_at) == (first.decided_by, first.expires_at)
        with pytest.raises(Conflict, match="approved already"):
            await decide(desk, coupon, approve=False)

    async def test_one_that_was_rejected_stays_so_and_makes_room_for_another(self, desk: Desk) -> None:
        complaint = (await desk.complain(await desk.customer())).id
        coupon = await propose(desk, complaint)
        with pytest.raises(Conflict, match="proposed for this complaint already"):
            await propose(desk, complaint)
        await decide(desk, coupon, approve=False)
        with pytest.raises(Conflict, match="rejected already"):
            await decide(desk, coupon)
        await decide(desk, await propose(desk, complaint, 5))
        assert [row.state for row in await desk.coupons()] == ["rejected", "approved"]

    async def test_a_second_good_one_is_refused_until_the_first_is_over(self, desk: Desk) -> None:
        complaint = (await desk.complain(await desk.customer())).id
        await decide(desk, await propose(desk, complaint))
        second = await propose(desk, complaint)
        with pytest.raises(Conflict, match="good still"):
            await decide(desk, second)
        await decide(desk, second, now=utc_now() + timedelta(days=31 * TERMS.months))
        assert [row.state for row in await desk.coupons()] == ["expired", "approved"]

    async def test_each_step_is_in_the_audit_trail_without_its_code(self, desk: Desk) -> None:
        coupon = await propose(desk, (await desk.complain(await desk.customer())).id)
        await decide(desk, coupon)
        async with desk.database.transaction() as connection:
            rows = (
                await connection.execute(sa.select(Audit.action, Audit.actor_id, Audit.details).where(Audit.subject == str(coupon)))
            ).all()
        assert {(row.action, row.actor_id) for row in rows} == {
            ("coupon.proposed", str(desk.dana.id)),
            ("coupon.approved", str(desk.olga.id)),
        }
        (kept,) = await desk.coupons()
        assert kept.code not in str([row.details for row in rows])

    async def test_unknown_ones(self, desk: Desk) -> None:
        with pytest.raises(NotFound):
            await decide(desk, new_id())
        with pytest.raises(NotFound):
            await propose(desk, new_id())


class TestRaces:
    async def test_twenty_approvals_for_one_customer_make_one(self, desk: Desk) -> None:
        """Twenty complaints of one customer, each with a coupon that waits, all approved at once."""
        conversation = await desk.customer()
        customer = await desk.customers.customer_of(conversation)
        complaint = (await desk.complain(conversation)).id
        coupons = [new_id() for _ in range(20)]
        async with desk.database.transaction() as connection:
            values = {"customer_id": customer, "complaint_id": complaint, "percent": 5, "cents_at_most": 100, "reason": "Race"}
            await connection.execute(sa.insert(Coupon), [{"id": one, "code": rules.code(), **values} for one in coupons])
        ended = await asyncio.gather(*(decide(desk, one) for one in coupons), return_exceptions=True)
        refused = [one for one in ended if isinstance(one, BaseException)]
        assert len(refused) == 19 and all(isinstance(one, GatewayError) for one in refused), refused
        assert [row.state for row in await desk.coupons()].count("approved") == 1

    async def test_the_same_one_approved_twenty_times_is_one(self, desk: Desk) -> None:
        coupon = await propose(desk, (await desk.complain(await desk.customer())).id)
        ended = await asyncio.gather(*(decide(desk, coupon) for _ in range(20)))
        assert len({row.expires_at for row in ended}) == 1 and [row.state for row in await desk.coupons()] == ["approved"]
