"""What `hibachi doctor` says of distances and of the encoder."""

from pathlib import Path

import pytest

from gateway.cli.doctor import Finding, examine
from kernel.settings import load_settings


async def said_of(subject: str, folder: Path, toml: str = "", **env: str) -> Finding:
    (folder / "hibachi.toml").write_text(toml)
    findings = await examine(load_settings({"HIBACHI_DATA": str(folder)}), env)
    (found,) = [finding for finding in findings if finding.subject == subject]
    return found


class TestDistances:
    @pytest.mark.parametrize(
        ("toml", "env", "level", "said"),
        [
            ("", {}, "note", "estimated from ZIP codes"),
            ('[travel]\nprovider = "google"\nkey_env = "MAPS_KEY"\n', {}, "fault", "MAPS_KEY is not set"),
            ('[travel]\nprovider = "google"\nkey_env = "MAPS_KEY"\n', {"MAPS_KEY": "s3cret"}, "ok", "addresses are measured"),
            ('[travel]\nprovider = "osrm"\naddress = "http://127.0.0.1:5000"\n', {}, "ok", "knows no addresses"),
        ],
    )
    async def test_says_who_measures_and_what_serves_instead(
        self, tmp_path: Path, toml: str, env: dict[str, str], level: str, said: str
    ) -> None:
        found = await said_of("distances", tmp_path, toml, **env)
        assert found.level == level
        assert said in found.text
        assert "s3cret" not in found.text


class TestTheEncoder:
    async def test_is_there(self, tmp_path: Path) -> None:
        assert (await said_of("encoder", tmp_path)).level == "ok"

    async def test_that_is_absent_is_no_fault(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("knowledge.embedding.weights.PACKAGE", "a_package_that_nobody_has")
        found = await said_of("encoder", tmp_path)
        assert found.level == "note"
        assert "not installed: messages are routed by words and rules alone" in found.text
