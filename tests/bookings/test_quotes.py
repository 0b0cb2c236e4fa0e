"""Stored quotes: what was told is kept to the cent, numbered, shown as the next version of one card."""

from datetime import time
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from business.pricing import service
from business.pricing.cards import Slot
from business.pricing.rules import Order, Party, QuoteError, quote
from business.pricing.service import StoredQuote
from business.profile.live import first_edition
from business.profile.schemas import Profile
from business.travel.rules import TravelFee, fee_for_miles
from kernel.database import Database
from kernel.errors import NotFound
from kernel.tables.ops import Quote
from tests.bookings.conftest import PROFILE, SIX, STATION, Customers, far

TAXED = PROFILE.model_copy(update={"prices": PROFILE.prices.model_copy(update={"tax_enabled": True})})


async def store(
    database: Database,
    conversation: UUID,
    order: Order,
    *,
    profile: Profile = PROFILE,
    travel: TravelFee | None = None,
    offer: Slot | None = None,
) -> StoredQuote:
    priced = quote(profile, order)
    return await database.unit(lambda c: service.store(c, profile, conversation, order, priced, travel=travel, offer=offer))


def by_miles(miles: int, precision: str = "exact") -> TravelFee:
    return fee_for_miles(STATION, Decimal(miles), precision)  # type: ignore[arg-type]


