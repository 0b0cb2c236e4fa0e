"""A complaint was kept, or grew worse: the customer reads that it was heard, and whom the profile names hears of it, by e-mail."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.complaints import rules
from business.customers import reach
from business.emails import kinds
from business.emails import writing as emails
from business.handoffs.lines import due_at
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel.jobs import ComplaintRecorded
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer, Staff
from kernel.tables.ops import Complaint

LOCALE = "en"  # what staff read
# Those whom the profile's `alert` means.
ROLES = {"admin": ("admin",), "owner": ("owner",)}


async def tell(connection: AsyncConnection, profile: Profile, links: Links, job: ComplaintRecorded, now: datetime) -> None:
    """Write the mails; each is written once, whatever grows."""
    row = (
        await connection.execute(
            select(Complaint, Customer.name.label("customer"), ChatSession.locale.label("locale"))
            .join(ChatSession, ChatSession.id == Complaint.conversation_id)
            .join(Customer, Customer.id == Complaint.customer_id)
            .where(Complaint.id == job.complaint)
        )
    ).one()
    terms = rules.terms(profile, job.severity)
    if terms.hand_over and row.state == "open":
        await _customer(connection, profile, links, row, now)
    await _staff(connection, profile, links, row, job, terms.alert)


async def _customer(connection: AsyncConnection, profile: Profile, links: Links, row: Any, now: datetime) -> None:
    address = await reach.email_of(connection, row.customer_id)
    if address is None:
        return
    await emails.write(
        connection,
        profile,
        links,
        kind="complaint_received",
        to=address,
        to_name=row.customer,
        locale=row.locale or profile.business.locale,
        values=kinds.ComplaintReceived(
            summary=row.summary,
            answer_by=due_at(profile, now),
            keep_left_overs="keep_left_overs" in rules.terms(profile, row.severity).steps,
        ),
        key=f"complaint_received:{row.id}",
        conversation=row.conversation_id,
        customer=row.customer_id,
    )


async def _staff(
    connection: AsyncConnection, profile: Profile, links: Links, row: Any, job: ComplaintRecorded, alert: tuple[str, ...]
) -> None:
    """Admins and owners; where nobody is an admin, the owner hears of what an admin should."""
    for one in await _alerted(connection, alert):
        await emails.write(
            connection,
            profile,
            links,
            kind="complaint_alert",
            to=one.email,
            to_name=one.name,
            locale=LOCALE,
            values=kinds.ComplaintAlert(
                customer=row.customer or "A visitor",
                phone=await reach.phone_of(connection, row.customer_id),
                severity=job.severity,
                summary=row.summary,
                link=f"{links.base}/console#/complaints/{row.id}",
            ),
            key=f"complaint_alert:{row.id}:{job.severity}:{one.id}",
            conversation=row.conversation_id,
        )


async def _alerted(connection: AsyncConnection, alert: tuple[str, ...]) -> list[Any]:
    roles = {role for name in alert for role in ROLES[name]}
    staff = (await connection.execute(select(Staff.id, Staff.name, Staff.email, Staff.role).where(Staff.disabled_at.is_(None)))).all()
    if roles and not any(one.role in roles for one in staff):
        roles = {"owner"}
    return [one for one in staff if one.role in roles]
