"""An install of its own, for something to be shown: nothing of another one on this machine counts, and nothing of it is left."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.supervisor.places import private_temporary

# Nothing of an install that may stand on this machine counts, but for whose business it is. Nobody is asked over a proxy.
KEPT = "HIBACHI_BUSINESS__PROFILE"


def clean(env: Mapping[str, str]) -> dict[str, str]:
    """The environment without what another install is told by."""
    return {name: value for name, value in env.items() if _is_harmless(name)}


@asynccontextmanager
async def folder_of_its_own(what: str, *, keep: bool, say: Callable[[str], None]) -> AsyncIterator[Path]:
    """Its data folder, gone at the end unless it is to be kept."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=f"hibachi-{what}-"))
    try:
        yield folder
    finally:
        if keep:
            say(f"kept {folder}: HIBACHI_DATA={folder} hibachi up opens it again")
        else:
            for left in (folder, private_temporary(folder)):
                await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)


def _is_harmless(name: str) -> bool:
    if name == KEPT:
        return True
    return not (name.startswith("HIBACHI_") or name in ("DATABASE_URL", "REDIS_URL") or name.lower().endswith("_proxy"))
