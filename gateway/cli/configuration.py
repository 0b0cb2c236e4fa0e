"""docs/configuration.md, made from the settings' own meanings and limits: it cannot say what the code does not."""

import json
from typing import Any

from pydantic.fields import FieldInfo

from kernel.settings import Budget, Shadow, Way, environment_names
from kernel.settings.schema import ModelSettings
from kernel.settings.section import Section

_HEAD = """\
# Configuration

One file, `hibachi.toml` in the data folder (`HIBACHI_CONFIG` names another), written with commented examples at the first
start and never overwritten. Every value can also be given in the environment, which wins; lists are JSON. A wrong value
stops the start with status 2 and says which, why, and what is allowed. `hibachi doctor` says what runs and what is missing.

| environment only | meaning |
|---|---|
| `HIBACHI_DATA` | folder of all data; default `.hibachi` in a checkout, else `~/.local/share/hibachi` |
| `HIBACHI_CONFIG` | path of `hibachi.toml`; default: in the data folder |
| `DATABASE_URL`, `REDIS_URL` | the usual names of `database.url` and `redis.url`; `HIBACHI_...` wins over them |

## Settings

| in hibachi.toml | in the environment | default | meaning | allowed |
|---|---|---|---|---|
"""
_MODELS = """
## Models

`[[models]]` tables, in the environment as one JSON list. The built-in model `house` is always there and always last.

| key | default | meaning | allowed |
|---|---|---|---|
"""
_ENSEMBLE = """
## Ways, budgets, shadows

Tables of the file alone. `[ensemble.stakes.low]` and `[ensemble.stakes.high]` are ways for what may go wrong with words and for what may
not; `[ensemble.agents.NAME]` is a way for one agent and comes before its stakes. What a way leaves out it has from `[ensemble]`.
"""
_TABLE = """
### {title}

| key | default | meaning | allowed |
|---|---|---|---|
"""
_EXAMPLE = """
```toml
[[models]]
name = "teacher"
litellm = "openai/gpt-4o"
api_key_env = "OPENAI_API_KEY"

[ensemble]
answer = ["teacher", "house"]
```
"""
_TABLES: dict[str, type[Section]] = {
    "`[ensemble.stakes.high]`, `[ensemble.agents.NAME]`": Way,
    "`[ensemble.budget]`": Budget,
    "`[[ensemble.shadows]]`": Shadow,
}


def document() -> str:
    """The whole page."""
    rows = [
        f"| {_key(variable)} | `{variable}` | {_default(field)} | {_cells(field)} |"
        for variable, field in environment_names().items()
        if variable != "HIBACHI_MODELS"
    ]
    rows.append("| `[[models]]` | `HIBACHI_MODELS` | none | models that can answer, see below | tables, or a JSON list |")
    page = _HEAD + "\n".join(rows) + "\n" + _MODELS + _keys(ModelSettings) + _EXAMPLE + _ENSEMBLE
    return page + "".join(_TABLE.format(title=title) + _keys(section) for title, section in _TABLES.items())


def _keys(section: type[Section]) -> str:
    return "\n".join(f"| `{name}` | {_default(field)} | {_cells(field)} |" for name, field in section.model_fields.items()) + "\n"


def _key(variable: str) -> str:
    name = variable.removeprefix("HIBACHI_").lower()
    section, _, key = name.partition("__")
    return f"`[{section}] {key}`" if key else f"`{name}`"


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if field.is_required():
        return "required"
    if value is None:
        return "unset"
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`"
    return f"`{value}`"


def _cells(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    allowed = extra["allowed"] if isinstance(extra, dict) else ""
    return f"{field.description} | {allowed}".replace("\n", " ")
