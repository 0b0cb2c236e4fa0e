"""Bytes cut into events: the same events wherever the cuts fall."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.ensemble.errors import Garbage
from agents.ensemble.thin.events import LONGEST_EVENT, Event, Events, JsonLines, ServerSentEvents
from tests.agents.thin.replay import STREAMS

RECORDED = sorted(path.name for path in STREAMS.iterdir() if path.suffix != ".md")
# Surrogates stand for no character: UTF-8 has no bytes for them.
ON_ONE_LINE = st.characters(exclude_categories=("Cs",), exclude_characters="\r\n")


def cutter(name: str) -> Events:
    return JsonLines() if name.endswith(".ndjson") else ServerSentEvents()


def cut(events: Events, pieces: list[bytes]) -> list[Event]:
    return [event for piece in pieces for event in events.feed(piece)] + events.end()


class TestAnySplit:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(RECORDED), st.lists(st.integers(0, 1 << 14), max_size=12))
    def test_gives_the_same_events(self, name: str, places: list[int]) -> None:
        data = (STREAMS / name).read_bytes()
        edges = sorted({0, len(data), *(place % len(data) for place in places)})
        pieces = [data[start:end] for start, end in pairwise(edges)]
        assert cut(cutter(name), pieces) == cut(cutter(name), [data])

    @pytest.mark.parametrize("name", RECORDED)
    def test_byte_by_byte_too(self, name: str) -> None:
        data = (STREAMS / name).read_bytes()
        assert cut(cutter(name), [data[at : at + 1] for at in range(len(data))]) == cut(cutter(name), [data])

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.tuples(st.sampled_from([None, "ping", "error"]), st.text(ON_ONE_LINE, min_size=1))))
    def test_gives_back_what_was_put_in(self, events: list[tuple[str | None, str]]) -> None:
        for end in ("\n", "\r\n", "\r"):
            written = "".join((f"event: {name}{end}" if name else "") + f"data: {data}{end}{end}" for name, data in events).encode()
            read = cut(ServerSentEvents(), [written[at : at + 3] for at in range(0, len(written), 3)])
            assert read == [(name.encode() if name else None, data.encode()) for name, data in events]


class TestServerSentEvents:
    @pytest.mark.parametrize(
        ("data", "events"),
        [
            (b": a comment\n\ndata: 1\n\n", [(None, b"1")]),
            (b"data:1\n\ndata:  2\n\n", [(None, b"1"), (None, b" 2")]),
            (b"data: 1\ndata: 2\n\n", [(None, b"1\n2")]),
            (b"event: a\nid: 7\nretry: 10\nnothing\ndata: 1\n\ndata: 2\n\n", [(b"a", b"1"), (None, b"2")]),
            (b"event: a\n\ndata: 1\n\n", [(None, b"1")]),
            (b"\xef\xbb\xbfdata: 1\n\n", [(None, b"1")]),
            (b"data: 1\n\ndata: 2", [(None, b"1"), (None, b"2")]),
            (b"data: 1\r\n\r", [(None, b"1")]),
            (b"event: a\r\ndata: 1\r\ndata: 2\r\n\r\n", [(b"a", b"1\n2")]),
            (b"\n\n\n", []),
            (b"", []),
        ],
    )
    def test_follows_the_format(self, data: bytes, events: list[Event]) -> None:
        assert cut(ServerSentEvents(), [data]) == events
        assert cut(ServerSentEvents(), [data[at : at + 1] for at in range(len(data))]) == events

    @pytest.mark.parametrize("piece", [b"x" * 100_000, b"data: " + b"x" * 100_000 + b"\n"])
    def test_what_has_no_end_is_no_event(self, piece: bytes) -> None:
        events = ServerSentEvents()
        with pytest.raises(Garbage):
            for _ in range(LONGEST_EVENT // 50_000):
                events.feed(piece)


class TestJsonLines:
    def test_skips_empty_lines_and_takes_the_last_without_an_end(self) -> None:
        assert cut(JsonLines(), [b'{"a":1}\r\n\n \n{"b":2}']) == [(None, b'{"a":1}\r'), (None, b'{"b":2}')]

    def test_what_has_no_end_is_no_line(self) -> None:
        events = JsonLines()
        with pytest.raises(Garbage):
            for _ in range(LONGEST_EVENT // 50_000):
                events.feed(b"x" * 100_000)
