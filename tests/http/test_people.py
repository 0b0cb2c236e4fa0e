"""Who may be the same person, over HTTP: everybody says so, not everybody undoes it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.customers.details import Details, tell
from business.sites.service import ensure_demo
from business.staff.service import Invited
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ai import ChatSession
from kernel.tables.core import Audit
from kernel.tables.ops import TextNumber
from tests.bookings.conftest import Customers
from tests.http.conftest import NewBrowser
from tests.http.test_complaints import Person, dana_here, olga_here
from tests.http.test_tokens import chief, with_scopes

__all__ = ["chief", "dana_here", "olga_here"]

EMAIL, PHONE = "ana@customers.house", "+14155557001"


@pytest.fixture
async def two(database: Database) -> tuple[UUID, UUID]:
    """Two conversations whose customers gave the same address."""
    await database.unit(ensure_demo)
    one, other = await Customers(database).several(2)
    for number, conversation in enumerate((one, other)):
        said = Details(name=f"Ana {number}", email=EMAIL)
        await database.unit(lambda c, to=conversation, what=said: tell(c, to, what, ""))  # type: ignore[misc]
    return one, other


def path(conversation: UUID) -> str:
    return f"/api/admin/conversations/{conversation}/person"


class TestRefused:
    async def test_nobody_who_is_not_signed_in(self, browser: httpx.AsyncClient, two: tuple[UUID, UUID]) -> None:
        assert (await browser.get(path(two[0]))).status_code == 401

    async def test_what_is_not_there(self, dana_here: Person) -> None:
        assert (await dana_here.get(path(uuid4()))).status_code == 404
        for what in (f"suggestions/{uuid4()}/same", "suggestions/x/two", f"merges/{uuid4()}/part"):
            assert (await dana_here.post(f"/api/admin/{what}", {})).status_code == 404


class TestMuted:
    """A number that was taken for a machine is answered again because somebody who is signed in says so, and nobody else."""

    @pytest.fixture
    async def texter(self, two: tuple[UUID, UUID], database: Database) -> UUID:
        async with database.transaction() as connection:
            await connection.execute(sa.update(ChatSession).where(ChatSession.id == two[0]).values(channel="sms", phone=PHONE))
            mute = {"muted_until": utc_now() + timedelta(hours=1), "mute_reason": "alike"}
            await connection.execute(sa.insert(TextNumber).values(number=PHONE, **mute))
        return two[0]

    async def test_whoever_is_signed_in_sees_and_lifts_it_and_nobody_else(
        self, dana_here: Person, chief: Invited, new_browser: NewBrowser, database: Database, texter: UUID, two: tuple[UUID, UUID]
    ) -> None:
        unmute, stranger = f"/api/admin/conversations/{texter}/unmute", new_browser()
        assert (await stranger.post(unmute, json={})).status_code == 401
        assert (await dana_here._browser.post(unmute, json={})).status_code == 403, "without the token of the page"
        program = await with_scopes(database, chief, "read", "write", "admin")
        assert (await stranger.post(unmute, json={}, headers=program)).status_code == 403, "a program is nobody who has read it"
        for one in (uuid4(), "x"):
            assert (await dana_here.post(f"/api/admin/conversations/{one}/unmute", {})).status_code == 404
        muted = (await dana_here.get(path(texter))).json()["muted"]
        assert muted["why"] == "alike" and datetime.fromisoformat(muted["until"]) > utc_now()
        assert "muted" not in (await dana_here.get(path(two[1]))).json()
        for _ in range(2):
            assert (await dana_here.post(unmute, {})).status_code == 200
        assert "muted" not in (await dana_here.get(path(texter))).json()


class TestOnePerson:
    async def test_is_joined_by_anybody_and_parted_by_who_may(
        self, dana_here: Person, olga_here: Person, two: tuple[UUID, UUID], database: Database
    ) -> None:
        before = (await dana_here.get(path(two[0]))).json()
        (maybe,) = before["suggestions"]
        assert (maybe["why"], maybe["name"], maybe["conversation"]) == (["email"], "Ana 1", str(two[1]))
        assert maybe["ways"] == [{"kind": "email", "value": EMAIL, "verified": False}]
        assert [one["id"] for one in before["conversations"]] == [str(two[0])]
        for _ in range(2):
            assert (await olga_here.post(f"/api/admin/suggestions/{maybe['id']}/same", {})).status_code == 200
        joined = (await dana_here.get(path(two[1]))).json()
        assert {one["id"] for one in joined["conversations"]} == {str(id) for id in two}
        (merge,) = joined["joined"]
        assert (merge["reason"], merge["may_part"], merge["name"]) == ("staff", False, "Ana 1")
        assert (await dana_here.post(f"/api/admin/merges/{merge['id']}/part", {})).status_code == 403
        assert (await olga_here.post(f"/api/admin/merges/{merge['id']}/part", {})).status_code == 200
        after = (await dana_here.get(path(two[1]))).json()
        assert (after["suggestions"], after["joined"], len(after["conversations"])) == ([], [], 1)
        async with database.transaction() as connection:
            trail = (await connection.scalars(sa.select(Audit.action).where(Audit.action.startswith("customer.")))).all()
        assert sorted(trail) == ["customer.merge", "customer.part"]

    async def test_is_said_to_be_two(self, dana_here: Person, two: tuple[UUID, UUID]) -> None:
        (maybe,) = (await dana_here.get(path(two[0]))).json()["suggestions"]
        for _ in range(2):
            assert (await dana_here.post(f"/api/admin/suggestions/{maybe['id']}/two", {})).status_code == 200
        assert (await dana_here.get(path(two[0]))).json()["suggestions"] == []
        assert (await dana_here.post(f"/api/admin/suggestions/{maybe['id']}/same", {})).status_code == 409
