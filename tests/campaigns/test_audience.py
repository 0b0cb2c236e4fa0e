"""Filters as SQL against the same said in Python over the same customers; who gets nothing, and why."""

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.campaigns import audience
from business.campaigns.conditions import Asked
from business.campaigns.filters import parsed
from business.channels import consent
from business.profile.loader import load_profile
from kernel.database import Database
from kernel.errors import BadRequest
from kernel.ids import new_id
from kernel.tables.ai import ChatMessage, ChatSession
from kernel.tables.core import Customer, Identity
from kernel.tables.crm import Lead
from kernel.tables.ops import TextMessage, TextNumber
from tests.campaigns.crowd import party

PROFILE = load_profile()
NOW = datetime.now(UTC)
ASKED = Asked(PROFILE, NOW)
COUNTRIES = ("US", "CA")
AREAS = {"510": "America/Los_Angeles", "602": "America/Phoenix", "212": "America/New_York"}
CITIES = {"12 Oak Street, San Jose, CA 95112": (35, "CA"), "5 Pine Road, Reno, NV 89501": (200, "NV"), "8 Elm, Fremont CA 94539": (0, "CA")}


@dataclass
class Guest:
    """One customer, as the tests know them. `parties`: (days ago, guests, cents, address)."""

    id: UUID
    number: str
    locale: str | None
    parties: list[tuple[int, int, int, str]] = field(default_factory=list)
    lead: dict[str, Any] | None = None
    wrote_days_ago: int | None = None


def guest(rng: random.Random, n: int) -> Guest:
    one = Guest(new_id(), f"+1{rng.choice(list(AREAS))}{4000000 + n}", rng.choice(["en", "es-MX", None]))
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        one.parties.append((rng.choice([-20, 5, 100, 400]), rng.choice([8, 15, 40]), rng.choice([55000, 90000]), rng.choice(list(CITIES))))
    if rng.random() < 0.5:
        facts = {"adults": rng.choice([6, 25]), "place": rng.choice([*CITIES, "Reno"])}
        one.lead = {"score": rng.choice([10, 50, 90]), "status": rng.choice(["new", "working"]), "source": "chat", "facts": facts}
    one.wrote_days_ago = rng.choice([None, 1, 60])
    return one


async def put(connection: Any, one: Guest) -> None:
    await connection.execute(sa.insert(Customer).values(id=one.id, locale=one.locale, name="Guest"))
    phone = {"id": new_id(), "customer_id": one.id, "kind": "phone", "scope": "", "value": one.number, "verified": True}
    await connection.execute(sa.insert(Identity).values(**phone))
    chat = new_id()
    await connection.execute(
        sa.insert(ChatSession).values(id=chat, history="h", site_id=uuid4(), customer_id=one.id, channel="web", locale=one.locale)
    )
    if one.wrote_days_ago is not None:
        said = {
            "id": new_id(),
            "conversation_id": chat,
            "seq": 1,
            "client_id": str(uuid4()),
            "payload_hash": "h",
            "author_kind": "customer",
        }
        at = NOW - timedelta(days=one.wrote_days_ago)
        await connection.execute(sa.insert(ChatMessage).values(**said, author_name="Guest", text="hi", format="plain", created_at=at))
    if one.lead is not None:
        await connection.execute(sa.insert(Lead).values(id=new_id(), customer_id=one.id, conversation_id=chat, **one.lead))
    for ago, guests, cents, address in one.parties:
        at = NOW - timedelta(days=ago)
        status = "completed" if ago > 0 else "confirmed"
        await party(connection, one.id, at, status=status, guests=guests, cents=cents, address=address)


@pytest.fixture
async def guests(database: Database) -> AsyncIterator[list[Guest]]:
    """Forty, all of whom agreed to marketing."""
    rng = random.Random(3)
    made = [guest(rng, n) for n in range(40)]
    async with database.transaction() as connection:
        for one in made:
            await put(connection, one)
            given = {"purpose": "marketing", "granted": True, "text": "I agree", "source": "widget"}
            await consent.record(connection, number=one.number, customer=one.id, **given)  # type: ignore[arg-type]
    yield made


