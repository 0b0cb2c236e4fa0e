"""Files: what is refused, who may read them, that each is used once, that nothing of a refused one stays."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from business.conversations.said import said_so_far
from business.uploads.kinds import LARGEST, PDF, PNG, file_name
from gateway.http.door import COOKIE
from tests.rig.inprocess import Running, running
from tests.rig.raw import Raw

PIXEL = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
PAPER = b"%PDF-1.7\n" + b"x" * 200


def bearer(raw: Raw) -> dict[str, str]:
    return {"Authorization": f"Bearer {raw.heard('ready')[0]['token']}"}


async def sent(house: Running, content: Any, headers: dict[str, str], name: str = "a.png") -> httpx.Response:
    async with httpx.AsyncClient(base_url=house.url) as http:
        return await http.post("/api/uploads", params={"name": name}, content=content, headers=headers)


async def read(house: Running, id: str, headers: dict[str, str]) -> httpx.Response:
    async with httpx.AsyncClient(base_url=house.url, headers=headers) as http:
        return await http.get(f"/api/uploads/{id}")


async def cookie(house: Running) -> dict[str, str]:
    """A signed-in member of staff's headers."""
    invited = await house.staff.invite(f"{uuid4().hex[:8]}@example.com", "Dana", "agent")
    signed_in = await house.staff.sign_in(invited.sign_in_token)
    return {"Cookie": f"{COOKIE}={signed_in.cookie}", "X-CSRF-Token": signed_in.csrf}


def files(house: Running) -> list[str]:
    folder = house.gateway._settings.data / "uploads"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


