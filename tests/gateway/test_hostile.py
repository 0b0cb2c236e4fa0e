"""Clients that break the rules: each is told or cut, nobody else notices, nothing of them stays."""

import asyncio
import contextlib
import gc
import os
import socket
import stat
import time
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from gateway.live.outgoing import durable
from gateway.socket.guard import Addresses
from kernel.ids import ConversationId
from kernel.settings import LimitSettings
from kernel.wire.base import MAX_FRAME
from tests.rig.inprocess import DEMO, Running, eventually, running
from tests.rig.raw import Raw, Refused


def held(house: Running) -> dict[str, int]:
    """What a gateway keeps for its connections."""
    gateway, server = house.gateway, house.gateway.server
    rooms = [len(found) for namespace in server.manager.rooms.values() for room, found in namespace.items() if room is None]
    return {
        "sessions": len(server.sessions),
        "sockets": sum(not found.closed for found in server.eio.sockets.values()),
        "environments": len(server.environ),
        "library's rooms": sum(rooms),
        "rooms": len(gateway.hub._rooms),
        "arrived": len(server._arrived),
        "entries": len(server._entries),
        "polling": len(server._polling),
        "upgrades": len(server.eio.upgrades),
        "guarded": sum(gateway.guard._open.values()),
        "connections": connections(house.port),
    }


def connections(port: int) -> int:
    """Open sockets of this process at the serving end of `port`, the one that listens included."""
    return sum(_is_at(int(name), port) for name in os.listdir("/proc/self/fd"))


def _is_at(descriptor: int, port: int) -> bool:
    """Whether it is one of them.

    The pools of PostgreSQL and Redis, and what other tests of this process left to the collector, come and go as they like.
    """
    with contextlib.suppress(OSError):
        if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            with socket.socket(fileno=os.dup(descriptor)) as found:
                return found.family == socket.AF_INET and found.getsockname()[1] == port
    return False


def sid_of(client: Raw) -> str:
    """The Socket.IO id of a client of `/chat`."""
    return str(next(orjson.loads(frame[len("40/chat,") :])["sid"] for frame in client.frames if frame.startswith("40/chat,")))


class TestBadFrames:
    """Of someone who was let in: an answer where there is an id, and the connection goes on."""

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            ('["message"]', "exactly one JSON object"),
            ('["message",{},{}]', "exactly one JSON object"),
            ('["message",null]', "one JSON object"),
            ('["message","text"]', "one JSON object"),
            ('["message",[]]', "one JSON object"),
            ("[]", "a name and one JSON object"),
            ("[1,{}]", "a name and one JSON object"),
            ('{"message":{}}', "a name and one JSON object"),
            ("", "a name and one JSON object"),
            ('["message",{"id":', "not JSON"),
            ('["message",' + "[" * 20_000 + "]" * 20_000 + "]", "not JSON"),
            ('["message",' + '{"a":' * 8_000 + "1" + "}" * 8_000 + "]", "not JSON"),
            ('["message",{"id":"0190a000-0000-7000-8000-000000000001","text":"\\ud800"}]', "not JSON"),
            ('["no_such_event",{}]', "no such event"),
            ('["connect",{}]', "no such event"),
            ('["disconnect",{}]', "no such event"),
            ('["__init__",{}]', "no such event"),
        ],
    )
    async def test_is_a_bad_request(self, house: Running, data: str, why: str) -> None:
        raw = await house.visitor()
        answer = await raw.packet("/chat", data)
        assert (answer["ok"], answer["error"]["code"]) == (False, "bad_request")
        assert why in answer["error"]["message"]
        assert (await raw.ask("sync", {}))["ok"]

    async def test_a_binary_event_is_a_bad_request(self, house: Running) -> None:
        raw = await house.visitor()
        number = raw.next_number()
        future = raw._acks[number] = asyncio.get_running_loop().create_future()
        await raw.send(f'451-/chat,{number}["message",{{"_placeholder":true,"num":0}}]')
        await raw.send(b"\x00\x01\x02")
        answer = await asyncio.wait_for(future, 5)
        assert answer["error"]["code"] == "bad_request"
        assert "Binary" in answer["error"]["message"]
        assert (await raw.ask("sync", {}))["ok"]

    async def test_without_an_id_there_is_no_answer_and_no_harm(self, house: Running) -> None:
        raw = await house.visitor()
        for data in ("", "[", "[" * 30_000, '["nothing"]', '["no_such_event",{}]', "[1]", '["message",{"text":5}]'):
            await raw.send(f"42/chat,{data}")
        assert (await raw.ask("sync", {}))["ok"]
        assert not [frame for frame in raw.frames if frame.startswith("43/chat,") and "false" in frame]

    async def test_packets_that_nobody_speaks(self, house: Running) -> None:
        raw = await house.visitor()
        for frame in ("4", "49", "4x", "44/chat,{}", "43/chat,1[]", "42", "42/nowhere,1[]", "42/console,9" + '["inbox",{"view":"all"}]'):
            await raw.send(frame)
        assert (await raw.ask("sync", {}))["ok"]
        assert not [frame for frame in raw.frames if "/console" in frame]

    @pytest.mark.parametrize("frame", ["x", "garbage", "9", "\x00", "-1", "5probe", "0{}", ""])
    async def test_what_is_no_engine_io_harms_its_author_alone(self, house: Running, frame: str) -> None:
        neighbour, raw = await house.visitor(), await house.visitor()
        await raw.send(frame)
        assert (await neighbour.say("still here"))["ok"]
        await raw.leave()
        await eventually(lambda: len(house.gateway.server.sessions) == 1, 12)


