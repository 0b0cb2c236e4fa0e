"""The console's login over HTTP: what must be refused first, then what works."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from business.staff.service import Invited, StaffService
from gateway.http.admin import COOKIE
from gateway.http.offered import OFFERED
from gateway.http.operations import Operation
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.ids import ConversationId, TurnId, new_id
from kernel.metering import DatabaseUsageSink, UsageRow
from tests.http.conftest import OWN, NewBrowser, entered
from tests.staff.conftest import ManualClock

PASSWORD = "charcoal and garlic"
LOGIN = "/api/admin/login"
SOCKET_TOKEN = "/api/admin/socket-token"


def error(response: httpx.Response) -> tuple[int, str]:
    """Status and code; the message must be there for a person."""
    body = response.json()["error"]
    assert body["message"].endswith((".", "html)")), body
    return response.status_code, body["code"]


async def settled(browser: httpx.AsyncClient, dana: Invited) -> dict[str, str]:
    """Dana logs in with her one-time password and chooses PASSWORD; returns the CSRF header."""
    first = await browser.post(LOGIN, json={"email": dana.email, "password": dana.one_time_password})
    csrf = {"X-CSRF-Token": first.json()["csrf"]}
    assert (await browser.post("/api/admin/password", json={"password": PASSWORD}, headers=csrf)).status_code == 200
    return csrf


async def let_in(
    browser: httpx.AsyncClient, operations: list[Operation], headers: dict[str, str], refused: tuple[int, str]
) -> list[tuple[str, int]]:
    """Those that answer otherwise than they should, with their status."""
    answers = [(one.name, await browser.request(one.method, one.path, headers=headers)) for one in operations]
    return [(name, answer.status_code) for name, answer in answers if error(answer) != refused]


class TestNobodySignedIn:
    @pytest.mark.parametrize("cookie", ["", "x" * 43], ids=["none", "wrong"])
    async def test_every_operation_with_a_cookie_asks_for_one(self, browser: httpx.AsyncClient, cookie: str) -> None:
        browser.cookies.set(COOKIE, cookie)
        assert await let_in(browser, [one for one in OFFERED if one.cookie], {}, (401, "not_allowed")) == []

    async def test_wrong_password(self, browser: httpx.AsyncClient, dana: Invited) -> None:
        response = await browser.post(LOGIN, json={"email": dana.email, "password": "no"})
        assert error(response) == (401, "not_allowed")
        assert "set-cookie" not in response.headers

    async def test_brute_force_says_when_to_come_back(self, new_browser: NewBrowser, dana: Invited, clock: ManualClock) -> None:
        browsers = [new_browser(address=f"192.0.2.{number}") for number in range(30)]
        guesses = [one.post(LOGIN, json={"email": dana.email, "password": "guess"}) for one in browsers]
        codes = [response.status_code for response in await asyncio.gather(*guesses)]
        assert (codes.count(401), codes.count(429)) == (10, 20)
        late = await browsers[0].post(LOGIN, json={"email": dana.email, "password": dana.one_time_password})
        assert error(late) == (429, "rate_limited")
        assert 890 < int(late.headers["retry-after"]) <= 900
        clock.forward(minutes=15, seconds=1)
        again = await browsers[0].post(LOGIN, json={"email": dana.email, "password": dana.one_time_password})
        assert again.status_code == 200


class TestOtherPeoplesPages:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:8000.evil.example"},
            {"Origin": "http://127.0.0.1:8001"},
            {"Origin": "https://127.0.0.1:8000"},
            {"Origin": "http://[::1"},
            {"Origin": ""},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
        ids=str,
    )
    async def test_change_nothing_even_with_the_cookie(
        self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, headers: dict[str, str]
    ) -> None:
        csrf = await entered(browser, staff, dana)
        changing = [one for one in OFFERED if one.method != "GET"]
        assert await let_in(browser, changing, csrf | headers, (403, "not_allowed")) == []
        assert (await browser.get("/api/admin/session")).status_code == 200

    async def test_own_pages_may(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        csrf = await entered(browser, staff, dana)
        response = await browser.post(SOCKET_TOKEN, headers=csrf | {"Origin": OWN, "Sec-Fetch-Site": "same-origin"})
        assert response.status_code == 200

    @pytest.mark.parametrize("given", [{}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "guess"}], ids=str)
    async def test_without_the_token_the_cookie_does_nothing(
        self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, given: dict[str, str]
    ) -> None:
        await entered(browser, staff, dana)
        assert await let_in(browser, [one for one in OFFERED if one.csrf], given, (403, "not_allowed")) == []

    async def test_the_token_of_another_session_does_nothing(self, new_browser: NewBrowser, staff: StaffService, dana: Invited) -> None:
        mine, other = new_browser(), new_browser()
        eve = await staff.invite("eve@example.com", "Eve", "agent")
        await entered(mine, staff, dana)
        theirs = await entered(other, staff, eve)
        assert error(await mine.post(SOCKET_TOKEN, headers=theirs)) == (403, "not_allowed")


class TestBody:
    @pytest.mark.parametrize(
        ("content", "status"),
        [
            (b"", 400),
            (b"{", 400),
            (b"[]", 400),
            (b'"x"', 400),
            (b"\xff\xfe", 400),
            (b'{"email": "a@b.c"}', 400),
            (b'{"email": "a@b.c", "password": ""}', 400),
            (b'{"email": "a@b.c", "password": 5}', 400),
            (b'{"email": "a@b.c", "password": "\\ud800"}', 400),
            (b'{"email": "a@b.c", "password": "x", "admin": true}', 400),
            (b'{"email": "a@b.c", "password": "' + b"x" * 513 + b'"}', 413),
            (b"[" * 60_000, 400),
            (b" " * 65_537, 413),
            (b'{"email": "a\\u0000@b.c", "password": "x"}', 401),
        ],
        ids=lambda value: str(value)[:40],
    )
    async def test_nonsense(self, browser: httpx.AsyncClient, dana: Invited, content: bytes, status: int) -> None:
        response = await browser.post(LOGIN, content=content, headers={"Content-Type": "application/json"})
        assert error(response)[0] == status

    async def test_a_form_is_not_json(self, browser: httpx.AsyncClient, dana: Invited) -> None:
        body = b'{"email": "dana@example.com", "password": "x"}'
        for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
            response = await browser.post(LOGIN, content=body, headers={"Content-Type": kind})
            assert error(response) == (400, "bad_request")

    async def test_without_a_length_the_limit_holds_all_the_same(self, browser: httpx.AsyncClient) -> None:
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            while True:
                sent += 8192
                yield b" " * 8192

        response = await browser.post(LOGIN, content=endless(), headers={"Content-Type": "application/json"})
        assert error(response) == (413, "too_large")
        assert sent <= 128 * 1024

    async def test_a_refusal_does_not_repeat_what_was_sent(self, browser: httpx.AsyncClient) -> None:
        response = await browser.post(LOGIN, json={"email": "a@b.c", "password": {"secret": "hunter2hunter2"}})
        assert error(response) == (400, "bad_request")
        assert "hunter2" not in response.text
        assert response.json()["error"]["message"].startswith("'password' ")


class TestOneTimePassword:
    async def test_waits_for_a_password_then_opens(self, browser: httpx.AsyncClient, dana: Invited) -> None:
        first = await browser.post(LOGIN, json={"email": dana.email, "password": dana.one_time_password})
        assert set(first.json()) == {"must_change", "csrf"}
        assert first.json()["must_change"] is True
        csrf = {"X-CSRF-Token": first.json()["csrf"]}
        assert (await browser.get("/api/admin/session")).json()["must_change"] is True
        assert error(await browser.post(SOCKET_TOKEN, headers=csrf)) == (403, "not_allowed")
        assert error(await browser.get("/api/admin/models")) == (403, "not_allowed")
        poor = await browser.post("/api/admin/password", json={"password": "short"}, headers=csrf)
        assert error(poor) == (400, "bad_request")
        chosen = await browser.post("/api/admin/password", json={"password": PASSWORD}, headers=csrf)
        assert chosen.json() == {
            "csrf": csrf["X-CSRF-Token"],
            "staff": {"id": str(dana.staff_id), "name": "Dana", "role": "agent"},
        }
        assert (await browser.post(SOCKET_TOKEN, headers=csrf)).status_code == 200

    async def test_is_used_up(self, browser: httpx.AsyncClient, dana: Invited) -> None:
        await settled(browser, dana)
        again = await browser.post(LOGIN, json={"email": dana.email, "password": dana.one_time_password})
        assert error(again) == (401, "not_allowed")
        own = await browser.post(LOGIN, json={"email": dana.email, "password": PASSWORD, "totp": "123456"})
        assert own.json()["staff"]["name"] == "Dana"

    async def test_an_own_password_is_changed_only_by_who_knows_it(self, browser: httpx.AsyncClient, dana: Invited) -> None:
        csrf = await settled(browser, dana)
        change = {"password": "another good one"}
        for body, expected in (
            (change, (400, "bad_request")),
            (change | {"current": "wrong"}, (403, "not_allowed")),
        ):
            assert error(await browser.post("/api/admin/password", json=body, headers=csrf)) == expected
        done = await browser.post("/api/admin/password", json=change | {"current": PASSWORD}, headers=csrf)
        assert done.status_code == 200


class TestSignInLink:
    async def test_twice_at_once_one_gets_in(self, new_browser: NewBrowser, dana: Invited) -> None:
        tries = [new_browser().post("/api/admin/sign-in", json={"token": dana.sign_in_token}) for _ in range(6)]
        codes = [response.status_code for response in await asyncio.gather(*tries)]
        assert sorted(codes) == [200, 401, 401, 401, 401, 401]

    async def test_too_late(self, browser: httpx.AsyncClient, dana: Invited, clock: ManualClock) -> None:
        clock.forward(minutes=16)
        response = await browser.post("/api/admin/sign-in", json={"token": dana.sign_in_token})
        assert error(response) == (401, "not_allowed")


class TestCookie:
    @pytest.mark.parametrize(("public", "secure"), [(OWN, False), ("https://chat.example.com", True)])
    async def test_is_out_of_reach_of_scripts_and_other_sites(
        self, new_browser: NewBrowser, dana: Invited, public: str, secure: bool
    ) -> None:
        response = await new_browser(public=public).post("/api/admin/sign-in", json={"token": dana.sign_in_token})
        attributes = {part.strip().lower() for part in response.headers["set-cookie"].split(";")[1:]}
        assert {"httponly", "samesite=strict", "path=/"} <= attributes
        assert ("secure" in attributes) is secure
        assert response.headers["cache-control"] == "no-store"

    async def test_logout_ends_it(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        csrf = await entered(browser, staff, dana)
        stolen = dict(browser.cookies)
        assert (await browser.post("/api/admin/logout", headers=csrf)).json() == {"ok": True}
        assert COOKIE not in browser.cookies
        browser.cookies.update(stolen)
        assert error(await browser.get("/api/admin/session")) == (401, "not_allowed")

    async def test_logout_everywhere(self, new_browser: NewBrowser, staff: StaffService, dana: Invited) -> None:
        here, there = new_browser(), new_browser()
        await settled(here, dana)
        csrf = await here.post(LOGIN, json={"email": dana.email, "password": PASSWORD})
        await there.post(LOGIN, json={"email": dana.email, "password": PASSWORD})
        headers = {"X-CSRF-Token": csrf.json()["csrf"]}
        await here.post("/api/admin/logout", json={"everywhere": True}, headers=headers)
        assert error(await there.get("/api/admin/session")) == (401, "not_allowed")

    async def test_session_over(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, clock: ManualClock) -> None:
        csrf = await entered(browser, staff, dana)
        clock.forward(hours=12)
        assert error(await browser.post(SOCKET_TOKEN, headers=csrf)) == (401, "not_allowed")

    async def test_disabled_while_in(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        csrf = await entered(browser, staff, dana)
        await staff.disable(dana.email)
        assert error(await browser.post(SOCKET_TOKEN, headers=csrf)) == (401, "not_allowed")


class TestSession:
    async def test_says_who_it_is(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        csrf = await entered(browser, staff, dana)
        body = (await browser.get("/api/admin/session")).json()
        assert (body["csrf"], body["staff"]["name"], body["must_change"]) == (csrf["X-CSRF-Token"], "Dana", False)
        left = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
        assert timedelta(hours=11) < left <= timedelta(hours=12)

    async def test_socket_token_is_for_a_minute(
        self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, clock: ManualClock
    ) -> None:
        csrf = await entered(browser, staff, dana)
        body = (await browser.post(SOCKET_TOKEN, headers=csrf)).json()
        assert datetime.fromisoformat(body["expires_at"]) == clock.now + timedelta(seconds=60)
        assert len(body["token"]) >= 43


class TestModels:
    async def test_says_which_fails_why_and_since_when(
        self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, database: Database
    ) -> None:
        await entered(browser, staff, dana)
        sink = DatabaseUsageSink(database)
        began = datetime.now(UTC) - timedelta(minutes=5)
        for minute, (model, failure) in enumerate(
            [("teacher", None), ("teacher", "auth"), ("teacher", "auth"), ("spare", None), ("gone", "auth")]
        ):
            await sink.record(
                UsageRow(
                    ConversationId(new_id()),
                    TurnId(new_id()),
                    model,
                    "openai",
                    "answer",
                    1,
                    1,
                    None,
                    None,
                    5,
                    "failed" if failure else "complete",
                    failure,
                    began + timedelta(minutes=minute),
                )
            )
        await sink.flush()
        await sink.close()
        teacher, spare, never = (await browser.get("/api/admin/models")).json()["models"]
        assert (teacher["model"], teacher["ok"], teacher["why"]) == ("teacher", False, "auth")
        assert datetime.fromisoformat(teacher["since"]) == began + timedelta(minutes=1)
        assert spare["ok"] is True
        assert never == {"model": "never-asked"}


class TestTrouble:
    async def test_postgres_away(self, browser: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        await database.close()

        async def refuse(*_: object, **__: object) -> None:
            raise ConnectionRefusedError

        monkeypatch.setattr("asyncpg.connect", refuse)
        response = await browser.get("/api/admin/session", headers={"Cookie": f"{COOKIE}=x"})
        assert error(response) == (503, Unavailable.code)

    async def test_a_fault_of_ours_says_nothing_internal(self, browser: httpx.AsyncClient, database: Database, dana: Invited) -> None:
        async with database.transaction() as connection:
            await connection.exec_driver_sql("ALTER TABLE core.sign_in_link RENAME TO elsewhere")
        response = await browser.post("/api/admin/sign-in", json={"token": dana.sign_in_token})
        assert error(response) == (500, "unavailable")
        assert "sign_in_link" not in response.text
