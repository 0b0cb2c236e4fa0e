"""What the business has written about a turn: searched for as soon as the message is heard, so that the first word hardly waits for it.

A search that is late or fails leaves the turn as it is without a corpus: nothing is guessed.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agents.agent import Said
from agents.citing import rests_on
from agents.conversational.agent import COURTESIES, TOPICS
from agents.events import Source
from agents.guard.licence import Licence
from agents.known import Known, Question
from agents.likeness import share, stems
from agents.matter import Matter
from agents.passages import Piece, Pieces, fitting
from agents.quoting import quoted, rank
from agents.understanding.asides import without_lead
from agents.understanding.facts import Facts
from agents.understanding.reading import Heard, Reader
from business.profile.schemas import Profile
from kernel.errors import GatewayError
from knowledge.corpus.marks import why_held_back
from knowledge.corpus.search import CorpusSearch, Found, Passage

log = structlog.get_logger(__name__)

# Seconds from the hearing on: an answer without sources beats one that does not come.
WITHIN_S = 2.5
# Characters: what is longer is a story, of which its questions are searched for.
LONGEST_QUESTION = 300
QUESTIONS = 2
# A sentence of the house and a piece say the same from so much of its words on.
SAYS_THE_SAME = 0.5
EVERYONE = ("everyone",)
# What nothing that was written answers better.
ITS_OWN = frozenset({"person", "wrong_number", "my_number", "no_texts", "unkind"})

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_LEAD_IN = r"and|also|so|then|but|plus|oh|ok|y|pero|entonces|tambien|también"
_BEGINS = (
    r"(?:what|when|where|who|why|how)(?:'?s|'?re|'?ll|'?d)?|whom|whose|which|is|are|am|was|were|do|does|did|can|could|will|would|shall|should"
    r"|may|must|has|have|if|i wonder|wondering|tell me|explain|any idea|curious"
    r"|qu[eé]|cu[aá]ndo|d[oó]nde|qui[eé]n|cu[aá]l|c[oó]mo|por qu[eé]|cu[aá]nto|hay|puedo|puede|pueden|podemos|tienen|tengo que|se puede"
    r"|me pueden|dime|expl[ií]ca|y si"
)
_ASKS = re.compile(rf"\?|¿|(?:^|[.,;!])\W*(?:(?:{_LEAD_IN})\W+)*(?:{_BEGINS})\b", re.IGNORECASE)


@dataclass(slots=True)
class Search:
    """A search under way. `until`: by the loop's clock."""

    task: "asyncio.Task[Sequence[Found]]"
    questions: tuple[Question, ...]
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
        except SQLAlchemyError as error:
            # A fault of ours: the reply stands without what would have been found.
            log.error("corpus.failed", cause=type(error).__name__)
        return None

    async def drop(self) -> None:
        """Nobody wants it any more. Safe to repeat."""
        self.task.cancel()
        with suppress(asyncio.CancelledError, GatewayError, SQLAlchemyError):
            await self.task