class TestFramesThatEndTheConnection:
    async def test_more_than_64_kib_is_refused_before_it_is_read(self, house: Running) -> None:
        raw = await house.visitor()
        await raw.send("42/chat,1" + "x" * (MAX_FRAME + 1 - len("42/chat,1")))
        await raw.gone(5)
        assert raw.close_code == 1009

    async def test_64_kib_is_read(self, house: Running) -> None:
        raw = await house.visitor()
        number = raw.next_number()
        future = raw._acks[number] = asyncio.get_running_loop().create_future()
        head = f'42/chat,{number}["message",{{"id":"{uuid4()}","text":"'
        await raw.send(head + "x" * (MAX_FRAME - len(head) - 3) + '"}]')
        assert (await asyncio.wait_for(future, 5))["error"]["code"] == "too_large"

    async def test_bad_utf_8(self, house: Running) -> None:
        raw = await house.visitor()
        await raw.socket.send(b"42/chat,1[\xff\xfe]", text=True)
        await raw.gone(8)
        await eventually(lambda: not house.gateway.server.sessions)


class TestConnecting:
    async def test_twice_is_once(self, house: Running) -> None:
        raw = await house.visitor()
        await raw.send("40/chat," + orjson.dumps(DEMO).decode())
        assert (await raw.ask("sync", {}))["ok"]
        assert len(raw.heard("ready")) == 1
        assert len(house.gateway.server.sessions) == 1

    @pytest.mark.parametrize("namespace", ["/", "/admin", "/chat2", "/Chat"])
    async def test_another_namespace(self, house: Running, namespace: str) -> None:
        raw = await house.open()
        await raw.send(f"40{namespace}," if namespace != "/" else "40")
        await raw.until(lambda r: any(frame.startswith("44") for frame in r.frames))
        await raw.gone(5)

    @pytest.mark.parametrize(
        "auth",
        [
            None,
            [],
            "demo",
            {},
            {"site": ""},
            {"site": "nowhere"},
            {"site": "demo", "room": "x"},
            {"site": 5},
            {"site": "a\x00b"},
            {"site": "demo", "after": -1},
            {"site": "demo", "after": "1"},
            {"site": "demo", "live": {"turn": "x", "at": 0}},
            {"site": "demo", "identity": "x"},
            {"site": "x" * 70},
            {"site": "demo", "history": "\x00", "token": "\x00"},
        ],
    )
    async def test_refused_with_a_code(self, house: Running, auth: object) -> None:
        raw = await house.open()
        with pytest.raises(Refused) as refused:
            await raw.enter("/chat", auth)
        assert refused.value.code in ("bad_request", "not_allowed", "too_large", "token_expired")
        await raw.gone(5)
        assert not house.gateway.server.sessions

    @pytest.mark.parametrize("frame", ['42/chat,1["sync",{}]', '421["sync",{}]', "41/chat,", "43/chat,1[]", '451-/chat,1["x",{}]'])
    async def test_speaking_before_it(self, house: Running, frame: str) -> None:
        raw = await house.open()
        await raw.send(frame)
        await raw.gone(7)
        assert not [sent for sent in raw.frames if sent.startswith("43")]

    async def test_deep_json_in_it(self, house: Running) -> None:
        raw = await house.open()
        await raw.send("40/chat," + "[" * 30_000 + "]" * 30_000)
        await raw.gone(5)

    async def test_over_and_over_on_one_connection_is_cut(self, house: Running) -> None:
        raw = await house.open()
        for _ in range(50):
            await raw.send("40/chat," + orjson.dumps(DEMO).decode())
            await raw.send("41/chat,")
        await raw.gone(5)
        assert len(raw.heard("ready")) <= 6


