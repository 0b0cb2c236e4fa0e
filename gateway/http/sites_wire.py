"""What HTTP offers of sites, as values: bodies, answers, operations."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.http.operations import Edge, Operation
from kernel.wire.server import BusinessCard

Question = Literal["name", "email", "phone", "sms_consent", "sms_marketing", "event_date"]


class SiteState(Edge):
    """A place where the widget is embedded. `identity_secret` is shown where it was just made, and never again. `ask`: what the
    widget asks a visitor for after their first message, in this order; empty: it does not ask. `greeting`: its first words by language,
    above the button and in the chat; where there are none, the usual ones stand."""

    key: str
    name: str
    origins: tuple[str, ...]
    theme: dict[str, str]
    ask: tuple[str, ...]
    greeting: dict[str, str]
    allow_own_origin: bool
    allow_no_origin: bool
    snippet: str
    identity_secret: str | None = None


class CardQuery(Edge):
    """In which language."""

    locale: Literal["en", "es"] = "en"


class SiteCardAnswer(Edge):
    """What a visitor's chat is told of the business on this site; `own_theme` and `own_greeting`: the business's
    own, under the site's."""

    card: BusinessCard
    own_theme: dict[str, str]
    own_greeting: str


class GreetingAnswer(Edge):
    """A site's own first words; nothing where it has none."""

    greeting: str | None = None


class SitesAnswer(Edge):
    """All sites, by key."""

    items: tuple[SiteState, ...]


Origins = Annotated[tuple[Annotated[str, Field(max_length=300)], ...], Field(max_length=50)]
Theme = Annotated[dict[str, str], Field(max_length=40)]
Greeting = Annotated[dict[str, Annotated[str, Field(max_length=1000)]], Field(max_length=10)]
Questions = Annotated[tuple[Question, ...], Field(max_length=10)]


class SiteBody(Edge):
    """A new site."""

    key: Annotated[str, Field(max_length=64)]
    name: Annotated[str, Field(max_length=200)]
    origins: Origins
    theme: Theme | None = None
    ask: Questions | None = None
    greeting: Greeting | None = None


class SitePatch(Edge):
    """What is given is changed; `new_secret` ends what was signed with the old one."""

    name: Annotated[str, Field(max_length=200)] | None = None
    origins: Origins | None = None
    theme: Theme | None = None
    ask: Questions | None = None
    greeting: Greeting | None = None
    new_secret: bool = False


SITES: tuple[Operation, ...] = (
    Operation("GET", "/api/admin/sites", "sites", "Where the widget is embedded (owner, admin)", (SitesAnswer,)),
    Operation("POST", "/api/admin/sites", "site_add", "Add a site (owner, admin)", (SiteState,), SiteBody, errors=(409,)),
    Operation(
        "PATCH", "/api/admin/sites/{id}", "site_change", "Change a site, by its key (owner, admin)", (SiteState,), SitePatch, errors=(404,)
    ),
    Operation(
        "GET",
        "/api/admin/sites/{id}/card",
        "site_card",
        "What a visitor of a site is told of the business, for a preview (owner, admin)",
        (SiteCardAnswer,),
        query=CardQuery,
        errors=(400, 404, 413),
    ),
    Operation(
        "GET",
        "/api/sites/{id}/greeting",
        "site_greeting",
        "What the chat's button says to a newcomer of a site, by its key; for any page",
        (GreetingAnswer,),
        query=CardQuery,
        cookie=False,
        errors=(400,),
    ),
)
