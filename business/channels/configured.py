"""The provider of texts that the settings name."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from business.channels.provider import TextProvider

if TYPE_CHECKING:
    from kernel.settings.schema import SmsSettings


def text_provider(
    settings: "SmsSettings",
    environ: Mapping[str, str],
    *,
    pauses: tuple[float, ...] = (0.5, 2.0),
    clock: Callable[[], float] = time.monotonic,
) -> TextProvider | None:
    """None where there is none, or it lacks what `lacking` names. `pauses`: seconds before each further try of what reads."""
    if settings.provider == "none" or lacking(settings, environ):
        return None
    from business.channels.ringcentral.adapter import Account, RingCentral
    from business.channels.ringcentral.tokens import Credentials

    credentials = Credentials(settings.client_id or "", environ[settings.client_secret_env or ""], environ[settings.jwt_env or ""])
    account = Account(settings.address, credentials, settings.number, settings.high_volume, settings.timeout_s, pauses)
    return RingCentral(account, clock)


def lacking(settings: "SmsSettings", environ: Mapping[str, str]) -> tuple[str, ...]:
    """What a provider that is wanted needs and has not: settings, or variables of the environment, by their names."""
    if settings.provider == "none":
        return ()
    missing = [] if settings.client_id else ["sms.client_id"]
    for name, variable in (("sms.client_secret_env", settings.client_secret_env), ("sms.jwt_env", settings.jwt_env)):
        if variable is None:
            missing.append(name)
        elif not environ.get(variable):
            missing.append(variable)
    return tuple(missing)


def webhook_address(settings: "SmsSettings", public_url: str | None, secret: str) -> str | None:
    """Where the provider tells us of texts; None where this install has no address that it could reach."""
    reached = settings.callback or public_url
    return f"{reached}/webhooks/{settings.provider}/{secret}" if reached else None
