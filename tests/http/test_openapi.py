"""The OpenAPI document says what the routes do."""

import json
import re

import httpx

from business.staff.service import Invited, StaffService
from gateway.http.offered import OFFERED
from gateway.http.openapi import openapi_document
from tests.http.conftest import entered


class TestDocument:
    def test_every_reference_leads_somewhere(self) -> None:
        document = openapi_document()
        for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)):
            assert name in document["components"]["schemas"]

    def test_is_the_same_every_time(self) -> None:
        assert json.dumps(openapi_document()) == json.dumps(openapi_document())

    def test_names_every_operation(self) -> None:
        paths = openapi_document()["paths"]
        files = {("/api/uploads", "post"), ("/api/uploads/{id}", "get")}
        assert {(path, method) for path in paths for method in paths[path]} == {(one.path, one.method.lower()) for one in OFFERED} | files

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