class TestRefused:
    async def test_without_a_way_in(self, house: Running) -> None:
        for headers in (
            {},
            {"Authorization": "Bearer x"},
            {"Authorization": "Basic eDp4"},
            {"Authorization": "Bearer"},
            {"Cookie": f"{COOKIE}=x"},
        ):
            assert (await sent(house, PIXEL, headers)).status_code == 401
            assert (await read(house, str(uuid4()), headers)).status_code == 401

    async def test_a_staff_s_cookie_alone_does_nothing(self, house: Running) -> None:
        given = await cookie(house)
        without = {"Cookie": given["Cookie"]}
        assert (await sent(house, PIXEL, without)).status_code == 403
        assert (await sent(house, PIXEL, given | {"Origin": "https://evil.example"})).status_code == 403
        raw = await house.visitor()
        assert (await sent(house, PIXEL, bearer(raw) | {"Origin": "https://evil.example"})).status_code == 403

    @pytest.mark.parametrize(
        "content",
        [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>" * 10, b"MZ" + b"\x00" * 99, b" %PDF-1.7", b"GIF88a" * 9, b"\x89PN"],
        ids=lambda value: str(value)[:16],
    )
    async def test_what_is_no_picture_whatever_it_is_called(self, house: Running, content: bytes) -> None:
        raw, before = await house.visitor(), files(house)
        response = await sent(house, content, bearer(raw) | {"Content-Type": "image/png"})
        assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")
        assert files(house) == before

    async def test_too_large_with_and_without_a_length(self, house: Running) -> None:
        raw, before = await house.visitor(), files(house)

        async def endless() -> AsyncIterator[bytes]:
            yield PIXEL
            for _ in range(LARGEST // 65536 + 8):
                yield b"\x00" * 65536

        assert (await sent(house, PIXEL + bytes(LARGEST), bearer(raw))).status_code == 413
        assert (await sent(house, endless(), bearer(raw))).status_code == 413
        assert files(house) == before

    async def test_more_than_a_day_s(self, house: Running) -> None:
        raw = await house.visitor()
        assert (await sent(house, PIXEL, bearer(raw))).status_code == 200
        conversation = UUID(raw.heard("ready")[0]["conversation"]["id"])
        await house.rows(
            "INSERT INTO ai.upload (id, conversation_id, name, type, size, sha256)"
            " SELECT gen_random_uuid(), $1, 'x', 'image/png', 1, 'x' FROM generate_series(1, 19)",
            conversation,
        )
        response = await sent(house, PIXEL, bearer(raw))
        assert (response.status_code, response.json()["error"]["code"]) == (429, "rate_limited")
        assert 86_000 < int(response.headers["retry-after"]) <= 86_400
        await house.rows("UPDATE ai.upload SET created_at = created_at - interval '1 day' WHERE conversation_id = $1", conversation)
        assert (await sent(house, PIXEL, bearer(raw))).status_code == 200

    async def test_more_than_an_address_s(self, database_url: str, redis_url: str) -> None:
        """However many visitors it claims to be; of IPv6 its whole network; staff and loopback are not counted."""
        limits = {"uploads_per_address": 2, "trusted_proxies": ["127.0.0.0/8"]}
        async with running(database_url, redis_url, limits=limits) as house:

            async def of(address: str) -> httpx.Response:
                raw = await house.visitor()
                return await sent(house, PIXEL, bearer(raw) | {"X-Forwarded-For": address})

            first, other = f"2001:db8:{uuid4().hex[:4]}:1", f"2001:db8:{uuid4().hex[:4]}:2"
            assert [(await of(f"{first}::{n}")).status_code for n in (1, 2)] == [200, 200]
            spent = await of(f"{first}:abcd::3")
            assert (spent.status_code, spent.json()["error"]["code"]) == (429, "rate_limited")
            assert 40_000 < int(spent.headers["retry-after"]) <= 43_200
            assert len(await house.rows("SELECT 1 FROM ai.upload")) == 2
            assert (await of(f"{other}::3")).status_code == 200
            staff = await cookie(house) | {"X-Forwarded-For": f"{first}::1"}
            for _ in range(3):
                assert (await sent(house, PIXEL, staff)).status_code == 200
            raw = await house.visitor()
            for _ in range(3):
                assert (await sent(house, PIXEL, bearer(raw))).status_code == 200
            keys = await house.gateway.bus.redis.keys("hibachi:bucket:*")
            assert not any(b"2001" in key for key in keys), "no address is kept as it is"


class TestUsed:
    async def test_by_a_customer_in_one_message_and_read_by_staff(self, house: Running) -> None:
        raw, other = await house.visitor(), await house.visitor()
        upload = (await sent(house, PIXEL, bearer(raw), "../../my yard.PNG")).json()
        assert upload == {"id": upload["id"], "name": "my yard.png", "type": "image/png", "size": len(PIXEL)}
        assert (await other.ask("message", {"id": str(uuid4()), "text": "mine", "attachments": [upload["id"]]}))["error"][
            "code"
        ] == "not_found"
        assert (await read(house, upload["id"], bearer(other))).status_code == 404
        message = {"id": str(uuid4()), "text": "", "attachments": [upload["id"]]}
        first = await raw.ask("message", message)
        assert first["ok"] and await raw.ask("message", message) == first
        event = await raw.expect("event", lambda body: body["kind"] == "message")
        assert event["message"]["attachments"] == [upload]
        again = await raw.ask("message", {"id": str(uuid4()), "text": "again", "attachments": [upload["id"]]})
        assert again["error"]["code"] == "not_found"
        for headers in (bearer(raw), await cookie(house)):
            shown = await read(house, upload["id"], headers)
            assert shown.content == PIXEL and shown.headers["content-type"] == "image/png"
            assert shown.headers["x-content-type-options"] == "nosniff" and "sandbox" in shown.headers["content-security-policy"]
            assert shown.headers["content-disposition"] == "inline; filename*=UTF-8''my%20yard.png"
        rows = await house.rows("SELECT preview FROM ai.chat_session WHERE id = $1", UUID(event["conversation"]))
        assert rows == [{"preview": "my yard.png"}] or rows[0]["preview"]
        await raw.durable("reply_finished")

    async def test_by_staff_and_then_read_by_that_customer_alone(self, house: Running) -> None:
        raw, other = await house.visitor(), await house.visitor()
        assert (await raw.say("hello"))["ok"] and await raw.durable("reply_finished")
        conversation = raw.heard("ready")[0]["conversation"]["id"]
        invited = await house.staff.invite(f"{uuid4().hex[:8]}@example.com", "Dana", "agent")
        signed_in = await house.staff.sign_in(invited.sign_in_token)
        headers = {"Cookie": f"{COOKIE}={signed_in.cookie}", "X-CSRF-Token": signed_in.csrf}
        token, _ = await house.staff.socket_token(await house.staff.session(signed_in.cookie))
        desk = await house.open()
        await desk.enter("/console", {"token": token})
        upload = (await sent(house, PAPER, headers, "menu.html")).json()
        assert upload["name"] == "menu.html.pdf" and upload["type"] == "application/pdf"
        assert (await read(house, upload["id"], bearer(raw))).status_code == 404
        epoch = (await desk.ask("take", {"conversation": conversation}, "/console"))["epoch"]
        given = {"conversation": conversation, "id": str(uuid4()), "text": "", "epoch": epoch, "attachments": [upload["id"]]}
        colleague = await house.console()
        assert (await colleague.ask("message", {**given, "id": str(uuid4())}, "/console"))["error"]["code"] == "not_found"
        assert (await desk.ask("message", given, "/console"))["ok"]
        event = await raw.expect("event", lambda body: body["kind"] == "message" and body["message"]["author"]["kind"] == "human")
        assert event["message"]["attachments"] == [upload]
        shown = await read(house, upload["id"], bearer(raw))
        assert shown.content == PAPER and shown.headers["content-disposition"].startswith("attachment;")
        assert (await read(house, upload["id"], bearer(other))).status_code == 404

    async def test_in_a_note_and_then_read_by_staff_alone(self, house: Running) -> None:
        raw = await house.visitor()
        assert (await raw.say("hello"))["ok"] and await raw.durable("reply_finished")
        conversation = raw.heard("ready")[0]["conversation"]["id"]
        session, token = await house.socket_token()
        desk = await house.open()
        await desk.enter("/console", {"token": token})
        assert (await desk.ask("watch", {"conversation": conversation}, "/console"))["ok"]
        id = str(uuid4())
        await house.rows(
            "INSERT INTO ai.upload (id, staff_id, name, type, size, sha256) VALUES ($1, $2, 'plan.pdf', 'application/pdf', 9, 'none')",
            UUID(id),
            session.staff_id,
        )
        given = {"conversation": conversation, "id": str(uuid4()), "text": "", "attachments": [id]}
        assert (await (await house.console()).ask("note", {**given, "id": str(uuid4())}, "/console"))["error"]["code"] == "not_found"
        first = await desk.ask("note", given, "/console")
        assert first["ok"] and await desk.ask("note", given, "/console") == first
        event = await desk.expect("event", lambda body: body["kind"] == "note")
        assert event["attachments"] == [{"id": id, "name": "plan.pdf", "type": "application/pdf", "size": 9}]
        epoch = (await desk.ask("take", {"conversation": conversation}, "/console"))["epoch"]
        reply = {**given, "id": str(uuid4()), "epoch": epoch}
        assert (await desk.ask("message", reply, "/console"))["error"]["code"] == "not_found", "never from a note to the customer"
        assert (await read(house, id, bearer(raw))).status_code == 404
        assert (await desk.ask("note", {**given, "id": str(uuid4()), "attachments": []}, "/console"))["error"]["code"] == "bad_request"

    async def test_the_same_content_is_kept_once(self, house: Running) -> None:
        raw, unique = await house.visitor(), PIXEL + uuid4().bytes
        before = files(house)
        ids = {(await sent(house, unique, bearer(raw))).json()["id"] for _ in range(3)}
        assert len(ids) == 3 and len(files(house)) == len(before) + 1


class TestHeaders:
    @pytest.mark.parametrize(
        ("content", "type", "shown"),
        [(PIXEL, "image/png", "inline"), (PAPER, "application/pdf", "attachment")],
        ids=["picture", "pdf"],
    )
    async def test_nothing_in_a_file_runs_and_nobody_embeds_it(self, house: Running, content: bytes, type: str, shown: str) -> None:
        raw = await house.visitor()
        id = (await sent(house, content, bearer(raw) | {"Content-Type": "text/html"}, 'x\r\nSet-Cookie: a=b;"/ñ.html')).json()["id"]
        answer = await read(house, id, bearer(raw))
        assert answer.headers["content-type"] == type, "by its bytes, whatever was said of it"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "private, max-age=600"
        assert {"Authorization", "Cookie", "Origin"} <= set(answer.headers["vary"].split(", "))
        ending = {"image/png": "png", "application/pdf": "pdf"}[type]
        assert answer.headers["content-disposition"] == f"{shown}; filename*=UTF-8''%C3%B1.html.{ending}"
        assert "set-cookie" not in answer.headers and "access-control-allow-origin" not in answer.headers

    async def test_another_page_gets_no_answer_that_it_may_read(self, house: Running) -> None:
        raw = await house.visitor()
        id = (await sent(house, PIXEL, bearer(raw))).json()["id"]
        evil = {"Origin": "https://evil.example"}
        for given in (bearer(raw) | evil, await cookie(house) | evil):
            assert "access-control-allow-origin" not in (await read(house, id, given)).headers
        mine = await read(house, id, bearer(raw) | {"Origin": house.url})
        assert mine.headers["access-control-allow-origin"] == house.url
        assert "access-control-allow-credentials" not in mine.headers


async def test_the_model_reads_that_there_was_a_file_and_no_name(house: Running) -> None:
    raw = await house.visitor()
    id = (await sent(house, PIXEL, bearer(raw), "40 guests.png")).json()["id"]
    assert (await raw.ask("message", {"id": str(uuid4()), "text": "My yard", "attachments": [id]}))["ok"]
    assert (await raw.ask("message", {"id": str(uuid4()), "text": "and nothing else"}))["ok"]
    conversation = UUID(raw.heard("ready")[0]["conversation"]["id"])
    async with house.gateway.database.transaction() as connection:
        spoken = await said_so_far(connection, conversation)
    assert [one.text for one in spoken if one.author == "customer"] == ["My yard\n[image/png]", "and nothing else"]
    await house.settled(str(conversation))


class TestOtherPages:
    async def test_of_a_site_may_read_the_answer(self, house: Running) -> None:
        raw = await house.visitor()
        async with httpx.AsyncClient(base_url=house.url) as http:
            asked = await http.options("/api/uploads", headers={"Origin": house.url, "Access-Control-Request-Method": "POST"})
            assert asked.status_code == 204 and "authorization" in asked.headers["access-control-allow-headers"]
            assert "access-control-allow-credentials" not in asked.headers
            evil = await http.options("/api/uploads", headers={"Origin": "https://evil.example"})
            assert evil.status_code == 403 and "access-control-allow-origin" not in evil.headers
        response = await sent(house, PIXEL, bearer(raw) | {"Origin": house.url})
        assert response.status_code == 200 and response.headers["access-control-allow-origin"] == house.url


@pytest.mark.parametrize(
    ("given", "kind", "name"),
    [
        ("", PNG, "file.png"),
        ("..", PNG, "file.png"),
        ("C:\\temp\\x.PDF", PDF, "x.pdf"),
        ("a\u202egnp.exe", PNG, "agnp.exe.png"),
        ("x" * 300 + ".png", PNG, "x" * 110 + ".png"),
    ],
)
def test_names(given: str, kind: Any, name: str) -> None:
    assert file_name(given, kind) == name
