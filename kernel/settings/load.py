"""Reads hibachi.toml and the environment into one checked, frozen `Settings`.

The merge is our own forty lines rather than pydantic-settings: that library stops at the first malformed value, does
not notice a misspelt name, and its import costs every process 0.2 s of a start that has 3 s.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kernel.settings.faults import (
    PREFIX,
    SettingProblem,
    SettingsError,
    allowed_in,
    field_at,
    holds_list,
    problem_of,
    unknown_variable,
)
from kernel.settings.schema import DERIVED, Settings

# The usual names that hosts set; our own names win over them.
_USUAL = {"DATABASE_URL": ("database", "url"), "REDIS_URL": ("redis", "url")}


def default_data_folder(env: Mapping[str, str]) -> Path:
    """`.hibachi` in a checkout (git-ignored, easy to find and to throw away), else the user's data folder."""
    root = Path(__file__).resolve().parents[2]
    if (root / "pyproject.toml").is_file() and (root / "Makefile").is_file():
        return root / ".hibachi"
    base = env.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "hibachi"


def load_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Reads file and environment. Raises SettingsError with every fault found. Makes no file and no folder."""
    data = Path(env.get("HIBACHI_DATA") or default_data_folder(env)).expanduser().resolve()
    config_path = Path(env.get("HIBACHI_CONFIG") or data / "hibachi.toml").expanduser().resolve()
    problems: list[SettingProblem] = []
    values = _read_file(config_path, problems)
    for name in sorted(DERIVED & values.keys()):
        del values[name]
        problems.append(SettingProblem(name, "", "it cannot be set in the file", "HIBACHI_DATA in the environment"))
    _overlay_environment(values, env, problems)
    values |= {"data": data, "config_path": config_path, "port_is_explicit": "port" in values}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        known = {problem.name for problem in problems}
        problems += [p for p in map(problem_of, error.errors()) if p.name not in known]
    if problems:
        raise SettingsError(problems)
    return settings


def _read_file(path: Path, problems: list[SettingProblem]) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # A decode error names line and column, never the line's text.
        problems.append(SettingProblem(str(path), "HIBACHI_CONFIG", f"not TOML: {error}", "a TOML file"))
        return {}
    except OSError as error:
        why = error.strerror or "it cannot be read"
        problems.append(SettingProblem(str(path), "HIBACHI_CONFIG", why, "a file that can be read"))
        return {}
    business = values.get("business")
    if isinstance(business, dict) and isinstance(business.get("profile"), str):
        # A path in the file is meant from the file, not from wherever the command was called.
        business["profile"] = str(path.parent / Path(business["profile"]).expanduser())
    return values


def _overlay_environment(values: dict[str, Any], env: Mapping[str, str], problems: list[SettingProblem]) -> None:
    for usual, keys in _USUAL.items():
        if env.get(usual):
            _put(values, keys, env[usual])
    for variable in sorted(env):
        if not variable.startswith(PREFIX) or not env[variable] or variable in ("HIBACHI_DATA", "HIBACHI_CONFIG"):
            continue
        path = tuple(variable.removeprefix(PREFIX).lower().split("__"))
        field = field_at(path)
        if field is None:
            problems += filter(None, [unknown_variable(variable)])
            continue
        value: Any = env[variable]
        if holds_list(field):
            try:
                value = json.loads(value)
            except ValueError:
                problems.append(SettingProblem(".".join(path), variable, "it is not JSON", allowed_in(field, "a JSON list")))
                continue
        _put(values, path, value)


def _put(values: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    for key in keys[:-1]:
        inner = values.setdefault(key, {})
        if not isinstance(inner, dict):
            return  # the file holds nonsense there; validation of the file's value reports it
        values = inner
    values[keys[-1]] = value
