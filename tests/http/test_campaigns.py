"""Campaigns and segments over HTTP: who may what, what keeps one from being approved, and that nothing is approved but what was seen."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.staff.service import Invited, StaffService
from kernel.database import Database
from kernel.settings.schema import SmsSettings
from kernel.tables.core import Audit
from kernel.tables.crm import Consent
from kernel.tables.marketing import CampaignRecipient
from tests.campaigns.crowd import crowd
from tests.http.conftest import NewBrowser, entered
from tests.http.test_complaints import Person
from tests.http.test_tokens import chief, with_scopes

__all__ = ["chief"]

PATH, SEGMENTS = "/api/admin/campaigns", "/api/admin/segments"
TEXTS = {
    "en": "Hi {{first_name}}, {{business}} here. Thanksgiving is near: {{link}} Reply STOP to opt out",
    "es": "Hola {{first_name}}, somos {{business}}. Se acerca el otoño: {{link}} Responde STOP para salir",
}
SMS = SmsSettings(provider="ringcentral")


class Editor(Person):
    """Somebody who writes campaigns."""

    async def patch(self, path: str, body: Any) -> httpx.Response:
        return await self._browser.patch(path, json=body, headers=self._csrf)

    async def delete(self, path: str) -> httpx.Response:
        return await self._browser.delete(path, headers=self._csrf)

    async def draft(self, **more: Any) -> dict[str, Any]:
        answer = await self.post(PATH, {"id": str(uuid4()), "name": "Autumn", "texts": TEXTS, **more})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def do(self, verb: str, record: dict[str, Any], status: int = 200, **more: Any) -> dict[str, Any]:
        campaign = record["campaign"]
        body = {"rev": campaign["rev"], **more} if verb in ("approve", "withdraw", "start") else {}
        answer = await self.post(f"{PATH}/{campaign['id']}/{verb}", body)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def change(self, record: dict[str, Any], status: int = 200, **values: Any) -> dict[str, Any]:
        answer = await self.patch(f"{PATH}/{record['campaign']['id']}", {"rev": record["campaign"]["rev"], **values})
        assert answer.status_code == status, answer.text
        return dict(answer.json())


@pytest.fixture
async def dana_here(new_browser: NewBrowser, staff: StaffService, dana: Invited) -> Editor:
    browser = new_browser(sms=SMS)
    return Editor(browser, await entered(browser, staff, dana))


@pytest.fixture
async def olga_here(new_browser: NewBrowser, staff: StaffService) -> Editor:
    browser = new_browser(sms=SMS)
    return Editor(browser, await entered(browser, staff, await staff.invite("olga@example.com", "Olga", "owner")))


class TestRefused:
    async def test_nobody_who_is_not_signed_in(self, browser: httpx.AsyncClient) -> None:
        for path in (PATH, f"{PATH}/{uuid4()}", f"{PATH}/seasons", SEGMENTS):
            assert (await browser.get(path)).status_code == 401

    async def test_what_it_does_not_know(self, dana_here: Editor) -> None:
        record = await dana_here.draft()
        at = f"{PATH}/{record['campaign']['id']}"
        wrong: tuple[tuple[Any, int], ...] = (
            ({"name": "no id"}, 400),
            ({"id": str(uuid4()), "name": ""}, 400),
            ({"id": str(uuid4()), "name": "x", "texts": {"english": "hi"}}, 400),
            ({"id": str(uuid4()), "name": "x", "texts": {"en": "x" * 1001}}, 413),
            ({"id": str(uuid4()), "name": "x", "state": "approved"}, 400),
            ({"id": str(uuid4()), "name": "x", "segment": str(uuid4())}, 404),
            ({"id": str(uuid4()), "name": "x", "audience": {"filter": {"is": "rich"}}}, 400),
            ({"id": str(uuid4()), "name": "x", "audience": {"filter": {"is": "booked"}}}, 400),
            ({"id": str(uuid4()), "name": "x", "audience": {"filter": {"all": [{"is": "upcoming"}] * 40}}}, 413),
            ({"id": str(uuid4()), "name": "x", "audience": {"filter": nested(6)}}, 400),
        )
        for body, status in wrong:
            assert (await dana_here.post(PATH, body)).status_code == status, body
        assert (await dana_here.patch(at, {"rev": 1, "texts": None})).status_code == 400
        for path in (f"{PATH}/{UUID(int=7)}", f"{PATH}/none", f"{PATH}?state=sent", f"{PATH}?limit=0"):
            assert (await dana_here.get(path)).status_code in (400, 404), path

    async def test_what_an_agent_may_not_decide(self, dana_here: Editor, olga_here: Editor, database: Database) -> None:
        await crowd(database, 3)
        record = await dana_here.draft()
        await dana_here.do("approve", record, 403)
        record = await olga_here.do("approve", record)
        for verb in ("withdraw", "start"):
            await dana_here.do(verb, record, 403)
        record = await olga_here.do("start", record)
        assert (await dana_here.get(f"{PATH}/{record['campaign']['id']}/recipients")).status_code == 403
        assert (await dana_here.post(f"{PATH}/{record['campaign']['id']}/export")).status_code == 403
        record = await dana_here.do("pause", record)  # whoever sees that something is wrong
        await dana_here.do("resume", record, 403)
        assert (await dana_here.do("stop", record))["campaign"]["state"] == "stopped"

    async def test_a_program_drafts_and_decides_nothing(self, browser: httpx.AsyncClient, database: Database, chief: Invited) -> None:
        headers = await with_scopes(database, chief, "read", "write")
        id = str(uuid4())
        made = await browser.post(PATH, json={"id": id, "name": "By a program", "texts": TEXTS}, headers=headers)
        assert made.status_code == 200, made.text
        for verb in ("approve", "start", "pause", "stop"):
            assert (await browser.post(f"{PATH}/{id}/{verb}", json={"rev": 1}, headers=headers)).status_code == 403


def nested(deep: int) -> dict[str, Any]:
    return {"not": nested(deep - 1)} if deep else {"is": "upcoming"}


class TestLife:
    async def test_from_a_draft_to_a_stop(self, olga_here: Editor, database: Database) -> None:
        await crowd(database, 9)
        record = await olga_here.draft(season="thanksgiving", reminder=TEXTS, reminder_after_hours=48)
        assert record["campaign"]["state"] == "draft" and record["campaign"]["drafted_name"] == "Olga"
        assert record["count"]["reachable"] == 9 == record["forecast"]["recipients"]
        assert record["forecast"]["segments"] == 9 and sum(zone["recipients"] for zone in record["forecast"]["zones"]) == 9
        assert "Hi Maria, My Hibachi here." in record["samples"][0]["text"]
        record = await olga_here.do("approve", record)
        assert record["campaign"]["approved_by"] == "Olga"
        record = await olga_here.do("start", record)
        assert record["campaign"]["state"] == "running" and record["campaign"]["tally"]["planned"] == 9 and not record["editable"]
        listed = (await olga_here.get(PATH)).json()["items"]
        assert [one["tally"]["recipients"] for one in listed] == [9]
        await olga_here.change(record, 409, name="Too late")
        record = await olga_here.do("pause", record)
        assert record["campaign"]["pause_reason"] == "staff"
        record = await olga_here.do("resume", record)
        record = await olga_here.do("stop", record)
        assert record["campaign"]["tally"]["skipped"] == 9
        results = (await olga_here.get(f"{PATH}/{record['campaign']['id']}/results")).json()
        assert results["skipped"] == [{"why": "CampaignStopped", "recipients": 9}]
        async with database.transaction() as connection:
            deeds = await connection.scalars(sa.select(Audit.action).where(Audit.subject == record["campaign"]["id"]).order_by(Audit.id))
            assert list(deeds) == [f"campaign.{deed}" for deed in ("created", "approved", "started", "paused", "resumed", "stopped")]

    async def test_a_change_of_what_is_sent_wants_another_approval(self, olga_here: Editor) -> None:
        record = await olga_here.do("approve", await olga_here.draft())
        record = await olga_here.change(record, name="Another name")
        assert record["campaign"]["state"] == "approved"
        record = await olga_here.change(record, texts=TEXTS)  # the same again
        assert record["campaign"]["state"] == "approved"
        for values in (
            {"texts": {**TEXTS, "en": TEXTS["en"] + "!"}},
            {"audience": {"filter": {"is": "upcoming"}}},
            {"per_minute": 5},
            {"send_from": "10:00:00"},
            {"reminder": TEXTS, "reminder_after_hours": 5},
        ):
            record = await olga_here.change(record, **values)
            assert record["campaign"]["state"] == "draft" and "approved_by" not in record["campaign"], values
            record = await olga_here.do("approve", record)
        record = await olga_here.do("withdraw", record)
        await olga_here.do("start", record, 409)

    async def test_what_somebody_else_changed_is_not_approved(self, olga_here: Editor) -> None:
        seen = await olga_here.draft()
        await olga_here.change(seen, texts={"en": "Something else. {{business}} Reply STOP"})
        assert "meanwhile" in (await olga_here.do("approve", seen, 409))["error"]["message"]

    async def test_nor_is_one_that_goes_to_others_now(self, olga_here: Editor, dana_here: Editor) -> None:
        """A colleague changes the segment while the owner looks at who would get it."""
        segment = str(uuid4())
        few = {"filter": {"is": "upcoming"}}
        await dana_here.post(SEGMENTS, {"id": segment, "name": "Few", "audience": few})
        seen = await olga_here.draft(segment=segment)
        for changed in ({"name": "Some"}, {"audience": few}):  # none of that changes who it is
            assert (await dana_here.patch(f"{SEGMENTS}/{segment}", changed)).status_code == 200
        record = await olga_here.do("withdraw", await olga_here.do("approve", seen))
        assert (await dana_here.patch(f"{SEGMENTS}/{segment}", {"audience": {"filter": {"all": []}}})).status_code == 200
        await olga_here.do("approve", record, 409)

    async def test_the_same_id_again_is_the_same(self, olga_here: Editor) -> None:
        body = {"id": str(uuid4()), "name": "Autumn", "texts": TEXTS}
        made = await asyncio.gather(*(olga_here.post(PATH, body) for _ in range(4)))
        assert [answer.status_code for answer in made] == [200] * 4

    async def test_says_what_is_missing(self, olga_here: Editor) -> None:
        record = await olga_here.draft(texts={})
        for texts, code in (
            ({}, "no_text"),
            ({"en": "Come and eat. Reply STOP to opt out"}, "no_name"),
            ({"en": "{{business}}: come and eat"}, "no_way_out"),
            ({"en": "{{business}}: only $40 a head. Reply STOP"}, "figure"),
            ({"en": "{{business}}: 15% off. Reply STOP"}, "figure"),
            ({"en": "{{business}}: hello {{last_name}}. Reply STOP"}, "placeholder"),
            ({"en": "{{business}}. Reply STOP" + " so good" * 90}, "long"),
        ):
            record = await olga_here.change(record, texts=texts)
            assert code in {one["code"] for one in record["checks"] if one["level"] == "error"}, texts
            assert code in (await olga_here.do("approve", record, 409))["error"]["codes"]

    async def test_only_a_win_back_offers_something_and_no_more_than_the_profile(self, olga_here: Editor) -> None:
        offer = {"en": "{{business}}: {{percent}}% off. Reply STOP"}
        await olga_here.do("approve", await olga_here.draft(texts=offer, offer_percent=10), 409)
        await olga_here.do("approve", await olga_here.draft(texts=offer, offer_percent=15, variant="win_back"), 409)
        record = await olga_here.draft(texts=offer, offer_percent=10, variant="win_back")
        assert {one["code"] for one in record["checks"]} == {"coupon", "one_language"}
        assert record["samples"][0]["text"] == "My Hibachi: 10% off. Reply STOP"
        await olga_here.do("approve", record)

    async def test_nobody_is_written_to_where_nobody_carries_texts(self, new_browser: NewBrowser, staff: StaffService) -> None:
        browser = new_browser()
        olga = Editor(browser, await entered(browser, staff, await staff.invite("olga@example.com", "Olga", "owner")))
        record = await olga.do("approve", await olga.draft())
        assert "Nobody carries" in (await olga.do("start", record, 409))["error"]["message"]

    async def test_a_copy_begins_as_a_draft(self, olga_here: Editor, database: Database) -> None:
        await crowd(database, 2)
        record = await olga_here.do("start", await olga_here.do("approve", await olga_here.draft(send_from="10:00:00")))
        copy = (await olga_here.post(f"{PATH}/{record['campaign']['id']}/duplicate", {"id": str(uuid4())})).json()
        assert (copy["campaign"]["state"], copy["campaign"]["name"], copy["texts"]) == ("draft", "Autumn (copy)", TEXTS)
        assert "tally" not in copy["campaign"]


class TestSegments:
    async def test_a_saved_filter_is_counted_used_and_kept(self, olga_here: Editor, database: Database) -> None:
        await crowd(database, 12)
        spanish = {"filter": {"is": "language", "locales": ["es"]}}
        count = (await olga_here.post(f"{SEGMENTS}/count", {"audience": spanish})).json()
        assert (count["matched"], count["reachable"], count["locales"]) == (4, 4, {"es": 4})
        id = str(uuid4())
        for _ in range(2):
            made = await olga_here.post(SEGMENTS, {"id": id, "name": "Spanish", "audience": spanish})
            assert made.json()["audience"] == spanish
        assert (await olga_here.post(SEGMENTS, {"id": str(uuid4()), "name": "spanish", "audience": spanish})).status_code == 409
        record = await olga_here.draft(segment=id)
        assert record["count"]["reachable"] == 4 and record["segment_name"] == "Spanish"
        record = await olga_here.do("approve", record)
        everybody: dict[str, Any] = {"filter": {"all": []}}
        assert (await olga_here.patch(f"{SEGMENTS}/{id}", {"audience": everybody})).status_code == 200
        record = await olga_here.do("start", record)  # what was approved
        assert record["campaign"]["tally"]["planned"] == 4
        assert (await olga_here.delete(f"{SEGMENTS}/{id}")).status_code == 409
        assert [one["campaigns"] for one in (await olga_here.get(SEGMENTS)).json()["items"]] == [1]

    async def test_says_who_gets_nothing_and_why(self, olga_here: Editor, database: Database) -> None:
        await crowd(database, 4)
        async with database.transaction() as connection:
            rows = (await connection.execute(sa.select(Consent).order_by(Consent.address))).all()
            for row, purpose in ((rows[0], "all"), (rows[1], "marketing")):
                no = {"id": uuid4(), "channel": "sms", "purpose": purpose, "granted": False, "address": row.address}
                await connection.execute(sa.insert(Consent).values(**no, text="STOP", source="keyword"))
        count = (await olga_here.post(f"{SEGMENTS}/count", {"audience": {"filter": {"all": []}}})).json()
        assert count["reachable"] == 2
        assert count["left_out"] == [{"why": "no_consent", "customers": 1}, {"why": "stopped", "customers": 1}]


class TestReading:
    async def test_the_calendar_says_what_may_be_filled(self, dana_here: Editor) -> None:
        await dana_here.draft(season="christmas")
        calendar = (await dana_here.get(f"{PATH}/seasons")).json()
        assert len({one["key"] for one in calendar["seasons"]}) >= 11 and len(calendar["seasons"]) >= 22
        assert calendar["win_back_percent"] == 10 and "profile.prices.adult" in calendar["placeholders"]
        assert sum(len(one["campaigns"]) for one in calendar["seasons"]) == 1

    async def test_a_preview_keeps_nothing(self, dana_here: Editor) -> None:
        body = {"texts": {"en": "Hi {{first_name}}, {{business}} “here”. From {{profile.prices.adult}}. Reply STOP"}, "first_name": None}
        shown = (await dana_here.post(f"{PATH}/preview", body)).json()
        assert shown["samples"][0] == {
            "locale": "en",
            "text": 'Hi, My Hibachi "here". From $55. Reply STOP',
            "encoding": "gsm7",
            "segments": 1,
        }
        assert (await dana_here.get(PATH)).json()["items"] == []

    async def test_drafts_to_choose_from(self, dana_here: Editor, database: Database) -> None:
        await crowd(database, 6)
        wanted = {"season": "christmas", "variant": "returning", "audience": {"filter": {"all": []}}, "described": "Who had a party"}
        made = (await dana_here.post(f"{PATH}/drafts", wanted)).json()
        assert len(made["drafts"]) == 3 and made["recipients"] == 6 and made["drafts"][0]["cost_microdollars"] > 0
        for draft in made["drafts"]:
            texts, reminder = ({one["locale"]: one["text"] for one in draft[name]} for name in ("texts", "reminder"))
            record = await dana_here.draft(
                season="christmas", texts=texts, reminder=reminder, reminder_after_hours=48, drafted_by="generator"
            )
            assert not [one for one in record["checks"] if one["level"] == "error"], texts
        assert (await dana_here.post(f"{PATH}/drafts", {**wanted, "offer_percent": 5})).status_code == 400
        assert (await dana_here.post(f"{PATH}/drafts", {**wanted, "segment": str(uuid4())})).status_code == 404

    async def test_recipients_by_what_became_of_them_and_as_a_file(self, olga_here: Editor, database: Database) -> None:
        await crowd(database, 5)
        record = await olga_here.do("start", await olga_here.do("approve", await olga_here.draft()))
        at = f"{PATH}/{record['campaign']['id']}"
        async with database.transaction() as connection:
            first = await connection.scalar(sa.select(sa.func.min(CampaignRecipient.number)))
            await connection.execute(
                sa.update(CampaignRecipient).where(CampaignRecipient.number == first).values(state="skipped", why="NoConsent")
            )
        page = (await olga_here.get(f"{at}/recipients?limit=3")).json()
        rest = (await olga_here.get(f"{at}/recipients")).json()
        assert len(page["items"]) == 3 and page["after"] == page["items"][-1]["number"] and len(rest["items"]) == 5
        skipped = (await olga_here.get(f"{at}/recipients?outcome=skipped")).json()["items"]
        assert [(one["number"], one["why"]) for one in skipped] == [(first, "NoConsent")]
        file = await olga_here.post(f"{at}/export")
        lines = file.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 6 and lines[0].startswith("number,name") and lines[1].startswith("'+1")
