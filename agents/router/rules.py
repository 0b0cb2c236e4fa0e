"""Who takes a turn, by rules: every agent that something was said for. What they leave open, examples or a model decide."""

from agents.agent import Agent
from agents.matter import Matter

TROUBLE = "complaint"


def route(agents: tuple[Agent, ...], matter: Matter) -> tuple[str, ...]:
    """Keys of the agents that have this turn, in the order in which they work; none where nothing was understood."""
    routed = tuple(agent.key for agent in agents if not agent.silent and agent.claims(matter))
    if TROUBLE in routed and (matter.heard.severity not in (None, "minor") or "?" not in matter.heard_text):
        # Who is in trouble names dishes and times, too, and asks nothing of them.
        return (TROUBLE,)
    return routed
