"""Every handler of one worker: those that need the database alone, and those that know the business."""

from collections.abc import Callable
from dataclasses import dataclass

from business.links.signing import Links
from business.profile.schemas import Profile
from kernel.clock import Clock
from kernel.jobs import Job
from workers import bookings, campaign_pauses, complaints, handoffs, leads
from workers.handlers import HANDLERS, Handler


@dataclass(frozen=True, slots=True)
class Business:
    """What handlers know of the business. `profile` may change while a worker runs."""

    profile: Callable[[], Profile]
    links: Links
    clock: Clock


def handlers(business: Business) -> dict[type[Job], Handler]:
    """One for each job that is carried out in a transaction of PostgreSQL alone."""
    known = (business.profile, business.links, business.clock)
    told = leads.handlers(business.profile, business.clock)
    told |= campaign_pauses.handlers(*known)
    return {**HANDLERS, **bookings.handlers(*known), **handoffs.handlers(*known), **complaints.handlers(*known), **told}
