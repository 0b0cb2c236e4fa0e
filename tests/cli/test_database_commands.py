"""`hibachi db|admin|site` as an operator calls them: what they print, and the status they end with."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def hibachi(database_url: str, tmp_path: Path) -> Run:
    """Runs a command in a process of its own on this test's database."""
    return _runner(database_url, tmp_path)


def _runner(url: str, data: Path) -> Run:
    env = {
        **os.environ,
        "DATABASE_URL": url,
        "HIBACHI_DATA": str(data),
        "HIBACHI_CONFIG": str(data / "hibachi.toml"),
        "HIBACHI_PUBLIC_URL": "https://chat.example.com",
    }

    def run(*arguments: str, status: int = 0, answer: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run([sys.executable, "-m", "gateway.cli", *arguments], env=env, capture_output=True, text=True, input=answer)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


class TestDb:
    def test_up_check_down(self, empty_database_url: str, tmp_path: Path) -> None:
        hibachi = _runner(empty_database_url, tmp_path)
        assert "behind" in hibachi("db", "check", status=1).stdout
        assert "`hibachi db upgrade`" in hibachi("db", "seed", status=1).stderr
        assert "the database is at 0" in hibachi("db", "upgrade").stdout
        assert "as the code wants it" in hibachi("db", "check").stdout
        assert "lost" in hibachi("db", "downgrade", "base", status=1, answer="n\n").stdout
        assert "Can't locate revision" in hibachi("db", "upgrade", "nonsense", status=1).stderr
        assert "before the first migration" in hibachi("db", "downgrade", "base", "--yes").stdout

    def test_an_address_where_nobody_listens(self, tmp_path: Path) -> None:
        hibachi = _runner("postgresql://postgres@127.0.0.1:1/none", tmp_path)
        for command in ("check", "upgrade"):
            assert "hibachi: " in hibachi("db", command, status=1).stderr

    def test_seed_prints_a_way_in(self, hibachi: Run) -> None:
        made = json.loads(hibachi("db", "seed", "--json").stdout.splitlines()[-1])
        assert set(made) == {"email", "one_time_password", "sign_in"}
        assert made["sign_in"].startswith("/console#sign-in=")
        again = hibachi("db", "seed").stdout
        assert made["one_time_password"] in again and made["sign_in"] not in again
        assert "https://chat.example.com/console#sign-in=" in again


class TestProfile:
    def test_shown_edited_taken(self, hibachi: Run, tmp_path: Path) -> None:
        hibachi("db", "seed")
        shown = hibachi("profile", "show").stdout
        assert shown.startswith("# Version 1,") and "adult_cents = 5500" in shown
        file = tmp_path / "mine.toml"
        file.write_text(shown.replace("adult_cents = 5500", "adult_cents = 55.5"), encoding="utf-8")
        (tmp_path / "hibachi.toml").write_text('[business]\nprofile = "mine.toml"\n', encoding="utf-8")
        assert "prices.adult_cents" in hibachi("profile", "take", status=1).stderr
        file.write_text(shown.replace("adult_cents = 5500", "adult_cents = 5600"), encoding="utf-8")
        assert "version 2 counts" in hibachi("profile", "take").stdout
        assert "version 2 counts" in hibachi("profile", "take").stdout, "taken once"
        assert "adult_cents = 5600" in hibachi("profile", "show").stdout


class TestAdmin:
    def test_invite_reset_disable(self, hibachi: Run) -> None:
        invited = hibachi("admin", "invite", "Dana.Lee@example.com", "--role", "admin").stdout
        assert "https://chat.example.com/console#sign-in=" in invited and "dana.lee@example.com" in invited
        assert "has an account" in hibachi("admin", "invite", "dana.lee@example.com", status=1).stderr
        assert hibachi("admin", "reset", "dana.lee@example.com").stdout != invited
        hibachi("admin", "disable", "dana.lee@example.com")
        assert "Dana Lee" in hibachi("admin", "list").stdout and "disabled" in hibachi("admin", "list").stdout

    def test_faults_are_said_in_words(self, hibachi: Run) -> None:
        assert "not an e-mail address" in hibachi("admin", "invite", "nonsense", status=1).stderr
        assert "Nobody here" in hibachi("admin", "reset", "a@example.com", status=1).stderr
        assert "A role is one of" in hibachi("admin", "invite", "a@example.com", "--role", "god", status=1).stderr


class TestSite:
    def test_add_change_list(self, hibachi: Run) -> None:
        added = hibachi("site", "add", "shop", "--origin", "https://Shop.example/", "--theme=--ember=#c2410c").stdout
        assert '<script async src="https://chat.example.com/widget.js" data-site="shop"></script>' in added
        assert "https://shop.example" in added and "identity secret" in added and "--ember: #c2410c" in added
        assert "asks for         name, email, phone" in added
        hibachi("site", "change", "shop", "--origin", "https://b.example", "--ask", "phone, event_date")
        listed = hibachi("site", "list").stdout
        assert "https://b.example" in listed and "https://shop.example" not in listed
        assert "asks for         phone, event_date" in listed
        assert "asks for         nothing" in hibachi("site", "change", "shop", "--ask", "none").stdout
        assert "identity secret" not in listed

    def test_faults_are_said_in_words(self, hibachi: Run) -> None:
        assert "wildcard" in hibachi("site", "add", "shop", "--origin", "https://*.example", status=1).stderr
        assert "at least one origin" in hibachi("site", "add", "shop", status=1).stderr
        assert "There are: name" in hibachi("site", "change", "shop", "--ask", "password", status=1).stderr
        assert "no site" in hibachi("site", "change", "shop", "--name", "x", status=1).stderr
