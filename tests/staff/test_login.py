"""Passwords: who is kept out, how guessing is limited, what a one-time password may do."""

import asyncio

import pytest
import sqlalchemy as sa

from business.staff.service import Invited, SignedIn, StaffService
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, GatewayError, NotAllowed, NotFound, RateLimited, Unauthorized
from tests.staff.conftest import PASSWORD, ManualClock

ADDRESS = "192.0.2.1"


async def outcome(staff: StaffService, email: str, password: str, address: str = ADDRESS) -> type[object]:
    """The type of what a login ends in."""
    try:
        return type(await staff.login(email, password, address))
    except GatewayError as error:
        return type(error)


async def actions(database: Database) -> list[str]:
    async with database.transaction() as connection:
        return list(await connection.scalars(sa.text("SELECT action FROM core.audit ORDER BY at")))


class TestWrongPassword:
    async def test_says_the_same_for_an_unknown_account(self, staff: StaffService, settled: Invited) -> None:
        messages = set()
        for email in (settled.email, "nobody@example.com", "no address", "a\x00b@example.com", ""):
            with pytest.raises(Unauthorized) as caught:
                await staff.login(email, "not the password", ADDRESS)
            messages.add(caught.value.message)
        assert len(messages) == 1

    async def test_a_disabled_account_is_as_if_unknown(self, staff: StaffService, settled: Invited) -> None:
        await staff.disable(settled.email)
        assert await outcome(staff, settled.email, PASSWORD) is Unauthorized

    async def test_the_address_may_be_spelt_otherwise(self, staff: StaffService, settled: Invited) -> None:
        assert (await staff.login(" Dana@Example.COM ", PASSWORD, ADDRESS)).name == "Dana"


class TestLimit:
    async def test_eleventh_failure_of_an_account_from_many_addresses(self, staff: StaffService, settled: Invited) -> None:
        for number in range(10):
            assert await outcome(staff, settled.email, "wrong", f"192.0.2.{number}") is Unauthorized
        with pytest.raises(RateLimited) as caught:
            await staff.login(settled.email, PASSWORD, "198.51.100.1")
        assert 890_000 < (caught.value.retry_after_ms or 0) <= 900_000
        assert "15 minutes" in caught.value.message

    async def test_eleventh_failure_of_an_address_at_many_accounts(self, staff: StaffService, settled: Invited) -> None:
        for number in range(10):
            assert await outcome(staff, f"guess{number}@example.com", "wrong") is Unauthorized
        assert await outcome(staff, settled.email, PASSWORD) is RateLimited
        assert await outcome(staff, settled.email, PASSWORD, "198.51.100.1") is SignedIn

    async def test_another_spelling_is_the_same_account(self, staff: StaffService, settled: Invited) -> None:
        for number in range(10):
            email = ("DANA@example.com", "dana＠example.com", " dana@example.com")[number % 3]
            assert await outcome(staff, email, "wrong", f"192.0.2.{number}") is Unauthorized
        assert await outcome(staff, settled.email, PASSWORD, "198.51.100.1") is RateLimited

    async def test_addresses_of_one_ipv6_subscriber_count_as_one(self, staff: StaffService, settled: Invited) -> None:
        for number in range(10):
            await outcome(staff, f"guess{number}@example.com", "wrong", f"2001:db8:1:2::{number:x}")
        assert await outcome(staff, settled.email, PASSWORD, "2001:db8:1:2:ffff::9") is RateLimited
        assert await outcome(staff, settled.email, PASSWORD, "2001:db8:1:3::1") is SignedIn

    async def test_forty_guesses_in_parallel_learn_as_much_as_ten(self, staff: StaffService, settled: Invited) -> None:
        guesses = [outcome(staff, settled.email, "wrong", f"192.0.2.{number}") for number in range(40)]
        ends = await asyncio.gather(*guesses)
        assert (ends.count(Unauthorized), ends.count(RateLimited)) == (10, 30)

    async def test_the_right_one_among_the_late_is_not_told(self, staff: StaffService, settled: Invited) -> None:
        for number in range(9):
            await outcome(staff, settled.email, "wrong", f"192.0.2.{number}")
        ends = await asyncio.gather(*[outcome(staff, settled.email, "wrong") for _ in range(6)])
        ends.append(await outcome(staff, settled.email, PASSWORD))
        assert (ends.count(Unauthorized), ends.count(RateLimited), ends[-1]) == (1, 6, RateLimited)

    async def test_it_ends_after_a_quarter_of_an_hour(self, staff: StaffService, settled: Invited, clock: ManualClock) -> None:
        for _ in range(10):
            await outcome(staff, settled.email, "wrong")
        clock.forward(minutes=14, seconds=59)
        assert await outcome(staff, settled.email, PASSWORD) is RateLimited
        clock.forward(seconds=2)
        assert await outcome(staff, settled.email, PASSWORD) is SignedIn

    async def test_logins_that_succeed_are_not_limited(self, staff: StaffService, settled: Invited) -> None:
        ends = await asyncio.gather(*[outcome(staff, settled.email, PASSWORD) for _ in range(30)])
        assert set(ends) == {SignedIn}

    async def test_mistyping_is_forgiven_once_in(self, staff: StaffService, settled: Invited) -> None:
        for _ in range(9):
            await outcome(staff, settled.email, "wrong")
        assert await outcome(staff, settled.email, PASSWORD) is SignedIn
        for _ in range(9):
            assert await outcome(staff, settled.email, "wrong") is Unauthorized
        assert await outcome(staff, settled.email, PASSWORD) is SignedIn

    async def test_what_is_kept_names_no_account(self, staff: StaffService, settled: Invited, database: Database) -> None:
        await outcome(staff, settled.email, "wrong")
        async with database.transaction() as connection:
            kept = (await connection.execute(sa.text("SELECT account FROM core.login_failure"))).scalar_one()
        assert "dana" not in kept

    async def test_old_failures_are_deleted(self, staff: StaffService, settled: Invited, clock: ManualClock, database: Database) -> None:
        for number in range(12):
            await outcome(staff, f"guess{number}@example.com", "wrong", f"192.0.2.{number}")
        clock.forward(minutes=16)
        await outcome(staff, settled.email, "wrong")
        async with database.transaction() as connection:
            assert await connection.scalar(sa.text("SELECT count(*) FROM core.login_failure")) == 1


