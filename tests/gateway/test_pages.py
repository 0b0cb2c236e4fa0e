"""The front end as it is served: strict headers, files of its folder alone, kept as long as their names say."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gateway.http.pages import Pages


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A folder as the build leaves it, and what must not be reached beside it."""
    static = tmp_path / "static"
    (static / "console").mkdir(parents=True)
    for name in (
        "demo.html",
        "console/index.html",
        "widget.js",
        "widget-app-CWNApnGz.js",
        "console/index-D3adBeef.css",
        "console/sw.js",
        "notes.txt",
    ):
        (static / name).write_text(f"the content of {name} " * 100)
    (tmp_path / "secret.js").write_text("secret")
    (static / "link.js").symlink_to(tmp_path / "secret.js")
    app = Starlette(routes=[Pages({"/api/openapi.json": {"openapi": "3.1.0"}, "/asyncapi.json": {}}, static).mount()])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house") as client:
        yield client


class TestPages:
    @pytest.mark.parametrize("path", ["/demo", "/console"])
    async def test_say_what_they_may_load(self, web: httpx.AsyncClient, path: str) -> None:
        page = await web.get(path)
        assert page.status_code == 200
        policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'" and policy["frame-ancestors"] == "'none'" and policy["base-uri"] == "'none'"
        assert "unsafe" not in page.headers["content-security-policy"]
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-cache"
        assert "access-control-allow-origin" not in page.headers

    async def test_unbuilt_say_how_to_build(self, tmp_path: Path) -> None:
        app = Starlette(routes=[Pages({}, tmp_path).mount()])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house") as client:
            page = await client.get("/demo")
        assert page.status_code == 503 and "make run" in page.text

    async def test_home_is_the_demo(self, web: httpx.AsyncClient) -> None:
        assert (await web.get("/")).headers["location"] == "/demo"


class TestFiles:
    @pytest.mark.parametrize(
        "path",
        [
            "/../secret.js",
            "/%2e%2e/secret.js",
            "/..%2fsecret.js",
            "/console/..%2f..%2fsecret.js",
            "/console/%2e%2e/%2e%2e/secret.js",
            "//etc/passwd",
            "/%2fetc%2fpasswd",
            "/link.js",
            "/notes.txt",
            "/demo.html",
            "/console/index.html",
            "/console/",
            "/nothing.js",
            "/a%00.js",
            "/" + "x" * 2000 + ".js",
            "/..\\secret.js",
        ],
    )
    async def test_that_are_not_the_front_end_s_are_not_found(self, web: httpx.AsyncClient, path: str) -> None:
        answer = await web.get(httpx.URL("http://house").copy_with(raw_path=path.encode()))
        assert answer.status_code == 404
        assert "secret" not in answer.text and "root:" not in answer.text

    async def test_with_a_hash_are_kept_for_ever(self, web: httpx.AsyncClient) -> None:
        assert "immutable" in (await web.get("/widget-app-CWNApnGz.js")).headers["cache-control"]
        assert "immutable" in (await web.get("/console/index-D3adBeef.css")).headers["cache-control"]
        assert (await web.get("/widget.js")).headers["cache-control"] == "public, max-age=300"

    async def test_of_the_widget_are_for_other_people_s_pages(self, web: httpx.AsyncClient) -> None:
        widget = await web.get("/widget.js", headers={"Origin": "https://www.example.com"})
        assert widget.headers["access-control-allow-origin"] == "*"
        assert widget.headers["cross-origin-resource-policy"] == "cross-origin"
        assert widget.headers["content-type"].startswith("text/javascript")
        assert widget.headers["x-content-type-options"] == "nosniff"
        console = await web.get("/console/index-D3adBeef.css")
        assert "access-control-allow-origin" not in console.headers

    async def test_the_service_worker_is_the_console_s_and_never_stale(self, web: httpx.AsyncClient) -> None:
        worker = await web.get("/console/sw.js")
        assert worker.headers["service-worker-allowed"] == "/console"
        assert worker.headers["cache-control"] == "no-cache"
        assert worker.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
        assert worker.headers["content-type"].startswith("text/javascript")

    async def test_the_documents_are_public(self, web: httpx.AsyncClient) -> None:
        assert (await web.get("/api/openapi.json")).json() == {"openapi": "3.1.0"}
        assert (await web.get("/asyncapi.json")).status_code == 200
