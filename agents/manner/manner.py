"""What is asked of the manner of one reply, and what a model is told of it."""

from dataclasses import dataclass, replace
from typing import Literal

from agents.manner.hearing import written_in
from agents.matter import Matter
from agents.voice import Reply
from business.channels.segments import most, plain, segments

# Of a reply in a chat: what is longer is not read. Lines of a list are short, and count for themselves.
SENTENCES, LINES = 8, 14
NAMES = {"en": "English", "es": "Spanish"}
# Whose replies are bad news.
_GRAVE = frozenset({"complaint"})

_STOPPED, _GO_ON = "What you were about to say next was stopped", "Go on from exactly where the reply stands"

FaultKind = Literal["language", "rude", "table", "question", "length", "empty"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a reply may not go on. `final`: what is shown cannot be mended by going on, so that the house says it."""

    kind: FaultKind
    final: bool = False


@dataclass(frozen=True, slots=True)
class Manner:
    """`languages`: the reply's, first, and those that the customer writes. `step`: what it ends with, the house's words; empty where it
    may end as it likes. `grave`: bad news. `segments`: of a text message, at most."""

    languages: tuple[str, ...] = ("en",)
    channel: Literal["web", "sms"] = "web"
    step: str = ""
    grave: bool = False
    sentences: int = SENTENCES
    lines: int = LINES
    emoji: int = 1
    segments: int = 2

    def relaxed(self, prepared: str) -> "Manner":
        """For the second try: what is true may take as many segments as the house needs for it."""
        return replace(self, segments=max(self.segments, segments(plain(prepared))))

    @property
    def told(self) -> str:
        """What a model is told of it, beyond what its instructions say."""
        wanted = [f"Write {NAMES[self.languages[0]]}."] if len(self.languages) == 1 and self.languages[0] in NAMES else []
        if self.channel == "sms":
            wanted.append(
                f"It is a text message: at most {most(self.segments)} characters with the step at its end, no Markdown, no emoji. "
                "There is nothing to tap: a person is had by answering PERSON (in Spanish PERSONA)."
            )
        if self.grave:
            wanted.append("It is bad news for the customer: no exclamation mark, no emoji.")
        return " ".join(wanted)

    def correction(self, fault: Fault) -> str:
        """What a model is told where it did not keep to it."""
        most_of_it = f"in at most {most(self.segments)} characters, step included"
        match fault.kind:
            case "language":
                words = f"Your answer was not in the customer's language. Write all of it in {NAMES.get(self.languages[0], 'theirs')}."
            case "rude":
                words = f"{_STOPPED}: it is unfriendly. {_GO_ON}, kindly."
            case "table":
                words = f"{_STOPPED}: no tables. {_GO_ON}, with a list where one is needed."
            case "length":
                words = f"Your answer is too long for a text message. Write it again {most_of_it}."
            case _:
                words = (
                    "Write your answer again: first what answers the customer, then the step that you were given, and no other question."
                )
        return words


def manner_of(matter: Matter, reply: Reply, *, short: bool) -> Manner:
    """Of a turn. `short`: what has the turn fits one text message.

    What nobody had an answer to ends as it likes: the house's step is its way out of not knowing.
    """
    customers = written_in(matter.heard_text)
    own = (customers,) if customers is not None and customers not in NAMES else ()
    grave = bool(_GRAVE & set(matter.routed))
    return Manner(
        languages=(matter.language, *own),
        channel=matter.request.channel,
        step=reply.question if matter.routed and not reply.unsure else "",
        grave=grave,
        emoji=0 if grave or matter.request.channel == "sms" else matter.profile.tone.emoji_at_most,
        segments=1 if short else 2,
    )
