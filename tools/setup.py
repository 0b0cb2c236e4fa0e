"""Sets a checkout up, from nothing but Python 3.11 and make: called by the Makefile before every target that runs.

`python tools/setup.py run|dev|chromium`. Standard library alone, since nothing is installed yet. Every step leaves a
stamp keyed on what it was made from, so a broken-off set-up goes on where it stopped and a finished one costs
milliseconds. Nothing outside the checkout is touched (`chromium`, for the browser tests, is the one exception).
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMPS = VENV / "setup-stamps.json"
WEB = ROOT / "web-widget"
STATIC = ROOT / "gateway" / "static"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def fail(text: str, status: int = 2) -> NoReturn:
    print(f"\nset-up stopped: {text}", file=sys.stderr)
    sys.exit(status)


class Stamps:
    """What is done already: step -> key of what it was made from."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.keys: dict[str, str] = json.loads(path.read_text())
        except (OSError, ValueError):
            self.keys = {}

    def holds(self, step: str, key: str) -> bool:
        return self.keys.get(step) == key

    def put(self, step: str, key: str) -> None:
        self.keys[step] = key
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self.keys, indent=1, sort_keys=True))
        fresh.replace(self.path)


class Step:
    """One step of the set-up: a name, the key of its inputs, and what to do when the stamp does not match."""

    def __init__(self, name: str, title: str, key: str, make: Callable[[], None]) -> None:
        self.name, self.title, self.key, self.make = name, title, key, make


