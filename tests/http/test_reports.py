"""Reports over HTTP: who may ask which, what a file holds, and that the trail knows who took it."""

import csv
import io

import httpx
import pytest
import sqlalchemy as sa

from business.staff.service import Invited, StaffService
from business.staff.tokens import ApiTokens
from kernel.database import Database
from kernel.tables.core import Audit
from tests.agents.staff_world import World, at_venue
from tests.http.conftest import entered

RUN, EXPORT = "/api/admin/reports/run", "/api/admin/reports/export"
PARTIES = {"report": "parties", "parameters": {}}


@pytest.fixture
async def chief(staff: StaffService) -> Invited:
    return await staff.invite("chief@example.com", "Chief", "admin")


async def exported(database: Database) -> list[tuple[str | None, dict[str, object]]]:
    async with database.transaction() as connection:
        rows = await connection.execute(sa.select(Audit.subject, Audit.details).where(Audit.action == "report.exported"))
        return [(row.subject, row.details) for row in rows]


async def test_refused(browser: httpx.AsyncClient, staff: StaffService, dana: Invited, database: Database) -> None:
    for address in (RUN, EXPORT):
        assert (await browser.post(address, json=PARTIES)).status_code == 401
    csrf = await entered(browser, staff, dana)
    for address in (RUN, EXPORT):
        assert (await browser.post(address, json=PARTIES)).status_code == 403, "without the CSRF token"
        assert (await browser.post(address, json={"report": "model_costs", "parameters": {}}, headers=csrf)).status_code == 403
        assert (await browser.post(address, json={"report": "staff", "parameters": {}}, headers=csrf)).status_code == 404
        wrong = {"report": "parties", "parameters": {"where": "1=1"}}
        assert (await browser.post(address, json=wrong, headers=csrf)).status_code == 400
    token = await ApiTokens(database).make(dana.staff_id, "reads", ("read",), None)
    by = {"Authorization": f"Bearer {token.secret}"}
    assert (await browser.post(EXPORT, json=PARTIES, headers=by)).status_code == 403
    assert await exported(database) == []


async def test_a_file_by_role(browser: httpx.AsyncClient, staff: StaffService, dana: Invited, chief: Invited, database: Database) -> None:
    world = await World(database).begin()
    await world.party(await world.customer("=Ana, Perez"), at_venue(2), phone="5105550142")
    for who, sees in ((dana, False), (chief, True)):
        csrf = await entered(browser, staff, who)
        offered = {one["name"] for one in (await browser.get("/api/admin/reports")).json()["items"]}
        assert ("model_costs" in offered) is sees
        shown = (await browser.post(RUN, json=PARTIES, headers=csrf)).json()
        assert shown["total"] == 1 and ("5105550142" in str(shown)) is sees
        response = await browser.post(EXPORT, json=PARTIES, headers=csrf)
        assert response.headers["content-type"] == "text/csv; charset=utf-8" and "parties-" in response.headers["content-disposition"]
        head, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""))
        assert ("Phone" in head) is sees and ("660.00" in row) is sees
        assert row[head.index("Customer")] == "'=Ana, Perez"
    assert await exported(database) == [("parties", {"parameters": {}, "rows": 1})] * 2


async def test_whoever_lost_the_role_exports_no_more(
    browser: httpx.AsyncClient, staff: StaffService, chief: Invited, database: Database
) -> None:
    csrf = await entered(browser, staff, chief)
    asked = {"report": "payments", "parameters": {}}
    assert (await browser.post(RUN, json=asked, headers=csrf)).status_code == 200
    async with database.transaction() as connection:
        await connection.execute(sa.text("UPDATE core.staff SET role = 'agent' WHERE id = :id"), {"id": chief.staff_id})
    assert (await browser.post(EXPORT, json=asked, headers=csrf)).status_code == 403
    assert await exported(database) == []
