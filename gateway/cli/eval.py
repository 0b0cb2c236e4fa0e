"""`hibachi eval`: the evaluation set on one model, with a PostgreSQL of its own that is gone afterwards; scores, failures, a report."""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.container import build_agents
from agents.evaluation.corpus import stocked
from agents.evaluation.files import Conversation, SetError, load_set
from agents.evaluation.floor import Floor, load_floor
from agents.evaluation.page import page
from agents.evaluation.product import LINKS, Product, answering, seeded
from agents.evaluation.results import Report, Result
from agents.evaluation.run import evaluate
from agents.evaluation.table import lines, verdict
from business.profile.loader import ProfileError, load_profile
from business.profile.schemas import Profile
from gateway.cli.up import FAILED, WRONG_SETTING, say
from gateway.supervisor.places import Places, make_private, private_temporary
from gateway.supervisor.postgres import EmbeddedPostgres
from gateway.supervisor.service import Service, StartError, until
from kernel.database import Database
from kernel.log import configure_command
from kernel.metering import DatabaseUsageSink, UsageSink
from kernel.settings import HOUSE, Settings, load_settings
from knowledge.embedding.encoder import Encoder
from migrations.runner import upgrade

START_SECONDS = 60.0
CONVERSATIONS, FLOOR = "conversations", "floor.toml"


@dataclass(frozen=True, slots=True)
class Plan:
    """`folder` holds `conversations/` and `floor.toml`, or another set by `name` and its `<name>-floor.toml`.

    `report` and `figures` are files to write, HTML and JSON.
    """

    folder: Path
    model: str = HOUSE
    only: str | None = None
    report: Path | None = None
    figures: Path | None = None
    name: str = CONVERSATIONS

    @property
    def floor(self) -> Path:
        return self.folder / (FLOOR if self.name == CONVERSATIONS else f"{self.name}-{FLOOR}")


def run(plan: Plan) -> int:
    """Exit status: 0, 1 below the floor or where nothing could be run, 2 where a setting is wrong."""
    settings = load_settings()
    # What breaks down is told with its frames; what a model merely does is in the report.
    configure_command()
    known = (*(model.name for model in settings.models), HOUSE)
    if plan.model not in known:
        return fail(f"no model is called {plan.model!r}; known: {', '.join(known)}", WRONG_SETTING)
    try:
        profile = load_profile(settings.business.profile)
        conversations = conversations_of(plan)
        floor = load_floor(plan.floor)
        report = asyncio.run(evaluated(plan.model, answering(settings, plan.model), profile, conversations))
    except ProfileError as error:
        return fail(str(error), WRONG_SETTING)
    except (SetError, StartError, PermissionError) as error:
        return fail(str(error), FAILED)
    except KeyboardInterrupt:
        return FAILED
    return _told(plan, report, floor)


def conversations_of(plan: Plan) -> Mapping[str, Conversation]:
    """Raises SetError; a plain install holds no conversations, so it says where it looked."""
    folder = plan.folder / plan.name
    if not folder.is_dir():
        raise SetError(
            f"{folder} is no folder. The conversations stand in the source tree (tests/evals), not in a package: name it by --set"
        )
    say(f"conversations of {folder}")
    return load_set(folder, plan.only)


def _told(plan: Plan, report: Report, floor: Floor) -> int:
    for line in lines(report, floor):
        say(line)
    if plan.report is not None:
        plan.report.write_text(page(report, floor), encoding="utf-8")
        say(f"wrote {plan.report}")
    if plan.figures is not None:
        plan.figures.write_text(json.dumps(report.to_json(), ensure_ascii=False, indent=2), encoding="utf-8")
        say(f"wrote {plan.figures}")
    faults = verdict(report, floor)
    for fault in faults:
        say(fault)
    return FAILED if faults else 0


async def evaluated(
    called: str,
    alone: Settings,
    profile: Profile,
    conversations: Mapping[str, Conversation],
    counted: Callable[[UsageSink], UsageSink] = lambda sink: sink,
) -> Report:
    """One run, in a PostgreSQL of its own. `called`: its name; `alone`: settings by which the candidate answers; `counted`: what looks at
    the usage rows as they go by."""
    async with scratch_postgres() as url:
        await upgrade(url)
        database = Database(url, application="hibachi-eval", pool_size=4)
        usage = DatabaseUsageSink(database)
        try:
            site = await seeded(database, profile)
            encoder = Encoder()
            corpus, shelf = await stocked(database, profile, alone, encoder)
            agents = build_agents(alone, profile, counted(usage), database=database, links=LINKS, encoder=encoder, corpus=corpus)
            await agents.warm()
            try:
                return await evaluate(Product(called, agents, database, profile, site, shelf), conversations, profile, _progress)
            finally:
                await agents.close()
        finally:
            await usage.close()
            await database.close()


@asynccontextmanager
async def scratch_postgres() -> AsyncIterator[str]:
    """The address of a new PostgreSQL; nothing of it is left. Raises StartError."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="hibachi-eval-"))
    try:
        places = Places(folder)
        make_private(places.run)
        embedded = EmbeddedPostgres(places)
        await embedded.prepare()
        service = Service(embedded.program(), say)
        try:
            await service.start()
            if not await until(embedded.ready, START_SECONDS):
                raise StartError(f"PostgreSQL did not start:\n{service.log_tail()}")
            yield embedded.url
        finally:
            await service.stop()
    finally:
        for left in (folder, private_temporary(folder)):
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)


def _progress(number: int, of: int, result: Result) -> None:
    """A line that is written over, where there is a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{number} of {of}  {result.name}" if number < of else "\r\x1b[K")
        sys.stderr.flush()


def fail(text: str, status: int) -> int:
    """Says why, and gives the status back."""
    print(f"hibachi: {text}", file=sys.stderr)
    return status
