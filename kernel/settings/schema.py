"""The settings' shape: every value an operator may set, its meaning, its limits. Pure values, nothing is read here."""

import ipaddress
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from kernel.settings.policy import HOUSE, Policy
from kernel.settings.section import Section, misfit, refused, setting

# Set by load_settings, not by the operator.
DERIVED = frozenset({"data", "config_path", "port_is_explicit"})


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise refused("it is not an http or https address")
    return value.rstrip("/")


def _origin(value: str) -> str:
    parts = urlsplit(_web_address(value))
    if parts.path.rstrip("/") or parts.query or parts.fragment or parts.username:
        raise refused("it has more than scheme, host and port")
    return value.rstrip("/")


def _address_of(*schemes: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if urlsplit(value.get_secret_value()).scheme not in schemes:
            raise refused(f"it does not begin with {' or '.join(s + '://' for s in schemes)}")
        return value

    return AfterValidator(check)


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        raise refused("one of them is neither an address nor a network") from None


def _existing_file(value: Path) -> Path:
    if not value.is_file():
        raise refused("there is no such file")
    return value


PostgresAddress = Annotated[SecretStr, _address_of("postgresql", "postgres", "postgresql+asyncpg")]
RedisAddress = Annotated[SecretStr, _address_of("redis", "rediss", "unix")]
Network = Annotated[str, AfterValidator(_network)]
PushHost = Annotated[str, Field(pattern=r"^(\*\.)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]

_POSTGRES = "an address like postgresql://user:password@host:5432/name"


class DatabaseSettings(Section):
    url: PostgresAddress | None = setting(None, "PostgreSQL; unset: an embedded one is started", _POSTGRES, secret=True)
    reading: PostgresAddress | None = setting(None, "replica for heavy reads; unset: the primary", _POSTGRES, secret=True)
    marketing: PostgresAddress | None = setting(None, "own server of the marketing schema; unset: the primary", _POSTGRES, secret=True)
    analytics: PostgresAddress | None = setting(None, "own server of the analytics schema; unset: the primary", _POSTGRES, secret=True)
    pool_size: int = setting(10, "connections per process", "whole number from 1 to 200", ge=1, le=200)


class RedisSettings(Section):
    url: RedisAddress | None = setting(None, "Redis; unset: an embedded one is started", "an address like redis://host:6379/0", secret=True)


class ModelSettings(Section):
    name: str = setting(
        ...,
        "how the ensemble calls the model",
        'lower-case letters, digits, "-" and "_", unique; "house" is taken',
        pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$",
    )
    litellm: str = setting(..., "LiteLLM model id", 'any LiteLLM model id, like "openai/gpt-4o"', min_length=1)
    api_base: Annotated[str, AfterValidator(_web_address)] | None = setting(
        None, "address of the provider, if not its usual one", "an http or https address", secret=True
    )
    api_key_env: str | None = setting(
        None,
        "name of the environment variable that holds the key",
        'the NAME of a variable, like "OPENAI_API_KEY"; never the key itself',
        secret=True,
        pattern=r"^[A-Z_][A-Z0-9_]{0,79}$",
    )
    input_dollars_per_million: float | None = setting(
        None, "price of a million tokens that go in; unset: LiteLLM's list", "dollars, 0 to 10000", ge=0, le=10_000
    )
    output_dollars_per_million: float | None = setting(
        None, "price of a million tokens that come out; unset: LiteLLM's list", "dollars, 0 to 10000", ge=0, le=10_000
    )
    reader: Literal["own", "litellm"] = setting(
        "own", "who reads the answers: we ourselves, where we know the provider's protocol, or LiteLLM in any case", "own or litellm"
    )
    first_token_s: float = setting(15.0, "seconds to wait for the first token", "seconds, more than 0, at most 600", gt=0, le=600)
    idle_chunk_s: float = setting(10.0, "seconds to wait between two chunks", "seconds, more than 0, at most 600", gt=0, le=600)


class EnsembleSettings(Policy):
    """How models answer. All but the pace and the records may be changed in the console, too."""

    house_tokens_per_second: float = setting(
        40.0, "pace at which the house model types", "tokens a second, more than 0, at most 10000", gt=0, le=10_000
    )
    record_days: int = setting(
        30, "days for which a model's turn is kept as it was asked, for shadows to answer again; 0: none is", "0 to 365", ge=0, le=365
    )

    @property
    def policy(self) -> Policy:
        """What of it may change while it runs."""
        return Policy.model_validate({name: getattr(self, name) for name in Policy.model_fields})


class LimitSettings(Section):
    message_burst: int = setting(10, "messages one visitor may send at once", "whole number from 1 to 1000", ge=1, le=1000)
    message_per_second: float = setting(1.0, "messages a second after that", "more than 0, at most 100", gt=0, le=100)
    frame_burst: int = setting(40, "frames of any kind one socket may send at once", "whole number from 1 to 10000", ge=1, le=10_000)
    frame_per_second: float = setting(20.0, "frames a second after that", "more than 0, at most 1000", gt=0, le=1000)
    api_burst: int = setting(60, "requests one API token may make at once", "whole number from 1 to 10000", ge=1, le=10_000)
    api_per_second: float = setting(10.0, "requests a second after that", "more than 0, at most 1000", gt=0, le=1000)
    connections_per_address: int = setting(200, "sockets one address may hold", "whole number from 1 to 1000000", ge=1, le=1_000_000)
    uploads_per_visitor: int = setting(20, "files one visitor may send in a day", "whole number from 1 to 10000", ge=1, le=10_000)
    uploads_per_address: int = setting(
        100, "files one address may send in a day, all its visitors together", "whole number from 1 to 1000000", ge=1, le=1_000_000
    )
    trusted_proxies: tuple[Network, ...] = setting((), "proxies whose X-Forwarded-For is believed", 'a list like ["10.0.0.0/8"]')


class WebhookSettings(Section):
    private_networks: tuple[Network, ...] = setting(
        (), "networks of your own that webhooks may go to; others that are not public are refused", 'a list like ["10.1.0.0/16"]'
    )


class PushSettings(Section):
    services: tuple[PushHost, ...] = setting(
        (
            "fcm.googleapis.com",
            "*.push.apple.com",
            "updates.push.services.mozilla.com",
            "*.push.services.mozilla.com",
            "*.notify.windows.com",
        ),
        "push services that devices of staff may use: nothing is posted to any other host",
        'a list of host names, like ["fcm.googleapis.com", "*.push.apple.com"]',
    )


class TravelSettings(Section):
    """How exact distances are had. Only a full street address is ever sent, to this address alone."""

    provider: Literal["none", "google", "osrm"] = setting(
        "none", "who measures the way to a full street address; none: it is estimated from the ZIP code", "none, google or osrm"
    )
    address: Annotated[str, AfterValidator(_web_address)] | None = setting(
        None, "address of the provider; google has one of its own", "an http or https address", secret=True
    )
    key_env: str | None = setting(
        None,
        "name of the environment variable that holds the provider's key; google needs one",
        'the NAME of a variable, like "GOOGLE_ROUTES_KEY"; never the key itself',
        secret=True,
        pattern=r"^[A-Z_][A-Z0-9_]{0,79}$",
    )
    timeout_s: float = setting(2.0, "seconds to wait for the provider, then the estimate serves", "more than 0, at most 30", gt=0, le=30)
    cache_hours: float = setting(24.0, "hours for which a measured way is kept", "more than 0, at most 720", gt=0, le=720)
    cache_entries: int = setting(2000, "measured ways that one process keeps", "whole number from 1 to 100000", ge=1, le=100_000)


def _variable(meaning: str, example: str) -> Any:
    """The name of an environment variable that holds a secret."""
    return setting(
        None, meaning, f'the NAME of a variable, like "{example}"; never the value itself', secret=True, pattern=r"^[A-Z_][A-Z0-9_]{0,79}$"
    )


class EmailSettings(Section):
    """How e-mails go out and come in. Without a server they are kept and shown in the console, and none is sent."""

    host: str | None = setting(None, "SMTP server; unset: e-mails are kept and shown, none is sent", "a host name", min_length=1)
    port: int = setting(587, "its port", "whole number from 1 to 65535", ge=1, le=65_535)
    tls: Literal["starttls", "tls", "none"] = setting("starttls", "how the connection is secured", "starttls, tls or none")
    username: str | None = setting(None, "who signs in at the server; unset: nobody does", "a name", secret=True)
    password_env: str | None = _variable("name of the environment variable that holds the password", "SMTP_PASSWORD")
    sender: str | None = setting(
        None, "address that mails come from; unset: the business's own", "an e-mail address", pattern=r"^[^@\s]+@[^@\s]+$", max_length=254
    )
    replies: str | None = setting(
        None,
        "mailbox that answers go to, with +... before the @; its mail is posted to /webhooks/email; unset: answers go to the business",
        "an e-mail address",
        pattern=r"^[^@+\s]{1,20}@[^@\s]+$",
        max_length=200,
    )
    inbound_key_env: str | None = _variable(
        "name of the environment variable with the key that /webhooks/email asks for", "EMAIL_INBOUND_KEY"
    )
    timeout_s: float = setting(20.0, "seconds to wait for the server", "seconds, more than 0, at most 120", gt=0, le=120)
    per_minute: int = setting(60, "mails one worker sends in a minute at most", "whole number from 1 to 10000", ge=1, le=10_000)


class SmsSettings(Section):
    """How text messages go out and come in. Without a provider they are kept and shown in the console, and none is sent."""

    provider: Literal["none", "ringcentral"] = setting(
        "none", "who carries text messages; none: they are kept and shown, none is sent", "none or ringcentral"
    )
    address: Annotated[str, AfterValidator(_web_address)] = setting(
        "https://platform.ringcentral.com", "address of the provider's API", "an http or https address"
    )
    client_id: str | None = setting(None, "the app's client id", "as the provider shows it", min_length=1, max_length=200)
    client_secret_env: str | None = _variable("name of the environment variable with the app's client secret", "RINGCENTRAL_CLIENT_SECRET")
    jwt_env: str | None = _variable("name of the environment variable with the JWT credential of whose numbers are used", "RINGCENTRAL_JWT")
    number: str | None = setting(
        None,
        "our number that texts come from; unset: the first of the account that can send",
        "with + and country, like +15105550142",
        pattern=r"^\+[1-9]\d{7,14}$",
    )
    high_volume: Literal["auto", "always", "never"] = setting(
        "auto", "whether texts go by the high-volume (A2P) API; auto: where the number can", "auto, always or never"
    )
    callback: Annotated[str, AfterValidator(_origin)] | None = setting(
        None, "where the provider reaches this gateway, if not at the public address", "scheme, host and port", secret=True
    )
    timeout_s: float = setting(15.0, "seconds to wait for the provider", "seconds, more than 0, at most 120", gt=0, le=120)
    poll_seconds: float = setting(60.0, "seconds between two looks for texts of which no webhook told", "seconds, 5 to 3600", ge=5, le=3600)
    per_minute: int = setting(40, "texts a minute that the account may send", "whole number from 1 to 10000", ge=1, le=10_000)
    per_number_hour: int = setting(
        30, "texts an hour that one number gets from the assistant at most", "whole number from 1 to 1000", ge=1, le=1000
    )
    per_prefix_hour: int = setting(
        200, "texts an hour that all numbers with the same first digits, but the last four, get at most", "whole number from 1 to 100000",
        ge=1, le=100_000,
    )  # fmt: skip
    per_day: int = setting(2_000, "texts a day in all, those of campaigns aside", "whole number from 1 to 1000000", ge=1, le=1_000_000)
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = setting(
        ("US", "CA"), "countries whose numbers are written to", 'a list like ["US", "CA"]', min_length=1
    )
    gather_seconds: float = setting(
        2.5, "seconds after somebody's last text in which more is waited for, so that what comes in pieces gets one answer",
        "seconds, 0 to 30", ge=0, le=30,
    )  # fmt: skip
    cents_per_segment: float = setting(0.85, "price of one segment that goes out", "US cents, 0 to 100", ge=0, le=100)
    code_minutes: int = setting(10, "minutes for which a code that proves a number is good", "whole number from 1 to 60", ge=1, le=60)


class PaymentSettings(Section):
    """How cards are charged: Stripe Checkout. Without a key cards are not offered, the other ways are."""

    stripe_key_env: str | None = _variable("name of the environment variable that holds Stripe's secret key", "STRIPE_SECRET_KEY")
    stripe_webhook_secret_envs: tuple[str, ...] = setting(
        (),
        "names of the environment variables with the secrets that sign Stripe's webhooks; two while one takes the other's place",
        'at most two NAMES, like ["STRIPE_WEBHOOK_SECRET"]',
        secret=True,
        max_length=2,
    )
    stripe_address: Annotated[str, AfterValidator(_web_address)] | None = setting(
        None, "address of Stripe's API, if not its usual one", "an http or https address", secret=True
    )
    timeout_s: float = setting(20.0, "seconds to wait for Stripe", "seconds, more than 0, at most 120", gt=0, le=120)
    venmo: str | None = setting(None, "who Venmo payments go to, as customers read it", 'a name, like "@my-hibachi"', max_length=80)
    zelle: str | None = setting(
        None, "who Zelle payments go to, as customers read it", "an e-mail address or a phone number", max_length=80
    )


class BackupSettings(Section):
    """Where `hibachi backup` writes, and how often workers make one by themselves."""

    folder: Path | None = setting(None, "folder of backups; unset: backups in the data folder", "a path that can be written")
    keep: int = setting(14, "backups that are kept, the newest", "whole number from 1 to 1000", ge=1, le=1000)
    every_hours: float = setting(0.0, "hours between two backups that are made by themselves; 0: none are", "0 to 720", ge=0, le=720)
    passphrase_env: str | None = _variable(
        "name of the environment variable with the passphrase that seals backups; unset: they are not sealed", "BACKUP_PASSPHRASE"
    )


class BusinessSettings(Section):
    profile: Annotated[Path, AfterValidator(_existing_file)] | None = setting(
        None, "business profile; unset: the one that ships", "path of a profile, a .toml file"
    )


class KnowledgeSettings(Section):
    """What the business has written, and how it is searched."""

    embedding: str = setting(
        "minilm",
        "how texts become vectors: on this machine, or by a model of LiteLLM's",
        'minilm, or a LiteLLM embedding id like "openai/text-embedding-3-small"',
        min_length=1,
        max_length=120,
    )
    dimensions: int | None = setting(
        None, "length of its vectors, asked of the model; unset: as it gives them", "whole number from 1 to 2000", ge=1, le=2000
    )
    address: Annotated[str, AfterValidator(_web_address)] | None = setting(
        None, "where the model is served; unset: at its provider", "an address like http://127.0.0.1:11434"
    )
    key_env: str | None = _variable("name of the environment variable that holds its key", "OPENAI_API_KEY")
    timeout_s: float = setting(
        2.0, "seconds a customer's question waits for its vector, then words alone are searched", "more than 0, at most 30", gt=0, le=30
    )
    approximate_from: int = setting(
        20_000, "pieces from which vectors are searched by an HNSW index instead of one by one", "whole number from 1000 to 10000000",
        ge=1000, le=10_000_000,
    )  # fmt: skip
    passages: int = setting(4, "passages that an answer is made from at most", "whole number from 1 to 12", ge=1, le=12)
    document_megabytes: int = setting(20, "largest document that is taken", "whole number from 1 to 200", ge=1, le=200)
    private_networks: tuple[Network, ...] = setting(
        (), "private networks whose pages may be read", 'a list like ["10.0.0.0/8"]; empty: none'
    )
    questions_days: int = setting(90, "days for which questions that found nothing are kept", "whole number from 1 to 3650", ge=1, le=3650)


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = setting("info", "least level that is logged", "debug, info, warning or error")
    format: Literal["json", "console"] = setting("json", "form of a log line", "json or console")


class Settings(Section):
    host: str = setting("127.0.0.1", "address the gateway listens on", "an address of this machine, like 127.0.0.1 or 0.0.0.0")
    port: int = setting(8000, "port; unset and taken: the next free one", "whole number from 1 to 65535", ge=1, le=65_535)
    public_url: Annotated[str, AfterValidator(_origin)] | None = setting(
        None, "address the world sees, behind a proxy", "scheme, host and port, like https://chat.example.com"
    )
    data: Path = setting(..., "folder of all data (environment only)", "a path that can be written")
    admin_email: str | None = setting(None, "e-mail of the first owner", "an e-mail address", pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)
    admin_password: SecretStr | None = setting(
        None, "password of the first owner; unset: one is made and shown", "1 to 256 characters", secret=True,
        min_length=1, max_length=256,
    )  # fmt: skip
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    models: tuple[ModelSettings, ...] = ()
    ensemble: EnsembleSettings = EnsembleSettings()
    limits: LimitSettings = LimitSettings()
    webhooks: WebhookSettings = WebhookSettings()
    push: PushSettings = PushSettings()
    travel: TravelSettings = TravelSettings()
    email: EmailSettings = EmailSettings()
    sms: SmsSettings = SmsSettings()
    payments: PaymentSettings = PaymentSettings()
    backup: BackupSettings = BackupSettings()
    business: BusinessSettings = BusinessSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    log: LogSettings = LogSettings()
    # Set by load_settings, not by the operator.
    config_path: Path
    port_is_explicit: bool = False

    @model_validator(mode="after")
    def _models_fit_together(self) -> Self:
        names = [model.name for model in self.models]
        for place, name in enumerate(names):
            if name == HOUSE or name in names[:place]:
                why = "it is the house model's" if name == HOUSE else "two models have it"
                raise misfit("models.name", f'the name "{name}": {why}')
        for at, why in self.ensemble.misfits(names):
            raise misfit(at, why)
        return self

    @model_validator(mode="after")
    def _travel_is_whole(self) -> Self:
        travel = self.travel
        if travel.provider == "google" and travel.key_env is None:
            raise misfit("travel.key_env", "google measures nothing without a key")
        if travel.provider == "osrm" and travel.address is None:
            raise misfit("travel.address", "osrm has no address of its own")
        return self

    @model_validator(mode="after")
    def _sms_is_whole(self) -> Self:
        sms = self.sms
        if sms.provider == "none":
            return self
        for name in ("client_id", "client_secret_env", "jwt_env"):
            if getattr(sms, name) is None:
                raise misfit(f"sms.{name}", f"{sms.provider} lets nobody in without it")
        return self

    @property
    def address(self) -> str:
        """What the world sees; without a public address, what this machine does."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104
        return self.public_url or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def answer_order(self) -> tuple[str, ...]:
        """Names of the models that answer, in order; always ends with the house model."""
        chosen = self.ensemble.answer or tuple(model.name for model in self.models)
        return (*(name for name in chosen if name != HOUSE), HOUSE)
