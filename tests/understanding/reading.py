"""What the tests of understanding share: the shipped profile's reader, and a Thursday at noon in California."""

from datetime import datetime
from zoneinfo import ZoneInfo

from agents.understanding.facts import Facts
from agents.understanding.reading import Asked, Heard, Reader
from business.profile.loader import load_profile

PROFILE = load_profile()
READER = Reader(PROFILE)
THURSDAY = datetime(2026, 12, 3, 12, 0, tzinfo=ZoneInfo("America/Los_Angeles"))


def read(text: str, facts: Facts | None = None, asked: Asked | None = None, now: datetime = THURSDAY) -> Heard:
    return READER.read(text, facts=facts or Facts(), asked=asked, now=now)


def talk(*texts: str) -> Facts:
    """The facts after these messages."""
    facts = Facts()
    for text in texts:
        facts = read(text, facts).facts
    return facts
