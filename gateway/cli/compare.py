"""`hibachi eval --compare house,teacher,teacher@short`: each candidate on the set, in a database of its own; one table side by side."""

import asyncio
import json
from collections.abc import Mapping

from agents.evaluation.comparison import Comparison, Contestant, Entry, Tally, contestants
from agents.evaluation.comparison_told import comparison_lines, comparison_page
from agents.evaluation.files import Conversation, SetError
from agents.evaluation.floor import load_floor
from agents.evaluation.product import answering
from agents.prompts import written
from business.profile.loader import ProfileError, load_profile
from business.profile.schemas import Profile
from gateway.cli.eval import Plan, conversations_of, evaluated, fail
from gateway.cli.up import FAILED, WRONG_SETTING, say
from gateway.supervisor.service import StartError
from kernel.log import configure_command
from kernel.metering import UsageSink
from kernel.settings import Settings, load_settings


def compare(plan: Plan, asked: str) -> int:
    """Exit status: 0, whoever is better; 1 where nothing could be run, 2 where a setting or a candidate is wrong."""
    settings = load_settings()
    configure_command()
    try:
        who = contestants(asked, [model.name for model in settings.models], written())
    except SetError as error:
        return fail(str(error), WRONG_SETTING)
    try:
        profile = load_profile(settings.business.profile)
        conversations, floor = conversations_of(plan), load_floor(plan.floor)
        entries = [asyncio.run(_entry(one, settings, profile, conversations)) for one in who]
    except ProfileError as error:
        return fail(str(error), WRONG_SETTING)
    except (SetError, StartError, PermissionError) as error:
        return fail(str(error), FAILED)
    except KeyboardInterrupt:
        return FAILED
    _told(plan, Comparison(tuple(entries), floor))
    return 0


async def _entry(one: Contestant, settings: Settings, profile: Profile, conversations: Mapping[str, Conversation]) -> Entry:
    say(f"{one.name} ...")
    tallies: list[Tally] = []

    def counted(sink: UsageSink) -> UsageSink:
        tallies.append(Tally(sink))
        return tallies[-1]

    report = await evaluated(one.name, answering(settings, one.model, one.prompts), profile, conversations, counted)
    return Entry(one, report, tallies[-1])


def _told(plan: Plan, comparison: Comparison) -> None:
    for line in comparison_lines(comparison):
        say(line)
    if plan.report is not None:
        plan.report.write_text(comparison_page(comparison), encoding="utf-8")
        say(f"wrote {plan.report}")
    if plan.figures is not None:
        plan.figures.write_text(json.dumps(comparison.to_json(), ensure_ascii=False, indent=2), encoding="utf-8")
        say(f"wrote {plan.figures}")
