"""How the business grows: leads, reviews, loyalty, messages and campaigns."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from business.profile.fields import Cents, Count, Hours, Key, LocalText, Part, Percent, Points, TimeOfDay, Wrong


def _fillable(text: LocalText) -> LocalText:
    for words in filter(None, (text.en, text.es)):
        try:
            words.format(business="", phone="", stop="", start="", help="")
        except (KeyError, IndexError, ValueError, AttributeError):
            raise Wrong(
                "This answer cannot be filled", "it has braces around something else", "Use {business}, {phone}, {stop}, {start}, {help}"
            ) from None
    return text


Word = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[^\W_]+$")]
Answer = Annotated[LocalText, AfterValidator(_fillable)]
_MONTH_DAY = r"(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|[12]\d)"
MonthDay = Annotated[str, Field(pattern=f"^(?:{_MONTH_DAY})$")]
_WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = "(?:january|february|march|april|may|june|july|august|september|october|november|december)"
DayRule = Annotated[str, Field(pattern=f"^(?:{_MONTH_DAY}|(?:first|second|third|fourth|last) {_WEEKDAY} of {_MONTH})$")]


class Window(Part):
    """A score for an event that is between so many days away."""

    from_days: Count
    to_days: Count
    score: Count


class LeadScore(Part):
    source: dict[Key, Count]
    per_adult: Count
    adults_at_most: Count
    budget_cents_per_point: Cents
    budget_at_most: Count
    dates: tuple[Window, ...]
    per_verified_contact: Count
    per_recent_event: Count
    recent_days: Count
    at_most: Count
    hot_from: Count
    warm_from: Count


class Untouched(Part):
    """How long a new lead of this temperature may wait before staff are told. `open_hours`: only while people answer it counts."""

    temperature: Literal["hot", "warm", "cold"]
    minutes: Annotated[int, Field(strict=True, ge=1, le=60 * 24 * 60)]
    open_hours: bool = False


class Leads(Part):
    sources: tuple[Key, ...]
    statuses: tuple[Key, ...]
    # Of a temperature that is not named here nobody is told.
    untouched: tuple[Untouched, ...] = ()
    score: LeadScore
    # Hours after the cause at which a message goes out.
    nurture_hours: dict[Key, tuple[Hours, ...]]


class Coupon(Part):
    """The lesser of both limits; only with a person's approval."""

    percent_at_most: Percent
    cents_at_most: Cents
    active_per_customer: Count
    months: Count
    needs_approval: bool


class Reviews(Part):
    answers: dict[Key, Key]
    sites: tuple[str, ...]
    coupon: Coupon


class Tier(Part):
    name: str
    from_points: Points


class Reward(Part):
    points: Points
    cents: Cents


class Loyalty(Part):
    earn: dict[Key, Points]
    tiers: tuple[Tier, ...]
    rewards: tuple[Reward, ...]
    expires: bool


class Sms(Part):
    """Consent is kept with its text, time and source. Words count only as the whole message; those of `start_if_stopped` start only a
    number that has stopped, those of `spanish_words` are answered in Spanish whoever sends them. What is answered may name `{business}`,
    `{phone}`, `{stop}`, `{start}` and `{help}`."""

    per_month: Count  # texts of marketing in a calendar month of the recipient's
    from_time: TimeOfDay
    to_time: TimeOfDay
    stop_words: Annotated[tuple[Word, ...], Field(min_length=1)]
    start_words: Annotated[tuple[Word, ...], Field(min_length=1)]
    start_if_stopped: tuple[Word, ...] = ("YES",)
    help_words: Annotated[tuple[Word, ...], Field(min_length=1)]
    spanish_words: tuple[Word, ...] = (
        *("PARAR", "ALTO", "CANCELAR", "DETENER", "BAJA", "SALIR"),
        *("COMENZAR", "INICIAR", "EMPEZAR", "SI", "AYUDA"),
    )
    stopped: Answer = LocalText(
        en="{business}: you will get no more texts from us. Reply {start} to begin again.",
        es="{business}: no recibirás más mensajes. Responde {start} para volver a empezar.",
    )
    started: Answer = LocalText(
        en="{business}: texts are on again. Msg & data rates may apply. Reply {help} for help, {stop} to end.",
        es="{business}: los mensajes están activos. Pueden aplicarse tarifas. Responde {help} para ayuda, {stop} para terminar.",
    )
    help: Answer = LocalText(
        en="{business}: call us at {phone}. Msg frequency varies. Msg & data rates may apply. Reply {stop} to end.",
        es="{business}: llama al {phone}. La frecuencia varía. Pueden aplicarse tarifas. Responde {stop} para terminar.",
    )
    characters: Count

    @model_validator(mode="after")
    def _day_begins(self) -> "Sms":
        if self.from_time >= self.to_time:
            raise Wrong("The hours for texts end before they begin", "whatever waits for day would never go", "Change one of the two times")
        return self


class Season(Part):
    """A campaign's send window, by month and day of any year; without an end it stands open until the day. `day`: what it is for, a month
    and day or like `second sunday of may`, the first one from the opening on."""

    key: Key
    name: LocalText
    opens: MonthDay
    closes: MonthDay | None = None
    day: DayRule | None = None


class Campaigns(Part):
    seasons: tuple[Season, ...]
    win_back_months: Count
    win_back_percent: Percent
    variants: tuple[Key, ...]
    needs_approval: bool


class Messages(Part):
    sms: Sms
    campaigns: Campaigns
    emails: tuple[Key, ...]
