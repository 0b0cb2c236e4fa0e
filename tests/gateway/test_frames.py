"""Frames, validation, buckets: the small parts of the socket's edge, without a socket."""

import asyncio
import time
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.socket import frames
from gateway.socket.buckets import Bucket, MessageBuckets
from gateway.socket.validation import parse
from kernel.bus import Bus, connect
from kernel.errors import BadRequest, GatewayError, TooLarge
from kernel.wire.base import Wire
from kernel.wire.chat import CHAT_EVENTS, ChatConnect, ChatMessageIn
from kernel.wire.console import CONSOLE_EVENTS, ConsoleConnect
from tests.rig.redis import RedisServer

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.uuids().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


class TestReading:
    @settings(max_examples=1500, deadline=None)
    @given(st.text(max_size=80) | st.from_regex(r"[0-9](\d{0,3}-)?(/[a-z]{0,9})?(\?[a-z=]*)?,?\d{0,17}.{0,40}", fullmatch=True))
    def test_never_raises(self, frame: str) -> None:
        found = frames.read(frame)
        assert found.kind in ("connect", "disconnect", "event", "ack", "binary", "unknown")
        if found.kind == "event" and found.problem is None:
            assert isinstance(found.event, str)

    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from(["/chat", "/console"]), st.none() | st.integers(0, 10**14), st.text(max_size=20), json_values)
    def test_of_what_was_written(self, namespace: str, number: int | None, event: str, payload: Any) -> None:
        try:
            data = orjson.dumps([event, payload]).decode()
        except (TypeError, orjson.JSONEncodeError):
            return  # halves of characters, and numbers that JSON lacks
        found = frames.read(f"2{namespace},{'' if number is None else number}{data}")
        assert (found.kind, found.namespace, found.id, found.event, found.problem) == ("event", namespace, number, event, None)
        assert orjson.dumps(found.payload) == orjson.dumps(payload)

    @pytest.mark.parametrize(
        ("frame", "kind", "number", "complains"),
        [
            ("0/chat,{}", "connect", None, False),
            ("0/chat,", "connect", None, False),
            ("0/chat,[", "connect", None, True),
            ("1/chat,", "disconnect", None, False),
            ('2/chat,5["message"]', "event", 5, True),
            ('2/chat,5["message",{},{}]', "event", 5, True),
            ('2/chat?x=1,5["message",{}]', "event", 5, False),
            ("2/chat,5" + "[" * 50_000, "event", 5, True),
            ("2/chat,5" + "[" * 30_000 + "]" * 30_000, "event", 5, True),
            ('51-/chat,5["message",{"_placeholder":true,"num":0}]', "binary", 5, True),
            ("3/chat,5[]", "ack", 5, False),
            ("4/chat,{}", "unknown", None, True),
            ("7/chat,", "unknown", None, True),
            ("", "unknown", None, True),
            ("2/chat,1234567890123456[]", "event", 123456789012345, True),
        ],
    )
    def test_of_what_is_wrong(self, frame: str, kind: str, number: int | None, complains: bool) -> None:
        found = frames.read(frame)
        assert (found.kind, found.id, found.problem is not None) == (kind, number, complains)


