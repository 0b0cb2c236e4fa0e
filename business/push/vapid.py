"""RFC 8292: who sends. The install's key pair, and the signed line by which a push service knows the install again."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from business.push.encryption import CURVE, point

LIFE = timedelta(hours=12)  # at most 24


def encoded(value: bytes) -> str:
    """Base64url without padding, as everything travels in web push."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(value: str) -> bytes:
    """The bytes again. Raises ValueError."""
    return urlsafe_b64decode(value.encode("ascii") + b"=" * (-len(value) % 4))


def new_key() -> str:
    """A private key, as it is kept."""
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return encoded(number.to_bytes(32, "big"))


def public_key(key: str) -> str:
    """What belongs to a private key, as browsers subscribe with it."""
    return encoded(point(_private(key).public_key()))


def _private(key: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decoded(key), "big"), CURVE)


def contact(public_url: str | None, owner: str | None) -> str:
    """Where push services find who is responsible: the install's own address, or whoever it belongs to."""
    if public_url is not None and public_url.startswith("https:"):
        return public_url
    return f"mailto:{owner}" if owner is not None else "https://localhost"


class Signer:
    """Signs for the install whose private key this is; `contact` is where a push service finds who is responsible."""

    def __init__(self, key: str, contact: str) -> None:
        self._key = _private(key)
        self._contact = contact
        self.public = public_key(key)

    def authorization(self, endpoint: str, now: datetime) -> str:
        """The header `Authorization` of a push to this address."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((now + LIFE).timestamp()), "sub": self._contact}
        return f"vapid t={jwt.encode(claims, self._key, algorithm='ES256')}, k={self.public}"
