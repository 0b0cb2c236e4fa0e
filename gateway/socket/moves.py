"""What follows a change of owner, in this order: everyone is told, the reply in progress is cut, the next one is woken."""

from uuid import UUID

from business.conversations.turns import CutOutcome
from business.handoffs.ownership import Moved
from gateway.live.hub import Hub
from gateway.turns.runner import TurnRunner


class Moves:
    """Carries a committed move out; when it returns, the move is true for everyone."""

    def __init__(self, hub: Hub, runner: TurnRunner) -> None:
        self._hub = hub
        self._runner = runner

    async def follow(self, conversation: UUID, moved: Moved, outcome: CutOutcome = "taken_over") -> dict[str, int | str]:
        """`{epoch, turn?, to?}`: what is acknowledged; `turn` and `to` where a reply was cut, and at which position."""
        await self._hub.announce(moved.announcement)
        for handoff in (moved.handoff, *moved.others):
            if handoff is not None:
                await self._hub.desk.handoff_changed(handoff)
        answer: dict[str, int | str] = {"epoch": moved.epoch}
        if moved.cut is not None:
            ended = await self._runner.cutter.cut(conversation, moved.cut.turn, moved.cut.home, outcome)
            answer |= {"turn": str(moved.cut.turn), "to": ended.at}
        if moved.answer:
            self._runner.wake(conversation)
        return answer
