"""`call_person`: a handoff to the team. Who asked for one waits in the queue; else staff are told and the talk goes on."""

from typing import Annotated

from pydantic import Field

from agents.people.calling import call, told
from agents.tools.context import ToolContext
from agents.tools.results import ToolResult
from agents.tools.tool import Tool, ToolArgs
from kernel.wire.base import HandoffKind, Risk

TRIED = "The assistant answered what it could."


class CallPersonArgs(ToolArgs):
    kind: HandoffKind
    reason: Annotated[str, Field(min_length=1, max_length=300, description="one line for the team")]
    urgency: Risk = "normal"
    asked_for: Annotated[bool, Field(description="true only where the customer clearly asks to talk with a person")] = False


class CallPerson(Tool[CallPersonArgs]):
    name = "call_person"
    effectful = True
    description = "Tells the team. With asked_for, the customer waits for a person after this reply; otherwise the talk goes on with you."
    args = CallPersonArgs

    async def run(self, context: ToolContext, args: CallPersonArgs) -> ToolResult:
        database = context.writable()
        opened = await database.unit(
            lambda c: call(c, context, args.kind, args.reason, urgency=args.urgency, tried=TRIED, hand_over=args.asked_for)
        )
        hands_over = args.asked_for and not opened.settled
        data = {"told": True, "hands_over": hands_over}
        written = (told(opened),)
        return ToolResult(data, written=written)
