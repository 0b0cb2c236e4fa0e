"""The first start, the next ones, several at once; and what the settings may decide about the owner."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from business.sites.queries import site_by_key
from business.sites.service import install_secret
from business.staff import owner, rules
from business.staff.passwords import Passwords
from business.staff.service import StaffService
from gateway.seed import seed
from kernel.database import Database
from kernel.errors import Unauthorized
from kernel.settings import load_settings

OWNER = "me@example.com"


async def count(database: Database, table: str) -> int:
    async with database.transaction() as connection:
        found: int = (await connection.execute(sa.text(f"SELECT count(*) FROM core.{table}"))).scalar_one()
        return found


class TestSeed:
    async def test_fresh_install_can_be_entered(
        self, database: Database, staff: StaffService, tmp_path: Path, passwords: Passwords
    ) -> None:
        settings = load_settings({"HIBACHI_DATA": str(tmp_path)})
        made = await seed(database, settings)
        assert made.admin_email == rules.DEFAULT_OWNER
        assert made.one_time_password is not None
        assert (await staff.login(made.admin_email, made.one_time_password, "192.0.2.1")).must_change
        assert not (await staff.sign_in(made.sign_in_token)).must_change
        async with database.transaction() as connection:
            demo = await site_by_key(connection, "demo")
            assert len(await install_secret(connection)) >= 64
        assert demo is not None
        assert demo.admits(None, frozenset()) and demo.admits("http://x", frozenset({"http://x"}))
        assert not demo.admits("https://evil.example", frozenset({"http://x"}))

    async def test_again_makes_nothing_twice_and_keeps_the_secret(self, database: Database, tmp_path: Path) -> None:
        settings = load_settings({"HIBACHI_DATA": str(tmp_path)})
        first = await seed(database, settings)
        async with database.transaction() as connection:
            secret = await install_secret(connection)
        second = await seed(database, settings)
        assert first.one_time_password == second.one_time_password
        assert first.sign_in_token != second.sign_in_token
        async with database.transaction() as connection:
            assert await install_secret(connection) == secret
        assert [await count(database, table) for table in ("install", "site", "staff")] == [1, 1, 1]

    async def test_four_at_once(self, database: Database, tmp_path: Path) -> None:
        settings = load_settings({"HIBACHI_DATA": str(tmp_path)})
        made = await asyncio.gather(*[seed(database, settings) for _ in range(4)])
        assert len({one.one_time_password for one in made}) == 1
        assert [await count(database, table) for table in ("install", "site", "staff")] == [1, 1, 1]


class TestOwner:
    async def test_a_chosen_password_is_not_printed(self, database: Database, staff: StaffService, passwords: Passwords) -> None:
        first = await owner.ensure(database, passwords, None, None)
        session = await staff.session((await staff.sign_in(first.sign_in_token)).cookie)
        await staff.change_password(session, "charcoal and garlic", None, "192.0.2.1")
        assert (await owner.ensure(database, passwords, None, None)).one_time_password is None

    async def test_password_of_the_settings_lasts(self, database: Database, staff: StaffService, passwords: Passwords) -> None:
        made = await owner.ensure(database, passwords, OWNER, "short")  # the operator's own responsibility
        assert made.one_time_password is None
        assert not (await staff.login(OWNER, "short", "192.0.2.1")).must_change

    async def test_same_password_again_ends_no_session(self, database: Database, staff: StaffService, passwords: Passwords) -> None:
        await owner.ensure(database, passwords, OWNER, "a lasting one")
        signed_in = await staff.login(OWNER, "a lasting one", "192.0.2.1")
        await owner.ensure(database, passwords, OWNER, "a lasting one")
        assert (await staff.session(signed_in.cookie)).role == "owner"

    async def test_another_password_ends_them(self, database: Database, staff: StaffService, passwords: Passwords) -> None:
        await owner.ensure(database, passwords, OWNER, "a lasting one")
        signed_in = await staff.login(OWNER, "a lasting one", "192.0.2.1")
        await owner.ensure(database, passwords, OWNER, "another one")
        with pytest.raises(Unauthorized):
            await staff.session(signed_in.cookie)
        with pytest.raises(Unauthorized):
            await staff.login(OWNER, "a lasting one", "192.0.2.1")

    async def test_it_replaces_a_one_time_password(self, database: Database, staff: StaffService, passwords: Passwords) -> None:
        first = await owner.ensure(database, passwords, OWNER, None)
        await owner.ensure(database, passwords, OWNER, "a lasting one")
        with pytest.raises(Unauthorized):
            await staff.login(OWNER, first.one_time_password or "", "192.0.2.1")
        assert not (await staff.login(OWNER, "a lasting one", "192.0.2.1")).must_change

    async def test_an_owner_by_another_name_is_enough(self, database: Database, passwords: Passwords) -> None:
        await owner.ensure(database, passwords, OWNER, "a lasting one")
        later = await owner.ensure(database, passwords, None, None)
        assert (later.email, later.one_time_password) == (OWNER, None)
        assert await count(database, "staff") == 1

    async def test_whoever_the_settings_name_is_owner_and_not_locked_out(
        self, database: Database, staff: StaffService, passwords: Passwords
    ) -> None:
        await staff.invite(OWNER, "Me", "agent")
        await staff.disable(OWNER)
        made = await owner.ensure(database, passwords, OWNER, None)
        assert (await staff.sign_in(made.sign_in_token)).role == "owner"

    async def test_dead_rows_are_cleared(self, database: Database, staff: StaffService, passwords: Passwords) -> None:
        made = await owner.ensure(database, passwords, None, None)
        session = await staff.session((await staff.sign_in(made.sign_in_token)).cookie)
        await staff.socket_token(session)
        async with database.transaction() as connection:
            for table in ("staff_session", "sign_in_link", "socket_token"):
                await connection.execute(sa.text(f"UPDATE core.{table} SET expires_at = now() - interval '31 days'"))
        await owner.ensure(database, passwords, None, None)
        assert [await count(database, table) for table in ("staff_session", "sign_in_link", "socket_token")] == [0, 1, 0]
