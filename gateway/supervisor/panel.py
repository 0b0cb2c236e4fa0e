"""The last thing a start prints: where everything is, and what to try."""

from collections.abc import Mapping
from typing import Any

from kernel.settings import Settings


def closing(settings: Settings, base: str, seeded: Mapping[str, Any], seconds: float) -> str:
    """`seeded`: what `hibachi db seed --json` printed: `email`, `one_time_password` (None: changed), `sign_in` (path)."""
    rows = [
        *doors(settings, base, seeded),
        ("settings", str(settings.config_path)),
        ("data, logs", str(settings.data)),
    ]
    if not settings.models:
        rows.append(("models", "none configured: the built-in house model answers"))
    body = "\n".join(f"  {name:<11} {text}" for name, text in rows)
    return f"\nHibachi is up ({seconds:.1f} s)\n\n{body}\n\n  try: say hi, then take over with t\n  Ctrl-C stops everything\n"


def doors(settings: Settings, base: str, seeded: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where one comes in, and as whom: a name and a text each."""
    password = seeded.get("one_time_password")
    if settings.admin_password is not None:
        signed = "the password in HIBACHI_ADMIN_PASSWORD"
    elif password:
        signed = f"one-time password  {password}   (shown until it is changed)"
    else:
        signed = "your password"
    return [
        ("demo", f"{base}/demo"),
        ("console", f"{base}{seeded['sign_in']}"),
        ("", "signs you in once, within 15 minutes; afterwards:"),
        ("", f"{base}/console as {seeded['email']}, {signed}"),
    ]
