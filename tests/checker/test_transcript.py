"""The strict client's rules: what a server does wrong is noticed, what it may do is not."""

from typing import Any

import pytest

from tests.rig.transcript import Body, Transcript


def snapshot(*events: Body, head: int | None = None, live: Body | None = None, **more: Any) -> Body:
    top = head if head is not None else (events[-1]["seq"] if events else 0)
    there = {"id": "c", "owner": "ai", "epoch": 0, "state": "open"}
    return {"conversation": there, "history": "h", "events": list(events), "head": top, "live": live, **more}


def event(seq: int, kind: str = "closed", **more: Any) -> Body:
    return {"conversation": "c", "history": "h", "seq": seq, "at": "", "kind": kind, **more}


def delta(at: int, text: str, turn: str = "t") -> Body:
    return {"conversation": "c", "turn": turn, "at": at, "to": at + len(text), "text": text}


@pytest.fixture
def log() -> Transcript:
    made = Transcript()
    made.snapshot(snapshot(), {})
    return made


class TestTranscript:
    def test_a_hole_asks_for_a_sync(self, log: Transcript) -> None:
        assert not log.event(event(1))
        assert log.event(event(3)) and log.gaps == 1 and log.top == 1

    def test_a_repeat_is_dropped_but_must_be_the_same(self, log: Transcript) -> None:
        log.event(event(1))
        log.event(event(1))
        assert log.faults == []
        log.event(event(1, kind="card"))
        assert log.faults

    def test_deltas_before_their_turn_are_held(self, log: Transcript) -> None:
        log.delta(delta(0, "ab"))
        assert log.text == ""
        log.event(event(1, "reply_started", turn="t", answers=[]))
        assert log.text == "ab"

    def test_a_hole_in_the_deltas_asks_for_a_sync(self, log: Transcript) -> None:
        log.event(event(1, "reply_started", turn="t", answers=[]))
        assert not log.delta(delta(0, "ab"))
        assert not log.delta(delta(0, "ab")), "a repeat is dropped"
        assert log.delta(delta(4, "ef")) and log.text == "ab"

    def test_a_message_must_begin_with_what_was_shown(self, log: Transcript) -> None:
        log.event(event(1, "reply_started", turn="t", answers=[]))
        log.delta(delta(0, "ab"))
        log.event(event(2, "message", message={"author": {"kind": "ai"}, "turn": "t", "text": "xb"}))
        assert log.faults

    def test_a_resumed_reply_continues_what_is_held(self, log: Transcript) -> None:
        log.event(event(1, "reply_started", turn="t", answers=[]))
        log.delta(delta(0, "ab"))
        log.snapshot(snapshot(head=1, live={"turn": "t", "from": 2, "to": 4, "text": "cd"}), {"after": 1, "live": {"turn": "t", "at": 2}})
        assert log.text == "abcd" and log.faults == []
        overlap = {"turn": "t", "from": 2, "to": 5, "text": "cde"}
        log.snapshot(snapshot(head=1, live=overlap), {"after": 1, "live": {"turn": "t", "at": 2}})
        assert log.text == "abcde" and log.faults == [], "deltas came while it was asked"
        log.snapshot(snapshot(head=1, live={"turn": "t", "from": 3, "to": 5, "text": "de"}), {"after": 1, "live": {"turn": "t", "at": 4}})
        assert log.faults

    def test_a_snapshot_with_a_hole_or_without_its_end_is_a_fault(self, log: Transcript) -> None:
        log.snapshot(snapshot(event(1), event(3)), {"after": 0})
        assert log.faults
        other = Transcript()
        other.snapshot(snapshot(event(1), head=2), {"after": 0})
        assert other.faults

    def test_a_restart_replaces_the_text(self, log: Transcript) -> None:
        log.event(event(1, "reply_started", turn="t", answers=[]))
        log.delta(delta(0, "ab"))
        log.event(event(2, "restarted", turn="u", replaces="t", answers=[]))
        log.delta(delta(2, "cd"))
        assert log.text == ""
        log.delta(delta(0, "x", turn="u"))
        assert log.text == "x" and log.faults == []