class TestStoring:
    async def test_a_conversation_that_is_none(self, database: Database) -> None:
        with pytest.raises(NotFound):
            await store(database, uuid4(), Order(Party(8)))

    async def test_what_cannot_be_priced_never_gets_here(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        with pytest.raises(QuoteError):
            await store(database, alice, Order(Party(0, 4)))
        assert await customers.cards(alice) == []

    async def test_worked(self, customers: Customers, database: Database) -> None:
        """8 adults and 4 children, 45 miles: food 560, travel 30, total 590, deposit 100, balance 490."""
        alice, fee = await customers.one(), by_miles(45)
        stored = await store(database, alice, Order(Party(8, 4), travel_cents=fee.cents), travel=fee)
        assert (stored.total_cents, stored.version, stored.repeated) == (590_00, 1, False)
        async with database.transaction() as connection:
            row = await service.of_conversation(connection, alice)
        assert row is not None and (row.id, row.number) == (stored.id, stored.number)
        assert (row.food_cents, row.travel_cents, row.total_cents, row.deposit_cents, row.balance_cents) == (
            560_00,
            30_00,
            590_00,
            100_00,
            490_00,
        )
        assert (row.miles, row.precision, row.station) == (Decimal("45.0"), "exact", "fremont")
        assert row.profile_fingerprint == PROFILE.version
        assert [line["cents"] for line in row.lines] == [440_00, 120_00]
        (card,) = await customers.cards(alice)
        assert (card["type"], card["title"], card["total"]) == ("quote", f"Quote #{stored.number}", "$590")
        assert [(line["label"], line["value"]) for line in card["lines"]] == [
            ("Adults", "8 × $55 = $440"),
            ("Children", "4 × $30 = $120"),
            ("Travel, 45 miles", "$30"),
            ("Deposit, off the balance", "$100"),
            ("Balance", "$490"),
        ]
        assert "action" not in card
        assert stored.announcement is not None and stored.announcement.conversation == alice

    async def test_every_kind_of_line_in_spanish(self, customers: Customers, database: Database) -> None:
        alice, fee = await customers.one(locale="es"), by_miles(35, "estimate")
        order = Order(Party(6, 0, 2), {"salmon": 2}, {"gyoza": 3}, {"lobster_tail": 1}, fee.cents)
        offer = Slot(far(), SIX)
        await store(database, alice, order, profile=TAXED, travel=fee, offer=offer)
        (card,) = await customers.cards(alice)
        assert card["title"].startswith("Presupuesto n.º ")
        labels = {line["label"]: line["value"] for line in card["lines"]}
        assert labels == {
            "Adultos": "6 × $55 = $330",
            "Pequeños": "2 × gratis",
            "Mínimo de comida": "$550",
            "Salmón": "2 × $5 = $10",
            "Gyoza": "3 × $10 = $30",
            "Cola de langosta extra": "1 × $25 = $25",
            "Traslado, 35 millas (estimado)": "$10",
            "Impuesto": "$50.74",
            "Depósito, se descuenta del saldo": "$100",
            "Saldo": "$575.74",
        }
        assert card["total"] == "$675.74"
        assert card["action"]["label"].startswith("Apartar el ") and card["action"]["say"].startswith("Por favor")

    async def test_without_a_place_travel_comes_later(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        await store(database, alice, Order(Party(10)))
        (card,) = await customers.cards(alice)
        assert {"label": "Travel", "value": "comes with your address"} in card["lines"]


class TestAChangedQuote:
    async def test_is_another_number_on_the_same_card(self, customers: Customers, database: Database) -> None:
        alice, bob = await customers.several(2)
        first = await store(database, alice, Order(Party(8)))
        other = await store(database, bob, Order(Party(8)))
        second = await store(database, alice, Order(Party(9)))
        assert first.number < other.number < second.number
        cards = await customers.cards(alice)
        assert [(card["id"], card["version"]) for card in cards] == [(str(first.id), 1), (str(first.id), 2)]
        assert [(card["id"], card["version"]) for card in await customers.cards(bob)] == [(str(other.id), 1)]

    async def test_the_same_again_is_the_same_quote(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        first = await store(database, alice, Order(Party(8)))
        again = await store(database, alice, Order(Party(8)))
        assert (again.id, again.number, again.version, again.repeated, again.announcement) == (first.id, first.number, 1, True, None)
        assert len(await customers.cards(alice)) == 1

    async def test_another_button_is_the_same_quote(self, customers: Customers, database: Database) -> None:
        alice, offer = await customers.one(), Slot(far(), time(18, 30))
        first = await store(database, alice, Order(Party(8)))
        offered = await store(database, alice, Order(Party(8)), offer=offer)
        assert (offered.id, offered.number, offered.version, offered.repeated) == (first.id, first.number, 2, True)
        again = await store(database, alice, Order(Party(8)), offer=offer)
        assert again.version == 2 and again.announcement is None
        kept = await store(database, alice, Order(Party(8)))
        assert kept.version == 2, "a button stays until the price changes"
        cards = await customers.cards(alice)
        assert cards[1]["action"]["label"] == f"Hold {offer.day:%A} 6:30 PM"
        assert f"{offer.day:%A, %B} {offer.day.day}, 6:30 PM" in cards[1]["action"]["say"]

    async def test_another_profile_is_another_quote(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        first = await store(database, alice, Order(Party(20)))
        taxed = await store(database, alice, Order(Party(20)), profile=TAXED)
        assert taxed.id != first.id and taxed.total_cents == 1100_00 + 90_75


class TestTheStamp:
    async def test_names_the_version_of_the_profile(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        await store(database, alice, Order(Party(8)))
        edition = await first_edition(database, None)
        await store(database, alice, Order(Party(9)))
        await store(database, alice, Order(Party(9)), profile=TAXED)
        async with database.transaction() as connection:
            numbers = list(await connection.scalars(sa.select(Quote.profile_number).order_by(Quote.number)))
        assert numbers == [None, edition.number, None], "null where no stored version is meant"


class TestGuards:
    async def test_a_total_that_does_not_add_up_is_not_stored(self, customers: Customers, database: Database) -> None:
        stored = await store(database, await customers.one(), Order(Party(8)))
        for wrong in ({"total_cents": 1}, {"balance_cents": 1}, {"tax_cents": 1}):
            with pytest.raises(IntegrityError):
                async with database.transaction() as connection:
                    await connection.execute(sa.update(Quote).where(Quote.id == stored.id).values(wrong))