async def found(database: Database, filter: dict[str, Any]) -> set[UUID]:
    async with database.transaction() as connection:
        return {one.customer for one in await audience.reached(connection, parsed(filter), ASKED, COUNTRIES)}


def adults(one: Guest) -> int:
    return one.lead["facts"]["adults"] if one.lead is not None else 0


def places(one: Guest) -> list[str]:
    return [address for *_, address in one.parties] + ([one.lead["facts"]["place"]] if one.lead is not None else [])


SAID: list[tuple[dict[str, Any], Callable[[Guest], bool]]] = [
    ({}, lambda one: True),
    ({"all": []}, lambda one: True),
    ({"any": []}, lambda one: False),
    ({"is": "language", "locales": ["es"]}, lambda one: one.locale == "es-MX"),
    ({"is": "language", "locales": ["en"]}, lambda one: one.locale != "es-MX"),
    ({"is": "zone", "zones": ["America/Phoenix", "America/New_York"]}, lambda one: one.number[2:5] in ("602", "212")),
    ({"is": "state", "states": ["NV"]}, lambda one: any("NV" in place for place in places(one))),
    ({"is": "state", "states": ["CA", "NV"]}, lambda one: any(place in CITIES for place in places(one))),
    ({"is": "near", "zip": "94539", "miles": 60}, lambda one: any(CITIES.get(place, (999,))[0] < 60 for place in places(one))),
    ({"is": "near", "zip": "94539", "miles": 10}, lambda one: any(CITIES.get(place, (999,))[0] < 10 for place in places(one))),
    ({"is": "booked", "times_to": 0}, lambda one: not one.parties),
    ({"is": "booked", "times_from": 1}, lambda one: bool(one.parties)),
    ({"is": "booked", "times_from": 2, "times_to": 2}, lambda one: len(one.parties) == 2),
    ({"is": "booked", "last_before_days": 90}, lambda one: bool(one.parties) and min(ago for ago, *_ in one.parties) > 90),
    ({"is": "booked", "last_within_days": 50}, lambda one: bool(one.parties) and min(ago for ago, *_ in one.parties) < 50),
    ({"is": "upcoming"}, lambda one: any(ago < 0 for ago, *_ in one.parties)),
    ({"is": "spent", "cents_from": 100_000}, lambda one: sum(cents for ago, _, cents, _ in one.parties if ago > 0) >= 100_000),
    ({"is": "spent", "cents_to": 60_000}, lambda one: sum(cents for ago, _, cents, _ in one.parties if ago > 0) <= 60_000),
    ({"is": "party", "guests_from": 20}, lambda one: max([adults(one), *(size for _, size, *_ in one.parties)]) >= 20),
    ({"is": "party", "guests_to": 10}, lambda one: 0 < max([adults(one), *(size for _, size, *_ in one.parties)]) <= 10),
    ({"is": "lead", "temperatures": ["hot"]}, lambda one: one.lead is not None and one.lead["score"] >= 70),
    ({"is": "lead", "temperatures": ["warm", "cold"], "statuses": ["new"]},
     lambda one: one.lead is not None and one.lead["score"] < 70 and one.lead["status"] == "new"),
    ({"is": "lead", "sources": ["phone"]}, lambda one: False),
    ({"is": "quiet", "days": 30}, lambda one: one.wrote_days_ago is None or one.wrote_days_ago > 30),
    ({"is": "campaigned", "days": 30}, lambda one: False),
    ({"not": {"is": "upcoming"}}, lambda one: not any(ago < 0 for ago, *_ in one.parties)),
    ({"any": [{"is": "lead", "temperatures": ["hot"]}, {"all": [{"is": "booked", "times_from": 1}, {"not": {"is": "upcoming"}}]}]},
     lambda one: (one.lead is not None and one.lead["score"] >= 70) or (bool(one.parties) and all(ago > 0 for ago, *_ in one.parties))),
]  # fmt: skip


