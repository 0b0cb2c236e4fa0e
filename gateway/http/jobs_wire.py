"""What HTTP offers of jobs, as values (see operations.py)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from gateway.http.operations import Edge, Operation


class JobKind(Edge):
    """One kind of job: how many wait (`new` are due, `later` not yet), are worked on, are `dead`; `done` and `retries` in the last 24
    hours; `oldest_seconds`: how long the one that has waited longest is due. A `long` one waits for somebody else's server."""

    kind: str
    queue: Literal["short", "long"]
    new: int
    later: int
    working: int
    done: int
    dead: int
    retries: int
    oldest_seconds: float


class JobFailure(Edge):
    """A kind of error, and how many jobs of a kind it keeps; `dead`: these are not tried again by themselves."""

    kind: str
    error: str
    count: int
    dead: bool


class JobHour(Edge):
    """What was done in the hour that begins `at`, and how long after its time, in seconds."""

    at: datetime
    done: int
    retries: int
    mean_seconds: float
    longest_seconds: float


class DutyRun(Edge):
    """The last slot of something that is done by the clock; without `finished_at` it runs, or waits for another attempt.
    `succeeded_at`: when a slot of it last ended well."""

    name: str
    slot: datetime
    started_at: datetime
    finished_at: datetime | None = None
    attempts: int
    error: str | None = None
    succeeded_at: datetime | None = None


class WorkerState(Edge):
    """A worker that is `alive`, or was seen within the last 24 hours."""

    name: str
    started_at: datetime
    seen_at: datetime
    alive: bool


class ComingJob(Edge):
    """A job whose time has not come: `what` is the moment of a booking, or `again` for another attempt; `booking` is its number."""

    id: UUID
    kind: str
    at: datetime
    what: str | None = None
    booking: int | None = None


class JobsAnswer(Edge):
    """Everything that an operator asks of jobs, of one moment. `hours` are 24, the oldest first; `coming` the next twenty."""

    at: datetime
    kinds: tuple[JobKind, ...]
    failures: tuple[JobFailure, ...]
    hours: tuple[JobHour, ...]
    duties: tuple[DutyRun, ...]
    workers: tuple[WorkerState, ...]
    coming: tuple[ComingJob, ...]


JOBS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/admin/jobs",
        "jobs",
        "How jobs stand: what waits, fails and comes next, the clock's duties, the workers (owner, admin)",
        (JobsAnswer,),
        scope="admin",
    ),
)
