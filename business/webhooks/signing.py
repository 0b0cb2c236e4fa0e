"""Standard Webhooks (standardwebhooks.com): how a receiver knows that an event is ours. HMAC-SHA256 over id, time and body."""

import base64
import hmac
import secrets

PREFIX = "whsec_"


def new_secret() -> str:
    """`whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(message_id: str, timestamp: int, body: bytes, keys: tuple[str, ...]) -> dict[str, str]:
    """The three headers; one signature for each secret that is good now, the newest first."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{_signature(message_id, timestamp, body, key)}" for key in keys),
    }


def _signature(message_id: str, timestamp: int, body: bytes, key: str) -> str:
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return base64.b64encode(hmac.digest(base64.b64decode(key.removeprefix(PREFIX)), signed, "sha256")).decode()