class TestOneTimePassword:
    async def test_opens_a_session_that_may_only_choose_a_password(self, staff: StaffService, dana: Invited) -> None:
        signed_in = await staff.login(dana.email, dana.one_time_password, ADDRESS)
        assert signed_in.must_change
        session = await staff.session(signed_in.cookie)
        with pytest.raises(NotAllowed):
            await staff.socket_token(session)
        await staff.change_password(session, PASSWORD, None, ADDRESS)
        await staff.socket_token(await staff.session(signed_in.cookie))

    async def test_is_gone_once_an_own_one_is_chosen(self, staff: StaffService, settled: Invited, database: Database) -> None:
        assert await outcome(staff, settled.email, settled.one_time_password) is Unauthorized
        async with database.transaction() as connection:
            kept = await connection.execute(sa.text("SELECT one_time_password FROM core.staff"))
            assert kept.scalar_one() is None

    @pytest.mark.parametrize(
        ("password", "hint"),
        [
            ("short", "at least 10"),
            ("x" * 257, "at most 256"),
            ("aaaaaaaaaaaaa", "three different"),
            ("dana@example.com", "e-mail"),
        ],
    )
    async def test_poor_choices_are_refused_with_the_reason(self, staff: StaffService, dana: Invited, password: str, hint: str) -> None:
        signed_in = await staff.login(dana.email, dana.one_time_password, ADDRESS)
        session = await staff.session(signed_in.cookie)
        with pytest.raises(BadRequest, match=hint):
            await staff.change_password(session, password, None, ADDRESS)
        with pytest.raises(BadRequest, match="printed"):
            await staff.change_password(session, dana.one_time_password, None, ADDRESS)

    async def test_a_password_is_the_same_however_it_was_composed(self, staff: StaffService, dana: Invited) -> None:
        session = await staff.session((await staff.login(dana.email, dana.one_time_password, ADDRESS)).cookie)
        await staff.change_password(session, "jalapen\u0303o y limo\u0301n", None, ADDRESS)
        assert await outcome(staff, dana.email, "jalape\u00f1o y lim\u00f3n") is SignedIn


