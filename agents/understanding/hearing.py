"""A conversation comes in, what the customer wants to know and has told goes out: every message of it, read one after the other."""

from dataclasses import replace

from agents.ensemble.model import ModelMessage, ModelRequest
from agents.understanding.facts import Facts
from agents.understanding.reading import ABOUT_GUESTS, Heard, Reader
from agents.understanding.text import language
from business.profile.schemas import Profile

__all__ = ["ABOUT_GUESTS", "Heard", "Hearing"]

REMEMBER = 12


class Hearing:
    """Reads conversations that bring no memory of their own. Compiled once; holds nothing of any conversation."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._reader = Reader(profile)

    def hear(self, request: ModelRequest) -> Heard:
        """What waits for an answer, read as one, with the facts of all that was said before it."""
        past, waiting = _split(request.messages)
        facts = Facts()
        for text in past[-REMEMBER:]:
            facts = self._read(text, facts, request).facts
        heard = self._read("\n".join(waiting), facts, request)
        each = [self._read(text, facts, request) for text in waiting] if len(waiting) > 1 else [heard]
        return replace(
            heard,
            language=language([*past[-REMEMBER:], *waiting], request.locale),
            tells=any(item.tells for item in each),
        )

    def _read(self, text: str, facts: Facts, request: ModelRequest) -> Heard:
        return self._reader.read(text, facts=facts, now=request.now, locale=request.locale)


def _split(messages: tuple[ModelMessage, ...]) -> tuple[list[str], list[str]]:
    """The customer's texts: those that were answered, and those after the last answer."""
    past: list[str] = []
    waiting: list[str] = []
    for message in messages:
        if message.role == "user":
            waiting.append(message.content)
        elif message.role == "assistant":
            past.extend(waiting)
            waiting = []
    return (past, waiting) if waiting else (past[:-1], past[-1:])
