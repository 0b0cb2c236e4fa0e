"""Rooms and watches: whatever the order of writing, reading, joining and releasing, a watcher gets each event once, in order."""

from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.live.outgoing import Outgoing, hint
from gateway.live.room import Room, Watch
from kernel.ids import ConversationId

CONVERSATION = ConversationId(UUID("0190a000-0000-7000-8000-000000000001"))
WATCHERS = 3


class Client:
    """A socket, and what its client holds."""

    def __init__(self) -> None:
        self.got: list[int] = []
        self.events: list[Outgoing] = []

    def send(self, outgoing: Outgoing) -> None:
        self.events.append(outgoing)
        if outgoing.event == "event":
            self.got.append(outgoing.body["seq"])


class House:
    """A log in PostgreSQL, a room, a reader whose two halves may be apart, and watchers."""

    def __init__(self) -> None:
        self.log = 0
        self.room = Room(CONVERSATION)
        self.fetched: list[dict[str, Any]] | None = None
        self.clients = [Client() for _ in range(WATCHERS)]
        self.watches: list[Watch | None] = [None] * WATCHERS
        self.bodies: list[dict[str, Any] | None] = [None] * WATCHERS

    def write(self, announced: bool) -> None:
        self.log += 1
        if announced:
            self.room.want(self.log, 0)

    def tell(self) -> None:
        """What this process has just written itself."""
        self.log += 1
        self.room.follows([{"seq": self.log, "kind": "closed", "history": "h"}])
        self.room.want(self.log, 0)

    def fetch(self) -> None:
        if self.fetched is None and self.log and self.room.behind:
            self.room.born("h", 0, 0)
            self.fetched = [{"seq": seq, "kind": "closed"} for seq in range(self.room.seq + 1, self.log + 1)]

    def deliver(self) -> None:
        if self.fetched is not None:
            self.room.events(self.fetched)
            self.fetched = None

    def join(self, who: int) -> None:
        """A connection, or a `sync` of one that stands."""
        watch = self.watches[who]
        if watch is None:
            watch = self.watches[who] = Watch(self.clients[who], staff=False, key="customer")
            self.room.watches.add(watch)
        elif watch.held is None:
            watch.hold()

    def snapshot(self, who: int) -> None:
        watch = self.watches[who]
        if watch is None or watch.held is None or self.bodies[who] is not None:
            return
        got = self.clients[who].got
        after = got[-1] if got else 0
        self.bodies[who] = {"events": list(range(after + 1, self.log + 1)), "head": self.log, "live": None}
        if self.log:
            self.room.born("h", self.log, 0)
            self.room.want(self.log, 0)

    def release(self, who: int) -> None:
        watch, body = self.watches[who], self.bodies[who]
        if watch is None or body is None:
            return
        self.bodies[who] = None
        self.clients[who].got += body["events"]
        watch.release(body)

    def settle(self) -> None:
        """Everything ends well: the sweep finds what was not announced, and whoever joins is let in."""
        for who in range(WATCHERS):
            self.snapshot(who)
            self.release(who)
        self.deliver()
        self.room.want(self.log, 0)
        self.fetch()
        self.deliver()


who = st.integers(0, WATCHERS - 1)
steps = st.one_of(
    st.tuples(st.just("write"), st.booleans()),
    st.tuples(st.just("tell")),
    st.tuples(st.just("fetch")),
    st.tuples(st.just("deliver")),
    st.tuples(st.just("join"), who),
    st.tuples(st.just("snapshot"), who),
    st.tuples(st.just("release"), who),
)


class TestSeqs:
    @settings(max_examples=600, deadline=None)
    @given(st.lists(steps, max_size=40))
    def test_reach_each_watcher_once_and_in_order(self, todo: list[tuple[Any, ...]]) -> None:
        house = House()
        for step in todo:
            getattr(house, step[0])(*step[1:])
        house.settle()
        for watch, client in zip(house.watches, house.clients, strict=True):
            if watch is not None:
                assert client.got == list(range(1, house.log + 1))

    def test_of_staff_are_for_staff(self) -> None:
        room, staff, customer = Room(CONVERSATION), Client(), Client()
        for client, is_staff in ((staff, True), (customer, False)):
            watch = Watch(client, staff=is_staff, key=str(is_staff))
            room.watches.add(watch)
            watch.release({"head": 0, "head_staff": 1})
        room.staff_events([{"log": "staff", "staff_seq": number, "kind": "note", "seq": 0} for number in (1, 2, 3)])
        room.staff_events([{"log": "staff", "staff_seq": 3, "kind": "note", "seq": 0}])
        assert [event.body["staff_seq"] for event in staff.events] == [2, 3]
        assert customer.events == []


class TestDeltas:
    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(0, 12), st.integers(0, 12))
    def test_continue_the_snapshot_without_a_hole(self, pieces: list[int], joins: int, releases: int) -> None:
        """Joining after some frames, released after some more; the snapshot may know more than was delivered here."""
        room, client = Room(CONVERSATION), Client()
        watch = Watch(client, staff=False, key="customer")
        ends = [sum(pieces[: number + 1]) for number in range(len(pieces))]
        joins = min(joins, len(pieces))
        releases = max(joins, min(releases, len(pieces)))
        shown = 0
        for number, end in enumerate(ends):
            if number == joins:
                room.watches.add(watch)
                shown = end if number % 2 else end - pieces[number]
            if number == releases and watch in room.watches:
                watch.release({"head": 0, "live": {"turn": "t", "from": 0, "to": shown, "text": "x" * shown}})
            room.delta("t", end - pieces[number], end, "x" * pieces[number])
        if joins == len(pieces):
            return
        if releases == len(pieces):
            watch.release({"head": 0, "live": {"turn": "t", "from": 0, "to": shown, "text": "x" * shown}})
        position = shown
        for event in client.events:
            assert event.body["at"] == position
            position = event.body["to"]
        assert position == ends[-1]

    def test_of_a_finished_reply_are_dropped(self) -> None:
        room, client = Room(CONVERSATION), Client()
        watch = Watch(client, staff=False, key="customer")
        room.watches.add(watch)
        watch.release({"head": 0})
        room.delta("t", 0, 2, "ab")
        room.events([{"seq": 1, "kind": "message", "message": {"turn": "t", "text": "abcd"}}])
        room.delta("t", 2, 4, "cd")
        assert [event.event for event in client.events] == ["delta", "delta", "event"], "the tail comes before the message"
        assert client.events[1].body["text"] == "cd"
        room.events([{"seq": 2, "kind": "restarted", "replaces": "u", "turn": "v"}])
        room.delta("u", 0, 1, "x")
        assert client.events[-1].event == "event"

    def test_what_somebody_types_is_not_echoed(self) -> None:
        room, mine, theirs = Room(CONVERSATION), Client(), Client()
        for client, key in ((mine, "me"), (theirs, "them")):
            watch = Watch(client, staff=True, key=key)
            room.watches.add(watch)
            watch.release({"head": 0})
        room.to_all(hint("typing", {}), but="me")
        assert (len(mine.events), len(theirs.events)) == (0, 1)
