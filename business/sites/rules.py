"""What a site key, an origin, a theme, a question and a greeting may be. Pure values; BadRequest says what is wrong and what is allowed."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from kernel.errors import BadRequest

DEMO = "demo"

# The tokens of the design language; a theme changes these and nothing else.
THEME_NAMES = (
    "--surface",
    "--surface-sunk",
    "--surface-raised",
    "--line",
    "--ink",
    "--ink-soft",
    "--ink-faint",
    "--ember",
    "--person",
    "--assistant",
    "--note",
    "--good",
    "--warn",
    "--bad",
)

# What the widget may ask a visitor for, after their first message. Consent to texts is a box beside the phone number, one for each purpose.
QUESTIONS = ("name", "email", "phone", "sms_consent", "sms_marketing", "event_date")
USUAL_QUESTIONS = ("name", "email", "phone")

# The languages that the widget speaks; a site's first words in each.
LANGUAGES = ("en", "es")
LONGEST_GREETING = 120

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_NUMBER = r"\s*[+-]?\d{1,4}(?:\.\d{1,6})?(?:%|deg)?\s*"
_FUNCTION = re.compile(rf"(?:rgba?|hsla?|oklch|oklab)\({_NUMBER}(?:[ ,]{_NUMBER}){{2}}(?:[,/]{_NUMBER})?\)", re.IGNORECASE)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_USUAL_PORT = {"http": 80, "https": 443}


def key(value: str) -> str:
    """A site key: it stands in a page's source and in an address. Raises BadRequest."""
    if not _KEY.fullmatch(value):
        raise BadRequest("A site key has 1 to 40 characters: a to z, 0 to 9 and hyphens inside, like my-restaurant.")
    return value


def name(value: str) -> str:
    """A site's name, 1 to 80 printable characters. Raises BadRequest."""
    normal = " ".join(value.split())
    if not 1 <= len(normal) <= 80 or not normal.isprintable():
        raise BadRequest("A site's name has 1 to 80 characters.")
    return normal


def origin(value: str) -> str:
    """`scheme://host[:port]` as a browser sends it in Origin: lower case, ASCII, no usual port. Raises BadRequest."""
    wrong = f"{value[:120]!r} is not an origin. Give scheme, host and port only, like https://www.example.com"
    if "*" in value:
        raise BadRequest(f"{wrong}; a wildcard would let in sites that are not yours.")
    value = value.strip()
    if not value.isprintable() or " " in value:  # urlsplit would drop a line break in silence
        raise BadRequest(f"{wrong}.")
    try:
        parts = urlsplit(value)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError) as error:
        raise BadRequest(f"{wrong}.") from error
    if parts.scheme not in _USUAL_PORT:
        raise BadRequest(f"{wrong}; the scheme is http or https.")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "?" in value or "#" in value:
        raise BadRequest(f"{wrong}; a path says nothing here: a browser never sends one.")
    if "@" in parts.netloc or not _is_host(host) or (port is not None and port == 0):
        raise BadRequest(f"{wrong}.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port in (None, _USUAL_PORT[parts.scheme]) else f":{port}")


def origins(values: Iterable[str]) -> tuple[str, ...]:
    """Each normalised, each once, in order. Raises BadRequest."""
    return tuple(dict.fromkeys(origin(value) for value in values))


def own_origins(public_url: str | None, host: str, port: int) -> frozenset[str]:
    """Where the install's own pages come from: its public address, and on a loopback bind every name of the loopback."""
    own = {origin(public_url)} if public_url else set()
    if host in _LOOPBACK:
        own |= {origin(f"http://{name}:{port}") for name in ("localhost", "127.0.0.1", "[::1]")}
    return frozenset(own)


def theme(values: Mapping[str, str]) -> dict[str, str]:
    """CSS custom properties of the design language with colours. Raises BadRequest."""
    for property_name, colour in values.items():
        if property_name not in THEME_NAMES:
            raise BadRequest(f"{property_name[:60]!r} is not a colour of the theme. There are: {', '.join(THEME_NAMES)}.")
        if len(colour) > 60 or not (_HEX.fullmatch(colour) or _FUNCTION.fullmatch(colour)):
            raise BadRequest(f"{property_name}: {colour[:60]!r} is not a colour. Give one like #c2410c or rgb(194 65 12).")
    return dict(values)


def questions(values: Iterable[str]) -> tuple[str, ...]:
    """What the widget asks for, each once, in the order given; none: it does not ask. Raises BadRequest."""
    asked = tuple(dict.fromkeys(values))
    for one in asked:
        if one not in QUESTIONS:
            raise BadRequest(f"{one[:60]!r} is nothing that the widget can ask for. There are: {', '.join(QUESTIONS)}.")
    return asked


def greeting(values: Mapping[str, str]) -> dict[str, str]:
    """The site's own first words by language, each one line; where they are empty the usual ones stand. Raises BadRequest."""
    told = {}
    for locale, text in values.items():
        if locale not in LANGUAGES:
            raise BadRequest(f"{locale[:20]!r} is no language of the widget. There are: {', '.join(LANGUAGES)}.")
        normal = " ".join(text.split())
        if len(normal) > LONGEST_GREETING or not normal.isprintable():
            raise BadRequest(f"A greeting is one line of at most {LONGEST_GREETING} characters.")
        if normal:
            told[locale] = normal
    return told


def _is_host(host: str) -> bool:
    if ":" in host:
        return re.fullmatch(r"[0-9a-f:.]{2,45}", host) is not None
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split("."))