class TestWhoeverStaysOutside:
    async def test_without_connect_is_closed_within_5_s(self, house: Running) -> None:
        started = time.monotonic()
        silent, refused = await house.open(), await house.open()
        with pytest.raises(Refused):
            await refused.enter("/console", {"token": "nothing"})
        await refused.gone(3)
        await silent.gone(12)
        assert time.monotonic() - started > 4
        await eventually(lambda: all(found.closed for found in house.gateway.server.eio.sockets.values()), 5)

    async def test_said_goodbye_and_goes_on_speaking(self, house: Running) -> None:
        """Engine.IO's CLOSE ends the session, not the connection; the gateway must."""
        raw = await house.visitor()
        await raw.send("1")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(8):
                while not raw.closed.is_set():
                    await raw.send("6")
                    await asyncio.sleep(0.05)
                raise TimeoutError
        assert raw.closed.is_set()


class TestSlowRequests:
    async def test_that_do_not_come_are_not_waited_for(self, house: Running) -> None:
        half = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
        lasted = await asyncio.gather(*(self._drip(house, said) for said in (b"", half + b"X-Slow: ", half + b"\r\n" + half)))
        assert min(lasted) > 3, lasted

    @staticmethod
    async def _drip(house: Running, said: bytes) -> float:
        """Say this, and then a letter now and again; the seconds until the gateway has had enough."""
        host, port = house.url.removeprefix("http://").split(":")
        started = time.monotonic()
        reader, writer = await asyncio.open_connection(host, int(port))

        async def drip() -> None:
            writer.write(said)
            while said:
                await asyncio.sleep(0.2)
                writer.write(b"a")
                await writer.drain()

        dripping = asyncio.create_task(drip())
        try:
            async with asyncio.timeout(15):
                with contextlib.suppress(ConnectionError):
                    while await reader.read(1000):
                        pass
        finally:
            dripping.cancel()
            await asyncio.gather(dripping, return_exceptions=True)
            writer.close()
        return time.monotonic() - started

    async def test_one_that_comes_is_answered_however_long_the_answer_takes(self, house: Running) -> None:
        """A poll is held until something happens, or for a ping's time."""
        async with httpx.AsyncClient(base_url=house.url, timeout=30) as http:
            ask = {"EIO": "4", "transport": "polling"}
            opened = await http.get("/socket.io/", params=ask)
            ask["sid"] = orjson.loads(opened.text[1:])["sid"]
            entered = await http.post("/socket.io/", params=ask, content='40/chat,{"site":"demo"}')
            assert entered.text == "OK"
            told = ""
            while '["ready"' not in told:
                told += (await http.get("/socket.io/", params=ask)).text
            started = time.monotonic()
            assert (await http.get("/socket.io/", params=ask)).text == "2"
            assert time.monotonic() - started > 7
            await http.post("/socket.io/", params=ask, content="1")


class TestFlood:
    async def test_20_000_events_are_cut_and_others_do_not_notice(self, house: Running) -> None:
        neighbour, raw = await house.visitor(), await house.visitor()
        await neighbour.say("warm")
        most = 0

        async def flood() -> None:
            for number in range(20_000):
                await raw.socket.send(f'42/chat,{number}["history_page",{{"before":1,"limit":50}}]')

        async def watch() -> None:
            nonlocal most
            while not raw.closed.is_set():
                workers = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__qualname__", "") == "Session._work"]
                most = max(most, len(workers))
                await asyncio.sleep(0.002)

        watching, flooding = asyncio.create_task(watch()), asyncio.create_task(flood())
        late = []
        for _ in range(20):
            started = time.monotonic()
            assert (await neighbour.ask("sync", {}))["ok"]
            late.append(time.monotonic() - started)
            await asyncio.sleep(0.06)
        await raw.gone(5)
        await asyncio.gather(watching, flooding, return_exceptions=True)
        assert raw.heard("goodbye")[0]["code"] == "flood"
        assert most <= 2, "one handler at a time for each socket"
        assert sorted(late)[-5] < 0.5, late
        await eventually(lambda: len(house.gateway.server.sessions) == 1)

    async def test_over_the_bucket_is_refused_then_cut(self, house: Running) -> None:
        raw = await house.visitor()
        began = time.monotonic()
        answers = await asyncio.gather(*(raw.ask("history_page", {"before": 1, "limit": 1}) for _ in range(70)))
        came = LimitSettings().frame_per_second * (time.monotonic() - began)
        refused = [answer["error"] for answer in answers if not answer["ok"]]
        assert 29 - came <= len(refused) <= 30, "40 at once"
        assert all(error["code"] == "rate_limited" and 0 < error["retry_after_ms"] <= 5000 for error in refused)
        for _ in range(60):
            await raw.send('42/chat,["typing",{"on":true}]')
        await raw.gone(5)
        assert raw.heard("goodbye")[0]["code"] == "flood"


