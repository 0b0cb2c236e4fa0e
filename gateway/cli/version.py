"""The version: of the installed distribution, else of the checkout that runs without being one."""

import tomllib
from importlib import metadata
from pathlib import Path


def version() -> str:
    """Like "0.1.0"."""
    source = Path(__file__).resolve().parents[2] / "pyproject.toml"
    if source.is_file():
        return str(tomllib.loads(source.read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version("hibachi-gateway")
