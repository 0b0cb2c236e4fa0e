"""What must never be committed: addresses of a registry, paths of a machine; and what must stay light."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock", "web-widget/package-lock.json")
ABSOLUTE = re.compile(r"(?:^|[\s\"'=(@])(?:/[A-Za-z0-9._-]+){2,}|file:|[A-Za-z]:\\")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: there is nothing to commit")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


class TestLocks:
    @pytest.mark.parametrize("name", LOCKS)
    def test_name_no_host_and_no_path(self, name: str) -> None:
        text = (ROOT / name).read_text()
        assert "://" not in text
        assert ABSOLUTE.search(text) is None
        assert "sha256:" in text or "sha512-" in text

    def test_hold_every_dependency_of_the_project(self) -> None:
        import tomllib

        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
        wanted = {re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in project["dependencies"]}  # type: ignore[index]
        assert wanted - locked == set()

    def test_npm_keeps_addresses_out_of_its_lock(self) -> None:
        settings = (ROOT / "web-widget" / ".npmrc").read_text()
        assert "omit-lockfile-registry-resolved=true" in settings
        assert "registry=" not in settings.replace("omit-lockfile-registry-resolved=", "") and "oken" not in settings


class TestTrackedFiles:
    def test_name_no_path_of_this_machine(self) -> None:
        pattern = re.compile(f"{re.escape(str(ROOT))}\\b|{re.escape(str(Path.home()))}/[A-Za-z.]")
        found = []
        for path in tracked():
            try:
                text = path.read_text(encoding="utf-8")
            except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
                continue
            found += [f"{path.name}: {line.strip()[:80]}" for line in text.splitlines() if pattern.search(line)]
        assert found == []


class TestWeight:
    def test_the_supervisor_imports_nothing_heavy(self) -> None:
        code = "import gateway.cli.up, sys; print(*sys.modules)"
        printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        heavy = {"sqlalchemy", "alembic", "starlette", "socketio", "litellm", "structlog", "asyncpg", "redis"}
        assert heavy & set(printed.split()) == set()