class TestSlow:
    async def test_who_does_not_read_loses_hints_then_the_connection(self, house: Running) -> None:
        """In the dark nothing grows: the queue is bounded, and the connection is gone at the level of TCP."""
        gateway = house.gateway
        other = await house.visitor()
        await other.say("hello")
        ready = other.heard("ready")[0]
        conversation = ready["conversation"]["id"]
        await house.settled(conversation)
        slow = await house.visitor({"token": ready["token"]}, buffer=4096)
        (session,) = (found for found in gateway.server.sessions.values() if found.sid != sid_of(other))
        room = gateway.hub._rooms[ConversationId(UUID(conversation))]
        slow.pause()
        before = connections(house.port)
        turn, sent = str(uuid4()), 0
        while not session.slow and sent < 20_000_000:
            room.delta(turn, sent, sent + 1000, "x" * 1000)
            sent += 1000
            if sent % 20_000 == 0:
                await asyncio.sleep(0)
                await asyncio.sleep(0)
        assert (session.slow, session.closed) == (True, False), "live frames are dropped first"
        kept = gateway.server.queue_of(session.eio_sid)
        assert kept is not None and kept.weight <= 1 << 20
        for _ in range(100):
            room.delta(turn, sent, sent + 1000, "x" * 1000)
            sent += 1000
            await asyncio.sleep(0)
        assert gateway.server.queue_of(session.eio_sid).qsize() <= kept.qsize(), "not one more"  # type: ignore[union-attr]
        cut = time.monotonic()
        padding = durable({"conversation": conversation, "history": "x", "seq": 10_000, "kind": "closed", "padding": "x" * 1000})
        for _ in range(600):
            session.send(padding)
        assert session.closed
        await eventually(lambda: connections(house.port) < before, 10, "the gateway's end of the connection is still open")
        assert time.monotonic() - cut < 10
        assert (await other.ask("sync", {}))["ok"]
        slow.resume()
        await slow.gone(5)

    async def test_who_does_not_read_and_came_by_polling(self, own_house: Running) -> None:
        """The WebSocket that a polling connection became is not the one it began with."""
        gateway = own_house.gateway
        async with httpx.AsyncClient(base_url=own_house.url) as http:
            opened = await http.get("/socket.io/", params={"EIO": "4", "transport": "polling"})
            eio_sid = orjson.loads(opened.text[1:])["sid"]
        raw = await Raw.open(own_house.url, buffer=4096, eio_sid=eio_sid)
        own_house.clients.append(raw)
        await raw.send("2probe")
        await raw.until(lambda r: "3probe" in r.frames)
        await raw.send("5")
        await raw.enter("/chat", DEMO)
        await raw.expect("ready")
        (session,) = gateway.server.sessions.values()
        raw.pause()
        before = connections(own_house.port)
        padding = durable({"padding": "x" * 10_000})
        while not session.closed:
            session.send(padding)
            await asyncio.sleep(0)
        await eventually(lambda: connections(own_house.port) < before, 10, "the gateway's end of the connection is still open")
        # The connection is gone a moment before the task that served it has put everything back.
        await eventually(lambda: not gateway.server.eio.upgrades and not gateway.guard._open, 10, "something is still counted")

    async def test_who_asks_without_reading_the_answers(self, house: Running) -> None:
        gateway = house.gateway
        slow = await house.visitor(buffer=4096)
        (session,) = gateway.server.sessions.values()
        slow.pause()
        answer = {"ok": True, "events": ["x" * 40_000]}
        for number in range(200):
            gateway.server.acknowledge(session, number, answer)
        queue = gateway.server.queue_of(session.eio_sid)
        assert session.closed
        assert queue is None or queue.weight < 3 << 20
        slow.resume()
        await slow.gone(10)


