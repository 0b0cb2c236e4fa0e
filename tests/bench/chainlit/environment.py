"""Chainlit's own environment: made from the lock beside this file where it is not yet, in `.venv/neighbours`, once for each lock."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"
FOLDER = Path(__file__).resolve().parents[3] / ".venv" / "neighbours"
WITHIN = 600.0  # seconds for all packages


class NotInstalled(Exception):
    """It cannot be had on this machine; the text says why, in a line."""


def interpreter() -> Path:
    """The environment's Python. Raises NotInstalled."""
    place = FOLDER / f"chainlit-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    python = place / "bin" / "python"
    if not python.exists():
        _install(place)
    return python


def _install(place: Path) -> None:
    """Beside its place first, so that what broke off is never taken for whole."""
    fresh = place.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.parent.mkdir(parents=True, exist_ok=True)
    run([sys.executable, "-m", "venv", str(fresh)])
    run([str(fresh / "bin" / "python"), "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", str(LOCK)])
    # Only interpreter and packages are used, never its scripts: those name the folder in which they were made.
    fresh.rename(place)


def run(command: list[str]) -> None:
    """Raises NotInstalled where it fails, with its own first word of error."""
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=WITHIN)
    except subprocess.CalledProcessError as error:
        said = [line for line in f"{error.stdout}\n{error.stderr}".splitlines() if line.strip()]
        raise NotInstalled(next((line for line in said if line.startswith("ERROR")), said[-1] if said else "pip failed")[:200]) from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"{type(error).__name__}: {command[0]}") from None
