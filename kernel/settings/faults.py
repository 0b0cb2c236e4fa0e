"""What is said of a wrong setting: which, why, what is allowed. Never the value: it may be a misplaced secret."""

import difflib
import re
from dataclasses import dataclass
from typing import get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from kernel.settings.schema import DERIVED, Settings
from kernel.settings.section import Section

PREFIX = "HIBACHI_"


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


def environment_names() -> dict[str, FieldInfo]:
    """Every environment variable that sets a value, with the field it sets."""
    names: dict[str, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            names |= {f"{PREFIX}{name}__{key}".upper(): inner for key, inner in kind.model_fields.items() if not _is_table(inner)}
        elif name not in DERIVED:
            names[f"{PREFIX}{name}".upper()] = field
    return names


def _is_table(field: FieldInfo) -> bool:
    """Whether it holds tables, which only the file can."""
    kind = field.annotation
    inner = get_args(kind)[0] if get_origin(kind) is tuple else kind
    return get_origin(kind) is dict or (isinstance(inner, type) and issubclass(inner, Section))


def field_at(keys: tuple[str, ...]) -> FieldInfo | None:
    return environment_names().get(PREFIX + "__".join(keys).upper())


def holds_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def unknown_variable(variable: str) -> SettingProblem | None:
    """A misspelt setting is a fault; a HIBACHI_ name of somebody else's (a test rig's, say) is none of our business."""
    near = difflib.get_close_matches(variable, environment_names(), n=1, cutoff=0.8)
    if near or "__" in variable:
        allowed = f"did you mean {near[0]}?" if near else "the names in docs/configuration.md"
        return SettingProblem(variable, "", "there is no such setting", allowed)
    return None


def allowed_in(field: FieldInfo, otherwise: str) -> str:
    extra = field.json_schema_extra
    return str(extra["allowed"]) if isinstance(extra, dict) and "allowed" in extra else otherwise


def problem_of(error: ErrorDetails) -> SettingProblem:
    """One fault of pydantic's in our words. Never the value: it may be a secret in the wrong place."""
    context = error.get("ctx", {})
    if error["type"] == "models":
        path = str(context["at"])
        return SettingProblem(path, _variable(path), str(context["why"]), _allowed_at(path))
    path = ".".join(str(part) for part in error["loc"])
    plain = re.sub(r"\.\d+(?=\.|$)", "", path)
    if error["type"] == "extra_forbidden":
        *parents, last = plain.split(".")
        siblings = list(_fields_of(parents) - DERIVED)
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
    names = iter(parents)
    for name in names:
        kind = section.model_fields[name].annotation if name in section.model_fields else None
        if get_origin(kind) is dict:
            next(names, None)  # the name that somebody gave a table
        kind = get_args(kind)[-1] if get_origin(kind) is dict else get_args(kind)[0] if get_origin(kind) is tuple else kind
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
    return allowed_in(field, "[[models]] tables" if path == "models" else f"a table [{path}]")
