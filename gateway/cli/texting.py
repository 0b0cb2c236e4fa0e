"""What `hibachi doctor` and `hibachi sms` say of the text channel. No secret is shown."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import ProgrammingError

from business.channels import overview, subscriptions
from business.channels.configured import lacking, text_provider, webhook_address
from business.channels.overview import Flow
from business.channels.provider import OwnNumber, SmsError, Subscribed, TextProvider
from business.channels.ringcentral.advice import advice
from business.channels.ringcentral.numbers import able
from gateway.cli.findings import Finding
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.settings import Settings
from kernel.settings.schema import SmsSettings

_ANSWER_S = 8.0


class NoProvider(Exception):
    """Nobody carries texts; its words say why, and what to do."""


def provider_of(settings: SmsSettings, env: Mapping[str, str]) -> TextProvider:
    """Raises NoProvider."""
    if settings.provider == "none":
        raise NoProvider("No provider is configured ([sms] provider). docs/ringcentral.md says how to set one up.")
    if missing := lacking(settings, env):
        raise NoProvider(f"Missing: {', '.join(missing)}.")
    made = text_provider(settings, env, pauses=())
    assert made is not None
    return made


async def findings(settings: Settings, env: Mapping[str, str], url: str | None) -> list[Finding]:
    """Whether texts go out, and come in. `url`: of PostgreSQL, where it is known."""
    given = settings.sms
    if given.provider == "none":
        return [Finding("note", "texts", "no provider: they are written, kept and shown in the console, and none is sent ([sms] provider)")]
    if missing := lacking(given, env):
        return [Finding("fault", "texts", f"not set: {', '.join(missing)}; texts are kept and none is sent")]
    return [await _sends(given, env), *await _hears(settings, url)]


async def _sends(given: SmsSettings, env: Mapping[str, str]) -> Finding:
    provider = provider_of(given, env)
    try:
        async with asyncio.timeout(_ANSWER_S):
            numbers = await provider.numbers()
    except TimeoutError:
        return Finding("fault", "texts", f"{given.provider}: {advice('timeout')}")
    except SmsError as error:
        return Finding("fault", "texts", f"{given.provider}: {advice(error.code)}")
    finally:
        await provider.close()
    sender, why = able(numbers, given.number, given.high_volume)
    if why is not None:
        return Finding("fault", "texts", f"{given.provider}: {advice(why)}")
    return Finding("ok", "texts", f"{given.provider}: sent from {sender}")


async def _hears(settings: Settings, url: str | None) -> list[Finding]:
    """Whether the provider tells us of texts; nothing where nobody can be asked."""
    if url is None:
        return []
    database = Database(url, application="hibachi-doctor", pool_size=1)
    try:
        async with database.transaction() as connection:
            row = await overview.subscription(connection, settings.sms.provider)
            found = await overview.flow(connection, utc_now())
    except (Unavailable, ProgrammingError):
        return []  # said already: PostgreSQL is away, or has no tables yet
    finally:
        await database.close()
    return [_webhook(settings, row), *_unknown(found)]


def _webhook(settings: Settings, row: Any) -> Finding:
    every = f"a worker looks every {settings.sms.poll_seconds:g} s"
    if row is None:
        return Finding("note", "- webhook", "no worker has made it yet: it makes one when it starts")
    if row["state"] == "active":
        return Finding("ok", "- webhook", f"good until {_when(row['expires_at'])}, last heard {_when(row['told_at'])}; {every}")
    if webhook_address(settings.sms, settings.public_url, "") is None:
        return Finding("fault", "- webhook", f"no address: set public_url, or [sms] callback; {every}")
    why = advice(row["error"]) if row["error"] else "a worker makes it anew within a minute."
    return Finding("fault", "- webhook", f"{row['state']}: {why} Meanwhile {every}")


def _unknown(found: Flow) -> list[Finding]:
    many = found.out.get("unknown", 0)
    return [Finding("note", "- unknown", f"of {many} texts nobody knows whether they arrived: Texts in the console")] if many else []


def told(row: Any, found: Flow) -> list[str]:
    """The channel's state, line by line."""
    state = "no webhook yet" if row is None else f"webhook {row['state']}"
    lines = [state]
    if row is not None:
        names = ("expires_at", "checked_at", "told_at", "polled_at", "read_until")
        lines += [f"  {name:<12} {_when(row[name])}" for name in names]
        lines += [f"  error        {row['error']}: {advice(row['error'])}"] if row["error"] else []
    lines.append(f"came in      {found.taken} in 24 h, {found.announced} waiting, the last {_when(found.last_in)}")
    out = ", ".join(f"{count} {name}" for name, count in sorted(found.out.items())) or "nothing in 24 h"
    return [*lines, f"went out     {out}, the last {_when(found.last_out)}"]


def table(numbers: Sequence[OwnNumber]) -> list[str]:
    """Our numbers and what each can."""
    return [f"{one.number:<16} {', '.join(_can(one)) or 'cannot send'}" for one in numbers] or ["The user has no number."]


def _can(one: OwnNumber) -> list[str]:
    return [name for name, can in (("texts", one.sends), ("high volume", one.high_volume), ("pictures", one.pictures)) if can]


async def subscribe(database: Database, settings: Settings, provider: TextProvider) -> Subscribed:
    """A webhook in place of the one there is. Raises SmsError, NoProvider."""
    name = provider.name
    row = await database.unit(lambda c: subscriptions.ensure(c, name))
    address = webhook_address(settings.sms, settings.public_url, row.secret)
    if address is None:
        raise NoProvider("This install has no address that RingCentral could reach. Set public_url, or [sms] callback.")
    if row.subscription_id is not None:
        await provider.unsubscribe(row.subscription_id)
    # Its address is stored before there is one: what it tells before its id is known counts.
    await database.unit(lambda c: subscriptions.change(c, name, state="none", subscription_id=None, address=address))
    made = await provider.subscribe(address, row.token)
    values: dict[str, Any] = {
        "state": "active",
        "subscription_id": made.id,
        "expires_at": made.expires_at,
        "error": None,
        "polled_at": None,
    }
    await database.unit(lambda c: subscriptions.change(c, name, **values))
    return made


async def unsubscribe(database: Database, provider: TextProvider) -> bool:
    """Take the webhook away; False where there is none. Raises SmsError."""
    async with database.transaction() as connection:
        row = await subscriptions.read(connection, provider.name)
    if row is None or row.subscription_id is None:
        return False
    await provider.unsubscribe(row.subscription_id)
    await database.unit(lambda c: subscriptions.change(c, provider.name, state="none", subscription_id=None, expires_at=None))
    return True


def _when(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
