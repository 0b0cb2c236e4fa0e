"""Settings: the first thing every process reads, before anything is built.

`load_settings()` merges `hibachi.toml` and the environment (environment wins), checks the whole of it and returns one
frozen `Settings`, or raises one `SettingsError` that lists every fault: which setting, why, what is allowed. Only the
composition roots (gateway, workers, CLI) call it; what is below them gets plain values.

The merge is our own forty lines rather than pydantic-settings: that library stops at the first malformed value, does
not notice a misspelt name, and its import costs every process 0.2 s of a start that has 3 s.
"""

import difflib
import ipaddress
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

PREFIX = "HIBACHI_"
HOUSE = "house"


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One wrong setting. `name` is its dotted path in hibachi.toml, `variable` its environment name ("" if none)."""

    name: str
    variable: str
    why: str
    allowed: str


class SettingsError(Exception):
    """Some settings are wrong. The text is meant for the operator and never carries a secret's value."""

    def __init__(self, problems: list[SettingProblem]) -> None:
        self.problems = tuple(problems)
        count = "1 setting is wrong" if len(problems) == 1 else f"{len(problems)} settings are wrong"
        lines = [count + ":"]
        for problem in problems:
            variable = f" ({problem.variable})" if problem.variable else ""
            lines.append(f"  {problem.name}{variable}: {problem.why}")
            lines.append(f"      allowed: {problem.allowed}")
        super().__init__("\n".join(lines))


def _setting(default: Any, meaning: str, allowed: str, *, secret: bool = False, **constraints: Any) -> Any:
    """A field that knows what it means and what it may hold; both end up in docs/configuration.md and in errors."""
    extra = {"allowed": allowed, "secret": secret}
    return Field(default, description=meaning, json_schema_extra=extra, **constraints)


