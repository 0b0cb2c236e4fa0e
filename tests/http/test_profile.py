"""The business profile over HTTP: who may not, what is refused and why, two savers at once; then saved, listed, restored."""

import asyncio
from copy import deepcopy
from typing import Any

import httpx
import pytest

from business.profile.live import first_edition
from business.profile.loader import load_profile
from business.profile.versions import take_file
from business.staff.service import Invited, StaffService
from kernel.database import Database
from tests.http.conftest import NewBrowser, entered

PROFILE = "/api/admin/profile"
SHIPPED = load_profile()


@pytest.fixture(autouse=True)
async def first(database: Database) -> None:
    """Version 1: the shipped file."""
    await first_edition(database, None)


@pytest.fixture
async def owner(staff: StaffService) -> Invited:
    return await staff.invite("owner@example.com", "Olga", "owner")


@pytest.fixture
async def chief(staff: StaffService) -> Invited:
    return await staff.invite("chief@example.com", "Chief", "admin")


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def priced(cents: Any, **more: Any) -> dict[str, Any]:
    """The shipped profile with another price per adult."""
    content = deepcopy(SHIPPED.model_dump(mode="json", exclude_none=True))
    content["prices"] |= {"adult_cents": cents, **more}
    return content


async def save(browser: httpx.AsyncClient, csrf: dict[str, str], based_on: Any, cents: Any, **body: Any) -> httpx.Response:
    return await browser.put(PROFILE, json={"based_on": based_on, "content": priced(cents), **body}, headers=csrf)


