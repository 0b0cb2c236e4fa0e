"""Typed identifiers, minted anywhere: random UUIDs whose leading bits are time, so that indexes stay compact."""

import os
import time
from typing import NewType
from uuid import UUID

ConversationId = NewType("ConversationId", UUID)
CustomerId = NewType("CustomerId", UUID)
HandoffId = NewType("HandoffId", UUID)
MessageId = NewType("MessageId", UUID)
SiteId = NewType("SiteId", UUID)
StaffId = NewType("StaffId", UUID)
TurnId = NewType("TurnId", UUID)


def new_id() -> UUID:
    """A UUID version 7: 48 bits of Unix milliseconds, 74 random bits (RFC 9562)."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)