class TestFilters:
    async def test_say_the_same_as_python(self, database: Database, guests: list[Guest]) -> None:
        for filter, holds in SAID:
            wanted = {one.id for one in guests if holds(one)}
            assert await found(database, filter) == wanted, filter
            async with database.transaction() as connection:
                counted = await audience.count(connection, parsed(filter), ASKED, COUNTRIES)
            assert (counted.matched, counted.reachable) == (len(wanted), len(wanted)), filter
            assert sum(counted.locales.values()) == sum(counted.zones.values()) == len(wanted), filter

    async def test_a_zip_code_that_is_none(self, database: Database) -> None:
        with pytest.raises(BadRequest, match="no such ZIP"):
            await found(database, {"is": "near", "zip": "00000", "miles": 10})


class TestLeftOut:
    async def test_each_for_its_first_reason(self, database: Database, guests: list[Guest]) -> None:
        people = guests[:8]
        async with database.transaction() as connection:
            await connection.execute(sa.delete(Identity).where(Identity.customer_id == people[0].id))
            await consent.stop(connection, number=people[1].number, text="STOP", now=NOW)
            await consent.refuse(connection, number=people[2].number, text="no more ads")
            await connection.execute(sa.insert(TextNumber).values(number=people[3].number, unreachable_at=NOW))
            mexican, film = "+525512345678", "+14155550142"
            for one, number in ((people[4], mexican), (people[5], film)):
                await connection.execute(sa.update(Identity).where(Identity.customer_id == one.id).values(value=number))
                given = {"purpose": "marketing", "granted": True, "text": "I agree", "source": "widget"}
                await consent.record(connection, number=number, **given)  # type: ignore[arg-type]
            row = {"purpose": "marketing", "to_number": people[6].number, "text": "x", "locale": "en", "encoding": "gsm7", "segments": 1}
            texts = [{"id": new_id(), "key": str(uuid4()), "state": "sent", **row} for _ in range(PROFILE.messages.sms.per_month)]
            await connection.execute(sa.insert(TextMessage).values(texts))
            await connection.execute(sa.update(Customer).where(Customer.id == people[7].id).values(merged_into=guests[8].id))
            counted = await audience.count(connection, parsed({}), ASKED, COUNTRIES)
        reasons = ("no_number", "stopped", "no_consent", "unreachable", "country", "placeholder", "cap")
        assert counted.left_out == dict.fromkeys(reasons, 1)
        assert counted.matched == 39 and counted.reachable == 32

    async def test_as_the_ledger_says(self, database: Database, guests: list[Guest]) -> None:
        """Entries in any order: whom SQL finds are those for whom the ledger, read from its beginning, stands."""
        rng = random.Random(11)
        async with database.transaction() as connection:
            for _ in range(160):
                number = rng.choice(guests).number
                match rng.randrange(5):
                    case 0:
                        await consent.stop(connection, number=number, text="STOP", now=NOW)
                    case 1:
                        await consent.start(connection, number=number, text="START")
                    case 2:
                        await consent.refuse(connection, number=number, text="no more")
                    case _:
                        if not (await consent.standing(connection, number)).stopped:
                            given = {"purpose": "marketing", "granted": rng.random() < 0.7, "text": "box", "source": "staff"}
                            await consent.record(connection, number=number, **given)  # type: ignore[arg-type]
            stands = {one.number: await consent.standing(connection, one.number) for one in guests}
            counted = await audience.count(connection, parsed({}), ASKED, COUNTRIES)
        agreed = {one.id for one in guests if stands[one.number].marketing and not stands[one.number].stopped}
        assert await found(database, {}) == agreed and 5 < len(agreed) < 35
        assert counted.left_out.get("stopped", 0) == sum(one.stopped for one in stands.values())
