"""What we wrote down of a process that we started, so that the next start can find, own and stop it after a crash.

A process number alone means nothing: numbers are used again, most of all in a restarted container. So a record also
holds when the process began.
"""

import json
import os
from pathlib import Path

import psutil

# The beginning is derived from the machine's boot time, which moves a little when its clock is set.
_SAME_BEGINNING_S = 2.0


def write(path: Path, process: psutil.Process) -> None:
    """Writes the record whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"pid": process.pid, "began": process.create_time()}))
    os.replace(fresh, path)


def find(path: Path) -> psutil.Process | None:
    """The recorded process if it still runs."""
    try:
        record = json.loads(path.read_text())
        process = psutil.Process(int(record["pid"]))
        if abs(process.create_time() - float(record["began"])) > _SAME_BEGINNING_S:
            return None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
    return process if is_alive(process) else None


def is_alive(process: psutil.Process) -> bool:
    """A zombie whose new parent never collects it (PID 1 of many containers) does not run any more."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def forget(path: Path) -> None:
    path.unlink(missing_ok=True)
