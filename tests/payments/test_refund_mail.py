"""The mail about money that went back: once for each refund that is done, by card or by hand, where an address is known."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from business.links.signing import Links
from business.payments import refunds, settling
from business.profile.figures import money
from kernel.clock import utc_now
from kernel.tables.ops import Booking, Email, Outbox, Payment, Refund
from tests.payments.conftest import DEPOSIT, Till
from tests.rig.stripe import StripeServer
from workers.effects import Effects
from workers.registry import Business, handlers

LINKS = Links(lambda: "https://chat.example.com", "secret")
ADDRESS = "ana@customers.house"


async def paid(till: Till, address: str | None = ADDRESS, booking: UUID | None = None, locale: str = "en", **more: Any) -> Any:
    """The payment of somebody's deposit, by Venmo."""
    booking = booking or await till.booking(locale=locale)
    async with till.database.transaction() as connection:
        await connection.execute(sa.update(Booking).where(Booking.id == booking).values(contact_email=address))
    received = await till.receive(booking, **more)
    (payment,) = await till.rows(Payment, Payment.id == received.payment)
    return payment


async def asked(till: Till, payment: UUID, cents: int = DEPOSIT, key: str = "k") -> UUID:
    return (await till.database.unit(lambda c: refunds.ask(c, payment, cents, "rain", key=key))).id


async def given(till: Till, refund: UUID) -> None:
    """Somebody has paid it back."""
    await till.database.unit(lambda c: settling.done(c, till.profile, refund, by_hand=True))


async def mails(till: Till) -> list[Any]:
    """What is written of refunds once a worker has looked."""
    worker = Effects(till.database, till.bus, handlers=handlers(Business(lambda: till.profile, LINKS, utc_now)))
    while await worker.due():
        pass
    assert not await till.rows(Outbox, Outbox.kind == "refund_done", Outbox.state != "done")
    keys = [f"refund:{row.id}" for row in await till.rows(Refund)]
    return await till.rows(Email, Email.key.in_(keys))


class TestNone:
    async def test_before_the_money_is_back(self, till: Till) -> None:
        await asked(till, (await paid(till)).id)
        assert await mails(till) == []

    async def test_where_no_address_is_known(self, till: Till) -> None:
        await given(till, await asked(till, (await paid(till, None)).id))
        assert await mails(till) == []

    async def test_of_money_that_was_nobodys(self, till: Till) -> None:
        received = await till.receive(None)
        await given(till, await asked(till, received.payment))
        assert await mails(till) == []

    async def test_where_it_came_back_before_anybody_wrote(self, till: Till) -> None:
        refund = await asked(till, (await paid(till)).id)
        await given(till, refund)
        await till.database.unit(lambda c: refunds.failed(c, refund, "bounced"))
        assert await mails(till) == []


class TestWritten:
    @pytest.mark.parametrize(("locale", "said"), [("en", "by Venmo"), ("es", "por Venmo")])
    async def test_once_when_it_was_paid_back_by_hand(self, till: Till, locale: str, said: str) -> None:
        refund = await asked(till, (await paid(till, locale=locale)).id)
        for _ in range(2):
            await given(till, refund)
            (mail,) = await mails(till)
        assert (mail.key, mail.to_address, mail.locale) == (f"refund:{refund}", ADDRESS, locale)
        assert money(DEPOSIT) in mail.subject and said in mail.plain and "https://chat.example.com/b/" in mail.plain

    async def test_once_when_the_card_provider_says_so_however_often(self, till: Till, server: StripeServer) -> None:
        booking = await till.booking()
        event = server.pay(await till.open(booking))
        assert event is not None
        await till.told(event)
        async with till.database.transaction() as connection:
            await connection.execute(sa.update(Booking).where(Booking.id == booking).values(contact_email=ADDRESS))
        refund = await asked(till, await till.one(Payment.id))
        await till.work()
        for told in server.refunds.values():
            await till.told(server.happened("refund.updated", told))
        (mail,) = await mails(till)
        assert mail.key == f"refund:{refund}" and "by card" in mail.plain and "Stripe" not in mail.plain

    async def test_one_for_each_part(self, till: Till) -> None:
        payment = await paid(till)
        for key in ("a", "b"):
            await given(till, await asked(till, payment.id, DEPOSIT // 2, key))
        assert len(await mails(till)) == 2 == len(await till.rows(Refund, Refund.state == "done"))
