"""Wrong arguments in words by which a model mends its call: which one, why, what is allowed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

FAULTS_SAID = 6
CHOICES_SAID = 40


def say_faults(args: type[BaseModel], errors: Sequence[ErrorDetails]) -> str:
    """One line per fault; a model that got everything wrong is told the first few."""
    schema = args.model_json_schema()
    lines = [_say(schema, error) for error in errors[:FAULTS_SAID]]
    return "\n".join(dict.fromkeys(lines))


def _say(schema: Mapping[str, Any], error: ErrorDetails) -> str:
    if error["type"] in ("json_invalid", "json_type") and not error["loc"]:
        return "the arguments are not a JSON object"
    path = [part for part in error["loc"] if isinstance(part, int) or not part.startswith(("function-", "constrained-"))]
    where = ".".join(map(str, path)) or "the arguments"
    if error["type"] == "extra_forbidden":
        parent, _ = _found(schema, path[:-1])
        known = ", ".join(parent.get("properties", {})) or "none"
        return f"{where}: there is no such argument; allowed: {known}"
    fragment, _ = _found(schema, path)
    why = "it is missing" if error["type"] == "missing" else error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{where}: {why if error['type'] == 'missing' else _must(why)}; allowed: {_allowed(fragment)}"


def _must(why: str) -> str:
    return why if why.startswith(("must ", "it ", "there ")) else f"must be {why[0].lower()}{why[1:]}"


def _found(schema: Mapping[str, Any], path: Sequence[int | str]) -> tuple[Mapping[str, Any], bool]:
    """The part of a schema at a path, and whether the whole path was there."""
    at = _resolved(schema, schema)
    for part in path:
        inner = at.get("items") if isinstance(part, int) else at.get("properties", {}).get(part, at.get("additionalProperties"))
        if not isinstance(inner, dict):
            return at, False
        at = _resolved(schema, inner)
    return at, True


def _resolved(schema: Mapping[str, Any], at: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follows a reference, and an optional argument to what it is when it is given."""
    if "$ref" in at:
        return {**schema["$defs"][at["$ref"].rpartition("/")[2]], **{k: v for k, v in at.items() if k == "description"}}
    given = [option for option in at.get("anyOf", []) if option.get("type") != "null"]
    if len(given) == 1:
        return {**_resolved(schema, given[0]), **{k: v for k, v in at.items() if k == "description"}}
    return at


def _allowed(at: Mapping[str, Any]) -> str:
    if "enum" in at:
        return ", ".join(json.dumps(value) for value in at["enum"][:CHOICES_SAID])
    kinds = {"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false"}
    kinds |= {"array": "a list", "object": "an object"}
    said = [kinds.get(str(at.get("type")), "see the description")]
    said += [f"{word} {at[key]}" for key, word in (("minimum", "from"), ("maximum", "to"), ("pattern", "matching")) if key in at]
    if at.get("format") in ("date", "time", "date-time"):
        said.append({"date": "like 2027-05-31", "time": "like 18:00"}.get(at["format"], "with date and time"))
    if "maxLength" in at:
        said.append(f"of at most {at['maxLength']} characters")
    if at.get("type") == "array" and "enum" in at.get("items", {}):
        said.append("of " + ", ".join(json.dumps(value) for value in at["items"]["enum"][:CHOICES_SAID]))
    if "description" in at:
        said.append(f"({at['description']})")
    return " ".join(said)