class TestChangingAnOwnPassword:
    async def test_needs_the_present_one(self, staff: StaffService, settled: Invited) -> None:
        session = await staff.session((await staff.login(settled.email, PASSWORD, ADDRESS)).cookie)
        with pytest.raises(BadRequest, match="present password"):
            await staff.change_password(session, "another good one", None, ADDRESS)
        with pytest.raises(NotAllowed):
            await staff.change_password(session, "another good one", "a wrong guess", ADDRESS)
        await staff.change_password(session, "another good one", PASSWORD, ADDRESS)
        assert await outcome(staff, settled.email, PASSWORD) is Unauthorized
        assert await outcome(staff, settled.email, "another good one") is SignedIn

    async def test_guesses_at_it_are_limited_as_logins_are(self, staff: StaffService, settled: Invited) -> None:
        session = await staff.session((await staff.login(settled.email, PASSWORD, ADDRESS)).cookie)
        guesses = [staff.change_password(session, "another good one", "wrong", ADDRESS) for _ in range(20)]
        ends = [type(end) for end in await asyncio.gather(*guesses, return_exceptions=True)]
        assert (ends.count(NotAllowed), ends.count(RateLimited)) == (10, 10)

    async def test_ends_every_other_session_and_link(self, staff: StaffService, settled: Invited) -> None:
        here = await staff.login(settled.email, PASSWORD, ADDRESS)
        there = await staff.login(settled.email, PASSWORD, ADDRESS)
        session = await staff.session(here.cookie)
        await staff.change_password(session, "another good one", PASSWORD, ADDRESS)
        assert (await staff.session(here.cookie)).csrf == here.csrf
        with pytest.raises(Unauthorized):
            await staff.session(there.cookie)
        with pytest.raises(Unauthorized):
            await staff.sign_in(settled.sign_in_token)


class TestAccounts:
    async def test_a_second_invitation_is_refused(self, staff: StaffService, dana: Invited) -> None:
        with pytest.raises(Conflict, match="admin reset"):
            await staff.invite("DANA@example.com", "Dana", "agent")

    @pytest.mark.parametrize(
        ("email", "name", "role"),
        [("no address", "A", "agent"), ("a@b.c", " \x07 ", "agent"), ("a@b.c", "A", "root"), ("a@b.c", "A" * 81, "agent")],
    )
    async def test_nonsense_is_refused(self, staff: StaffService, email: str, name: str, role: str) -> None:
        with pytest.raises(BadRequest):
            await staff.invite(email, name, role)

    async def test_reset_ends_everything_and_lets_in_again(self, staff: StaffService, settled: Invited) -> None:
        before = await staff.login(settled.email, PASSWORD, ADDRESS)
        again = await staff.reset(settled.email)
        with pytest.raises(Unauthorized):
            await staff.session(before.cookie)
        assert await outcome(staff, settled.email, PASSWORD) is Unauthorized
        assert (await staff.login(settled.email, again.one_time_password, ADDRESS)).must_change
        with pytest.raises(NotFound):
            await staff.reset("nobody@example.com")

    async def test_disabled_while_signed_in(self, staff: StaffService, settled: Invited) -> None:
        signed_in = await staff.login(settled.email, PASSWORD, ADDRESS)
        await staff.disable(settled.email)
        with pytest.raises(Unauthorized):
            await staff.session(signed_in.cookie)

    async def test_the_last_owner_cannot_be_disabled(self, staff: StaffService) -> None:
        await staff.invite("one@example.com", "One", "owner")
        await staff.invite("two@example.com", "Two", "owner")
        ends = await asyncio.gather(staff.disable("one@example.com"), staff.disable("two@example.com"), return_exceptions=True)
        assert sorted(type(end).__name__ for end in ends) == ["Conflict", "NoneType"]

    async def test_every_deed_is_in_the_trail(self, staff: StaffService, settled: Invited, database: Database) -> None:
        await staff.reset(settled.email)
        await staff.disable(settled.email)
        assert await actions(database) == [
            "staff.invited",
            "staff.login",
            "staff.password_changed",
            "staff.logout",
            "staff.reset",
            "staff.disabled",
        ]
