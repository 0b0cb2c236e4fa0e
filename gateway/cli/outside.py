"""What `hibachi doctor` says of mails, money and backups. No secret is read further than to see that it is there."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import ProgrammingError

from business.emails.addresses import is_placeholder
from business.payments.configured import takes_cards, webhook_secrets
from business.payments.ways import ways
from business.profile.loader import ProfileError, load_profile
from business.profile.schemas import Profile
from gateway.cli.backup import folder_of
from gateway.cli.findings import Finding
from kernel.backup.keeping import newest
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.settings import Settings
from kernel.settings.schema import EmailSettings
from kernel.tables.ops import Email

_ANSWER_S = 4.0
# Without a clock that makes them, somebody has to think of them.
_STALE = timedelta(days=7)
# A backup that is due may be under way, or the machine was off for a while.
_LATE = 2


def _profile(settings: Settings) -> Profile | None:
    """None where it is faulty, which a line of its own says."""
    try:
        return load_profile(settings.business.profile)
    except ProfileError:
        return None


async def emails(settings: Settings, env: Mapping[str, str]) -> Finding:
    """Whether mails go out, and come in."""
    given, profile = settings.email, _profile(settings)
    if given.host is None:
        return Finding("note", "e-mail", "no server: mails are written, kept and shown in the console, and none is sent ([email] host)")
    missing = [name for name in (given.password_env, given.inbound_key_env) if name is not None and not env.get(name)]
    if missing:
        return Finding("fault", "e-mail", f"not in the environment: {', '.join(missing)}")
    why = await _unreachable(given)
    if why is not None:
        return Finding("fault", "e-mail", f"{given.host}:{given.port} cannot be reached: {why}; mails wait and are tried again")
    sender = given.sender or (profile.business.email if profile is not None else None)
    if sender is not None and is_placeholder(sender):
        said = f"{given.host}; nothing is sent from {sender}, a placeholder: set [email] sender, or the profile's e-mail"
        return Finding("note", "e-mail", said)
    back = given.replies is not None and given.inbound_key_env is not None
    answers = "answers come back to their conversations" if back else "answers go to the business's own address"
    return Finding("ok", "e-mail", f"{given.host}:{given.port} answers, {given.tls}; {answers}")


async def _unreachable(given: EmailSettings) -> str | None:
    """Why nobody answers at the server's port; None where somebody does. Nothing is said to them."""
    assert given.host is not None
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(given.host, given.port), _ANSWER_S)
    except (OSError, TimeoutError) as error:
        return error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    writer.close()
    return None


async def held(url: str | None) -> list[Finding]:
    """Mails that are kept back, as somebody's address is a placeholder; nothing where there are none, or nobody can be asked."""
    if url is None:
        return []
    database = Database(url, application="hibachi-doctor", pool_size=1)
    try:
        async with database.transaction() as connection:
            many = await connection.scalar(select(func.count()).where(Email.state == "held")) or 0
    except (Unavailable, ProgrammingError):
        return []  # said already: PostgreSQL is away, or has no tables yet
    finally:
        await database.close()
    return [Finding("note", "- held", f"{many} e-mails to or from placeholder addresses are kept and never sent")] if many else []


def payments(settings: Settings, env: Mapping[str, str]) -> Finding:
    """Which ways to pay are offered, and whether what Stripe tells is believed. Stripe is not asked."""
    given, profile = settings.payments, _profile(settings)
    offered = [way.name.en for way in ways(profile, given, env)] if profile is not None else []
    said = f"customers are offered: {', '.join(offered)}" if offered else "customers are offered no way to pay"
    if given.stripe_key_env is None:
        return Finding("note", "payments", f"no cards ([payments] stripe_key_env); {said}")
    if not takes_cards(given, env):
        return Finding("fault", "payments", f"{given.stripe_key_env} is not set: no cards; {said}")
    missing = [name for name in given.stripe_webhook_secret_envs if not env.get(name)]
    if missing:
        return Finding("fault", "payments", f"not in the environment: {', '.join(missing)}; {said}")
    if not webhook_secrets(given, env):
        why = "no secret of Stripe's webhooks, so that nobody hears of what was paid ([payments] stripe_webhook_secret_envs)"
        return Finding("fault", "payments", f"{why}; {said}")
    return Finding("ok", "payments", said)


def backups(settings: Settings, env: Mapping[str, str], now: datetime) -> Finding:
    """How old the newest one is, and whether there should be a newer one."""
    given, every = settings.backup, timedelta(hours=settings.backup.every_hours)
    if given.passphrase_env is not None and not env.get(given.passphrase_env):
        return Finding("fault", "backups", f"{given.passphrase_env} is not set: it is to hold the passphrase that seals them")
    clock = f"one is made every {given.every_hours:g} hours" if every else "none is made by itself ([backup] every_hours)"
    try:
        made = newest(folder_of(settings))
    except OSError as error:
        return Finding("fault", "backups", f"{folder_of(settings)} cannot be read: {error.strerror}")
    if made is None:
        return Finding("note", "backups", f"none in {folder_of(settings)}; {clock}; `hibachi backup` makes one")
    age = max(now.astimezone(UTC) - made, timedelta())
    said = f"the newest is {_long(age)} old; {clock}"
    if every and age > _LATE * every:
        return Finding("fault", "backups", f"{said}: look at Jobs in the console")
    return Finding("note" if not every and age > _STALE else "ok", "backups", said)


def _long(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours >= 2 else f"{int(age.total_seconds() // 60)} minutes"
