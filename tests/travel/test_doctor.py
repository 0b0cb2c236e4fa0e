"""What `hibachi doctor` says of distances."""

from pathlib import Path

import pytest

from gateway.cli.doctor import Finding, examine
from kernel.settings import load_settings


async def distances(folder: Path, toml: str, **env: str) -> Finding:
    (folder / "hibachi.toml").write_text(toml)
    findings = await examine(load_settings({"HIBACHI_DATA": str(folder)}), env)
    (found,) = [finding for finding in findings if finding.subject == "distances"]
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
        found = await distances(tmp_path, toml, **env)
        assert found.level == level
        assert said in found.text
        assert "s3cret" not in found.text
