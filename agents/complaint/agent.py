"""Complaints: acknowledge, validate, own, act. Never argues, never promises money; what is more than minor goes to a person at once."""

from collections.abc import AsyncGenerator

from agents.agent import Agent, Said, Step
from agents.complaint.tools import ReportComplaint
from agents.house.people import team_line
from agents.matter import Matter

# Beside a question on the deposit or on cancelling, "refund" asks for the rules.
RULES = frozenset({"deposit", "cancel"})


class ComplaintAgent(Agent):
    key = "complaint"
    topics = frozenset({"severe", "complaint", "refund"})
    tools = (ReportComplaint(),)

    def claims(self, matter: Matter) -> bool:
        return self._severity(matter) is not None

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        severity = self._severity(matter)
        assert severity is not None
        waiting = matter.heard_text
        result = await matter.attempt("report_complaint", severity=severity, summary=waiting[:500])
        grave = severity != "minor"
        if grave and result is not None:
            matter.hands_over = bool(result.data["hands_over"])
        name = {"severe": "severe", "moderate": "complaint", "minor": "minor"}[severity]
        if severity == "moderate" and "refund" in matter.heard.topics and "complaint" not in matter.heard.topics:
            name = "refund"
        text = matter.wording.say("topics", name)
        if grave and not matter.hands_over:
            # Nobody could be called for: the customer must know how.
            text = f"{text} {team_line(matter)}"
        yield Said(text, then="nothing" if matter.hands_over else "person" if grave else None, alone=grave)

    def may_guess(self, matter: Matter) -> bool:
        """Praise, and what is only supposed, are as near to its examples as trouble is."""
        return super().may_guess(matter) and not matter.heard.untroubled

    async def guess(self, matter: Matter) -> AsyncGenerator[Step, None]:
        """It only sounds like trouble: acknowledged and told to the team, and the talk goes on."""
        await matter.attempt("report_complaint", severity="minor", summary=matter.heard_text[:500])
        yield Said(matter.wording.say("topics", "minor"))

    @staticmethod
    def _severity(matter: Matter) -> str | None:
        topics = set(matter.heard.topics)
        if matter.heard.severity is not None:
            return matter.heard.severity
        if "severe" in topics:
            return "severe"
        if "complaint" in topics or ("refund" in topics and not topics & RULES):
            return "moderate"
        return None