class TestConnectionsOfOneAddress:
    async def test_are_counted_behind_a_proxy(self, database_url: str, redis_url: str) -> None:
        limits = {"connections_per_address": 5, "trusted_proxies": ("127.0.0.1/32",)}
        async with running(database_url, redis_url, limits=limits) as house:
            far = {"X-Forwarded-For": "203.0.113.9"}
            crowd = [await house.visitor(headers=far) for _ in range(5)]
            for spoofed in ("203.0.113.9", "198.51.100.1, 203.0.113.9", "127.0.0.1, 203.0.113.9", "::1,203.0.113.9"):
                with pytest.raises(Exception, match="403"):
                    await house.open(headers={"X-Forwarded-For": spoofed})
            async with httpx.AsyncClient(base_url=house.url) as http:
                polling = await http.get("/socket.io/", params={"EIO": "4", "transport": "polling"}, headers=far)
            assert polling.status_code == 401
            await house.visitor(headers={"X-Forwarded-For": "203.0.113.10"})
            await crowd[0].leave()
            await eventually(lambda: house.gateway.guard._open["203.0.113.9"] == 4)
            await house.visitor(headers=far)

    async def test_of_polling_are_counted_too_and_given_back(self, database_url: str, redis_url: str) -> None:
        limits = {"connections_per_address": 2, "trusted_proxies": ("127.0.0.1/32",)}
        async with running(database_url, redis_url, limits=limits) as house:
            async with httpx.AsyncClient(base_url=house.url, headers={"X-Forwarded-For": "203.0.113.9"}) as http:
                ask = {"EIO": "4", "transport": "polling"}
                assert [(await http.get("/socket.io/", params=ask)).status_code for _ in range(3)] == [200, 200, 401]
                await eventually(lambda: not house.gateway.guard._open, 12, "who does not CONNECT gives its place back")
                assert (await http.get("/socket.io/", params=ask)).status_code == 200

    def test_an_untrusted_peer_says_nothing_about_itself(self) -> None:
        addresses = Addresses(("10.0.0.0/8",))
        assert addresses.of("203.0.113.1", {"x-forwarded-for": "127.0.0.1"}) == "203.0.113.1"
        assert addresses.of("10.0.0.1", {"x-forwarded-for": "127.0.0.1, 203.0.113.7, 10.0.0.2"}) == "203.0.113.7"
        assert addresses.of("10.0.0.1", {"x-forwarded-for": "garbage"}) == "10.0.0.1"
        assert addresses.of("10.0.0.1", {}) == "10.0.0.1"
        assert addresses.of(None, {"x-forwarded-for": "127.0.0.1"}) == "unknown"
        assert not addresses.exempt("203.0.113.1")
        assert addresses.exempt("127.0.0.1") and addresses.exempt("::1")


class TestNothingStays:
    async def test_after_2_000_that_came_and_went(self, own_house: Running) -> None:
        """Connected and left, refused, aborted at every stage."""
        house = own_house

        async def one(number: int) -> None:
            raw = await Raw.open(house.url)
            try:
                match number % 5:
                    case 0:
                        await raw.enter("/chat", DEMO)
                        await raw.expect("ready")
                        await raw.socket.close()
                    case 1:
                        await raw.enter("/chat", {"site": "nowhere"})
                    case 2:
                        raw.socket.transport.abort()
                    case 3:
                        await raw.send("40/chat," + orjson.dumps(DEMO).decode())
                        raw.socket.transport.abort()
                    case 4:
                        await raw.send("40/console," + orjson.dumps({"token": "x"}).decode())
                        await raw.send("1")
            except Refused:
                pass
            finally:
                raw.socket.transport.abort()
                await raw.leave()

        async def many(count: int) -> None:
            for start in range(0, count, 50):
                await asyncio.gather(*(one(number) for number in range(start, start + 50)))

        await many(50)
        await eventually(lambda: not any(held(house)[name] for name in ("sessions", "sockets", "guarded")), 20)
        gc.collect()
        before, tasks = held(house), len(asyncio.all_tasks())
        await many(2000)

        def back() -> bool:
            return held(house) == before and len(asyncio.all_tasks()) <= tasks

        try:
            await eventually(back, 20)
        except AssertionError:
            pytest.fail(f"{before} and {tasks} tasks became {held(house)} and {len(asyncio.all_tasks())}")
