"""What the business has written about a turn: searched for as soon as the message is heard, so that the first word hardly waits for it.

A search that is late or fails leaves the turn as it is without a corpus: nothing is guessed.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from agents.agent import Said
from agents.citing import rests_on
from agents.conversational.agent import TOPICS
from agents.events import Source
from agents.guard.licence import Licence
from agents.likeness import share, stems
from agents.matter import Matter
from agents.passages import Piece, Pieces, fitting
from agents.quoting import Near, Nearness, quoted
from agents.understanding.facts import Facts
from agents.understanding.reading import Heard, Reader
from business.profile.schemas import Profile
from kernel.errors import GatewayError
from knowledge.corpus.marks import why_held_back
from knowledge.corpus.search import CorpusSearch, Found

log = structlog.get_logger(__name__)

# Seconds from the hearing on: an answer without sources beats one that does not come.
WITHIN_S = 2.5
# Characters: what is longer is a story, of which its questions are searched for.
LONGEST_QUESTION = 300
QUESTIONS = 2
# A sentence of the house and a piece say the same from so much of its words on.
SAYS_THE_SAME = 0.5
EVERYONE = ("everyone",)

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_ASKS = re.compile(
    r"\?|¿|^\W*(?:(?:and|also|so|but|plus|oh|ok|y|pero|entonces|tambien|también)\W+)*(?:what|when|where|who|whom|whose|which|why|how|is|are|am"
    r"|was|were|do|does|did|can|could|will|would|shall|should|may|must|has|have|i wonder|wondering|tell me|explain|any idea|curious"
    r"|qu[eé]|cu[aá]ndo|d[oó]nde|qui[eé]n|cu[aá]l|c[oó]mo|por qu[eé]|cu[aá]nto|hay|puedo|puede|pueden|podemos|tienen|tengo que|se puede"
    r"|me pueden|dime|expl[ií]ca)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Open:
    """A question that nothing but the corpus may answer, and what was found for it. `pieces`: the nearest first."""

    text: str
    ranked: tuple[Near, ...] = ()

    @property
    def answer(self) -> Piece | None:
        """What answers it; None where nothing is near enough."""
        return self.ranked[0].piece if self.ranked and self.ranked[0].enough else None


@dataclass(frozen=True, slots=True)
class Known:
    """What was found for a turn. `pieces`: those that a model is shown, their order being their numbers. `open`: its questions."""

    pieces: tuple[Piece, ...] = ()
    open: tuple[Open, ...] = ()


@dataclass(slots=True)
class Search:
    """A search under way. `questions`: those of its queries that nothing else may answer. `until`: by the loop's clock."""

    task: "asyncio.Task[Sequence[Found]]"
    queries: tuple[str, ...]
    questions: tuple[str, ...]
    until: float

    async def found(self) -> Sequence[Found] | None:
        """None where it was too late or could not be done; that is in the log."""
        try:
            async with asyncio.timeout_at(self.until):
                return await asyncio.shield(self.task)
        except TimeoutError:
            log.warning("corpus.late")
        except GatewayError as error:
            log.warning("corpus.unavailable", cause=type(error).__name__)
        return None

    async def drop(self) -> None:
        """Nobody wants it any more. Safe to repeat."""
        self.task.cancel()
        with suppress(asyncio.CancelledError, GatewayError):
            await self.task


