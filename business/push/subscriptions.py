"""The devices of staff that may be pushed to, and when each person wants quiet. A device ends with the session that it was signed in
with where somebody ends that on purpose, not where the session merely runs out: a telephone in a pocket is there to be called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.push import rules
from business.push.rules import Keys, QuietHours
from kernel.errors import Conflict, Unavailable
from kernel.ids import new_id
from kernel.tables.core import Install, PushSubscription, Staff, StaffQuietHours

MOST_DEVICES = 20
FORGOTTEN_AFTER = timedelta(days=30)  # since anybody signed in on it


@dataclass(frozen=True, slots=True)
class Device:
    """A device as a push needs it."""

    id: UUID
    keys: Keys
    quiet: QuietHours | None


async def push_key(connection: AsyncConnection) -> str:
    """The install's private key (RFC 8292). Raises Unavailable where the install was not seeded since it is needed."""
    key: str | None = await connection.scalar(select(Install.push_key))
    if key is None:
        raise Unavailable("Notifications are made ready by the next start of the gateway.")
    return key


async def save(connection: AsyncConnection, staff: UUID, session: str, keys: Keys) -> None:
    """This device is the person's now, whoever had it before. Raises Conflict where they have too many."""
    held = await connection.scalar(
        select(func.count()).where(PushSubscription.staff_id == staff, PushSubscription.endpoint != keys.endpoint)
    )
    if (held or 0) >= MOST_DEVICES:
        raise Conflict(f"You have notifications on {MOST_DEVICES} devices. Sign out everywhere to begin anew.")
    values = {"staff_id": staff, "session_hash": session, "p256dh": keys.p256dh, "auth": keys.auth, "seen_at": func.clock_timestamp()}
    await connection.execute(
        insert(PushSubscription)
        .values(id=new_id(), endpoint=keys.endpoint, **values)
        .on_conflict_do_update(index_elements=["endpoint"], set_=values)
    )


async def remove(connection: AsyncConnection, staff: UUID, endpoint: str) -> None:
    """No more pushes to this device."""
    await connection.execute(delete(PushSubscription).where(PushSubscription.staff_id == staff, PushSubscription.endpoint == endpoint))


async def forget(connection: AsyncConnection, device: UUID) -> None:
    """Its push service does not know it any more."""
    await connection.execute(delete(PushSubscription).where(PushSubscription.id == device))


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    """Devices that nobody has signed in on for long."""
    await connection.execute(delete(PushSubscription).where(PushSubscription.seen_at < now - FORGOTTEN_AFTER))


async def of_endpoint(connection: AsyncConnection, staff: UUID, endpoint: str) -> UUID | None:
    """The person's device at this address, if it is one."""
    found: UUID | None = await connection.scalar(
        select(PushSubscription.id).where(PushSubscription.staff_id == staff, PushSubscription.endpoint == endpoint)
    )
    return found


async def devices_of(connection: AsyncConnection, staff: Sequence[UUID] | None) -> list[UUID]:
    """Devices of these people, or of everybody who works here still."""
    devices = select(PushSubscription.id).join(Staff, Staff.id == PushSubscription.staff_id).where(Staff.disabled_at.is_(None))
    if staff is not None:
        devices = devices.where(PushSubscription.staff_id.in_(staff))
    return list(await connection.scalars(devices.order_by(PushSubscription.id)))


async def device(connection: AsyncConnection, device: UUID) -> Device | None:
    """None where it is gone, or its person no longer works here."""
    row = (
        await connection.execute(
            select(
                PushSubscription.id,
                PushSubscription.endpoint,
                PushSubscription.p256dh,
                PushSubscription.auth,
                StaffQuietHours.starts,
                StaffQuietHours.ends,
                StaffQuietHours.zone,
            )
            .join(Staff, Staff.id == PushSubscription.staff_id)
            .outerjoin(StaffQuietHours, StaffQuietHours.staff_id == Staff.id)
            .where(PushSubscription.id == device, Staff.disabled_at.is_(None))
        )
    ).one_or_none()
    if row is None:
        return None
    quiet = QuietHours(row.starts, row.ends, row.zone) if row.zone is not None else None
    return Device(row.id, Keys(row.endpoint, row.p256dh, row.auth), quiet)


async def quiet_hours(connection: AsyncConnection, staff: UUID) -> QuietHours | None:
    """When this person is not pushed to."""
    row = (await connection.execute(select(StaffQuietHours).where(StaffQuietHours.staff_id == staff))).one_or_none()
    return QuietHours(row.starts, row.ends, row.zone) if row is not None else None


async def keep_quiet(connection: AsyncConnection, staff: UUID, hours: QuietHours | None) -> None:
    """Set them, or have none."""
    await connection.execute(delete(StaffQuietHours).where(StaffQuietHours.staff_id == staff))
    if hours is not None:
        rules.quiet_hours(hours.starts, hours.ends, hours.zone)
        values = {"starts": hours.starts, "ends": hours.ends, "zone": hours.zone}
        await connection.execute(
            insert(StaffQuietHours).values(staff_id=staff, **values).on_conflict_do_update(index_elements=["staff_id"], set_=values)
        )
