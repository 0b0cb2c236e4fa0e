"""Webhooks over HTTP: for owners and admins, or a token with the scope; a secret is seen once; the log shows what was sent."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from business.staff.service import Invited, StaffService
from business.webhooks.sending import Sender
from kernel.database import Database
from kernel.outside.addresses import Outside
from tests.http.conftest import entered
from tests.rig.receiver import Receiver, verify
from workers.webhooks import Webhooks

HOOKS = "/api/admin/webhooks"
BODY = {"url": "http://127.0.0.1:9/hook", "events": ["message.created"], "description": "Sheet"}


@pytest.fixture
async def csrf(browser: httpx.AsyncClient, staff: StaffService) -> dict[str, str]:
    return await entered(browser, staff, await staff.invite("chief@example.com", "Chief", "admin"))


async def work(database: Database) -> None:
    """A worker does what is due, once."""
    worker = Webhooks(database, sender := Sender(Outside(("127.0.0.0/8",))))
    await worker.look()
    await worker.idle()
    await sender.close()


class TestLookingAfter:
    async def test_is_not_for_agents(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        csrf = await entered(browser, staff, dana)
        for method, path in (("GET", HOOKS), ("POST", HOOKS), ("DELETE", f"{HOOKS}/{uuid4()}"), ("GET", f"{HOOKS}/{uuid4()}/deliveries")):
            assert (await browser.request(method, path, json=BODY, headers=csrf)).status_code == 403

    @pytest.mark.parametrize(
        "wrong",
        [{"url": "ftp://x"}, {"url": "http://10.0.0.1/"}, {"events": []}, {"events": ["message.deleted"]}, {"description": "x" * 201}],
        ids=str,
    )
    async def test_nonsense(self, browser: httpx.AsyncClient, csrf: dict[str, str], wrong: dict[str, Any]) -> None:
        assert (await browser.post(HOOKS, json=BODY | wrong, headers=csrf)).status_code == 400
        made = (await browser.post(HOOKS, json=BODY, headers=csrf)).json()
        assert (await browser.patch(f"{HOOKS}/{made['id']}", json=wrong, headers=csrf)).status_code == 400

    async def test_add_change_rotate_delete(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        made = (await browser.post(HOOKS, json=BODY, headers=csrf)).json()
        one = f"{HOOKS}/{made['id']}"
        assert made["secret"].startswith("whsec_") and made["on"] is True
        listed = (await browser.get(HOOKS)).json()
        assert "secret" not in listed["items"][0] and "conversation.closed" in listed["events"]
        rotated = (await browser.post(f"{one}/rotate", json={}, headers=csrf)).json()
        assert rotated["secret"] != made["secret"] and rotated["previous_until"]
        off = (await browser.patch(one, json={"on": False, "description": "", "events": ["handoff.opened"]}, headers=csrf)).json()
        assert (off["on"], off["off_reason"], off["events"]) == (False, "staff", ["handoff.opened"])
        assert (await browser.post(f"{one}/test", json={}, headers=csrf)).status_code == 409
        assert (await browser.delete(one, headers=csrf)).json() == {"ok": True}
        for method, path in (
            ("PATCH", one),
            ("DELETE", one),
            ("POST", f"{one}/rotate"),
            ("POST", f"{one}/test"),
            ("GET", f"{one}/deliveries"),
        ):
            assert (await browser.request(method, path, json={}, headers=csrf)).status_code == 404
        async with database.transaction() as connection:
            rows = await connection.exec_driver_sql("SELECT action FROM core.audit WHERE subject = $1 ORDER BY at", (made["id"],))
            assert [row.action for row in rows] == [f"webhook.{verb}" for verb in ("added", "rotated", "changed", "deleted")]

    async def test_no_more_than_twenty(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        for _ in range(20):
            assert (await browser.post(HOOKS, json=BODY, headers=csrf)).status_code == 200
        assert (await browser.post(HOOKS, json=BODY, headers=csrf)).status_code == 409


class TestTheLog:
    async def test_shows_tries_payload_and_sends_again(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        async with Receiver() as receiver:
            receiver.behave("500")
            made = (await browser.post(HOOKS, json=BODY | {"url": receiver.url()}, headers=csrf)).json()
            told = (await browser.post(f"{HOOKS}/{made['id']}/test", json={}, headers=csrf)).json()
            assert told["delivery"]["state"] == "waiting" and told["payload"]["type"] == "webhook.test"
            await work(database)
            (line,) = (await browser.get(f"{HOOKS}/{made['id']}/deliveries")).json()["items"]
            assert (line["state"], line["attempts"], line["last"]["status"], line["last"]["error"]) == ("waiting", 1, 500, "status")
            assert line["next_at"] > line["created_at"]
            one = f"/api/admin/webhook-deliveries/{line['id']}"
            assert (await browser.post(f"{one}/redeliver", json={}, headers=csrf)).status_code == 200
            await work(database)
            found = (await browser.get(one)).json()
            assert found["delivery"]["state"] == "delivered" and "next_at" not in found["delivery"]
            assert [tried["status"] for tried in found["attempts"]] == [500, 200]
            assert [request.id for request in receiver.requests] == [line["message_id"]] * 2
            assert receiver.requests[1].event == found["payload"] and verify(receiver.requests[1], made["secret"])
        assert (await browser.get(f"/api/admin/webhook-deliveries/{uuid4()}")).status_code == 404
        assert (await browser.get(f"{HOOKS}/{made['id']}/deliveries", params={"cursor": "x"})).status_code == 400
