"""Each promise broken by hand in a good recording: the checker says which one."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from tests.rig.history import Recorder, check
from tests.rig.truth import Body, Kept, Truth

C = "c-1"


@dataclass
class Call:
    """A provider's call."""

    plan: str
    messages: list[Body]


class Scene:
    """A conversation with a whole reply, a reply that was taken over, and two observers: nothing is wrong with it."""

    def __init__(self) -> None:
        self.recorder = Recorder()
        self.events: list[Body] = [
            _message(1, "customer", "hi", client_id="m-1"),
            {"seq": 2, "kind": "reply_started", "turn": "t-1", "answers": [1]},
            _message(3, "ai", "one two ", turn="t-1"),
            {"seq": 4, "kind": "reply_finished", "turn": "t-1", "outcome": "complete", "message": "id-3"},
            _message(5, "customer", "more", client_id="m-2"),
            {"seq": 6, "kind": "reply_started", "turn": "t-2", "answers": [5]},
            {"seq": 7, "kind": "owner_changed", "owner": "human", "epoch": 1, "by": {"kind": "human", "name": "Dana"}},
            _message(8, "ai", "three ", turn="t-2", interrupted=True),
            {"seq": 9, "kind": "reply_finished", "turn": "t-2", "outcome": "taken_over", "message": "id-8"},
        ]
        self.kept = Kept(C, 9, "human", 1, {event["seq"]: event for event in self.events})
        self.kept.messages = [
            _row(1, "customer", "hi", client_id="m-1"),
            _row(3, "ai", "one two ", turn="t-1"),
            _row(5, "customer", "more", client_id="m-2"),
            _row(8, "ai", "three ", turn="t-2", interrupted=True),
        ]
        self.kept.turns = [
            {"id": "t-1", "state": "done", "outcome": "complete", "cut_at": 8, "home": "redis", "answers": [1]},
            {"id": "t-2", "state": "done", "outcome": "taken_over", "cut_at": 6, "home": "redis", "answers": [5]},
        ]
        self.kept.models = {"t-1": {"teacher"}, "t-2": {"teacher"}}
        self.calls = [Call("one two ", [{"content": "hi"}]), Call("three four ", [{"content": "hi"}, {"content": "more"}])]
        self._record()

    def _record(self) -> None:
        add = self.recorder.add
        add("alice", "sent", event="message", call=0, payload={"id": "m-1", "text": "hi"})
        add("alice", "ack", call=0, body={"ok": True, "seq": 1})
        for event in self.events[:2]:
            add("alice", "event", body=wire(event))
        self.delta("alice", "t-1", 0, "one ")
        self.delta("alice", "t-1", 4, "two ")
        for event in self.events[2:6]:
            add("alice", "event", body=wire(event))
        add("alice", "sent", event="message", call=1, payload={"id": "m-2", "text": "more"})
        add("alice", "ack", call=1, body={"ok": True, "seq": 5})
        self.delta("alice", "t-2", 0, "three ")
        add("dana", "sent", event="take", call=0, payload={"conversation": C})
        add("dana", "ack", call=0, body={"ok": True, "epoch": 1, "turn": "t-2", "to": 6})
        for event in self.events[6:]:
            add("alice", "event", body=wire(event))
        for who in ("alice", "dana"):
            add(who, "final", conversation=C, events=[wire(event) for event in self.events])

    def delta(self, who: str, turn: str, at: int, text: str) -> None:
        body = {"conversation": C, "turn": turn, "at": at, "to": at + len(text), "text": text}
        self.recorder.add(who, "delta", body=body)

    @property
    def truth(self) -> Truth:
        return {C: self.kept}

    def final(self, who: str) -> list[Body]:
        """What an observer shows at the end, to be changed."""
        line: Body = next(line for line in self.recorder.lines if line["what"] == "final" and line["who"] == who)
        line["events"] = deepcopy(line["events"])
        return line["events"]  # type: ignore[no-any-return]

    def broken(self) -> set[str]:
        return {violation.invariant for violation in check(self.recorder.lines, self.truth, self.calls)}


