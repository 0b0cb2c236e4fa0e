"""What a reply was made from, opened in place: to the visitor in whose conversation it was cited, or to staff.

A visitor reads what could be said to them: of everyone's documents, not held back, by the profile of now, each sentence read by the
guard. Staff read the piece as it stands.
"""

from collections.abc import Callable
from functools import cache
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agents.guard.licence import Licence
from agents.passages import Piece, Pieces
from business.profile.figures import figures
from business.profile.schemas import Profile
from gateway.http.citations_wire import CitedPassage
from gateway.http.door import path_id
from gateway.http.edge import answer
from gateway.http.visitors import Visitors
from kernel.database import Database
from kernel.errors import NotFound
from knowledge.corpus import passages
from knowledge.corpus.citations import cited
from knowledge.corpus.marks import why_held_back
from knowledge.corpus.placeholders import fill_known, filler
from knowledge.corpus.search import Passage

GONE = "This is no longer there."


class Sayable:
    """Passages as they may be said to a customer, by the profile that counts at the call."""

    def __init__(self, profile: Callable[[], Profile]) -> None:
        self._profile = profile
        self._of: tuple[Profile, Pieces] | None = None

    def __call__(self, passage: Passage) -> Piece | None:
        """None where nothing of it may be said."""
        profile = self._profile()
        if self._of is None or self._of[0] is not profile:
            licence = cache(lambda language: Licence.of_profile(profile, language))
            self._of = profile, Pieces(profile, licence, lambda text: why_held_back(text) is not None)
        return self._of[1].of(passage)


class CitationsHttp:
    """`GET /api/citations/{id}`, by the id that a reply's source carries."""

    def __init__(self, visitors: Visitors, database: Database, profile: Callable[[], Profile], sayable: "Sayable") -> None:
        self._visitors = visitors
        self._database = database
        self._fill = filler(lambda language: figures(profile(), language))
        self._sayable = sayable

    def routes(self) -> list[Route]:
        path = "/api/citations/{id}"
        return [
            Route(path, self._visitors.open(self._read), methods=["GET"], name="citation"),
            Route(path, self._visitors.preflight, methods=["OPTIONS"]),
        ]

    async def _read(self, request: Request) -> Response:
        sender = await self._visitors.sender(request)
        chunk = path_id(request, "passage")
        passage = await self._found(chunk, sender.conversation)
        found = None if passage is None else self._of_staff(passage) if sender.staff else self._said(passage)
        if found is None:
            raise NotFound(GONE)
        return answer(found)

    async def _found(self, chunk: UUID, conversation: UUID | None) -> Passage | None:
        """Of a visitor's conversation; None: staff ask."""
        async with self._database.transaction() as connection:
            if conversation is None:
                return await passages.passage(connection, chunk, ("everyone", "staff"))
            return await passages.passage(connection, chunk) if await cited(connection, conversation, chunk) else None

    def _said(self, found: Passage) -> CitedPassage | None:
        piece = self._sayable(found)
        if piece is None:
            return None
        heading = " › ".join(piece.headings)
        return CitedPassage(title=piece.title, heading=heading, text=piece.text, language=piece.language)

    def _of_staff(self, found: Passage) -> CitedPassage:
        title, heading, text = (fill_known(part, found.language, self._fill) for part in (found.title, found.heading, found.text))
        return CitedPassage(title=title, heading=heading, text=text, language=found.language)
