"""Audit, sites and staff over HTTP: what each role may not do, then what it may."""

import asyncio
from datetime import datetime
from uuid import uuid4

import httpx
import pytest

from business.staff.management import StaffManagement
from business.staff.service import Invited, StaffService
from kernel.database import Database
from kernel.errors import Conflict
from tests.http.conftest import NewBrowser, entered
from tests.staff.conftest import ManualClock

SITES, STAFF, AUDIT = "/api/admin/sites", "/api/admin/staff", "/api/admin/audit"
SHOP = {"key": "shop", "name": "Shop", "origins": ["https://www.example.com"]}


@pytest.fixture
async def owner(staff: StaffService) -> Invited:
    return await staff.invite("owner@example.com", "Olga", "owner")


@pytest.fixture
async def chief(staff: StaffService) -> Invited:
    return await staff.invite("chief@example.com", "Chief", "admin")


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


class TestAgents:
    async def test_may_look_at_colleagues_and_nothing_else(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        csrf = await entered(browser, staff, dana)
        invite = {"email": "a@example.com", "name": "A", "role": "agent"}
        for method, path, body in (
            ("GET", AUDIT, None),
            ("GET", SITES, None),
            ("POST", SITES, SHOP),
            ("PATCH", f"{SITES}/demo", {"name": "x"}),
            ("POST", STAFF, invite),
            ("PATCH", f"{STAFF}/{dana.staff_id}", {"role": "owner"}),
            ("POST", f"{STAFF}/{dana.staff_id}/reset", {}),
        ):
            assert code(await browser.request(method, path, json=body, headers=csrf)) == (403, "not_allowed"), path
        assert [one["email"] for one in (await browser.get(STAFF)).json()["items"]] == [dana.email]


class TestAccount:
    async def test_everyone_names_themselves(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        csrf = await entered(browser, staff, dana)
        for body in ({}, {"name": ""}, {"name": " \u0007 "}, {"name": "x" * 81}, {"name": "Dana", "role": "owner"}):
            assert code(await browser.patch("/api/admin/account", json=body, headers=csrf)) == (400, "bad_request"), body
        assert code(await browser.patch("/api/admin/account", json={"name": "Dee"})) == (403, "not_allowed")
        renamed = await browser.patch("/api/admin/account", json={"name": "  Dana   Q. "}, headers=csrf)
        assert renamed.json() == {"id": str(dana.staff_id), "name": "Dana Q.", "role": "agent"}
        assert (await browser.get("/api/admin/session")).json()["staff"]["name"] == "Dana Q."

    async def test_nobody_without_a_session(self, browser: httpx.AsyncClient) -> None:
        assert code(await browser.patch("/api/admin/account", json={"name": "Dee"})) == (401, "not_allowed")


class TestStaff:
    async def test_admins_do_not_reach_owners(
        self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited, chief: Invited, dana: Invited
    ) -> None:
        csrf = await entered(browser, staff, chief)
        there = f"{STAFF}/{owner.staff_id}"
        for response in (
            await browser.post(STAFF, json={"email": "b@example.com", "name": "B", "role": "owner"}, headers=csrf),
            await browser.patch(f"{STAFF}/{dana.staff_id}", json={"role": "owner"}, headers=csrf),
            await browser.patch(there, json={"disabled": True}, headers=csrf),
            await browser.patch(there, json={"role": "agent"}, headers=csrf),
            await browser.post(f"{there}/reset", json={}, headers=csrf),
            await browser.patch(f"{STAFF}/{chief.staff_id}", json={"role": "agent"}, headers=csrf),
            await browser.patch(f"{STAFF}/{chief.staff_id}", json={"disabled": True}, headers=csrf),
        ):
            assert code(response) == (403, "not_allowed")
        assert {one.email: one.role for one in await staff.colleagues()}[owner.email] == "owner"

    @pytest.mark.parametrize("change", [{"role": "agent"}, {"disabled": True}], ids=str)
    async def test_two_owners_at_once_leave_one(
        self, new_browser: NewBrowser, staff: StaffService, owner: Invited, change: dict[str, object]
    ) -> None:
        other = await staff.invite("other@example.com", "Otto", "owner")
        one, two = new_browser(), new_browser(address="192.0.2.2")
        csrf, csrf_two = await entered(one, staff, owner), await entered(two, staff, other)
        answers = await asyncio.gather(
            one.patch(f"{STAFF}/{other.staff_id}", json=change, headers=csrf),
            two.patch(f"{STAFF}/{owner.staff_id}", json=change, headers=csrf_two),
        )
        # Whoever comes second is refused: as the last owner's, or because theirs is no owner's session any more.
        assert sorted(answer.status_code for answer in answers)[0] == 200
        assert {answer.status_code for answer in answers} - {200} <= {401, 403, 409}
        assert len([a for a in await staff.colleagues() if a.role == "owner" and not a.disabled]) == 1

    async def test_the_last_owner_stays(self, database: Database, staff: StaffService, owner: Invited) -> None:
        """A session that was an owner's a moment ago, while the other owner is the last one now."""
        other = await staff.invite("other@example.com", "Otto", "owner")
        mine = await staff.session((await staff.sign_in(owner.sign_in_token)).cookie)
        await staff.disable(owner.email)
        people = StaffManagement(database, staff)
        for role, disabled in (("agent", None), (None, True)):
            with pytest.raises(Conflict, match="last owner"):
                await people.change(mine, other.staff_id, name=None, role=role, disabled=disabled)

    async def test_nonsense(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        for path in (f"{STAFF}/{uuid4()}", f"{STAFF}/nobody"):
            assert code(await browser.patch(path, json={"name": "x"}, headers=csrf)) == (404, "not_found")
            assert code(await browser.post(f"{path}/reset", json={}, headers=csrf)) == (404, "not_found")
        for body in ({"email": "no", "name": "A", "role": "agent"}, {"email": "a@b.c", "name": "A", "role": "king"}):
            assert code(await browser.post(STAFF, json=body, headers=csrf)) == (400, "bad_request")
        same = {"email": owner.email, "name": "A", "role": "agent"}
        assert code(await browser.post(STAFF, json=same, headers=csrf)) == (409, "conflict")

    async def test_invited_changed_disabled_reset(self, new_browser: NewBrowser, staff: StaffService, owner: Invited) -> None:
        mine, theirs = new_browser(), new_browser()
        csrf = await entered(mine, staff, owner)
        made = (await mine.post(STAFF, json={"email": "E@example.com", "name": "Eve", "role": "agent"}, headers=csrf)).json()
        token = made["sign_in_path"].partition("sign-in=")[2]
        assert (await theirs.post("/api/admin/sign-in", json={"token": token})).status_code == 200
        there = f"{STAFF}/{made['id']}"
        changed = (await mine.patch(there, json={"role": "admin", "name": "Eva"}, headers=csrf)).json()
        assert (changed["role"], changed["name"], changed["disabled"]) == ("admin", "Eva", False)
        assert (await theirs.get(SITES)).status_code == 200, "a role counts at once"
        assert (await mine.patch(there, json={"disabled": True}, headers=csrf)).json()["disabled"] is True
        assert (await theirs.get("/api/admin/session")).status_code == 401
        assert (await mine.patch(there, json={"disabled": False}, headers=csrf)).json()["disabled"] is False
        again = (await mine.post(f"{there}/reset", json={}, headers=csrf)).json()
        assert again["one_time_password"] != made["one_time_password"]
        trail = (await mine.get(AUDIT, params={"subject": made["id"]})).json()["items"]
        actions = [entry["action"] for entry in trail]
        assert actions == ["staff.reset", "staff.changed", "staff.disabled", "staff.changed", "staff.login", "staff.invited"]
        assert {entry["actor_name"] for entry in trail if entry["action"] != "staff.login"} == {"Olga"}
        assert made["one_time_password"] not in str(trail) and token not in str(trail)


class TestSites:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"key": "No Key"},
            {"origins": ["*"]},
            {"origins": []},
            {"theme": {"--evil": "url(x)"}},
            {"ask": ["password"]},
            {"greeting": {"fr": "x"}},
            {"secret": "x"},
        ],
        ids=str,
    )
    async def test_nonsense(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited, wrong: dict[str, object]) -> None:
        csrf = await entered(browser, staff, owner)
        assert code(await browser.post(SITES, json=SHOP | wrong, headers=csrf)) == (400, "bad_request")
        assert code(await browser.patch(f"{SITES}/nowhere", json={"name": "x"}, headers=csrf)) == (404, "not_found")

    async def test_the_secret_is_shown_once(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        made = (await browser.post(SITES, json=SHOP, headers=csrf)).json()
        assert len(made["identity_secret"]) > 30 and 'data-site="shop"' in made["snippet"]
        assert code(await browser.post(SITES, json=SHOP, headers=csrf)) == (409, "conflict")
        listed = await browser.get(SITES)
        assert made["identity_secret"] not in listed.text and listed.json()["items"][0]["key"] == "shop"
        renamed = (await browser.patch(f"{SITES}/shop", json={"name": "Store", "theme": {"--ember": "#c2410c"}}, headers=csrf)).json()
        assert renamed["name"] == "Store" and "identity_secret" not in renamed and renamed["origins"] == SHOP["origins"]
        assert renamed["ask"] == ["name", "email", "phone"]
        asks = (await browser.patch(f"{SITES}/shop", json={"ask": ["event_date"]}, headers=csrf)).json()
        assert (asks["ask"], asks["theme"], asks["greeting"]) == (["event_date"], renamed["theme"], {})
        greets = (await browser.patch(f"{SITES}/shop", json={"greeting": {"es": " Hola "}}, headers=csrf)).json()
        assert (greets["greeting"], greets["ask"]) == ({"es": "Hola"}, ["event_date"])
        rotated = (await browser.patch(f"{SITES}/shop", json={"new_secret": True}, headers=csrf)).json()
        assert rotated["identity_secret"] != made["identity_secret"]
        trail = (await browser.get(AUDIT)).json()["items"]
        assert trail[0]["action"] == "site.changed" and rotated["identity_secret"] not in str(trail)


class TestPreview:
    async def test_tells_what_a_visitor_is_told(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        await browser.post(SITES, json=SHOP | {"theme": {"--ember": "#123456"}, "ask": ["phone"]}, headers=csrf)
        spoken = {}
        for locale in ("en", "es"):
            told = (await browser.get(f"{SITES}/shop/card", params={"locale": locale})).json()
            spoken[locale] = told["card"]
            assert "#123456" not in told["own_theme"].values()
        assert spoken["en"]["theme"]["--ember"] == "#123456" and spoken["en"]["ask"] == ["phone"]
        assert spoken["es"]["locale"] == "es" and spoken["es"]["greeting"] != spoken["en"]["greeting"]
        assert (await browser.get(f"{SITES}/shop/card")).json()["card"]["locale"] == "en"

    async def test_nonsense(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited, dana: Invited) -> None:
        assert code(await browser.get(f"{SITES}/shop/card")) == (401, "not_allowed")
        await entered(browser, staff, owner)
        for key in ("shop", "No Key"):
            assert code(await browser.get(f"{SITES}/{key}/card")) == (404, "not_found")
        for query in ({"locale": "fr"}, {"language": "en"}):
            assert code(await browser.get(f"{SITES}/shop/card", params=query)) == (400, "bad_request")
        await entered(browser, staff, dana)
        assert code(await browser.get(f"{SITES}/shop/card")) == (403, "not_allowed")


class TestGreeting:
    async def test_is_told_to_any_page(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        await browser.post(SITES, json=SHOP | {"greeting": {"en": "Hungry?", "es": "¿Hay hambre?"}}, headers=csrf)
        browser.cookies.clear()
        for locale, words in (("en", "Hungry?"), ("es", "¿Hay hambre?")):
            there = {"Origin": "https://anywhere.example"}
            told = await browser.get("/api/sites/shop/greeting", params={"locale": locale}, headers=there)
            assert told.json() == {"greeting": words} and told.headers["access-control-allow-origin"] == "*"
            assert "set-cookie" not in told.headers

    async def test_stands_in_the_chat_too(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        await browser.post(SITES, json=SHOP, headers=csrf)
        usual = (await browser.get(f"{SITES}/shop/card")).json()["card"]["greeting"]
        await browser.patch(f"{SITES}/shop", json={"greeting": {"es": "¿Hay hambre?"}}, headers=csrf)
        for locale, words in (("en", usual), ("es", "¿Hay hambre?")):
            told = (await browser.get(f"{SITES}/shop/card", params={"locale": locale})).json()
            assert told["card"]["greeting"] == words
        assert told["own_greeting"] not in ("", usual, "¿Hay hambre?")

    @pytest.mark.parametrize("key", ["nowhere", "No Key", "a" * 500, "%00"])
    async def test_of_a_site_that_is_not_is_nothing(self, browser: httpx.AsyncClient, key: str) -> None:
        assert (await browser.get(f"/api/sites/{key}/greeting")).json() == {}
        assert code(await browser.get(f"/api/sites/{key}/greeting", params={"locale": "fr"})) == (400, "bad_request")


class TestAudit:
    async def test_pages(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        for number in range(55):
            assert (await browser.patch(f"{STAFF}/{owner.staff_id}", json={"name": f"Olga {number}"}, headers=csrf)).status_code == 200
        first = (await browser.get(AUDIT)).json()
        second = (await browser.get(AUDIT, params={"cursor": first["cursor"]})).json()
        ids = [entry["id"] for entry in (*first["items"], *second["items"])]
        assert len(first["items"]) == 50 and "cursor" not in second
        assert len(set(ids)) == len(ids) >= 57

    @pytest.mark.parametrize(
        "query",
        [
            {"cursor": "x"},
            {"subject": "a\x00"},
            {"actor": "somebody"},
            {"action": "site.%"},
            {"action": "a.b.c"},
            {"since": "yesterday"},
            {"until": "2026-01-01T00:00:00"},
            {"limit": "0"},
            {"limit": "501"},
            {"page": "2"},
        ],
        ids=str,
    )
    async def test_nonsense(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited, query: dict[str, str]) -> None:
        await entered(browser, staff, owner)
        assert code(await browser.get(AUDIT, params=query)) == (400, "bad_request")

    async def test_narrowed(self, new_browser: NewBrowser, staff: StaffService, owner: Invited, chief: Invited, clock: ManualClock) -> None:
        mine, theirs = new_browser(), new_browser()
        csrf, other = await entered(mine, staff, owner), await entered(theirs, staff, chief)
        await mine.post(SITES, json=SHOP, headers=csrf)
        await theirs.patch(f"{SITES}/shop", json={"name": "Store"}, headers=other)
        await theirs.patch(f"{STAFF}/{chief.staff_id}", json={"name": "Charlotte"}, headers=other)

        async def actions(**query: str) -> list[str]:
            answered = await mine.get(AUDIT, params=query)
            assert answered.status_code == 200, answered.text
            return [entry["action"] for entry in answered.json()["items"]]

        assert await actions(action="site") == ["site.changed", "site.added"]
        assert await actions(action="site.changed") == ["site.changed"]
        assert await actions(action="sit") == []
        assert await actions(actor=str(chief.staff_id)) == ["staff.changed", "site.changed", "staff.login"]
        assert await actions(actor=str(uuid4())) == []
        assert set(await actions(actor="cli")) == {"staff.reset", "staff.invited"}
        first, *_, last = (await mine.get(AUDIT)).json()["items"]
        assert (first["actor_name"], first["subject_name"]) == ("Charlotte", "Charlotte")
        assert await actions(until=last["at"]) == [] and first["action"] in await actions(since=first["at"])
        assert (await actions(since=last["at"], until=first["at"]))[-1] == last["action"]
        assert len(await actions(limit="2")) == 2


class TestLastSeen:
    async def test_is_the_last_use(
        self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, owner: Invited, clock: ManualClock
    ) -> None:
        await entered(browser, staff, dana)
        clock.forward(hours=3)
        used = clock.now
        await browser.get("/api/admin/session")
        clock.forward(minutes=5)
        seen = {one["id"]: one.get("last_seen_at") for one in (await browser.get(STAFF)).json()["items"]}
        assert datetime.fromisoformat(seen[str(dana.staff_id)]) == used
        assert seen[str(owner.staff_id)] is None