class TestValidation:
    # What a library would say to a programmer, and never to a customer.
    FOREIGN = ("pydantic", "input", "validat", "extra", "none", "uuid_", "string_", "http", "valueerror", "assertion", "type=", "\n")

    @settings(max_examples=400, deadline=None)
    @given(st.sampled_from(sorted([*CHAT_EVENTS.items(), *CONSOLE_EVENTS.items()], key=str)), st.data())
    def test_says_what_is_wrong_in_our_words(self, event: tuple[str, type[Wire]], data: st.DataObject) -> None:
        model = event[1]
        keys = st.sampled_from([*model.model_fields, "zzz"])
        payload = data.draw(st.dictionaries(keys, json_values, max_size=4) | json_values)
        try:
            parse(model, payload)
        except GatewayError as error:
            message = error.message.replace("is none of the allowed values", "").replace("zzz", "").replace("This payload is not valid", "")
            assert 5 < len(error.message) < 200
            assert error.message[0] in "'STA" and error.message.endswith(".")
            for word in self.FOREIGN:
                assert word not in message.lower(), error.message

    @pytest.mark.parametrize(
        ("model", "payload", "error", "says"),
        [
            (ChatMessageIn, {}, BadRequest, "'id' is missing."),
            (ChatMessageIn, {"id": "x", "text": "a"}, BadRequest, "'id' must be a UUID."),
            (ChatMessageIn, {"id": str(UUID(int=1)), "text": "x" * 4001}, TooLarge, "'text' is too long: at most 4000."),
            (ChatMessageIn, {"id": str(UUID(int=1)), "text": " \x00\u200b "}, BadRequest, "The text is empty."),
            (ChatMessageIn, {"id": str(UUID(int=1)), "text": "a", "to": 1}, BadRequest, "'to' is not a field here."),
            (ChatMessageIn, {"id": str(UUID(int=1)), "text": "a\ud800"}, BadRequest, None),
            (ChatMessageIn, {"id": str(UUID(int=1)), "text": 5}, BadRequest, "'text' must be a string."),
            (ChatConnect, None, BadRequest, "Send one JSON object with this event."),
            (ChatConnect, {"site": "demo", "live": 1}, BadRequest, "'live' is not of the right kind."),
            (ConsoleConnect, {"token": "x" * 300}, TooLarge, "'token' is too long: at most 256."),
        ],
    )
    def test_words(self, model: type[Wire], payload: Any, error: type[GatewayError], says: str | None) -> None:
        with pytest.raises(error) as found:
            parse(model, payload)
        assert says is None or found.value.message == says

    def test_text_is_cleaned_and_counted_in_characters(self) -> None:
        given_text = "a\x00b\x1b[31m\r\nc\td\u200b\U000e0041🔥"
        assert parse(ChatMessageIn, {"id": str(uuid4()), "text": given_text}).text == "ab[31m\nc\td🔥"
        assert len(parse(ChatMessageIn, {"id": str(uuid4()), "text": "🔥" * 4000}).text) == 4000


class TestBucket:
    def test_of_one_process(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [100.0]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        bucket = Bucket(3, 2)
        assert [bucket.take() for _ in range(4)] == [True, True, True, False]
        assert 400 <= bucket.wait_ms <= 502
        now[0] += 0.5
        assert [bucket.take() for _ in range(2)] == [True, False]
        now[0] += 60
        assert [bucket.take() for _ in range(4)] == [True, True, True, False], "never more than its size"
        bucket.give()
        assert bucket.wait_ms == 0 and bucket.take()

    async def test_of_all_processes_is_one(self, redis_url: str) -> None:
        first, second = Bus(connect(redis_url)), Bus(connect(redis_url))
        one, two = MessageBuckets(first, 10, 1.0), MessageBuckets(second, 10, 1.0)
        visitor = uuid4()
        waits = await asyncio.gather(*(bucket.take(visitor) for bucket in (one, two) * 15))
        assert waits.count(0) == 10
        assert all(0 < wait <= 1000 for wait in waits if wait)
        await two.give_back(visitor)
        assert await one.take(visitor) == 0
        assert await one.take(uuid4()) == 0, "another visitor's is full"
        await first.close()
        await second.close()

    async def test_goes_on_alone_while_redis_is_away(self, redis_server: RedisServer) -> None:
        bus = Bus(connect(redis_server.url))
        buckets = MessageBuckets(bus, 3, 1.0)
        visitor = uuid4()
        assert await buckets.take(visitor) == 0
        redis_server.kill()
        started = time.monotonic()
        waits = [await buckets.take(visitor) for _ in range(5)]
        assert waits.count(0) == 3 and not bus.up
        assert time.monotonic() - started < 2
        await buckets.give_back(visitor)
        assert await buckets.take(visitor) == 0
        await bus.close()
