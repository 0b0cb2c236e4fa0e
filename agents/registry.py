"""Everyone who answers customers, a line each. Adding an agent is its folder and a line here."""

from agents.agent import Agent
from agents.availability.agent import AvailabilityAgent
from agents.booking.agent import BookingAgent
from agents.complaint.agent import ComplaintAgent
from agents.conversational.agent import ConversationalAgent
from agents.distance.agent import DistanceAgent
from agents.distance.ways import Ways
from agents.lead.agent import LeadAgent
from agents.menu.agent import MenuAgent
from agents.payment.agent import PaymentAgent
from agents.people.tools import CallPerson
from agents.pricing.agent import PricingAgent
from agents.tools.toolbox import Toolbox
from agents.voice import ORDER

# Whose words may come from models in a way of their own: those that speak to customers, the assistant of the staff, what was said in
# short, drafts of campaigns.
WITH_A_WAY = (*ORDER, "admin", "summary", "campaigns")


def agents(ways: Ways) -> tuple[Agent, ...]:
    """In the order in which they work: who is needed by others comes first."""
    return in_order(
        (
            ComplaintAgent(),
            ConversationalAgent(),
            MenuAgent(),
            DistanceAgent(ways),
            PricingAgent(ways),
            AvailabilityAgent(ways),
            PaymentAgent(),
            BookingAgent(ways),
            LeadAgent(),
        )
    )


def toolbox(everyone: tuple[Agent, ...]) -> Toolbox:
    """What all of them may call."""
    return Toolbox([*(tool for agent in everyone for tool in agent.tools), CallPerson()])


def in_order(everyone: tuple[Agent, ...]) -> tuple[Agent, ...]:
    """Whoever is needed before those who need them, else as they stand. ValueError for a circle, or for one that does not exist."""
    waiting, ordered = list(everyone), list[Agent]()
    keys = {agent.key for agent in everyone}
    if unknown := {need for agent in everyone for need in agent.needs} - keys:
        raise ValueError(f"agents need what does not exist: {', '.join(sorted(unknown))}")
    while waiting:
        done = {agent.key for agent in ordered}
        ready = next((agent for agent in waiting if set(agent.needs) <= done), None)
        if ready is None:
            raise ValueError(f"agents need each other in a circle: {', '.join(agent.key for agent in waiting)}")
        waiting.remove(ready)
        ordered.append(ready)
    return tuple(ordered)
