"""`report_complaint`: kept, weighed by the profile's words, given to a person; more than minor puts the customer in the queue."""

from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.people.calling import call, told
from agents.tools.context import ToolContext
from agents.tools.results import ToolResult
from agents.tools.tool import Tool, ToolArgs
from business.complaints import service
from business.complaints.service import Recorded
from business.handoffs.opening import Opened
from kernel.wire.base import Risk

URGENCY: dict[str, Risk] = {"minor": "low", "moderate": "high", "severe": "severe"}


class ReportComplaintArgs(ToolArgs):
    severity: Literal["minor", "moderate", "severe"]
    summary: Annotated[str, Field(min_length=1, max_length=500)]


class ReportComplaint(Tool[ReportComplaintArgs]):
    name = "report_complaint"
    agents = frozenset({"complaint"})
    effectful = True
    description = (
        "Records a complaint for the team. minor: small and easily forgiven; moderate: food quality, conduct, anger, money back; "
        "severe: sickness, injury, a chef who never came, danger, legal words. In doubt the graver one."
    )
    args = ReportComplaintArgs

    async def run(self, context: ToolContext, args: ReportComplaintArgs) -> ToolResult:
        database = context.writable()

        async def report(connection: AsyncConnection) -> tuple[Recorded, Opened]:
            recorded = await service.record(
                connection, context.profile, context.conversation, severity=args.severity, summary=args.summary, now=context.now
            )
            opened = await call(
                connection,
                context,
                "complaint",
                f"{recorded.severity.capitalize()} complaint: {args.summary}",
                urgency=URGENCY[recorded.severity],
                tried="The assistant acknowledged it and promised nothing.",
                hand_over=recorded.hand_over,
                severity=recorded.severity,
                steps=", ".join(recorded.steps),
            )
            await service.attach(connection, recorded.id, opened.handoff)
            return recorded, opened

        recorded, opened = await database.unit(report)
        data = {"severity": recorded.severity, "hands_over": recorded.hand_over and not opened.settled}
        written = (told(opened),)
        return ToolResult(data, written=written)
