"""What is allowed in an e-mail address, a name and a password; how long things live. Pure values."""

import hashlib
import ipaddress
import re
import secrets
import unicodedata
from datetime import timedelta
from typing import Literal, cast, get_args

from kernel.errors import BadRequest

Role = Literal["owner", "admin", "agent"]
ROLES: tuple[str, ...] = get_args(Role)

SESSION_IDLE = timedelta(hours=12)  # a session slides this far with every request
SESSION_LIFE = timedelta(days=7)  # and ends here whatever happens
SESSION_SLIDE_AFTER = timedelta(minutes=10)  # fewer writes: slides once it is this stale
LINK_LIFE = timedelta(minutes=15)
SOCKET_TOKEN_LIFE = timedelta(seconds=60)
FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_ALLOWED = 10  # per window and address, and per window and account

PASSWORD_MIN = 10
PASSWORD_MAX = 256
DEFAULT_OWNER = "admin@localhost"
OWNERS_LOCK = "staff owners"  # held by whoever changes who owns the install

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,190}")
# No 0, O, 1, l, I: it is typed from a terminal.
_READABLE = "23456789abcdefghjkmnpqrstuvwxyz"


def email(value: str) -> str:
    """The address in the one form that is stored. Raises BadRequest where it is none."""
    normal = unicodedata.normalize("NFKC", value).strip().lower()
    if not _EMAIL.fullmatch(normal):
        raise BadRequest(f"That is not an e-mail address: {value[:80]!r}.")
    return normal


def name(value: str) -> str:
    """A person's name as customers will see it, 1 to 80 characters. Raises BadRequest."""
    normal = " ".join("".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", value)).split())
    if not 1 <= len(normal) <= 80:
        raise BadRequest("A name has 1 to 80 characters.")
    return normal


def role(value: str) -> Role:
    """One of the roles. Raises BadRequest."""
    if value in ROLES:
        return cast(Role, value)
    raise BadRequest(f"A role is one of {', '.join(ROLES)}.")


def normal_password(value: str) -> str:
    """One form however the keyboard composed it; applied before hashing and before verifying."""
    return unicodedata.normalize("NFKC", value)


def own_password(value: str, *, email: str, one_time: str | None) -> str:
    """A password that somebody chose, in its normal form. Raises BadRequest with what is wrong with it."""
    password = normal_password(value)
    if len(password) < PASSWORD_MIN:
        raise BadRequest(f"Choose a password of at least {PASSWORD_MIN} characters. A short sentence is a good one.")
    if len(password) > PASSWORD_MAX:
        raise BadRequest(f"Choose a password of at most {PASSWORD_MAX} characters.")
    if password.lower() in (email, email.partition("@")[0]):
        raise BadRequest("Choose a password that is not your e-mail address.")
    if len(set(password)) < 4:
        raise BadRequest("Choose a password of more than three different characters.")
    if one_time is not None and password == one_time:
        raise BadRequest("Choose a password of your own: this one was printed on a screen.")
    return password


def one_time_password() -> str:
    """Four groups of four, 79 bits: `k7mq-2dxr-h8wp-c3vz`."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


def secret() -> str:
    """256 random bits that may stand in a cookie or an address."""
    return secrets.token_urlsafe(32)


def hashed(value: str) -> str:
    """What is kept of a secret, or of an account in the list of failures: its SHA-256, in hex."""
    return hashlib.sha256(value.encode()).hexdigest()


def account_key(given: str) -> str:
    """Which account a login is counted against, however its address was spelt; known or not."""
    try:
        return hashed(email(given))
    except BadRequest:
        return hashed(given)


def address_key(address: str) -> str:
    """Who is counted as one caller: an IPv4 address, or the /64 of an IPv6 address, since one subscriber has all of it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64].replace("\x00", "")
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