class Knowing:
    """Searches for turns by one profile. Without a corpus it finds nothing."""

    def __init__(self, corpus: CorpusSearch | None, profile: Profile, reader: Reader, licence: Callable[[str], Licence]) -> None:
        """`licence`: what the profile alone vouches for, by language."""
        self.within_s = WITHIN_S
        self._corpus = corpus
        self._reader = reader
        self._pieces = Pieces(profile, licence, _suspect)

    def expect(self, text: str) -> None:
        """A message has come, which is not stored yet: what it asks may be searched for in a moment."""
        if self._corpus is not None and len(text) <= LONGEST_QUESTION and _ASKS.search(text):
            self._corpus.expect(text.strip())

    def begin(self, matter: Matter) -> Search | None:
        """Starts searching where the turn may need it; await `drop` when it is over."""
        asked = self.questions(matter) if self._corpus is not None else ()
        if not asked:
            return None
        until = asyncio.get_running_loop().time() + self.within_s
        task = asyncio.create_task(self._searched([one.text for one in asked], matter.language))
        task.add_done_callback(_seen)
        return Search(task, asked, until)

    def questions(self, matter: Matter) -> tuple[Question, ...]:
        """What the message asks: the whole of a short one, else those of its sentences in which no rule has heard anything."""
        heard, text = matter.heard, _asking(matter)
        if heard.payment is not None or heard.severity not in (None, "minor") or ITS_OWN & set(heard.topics):
            return ()
        short, asks = len(text) <= LONGEST_QUESTION, bool(_ASKS.search(text))
        if short and _nothing(heard):
            # Beside a greeting, or in answer to our own question, only what asks is one.
            wanted = asks or not (heard.topics or matter.before.asked)
            return (Question(text, open=True),) if wanted and stems(text) else ()
        parts = [part.strip() for part in _SENTENCE.findall(text)]
        # "Sounds good?" asks nothing that the team should read of.
        unheard = [
            Question(part[-LONGEST_QUESTION:], open=len(stems(part)) > 1)
            for part in parts
            if len(parts) > 1 and self._unheard(part, matter)
        ]
        if unheard or not short or heard.severity is not None or matter.before.booking or matter.before.held:
            return tuple(unheard[:QUESTIONS])
        # The rules answer it; the business may have written more of it, which a phone has no room for.
        more = matter.request.channel == "web" or not set(heard.topics) - COURTESIES
        return (Question(text, open=False),) if more and (asks or TOPICS & set(heard.topics)) and _tells_nothing(heard) else ()

    async def known(self, search: Search | None, matter: Matter) -> Known | None:
        """What was found; None where nothing was searched for, or not in time."""
        found = await search.found() if search is not None else None
        if search is None or found is None:
            return None
        pieces = [[piece for passage in _whole(one) if (piece := self._pieces.of(passage))] for one in found]
        asked = [_ranked(one, self._of(one, some), matter.language) for one, some in zip(search.questions, pieces, strict=True)]
        shown = {piece.chunk: piece for some in pieces for piece in some}
        return Known(fitting(shown.values()), tuple(asked))

    def _of(self, question: Question, pieces: Sequence[Piece]) -> Sequence[Piece]:
        """Of calories, say, only a piece that speaks of such things tells anything, however much of the dish another one tells."""
        if not self._reader.beyond(question.text):
            return pieces
        return [piece for piece in pieces if self._reader.beyond(f"{piece.heading} {piece.text}")]

    def _unheard(self, part: str, matter: Matter) -> bool:
        if not _ASKS.search(part) or not stems(part):
            return False
        return _nothing(self._reader.read(part, facts=Facts(), now=matter.now, locale=matter.language))

    async def _searched(self, queries: Sequence[str], language: str) -> Sequence[Found]:
        assert self._corpus is not None
        return [await self._corpus.search(query, language=language, audience=EVERYONE) for query in queries]


def _asking(matter: Matter) -> str:
    """The message without what is said before what it asks: "before I book", and praise, which is near to anything that was."""
    text = without_lead(matter.heard_text.strip())
    parts = [part.strip() for part in _SENTENCE.findall(text) if _ASKS.search(part)] if matter.heard.untroubled else []
    return " ".join(parts) or text


def _suspect(sentence: str) -> bool:
    """Whether it speaks to a model, though nobody held its piece back."""
    return why_held_back(sentence) is not None


def _whole(found: Found) -> list[Passage]:
    """What was found, but for pieces of one document that speak to a model only together."""
    texts = [(one.document, one.text) for one in found.passages]
    split = {document for document, text in texts for of, then in texts if of == document and text != then and _suspect(f"{text} {then}")}
    return [one for one in found.passages if one.document not in split or _suspect(one.text)]


def _nothing(heard: Heard) -> bool:
    """Whether no rule has anything to go by. A greeting beside a question says nothing of it."""
    said = heard.dishes or heard.allergens or heard.diets or heard.ask_a_person or heard.answer
    return not (set(heard.topics) - COURTESIES or said) and _tells_nothing(heard)


def _tells_nothing(heard: Heard) -> bool:
    """Whether it is a question and nothing else: no party, no day, no way to be reached."""
    return not (heard.when.dates or heard.when.time or heard.tells or heard.payment or heard.severity) and heard.fresh == Facts()


def _ranked(question: Question, pieces: Sequence[Piece], language: str) -> Question:
    return replace(question, ranked=tuple(rank(question.text, [piece for piece in pieces if piece.language == language])))


def answers(known: Known | None, said: Sequence[Said] = ()) -> list[Said]:
    """The house's own words for what is answered and not `said` yet, each with where it stands."""
    found: list[Said] = []
    for question in known.questions if known is not None else ():
        if (piece := question.answer) is not None:
            text = quoted(question.text, piece, [one.text for one in (*said, *found)])
            found += [Said(text, sources=(piece.source,))] if text else []
    return found


def sourced(said: Said, known: Known | None) -> Said:
    """A sentence of the house with the piece that says the same, where one was found."""
    if known is None or said.sources or not said.text:
        return said
    alike = max(known.pieces, key=lambda piece: share(said.text, piece.text), default=None)
    return replace(said, sources=(alike.source,)) if alike is not None and share(said.text, alike.text) >= SAYS_THE_SAME else said


def unanswered(known: Known | None) -> Question | None:
    """The first question that nobody else answers, and for which nothing near was found."""
    missing = (one for one in known.questions if one.open and one.answer is None and _ASKS.search(one.text)) if known is not None else ()
    return next(iter(missing), None)


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
