"""A colleague's own number: asked for with a code, theirs once they have read it there."""

import re
from typing import Any

import httpx
import sqlalchemy as sa

from business.staff.service import Invited, StaffService
from kernel.database import Database
from kernel.tables.core import Staff
from kernel.tables.ops import TextMessage
from tests.http.conftest import NewBrowser, entered

AT = "/api/admin/account/phone"
PHONE = "+14155557001"


async def the_code(database: Database) -> str:
    """As it stands in the newest text."""
    async with database.transaction() as connection:
        newest = sa.select(TextMessage.text).where(TextMessage.purpose == "code").order_by(TextMessage.created_at.desc()).limit(1)
        return str(re.findall(r"\d{6}", str(await connection.scalar(newest)))[0])


async def row(database: Database) -> Any:
    async with database.transaction() as connection:
        return (await connection.execute(sa.select(Staff.phone, Staff.phone_verified_at))).one()


class TestNothing:
    async def test_to_whoever_is_not_signed_in(self, browser: httpx.AsyncClient) -> None:
        assert (await browser.get(AT)).status_code == 401 and (await browser.post(AT, json={"phone": PHONE})).status_code == 401

    async def test_where_no_text_is_sent(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        csrf = await entered(browser, staff, dana)
        assert (await browser.get(AT)).json() == {"texting": False}
        assert (await browser.post(AT, json={"phone": PHONE}, headers=csrf)).status_code == 409

    async def test_for_a_wrong_code_or_no_number(
        self, new_browser: NewBrowser, staff: StaffService, dana: Invited, database: Database
    ) -> None:
        browser = new_browser(texts=True)
        csrf = await entered(browser, staff, dana)
        assert (await browser.post(AT, json={"phone": "12"}, headers=csrf)).status_code == 400
        assert (await browser.post(f"{AT}/code", json={"code": "123456"}, headers=csrf)).status_code == 400
        assert (await browser.post(AT, json={"phone": PHONE}, headers=csrf)).status_code == 200
        wrong = f"{(int(await the_code(database)) + 1) % 1_000_000:06d}"
        assert [(await browser.post(f"{AT}/code", json={"code": wrong}, headers=csrf)).status_code for _ in range(5)] == [400] * 5
        right = await the_code(database)
        assert (await browser.post(f"{AT}/code", json={"code": right}, headers=csrf)).status_code == 400, (
            "five wrong ones are the end of it"
        )
        assert (await row(database)).phone is None


class TestTheirs:
    async def test_once_they_read_the_code_there(
        self, new_browser: NewBrowser, staff: StaffService, dana: Invited, database: Database
    ) -> None:
        browser = new_browser(texts=True)
        csrf = await entered(browser, staff, dana)
        assert (await browser.post(AT, json={"phone": "(415) 555-7001"}, headers=csrf)).status_code == 200
        for _ in range(2):
            proved = await browser.post(f"{AT}/code", json={"code": await the_code(database)}, headers=csrf)
            assert proved.json()["phone"] == PHONE
        assert (await row(database)).phone_verified_at is not None
        assert (await browser.delete(AT, headers=csrf)).status_code == 200
        assert (await browser.get(AT)).json() == {"texting": True} and (await row(database)).phone is None

    async def test_no_more_than_three_codes_an_hour(self, new_browser: NewBrowser, staff: StaffService, dana: Invited) -> None:
        browser = new_browser(texts=True)
        csrf = await entered(browser, staff, dana)
        answers = [(await browser.post(AT, json={"phone": PHONE}, headers=csrf)).status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
