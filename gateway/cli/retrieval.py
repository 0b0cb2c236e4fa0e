"""`hibachi eval --retrieval`: how well the shipped documents are found, by both halves of the search and by each alone."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from agents.evaluation.corpus import stocked
from agents.evaluation.files import SetError
from agents.evaluation.page import whole
from agents.evaluation.retrieval import AT_ONCE, Question, Retrieval, load_questions, measure
from agents.evaluation.retrieval_told import load_retrieval_floor, retrieval_lines, retrieval_section, verdict_of
from business.profile.loader import ProfileError, load_profile
from business.profile.schemas import Profile
from gateway.cli.eval import fail, scratch_postgres
from gateway.cli.up import FAILED, WRONG_SETTING, say
from gateway.supervisor.service import StartError
from kernel.database import Database
from kernel.log import configure_command
from kernel.settings import Settings, load_settings
from knowledge.embedding.encoder import Encoder
from migrations.runner import upgrade

QUESTIONS, FLOOR = "retrieval", "retrieval-floor.toml"


def run(folder: Path, report: Path | None, figures: Path | None) -> int:
    """Exit status: 0, 1 below the floor or where nothing could be run, 2 where a setting is wrong."""
    settings = load_settings()
    configure_command()
    try:
        profile = load_profile(settings.business.profile)
        questions, floor = load_questions(folder / QUESTIONS), load_retrieval_floor(folder / FLOOR)
        found = asyncio.run(_measured(settings, profile, questions))
    except ProfileError as error:
        return fail(str(error), WRONG_SETTING)
    except (SetError, StartError, PermissionError) as error:
        return fail(str(error), FAILED)
    for line in retrieval_lines(found):
        say(line)
    if report is not None:
        report.write_text(whole("How documents are found", retrieval_section(found)), encoding="utf-8")
        say(f"wrote {report}")
    if figures is not None:
        figures.write_text(json.dumps(found.to_json(), ensure_ascii=False, indent=2), encoding="utf-8")
        say(f"wrote {figures}")
    faults = verdict_of(found, floor)
    for fault in faults:
        say(fault)
    return FAILED if faults else 0


async def _measured(settings: Settings, profile: Profile, questions: Sequence[Question]) -> Retrieval:
    async with scratch_postgres() as url:
        await upgrade(url)
        database = Database(url, application="hibachi-eval", pool_size=AT_ONCE)
        try:
            search, shelf = await stocked(database, profile, settings, Encoder(), [one.ask for one in questions])
            return await measure(search, questions, await shelf.names())
        finally:
            await database.close()