def wire(event: Body) -> Body:
    return {"conversation": C, "history": "h", "at": "2026-11-23T20:00:00Z", **event}


def _message(seq: int, author: str, text: str, **more: Any) -> Body:
    return {"seq": seq, "kind": "message", "message": {"id": f"id-{seq}", "author": {"kind": author, "name": "x"}, "text": text, **more}}


def _row(seq: int, author: str, text: str, *, client_id: str | None = None, turn: str | None = None, interrupted: bool = False) -> Body:
    more = {"client_id": client_id, "turn_id": turn, "interrupted": interrupted, "model": None}
    return {"id": f"id-{seq}", "seq": seq, "author_kind": author, "text": text, **more}


@pytest.fixture
def scene() -> Scene:
    return Scene()


class TestChecker:
    def test_finds_nothing_where_nothing_is_wrong(self, scene: Scene) -> None:
        assert check(scene.recorder.lines, scene.truth, scene.calls) == []

    def test_a_fault_that_a_client_saw(self, scene: Scene) -> None:
        scene.recorder.fault("alice", "typing came before ready")
        assert scene.broken() == {"wire"}


class TestI1:
    def test_an_acknowledged_message_that_is_not_stored(self, scene: Scene) -> None:
        del scene.kept.messages[2]
        assert "I1" in scene.broken()

    def test_a_message_that_is_stored_twice(self, scene: Scene) -> None:
        scene.kept.messages.append({**scene.kept.messages[0], "seq": 10})
        assert "I1" in scene.broken()

    def test_an_unacknowledged_message_may_be_missing_but_not_doubled(self, scene: Scene) -> None:
        scene.recorder.add("alice", "sent", event="message", call=9, payload={"id": "m-9", "text": "lost"})
        assert scene.broken() == set()
        scene.kept.messages += [_row(10, "customer", "lost", client_id="m-9"), _row(11, "customer", "lost", client_id="m-9")]
        assert "I1" in scene.broken()

    def test_an_observer_who_does_not_show_it(self, scene: Scene) -> None:
        scene.final("dana")[0]["message"]["client_id"] = "another"
        assert "I1" in scene.broken()

    def test_an_observer_who_shows_it_twice(self, scene: Scene) -> None:
        events = scene.final("alice")
        events.insert(1, events[0])
        assert "I1" in scene.broken()

    def test_two_acknowledgements_that_differ(self, scene: Scene) -> None:
        scene.recorder.add("tab", "sent", event="message", call=0, payload={"id": "m-1", "text": "hi"})
        scene.recorder.add("tab", "ack", call=0, body={"ok": True, "seq": 2})
        assert scene.broken() == {"I1"}


class TestI2:
    def test_a_hole_in_the_stored_log(self, scene: Scene) -> None:
        del scene.kept.events[4]
        assert "I2" in scene.broken()

    def test_a_hole_in_what_is_shown(self, scene: Scene) -> None:
        del scene.final("dana")[3]
        assert scene.broken() == {"I2"}

    def test_a_tail_that_never_came(self, scene: Scene) -> None:
        del scene.final("dana")[-1]
        assert scene.broken() == {"I2"}

    def test_an_order_of_ones_own(self, scene: Scene) -> None:
        events = scene.final("dana")
        events[0], events[1] = events[1], events[0]
        assert scene.broken() == {"I2"}

    def test_an_event_that_is_another_for_one_observer(self, scene: Scene) -> None:
        scene.recorder.add("dana", "event", body=wire({**scene.events[1], "answers": [1, 5]}))
        assert scene.broken() == {"I2"}

    def test_an_observer_who_sees_what_is_not_stored(self, scene: Scene) -> None:
        scene.recorder.add("eve", "final", conversation="c-2", events=[wire(scene.events[0])])
        assert scene.broken() == {"I2"}


