"""The names of rooms and of the Redis channels and keys behind them; nobody else spells one."""

from uuid import UUID

INBOX = "inbox"
# Hints that the business profile has a new version.
PROFILE = "profile"
# Hints that the models' policy has a new version.
POLICY = "policy"
# Hints that a turn waits, of whoever stored a message and runs no turns.
TURNS = "turns"


def conversation(conversation: UUID) -> str:
    """Everyone who may see what the customer sees."""
    return f"conversation:{conversation}"


def staff(conversation: UUID) -> str:
    """The staff who watch a conversation: notes, assignments, handoffs, presence."""
    return f"staff:{conversation}"


def handoffs(kind: str) -> str:
    """Staff who want to hear of handoffs of one kind."""
    return f"handoffs:{kind}"


def staff_member(staff_id: UUID) -> str:
    """All sockets of one member of staff."""
    return f"staff_member:{staff_id}"


def channel(room: str) -> str:
    """The Redis channel that carries a room between gateways."""
    return f"hibachi:{room}"


def turn_key(turn: UUID) -> str:
    """The Redis entry of a running turn: fence, position and text so far."""
    return f"hibachi:turn:{turn}"


def viewers_key(conversation: UUID) -> str:
    """The Redis hash of the staff who look at a conversation."""
    return f"hibachi:viewers:{conversation}"


def bucket_key(visitor: UUID) -> str:
    """A visitor's message bucket, shared by all gateways."""
    return f"hibachi:bucket:{visitor}"


def breakers_key(install: UUID) -> str:
    """The Redis hash of what an install's gateways know of their models' breakers."""
    return f"hibachi:breakers:{install}"
