"""A simulated season as a page: what was lived, what was sent when, what was found wrong; and a drawing of its days."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from business.payments import ledger
from business.payments.ledger import TrialBalance
from kernel.tables.ops import Handoff
from tests.simulation import oracle
from tests.simulation.audit import mails_of
from tests.simulation.season import Season

REPORTS = Path(__file__).parents[2] / "docs" / "reports"
WIDTH, ROW, LEFT, RIGHT = 960, 70, 170, 20
INK, LINE, BAR = "#3d3a36", "#d9d4cc", "#c2410c"
COUNTED = ("held", "confirmed", "moved", "cancel_asked", "complained")


@dataclass(frozen=True, slots=True)
class Seen:
    """A season's figures. `by_day`: rows of the drawing, counts by day at the venue."""

    ends: Mapping[str, int]
    mails: Mapping[str, int]
    facts: Mapping[str, int]
    balance: TrialBalance
    handoffs: int
    by_day: Mapping[str, Mapping[date, int]]


async def seen(season: Season) -> Seen:
    """Read from the database and from the guests."""
    profile, zone = season.install.profile, season.install.profile.business.zone
    async with season.install.database.transaction() as connection:
        written = [mail for mails in (await mails_of(connection)).values() for mail in mails]
        balance = await ledger.trial_balance(connection)
        handoffs = len((await connection.execute(Handoff.__table__.select())).all())
    ends = Counter(oracle.life(profile, guest, season.now).ended or "open" for guest in season.guests)
    facts = [fact for guest in season.guests for fact in guest.facts]

    def days(moments: Sequence[datetime]) -> Mapping[date, int]:
        return Counter(moment.astimezone(zone).date() for moment in moments)

    by_day = {
        "holds": days([fact.at for fact in facts if fact.what == "held"]),
        "money that came": days([fact.at for fact in facts if fact.what in ("confirmed", "reheld", "paid") and fact.cents]),
        "parties cooked": days([guest.starts_at for guest in season.guests if guest.starts_at and _cooked(season, guest)]),
        "e-mails": days([mail.due.minute for mail in written]),
    }
    return Seen(ends, Counter(mail.due.kind for mail in written), Counter(fact.what for fact in facts), balance, handoffs, by_day)


def _cooked(season: Season, guest: object) -> bool:
    return oracle.life(season.install.profile, guest, season.now).ended == "completed"  # type: ignore[arg-type]


def page(season: Season, found: Seen, faults: Sequence[str], seconds: float, drawing: str) -> str:
    """The report, Markdown."""
    plan = season.plan
    lines = [
        "# A month, simulated",
        "",
        f"Written by `python -m tests.prove month`. Seed {plan.seed}: {plan.parties} parties in {len(set(season.told.values()))} kinds",
        f"of stories and {plan.chats} other conversations begin within {plan.days} days; the clock then runs on until nothing is left",
        f"to come: {season.install.world.moments} moments in {seconds:.0f} s of real time. One process, one PostgreSQL, a mail server and",
        "a card provider on loopback, one clock for all of them (`tests/simulation/`).",
        "",
        "What should have happened is computed from what each guest saw and from the profile's numbers, by code that shares no rule with",
        "the product: every e-mail at its minute and once, every statement, the trial balance, every booking's end, no slot and no chef",
        "twice, and the same sums once more after a backup was restored.",
        "",
        f"**{len(faults)} differences.**",
        "",
        *(f"- {fault}" for fault in faults),
        f"![Holds, money, parties and e-mails by day]({drawing})",
        "",
        _table("how parties ended", found.ends),
        _table("e-mails, each at its minute", found.mails),
        _table("what guests did", {name: found.facts[name] for name in COUNTED if name in found.facts}),
        _table("accounts, in cents", {**found.balance.accounts, "sum": found.balance.total}),
        f"Handoffs: {found.handoffs}.",
    ]
    return "\n".join(lines) + "\n"


def _table(title: str, counts: Mapping[str, int]) -> str:
    rows = [f"| {name} | {count:,} |" for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]
    return "\n".join([f"| {title} | |", "|---|---:|", *rows, ""])


def drawn(found: Seen) -> str:
    """Bars by day, a row for each thing, as SVG."""
    days = sorted({day for counts in found.by_day.values() for day in counts})
    first, span = days[0], (days[-1] - days[0]).days + 1
    step = (WIDTH - LEFT - RIGHT) / span
    height = ROW * len(found.by_day) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="system-ui, sans-serif"'
        f' font-size="13" fill="{INK}">',
        "<title>Holds, money that came, parties cooked and e-mails, by day</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for number, (name, counts) in enumerate(found.by_day.items()):
        base, most = ROW * (number + 1), max(counts.values(), default=1)
        parts.append(
            f'<text x="8" y="{base - 26}">{name}</text><text x="8" y="{base - 10}" font-size="11">{sum(counts.values())}, at most'
            f" {most} a day</text>"
        )
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}" stroke="{LINE}"/>')
        for day, count in sorted(counts.items()):
            tall = (ROW - 16) * count / most
            x = LEFT + step * (day - first).days
            parts.append(f'<rect x="{x:.1f}" y="{base - tall:.1f}" width="{max(1.0, step - 2):.1f}" height="{tall:.1f}" fill="{BAR}"/>')
    for offset in range(0, span, 7):
        x, day = LEFT + step * offset, date.fromordinal(first.toordinal() + offset)
        parts.append(f'<text x="{x:.1f}" y="{height - 14}" font-size="11">{day:%b %d}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
