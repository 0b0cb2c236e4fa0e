"""A complaint from the moment it is heard until it is settled: topic, who is told, who looks after it again, what the customer reads."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from business.complaints import follow_ups, rules, settling
from business.coupons import service as coupons
from business.handoffs import records
from business.handoffs.opening import open_for
from kernel.bus import Bus
from kernel.clock import utc_now
from kernel.errors import Conflict, NotFound
from kernel.ids import new_id
from kernel.tables.ai import StaffEvent
from kernel.tables.ops import Complaint, FollowUp
from tests.complaints.conftest import ANA, PROFILE, Desk
from tests.handoffs.hours import LINKS, Hours, keys, mails


async def resolve(desk: Desk, complaint: UUID, what: str = "We cook for them again.", tell: bool = True) -> Any:
    return await desk.database.unit(lambda c: settling.resolve(c, PROFILE, LINKS, complaint, desk.olga, what, tell=tell, now=utc_now()))


async def reopen(desk: Desk, complaint: UUID) -> Any:
    return await desk.database.unit(lambda c: settling.reopen(c, complaint, desk.olga))


async def notes(desk: Desk, conversation: UUID) -> list[str]:
    async with desk.database.transaction() as connection:
        query = sa.select(StaffEvent.payload).where(StaffEvent.conversation_id == conversation, StaffEvent.kind == "note")
        return [payload["text"] for payload in await connection.scalars(query.order_by(StaffEvent.staff_seq))]


def planned(severity: Any) -> list[str]:
    return [rule.what for rule in rules.terms(PROFILE, severity).follow_ups]


class TestTopic:
    @pytest.mark.parametrize(
        ("text", "topic"),
        [
            ("The chef was an hour late", "lateness"),
            ("Llegaron tarde", "lateness"),
            ("The chef never came", "no_show"),
            ("the shrimp was raw and cold", "food"),
            ("La comida estaba fría", "food"),
            ("He was rude to my mother", "conduct"),
            ("Two of us got sick, and it was cold", "sickness"),
            ("nos enfermamos", "sickness"),
            ("You overcharged me", "price"),
            ("My curtain caught fire", "safety"),
            ("I am unhappy", "other"),
            ("", "other"),
        ],
    )
    def test_by_the_profiles_words_the_gravest_first(self, text: str, topic: str) -> None:
        assert rules.topic(PROFILE, text) == topic

    async def test_grows_graver_with_what_is_said(self, desk: Desk) -> None:
        conversation = await desk.customer()
        id = (await desk.complain(conversation, summary="An hour late")).id
        assert (await desk.complaint(id)).topic == "lateness"
        await desk.complain(conversation, summary="and now my son is sick")
        assert (await desk.complaint(id)).topic == "sickness"
        await desk.complain(conversation, summary="the sauce was missing too")
        assert (await desk.complaint(id)).topic == "sickness"


class TestTold:
    async def test_of_a_severe_one_the_owner_and_the_customer_once(self, desk: Desk, bus: Bus) -> None:
        conversation = await desk.customer()
        await desk.complain(conversation, "severe", "Two of us got sick")
        await desk.complain(conversation, "severe", "and a third one")
        await Hours(desk.database, bus, PROFILE).work()
        ((to, _, text),) = await mails(desk.database, "complaint_received")
        assert to == ANA and "Two of us got sick" in text
        ((to, _, text),) = await mails(desk.database, "complaint_alert")
        assert to == desk_address("olga") and "/console#/complaints/" in text and "$" not in text

    async def test_of_a_minor_one_nobody_is_woken(self, desk: Desk, bus: Bus) -> None:
        await desk.complain(await desk.customer(), "minor", "A sauce was missing")
        await Hours(desk.database, bus, PROFILE).work()
        assert await mails(desk.database, "complaint_alert") == await mails(desk.database, "complaint_received") == []

    async def test_again_where_it_grew_worse(self, desk: Desk, bus: Bus) -> None:
        conversation = await desk.customer()
        await desk.complain(conversation, "moderate", "The chef was rude")
        await desk.complain(conversation, "severe", "and we got sick")
        await Hours(desk.database, bus, PROFILE).work()
        assert len(await mails(desk.database, "complaint_received")) == 1, "the customer was answered already"
        assert len(await mails(desk.database, "complaint_alert")) == 2

    async def test_without_an_address_staff_hear_of_it_all_the_same(self, desk: Desk, bus: Bus) -> None:
        await desk.complain(await desk.customer(None), "severe", "We got sick")
        await Hours(desk.database, bus, PROFILE).work()
        assert await mails(desk.database, "complaint_received") == [] and len(await mails(desk.database, "complaint_alert")) == 1


def desk_address(name: str) -> str:
    return f"{name}@hibachi.fun"


class TestFollowedUp:
    async def test_as_often_as_the_profile_says_and_more_where_it_grows_worse(self, desk: Desk) -> None:
        conversation = await desk.customer()
        await desk.complain(conversation, "moderate", "The chef was rude")
        assert [row.what for row in await desk.rows(FollowUp)] == planned("moderate")
        await desk.complain(conversation, "severe", "and we got sick")
        assert {row.what for row in await desk.rows(FollowUp)} == {*planned("moderate"), *planned("severe")}

    async def test_staff_are_reminded_once_at_its_time(self, desk: Desk, bus: Bus) -> None:
        conversation = await desk.customer()
        await desk.complain(conversation, "severe", "We got sick")
        hours = Hours(desk.database, bus, PROFILE, workers=3)
        first = rules.terms(PROFILE, "severe").follow_ups[0]
        await hours.go_on(hours=first.after_hours - 0.1)
        assert not any(first.what in note for note in await notes(desk, conversation))
        await hours.go_on(hours=0.2)
        assert [note for note in await notes(desk, conversation) if first.what in note] == [
            f"Time to follow up on the complaint: {first.what}"
        ]
        await hours.go_on(days=60)
        assert len(await notes(desk, conversation)) == len(planned("severe"))
        assert len([key for key in await keys(desk.database, "notify_staff") if "follow_up" in key]) == len(planned("severe"))

    async def test_not_of_what_was_done_or_is_settled(self, desk: Desk, bus: Bus) -> None:
        done, settled = await desk.customer(), await desk.customer()
        await desk.complain(done, "severe", "We got sick")
        for row in await desk.rows(FollowUp):
            await desk.database.unit(lambda c, id=row.id: follow_ups.done(c, id, desk.dana.id))  # type: ignore[misc]
        await resolve(desk, (await desk.complain(settled, "severe", "We got sick")).id)
        before = await notes(desk, done), await notes(desk, settled)
        await Hours(desk.database, bus, PROFILE).go_on(days=60)
        assert (await notes(desk, done), await notes(desk, settled)) == before

    async def test_one_more_by_a_person(self, desk: Desk, bus: Bus) -> None:
        conversation = await desk.customer()
        complaint = (await desk.complain(conversation)).id
        at, now = utc_now() + timedelta(hours=2), utc_now()
        await desk.database.unit(lambda c: follow_ups.add(c, complaint, desk.dana.id, "Ask for the address", at, now))
        await Hours(desk.database, bus, PROFILE).go_on(hours=3)
        assert "Time to follow up on the complaint: Ask for the address" in await notes(desk, conversation)

    async def test_none_in_the_past_none_of_what_is_settled_none_of_nothing(self, desk: Desk) -> None:
        complaint, now = (await desk.complain(await desk.customer())).id, utc_now()

        async def add(id: UUID, at: Any) -> None:
            await desk.database.unit(lambda c: follow_ups.add(c, id, desk.dana.id, "Call", at, now))

        with pytest.raises(Conflict, match="moment is over"):
            await add(complaint, now)
        with pytest.raises(NotFound):
            await add(new_id(), now + timedelta(hours=1))
        await resolve(desk, complaint)
        with pytest.raises(Conflict, match="Reopen it"):
            await add(complaint, now + timedelta(hours=1))


class TestSettled:
    async def test_the_customer_reads_what_was_done_with_the_coupon(self, desk: Desk) -> None:
        conversation = await desk.customer()
        complaint = (await desk.complain(conversation)).id
        limits = PROFILE.reviews.coupon
        coupon = await desk.database.unit(
            lambda c: coupons.propose(
                c, PROFILE, complaint, desk.dana, percent=limits.percent_at_most, cents=limits.cents_at_most, reason="Rude"
            )
        )
        row = await desk.database.unit(lambda c: coupons.decide(c, PROFILE, coupon, desk.olga, True, utc_now()))
        await resolve(desk, complaint, "We talked with the chef.")
        ((to, state, text),) = await mails(desk.database, "complaint_resolved")
        assert (to, state) == (ANA, "waiting") and "We talked with the chef." in text and row.code in text
        assert "Complaint settled: We talked with the chef." in await notes(desk, conversation)

    async def test_one_that_nobody_approved_is_not_in_it(self, desk: Desk) -> None:
        complaint = (await desk.complain(await desk.customer())).id
        await desk.database.unit(lambda c: coupons.propose(c, PROFILE, complaint, desk.dana, percent=5, cents=100, reason="Rude"))
        await resolve(desk, complaint)
        ((_, _, text),) = await mails(desk.database, "complaint_resolved")
        (proposed,) = await desk.coupons()
        assert proposed.code not in text and "%" not in text

    async def test_twice_is_once_and_other_words_are_refused(self, desk: Desk) -> None:
        complaint = (await desk.complain(await desk.customer())).id
        for _ in range(2):
            await resolve(desk, complaint, "Done.")
        assert len(await mails(desk.database, "complaint_resolved")) == 1
        with pytest.raises(Conflict, match="settled meanwhile"):
            await resolve(desk, complaint, "Something else.")

    async def test_quietly(self, desk: Desk) -> None:
        await resolve(desk, (await desk.complain(await desk.customer())).id, tell=False)
        assert await mails(desk.database, "complaint_resolved") == []

    async def test_its_handoff_is_settled_too(self, desk: Desk) -> None:
        conversation = await desk.customer()
        complaint = (await desk.complain(conversation)).id
        call = {"kind": "complaint", "urgency": "high", "summary": "Rude", "facts": {}, "profile": PROFILE, "now": utc_now()}
        await desk.database.unit(lambda c: open_for(c, conversation, turn=None, **call))  # type: ignore[arg-type]
        await resolve(desk, complaint)
        async with desk.database.transaction() as connection:
            assert await records.unsettled(connection, conversation, "complaint") is None

    async def test_opened_again_and_settled_again_the_customer_reads_both(self, desk: Desk) -> None:
        complaint = (await desk.complain(await desk.customer())).id
        await resolve(desk, complaint, "Done.")
        await reopen(desk, complaint)
        row = await desk.complaint(complaint)
        assert (row.state, row.resolved_at, row.resolved_by) == ("open", None, None)
        await resolve(desk, complaint, "Done again.")
        assert len(await mails(desk.database, "complaint_resolved")) == 2

    async def test_not_opened_again_beside_a_newer_one(self, desk: Desk) -> None:
        conversation = await desk.customer()
        old = (await desk.complain(conversation)).id
        await resolve(desk, old)
        await desk.complain(conversation, summary="Late as well")
        with pytest.raises(Conflict, match="complained again"):
            await reopen(desk, old)
        assert [row.state for row in await desk.rows(Complaint)] == ["resolved", "open"]

    async def test_unknown_ones(self, desk: Desk) -> None:
        with pytest.raises(NotFound):
            await resolve(desk, new_id())
        with pytest.raises(NotFound):
            await reopen(desk, new_id())
