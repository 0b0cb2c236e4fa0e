"""What real processes write while people talk: nothing that was said, no token, no address, no password; not even when something breaks."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from tests.conftest import execute
from tests.rig.fleet import PASSWORD, Fleet
from tests.rig.raw import Raw, Refused


class TestLogs:
    async def test_hold_nothing_of_a_conversation(self, database_url: str, redis_url: str) -> None:
        canaries = {name: f"{name}canary{uuid4().hex}" for name in ("text", "note", "reason", "site", "event", "path", "header", "broken")}
        email = f"{uuid4().hex}@canary.example.com"
        secrets = [*canaries.values(), email, email.partition("@")[0], PASSWORD]
        async with Fleet(database_url, redis_url, settings={"HIBACHI_LOG__LEVEL": "debug"}) as fleet:
            (gateway,) = await fleet.gateways(1)
            await fleet.worker()
            raw = await Raw.open(gateway.base, headers={"User-Agent": canaries["header"]})
            await raw.enter("/chat", {"site": "demo"})
            ready = await raw.expect("ready")
            secrets += [ready["token"], ready["token"].split(".")[1], ready["history"]]
            assert (await raw.say(f"We are 12, write to {email} or +1 704 555 0199, {canaries['text']}"))["ok"]
            await raw.durable("reply_finished", 15)
            assert (await raw.ask("human", {"id": str(uuid4()), "reason": canaries["reason"]}))["ok"]
            await raw.ask(canaries["event"], {canaries["event"]: canaries["text"]})
            await raw.packet("/chat", f'["message",{{"text":"{canaries["text"]}')
            secrets += await self._staff_works(gateway.base, ready["conversation"]["id"], canaries, email)
            await self._refused(gateway.base, canaries)
            await self._broken(database_url, raw, canaries["broken"], ready["conversation"]["id"])
            await asyncio.sleep(2.5)  # the worker's sweep has met the effect that breaks, too
            await raw.leave()
            for child in fleet.children:
                await child.terminate()
            logged = fleet.logged()
        assert "turn.ended" in logged and "worker.ready" in logged, "they do write"
        assert "socket.handler_failed" in logged and "effect.failed" in logged, "and something broke"
        for secret in secrets:
            assert secret not in logged, [line for line in logged.splitlines() if secret in line][:3]
        for line in logged.splitlines():
            assert not line.startswith(("Traceback", "  File")), line

    @staticmethod
    async def _staff_works(base: str, conversation: str, canaries: dict[str, str], email: str) -> list[str]:
        """Log in, once wrongly; take, note, give back. Returns the secrets that came up."""
        async with httpx.AsyncClient(base_url=base, headers={"Origin": base}) as http:
            wrong = await http.post("/api/admin/login", json={"email": email, "password": canaries["text"]})
            assert wrong.status_code == 401
            await http.post("/api/admin/sign-in", json={"token": canaries["text"]})
            await http.get(f"/{canaries['path']}.js", params={"token": canaries["path"]})
            entered = await http.post("/api/admin/login", json={"email": "dana@example.com", "password": PASSWORD})
            assert entered.status_code == 200, entered.text
            csrf = entered.json()["csrf"]
            token = (await http.post("/api/admin/socket-token", headers={"X-CSRF-Token": csrf})).json()["token"]
            cookies = list(http.cookies.jar)
        desk = await Raw.open(base)
        await desk.enter("/console", {"token": token})
        taken = await desk.ask("take", {"conversation": conversation}, "/console")
        note = {"conversation": conversation, "id": str(uuid4()), "text": canaries["note"]}
        assert (await desk.ask("note", note, "/console"))["ok"]
        await desk.ask("inbox", {"view": "all", "query": canaries["text"]}, "/console")
        say = {"conversation": conversation, "id": str(uuid4()), "text": canaries["text"], "epoch": taken["epoch"]}
        assert (await desk.ask("message", say, "/console"))["ok"]
        await desk.leave()
        return [csrf, token, *(str(cookie.value) for cookie in cookies)]

    @staticmethod
    async def _refused(base: str, canaries: dict[str, str]) -> None:
        for auth in (
            {"site": canaries["site"][:60]},
            {"site": "demo", "token": canaries["text"]},
            {"site": "demo", "identity": canaries["text"]},
        ):
            raw = await Raw.open(base)
            with pytest.raises(Refused):
                await raw.enter("/chat", auth)
            await raw.leave()

    @staticmethod
    async def _broken(database_url: str, raw: Raw, canary: str, conversation: str) -> None:
        """PostgreSQL refuses this text, and this effect, with an error that quotes the row."""
        await execute(
            database_url,
            f"ALTER TABLE ai.chat_message ADD CONSTRAINT no_canary CHECK (text NOT LIKE '%{canary}%')",
            f"ALTER TABLE ops.notification ADD CONSTRAINT no_canary CHECK (key NOT LIKE '%{canary}%')",
            "INSERT INTO ops.outbox (id, key, kind, payload) VALUES (gen_random_uuid(), 'notify:"
            + canary
            + f"""', 'notify_staff', '{{"conversation": "{conversation}", "reason": "handoff"}}')""",
        )
        answer = await raw.say(f"this breaks {canary}")
        assert answer["error"]["code"] == "unavailable"
        assert canary not in str(answer) and "constraint" not in str(answer).lower()
