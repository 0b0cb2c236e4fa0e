"""Notices of Venmo and Zelle: what they say, whose they are, each once."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from business.payments import matching, notices, parsing
from business.payments.matching import Candidate
from business.payments.notices import Notice
from kernel.clock import utc_now
from kernel.errors import BadRequest, Conflict
from kernel.ids import new_id
from kernel.tables.ops import Booking, Payment, PaymentNotice
from tests.bookings.conftest import PROFILE
from tests.payments.conftest import DEPOSIT, TOTAL, Till

RULE = PROFILE.payments.matching
PHONE = "+15105550123"
VENMO = (
    "Ana Perez paid you $100.00\n\nNote: hibachi party 510-555-0123\n\nTransaction ID: 4012345678901234567\nVenmo, 222 W Merchandise Mart"
)
ZELLE = "BEN LEE sent you $490.00 with Zelle®\nMemo: balance\nConfirmation number: WFCT0A1B2C3D\nCall us at 1-800-869-3557"


class TestParsing:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (VENMO, ("venmo", 10_000, "Ana Perez", "hibachi party 510-555-0123", PHONE, "4012345678901234567")),
            (ZELLE, ("zelle", 49_000, "BEN LEE", "balance", None, "WFCT0A1B2C3D")),
            ("Zelle: Ben Lee sent you $5", ("zelle", 500, "Ben Lee", None, None, None)),
            ("Zelle: You received $1,100 from MARY ANN SMITH.", ("zelle", 110_000, "MARY ANN SMITH", None, None, None)),
            ("Venmo\nFrom: Jo\nNota: fiesta (510) 555 0123\n$ 100", ("venmo", 10_000, "Jo", "fiesta (510) 555 0123", PHONE, None)),
            ("José te pagó $100.50 por Venmo\nMensaje: gracias", ("venmo", 10_050, "José", "gracias", None, None)),
            ("Venmo $0.00", ("venmo", None, None, None, None, None)),
            ("hello", (None, None, None, None, None, None)),
            ("Zelle or Venmo $5", (None, 500, None, None, None, None)),
        ],
        ids=range(9),
    )
    def test_what_it_says(self, text: str, expected: tuple[object, ...]) -> None:
        said = parsing.parse(text)
        assert (said.method, said.amount_cents, said.payer, said.note, said.phone) == expected[:5]
        assert said.reference == expected[5] if expected[5] else said.reference.startswith("text-")

    def test_a_phone_of_the_bank_is_nobodys(self) -> None:
        assert parsing.parse("Venmo $100 call 510-555-0123").phone is None

    def test_spaces_make_no_other_notice(self) -> None:
        assert parsing.parse("Venmo  $5\r\n from Jo").reference == parsing.parse("venmo $5 from jo ").reference

    def test_is_quick_whatever_it_is_given(self) -> None:
        for text in ("$" * 50_000, "1" * 50_000, "Note: " * 10_000, "a paid " * 10_000, "sent you $1 for " * 5000):
            parsing.parse(text)


def candidate(**values: object) -> Candidate:
    now = utc_now()
    given: dict[str, object] = {"phone": None, "name": None, "due_cents": (DEPOSIT, TOTAL), "moments": (now,), "declared": None, **values}
    return Candidate(new_id(), 1, **given)  # type: ignore[arg-type]


def verdict(text: str, *waiting: Candidate, after: timedelta = timedelta()) -> matching.Verdict:
    said = parsing.parse(text)
    return matching.match(RULE, said, said.method or "venmo", utc_now() + after, waiting)


class TestMatching:
    def test_nobody_waits(self) -> None:
        assert verdict(VENMO) == matching.NOTHING

    def test_by_the_phone_whatever_the_amount(self) -> None:
        mine = candidate(phone=PHONE, due_cents=(TOTAL,))
        found = verdict(VENMO, candidate(), mine)
        assert (found.booking, found.rule, found.certain) == (mine.booking, "phone", True)

    def test_one_phone_with_two_bookings(self) -> None:
        first, second = candidate(phone=PHONE, due_cents=(TOTAL,)), candidate(phone=PHONE)
        assert verdict(VENMO, first, second) == matching.Verdict(second.booking, "phone", True)
        assert not verdict(VENMO, candidate(phone=PHONE), candidate(phone=PHONE)).certain

    def test_by_the_amount_where_the_customer_said_so(self) -> None:
        mine = candidate(declared="venmo")
        text = "Venmo: Jo paid you $101.00"
        assert verdict(text, mine, candidate(declared="zelle")) == matching.Verdict(mine.booking, "amount", True)
        assert not verdict("Venmo: Jo paid you $101.01", mine).certain
        assert not verdict(text, mine, after=timedelta(hours=24, seconds=5)).certain

    def test_by_the_amount_and_the_name(self) -> None:
        mine = candidate(name="Ana Perez")
        assert verdict("ANA M PEREZ paid you $100 Venmo", mine).certain
        assert not verdict("Ben Lee paid you $100 Venmo", mine).certain
        assert not verdict("Ana Smith paid you $100 Venmo", mine).certain

    def test_two_that_fit_are_a_suggestion(self) -> None:
        two = candidate(declared="venmo"), candidate(declared="venmo")
        found = verdict("Venmo: Jo paid you $100", *two)
        assert (found.rule, found.certain) == ("amount", False)

    def test_loosely_is_a_suggestion(self) -> None:
        mine = candidate(declared="venmo")
        assert verdict("Venmo $160", mine) == matching.Verdict(mine.booking, "loose", False)
        assert verdict("Venmo $160.01", mine) == matching.NOTHING
        assert verdict("Venmo $100", mine, after=timedelta(hours=71)).rule == "loose"
        assert verdict("Venmo $100", mine, after=timedelta(hours=73)) == matching.NOTHING


async def take(till: Till, text: str = VENMO, **more: object) -> Notice:
    now = utc_now()
    return await till.database.unit(
        lambda c: notices.take(c, till.profile, text=text, source="pasted", received_at=now, **more)  # type: ignore[arg-type]
    )


class TestTaking:
    @pytest.mark.parametrize("text", ["hello", "Venmo $0", "$100 from Ana", "$100 by Venmo or Zelle"])
    async def test_no_notice(self, till: Till, text: str) -> None:
        with pytest.raises(BadRequest):
            await take(till, text)
        assert await till.rows(PaymentNotice) == []

    async def test_twenty_at_once_are_one_payment(self, till: Till) -> None:
        booking = await till.booking(phone=PHONE)
        found = await asyncio.gather(*(take(till) for _ in range(20)))
        assert {one.id for one in found} == {found[0].id}
        assert sum(one.new for one in found) == 1
        assert len(await till.rows(Payment)) == 1
        assert await till.status(booking) == "confirmed"
        assert (await till.lines(booking))[-1] == "We received $100 by Venmo. Thank you!"

    async def test_a_hold_that_lapsed_is_held_again(self, till: Till) -> None:
        booking = await till.booking(phone=PHONE)
        await till.lapse(booking)
        assert (await take(till)).state == "matched"
        assert await till.status(booking) == "confirmed"

    async def test_less_than_the_deposit(self, till: Till) -> None:
        booking = await till.booking(phone=PHONE)
        await take(till, VENMO.replace("$100.00", "$40"))
        assert await till.status(booking) == "deposit_pending"
        assert "$60 of the deposit is still missing" in (await till.lines(booking))[-1]
        (handoff,) = await till.called(booking)
        assert "less than the deposit" in handoff.summary
        await take(till, VENMO.replace("$100.00", "$60").replace("4012", "4013"))
        assert await till.status(booking) == "confirmed"

    async def test_more_than_was_to_be_paid(self, till: Till) -> None:
        booking = await till.booking(phone=PHONE)
        await take(till, VENMO.replace("$100.00", "$800"))
        (handoff,) = await till.called(booking)
        assert "$100 more than was to be paid" in handoff.summary
        assert (await till.statement(booking)).balance_cents == -10_000

    async def test_nobodys_is_kept_until_a_person_knows(self, till: Till) -> None:
        notice = await take(till)
        assert notice.state == "unmatched"
        assert await till.accounts() == {"unmatched": -DEPOSIT, "venmo": DEPOSIT}
        booking, by = await till.booking(), new_id()
        for _ in range(2):
            matched = await till.database.unit(lambda c: notices.match(c, till.profile, notice.id, booking, by, utc_now()))
            assert (matched.state, matched.rule, matched.booking) == ("matched", "person", booking)
        assert await till.accounts() == {"customers": -DEPOSIT, "venmo": DEPOSIT}
        assert await till.status(booking) == "confirmed"
        with pytest.raises(Conflict):
            await till.database.unit(lambda c: notices.ignore(c, notice.id, by))

    async def test_a_suggestion_calls_a_person_and_books_nothing(self, till: Till) -> None:
        booking = await till.booking()
        notice = await take(till, "Ben Lee paid you $100 Venmo")
        assert (notice.state, notice.rule, notice.booking) == ("suggested", "amount", booking)
        assert await till.status(booking) == "deposit_pending"
        (handoff,) = await till.called(booking)
        assert "match it under Payments" in handoff.summary

    async def test_said_to_be_paid_this_way(self, till: Till) -> None:
        booking, other = await till.booking(), await till.booking()
        await till.database.unit(lambda c: notices.expect(c, booking, "venmo", utc_now()))
        await till.database.unit(lambda c: notices.expect(c, other, "zelle", utc_now()))
        notice = await take(till, "Ben Lee paid you $100 Venmo")
        assert (notice.state, notice.rule, notice.booking) == ("matched", "amount", booking)

    async def test_ignored(self, till: Till) -> None:
        notice, by = await take(till), new_id()
        for _ in range(2):
            assert (await till.database.unit(lambda c: notices.ignore(c, notice.id, by))).state == "ignored"
        assert await till.accounts() == {} and await till.rows(Payment) == []
        booking = await till.booking()
        with pytest.raises(Conflict):
            await till.database.unit(lambda c: notices.match(c, till.profile, notice.id, booking, by, utc_now()))
        assert (await take(till)).state == "ignored"

    async def test_two_people_decide_at_once(self, till: Till) -> None:
        notice, by = await take(till), new_id()
        bookings = [await till.booking() for _ in range(4)]

        async def match(booking: UUID) -> bool:
            try:
                await till.database.unit(lambda c: notices.match(c, till.profile, notice.id, booking, by, utc_now()))
            except Conflict:
                return False
            return True

        assert sum(await asyncio.gather(*map(match, bookings))) == 1
        assert len(await till.rows(Booking, Booking.status == "confirmed")) == 1
        assert await till.balanced()
