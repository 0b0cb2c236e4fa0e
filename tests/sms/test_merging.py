"""Two customers who are one: everything passes over, and everything goes back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.bookings import holds
from business.complaints import service as complaints
from business.customers import suggesting, visitors
from business.customers.merging import MOVES, STAYS, family, merge, merges, survivor_of
from business.customers.visitors import Claims, Visitor
from business.leads import service as leads
from business.profile.schemas import Profile
from kernel.database import Database
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.tables.ai import ChatSession
from kernel.tables.base import metadata
from kernel.tables.core import Audit, VisitorToken
from kernel.tables.crm import Consent, Lead
from kernel.tables.ops import Coupon
from tests.bookings.conftest import request
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer
from tests.sms.people import DANA, NOW, SECRET, Town, number, somebody_waits

CUSTOMER = "core.customer.id"


@pytest.fixture(scope="module")
def url(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def town(url: str, profile: Profile) -> AsyncIterator[Town]:
    database = Database(url, application="test", pool_size=8)
    yield await Town.found(database, profile)
    await database.close()


@pytest.fixture(scope="module")
async def dana(town: Town) -> UUID:
    return await town.staff()


async def lives(town: Town, visitor: Visitor, day: date | None = None) -> None:
    """Leaves rows wherever a customer can."""
    conversation = visitor.conversation
    await town.claims(visitor, name="Ana", email=f"{uuid4().hex[:8]}@example.net")
    await town.database.unit(lambda c: leads.save(c, town.profile, conversation, {"adults": 10}, NOW))
    await town.database.unit(lambda c: complaints.record(c, town.profile, conversation, severity="minor", summary="Late", now=NOW))
    if day is not None:
        await town.database.unit(lambda c: holds.hold(c, town.profile, request(conversation, day), NOW))


async def coupon(town: Town, customer: UUID, state: str = "approved") -> UUID:
    id, staff = new_id(), await town.staff()
    row = {"id": id, "code": uuid4().hex, "customer_id": customer, "percent": 10, "cents_at_most": 1000, "reason": "late"}
    await town.run(sa.insert(Coupon).values(**row, state=state, decided_by=staff, expires_at=NOW))
    return id


async def belongings(town: Town, *customers: UUID) -> dict[str, set[tuple[Any, ...]]]:
    """Whose everything is, by table."""
    found = {}
    for name in MOVES:
        table = metadata.tables[name]
        query = sa.select(*table.primary_key.columns, table.c.customer_id).where(table.c.customer_id.in_(customers))
        found[name] = {tuple(row) for row in await town.rows(query)}
    return found


class TestEveryTableIsDecided:
    def test_what_names_a_customer_moves_or_stays(self) -> None:
        soft = {f"{t}.{c.name}" for t, table in metadata.tables.items() for c in table.c if c.info.get("soft_key") == CUSTOMER}
        hard = {
            f"{t}.{c.name}"
            for t, table in metadata.tables.items()
            for c in table.c
            if CUSTOMER in {k.target_fullname for k in c.foreign_keys}
        }
        assert soft | hard == {f"{name}.customer_id" for name in MOVES} | set(STAYS)
        assert len(MOVES) == len(set(MOVES))


class TestJoined:
    async def test_everything_passes_over_and_goes_back(self, town: Town, dana: UUID) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        one, other = await town.customer_of(ana), await town.customer_of(bea)
        await lives(town, ana)
        await lives(town, bea, date(2027, 3, 6))
        await coupon(town, other)
        before = await belongings(town, one, other)
        assert {name for name, rows in before.items() if other in {row[-1] for row in rows}} >= set(MOVES) - {
            "ops.quote", "marketing.campaign_recipient"
        }  # fmt: skip
        joined = await town.merge(one, other)
        assert joined is not None and joined.survivor == one
        after = await belongings(town, one, other)
        assert all(row[-1] == one for rows in after.values() for row in rows)
        assert {n: {r[:-1] for r in rows} for n, rows in after.items()} == {n: {r[:-1] for r in rows} for n, rows in before.items()}
        assert await town.merged_into(other) == one
        await town.part(joined.merge, dana)
        assert await belongings(town, one, other) == before
        assert await town.merged_into(other) is None
        assert await town.told(bea.conversation) == ["merged", "parted"]
        actions = await town.rows(sa.select(Audit.action).where(Audit.subject == str(one)).order_by(Audit.at))
        assert [row.action for row in actions] == ["customer.merge", "customer.part"]

    async def test_done_twice_or_undone_twice_it_is_the_same(self, town: Town, dana: UUID) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        one, other = await town.customer_of(ana), await town.customer_of(bea)
        joined = await town.merge(one, other)
        assert joined is not None
        assert await town.merge(one, other) is None and await town.merge(other, one) is None, "a circle"
        await town.part(joined.merge, dana)
        before = await belongings(town, one, other)
        await town.part(joined.merge, dana)
        assert await belongings(town, one, other) == before

    async def test_what_was_written_since_goes_with_its_conversation(self, town: Town, dana: UUID) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        one, other = await town.customer_of(ana), await town.customer_of(bea)
        joined = await town.merge(one, other)
        assert joined is not None
        await lives(town, bea, date(2027, 3, 13))
        await lives(town, ana, date(2027, 3, 20))
        query = sa.select(Lead.conversation_id, Lead.customer_id).where(Lead.conversation_id.in_((ana.conversation, bea.conversation)))
        assert {row.customer_id for row in await town.rows(query)} == {one}
        await town.part(joined.merge, dana)
        assert {tuple(row) for row in await town.rows(query)} == {(ana.conversation, one), (bea.conversation, other)}

    async def test_of_two_approved_coupons_one_waits(self, town: Town, dana: UUID) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        one, other = await town.customer_of(ana), await town.customer_of(bea)
        mine, theirs, spent = await coupon(town, one), await coupon(town, other), await coupon(town, other, "used")
        joined = await town.merge(one, other)
        assert joined is not None
        whose = {row.id: row.customer_id for row in await town.rows(sa.select(Coupon).where(Coupon.id.in_((mine, theirs, spent))))}
        assert whose == {mine: one, theirs: other, spent: one}
        await town.part(joined.merge, dana)
        assert {row.customer_id for row in await town.rows(sa.select(Coupon).where(Coupon.id.in_((theirs, spent))))} == {other}

    async def test_a_name_fills_a_gap_and_leaves_it_again(self, town: Town, dana: UUID) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        await town.claims(bea, name="Bea")
        one, other = await town.customer_of(ana), await town.customer_of(bea)
        joined = await town.merge(one, other)
        assert joined is not None
        name = sa.text("SELECT name FROM core.customer WHERE id = :id").bindparams(id=one)
        assert (await town.rows(name))[0].name == "Bea"
        await town.part(joined.merge, dana)
        assert (await town.rows(name))[0].name is None

    async def test_nobody_of_that_name(self, town: Town, dana: UUID) -> None:
        ana = await town.visitor()
        with pytest.raises(NotFound):
            await town.merge(await town.customer_of(ana), new_id())
        with pytest.raises(NotFound):
            await town.part(new_id(), dana)


class TestChains:
    async def three(self, town: Town) -> tuple[list[Visitor], list[UUID]]:
        people = [await town.visitor() for _ in range(3)]
        return people, [await town.customer_of(one) for one in people]

    async def test_who_is_joined_to_somebody_who_was_joined(self, town: Town) -> None:
        people, (a, b, c) = await self.three(town)
        await town.merge(b, c)
        await town.merge(a, b)
        assert [await town.customer_of(one) for one in people] == [a, a, a]
        async with town.database.transaction() as connection:
            assert await survivor_of(connection, c) == a
            assert set(await family(connection, a)) == {a, b, c}
            assert {one.loser for one in await merges(connection, a)} == {b, c}

    async def test_the_joined_are_taken_for_whom_they_were_joined_to(self, town: Town) -> None:
        people, (a, b, c) = await self.three(town)
        await town.merge(a, b)
        await town.merge(b, c)
        assert [await town.customer_of(one) for one in people] == [a, a, a]

    @pytest.mark.parametrize("first", ["inner", "outer"])
    async def test_parted_in_either_order_each_has_their_own(self, town: Town, dana: UUID, first: str) -> None:
        people, (a, b, c) = await self.three(town)
        before = await belongings(town, a, b, c)
        inner, outer = await town.merge(b, c), await town.merge(a, b)
        assert inner is not None and outer is not None
        order = [inner, outer] if first == "inner" else [outer, inner]
        for joined in order:
            await town.part(joined.merge, dana)
        assert [await town.customer_of(one) for one in people] == [a, b, c]
        assert await belongings(town, a, b, c) == before


class TestAtTheSameMoment:
    async def test_both_ways_round_it_is_one_merge(self, town: Town) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        one, other = await town.customer_of(ana), await town.customer_of(bea)
        found = await asyncio.gather(town.merge(one, other), town.merge(other, one), town.merge(one, other))
        assert sum(joined is not None for joined in found) == 1
        assert len(await town.merges(one)) + len(await town.merges(other)) == 1
        assert await town.customer_of(ana) == await town.customer_of(bea)

    async def test_parted_while_the_survivor_is_joined_to_another(self, town: Town, dana: UUID) -> None:
        people = [await town.visitor() for _ in range(3)]
        a, b, c = [await town.customer_of(one) for one in people]
        joined = await town.merge(b, c)
        assert joined is not None
        async with town.database.transaction() as connection:
            await merge(connection, a, b, "staff", by=DANA)
            parting = asyncio.create_task(town.part(joined.merge, dana))
            await somebody_waits(town.database)
        await parting
        assert [await town.customer_of(one) for one in people] == [a, a, c]

    async def test_messages_that_come_in_meanwhile_are_the_survivor_s(self, town: Town) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        one, other = await town.customer_of(ana), await town.customer_of(bea)
        writes = [town.database.unit(lambda c: leads.save(c, town.profile, bea.conversation, {"adults": 5}, NOW)) for _ in range(4)]
        says = [town.say(bea, f"more {n}") for n in range(2)]
        await asyncio.gather(*writes[:2], town.merge(one, other), *writes[2:], *says)
        assert await town.customer_of(bea) == one
        rows = await town.rows(sa.select(Lead.customer_id).where(Lead.conversation_id == bea.conversation))
        assert {row.customer_id for row in rows} == {one}

    async def test_a_conversation_that_begins_meanwhile_is_the_survivor_s(self, town: Town) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        one, other = await town.customer_of(ana), await town.customer_of(bea)
        late = [visitors.mint(SECRET, town.site.id, town.site.key, NOW, customer=other) for _ in range(4)]
        await asyncio.gather(*(town.say(each, "hello") for each in late[:3]), town.merge(one, other))
        await town.say(late[3], "a token of before, a message of after")
        owners = sa.select(ChatSession.customer_id).where(ChatSession.id.in_([each.conversation for each in late]))
        tokens = sa.select(VisitorToken.customer_id).where(VisitorToken.conversation_id.in_([each.conversation for each in late]))
        assert {row.customer_id for row in [*await town.rows(owners), *await town.rows(tokens)]} == {one}


class TestByProof:
    async def test_the_same_number_joins(self, town: Town) -> None:
        phone = number()
        ana, again = await town.visitor(), await town.visitor()
        await town.proved(ana, phone)
        first, second = await town.customer_of(ana), await town.customer_of(again)
        await town.proved(again, phone)
        assert await town.customer_of(again) == first
        (merge,) = await town.merges(second)
        assert (merge.reason, merge.staff_id, merge.survivor_id) == ("phone_code", None, first)
        entries = await town.rows(sa.select(Consent.customer_id).where(Consent.address == phone))
        assert {row.customer_id for row in entries} == {first}

    async def test_who_was_parted_by_people_is_not_joined_by_itself_again(self, town: Town, dana: UUID) -> None:
        phone = number()
        ana, again = await town.visitor(), await town.visitor()
        await town.proved(ana, phone)
        first, second = await town.customer_of(ana), await town.customer_of(again)
        await town.proved(again, phone)
        await town.part((await town.merges(second))[0].id, dana)
        row = await town.conversation(again)
        assert (row.customer_id, row.phone) == (second, None), "the number is the other's"
        await town.proved(again, phone, now=NOW)
        assert await town.customer_of(again) == second
        assert len(await town.merges(second)) == 1
        assert ("phone", phone, True) in await town.identities(first)

    async def test_two_accounts_of_one_site_are_two_people(self, town: Town) -> None:
        phone = number()
        ana = await town.visitor(subject=f"a-{phone}")
        bea = await town.visitor(subject=f"b-{phone}")
        await town.proved(ana, phone)
        await town.proved(bea, phone)
        one, other = await town.customer_of(ana), await town.customer_of(bea)
        assert one != other
        (row,) = await town.suggested(one, other)
        assert (row.state, row.why) == ("open", ["phone"])

    async def test_an_address_that_a_site_vouches_for_joins(self, town: Town) -> None:
        email = f"{uuid4().hex[:8]}@example.net"
        ana = await town.visitor(subject=uuid4().hex, email=email)
        phone = number()
        bea = await town.visitor()
        await town.proved(bea, phone)
        whole = await town.visitor(subject=uuid4().hex, phone=phone)
        assert await town.customer_of(bea) == await town.customer_of(whole)
        assert await town.customer_of(ana) != await town.customer_of(whole)

    async def test_the_anonymous_who_sign_in_bring_everything_along(self, town: Town) -> None:
        subject = uuid4().hex
        known = await town.visitor(subject=subject)
        ana = await town.visitor()
        await lives(town, ana)
        claims = Claims(subject)

        async def sign_in(connection: Any) -> Visitor:
            found = await visitors.recognise(connection, SECRET, ana.token, town.site.id, town.site.key, NOW)
            return await visitors.identify(connection, SECRET, found, claims, town.site.id, town.site.key, NOW)

        signed = await town.database.unit(sign_in)
        assert (signed.conversation, signed.customer) == (ana.conversation, await town.customer_of(known))
        rows = await town.rows(sa.select(Lead.customer_id).where(Lead.conversation_id == ana.conversation))
        assert rows[0].customer_id == signed.customer

    async def test_who_signs_in_where_another_proved_a_number_begins_anew(self, town: Town) -> None:
        ana = await town.visitor()
        await town.proved(ana, number())
        claims = Claims(uuid4().hex)

        async def sign_in(connection: Any) -> Visitor:
            found = await visitors.recognise(connection, SECRET, ana.token, town.site.id, town.site.key, NOW)
            return await visitors.identify(connection, SECRET, found, claims, town.site.id, town.site.key, NOW)

        signed = await town.database.unit(sign_in)
        assert signed.conversation != ana.conversation and signed.customer != await town.customer_of(ana)


class TestSuggested:
    async def test_a_typed_address_joins_nobody(self, town: Town) -> None:
        email = f"{uuid4().hex[:8]}@example.net"
        ana, bea = await town.visitor(), await town.visitor()
        one, other = await town.customer_of(ana), await town.customer_of(bea)
        await town.claims(ana, name="Ana", email=email)
        await town.claims(bea, name="ANA", email=email)
        (row,) = await town.suggested(one, other)
        assert (row.state, row.why) == ("open", ["email", "name"])
        assert await town.customer_of(bea) == other
        async with town.database.transaction() as connection:
            (seen,) = await suggesting.suggestions(connection, one)
        assert (seen.customer, seen.conversation) == (other, bea.conversation)

    async def test_a_name_alone_suggests_nothing(self, town: Town) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        for one in (ana, bea):
            await town.claims(one, name="Ana Perez")
        assert not await town.suggested(await town.customer_of(ana), await town.customer_of(bea))

    async def test_what_everybody_types_suggests_nothing_more(self, town: Town) -> None:
        email = f"{uuid4().hex[:8]}@example.net"
        crowd = [await town.visitor() for _ in range(suggesting.AT_MOST + 2)]
        for one in crowd:
            await town.claims(one, email=email)
        last = await town.customer_of(crowd[-1])
        rows = await town.suggested(last, *[await town.customer_of(one) for one in crowd[:-1]])
        assert rows and not [row for row in rows if last in (row.one_id, row.other_id)]

    async def test_somebody_says_that_they_are_one(self, town: Town, dana: UUID) -> None:
        phone = number()
        ana, bea = await town.visitor(), await town.visitor()
        for one in (ana, bea):
            await town.claims(one, phone=phone)
        customers = [await town.customer_of(ana), await town.customer_of(bea)]
        (row,) = await town.suggested(*customers)
        for _ in range(2):
            await town.database.unit(lambda c: suggesting.accept(c, row.id, dana, DANA))
        assert await town.customer_of(bea) == customers[0], "the elder stays"
        assert (await town.suggested(*customers))[0].state == "merged"

    async def test_somebody_says_that_they_are_two(self, town: Town, dana: UUID) -> None:
        phone = number()
        ana, bea = await town.visitor(), await town.visitor()
        for one in (ana, bea):
            await town.claims(one, phone=phone)
        customers = [await town.customer_of(ana), await town.customer_of(bea)]
        (row,) = await town.suggested(*customers)
        await town.database.unit(lambda c: suggesting.dismiss(c, row.id, dana))
        async with town.database.transaction() as connection:
            await suggesting.suggest(connection, customers[0], customers[1], "email")
        assert (await town.suggested(*customers))[0].state == "dismissed"
        await town.proved(ana, phone)
        await town.proved(bea, phone)
        assert await town.customer_of(bea) == customers[1]
