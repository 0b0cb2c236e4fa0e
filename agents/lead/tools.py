"""`save_lead`: what was told, kept silently for the team. Contacts are unverified until they are verified; consent is never inferred."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from agents.events import TurnWritten
from agents.tools.context import ToolContext
from agents.tools.results import ToolResult
from agents.tools.tool import Cents, Number, Tool, ToolArgs
from business.leads import service

Text = Annotated[str | None, Field(max_length=200)]
Sure = Annotated[float, Field(ge=0, le=1)]
Fact = Literal[
    "name", "phone", "email", "preferred_contact", "adults", "children", "under_six", "date", "time", "place", "occasion", "budget_cents"
]  # fmt: skip


class SaveLeadArgs(ToolArgs):
    name: Text = None
    phone: Text = None
    email: Text = None
    preferred_contact: Literal["phone", "text", "email"] | None = None
    adults: Number | None = None
    children: Number | None = None
    under_six: Number | None = None
    date: dt.date | None = None
    time: dt.time | None = None
    place: Text = None
    occasion: Annotated[str | None, Field(max_length=40, description="birthday, wedding, company ...")] = None
    budget_cents: Annotated[Cents | None, Field(description="all that the party may cost, where the customer said so")] = None
    confidence: Annotated[
        dict[Fact, Sure], Field(default_factory=dict, description="0 to 1 by the names of the others: how sure it was heard")
    ]


class SaveLead(Tool[SaveLeadArgs]):
    name = "save_lead"
    agents = frozenset({"lead"})
    effectful = True
    description = "Keeps what the customer told of themselves and the party. Silent."
    args = SaveLeadArgs

    async def run(self, context: ToolContext, args: SaveLeadArgs) -> ToolResult:
        database = context.writable()
        facts = args.model_dump(mode="json", exclude={"name", "phone", "email", "confidence"}, exclude_none=True)
        if args.time is not None:
            facts["time"] = args.time.strftime("%H:%M")
        said = {"name": args.name, "phone": args.phone, "email": args.email, "confidence": args.confidence}
        saved = await database.unit(lambda c: service.save(c, context.profile, context.conversation, facts, context.now, **said))  # type: ignore[arg-type]
        written = (TurnWritten(saved.announcement),) if saved.announcement is not None else ()
        return ToolResult({"kept": True, "score": saved.score}, written=written)
