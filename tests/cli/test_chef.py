"""`hibachi chef` as an operator calls it, in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.chef import app

Run = Callable[..., str]


@pytest.fixture
def chef(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command; what it printed, or said where its status is not 0."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("HIBACHI_DATA", str(tmp_path))
    monkeypatch.setenv("HIBACHI_CONFIG", str(tmp_path / "hibachi.toml"))

    def run(*arguments: str, status: int = 0) -> str:
        done = CliRunner().invoke(app, list(arguments))
        assert done.exit_code == status, done.output
        return done.output

    return run


class TestChef:
    def test_add_hours_change_list(self, chef: Run) -> None:
        added = chef("add", "Kenji", "--largest", "medium", "--rating", "4.85")
        assert "Kenji   fremont   parties up to medium   rated 4.85" in added
        number = added.split()[0]
        kept = chef("hours", number, "--weekly", "sat=12:00-25:30", "--on", "2026-12-24=10:00-20:00", "--off", "2026-12-25")
        assert [line.strip() for line in kept.splitlines()[1:]] == ["sat 12:00-25:30", "2026-12-24 10:00-20:00", "off 2026-12-25 all day"]
        assert chef("hours", number) == kept == chef("list")
        assert "inactive" in chef("change", number, "--inactive") and "unrated" in chef("add", "Mei")
        assert [line.split()[1] for line in chef("list").splitlines() if "fremont" in line] == ["Mei", "Kenji"], "who cooks first"

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("hours", "1", "--weekly", "someday=12:00-13:00"), "begin with a weekday"),
            (("hours", "1", "--weekly", "sat=noon"), "give hours from and to"),
            (("hours", "1", "--on", "christmas=12:00-13:00"), "begin with a day"),
            (("add", "Kenji", "--rating", "6"), "less than or equal to 5"),
        ],
    )
    def test_faults_are_said_in_words(self, chef: Run, arguments: tuple[str, ...], said: str) -> None:
        assert said in " ".join(chef(*arguments, status=2).replace("│", " ").split())

    def test_nobody_of_that_number_or_station(self, chef: Run) -> None:
        assert "no chef 4711" in chef("change", "4711", "--name", "X", status=1)
        assert "no such station" in chef("add", "Kenji", "--station", "atlantis", status=1)
        number = chef("add", "Kenji").split()[0]
        assert "end before they begin" in chef("hours", number, "--weekly", "sat=13:00-12:00", status=1)
