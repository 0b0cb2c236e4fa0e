"""The HTTP edge: what is said, and kept in the log, of a request that broke."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.http.edge import guarded


async def _breaks(_: Request) -> Response:
    raise RuntimeError("out of order")


async def test_a_link_that_breaks_is_not_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """A signed link opens what it leads to, for whoever reads it anywhere."""
    app = Starlette(routes=[Route("/t/{token}/{part}", guarded(_breaks))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://edge") as client:
        answer = await client.get("/t/c2lnbmVk%2Dtoken/page")
    assert answer.status_code == 500 and "out of order" not in answer.text
    logged = "".join(capsys.readouterr())
    assert "http.failed" in logged and "/t/{token}/{part}" in logged and "c2lnbmVk" not in logged