def key_of(*parts: bytes | str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\0")
    return digest.hexdigest()


def check_python() -> None:
    """Names the one thing to install where Python cannot make an environment."""
    version = ".".join(str(part) for part in sys.version_info[:2])
    if sys.version_info < OLDEST_PYTHON:
        fail(f"this is Python {version}; Hibachi needs 3.11 or newer. Install python3.11, then say: make run PYTHON=python3.11")
    if not (BIN / "python").exists() and not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        package = f"python{version}-venv" if shutil.which("apt-get") else "python3-venv"
        fail(f"Python {version} here has no venv and pip. Install the package {package}, then repeat the command.")


def make_environment() -> None:
    base = getattr(sys, "_base_executable", None) or sys.executable
    run([base, "-m", "venv", "--clear", str(VENV)], "the virtual environment could not be made")


def install(lock: Path) -> Callable[[], None]:
    """pip install of one lock, with a count of packages, since its own progress bars say little of a hundred wheels."""

    def work() -> None:
        total = len(re.findall(r"^[A-Za-z0-9_.-]+(\[.*\])?==", lock.read_text(), re.MULTILINE))
        command = [str(BIN / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        command += ["--progress-bar", "off", "--require-hashes", "--no-deps", "-r", str(lock)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, bufsize=1)
        assert process.stdout is not None
        seen: list[str] = []
        done = 0
        for line in process.stdout:
            seen.append(line.rstrip())
            found = re.match(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9_.-]+)", line)
            if found:
                done += 1
                progress(f"{done}/{total} {found.group(1)}", last=done == total)
            elif line.startswith("Installing collected packages"):
                progress(f"unpacking {total} packages", last=True)
        if process.wait() != 0:
            print("\n".join(seen[-25:]), file=sys.stderr)
            fail(f"pip could not install {lock.name} (is a package index reachable?); repeat the command to go on", 1)

    return work


def progress(text: str, *, last: bool = False) -> None:
    """One line that is rewritten on a terminal; every twentieth line elsewhere."""
    progress.calls = getattr(progress, "calls", 0) + 1  # type: ignore[attr-defined]
    if sys.stdout.isatty():
        print(f"\r      {text:<60.60}", end="\n" if last else "", flush=True)
    elif last or progress.calls % 20 == 0:  # type: ignore[attr-defined]
        print(f"      {text}", flush=True)


def install_project() -> None:
    """The checkout itself: a path file and a launcher, so that `hibachi` works from any folder and edits count at once.

    No build backend: an editable install would need hatchling from the network for the same two files.
    """
    site = subprocess.run(
        [str(BIN / "python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    Path(site, "hibachi-gateway.pth").write_text(f"{ROOT}\n")
    launcher = BIN / "hibachi"
    # -P: a folder called `gateway` where the command is called must not stand before ours.
    launcher.write_text(f'#!/bin/sh\nexec "{BIN / "python"}" -P -m gateway.cli "$@"\n')
    launcher.chmod(0o755)


def node_is_there() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    try:
        said = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    found = re.match(r"v(\d+)\.", said)
    return bool(found) and int(found.group(1)) >= OLDEST_NODE  # type: ignore[union-attr]


def install_front_end() -> None:
    npm = shutil.which("npm")
    if npm is None:
        fail("npm is not there although Node was just installed; remove .venv and repeat the command", 1)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run(command, "npm could not install the front end's packages (is an npm registry reachable?)", cwd=WEB)


def build_front_end() -> None:
    run(["npm", "run", "--silent", "build"], "the front end could not be built", cwd=WEB)
    if not any(STATIC.iterdir() if STATIC.is_dir() else ()):
        fail("the front end was built, but gateway/static is empty", 1)


def run(command: list[str], reason: str, cwd: Path = ROOT) -> None:
    try:
        status = subprocess.run(command, cwd=cwd, check=False).returncode
    except OSError as error:
        fail(f"{reason}: {error}", 1)
    if status != 0:
        fail(f"{reason} (status {status}); repeat the command to go on", 1)


def front_end_key() -> str:
    """Digest of every source of the front end. About a hundred small files: a few milliseconds."""
    parts: list[bytes | str] = []
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(name for name in folders if name not in ("node_modules", "dist", "tests"))
        for name in sorted(files):
            path = Path(folder, name)
            parts += [str(path.relative_to(WEB)), path.read_bytes()]
    return key_of(*parts)


def home_key() -> str:
    """An environment belongs to one place and one Python: moved or upgraded, it is made anew."""
    return f"{ROOT} {sys.version_info[:2]}"


def steps(dev: bool, stamps: Stamps) -> list[Step]:
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    home = home_key()
    plan = [
        Step("environment", "virtual environment in .venv", home, make_environment),
        Step(lock.stem, f"Python packages of {lock.name}", key_of(home, lock.read_bytes()), install(lock)),
        Step("project", "the hibachi command", key_of(home, Path(__file__).read_bytes()), install_project),
    ]
    if not (WEB / "package.json").is_file():
        fail("web-widget/package.json is missing: this checkout is not whole", 1)
    packages = key_of(home, (WEB / "package-lock.json").read_bytes())
    if not stamps.holds("front-end-packages", packages) or not stamps.holds("front-end", front_end_key()):
        wheel = ROOT / "requirements-node.lock"
        if stamps.holds("node", key_of(home, wheel.read_bytes())) or not node_is_there():
            plan.append(Step("node", "Node (none on the PATH)", key_of(home, wheel.read_bytes()), install(wheel)))
    plan.append(Step("front-end-packages", "front end: packages", packages, install_front_end))
    plan.append(Step("front-end", "front end: build", front_end_key(), build_front_end))
    return plan


def is_done(step: Step, stamps: Stamps) -> bool:
    made = {"environment": BIN / "python", "project": BIN / "hibachi", "front-end": STATIC,
            "front-end-packages": WEB / "node_modules"}  # fmt: skip
    return stamps.holds(step.name, step.key) and made.get(step.name, ROOT).exists()


def set_up(dev: bool) -> None:
    check_python()
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    stamps = Stamps(STAMPS)
    plan = steps(dev, stamps)
    todo = [step for step in plan if not is_done(step, stamps)]
    started = time.monotonic()
    for step in todo:
        print(f"[{plan.index(step) + 1}/{len(plan)}] {step.title} ...", flush=True)
        began = time.monotonic()
        step.make()
        if step.name == "environment":
            stamps.keys.clear()  # whatever was installed is gone with the old one
        stamps.put(step.name, step.key)
        if step.name == "requirements-dev":
            stamps.put("requirements", key_of(home_key(), (ROOT / "requirements.lock").read_bytes()))
        print(f"      done in {time.monotonic() - began:.1f} s", flush=True)
    if todo:
        print(f"set up in {time.monotonic() - started:.0f} s", flush=True)


def ensure_chromium() -> None:
    """The browser tests' browser: from the PATH, else from the system's package manager where that is ours to use."""
    if any(shutil.which(name) for name in CHROMIUM_NAMES):
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        why = "there is no apt-get" if apt is None else "only root may use apt-get"
        fail(f"the browser tests need Chromium and {why}. Install the package chromium, then repeat the command.")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "chromium"]):
        if subprocess.run([apt, *command], env=environment, check=False).returncode != 0:
            fail(f"apt-get {command[0]} failed, so there is no Chromium for the browser tests", 1)


def main() -> None:
    wanted = sys.argv[1:] or ["run"]
    if wanted == ["chromium"]:
        ensure_chromium()
    elif wanted in (["run"], ["dev"]):
        set_up(dev=wanted == ["dev"])
    else:
        fail("usage: python tools/setup.py run|dev|chromium")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        fail("interrupted; repeat the command to go on", 130)