class TestRefused:
    async def test_to_agents_strangers_and_without_the_token(
        self, new_browser: NewBrowser, staff: StaffService, dana: Invited, owner: Invited
    ) -> None:
        stranger, agent, mine = new_browser(), new_browser(), new_browser()
        csrf = await entered(agent, staff, dana)
        await entered(mine, staff, owner)
        for method, path, body in (
            ("GET", PROFILE, None),
            ("GET", f"{PROFILE}/versions/1", None),
            ("PUT", PROFILE, {"based_on": 1, "content": priced(5600)}),
            ("POST", f"{PROFILE}/validate", {"content": priced(5600)}),
            ("POST", f"{PROFILE}/restore", {"number": 1, "based_on": 1}),
        ):
            assert (await stranger.request(method, path, json=body)).status_code == 401
            assert code(await agent.request(method, path, json=body, headers=csrf)) == (403, "not_allowed")
            if method != "GET":
                assert code(await mine.request(method, path, json=body)) == (403, "not_allowed"), "without the CSRF token"
        assert (await mine.get(PROFILE)).json()["current"]["number"] == 1

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"based_on": 1},
            {"based_on": 1, "content": {}, "toml": ""},
            {"based_on": "1", "content": {}},
            {"based_on": 0, "content": {}},
            {"based_on": True, "content": {}},
            {"based_on": 1, "content": [1]},
            {"based_on": 1, "toml": "[prices"},
            {"based_on": 1, "toml": "a = " + "[" * 4000},
            {"based_on": 1, "content": {"business": {"name": "\x00"}}},
            {"based_on": 1, "content": {}, "force": True},
        ],
        ids=lambda body: str(body)[:60],
    )
    async def test_nonsense(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited, body: dict[str, Any]) -> None:
        csrf = await entered(browser, staff, owner)
        assert code(await browser.put(PROFILE, json=body, headers=csrf)) == (400, "bad_request")
        assert (await browser.get(PROFILE)).json()["current"]["number"] == 1

    async def test_every_fault_with_its_place_and_words(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        wrong = priced("free", deposit_cents=-1)
        wrong["menu"]["upgrades"][0]["allergens"] = ["unicorn"]
        refused = await browser.put(PROFILE, json={"based_on": 1, "content": wrong}, headers=csrf)
        assert code(refused) == (400, "bad_request")
        faults = refused.json()["error"]["faults"]
        assert [fault["path"] for fault in faults] == ["prices.adult_cents", "prices.deposit_cents", "menu.upgrades.0.allergens"]
        assert all(fault["what"] and fault["why"] and fault["todo"] for fault in faults)
        checked = (await browser.post(f"{PROFILE}/validate", json={"content": wrong}, headers=csrf)).json()
        assert checked == {"ok": False, "faults": faults, "changes": []}
        toml = (await browser.get(PROFILE)).json()["current"]["toml"].replace("adult_cents = 5500", "adult_cents = 55.5")
        (fault,) = (await browser.post(f"{PROFILE}/validate", json={"toml": toml}, headers=csrf)).json()["faults"]
        assert toml.splitlines()[fault["line"] - 1] == "adult_cents = 55.5"

    async def test_what_is_not_there(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        for number in ("2", "0", "-1", "x", "9" * 40, "1.0", "٣"):
            assert code(await browser.get(f"{PROFILE}/versions/{number}")) == (404, "not_found")
        assert code(await browser.get(PROFILE, params={"before": "x"})) == (400, "bad_request")
        assert code(await save(browser, csrf, 7, 5600)) == (404, "not_found")
        for body in ({"number": 9, "based_on": 1}, {"number": 1, "based_on": 9}):
            assert code(await browser.post(f"{PROFILE}/restore", json=body, headers=csrf)) == (404, "not_found")

    async def test_a_body_beyond_all_measure(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        assert code(await save(browser, csrf, 1, 5600, note="x" * 600_000)) == (413, "too_large")
        assert code(await save(browser, csrf, 1, 5600, note="x" * 600)) == (400, "bad_request")


class TestSavers:
    async def test_the_second_reads_both(self, new_browser: NewBrowser, staff: StaffService, owner: Invited, chief: Invited) -> None:
        mine, theirs = new_browser(), new_browser()
        csrf, their_csrf = await entered(mine, staff, owner), await entered(theirs, staff, chief)
        assert (await save(theirs, their_csrf, 1, 5700)).status_code == 200
        refused = await save(mine, csrf, 1, 5900)
        assert code(refused) == (409, "conflict")
        error = refused.json()["error"]
        assert "Chief saved version 2" in error["message"]
        assert error["base"] == 1 and error["current"]["number"] == 2 and error["current"]["content"]["prices"]["adult_cents"] == 5700
        assert error["current"]["changes"] == [{"path": "prices.adult_cents", "before": 5500, "after": 5700}]
        assert error["mine"] == [{"path": "prices.adult_cents", "before": 5500, "after": 5900}]
        assert (await save(mine, csrf, 2, 5900)).json()["number"] == 3

    async def test_race_and_one_wins(self, new_browser: NewBrowser, staff: StaffService, owner: Invited) -> None:
        browsers = [new_browser() for _ in range(5)]
        tokens = [await entered(browser, staff, owner) for browser in browsers[:1]]
        for browser in browsers[1:]:
            browser.cookies = browsers[0].cookies
        answers = await asyncio.gather(*(save(one, tokens[0], 1, 6000 + n) for n, one in enumerate(browsers)))
        assert sorted(one.status_code for one in answers) == [200, 409, 409, 409, 409]
        won = next(one.json() for one in answers if one.status_code == 200)
        now = (await browsers[0].get(PROFILE)).json()
        assert now["current"]["number"] == won["number"] == 2 and now["current"]["content"] == won["content"]
        assert {one.json()["error"]["current"]["fingerprint"] for one in answers if one.status_code == 409} == {won["fingerprint"]}

    async def test_the_same_said_twice_is_one_version(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        made = [(await save(browser, csrf, 1, 5800)).json()["number"] for _ in range(2)]
        assert made == [2, 2] and len((await browser.get(PROFILE)).json()["versions"]) == 2


class TestVersions:
    async def test_saved_listed_restored(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        before = (await browser.get(PROFILE)).json()
        assert before["current"]["fingerprint"] == SHIPPED.version and before["current"]["source"] == "file" and not before["more"]
        made = (await save(browser, csrf, 1, 5800, note="  summer\n prices ")).json()
        assert (made["number"], made["by"], made["based_on"], made["note"]) == (2, "Olga", 1, "summer prices")
        assert made["changes"] == [{"path": "prices.adult_cents", "before": 5500, "after": 5800}]
        text = made["toml"].replace("deposit_cents = 10000", "deposit_cents = 15000")
        by_text = (await browser.put(PROFILE, json={"based_on": 2, "toml": text}, headers=csrf)).json()
        assert by_text["number"] == 3 and by_text["content"]["prices"]["deposit_cents"] == 15000
        restored = (await browser.post(f"{PROFILE}/restore", json={"number": 1, "based_on": 3}, headers=csrf)).json()
        assert (restored["number"], restored["restored"], restored["fingerprint"]) == (4, 1, SHIPPED.version)
        assert [change["path"] for change in restored["changes"]] == ["prices.adult_cents", "prices.deposit_cents"]
        listed = (await browser.get(PROFILE)).json()["versions"]
        assert [one["number"] for one in listed] == [4, 3, 2, 1]
        assert (await browser.get(f"{PROFILE}/versions/2")).json() == made, "a version never changes"
        assert [one["number"] for one in (await browser.get(PROFILE, params={"before": 3})).json()["versions"]] == [2, 1]
        trail = (await browser.get("/api/admin/audit")).json()["items"]
        told = {entry["subject"]: (entry["action"], entry["details"]) for entry in trail if entry["action"].startswith("profile.")}
        assert told["4"] == ("profile.restored", {"based_on": 3, "changed": ["prices"], "restored": 1})
        assert told["2"] == ("profile.saved", {"based_on": 1, "changed": ["prices"]}) and told["1"][0] == "profile.file_taken"

    async def test_a_valid_one_is_shown_in_both_forms(self, browser: httpx.AsyncClient, staff: StaffService, owner: Invited) -> None:
        csrf = await entered(browser, staff, owner)
        checked = (await browser.post(f"{PROFILE}/validate", json={"content": priced(5800)}, headers=csrf)).json()
        assert checked["ok"] and "adult_cents = 5800" in checked["toml"]
        assert checked["changes"] == [{"path": "prices.adult_cents", "before": 5500, "after": 5800}]
        again = (await browser.post(f"{PROFILE}/validate", json={"toml": checked["toml"]}, headers=csrf)).json()
        assert again == checked
        assert (await browser.get(PROFILE)).json()["current"]["number"] == 1, "nothing was stored"


class TestTheFile:
    async def test_counts_until_somebody_edits(
        self, browser: httpx.AsyncClient, database: Database, staff: StaffService, owner: Invited
    ) -> None:
        csrf = await entered(browser, staff, owner)

        async def taken(cents: int, by_hand: bool = False) -> bool:
            prices = SHIPPED.prices.model_copy(update={"adult_cents": cents})
            profile = type(SHIPPED).model_validate(SHIPPED.model_copy(update={"prices": prices}).model_dump())
            return await database.unit(lambda c: take_file(c, profile, "mine.toml", by_hand=by_hand))

        async def now() -> tuple[int, int]:
            current = (await browser.get(PROFILE)).json()["current"]
            return current["number"], current["content"]["prices"]["adult_cents"]

        assert await taken(5500) and await now() == (1, 5500)
        assert await asyncio.gather(*(taken(5600) for _ in range(4))) == [True] * 4
        assert await now() == (2, 5600), "four starts, one version"
        assert (await save(browser, csrf, 2, 5700)).status_code == 200
        assert not await taken(5600), "untouched: nothing to say"
        assert not await taken(5900), "changed, but the console's word stands"
        assert await now() == (3, 5700)
        assert await taken(5900, by_hand=True) and await now() == (4, 5900)