class TestI3:
    def test_live_text_that_is_not_the_messages(self, scene: Scene) -> None:
        scene.delta("dana", "t-1", 4, "TWO ")
        assert scene.broken() == {"I3"}

    def test_a_live_text_in_a_snapshot_counts_too(self, scene: Scene) -> None:
        live = {"turn": "t-1", "from": 0, "to": 4, "text": "onx "}
        scene.recorder.add("dana", "snapshot", body={"conversation": {"id": C}, "events": [], "live": live})
        assert scene.broken() == {"I3"}

    def test_doubled_characters(self, scene: Scene) -> None:
        scene.delta("dana", "t-1", 8, "two ")
        assert scene.broken() == {"I3"}

    def test_a_reply_that_is_not_the_providers(self, scene: Scene) -> None:
        scene.calls[0].plan = "one two three "
        assert scene.broken() == {"I3"}

    def test_an_interrupted_reply_that_is_no_prefix(self, scene: Scene) -> None:
        scene.calls[1].plan = "thirteen four "
        assert scene.broken() == {"I3"}

    def test_a_reply_that_is_silently_cut(self, scene: Scene) -> None:
        scene.kept.messages[1]["text"] = scene.kept.events[3]["message"]["text"] = "one "
        scene.kept.events[3] = deepcopy(scene.kept.events[3])
        assert "I3" in scene.broken()


class TestI4:
    def test_two_replies_at_once(self, scene: Scene) -> None:
        scene.kept.events[4] = {"seq": 4, "kind": "owner_changed", "owner": "ai", "epoch": 0}
        assert "I4" in scene.broken()

    def test_a_reply_without_an_end(self, scene: Scene) -> None:
        scene.kept.events[9] = {"seq": 9, "kind": "closed"}
        assert "I4" in scene.broken()

    def test_a_reply_with_two_ends(self, scene: Scene) -> None:
        scene.kept.events[10] = {**scene.kept.events[9], "seq": 10}
        scene.kept.last_seq = 10
        assert "I4" in scene.broken()

    def test_a_turn_with_two_messages(self, scene: Scene) -> None:
        scene.kept.messages.append({**scene.kept.messages[1], "seq": 10})
        assert "I4" in scene.broken()

    def test_an_end_that_does_not_follow_its_message(self, scene: Scene) -> None:
        scene.kept.events[4] = {**scene.kept.events[4], "message": "id-1"}
        assert "I4" in scene.broken()

    def test_a_turn_that_is_open_still(self, scene: Scene) -> None:
        scene.kept.turns[0]["state"] = "running"
        assert scene.broken() == {"I4"}


class TestI5:
    def test_characters_beyond_the_cut(self, scene: Scene) -> None:
        scene.delta("alice", "t-2", 6, "four ")
        assert "I5" in scene.broken()

    def test_a_snapshot_beyond_the_cut(self, scene: Scene) -> None:
        live = {"turn": "t-2", "from": 0, "to": 11, "text": "three four "}
        scene.recorder.add("alice", "snapshot", body={"conversation": {"id": C}, "events": [], "live": live})
        assert "I5" in scene.broken()

    def test_a_stored_text_that_is_longer_than_the_cut(self, scene: Scene) -> None:
        scene.kept.messages[3]["text"] = scene.kept.events[8]["message"]["text"] = "three four "
        assert "I5" in scene.broken()

    def test_a_reply_that_starts_while_a_person_owns(self, scene: Scene) -> None:
        scene.kept.events |= {
            10: {"seq": 10, "kind": "reply_started", "turn": "t-3", "answers": []},
            11: {"seq": 11, "kind": "reply_finished", "turn": "t-3", "outcome": "complete"},
        }
        scene.kept.last_seq = 11
        assert "I5" in scene.broken()
