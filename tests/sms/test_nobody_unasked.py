"""A number that has stopped gets no text, by any path in the code. The places from which a text can come into being are read from the
sources; each has its cases, which send to a number that may be written to and must not send to one that has stopped."""

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from business.channels import consent
from gateway.simulator.server import RingCentralServer
from kernel.tables.ops import TextMessage
from tests.rig.ringcentral import LOS_ANGELES, phone
from tests.sms.arriving import arriving
from tests.sms.paths import PATHS, Number
from tests.sms.texting import NOW, Texting

ROOT = Path(__file__).parents[2]
FOLDERS = ("business", "agents", "gateway", "workers", "knowledge", "kernel")
# What makes a text, or sends one on its way, by its module and name; and what it is called in the table of paths.
MAKERS = {
    "business.channels.writing.write": "write",
    "business.channels.outgoing.store": "store",
    "business.channels.outgoing.enqueue": "enqueue",
    "kernel.jobs.SendText": "SendText",
}
WORDS = ("writing", "outgoing", "SendText", "TextMessage", "provider")  # a module without any of them makes none
GENEROUS: dict[str, Any] = {"per_minute": 10_000, "per_prefix_hour": 10_000, "per_day": 100_000}


class Calls(ast.NodeVisitor):
    """The calls of makers in one module, through whatever name it imported them by."""

    def __init__(self, module: str) -> None:
        self.module, self.names, self.inside = module, dict[str, str](), ["module"]
        self.found: list[tuple[str, str]] = []

    def visit_Import(self, node: ast.Import) -> None:
        for one in node.names:
            self.names[one.asname or one.name.partition(".")[0]] = one.name if one.asname else one.name.partition(".")[0]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for one in node.names:
            self.names[one.asname or one.name] = f"{node.module}.{one.name}"

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.names.setdefault(node.name, f"{self.module}.{node.name}")
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Call(self, node: ast.Call) -> None:
        maker = MAKERS.get(self._named(node.func))
        if maker is None and isinstance(node.func, ast.Attribute) and node.func.attr == "send":
            maker = "provider" if "provider" in ast.unparse(node.func.value) else None
        if maker is None and ast.unparse(node.func) in ("insert", "upsert", "sa.insert") and "TextMessage" in ast.unparse(node.args[0]):
            maker = "insert"
        if maker is not None:
            self.found.append((self.inside[-1], maker))
        self.generic_visit(node)

    def _named(self, node: ast.expr) -> str:
        match node:
            case ast.Name(id=name):
                return self.names.get(name, f"{self.module}.{name}")
            case ast.Attribute(value=value, attr=attr):
                return f"{self._named(value)}.{attr}"
        return ""


def places(root: Path) -> Iterator[str]:
    """`file:function > maker`, of every place that makes a text or hands one on."""
    for path in sorted(file for folder in FOLDERS for file in (root / folder).rglob("*.py")):
        relative = path.relative_to(root).as_posix()
        calls = Calls(relative.removesuffix(".py").replace("/", "."))
        source = path.read_text(encoding="utf-8")
        if not any(word in source for word in WORDS):
            continue
        calls.visit(ast.parse(source))
        yield from {f"{relative}:{function} > {maker}" for function, maker in calls.found}


class TestPlaces:
    def test_every_place_that_makes_a_text_is_tried(self) -> None:
        found = {place for place in places(ROOT) if place != "business/channels/outgoing.py:store > insert"}
        assert found == PATHS.keys(), "a place that writes texts needs its case in tests/sms/paths.py"

    def test_a_new_one_is_noticed_under_any_name(self, tmp_path: Path) -> None:
        for folder in FOLDERS:
            (tmp_path / folder).mkdir()
        sources = (
            "from business.channels.writing import write as say\nasync def one(c): await say(c)\n",
            "from business.channels import outgoing as out\nasync def two(c): await out.store(c)\n",
            "import business.channels.writing\nasync def three(c): await business.channels.writing.write(c)\n",
            "from kernel.jobs import SendText\ndef four(): return SendText(text=1)\n",
            "class A:\n    async def five(self): await self._provider.send('+1', 'x')\n",
            "async def six(c): await c.execute(insert(TextMessage).values())\n",
            "from business.emails.writing import write\nasync def none(c): await write(c)\n",
        )
        for number, source in enumerate(sources):
            (tmp_path / "workers" / f"{number}.py").write_text(source)
        expected = [("one", "write"), ("two", "store"), ("three", "write"), ("four", "SendText"), ("five", "provider"), ("six", "insert")]
        assert sorted(places(tmp_path)) == [f"workers/{at}.py:{function} > {maker}" for at, (function, maker) in enumerate(expected)]


class TestByNoPath:
    async def test_a_stopped_number_gets_a_text(self, texting: Texting, rc: RingCentralServer) -> None:
        """Each path twice: to a number that may be written to, so that it is a path at all, and to one that stops half way."""
        cases = list(dict.fromkeys(case for those in PATHS.values() for case in those))
        worker = texting.worker(**GENEROUS)
        for place, case in enumerate(cases):
            free, stopped = phone(2 * place), phone(2 * place + 1)
            for number in (free, stopped):
                texting.now = NOW
                path = case(Number(texting, number))
                await anext(path)
                if number == stopped:
                    async with texting.database.transaction() as connection:
                        await consent.stop(connection, number=number, text="STOP", now=NOW)
                async for _ in path:
                    raise AssertionError("a path yields once")
                while await worker.look():
                    await worker.idle()
            assert [one.text for one in rc.sent if one.to == free], f"{case.__name__} sends nothing to anybody"
            assert [one.text for one in rc.sent if one.to == stopped] == [], f"{case.__name__} writes to a number that has stopped"
            await texting.time_passes(minutes=2)
        await worker._closing.close()

    async def test_but_once_that_it_has_stopped(self, texting: Texting, rc: RingCentralServer) -> None:
        async with arriving(texting) as arrived:
            await arrived.subscribes()
            for text in ("Hello", "STOP", "stop", "Stop.", "what about Saturday?", "¿y el domingo?", "STOPALL"):
                await arrived.comes(text, LOS_ANGELES)
                await texting.sends(**GENEROUS)
            (said,) = rc.sent
            assert said.to == LOS_ANGELES and "no more texts" in said.text
            await arrived.comes("HELP", LOS_ANGELES)
            await texting.sends(**GENEROUS)
            assert len(rc.sent) == 2 and texting.town.profile.business.phone in rc.sent[-1].text

    async def test_start_and_stop_at_the_same_moment(self, texting: Texting, rc: RingCentralServer) -> None:
        """Whatever is kept last counts, and what is sent is sent while the number may be written to."""
        ana = await texting.texter()

        async def says(word: str) -> None:
            async with texting.database.transaction() as connection:
                if word == "start":
                    await consent.start(connection, number=LOS_ANGELES, text="START")
                else:
                    await consent.stop(connection, number=LOS_ANGELES, text="STOP", now=NOW)

        for _ in range(5):
            await texting.write(conversation=ana.conversation)
        await asyncio.gather(texting.sends(**GENEROUS), *(says(word) for word in ("stop", "start", "stop", "start", "stop")))
        async with texting.database.transaction() as connection:
            entries = await consent.ledger(connection, LOS_ANGELES)
            rows = (await connection.execute(sa.select(TextMessage))).all()
        assert len(rc.sent) == sum(row.state == "sent" for row in rows)
        for row in rows:
            before = [entry for entry in entries if row.sending_at is not None and entry.at < row.sending_at]
            assert row.state == "refused" or not consent.stands(before).stopped
        assert {row.state for row in rows} <= {"sent", "refused"}
