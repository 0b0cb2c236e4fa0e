"""E-mails over HTTP: who may see them, another try, texts that are saved as versions, drafts that are looked at, a test to oneself; the way
out of marketing mail."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from business.emails import templates
from business.emails.samples import Samples
from business.emails.writing import write
from business.links.signing import Links
from business.profile.loader import load_profile
from business.staff.service import Invited, StaffService
from gateway.http.unsubscribe import Unsubscribe
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.core import Audit
from kernel.tables.ops import Email, EmailSuppression, EmailTemplate
from tests.http.conftest import OWN, entered

AT, TEXTS = "/api/admin/emails", "/api/admin/email-templates"
REFUND = f"{TEXTS}/refund.en"
DRAFT_PAGE = REFUND.replace("/api/admin", "/pages")
PROFILE = load_profile()
LINKS = Links(lambda: OWN, "secret")
BODY = "<mj-text><p>{{ hello }} {{ refund_cents|money }}</p></mj-text>"


@pytest.fixture
async def csrf(browser: httpx.AsyncClient, staff: StaffService) -> dict[str, str]:
    return await entered(browser, staff, await staff.invite("chief@hibachi.house", "Chief", "admin"))


async def written(database: Database, to: str = "ana@customers.house", kind: str = "refund", **changed: Any) -> str:
    """A mail, in whatever state the test wants."""
    values = Samples(PROFILE, OWN, utc_now()).of(kind)
    given = {"to_name": "Ana", "locale": "en", "values": values, "key": str(uuid4())}
    email = await database.unit(lambda c: write(c, PROFILE, LINKS, kind=kind, to=to, **given))  # type: ignore[arg-type]
    if changed:
        async with database.transaction() as connection:
            await connection.execute(sa.update(Email).where(Email.id == email).values(changed))
    return str(email)


async def rows(database: Database, query: Any) -> list[Any]:
    async with database.transaction() as connection:
        return list((await connection.execute(query)).all())


class TestWhoMay:
    async def test_nobody_and_no_agent(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, database: Database) -> None:
        email = await written(database)
        for signed_in in (False, True):
            headers = await entered(browser, staff, dana) if signed_in else {}
            wanted = 403 if signed_in else 401
            for path in (AT, f"{AT}/{email}", f"/pages/emails/{email}", TEXTS, REFUND, "/api/admin/inbound-emails"):
                assert (await browser.get(path)).status_code == wanted, path
            assert (await browser.post(f"{AT}/{email}/retry", json={}, headers=headers)).status_code == wanted
            body = {"subject": "Hi", "body": BODY, "based_on": 0}
            assert (await browser.put(REFUND, json=body, headers=headers)).status_code == wanted

    async def test_no_page_of_another_shows_a_draft(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        form = {"subject": "Hi", "body": BODY}
        for token in ({}, {"csrf": "guessed"}):
            assert (await browser.post(DRAFT_PAGE, data={**form, **token})).status_code == 403


class TestTheOutbox:
    async def test_lists_finds_and_shows_as_written(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        first = await written(database)
        second = await written(database, "ben@customers.house", state="unknown")
        await written(database, "ana@example.com")
        page = (await browser.get(AT)).json()
        assert page["counts"] == {"waiting": 1, "unknown": 1, "held": 1} and page["server"] is False
        assert [one["state"] for one in page["items"]] == ["held", "unknown", "waiting"]
        assert [one["id"] for one in (await browser.get(AT, params={"q": "ben@"})).json()["items"]] == [second]
        assert [one["id"] for one in (await browser.get(AT, params={"state": "waiting"})).json()["items"]] == [first]
        assert (await browser.get(AT, params={"q": "%"})).json()["items"] == []
        one = (await browser.get(f"{AT}/{first}")).json()
        assert one["email"]["to_name"] == "Ana" and "Hi Ana," in one["plain"]
        shown = await browser.get(f"/pages/emails/{first}")
        assert "sandbox" in shown.headers["content-security-policy"] and "script" not in shown.headers["content-security-policy"]
        assert (await browser.get(f"{AT}/{uuid4()}")).status_code == 404

    async def test_pages_of_it(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        made = [await written(database) for _ in range(5)]
        found, cursor = [], None
        while True:
            page = (await browser.get(AT, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
            found += [one["id"] for one in page["items"]]
            if not (cursor := page.get("cursor")):
                break
        assert found == made[::-1]

    async def test_another_try_asks_first_where_nobody_knows(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database
    ) -> None:
        email = await written(database, state="unknown")
        refused = await browser.post(f"{AT}/{email}/retry", json={}, headers=csrf)
        assert refused.status_code == 409 and refused.json()["error"]["unsure"] is True
        for _ in range(2):
            assert (await browser.post(f"{AT}/{email}/retry", json={"sure": True}, headers=csrf)).json()["state"] == "waiting"
        assert len(await rows(database, sa.select(Audit).where(Audit.action == "email.retried"))) == 1
        sent = await written(database, state="sent")
        assert (await browser.post(f"{AT}/{sent}/retry", json={"sure": True}, headers=csrf)).status_code == 409


class TestTexts:
    async def test_each_save_is_a_version_and_counts(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        for number in (1, 2):
            body = {"subject": f"Money {number}", "body": BODY, "based_on": number - 1}
            assert (await browser.put(REFUND, json=body, headers=csrf)).json() == {"version": number}
        email = await written(database)
        assert (await browser.get(f"{AT}/{email}")).json()["email"]["subject"] == "Money 2"
        text = (await browser.get(REFUND)).json()
        assert (text["version"], [one["version"] for one in text["versions"]], text["versions"][0]["by"]) == (2, [2, 1], "Chief")
        assert (await browser.get(REFUND, params={"version": 1})).json()["subject"] == "Money 1"
        assert (await browser.put(REFUND, json={"based_on": 2}, headers=csrf)).json() == {"version": 3}
        assert (await browser.get(REFUND)).json()["subject"] == templates.shipped("refund", "en").subject

    async def test_who_was_slower_is_told(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        body = {"subject": "Mine", "body": BODY, "based_on": 0}
        assert (await browser.put(REFUND, json=body, headers=csrf)).status_code == 200
        refused = await browser.put(REFUND, json=body, headers=csrf)
        assert refused.status_code == 409 and refused.json()["error"]["version"] == 1

    async def test_what_is_wrong_is_told_with_its_line_and_not_saved(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        draft = {"subject": "Hi", "body": "<mj-text>\n<p>{{ nothing }}</p></mj-text>"}
        refused = await browser.put(REFUND, json={**draft, "based_on": 0}, headers=csrf)
        assert refused.status_code == 400 and refused.json()["error"]["faults"][0]["line"] == 2
        assert (await browser.post(f"{REFUND}/preview", json=draft, headers=csrf)).json()["faults"][0]["line"] == 2
        assert (await browser.post(f"{REFUND}/test", json=draft, headers=csrf)).status_code == 400
        assert (await browser.get(REFUND)).json()["newest"] == 0

    @pytest.mark.parametrize("name", ["nothing.en", "refund.de", "refund", "../refund.en"])
    async def test_there_is_no_other(self, browser: httpx.AsyncClient, csrf: dict[str, str], name: str) -> None:
        assert (await browser.get(f"{TEXTS}/{name}")).status_code == 404

    async def test_a_draft_is_looked_at_and_sent_to_oneself(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database
    ) -> None:
        draft = {"subject": "Money: {{ refund_cents|money }}", "body": BODY}
        seen = (await browser.post(f"{REFUND}/preview", json=draft, headers=csrf)).json()
        assert seen["subject"] == "Money: $100" and "Hi Ana, $100" in seen["plain"]
        page = await browser.post(DRAFT_PAGE, data={**draft, "csrf": csrf["X-CSRF-Token"]})
        assert "Hi Ana, $100" in page.text and "sandbox" in page.headers["content-security-policy"]
        sent = (await browser.post(f"{REFUND}/test", json=draft, headers=csrf)).json()
        assert (sent["state"], sent["to"]) == ("waiting", "chief@hibachi.house")
        (row,) = await rows(database, sa.select(Email))
        assert (row.subject, row.to_address) == ("Money: $100", "chief@hibachi.house")

    async def test_a_text_that_cannot_bear_what_comes_gives_way_to_the_one_that_ships(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database
    ) -> None:
        """A profile may change after a text was saved."""
        async with database.transaction() as connection:
            values = {"kind": "refund", "locale": "en", "version": 1, "subject": "{{ gone }}", "body": BODY}
            await connection.execute(sa.insert(EmailTemplate).values(values))
        assert (await browser.get(f"{AT}/{await written(database)}")).json()["email"]["subject"].startswith("Your refund")


@pytest.fixture
async def reader(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a mail, and no account."""
    pages = Unsubscribe(database, LINKS, lambda: PROFILE, utc_now)
    transport = httpx.ASGITransport(Starlette(routes=pages.routes()))
    async with httpx.AsyncClient(transport=transport, base_url=OWN) as client:
        yield client


