"""What of paying by card is configured here: the provider, its secrets, or nothing."""

import os
from collections.abc import Mapping

from business.payments.provider import Provider
from kernel.settings.schema import PaymentSettings


def card_provider(payments: PaymentSettings, environment: Mapping[str, str] = os.environ) -> Provider | None:
    """The one that is configured; None where there is none, or its key is missing. Its library is loaded only where it is used."""
    key = environment.get(payments.stripe_key_env or "")
    if not key:
        return None
    from business.payments.stripe import Stripe

    return Stripe(key, address=payments.stripe_address, timeout=payments.timeout_s)


def takes_cards(payments: PaymentSettings, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether cards are charged here."""
    return bool(environment.get(payments.stripe_key_env or ""))


def webhook_secrets(payments: PaymentSettings, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The secrets that sign the provider's events: two while one takes the other's place."""
    return tuple(secret for name in payments.stripe_webhook_secret_envs if (secret := environment.get(name)))