class Knowing:
    """Searches for turns by one profile. Without a corpus it finds nothing."""

    def __init__(
        self, corpus: CorpusSearch | None, nearness: Nearness, profile: Profile, reader: Reader, licence: Callable[[str], Licence]
    ) -> None:
        """`licence`: what the profile alone vouches for, by language."""
        self._corpus = corpus
        self._nearness = nearness
        self._reader = reader
        self._pieces = Pieces(profile, licence, _suspect)

    def begin(self, matter: Matter) -> Search | None:
        """Starts searching where the turn may need it; await `drop` when it is over."""
        if self._corpus is None:
            return None
        questions = self.questions(matter)
        queries = questions or ((matter.heard_text[:LONGEST_QUESTION],) if TOPICS & set(matter.heard.topics) else ())
        if not queries:
            return None
        until = asyncio.get_running_loop().time() + WITHIN_S
        task = asyncio.create_task(self._searched(queries, matter.language))
        task.add_done_callback(_seen)
        return Search(task, queries, questions, until)

    def questions(self, matter: Matter) -> tuple[str, ...]:
        """What the message asks that no rule has heard; the whole of a short one in which nothing was heard."""
        heard, text = matter.heard, matter.heard_text.strip()
        if heard.payment is not None or heard.severity not in (None, "minor") or "person" in heard.topics:
            return ()
        if _nothing(heard) and len(text) <= LONGEST_QUESTION:
            # Beside a greeting, or in answer to our own question, only what asks is one.
            asks = _ASKS.search(text) if heard.topics or matter.before.asked else stems(text)
            return (text,) if asks and stems(text) else ()
        parts = [part.strip() for part in _SENTENCE.findall(text) if _ASKS.search(part.strip())]
        if len(parts) == 1 and parts[0] == text:
            return ()
        return tuple(part[-LONGEST_QUESTION:] for part in parts if self._unheard(part, matter))[:QUESTIONS]

    async def known(self, search: Search | None, matter: Matter) -> Known | None:
        """What was found; None where nothing was searched for, or not in time."""
        found = await search.found() if search is not None else None
        if search is None or found is None:
            return None
        pieces = [[piece for passage in one.passages if (piece := self._pieces.of(passage))] for one in found]
        own = [[piece for piece in some if piece.language == matter.language] for some in pieces]
        ranked = [await self._nearness.rank(query, some) for query, some in zip(search.queries, own, strict=True)]
        asked = [Open(query, tuple(near)) for query, near in zip(search.queries, ranked, strict=True) if query in search.questions]
        shown = {piece.chunk: piece for some in pieces for piece in some}
        return Known(fitting(shown.values()), tuple(asked))

    def _unheard(self, part: str, matter: Matter) -> bool:
        heard = self._reader.read(part, facts=Facts(), now=matter.now, locale=matter.language)
        return _nothing(heard) and len(stems(part)) > 1

    async def _searched(self, queries: Sequence[str], language: str) -> Sequence[Found]:
        assert self._corpus is not None
        return [await self._corpus.search(query, language=language, audience=EVERYONE) for query in queries]


def _suspect(sentence: str) -> bool:
    """Whether it speaks to a model, though nobody held its piece back."""
    return why_held_back(sentence) is not None


def _nothing(heard: Heard) -> bool:
    """Whether no rule has anything to go by. A greeting beside a question says nothing of it."""
    said = heard.dishes or heard.allergens or heard.diets or heard.ask_a_person or heard.when.dates or heard.when.time or heard.tells
    topics = set(heard.topics) - {"greeting", "thanks", "okay"}
    return not (topics or said or heard.payment or heard.severity or heard.answer) and heard.fresh == Facts()


def answers(known: Known | None) -> list[Said]:
    """The house's own words for the questions that are answered, each with where they stand."""
    if known is None:
        return []
    said = [Said(quoted(one.text, one.answer), sources=(one.answer.source,)) for one in known.open if one.answer is not None]
    return list({one.text: one for one in said}.values())


def sourced(said: Said, known: Known | None) -> Said:
    """A sentence of the house with the piece that says the same, where one was found."""
    if known is None or said.sources or not said.text:
        return said
    alike = max(known.pieces, key=lambda piece: share(said.text, piece.text), default=None)
    if alike is None or share(said.text, alike.text) < SAYS_THE_SAME:
        return said
    return Said(said.text, said.then, said.alone, said.topic, (alike.source,))


def unanswered(known: Known | None) -> Open | None:
    """The first question for which nothing near was found."""
    return next((one for one in known.open if one.answer is None and _ASKS.search(one.text)), None) if known is not None else None


def sources_of(text: str, known: Known | None, marked: Sequence[int]) -> tuple[Source, ...]:
    """Of a model's words, by its marks, else by the words themselves."""
    if known is None:
        return ()
    pieces = rests_on(text, known.pieces, marked)
    return tuple(dict.fromkeys(piece.source for piece in pieces))


def _seen(task: "asyncio.Task[Sequence[Found]]") -> None:
    """A search that nobody waited for has failed: there is nobody to be told."""
    if not task.cancelled():
        task.exception()
