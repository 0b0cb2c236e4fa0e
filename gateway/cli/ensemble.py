"""What `hibachi doctor` says of the models beyond the settings: which policy counts, and whom the running gateway does not ask just now."""

import re

import httpx
from sqlalchemy.exc import ProgrammingError

from agents.registry import WITH_A_WAY
from gateway.cli.findings import Finding
from kernel import policies
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.policies import Counting
from kernel.settings import Settings

_ANSWER_S = 4.0
_OPEN = re.compile(r'^hibachi_model_breaker_open\{model="([^"]+)"\} 1\.0$', re.MULTILINE)


async def policy(settings: Settings, database_url: str | None) -> list[Finding]:
    """Whose policy counts; a fault where a saved one is not used. Nothing without PostgreSQL, of which a line of its own speaks."""
    if database_url is None:
        return []
    database = Database(database_url, application="hibachi-doctor", pool_size=1)
    names = [model.name for model in settings.models]
    try:
        async with database.transaction() as connection:
            now = policies.counting(await policies.newest(connection), settings.ensemble.policy, names)
    except (Unavailable, ProgrammingError):
        return []
    finally:
        await database.close()
    return [_counts(now)]


def _counts(now: Counting) -> Finding:
    if now.faults:
        why = "; ".join(f"{fault.name}: {fault.why}" for fault in now.faults)
        return Finding("fault", "policy", f"version {now.number} of the console is not used, the file's is: {why}; save one that fits")
    if not now.saved:
        return Finding("ok", "policy", "the file's [ensemble] says how models answer")
    strangers = ", ".join(why for _, why in now.policy.strangers(WITH_A_WAY))
    if strangers:
        return Finding("note", "policy", f"version {now.number}, saved in the console; {strangers}")
    return Finding("ok", "policy", f"version {now.number}, saved in the console, says how models answer, and not the file")


async def breakers(gateway: str | None) -> list[Finding]:
    """Models that the running gateway does not ask, as they failed too often; nothing where none runs here."""
    if gateway is None:
        return []
    try:
        async with httpx.AsyncClient(timeout=_ANSWER_S, trust_env=False) as client:
            shown = (await client.get(f"{gateway}/metrics")).text
    except httpx.HTTPError:
        return []
    names = _OPEN.findall(shown)
    return [Finding("fault", f'model "{name}"', "failed too often: it is not asked until a trial succeeds") for name in names]
