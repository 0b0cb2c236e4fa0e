"""What is wrong with a payload, in words for the person who wrote the client: which field, why; nothing of what was sent or is inside."""

from pydantic import ValidationError

from kernel.errors import BadRequest, GatewayError, TooLarge

_WHY = {
    "missing": "is missing",
    "extra_forbidden": "is not a field here",
    "uuid_parsing": "must be a UUID",
    "uuid_type": "must be a UUID",
    "string_type": "must be a string",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_too_short": "is empty",
    "literal_error": "is none of the allowed values",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
}


def refusal_of(error: ValidationError) -> GatewayError:
    """BadRequest or TooLarge for the first thing that is wrong."""
    first = error.errors(include_url=False, include_context=True, include_input=False)[0]
    where = ".".join(str(part)[:40] for part in first["loc"])
    kind, context = first["type"], first.get("ctx") or {}
    if kind in ("string_too_long", "too_long"):
        return TooLarge(f"'{where}' is too long: at most {context.get('max_length')}.")
    if kind == "value_error":
        why = str(context.get("error"))
        return BadRequest(f"{why[:1].upper()}{why[1:]}.")
    if kind == "json_invalid":
        return BadRequest("The body is not JSON that we can read.")
    return BadRequest(f"'{where}' {_WHY.get(kind, 'is not of the right kind')}." if where else "This payload is not valid.")