class TestTheWayOut:
    async def test_a_page_with_one_button_and_nothing_before_it_is_pressed(self, reader: httpx.AsyncClient, database: Database) -> None:
        link = LINKS.unsubscribe("ana@customers.house")
        page = await reader.get(link)
        assert (
            page.status_code == 200 and "ana@customers.house" in page.text and 'method="post"' in page.text and "<script" not in page.text
        )
        assert page.headers["referrer-policy"] == "no-referrer" and page.headers["cache-control"] == "no-store"
        assert await rows(database, sa.select(EmailSuppression)) == []

    async def test_one_click_of_a_mail_program_ends_marketing_alone(self, reader: httpx.AsyncClient, database: Database) -> None:
        email = await written(database, kind="newsletter")
        (link,) = re.findall(rf"{OWN}/u/\S+", (await rows(database, sa.select(Email.plain)))[0].plain)
        for _ in range(2):
            assert (await reader.post(link, data={"List-Unsubscribe": "One-Click"})).status_code == 200
        (row,) = await rows(database, sa.select(EmailSuppression))
        assert (row.address, row.scope, row.reason) == ("ana@customers.house", "marketing", "unsubscribed")
        states = {str(row.id): row.state for row in await rows(database, sa.select(Email.id, Email.state))}
        assert states == {email: "suppressed"}
        other = await written(database)
        assert {str(row.id): row.state for row in await rows(database, sa.select(Email.id, Email.state))}[other] == "waiting"

    @pytest.mark.parametrize("token", ["x", "YWFh", "a" * 300])
    async def test_a_link_of_nobodys(self, reader: httpx.AsyncClient, database: Database, token: str) -> None:
        assert (await reader.get(f"/u/{token}")).status_code == 404
        assert (await reader.post(f"/u/{token}")).status_code == 404
        assert await rows(database, sa.select(EmailSuppression)) == []

    async def test_in_spanish(self, reader: httpx.AsyncClient) -> None:
        page = await reader.get(LINKS.unsubscribe("ana@customers.house"), headers={"Accept-Language": "es-MX,es;q=0.9"})
        assert "Dejar de recibirlas" in page.text and '<html lang="es"' in page.text
