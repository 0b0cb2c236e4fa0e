"""`hibachi up --reload`: sees that a source changed, by asking the file system twice a second. For development only."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

EVERY_S = 0.5
PYTHON_FOLDERS = ("kernel", "business", "knowledge", "agents", "gateway", "workers")


def snapshot(folders: list[Path], suffixes: tuple[str, ...]) -> dict[str, int]:
    """Path -> time of change of every source below `folders`."""
    found: dict[str, int] = {}
    for top in folders:
        for folder, inner, files in os.walk(top):
            inner[:] = [name for name in inner if name not in ("__pycache__", "node_modules", "static", "dist")]
            for name in files:
                if name.endswith(suffixes):
                    path = os.path.join(folder, name)
                    try:
                        found[path] = os.stat(path).st_mtime_ns
                    except FileNotFoundError:
                        continue  # an editor's temporary file
    return found


async def watch(folders: list[Path], suffixes: tuple[str, ...], changed: Callable[[str], Awaitable[None]]) -> None:
    """Calls `changed` with one changed path for every burst of changes, until cancelled."""
    before = await asyncio.to_thread(snapshot, folders, suffixes)
    while True:
        await asyncio.sleep(EVERY_S)
        now = await asyncio.to_thread(snapshot, folders, suffixes)
        if now != before:
            differing = {path for path, _ in now.items() ^ before.items()}
            before = now
            await changed(min(differing))