def _refuse(why: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{why}", {"why": why})


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refuse("it is not an http or https address")
    return value.rstrip("/")


def _origin(value: str) -> str:
    parts = urlsplit(_web_address(value))
    if parts.path.rstrip("/") or parts.query or parts.fragment or parts.username:
        raise _refuse("it has more than scheme, host and port")
    return value.rstrip("/")


def _address_of(*schemes: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if urlsplit(value.get_secret_value()).scheme not in schemes:
            raise _refuse(f"it does not begin with {' or '.join(s + '://' for s in schemes)}")
        return value

    return AfterValidator(check)


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        raise _refuse("one of them is neither an address nor a network") from None


def _existing_file(value: Path) -> Path:
    if not value.is_file():
        raise _refuse("there is no such file")
    return value


PostgresAddress = Annotated[SecretStr, _address_of("postgresql", "postgres", "postgresql+asyncpg")]
RedisAddress = Annotated[SecretStr, _address_of("redis", "rediss", "unix")]
Network = Annotated[str, AfterValidator(_network)]

_POSTGRES = "an address like postgresql://user:password@host:5432/name"


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, hide_input_in_errors=True)


class DatabaseSettings(Section):
    url: PostgresAddress | None = _setting(
        None, "PostgreSQL; unset: an embedded one is started", _POSTGRES, secret=True
    )
    reading: PostgresAddress | None = _setting(
        None, "replica for heavy reads; unset: the primary", _POSTGRES, secret=True
    )
    marketing: PostgresAddress | None = _setting(
        None, "own server of the marketing schema; unset: the primary", _POSTGRES, secret=True
    )
    analytics: PostgresAddress | None = _setting(
        None, "own server of the analytics schema; unset: the primary", _POSTGRES, secret=True
    )
    pool_size: int = _setting(10, "connections per process", "whole number from 1 to 200", ge=1, le=200)


class RedisSettings(Section):
    url: RedisAddress | None = _setting(
        None, "Redis; unset: an embedded one is started", "an address like redis://host:6379/0", secret=True
    )


class ModelSettings(Section):
    name: str = _setting(
        ...,
        "how the ensemble calls the model",
        'lower-case letters, digits, "-" and "_", unique; "house" is taken',
        pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$",
    )
    litellm: str = _setting(..., "LiteLLM model id", 'any LiteLLM model id, like "openai/gpt-4o"', min_length=1)
    api_base: Annotated[str, AfterValidator(_web_address)] | None = _setting(
        None, "address of the provider, if not its usual one", "an http or https address", secret=True
    )
    api_key_env: str | None = _setting(
        None,
        "name of the environment variable that holds the key",
        'the NAME of a variable, like "OPENAI_API_KEY"; never the key itself',
        secret=True,
        pattern=r"^[A-Z_][A-Z0-9_]{0,79}$",
    )
    first_token_s: float = _setting(
        15.0, "seconds to wait for the first token", "seconds, more than 0, at most 600", gt=0, le=600
    )
    idle_chunk_s: float = _setting(
        10.0, "seconds to wait between two chunks", "seconds, more than 0, at most 600", gt=0, le=600
    )


class EnsembleSettings(Section):
    answer: tuple[str, ...] = _setting(
        (), 'models in the order they are asked; "house" is always last; empty: all of [[models]]', "names of [[models]]"
    )
    house_tokens_per_second: float = _setting(
        40.0, "pace at which the house model types", "tokens a second, more than 0, at most 10000", gt=0, le=10_000
    )


class LimitSettings(Section):
    message_burst: int = _setting(
        10, "messages one visitor may send at once", "whole number from 1 to 1000", ge=1, le=1000
    )
    message_per_second: float = _setting(
        1.0, "messages a second after that", "more than 0, at most 100", gt=0, le=100
    )
    frame_burst: int = _setting(
        40, "frames of any kind one socket may send at once", "whole number from 1 to 10000", ge=1, le=10_000
    )
    frame_per_second: float = _setting(
        20.0, "frames a second after that", "more than 0, at most 1000", gt=0, le=1000
    )
    connections_per_address: int = _setting(
        200, "sockets one address may hold", "whole number from 1 to 1000000", ge=1, le=1_000_000
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        (), "proxies whose X-Forwarded-For is believed", 'a list like ["10.0.0.0/8"]'
    )


class BusinessSettings(Section):
    profile: Annotated[Path, AfterValidator(_existing_file)] | None = _setting(
        None, "business profile; unset: the one that ships", "path of a profile, a .toml file"
    )


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = _setting(
        "info", "least level that is logged", "debug, info, warning or error"
    )
    format: Literal["json", "console"] = _setting("json", "form of a log line", "json or console")


class Settings(Section):
    host: str = _setting(
        "127.0.0.1", "address the gateway listens on", "an address of this machine, like 127.0.0.1 or 0.0.0.0"
    )
    port: int = _setting(
        8000, "port; unset and taken: the next free one", "whole number from 1 to 65535", ge=1, le=65_535
    )
    public_url: Annotated[str, AfterValidator(_origin)] | None = _setting(
        None, "address the world sees, behind a proxy", "scheme, host and port, like https://chat.example.com"
    )
    data: Path = _setting(..., "folder of all data (environment only)", "a path that can be written")
    admin_email: str | None = _setting(
        None, "e-mail of the first owner", "an e-mail address", pattern=r"^[^@\s]+@[^@\s]+$", max_length=254
    )
    admin_password: SecretStr | None = _setting(
        None, "password of the first owner; unset: one is made and shown", "1 to 256 characters", secret=True,
        min_length=1, max_length=256,
    )  # fmt: skip
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    models: tuple[ModelSettings, ...] = ()
    ensemble: EnsembleSettings = EnsembleSettings()
    limits: LimitSettings = LimitSettings()
    business: BusinessSettings = BusinessSettings()
    log: LogSettings = LogSettings()
    # Set by load_settings, not by the operator.
    config_path: Path
    port_is_explicit: bool = False

    @model_validator(mode="after")
    def _models_fit_together(self) -> Self:
        names = [model.name for model in self.models]
        for place, name in enumerate(names):
            if name == HOUSE or name in names[:place]:
                why = "it is the house model's" if name == HOUSE else "two models have it"
                raise PydanticCustomError("models", "{why}", {"why": f'the name "{name}": {why}', "at": "models.name"})
        answer = self.ensemble.answer
        for place, name in enumerate(answer):
            if name == HOUSE and place != len(answer) - 1:
                raise _answer_error('"house" stands before another model, it is always last')
            if name != HOUSE and name not in names:
                raise _answer_error(f'no model is called "{name}"; known: {", ".join([*names, HOUSE])}')
            if name in answer[:place]:
                raise _answer_error(f'"{name}" stands there twice')
        return self

    @property
    def answer_order(self) -> tuple[str, ...]:
        """Names of the models that answer, in order; always ends with the house model."""
        chosen = self.ensemble.answer or tuple(model.name for model in self.models)
        return (*(name for name in chosen if name != HOUSE), HOUSE)

    def redacted(self) -> dict[str, Any]:
        """Everything as JSON values, secrets as asterisks: what may be printed."""
        return self.model_dump(mode="json")


def _answer_error(why: str) -> PydanticCustomError:
    return PydanticCustomError("models", "{why}", {"why": why, "at": "ensemble.answer"})


_DERIVED = frozenset({"data", "config_path", "port_is_explicit"})
# The usual names that hosts set; our own names win over them.
_USUAL = {"DATABASE_URL": ("database", "url"), "REDIS_URL": ("redis", "url")}


def default_data_folder() -> Path:
    """`.hibachi` in a checkout (git-ignored, easy to find and to throw away), else the user's data folder."""
    root = Path(__file__).resolve().parent.parent
    if (root / "pyproject.toml").is_file() and (root / "Makefile").is_file():
        return root / ".hibachi"
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "hibachi"


def load_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Reads file and environment. Raises SettingsError with every fault found. Makes no file and no folder."""
    data = Path(env.get("HIBACHI_DATA") or default_data_folder()).expanduser().resolve()
    config_path = Path(env.get("HIBACHI_CONFIG") or data / "hibachi.toml").expanduser().resolve()
    problems: list[SettingProblem] = []
    values = _read_file(config_path, problems)
    for name in sorted(_DERIVED & values.keys()):
        del values[name]
        problems.append(SettingProblem(name, "", "it cannot be set in the file", "HIBACHI_DATA in the environment"))
    _overlay_environment(values, env, problems)
    values |= {"data": data, "config_path": config_path, "port_is_explicit": "port" in values}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        known = {problem.name for problem in problems}
        problems += [p for p in map(_problem, error.errors()) if p.name not in known]
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
        keys = tuple(variable.removeprefix(PREFIX).lower().split("__"))
        field = _field_at(keys)
        if field is None:
            _report_unknown(variable, problems)
            continue
        value: Any = env[variable]
        if _holds_list(field):
            try:
                value = json.loads(value)
            except ValueError:
                problems.append(SettingProblem(".".join(keys), variable, "it is not JSON", _allowed(field, "a JSON list")))
                continue
        _put(values, keys, value)


def _put(values: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    for key in keys[:-1]:
        inner = values.setdefault(key, {})
        if not isinstance(inner, dict):
            return  # the file holds nonsense there; validation of the file's value reports it
        values = inner
    values[keys[-1]] = value


def environment_names() -> dict[str, FieldInfo]:
    """Every environment variable that sets a value, with the field it sets."""
    names: dict[str, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            names |= {f"{PREFIX}{name}__{key}".upper(): inner for key, inner in kind.model_fields.items()}
        elif name not in _DERIVED:
            names[f"{PREFIX}{name}".upper()] = field
    return names


def _field_at(keys: tuple[str, ...]) -> FieldInfo | None:
    return environment_names().get(PREFIX + "__".join(keys).upper())


def _holds_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def _report_unknown(variable: str, problems: list[SettingProblem]) -> None:
    """A misspelt setting is a fault; a HIBACHI_ name of somebody else's (a test rig's, say) is none of our business."""
    near = difflib.get_close_matches(variable, environment_names(), n=1, cutoff=0.8)
    if near or "__" in variable:
        allowed = f"did you mean {near[0]}?" if near else "the names in docs/configuration.md"
        problems.append(SettingProblem(variable, "", "there is no such setting", allowed))


def _allowed(field: FieldInfo, otherwise: str) -> str:
    extra = field.json_schema_extra
    return str(extra["allowed"]) if isinstance(extra, dict) and "allowed" in extra else otherwise


def _problem(error: ErrorDetails) -> SettingProblem:
    """One fault of pydantic's in our words. Never the value: it may be a secret in the wrong place."""
    context = error.get("ctx", {})
    if error["type"] == "models":
        path = str(context["at"])
        return SettingProblem(path, _variable(path), str(context["why"]), _allowed_at(path))
    path = ".".join(str(part) for part in error["loc"])
    plain = re.sub(r"\.\d+(?=\.|$)", "", path)
    if error["type"] == "extra_forbidden":
        *parents, last = plain.split(".")
        siblings = list(_fields_of(parents) - _DERIVED)
        near = difflib.get_close_matches(last, siblings, n=1)
        allowed = f'did you mean "{near[0]}"?' if near else ", ".join(sorted(siblings))
        return SettingProblem(path, "", "there is no such setting", allowed)
    return SettingProblem(path, _variable(plain), _why(error), _allowed_at(plain))


def _why(error: ErrorDetails) -> str:
    why = error["msg"].removeprefix("Input ").removeprefix("should ")
    if error["type"] == "refused":
        return why
    if error["type"] == "missing":
        return "it is missing"
    return "it does not have the right form" if "pattern" in error["type"] else f"must {why[0].lower()}{why[1:]}"


def _variable(path: str) -> str:
    name = PREFIX + path.upper().replace(".", "__")
    if path.startswith("models"):
        return PREFIX + "MODELS"
    return name if name in environment_names() else ""


def _section_at(parents: list[str]) -> type[BaseModel]:
    section: type[BaseModel] = Settings
    for name in parents:
        kind = section.model_fields[name].annotation
        kind = get_args(kind)[0] if get_origin(kind) is tuple else kind
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            break
        section = kind
    return section


def _fields_of(parents: list[str]) -> set[str]:
    return set(_section_at(parents).model_fields)


def _allowed_at(path: str) -> str:
    *parents, last = path.split(".")
    field = _section_at(parents).model_fields.get(last)
    if field is None:
        return "see docs/configuration.md"
    return _allowed(field, "[[models]] tables" if path == "models" else f"a table [{path}]")
