"""`hibachi doctor`: what is embedded, what is reachable, what is missing and what serves instead. It changes nothing."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from sqlalchemy.exc import ProgrammingError

from business.profile.loader import ProfileError, load_profile
from gateway.cli import ensemble, outside, texting
from gateway.cli.findings import Finding
from gateway.cli.version import version
from gateway.supervisor import health
from gateway.supervisor.places import Addresses, Places
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.metering import ModelHealth, model_health
from kernel.settings import HOUSE, ModelSettings, Settings, load_settings
from knowledge.embedding.encoder import Encoder

_WHY = {
    "unauthorized": "its provider refuses the key (401 or 403)",
    "no_route": "its provider cannot be reached, or does not know the model",
    "timeout": "its provider does not answer in time",
    "rate_limited": "its provider says too many requests (429)",
    "unavailable": "its provider fails (5xx)",
    "cut": "its answers break off",
    "garbage": "what answers does not speak the protocol",
    "bad_request": "its provider refuses our requests (4xx)",
}
_ANSWER_S = 4.0


def run() -> int:
    """Prints the report. 0: nothing is broken (something may be missing), 1: something configured does not work."""
    settings = load_settings()
    findings = asyncio.run(examine(settings, os.environ))
    for finding in findings:
        print(finding)
    return 1 if any(finding.level == "fault" for finding in findings) else 0


async def examine(settings: Settings, env: Mapping[str, str]) -> list[Finding]:
    """Every finding, in the order of the report."""
    running = Addresses.read(Places(settings.data))
    found = [Finding("ok", "hibachi", f"{version()}, settings {settings.config_path}, data {settings.data}")]
    found += await _gateway(running)
    found += await _postgres(settings, running)
    found += await _redis(settings, running)
    found += _models(settings, env)
    found += await _failing(settings, running)
    found += await ensemble.policy(settings, _database_url(settings, running))
    found += await ensemble.breakers(running.gateway if running and settings.models else None)
    found.append(_travel(settings, env))
    found.append(await outside.emails(settings, env))
    found += await outside.held(_database_url(settings, running))
    found += await texting.findings(settings, env, _database_url(settings, running))
    found.append(outside.payments(settings, env))
    found.append(outside.backups(settings, env, utc_now()))
    found.append(_encoder())
    return found + _profile(settings)


async def _gateway(running: Addresses | None) -> list[Finding]:
    if running is None:
        return [Finding("note", "gateway", "`hibachi up` does not run on this data folder")]
    host, _, port = running.gateway.removeprefix("http://").rpartition(":")
    if not await health.answers(host, int(port)):
        return [Finding("fault", "gateway", f"{running.gateway} does not answer")]
    ready = await health.answers(host, int(port), "/readyz")
    return [Finding("ok", "gateway", f"{running.gateway} answers, {'ready' if ready else 'still warming up'}")]


async def _postgres(settings: Settings, running: Addresses | None) -> list[Finding]:
    database = settings.database
    given = database.url.get_secret_value() if database.url else None
    kind = "configured" if given else "embedded"
    url = given or (running.database_url if running else None)
    if url is None:
        return [Finding("note", "PostgreSQL", f"{kind}: `hibachi up` starts it")]
    found = [await _try("PostgreSQL", kind, partial(_ask_postgres, url))]
    others = (("reading", database.reading), ("marketing", database.marketing), ("analytics", database.analytics))
    for name, secret in others:
        if secret is not None:
            ask = partial(_ask_postgres, secret.get_secret_value())
            found.append(await _try(f"- {name}", "configured", ask))
    return found


async def _ask_postgres(url: str) -> str:
    import asyncpg

    from migrations import state

    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://", 1), timeout=_ANSWER_S)
    try:
        number = await connection.fetchval("SHOW server_version")
        vector = await connection.fetchval("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        offered = await connection.fetchval("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
    finally:
        await connection.close()
    current, head = await state.current(url), state.head()
    extension = f"vector {vector}" if vector else f"vector {offered} not yet created" if offered else "WITHOUT vector"
    tables = f"tables at {current}" if current == head else f"tables at {current}, this version needs {head}"
    return f"version {number}, {extension}, {tables}"


def _database_url(settings: Settings, running: Addresses | None) -> str | None:
    """The configured one's, or the embedded one's where it runs."""
    given = settings.database.url
    return given.get_secret_value() if given else running.database_url if running else None


async def _redis(settings: Settings, running: Addresses | None) -> list[Finding]:
    given = settings.redis.url.get_secret_value() if settings.redis.url else None
    kind = "configured" if given else "embedded"
    url = given or (running.redis_url if running else None)
    if url is None:
        return [Finding("note", "Redis", f"{kind}: `hibachi up` starts it")]
    return [await _try("Redis", kind, partial(_ask_redis, url))]


async def _ask_redis(url: str) -> str:
    from redis.asyncio import Redis

    client = Redis.from_url(url, socket_timeout=_ANSWER_S, socket_connect_timeout=_ANSWER_S)
    try:
        info = await client.info("server")
        policy = await client.config_get("maxmemory-policy")
    finally:
        await client.aclose()
    kept = policy.get("maxmemory-policy", "noeviction")
    warning = "" if kept == "noeviction" else f", may throw data away (maxmemory-policy {kept}; set noeviction)"
    return f"version {info['redis_version']}{warning}"


async def _try(subject: str, kind: str, ask: Callable[[], Awaitable[str]]) -> Finding:
    """What the server says of itself, or the kind of failure; an error's text might quote the address's password."""
    import asyncpg
    from redis.exceptions import RedisError

    try:
        return Finding("ok", subject, f"{kind}, {await ask()}")
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, RedisError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        return Finding("fault", subject, f"{kind}, but it cannot be reached: {reason}")


def _models(settings: Settings, env: Mapping[str, str]) -> list[Finding]:
    if not settings.models:
        return [Finding("note", "models", "none configured: the built-in house model answers everything")]
    found = [_model(model, env, settings) for model in settings.models]
    return [*found, Finding("ok", "answer order", ", then ".join(settings.answer_order))]


def _model(model: ModelSettings, env: Mapping[str, str], settings: Settings) -> Finding:
    subject = f'model "{model.name}"'
    if model.name not in settings.answer_order:
        return Finding("note", subject, f"{model.litellm}: declared, but [ensemble] answer does not name it")
    if model.api_key_env and not env.get(model.api_key_env):
        place = settings.answer_order.index(model.name) + 1
        instead = next((name for name in settings.answer_order[place:] if _has_key(name, env, settings)), HOUSE)
        return Finding("fault", subject, f'{model.litellm}: {model.api_key_env} is not set; "{instead}" serves instead')
    return Finding("ok", subject, model.litellm)


def _has_key(name: str, env: Mapping[str, str], settings: Settings) -> bool:
    key = next((model.api_key_env for model in settings.models if model.name == name), None)
    return key is None or bool(env.get(key))


async def _failing(settings: Settings, running: Addresses | None) -> list[Finding]:
    """What the calls of the last day say of the configured models."""
    url = _database_url(settings, running)
    if not url or not settings.models:
        return []
    database = Database(url, application="hibachi-doctor", pool_size=1)
    try:
        async with database.transaction() as connection:
            rows = await model_health(connection)
    except (Unavailable, ProgrammingError):
        return []  # said already: PostgreSQL is away, or has no tables yet
    finally:
        await database.close()
    names = {model.name for model in settings.models}
    return [_failure(row) for row in rows if not row.ok and row.model in names]


def _failure(row: ModelHealth) -> Finding:
    why = _WHY.get(row.why or "", row.why or "unknown")
    since = f" since {row.since:%Y-%m-%d %H:%M} UTC" if row.since else ""
    return Finding("fault", f'model "{row.model}"', f"fails{since}: {why}; customers see the next model's answer")


def _travel(settings: Settings, env: Mapping[str, str]) -> Finding:
    """Nobody is asked: a question to Google costs money."""
    travel = settings.travel
    if travel.provider == "none":
        return Finding("note", "distances", "no provider configured: estimated from ZIP codes, told as estimates")
    if travel.provider == "google" and not env.get(travel.key_env or ""):
        return Finding("fault", "distances", f"google: {travel.key_env} is not set; estimates from ZIP codes serve instead")
    if travel.provider == "osrm":
        return Finding("ok", "distances", "osrm: by road to the middle of the ZIP code, told as estimates (it knows no addresses)")
    return Finding("ok", "distances", f"{travel.provider}: full addresses are measured")


def _encoder() -> Finding:
    why = Encoder().why_absent()
    if why is not None:
        return Finding("note", "encoder", f"{why}: messages are routed by words and rules alone; `make run` installs it")
    return Finding("ok", "encoder", "all-MiniLM-L6-v2, on this machine; loads when it is first needed; knows English")


def _profile(settings: Settings) -> list[Finding]:
    source = settings.business.profile or "the one that ships"
    try:
        profile = load_profile(settings.business.profile)
    except ProfileError as error:
        return [Finding("fault", "profile", str(error))]
    open_ones = profile.placeholders()
    if open_ones:
        return [Finding("note", "profile", f"{source}; still placeholders, never sent: {', '.join(open_ones)}")]
    return [Finding("ok", "profile", str(source))]
