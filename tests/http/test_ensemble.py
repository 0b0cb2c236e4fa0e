"""The ensemble over HTTP: who may not, what is refused and why, two savers at once; then saved, restored, the file's again; and health."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from business.staff.service import Invited, StaffService
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.tables.ai import EnsembleVersion, Usage
from kernel.tables.core import Audit
from tests.http.conftest import NewBrowser, entered

AT = "/api/admin/ensemble"
HEALTH = "/api/admin/models/health"
Csrf = dict[str, str]


@pytest.fixture
async def chief(staff: StaffService) -> Invited:
    return await staff.invite("chief@example.com", "Chief", "admin")


@pytest.fixture
async def csrf(browser: httpx.AsyncClient, staff: StaffService, chief: Invited) -> Csrf:
    return await entered(browser, staff, chief)


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


async def save(browser: httpx.AsyncClient, csrf: Csrf, based_on: int, note: str | None = None, **policy: Any) -> httpx.Response:
    body = {"based_on": based_on, "policy": policy} | ({"note": note} if note else {})
    return await browser.put(AT, json=body, headers=csrf)


async def restore(browser: httpx.AsyncClient, csrf: Csrf, number: int, based_on: int) -> httpx.Response:
    return await browser.post(f"{AT}/restore", json={"number": number, "based_on": based_on}, headers=csrf)


async def trail(database: Database) -> list[tuple[str, str | None, dict[str, Any]]]:
    asked = sa.select(Audit.action, Audit.subject, Audit.details).where(Audit.action.like("ensemble.%")).order_by(Audit.at)
    async with database.transaction() as connection:
        return [(row.action, row.subject, row.details) for row in await connection.execute(asked)]


class TestRefused:
    async def test_to_agents_strangers_and_without_the_token(
        self, new_browser: NewBrowser, staff: StaffService, dana: Invited, chief: Invited
    ) -> None:
        stranger, agent, mine = new_browser(), new_browser(), new_browser()
        csrf = await entered(agent, staff, dana)
        await entered(mine, staff, chief)
        for method, path, body in (
            ("GET", AT, None),
            ("GET", f"{AT}/versions", None),
            ("GET", HEALTH, None),
            ("PUT", AT, {"based_on": 0, "policy": {}}),
            ("POST", f"{AT}/restore", {"number": 0, "based_on": 0}),
        ):
            assert (await stranger.request(method, path, json=body)).status_code == 401
            assert code(await agent.request(method, path, json=body, headers=csrf)) == (403, "not_allowed")
            if method != "GET":
                assert code(await mine.request(method, path, json=body)) == (403, "not_allowed"), "without the CSRF token"

    async def test_what_is_no_policy_at_all(self, browser: httpx.AsyncClient, csrf: Csrf) -> None:
        given = {"based_on": 0, "policy": {}}
        wrong: list[dict[str, Any]] = [{}, {"based_on": 0}, *({"policy": {}, "based_on": based_on} for based_on in ("0", -1, True, None))]
        wrong += [given | {"policy": []}, given | {"more": 1}, given | {"note": "x" * 501}]
        for body in wrong:
            assert (await browser.put(AT, json=body, headers=csrf)).status_code in (400, 413), body

    async def test_with_every_fault_in_a_sentence(self, browser: httpx.AsyncClient, csrf: Csrf, database: Database) -> None:
        policy: dict[str, Any] = {"answer": ["gone", "house"], "agents": {"poet": {"critic": "house"}}, "shadows": [{"model": "nobody"}]}
        refused = await save(browser, csrf, 0, **policy)
        assert code(refused) == (400, "bad_request")
        error = refused.json()["error"]
        assert error["message"].startswith('ensemble.answer: no model is called "gone"') and "And 3 more." in error["message"]
        assert [fault["path"] for fault in error["faults"]] == [
            "ensemble.answer",
            "ensemble.agents.poet.critic",
            "ensemble.shadows",
            "ensemble.agents.poet",
        ]
        assert (await browser.get(AT)).json()["number"] == 0 and await trail(database) == []

    async def test_a_page_that_is_none(self, browser: httpx.AsyncClient, csrf: Csrf) -> None:
        for query in ("before=0", "before=x", "after=3"):
            assert code(await browser.get(f"{AT}/versions?{query}")) == (400, "bad_request"), query

    async def test_a_version_that_is_none(self, browser: httpx.AsyncClient, csrf: Csrf) -> None:
        assert code(await restore(browser, csrf, 7, 0)) == (404, "not_found")
        assert code(await save(browser, csrf, 7, strategy="hedge")) == (404, "not_found")

    async def test_an_old_one_that_fits_no_more(self, browser: httpx.AsyncClient, csrf: Csrf, database: Database) -> None:
        async with database.transaction() as connection:
            await connection.execute(sa.insert(EnsembleVersion).values(policy={"answer": ["sold"]}))
        now = (await browser.get(AT)).json()
        assert not now["saved"] and now["policy"] == now["file"]
        assert now["faults"] == [{"path": "ensemble.answer", "why": 'no model is called "sold"; known: teacher, spare, never-asked, house'}]
        assert code(await restore(browser, csrf, now["number"], now["number"])) == (400, "bad_request")

    async def test_to_the_slower_of_two(self, new_browser: NewBrowser, staff: StaffService, chief: Invited) -> None:
        other = await staff.invite("olga@example.com", "Olga", "owner")
        one, two = new_browser(), new_browser()
        first, second = await entered(one, staff, chief), await entered(two, staff, other)
        answers = await asyncio.gather(save(one, first, 0, strategy="hedge"), save(two, second, 0, answer=["spare"]))
        won, lost = sorted(answers, key=lambda response: response.status_code)
        assert won.status_code == 200 and code(lost) == (409, "conflict")
        error, name = lost.json()["error"], won.json()["versions"][0]["by"]
        assert error["message"].startswith(f"{name} saved meanwhile.") and error["base"] == {"number": 0}
        assert error["theirs"]["policy"] == won.json()["policy"]
        again = await save(one, first, error["theirs"]["number"], strategy="consensus", student="spare")
        assert again.status_code == 200 and len(again.json()["versions"]) == 2


class TestSaved:
    async def test_counts_at_once_with_its_line_in_the_trail(self, browser: httpx.AsyncClient, csrf: Csrf, database: Database) -> None:
        before = (await browser.get(AT)).json()
        assert (before["number"], before["saved"], before["versions"], before["more"]) == (0, False, [], False)
        told = {model["name"]: (model["provider"], model["key"]) for model in before["models"]}
        assert told == {
            "teacher": ("openai", "set"),
            "spare": ("openai", "missing"),
            "never-asked": ("openai", "not_needed"),
            "house": ("house", "not_needed"),
        }
        assert "pricing" in before["agents"] and "TEACHER_KEY" not in str(before)
        policy: dict[str, Any] = {
            "strategy": "hedge",
            "budget": {"day_cents": None},
            "agents": {"pricing": {"models": ["spare", "teacher"]}},
        }
        saved = await save(browser, csrf, 0, note=" faster,\tplease ", **policy)
        assert saved.status_code == 200, saved.text
        now = saved.json()
        assert now["saved"] and now["policy"]["strategy"] == "hedge" and now["policy"]["budget"]["day_cents"] is None
        assert now["policy"]["budget"]["visitor_day_cents"] == 100, "what was left out is the default"
        (version,) = now["versions"]
        assert (version["by"], version["note"], version["policy"]) == ("Chief", "faster, please", now["policy"])
        assert (await browser.get(HEALTH)).json()["number"] == now["number"], "pages of others notice by it"
        twice = await save(browser, csrf, 0, **policy)
        assert twice.status_code == 200 and twice.json()["number"] == now["number"]
        assert await trail(database) == [("ensemble.saved", str(now["number"]), {"based_on": 0})]

    async def test_restored_and_the_files_again(self, browser: httpx.AsyncClient, csrf: Csrf, database: Database) -> None:
        one = (await save(browser, csrf, 0, strategy="hedge")).json()
        two = (await save(browser, csrf, one["number"], answer=["spare"])).json()
        three = (await restore(browser, csrf, one["number"], two["number"])).json()
        assert three["policy"] == one["policy"] and three["number"] > two["number"]
        four = (await restore(browser, csrf, 0, three["number"])).json()
        assert four["policy"] == four["file"] and not four["saved"] and "policy" not in four["versions"][0]
        page = (await browser.get(f"{AT}/versions?before={three['number']}")).json()
        assert [version["number"] for version in page["versions"]] == [two["number"], one["number"]] and not page["more"]
        assert [entry[0] for entry in await trail(database)] == [
            "ensemble.saved",
            "ensemble.saved",
            "ensemble.restored",
            "ensemble.file",
        ]


class TestHealth:
    async def test_of_models_that_nobody_asked(self, browser: httpx.AsyncClient, csrf: Csrf) -> None:
        models = (await browser.get(HEALTH)).json()["models"]
        assert [model["model"] for model in models] == ["teacher", "spare", "never-asked", "house"]
        assert all(model["calls"] == 0 and "ok" not in model and model["hours"] == [] for model in models)

    async def test_what_fails_and_why_beside_what_works(self, browser: httpx.AsyncClient, csrf: Csrf, database: Database) -> None:
        rows = [call("teacher", 30, outcome="failed", error="timeout"), call("teacher", 90), call("spare", 10, race="second_won")]
        async with database.transaction() as connection:
            await connection.execute(sa.insert(Usage), rows)
        teacher, spare, _, _ = (await browser.get(HEALTH)).json()["models"]
        assert (teacher["ok"], teacher["why"], teacher["errors"]) == (False, "timeout", [{"kind": "timeout", "count": 1}])
        assert (teacher["calls"], teacher["failed"]) == (2, 1) and "since" in teacher
        assert spare["ok"] and spare["last_hour"] == {"p50": 200, "p95": 200}
        assert spare["hedges"] == {"first": 0, "first_won": 0, "second": 1, "second_won": 1}
        assert len(spare["hours"]) == 1


def call(model: str, ago_s: float, **given: Any) -> dict[str, Any]:
    values = {
        "id": new_id(),
        "model": model,
        "provider": "openai",
        "role": "answer",
        "tokens_in": 1,
        "tokens_out": 2,
        "first_token_ms": 200,
        "duration_ms": 900,
        "outcome": "complete",
        "error": None,
        "race": None,
        "started_at": utc_now() - timedelta(seconds=ago_s),
    }
    return values | given
