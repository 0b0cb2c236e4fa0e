"""A reply that this process is writing: what was said, what waits for the ticker, and whether it may go on."""

import asyncio
import time

from business.conversations.turns import LEASE_SECONDS, Claim, FenceHome
from gateway.turns.frames import Frame
from kernel.wire.base import MAX_REPLY, spoken

# A second less than PostgreSQL counts, so that we stop before anyone else may start.
LEASE_MARGIN = 1.0
# So long after a claim nothing can have been cut and forgotten again: Redis does not restart in between.
FRESH_SECONDS = 0.5


class Reply:
    """One running turn. `said` has left for sockets; `pending` has not; `refused` is final."""

    def __init__(self, claim: Claim, home: FenceHome) -> None:
        self.conversation = claim.conversation
        self.home: FenceHome = home
        self.begin(claim)

    def begin(self, claim: Claim) -> None:
        """Start from position 0 under this claim's turn."""
        self.claim = claim
        self.turn = claim.turn
        self.fence = claim.fence
        self.said = ""
        self.pending = ""
        self.in_flight = ""
        self.held = True  # nothing leaves until the turn's entry stands
        self.refused = False
        self.waiting = True  # more may wait to be answered
        self.replaced = False
        self.moving = False  # a transaction of ours is changing the turn; it will hear of a refusal itself
        self.generation: asyncio.Task[None] | None = None
        self.idle = asyncio.Event()
        self.idle.set()
        self.renewed(time.monotonic())

    @property
    def visible(self) -> bool:
        """A character has left, or is leaving."""
        return bool(self.said or self.in_flight)

    @property
    def full(self) -> bool:
        return len(self.said) + len(self.in_flight) + len(self.pending) >= MAX_REPLY

    def renewed(self, asked_at: float) -> None:
        """The lease was renewed by a statement sent at this monotonic time."""
        self.lease_ends = asked_at + LEASE_SECONDS - LEASE_MARGIN

    @property
    def leased(self) -> bool:
        """False where another gateway may have claimed the turn by now (a process that was stopped and goes on)."""
        return time.monotonic() < self.lease_ends

    @property
    def fresh(self) -> bool:
        """True where the lease was had a moment ago."""
        return time.monotonic() < self.lease_ends - LEASE_SECONDS + LEASE_MARGIN + FRESH_SECONDS

    def add(self, text: str) -> bool:
        """Take what the agents gave; True where it is the first of the reply."""
        room = MAX_REPLY - len(self.said) - len(self.in_flight) - len(self.pending)
        first = not (self.said or self.in_flight or self.pending)
        # No database keeps a NUL, no socket sends half a character: one such chunk must not end more than itself.
        self.pending += spoken(text)[:room]
        if self.pending:
            self.idle.clear()
        return first and bool(self.pending)

    def next_frame(self) -> Frame | None:
        """The next frame, which stays in flight until `sent` or `kept`."""
        if not self.pending or self.in_flight or self.held or self.refused:
            return None
        self.in_flight, self.pending = self.pending, ""
        at = len(self.said)
        return Frame(self.conversation, self.turn, at, at + len(self.in_flight), self.in_flight)

    def sent(self) -> None:
        """The frame in flight has left."""
        self.said += self.in_flight
        self.in_flight = ""
        if not self.pending:
            self.idle.set()

    def kept(self) -> None:
        """The frame in flight has not left; it waits again."""
        self.pending = self.in_flight + self.pending
        self.in_flight = ""

    def refuse(self) -> None:
        """The fence holds: nothing more leaves, and the provider's stream is closed."""
        self.refused = True
        self.idle.set()
        self.cancel()

    def replace(self) -> None:
        """More was said before anything was shown: this turn makes room for one that sees it all."""
        self.replaced = True
        self.held = True
        self.pending = ""
        self.idle.set()
        self.cancel()

    def cancel(self) -> None:
        """Close the provider's stream; but a transaction that changes the turn is let finish, it hears of the refusal itself."""
        if self.moving:
            return
        if self.generation is not None and not self.generation.done():
            self.generation.cancel()
