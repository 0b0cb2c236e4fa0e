"""What HTTP offers of what models cost, as values (see operations.py). Money is whole micro-dollars."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from gateway.http.operations import Edge, Operation


class CostsQuery(Edge):
    """Days of the business, both included; without `first` the 30 that end with `last`, without `last` those that end today."""

    first: date | None = None
    last: date | None = None


class Cost(Edge):
    """What some calls cost together. `unpriced`: those among them of which no price is known; they count as nothing."""

    calls: int
    tokens_in: int
    tokens_out: int
    microdollars: int
    unpriced: int


class NamedCost(Cost):
    """By the name of a model, an agent, or a role."""

    name: str


class DayCost(Edge):
    """What a model cost in a day; days on which it cost nothing are left out."""

    day: date
    model: str
    microdollars: int
    calls: int


class TalkCost(Cost):
    """A conversation by what its replies and drafts cost."""

    conversation: UUID
    customer: str | None = None
    last_at: datetime


class BudgetToday(Edge):
    """How a budget of today stands. `name`: a site's or a candidate's; `visitor` is the one who cost most. Without `limit`: none is set."""

    scope: Literal["all", "site", "visitor", "shadow"]
    name: str
    spent: int
    held: int
    limit: int | None = None


class CostsAnswer(Edge):
    """What models cost in a time. `configured`: whether there is any model beside the house. `refused`: turns in which a model was not
    asked because a budget had too little left. `conversation_limit`: what one conversation may cost."""

    first: date
    last: date
    today: date
    configured: bool
    refused: int
    total: Cost
    days: tuple[DayCost, ...]
    models: tuple[NamedCost, ...]
    agents: tuple[NamedCost, ...]
    roles: tuple[NamedCost, ...]
    conversations: tuple[TalkCost, ...]
    budgets: tuple[BudgetToday, ...]
    conversation_limit: int | None = None


class ConversationCostAnswer(Edge):
    """What one conversation cost so far, and what it may cost."""

    microdollars: int
    limit: int | None = None


COSTS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/admin/costs",
        "costs",
        "What models cost, by day, model, agent, role and conversation, and how today's budgets stand (owner, admin)",
        (CostsAnswer,),
        query=CostsQuery,
        scope="admin",
    ),
    Operation(
        "GET",
        "/api/admin/conversations/{id}/cost",
        "conversation_cost",
        "What a conversation cost so far (owner, admin)",
        (ConversationCostAnswer,),
        scope="admin",
    ),
)
