"""Consent over HTTP and on the command line: owners and admins alone; what they were told is kept with its reason; refusals are settled
once; the proof is whole, or it is none."""

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from typer.testing import CliRunner

from business.channels import consent, proof
from business.profile.loader import load_profile
from business.sites.service import ensure_install, install_secret
from business.staff.service import StaffService
from gateway.cli.consent import app
from kernel.clock import utc_now
from kernel.database import Database
from tests.http.conftest import NewBrowser, entered

PHONE = "+14155557001"
PATH = "/api/admin/consent"
WORDS = consent.words(load_profile(), "en", "marketing")


class Person:
    """Somebody of the staff with a browser."""

    def __init__(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        self._browser, self._csrf = browser, csrf

    async def get(self, path: str = "") -> httpx.Response:
        return await self._browser.get(f"{PATH}{path}")

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self._browser.post(f"{PATH}{path}", json={"number": "(415) 555-7001", **body}, headers=self._csrf)

    async def settle(self, review: UUID | str, **body: Any) -> httpx.Response:
        return await self._browser.post(f"{PATH}/reviews/{review}", json=body, headers=self._csrf)

    async def standing(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.post("/look")).json()["standing"]
        return found


@pytest.fixture
async def olga(new_browser: NewBrowser, staff: StaffService, database: Database) -> Person:
    await database.unit(ensure_install)
    browser = new_browser()
    return Person(browser, await entered(browser, staff, await staff.invite("olga@example.com", "Olga", "owner")))


async def gives(database: Database, purpose: Any = "marketing", **more: Any) -> None:
    given = {"number": PHONE, "purpose": purpose, "granted": True, "text": WORDS, "source": "widget", "ip": "203.0.113.9", **more}
    await database.unit(lambda c: consent.record(c, **given))


async def refuses(database: Database) -> UUID:
    review = await database.unit(lambda c: consent.refuse(c, number=PHONE, text="please stop texting me"))
    assert review is not None
    return review


class TestWho:
    async def test_owners_and_admins_alone(self, new_browser: NewBrowser, staff: StaffService, olga: Person) -> None:
        browser = new_browser()
        dana = Person(browser, await entered(browser, staff, await staff.invite("dana@example.com", "Dana", "agent")))
        answers = [await dana.get(), await dana.settle(UUID(int=7), decision="confirmed")]
        answers += [await dana.post(path) for path in ("/look", "/proof", "/table")]
        answers.append(await dana.post("/entries", purpose="marketing", granted=True, text=WORDS, reason="On paper"))
        assert [answer.status_code for answer in answers] == [403] * 6


class TestTold:
    async def test_is_kept_with_its_words_its_reason_and_who(self, olga: Person, database: Database) -> None:
        told = {"purpose": "marketing", "granted": True, "text": WORDS, "reason": "Signed at the tasting"}
        answer = (await olga.post("/entries", **told)).json()
        (entry,) = answer["entries"]
        assert (entry["text"], entry["reason"], entry["by"], entry["source"]) == (WORDS, "Signed at the tasting", "Olga", "staff")
        assert answer["number"] == PHONE and answer["standing"] == {"marketing": True, "stopped": False}
        assert len((await olga.post("/entries", **told)).json()["entries"]) == 1
        ended = await olga.post("/entries", purpose="all", granted=False, text="Call, no texts please", reason="By phone")
        assert ended.json()["standing"] == {"transactional": False, "marketing": False, "stopped": True}
        refused = await olga.post("/entries", **told)
        assert refused.status_code == 409 and "START" in refused.json()["error"]["message"]
        async with database.transaction() as connection:
            assert (await consent.standing(connection, PHONE)).stopped

    async def test_what_nobody_sees_is_not_kept(self, olga: Person) -> None:
        told = {"purpose": "marketing", "granted": True, "text": f"{WORDS}\0", "reason": " On\u202e paper"}
        (entry,) = (await olga.post("/entries", **told)).json()["entries"]
        assert (entry["text"], entry["reason"]) == (WORDS, "On paper")

    async def test_what_is_none_is_refused(self, olga: Person) -> None:
        told = {"purpose": "marketing", "granted": True, "text": WORDS, "reason": "On paper"}
        wrong: list[dict[str, Any]] = [
            {"number": "12"}, {"purpose": "all"}, {"purpose": "spam"}, {"text": ""}, {"reason": ""}, {"granted": "yes"}, {"who": "me"},
            {"text": " \n\t "}, {"text": "\0" * 9}, {"reason": "\u200b" * 9},
        ]  # fmt: skip
        assert [(await olga.post("/entries", **told | one)).status_code for one in wrong] == [400] * len(wrong)


class TestRefusals:
    async def test_confirmed_once(self, olga: Person, database: Database) -> None:
        await gives(database)
        review = await refuses(database)
        (waiting,) = (await olga.get()).json()["reviews"]
        assert (waiting["id"], waiting["text"], waiting["number"]) == (str(review), "please stop texting me", PHONE)
        for _ in range(2):
            answer = await olga.settle(review, decision="confirmed")
            assert answer.status_code == 200 and answer.json()["reviews"] == []
        assert (await olga.settle(review, decision="reversed", reason="A joke")).status_code == 409
        assert (await olga.standing())["marketing"] is False

    async def test_reversed_with_a_reason_stands_as_before(self, olga: Person, database: Database) -> None:
        await gives(database)
        review = await refuses(database)
        assert (await olga.settle(review, decision="reversed")).status_code == 400
        answer = (await olga.settle(review, decision="reversed", reason="They meant the music")).json()
        assert answer["standing"]["marketing"] is True and answer["entries"][0]["reason"] == "They meant the music"
        assert [entry["source"] for entry in answer["entries"]] == ["review", "free_text", "widget"]

    async def test_reversed_gives_nothing_that_never_stood_or_ended_since(self, olga: Person, database: Database) -> None:
        review = await refuses(database)
        await olga.settle(review, decision="reversed", reason="They meant the music")
        assert (await olga.standing())["marketing"] is False
        await gives(database)
        review = await refuses(database)
        await database.unit(lambda c: consent.stop(c, number=PHONE, text="STOP", now=utc_now()))
        assert (await olga.settle(review, decision="reversed", reason="They meant the music")).status_code == 200
        assert await olga.standing() == {"transactional": False, "marketing": False, "stopped": True}

    async def test_of_nothing(self, olga: Person) -> None:
        assert [(await olga.settle(one, decision="confirmed")).status_code for one in (UUID(int=7), "none")] == [404, 404]


class TestProof:
    async def test_is_whole_or_none(self, olga: Person, database: Database) -> None:
        await gives(database, "transactional")
        await gives(database, text='=HYPERLINK("http://x")')
        await refuses(database)
        answer = await olga.post("/proof")
        document = answer.json()
        assert "consent.json" in answer.headers["content-disposition"] and document["stands"]["marketing"] is False
        first = document["entries"][0]
        assert (first["words"], first["ip"], first["source"]) == (WORDS, "203.0.113.9", "widget")
        async with database.transaction() as connection:
            secret = await install_secret(connection)
        assert proof.genuine(document, secret) and not proof.genuine(document, "another")
        for spoilt in _spoilt(document):
            assert not proof.genuine(spoilt, secret)
        rows = list(csv.DictReader(io.StringIO((await olga.post("/table")).text)))
        assert [row["hash"] for row in rows] == [entry["hash"] for entry in document["entries"]]
        assert rows[0]["number"] == PHONE and rows[1]["words"].startswith("'=") and rows[2]["granted"] == "no"

    async def test_of_a_number_of_which_nothing_is_known(self, olga: Person) -> None:
        document = (await olga.post("/proof")).json()
        assert document["entries"] == [] and document["stands"] == {"transactional": None, "marketing": None, "stopped": False}


class TestCommands:
    def test_export_and_verify(self, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        async def lay_out() -> None:
            made = Database(database_url, application="tests", pool_size=1)
            await made.unit(ensure_install)
            await gives(made)
            await made.close()

        asyncio.run(lay_out())
        monkeypatch.setenv("DATABASE_URL", database_url)
        monkeypatch.chdir(tmp_path)
        run = CliRunner().invoke
        kept = tmp_path / "proof.json"
        assert run(app, ["export", "415 555 7001", "--to", str(kept)]).exit_code == 0
        assert run(app, ["verify", str(kept)]).output == "this document is as the install made it\n"
        kept.write_text(json.dumps({**json.loads(kept.read_text()), "number": "+14155557009"}))
        assert run(app, ["verify", str(kept)]).exit_code == 1
        kept.write_text("nothing")
        assert run(app, ["verify", str(kept)]).exit_code == 1
        table = run(app, ["export", PHONE, "--format", "csv"])
        assert table.exit_code == 0 and table.output.count(PHONE) == 1
        assert run(app, ["export", "12"]).exit_code == 1


def _spoilt(document: dict[str, Any]) -> list[dict[str, Any]]:
    entries = document["entries"]
    return [
        {**document, "entries": entries[1:]},
        {**document, "entries": entries[:-1]},
        {**document, "entries": [entries[1], entries[0], *entries[2:]]},
        {**document, "entries": [{**entries[0], "words": "other"}, *entries[1:]]},
        {**document, "number": "+14155557009"},
        {**document, "stands": {**document["stands"], "marketing": True}},
        {**document, "signature": ""},
        {},
    ]
