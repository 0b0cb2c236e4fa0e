"""Notifications over HTTP: one's own devices and hours, known push services alone."""

import httpx
import pytest

from business.push.vapid import decoded
from business.sites.service import ensure_install
from business.staff.service import Invited, StaffService
from kernel.database import Database
from tests.http.conftest import entered
from tests.rig.pushes import Device, PushService

AT = "/api/admin/notifications"


@pytest.fixture
async def csrf(database: Database, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> dict[str, str]:
    """Dana is in, at an install that has its key."""
    await database.unit(ensure_install)
    return await entered(browser, staff, dana)


def subscription(host: str = "push.example.com") -> dict[str, str]:
    return {**Device(PushService()).subscription, "endpoint": f"https://{host}/send/1"}


class TestNotifications:
    async def test_are_for_who_is_signed_in(self, browser: httpx.AsyncClient) -> None:
        assert (await browser.get(AT)).status_code == 401
        assert (await browser.post(f"{AT}/devices", json=subscription())).status_code == 401

    async def test_show_the_same_key_and_no_secret(self, database: Database, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        first = (await browser.get(AT)).json()
        await database.unit(ensure_install)
        assert (await browser.get(AT)).json() == first
        assert set(first) == {"key"} and len(decoded(first["key"])) == 65

    async def test_a_device_comes_and_goes(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        mine = subscription("eu.push.example.org")
        here = {"endpoint": mine["endpoint"]}
        assert (await browser.post(f"{AT}/devices/test", json=here, headers=csrf)).status_code == 404
        for _ in range(2):
            assert (await browser.post(f"{AT}/devices", json=mine, headers=csrf)).json() == {"ok": True}
        assert (await browser.post(f"{AT}/devices/test", json=here, headers=csrf)).json() == {"ok": True}
        for _ in range(2):
            assert (await browser.post(f"{AT}/devices/remove", json=here, headers=csrf)).json() == {"ok": True}
        assert (await browser.post(f"{AT}/devices/test", json=here, headers=csrf)).status_code == 404

    async def test_nothing_is_posted_elsewhere(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        refused = await browser.post(f"{AT}/devices", json=subscription("metadata.internal"), headers=csrf)
        assert refused.status_code == 400 and "not a known one" in refused.json()["error"]["message"]
        assert (await browser.post(f"{AT}/devices", json=subscription())).status_code == 403, "without the page's proof"
        assert (await browser.post(f"{AT}/devices", json={"endpoint": "x"}, headers=csrf)).status_code == 400

    async def test_quiet_hours_are_kept_and_taken_back(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        quiet = {"starts": 1320, "ends": 480, "zone": "America/New_York"}
        assert (await browser.patch(AT, json={"quiet": quiet}, headers=csrf)).json()["quiet"] == quiet
        assert (await browser.get(AT)).json()["quiet"] == quiet
        for wrong in ({**quiet, "ends": 1320}, {**quiet, "starts": 1440}, {**quiet, "zone": "Nowhere/At_All"}, {"starts": 1}):
            assert (await browser.patch(AT, json={"quiet": wrong}, headers=csrf)).status_code == 400
        assert "quiet" not in (await browser.patch(AT, json={"quiet": None}, headers=csrf)).json()

    async def test_a_person_has_so_many_devices(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        answers = []
        for number in range(21):
            body = {**subscription(), "endpoint": f"https://push.example.com/{number}"}
            answers.append((await browser.post(f"{AT}/devices", json=body, headers=csrf)).status_code)
        assert answers == [200] * 20 + [409]
