"""A data folder for tests that start whole systems on it."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from gateway.supervisor.places import private_temporary
from tests.platform.up import on_folder


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose parents do not exist yet; whatever a failed test leaves running on it is ended."""
    folder = tmp_path / "deep" / "data"
    yield folder
    for process in on_folder(folder):
        with suppress(psutil.Error):
            process.kill()
    shutil.rmtree(private_temporary(folder), ignore_errors=True)
