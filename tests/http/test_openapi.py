"""The OpenAPI document says what the routes do."""

import json
import re

import httpx

from business.staff.service import Invited, StaffService
from business.staff.tokens import SCOPES, ApiTokens
from business.webhooks.events import EVENT_TYPES, TEST
from gateway.http.offered import OFFERED
from gateway.http.openapi import openapi_document
from kernel.database import Database
from tests.http.conftest import entered


class TestDocument:
    def test_every_reference_leads_somewhere(self) -> None:
        document = openapi_document()
        for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)):
            assert name in document["components"]["schemas"]

    def test_is_the_same_every_time(self) -> None:
        assert json.dumps(openapi_document()) == json.dumps(openapi_document())

    def test_shows_every_event_of_webhooks(self) -> None:
        assert set(openapi_document()["webhooks"]) == {*EVENT_TYPES, TEST}

    async def test_a_token_may_ask_what_the_document_says(
        self, browser: httpx.AsyncClient, staff: StaffService, database: Database
    ) -> None:
        chief = await staff.invite("chief@example.com", "Chief", "owner")
        token = await ApiTokens(database).make(chief.staff_id, "all", SCOPES, None)
        document = openapi_document()
        for operation in OFFERED:
            response = await browser.request(operation.method, operation.path, headers={"Authorization": f"Bearer {token.secret}"})
            security = document["paths"][operation.path][operation.method.lower()].get("security")
            if not operation.cookie:
                assert security is None
            elif {"token": []} in security:
                assert response.status_code not in (401, 403), (operation.name, response.text)
            else:
                assert response.status_code == 403, (operation.name, response.text)

    async def test_statuses_seen_are_statuses_promised(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        paths = openapi_document()["paths"]
        csrf = await entered(browser, staff, dana)
        for operation in sorted(OFFERED, key=lambda one: one.name == "logout"):
            for headers, body in (({}, b"{}"), ({"Origin": "https://evil.example"}, b"{}"), (csrf, b"["), (csrf, b"{}")):
                response = await browser.request(
                    operation.method, operation.path, content=body, headers={"Content-Type": "application/json"} | headers
                )
                promised = paths[operation.path][operation.method.lower()]["responses"]
                assert str(response.status_code) in promised, (operation.name, response.text)
