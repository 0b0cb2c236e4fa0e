"""What HTTP offers on the ensemble, as values: how models answer and how they fare (see operations.py)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from gateway.http.operations import Edge, Operation
from kernel.wire.base import clean

PATH = "/api/admin/ensemble"
LARGEST = 2**53 - 1

# 0 stands for the file's policy before anybody saved one.
Number = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
Content = Annotated[dict[str, Any], Field(description="As the table [ensemble] of hibachi.toml: docs/configuration.md")]


class PolicyVersion(Edge):
    """A policy as somebody saved it. `policy` absent: the file's again; `by` absent: nobody of the staff."""

    number: int
    policy: dict[str, Any] | None = None
    note: str | None = None
    by: str | None = None
    at: datetime | None = None


class PolicyFault(Edge):
    """A value that cannot stay, by its dotted path in hibachi.toml."""

    path: str
    why: str


class ModelOffered(Edge):
    """A configured model, or the house, which needs no key. `key`: whether the variable that holds its key is set, where it needs one."""

    name: str
    litellm: str
    provider: str
    key: Literal["set", "missing", "not_needed"]


class PromptOffered(Edge):
    """A version of somebody's instructions. `changed`: against the usual one, which comes first."""

    version: str
    about: str
    changed: str


class PromptsOffered(Edge):
    """An agent whose instructions there are in more than one version."""

    name: str
    versions: tuple[PromptOffered, ...]


class EnsembleAnswer(Edge):
    """The policy that counts and the file's. `saved`: the one that counts is the console's. `faults`: why the newest saved one is not
    used. `versions`: the newest first, a page (`?before=`)."""

    number: int
    saved: bool
    policy: dict[str, Any]
    file: dict[str, Any]
    faults: tuple[PolicyFault, ...]
    models: tuple[ModelOffered, ...]
    agents: tuple[str, ...]
    prompts: tuple[PromptsOffered, ...]
    versions: tuple[PolicyVersion, ...]
    more: bool


class PolicyVersionsAnswer(Edge):
    """The newest first, a page (`?before=`)."""

    versions: tuple[PolicyVersion, ...]
    more: bool


class PolicySaveBody(Edge):
    """The next policy. `based_on`: the number that one began with."""

    based_on: Number
    policy: Content
    note: Annotated[str, Field(max_length=500), AfterValidator(clean)] | None = None


class PolicyRestoreBody(Edge):
    """An old version, to count again; 0: the file's."""

    number: Number
    based_on: Number


class PolicyPage(Edge):
    """`before`: versions older than this number."""

    before: Annotated[int, Field(ge=1, le=LARGEST)] | None = None


class FirstToken(Edge):
    """Milliseconds to the first token: of the middle call, and of the one in twenty that waits longest; absent without any call."""

    p50: int | None = None
    p95: int | None = None


class ModelHour(Edge):
    """The calls of the hour that begins `at`."""

    at: datetime
    calls: int
    first_token_ms: FirstToken


class ModelErrors(Edge):
    """A kind of error, and how many calls ended by it."""

    kind: str
    count: int


class ModelHedges(Edge):
    """Hedges in which two models were asked: how often this one was the first and the second of them, and how many of those it won."""

    first: int
    first_won: int
    second: int
    second_won: int


class ModelVitals(Edge):
    """How a model fares. All figures but those that say otherwise are of 24 hours and of all its calls, shadows too.

    `breaker`: whether it is asked at all, and `open_for_s`, how long not; the house has none. `ok`, `why` and `since`: whether it answers,
    by its newest call that says so; absent without any. `spent_microdollars`: today, at the business's place.
    """

    model: str
    ok: bool | None = None
    why: str | None = None
    since: datetime | None = None
    breaker: Literal["closed", "open", "half_open"] | None = None
    open_for_s: float | None = None
    calls: int
    failed: int
    last_hour: FirstToken
    last_day: FirstToken
    tokens_per_second: float | None = None
    spent_microdollars: int
    hedges: ModelHedges
    errors: tuple[ModelErrors, ...]
    hours: tuple[ModelHour, ...]


class ModelsHealthAnswer(Edge):
    """Of one moment; the house is the last. `number`: of the policy that counts here, so that a page notices another one."""

    at: datetime
    number: int
    models: tuple[ModelVitals, ...]


ENSEMBLE: tuple[Operation, ...] = (
    Operation(
        "GET",
        PATH,
        "ensemble",
        "How models answer: the policy that counts, the file's, the versions, the models (owner, admin)",
        (EnsembleAnswer,),
        scope="admin",
    ),
    Operation(
        "PUT",
        PATH,
        "ensemble_save",
        "Answer by another policy from now on (owner, admin); 400 with every fault, 409 with both where somebody was faster",
        (EnsembleAnswer,),
        PolicySaveBody,
        errors=(404, 409),
    ),
    Operation(
        "GET",
        f"{PATH}/versions",
        "ensemble_versions",
        "Who saved which policy (owner, admin)",
        (PolicyVersionsAnswer,),
        query=PolicyPage,
        scope="admin",
    ),
    Operation(
        "POST",
        f"{PATH}/restore",
        "ensemble_restore",
        "Answer by an old policy again, or by the file's (owner, admin)",
        (EnsembleAnswer,),
        PolicyRestoreBody,
        errors=(404, 409),
    ),
    Operation(
        "GET",
        "/api/admin/models/health",
        "models_health",
        "How every model fares: first token, errors, breaker, hedges, spend (owner, admin)",
        (ModelsHealthAnswer,),
        scope="admin",
    ),
)
