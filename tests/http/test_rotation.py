"""Taking turns over HTTP: the rule by owners and admins, being away by everyone for themselves."""

import httpx
import pytest

from business.sites.service import ensure_install
from business.staff.service import Invited, StaffService
from kernel.database import Database
from tests.http.conftest import entered

AT = "/api/admin/rotation"


class TestRotation:
    async def test_an_agent_may_be_away_and_change_nothing_else(
        self, database: Database, browser: httpx.AsyncClient, staff: StaffService, dana: Invited
    ) -> None:
        assert (await browser.get(AT)).status_code == 401
        await database.unit(ensure_install)
        csrf = await entered(browser, staff, dana)
        assert (await browser.get(AT)).json() == {"on": False, "limit": 5, "away": False}
        assert (await browser.post(f"{AT}/away", json={"away": True}, headers=csrf)).json()["away"] is True
        assert (await browser.patch(AT, json={"on": True}, headers=csrf)).status_code == 403
        assert (await browser.post(f"{AT}/away", json={"away": False})).status_code == 403
        assert (await browser.get(AT)).json() == {"on": False, "limit": 5, "away": True}

    @pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 101}, {"on": "perhaps"}, {"off": True}])
    async def test_an_admin_sets_the_rule(
        self, database: Database, browser: httpx.AsyncClient, staff: StaffService, wrong: dict[str, object]
    ) -> None:
        await database.unit(ensure_install)
        csrf = await entered(browser, staff, await staff.invite("chief@example.com", "Chief", "admin"))
        assert (await browser.patch(AT, json=wrong, headers=csrf)).status_code == 400
        assert (await browser.patch(AT, json={"on": True, "limit": 2}, headers=csrf)).json() == {"on": True, "limit": 2, "away": False}
        assert (await browser.patch(AT, json={"limit": 3}, headers=csrf)).json()["on"] is True
