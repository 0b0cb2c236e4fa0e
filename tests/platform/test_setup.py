"""The set-up: what it says where it cannot go on, and that it does nothing twice. (The whole of it is `make run` itself.)"""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tools" / "setup.py"


@pytest.fixture
def setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hibachi_setup", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def on_bare_machine(tmp_path: Path, before: str) -> subprocess.CompletedProcess[str]:
    """Runs the set-up of an empty checkout, in a Python that `before` has taken something away from."""
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "setup.py"
    script.write_text(SCRIPT.read_text())
    code = f"{before}\nimport runpy, sys\nsys.argv = ['setup.py', 'run']\nrunpy.run_path({str(script)!r}, run_name='__main__')"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


class TestMissing:
    @pytest.mark.parametrize("module", ["venv", "ensurepip"])
    def test_venv_or_pip_is_answered_with_one_package_and_status_2(self, tmp_path: Path, module: str) -> None:
        without = (
            "import importlib.util as u\nfind = u.find_spec\n"
            f"u.find_spec = lambda name, *rest: None if name == {module!r} else find(name, *rest)"
        )
        ended = on_bare_machine(tmp_path, without)
        assert ended.returncode == 2
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        assert f"Install the package python{version}-venv," in ended.stderr or "package python3-venv," in ended.stderr
        assert not (tmp_path / ".venv").exists()

    def test_an_old_python_is_answered_with_status_2(self, tmp_path: Path) -> None:
        ended = on_bare_machine(tmp_path, "import sys\nsys.version_info = (3, 10, 2)")
        assert ended.returncode == 2
        assert "this is Python 3.10; Hibachi needs 3.11" in ended.stderr


class TestStamps:
    def test_outlive_a_break_and_know_what_they_were_made_from(self, setup: ModuleType, tmp_path: Path) -> None:
        path = tmp_path / "stamps.json"
        setup.Stamps(path).put("environment", "key")
        again = setup.Stamps(path)
        assert again.holds("environment", "key")
        assert not again.holds("environment", "other key") and not again.holds("project", "key")

    def test_a_torn_file_means_nothing_is_done(self, setup: ModuleType, tmp_path: Path) -> None:
        path = tmp_path / "stamps.json"
        path.write_text('{"environment": ')
        assert not setup.Stamps(path).holds("environment", "key")


class TestMake:
    def test_help_lists_every_target(self) -> None:
        printed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for target in ("run", "dev", "test", "check", "bench", "prove", "lock", "help"):
            assert f"make {target} " in printed
