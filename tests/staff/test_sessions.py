"""What is good once is good once, what is over is over: links, sessions, socket tokens."""

import asyncio

import pytest
import sqlalchemy as sa

from business.staff.passwords import Passwords
from business.staff.service import Invited, SignedIn, StaffService
from business.staff.sessions import StaffIdentity, sessions_alive, staff_of_socket_token
from kernel.database import Database
from kernel.errors import Unauthorized
from tests.staff.conftest import ManualClock


async def use(database: Database, token: str) -> StaffIdentity | None:
    """By PostgreSQL's clock, as a gateway does."""
    async with database.transaction() as connection:
        return await staff_of_socket_token(connection, token)


async def alive(database: Database, *hashes: str) -> set[str]:
    async with database.transaction() as connection:
        return await sessions_alive(connection, list(hashes))


@pytest.fixture
async def signed_in(staff: StaffService, dana: Invited) -> SignedIn:
    """Dana, in by her link."""
    return await staff.sign_in(dana.sign_in_token)


class TestSignInLink:
    async def test_opens_the_console_at_once(self, staff: StaffService, signed_in: SignedIn) -> None:
        assert not signed_in.must_change
        assert (await staff.session(signed_in.cookie)).name == "Dana"

    async def test_twice_in_parallel_one_wins(self, staff: StaffService, dana: Invited) -> None:
        ends = await asyncio.gather(*[staff.sign_in(dana.sign_in_token) for _ in range(8)], return_exceptions=True)
        assert sorted(type(end).__name__ for end in ends) == ["SignedIn"] + ["Unauthorized"] * 7

    async def test_is_over_after_15_minutes(self, staff: StaffService, dana: Invited, clock: ManualClock) -> None:
        clock.forward(minutes=15)
        with pytest.raises(Unauthorized):
            await staff.sign_in(dana.sign_in_token)

    @pytest.mark.parametrize("token", ["", "x", "\x00", "é" * 5000])
    async def test_nonsense(self, staff: StaffService, dana: Invited, token: str) -> None:
        with pytest.raises(Unauthorized):
            await staff.sign_in(token)

    async def test_of_a_disabled_account(self, staff: StaffService, dana: Invited) -> None:
        await staff.disable(dana.email)
        with pytest.raises(Unauthorized):
            await staff.sign_in(dana.sign_in_token)

    async def test_whoever_came_by_link_chooses_a_first_password_freely(
        self, staff: StaffService, dana: Invited, signed_in: SignedIn
    ) -> None:
        await staff.change_password(await staff.session(signed_in.cookie), "charcoal and garlic", None, "192.0.2.1")
        assert not (await staff.login(dana.email, "charcoal and garlic", "192.0.2.1")).must_change


class TestSession:
    async def test_ends_12_hours_after_its_last_use(self, staff: StaffService, signed_in: SignedIn, clock: ManualClock) -> None:
        for _ in range(3):
            clock.forward(hours=11, minutes=59)
            await staff.session(signed_in.cookie)
        clock.forward(hours=12)
        with pytest.raises(Unauthorized):
            await staff.session(signed_in.cookie)

    async def test_ends_after_a_week_however_used(self, staff: StaffService, signed_in: SignedIn, clock: ManualClock) -> None:
        for _ in range(7 * 24 - 1):
            clock.forward(hours=1)
            await staff.session(signed_in.cookie)
        clock.forward(hours=1)
        with pytest.raises(Unauthorized):
            await staff.session(signed_in.cookie)

    async def test_logging_out_everywhere(self, staff: StaffService, dana: Invited, signed_in: SignedIn) -> None:
        other = await staff.login(dana.email, dana.one_time_password, "192.0.2.1")
        await staff.logout(await staff.session(signed_in.cookie), everywhere=True)
        for cookie in (signed_in.cookie, other.cookie, None, "", "nonsense"):
            with pytest.raises(Unauthorized):
                await staff.session(cookie)

    async def test_what_is_kept_opens_nothing(self, staff: StaffService, signed_in: SignedIn, database: Database) -> None:
        async with database.transaction() as connection:
            kept = (await connection.execute(sa.text("SELECT hash FROM core.staff_session"))).scalar_one()
        assert kept != signed_in.cookie
        with pytest.raises(Unauthorized):
            await staff.session(kept)


class TestSocketToken:
    async def test_says_who_it_is(self, staff: StaffService, signed_in: SignedIn, database: Database) -> None:
        session = await staff.session(signed_in.cookie)
        token, _ = await staff.socket_token(session)
        found = await use(database, token)
        assert found == StaffIdentity(signed_in.staff_id, "Dana", "agent", session.hash, session.expires_at)

    async def test_twice_in_parallel_one_wins(self, staff: StaffService, signed_in: SignedIn, database: Database) -> None:
        token, _ = await staff.socket_token(await staff.session(signed_in.cookie))
        ends = await asyncio.gather(*[use(database, token) for _ in range(8)])
        assert [end is not None for end in ends].count(True) == 1

    async def test_is_over_after_a_minute(self, staff: StaffService, signed_in: SignedIn, database: Database, clock: ManualClock) -> None:
        session = await staff.session(signed_in.cookie)
        clock.forward(seconds=-61)
        token, _ = await staff.socket_token(session)
        assert await use(database, token) is None

    async def test_of_a_revoked_session(self, staff: StaffService, signed_in: SignedIn, database: Database) -> None:
        session = await staff.session(signed_in.cookie)
        token, _ = await staff.socket_token(session)
        await staff.logout(session)
        assert await use(database, token) is None

    async def test_of_a_session_that_is_over(
        self, database: Database, passwords: Passwords, clock: ManualClock, staff: StaffService, dana: Invited
    ) -> None:
        clock.forward(hours=-13)
        old = await staff.login(dana.email, dana.one_time_password, "192.0.2.1")
        session = await staff.session(old.cookie)
        await staff.change_password(session, "charcoal and garlic", None, "192.0.2.1")
        session = await staff.session(old.cookie)
        clock.forward(hours=13)
        token, _ = await staff.socket_token(session)
        assert await use(database, token) is None

    async def test_nonsense(self, database: Database) -> None:
        assert await use(database, "nonsense") is None

    async def test_dead_ones_are_not_kept(self, staff: StaffService, signed_in: SignedIn, database: Database) -> None:
        session = await staff.session(signed_in.cookie)
        for _ in range(5):
            token, _ = await staff.socket_token(session)
            await use(database, token)
        async with database.transaction() as connection:
            assert await connection.scalar(sa.text("SELECT count(*) FROM core.socket_token")) == 1


class TestSessionsAlive:
    async def test_tells_the_living_from_the_rest(
        self, staff: StaffService, dana: Invited, signed_in: SignedIn, database: Database, clock: ManualClock
    ) -> None:
        living = await staff.session(signed_in.cookie)
        revoked = await staff.session((await staff.login(dana.email, dana.one_time_password, "192.0.2.1")).cookie)
        await staff.logout(revoked)
        clock.forward(hours=-13)
        over = await staff.session((await staff.login(dana.email, dana.one_time_password, "192.0.2.1")).cookie)
        assert await alive(database, living.hash, revoked.hash, over.hash, "unknown") == {living.hash}
        await staff.disable(dana.email)
        assert await alive(database, living.hash) == set()

    async def test_of_nobody(self, database: Database) -> None:
        assert await alive(database) == set()
