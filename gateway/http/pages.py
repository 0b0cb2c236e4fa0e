"""The built front end: widget, demo, console, and the public documents. Strict CSP; hashed files are kept for ever."""

import re
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

STATIC = Path(__file__).resolve().parent.parent / "static"
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.\w+$")
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}

_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PAGE = {
    **_SECURITY,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; "
        "frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
# It may answer for the console's page and nothing else, and asks the gateway alone.
_SERVICE_WORKER = {
    **_SECURITY,
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
    "Service-Worker-Allowed": "/console",
    "Cache-Control": "no-cache",
}
# The widget is loaded by other people's pages, also by those that ask for cross-origin isolation.
_EMBEDDABLE = {**_SECURITY, "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


class Pages:
    """Routes of the front end."""

    def __init__(self, documents: dict[str, Any], static: Path = STATIC) -> None:
        self._documents = documents
        self._static = static.resolve()

    def mount(self) -> Mount:
        """Everything under `/`, compressed."""
        routes = [
            Route("/", self._home),
            Route("/demo", self._demo),
            Route("/console", self._console),
            Route("/console/sw.js", self._service_worker),
            Route("/api/openapi.json", self._document),
            Route("/asyncapi.json", self._document),
            Route("/{path:path}", self._file),
        ]
        return Mount("/", routes=routes, middleware=[Middleware(GZipMiddleware, minimum_size=1024)])

    async def _home(self, _: Request) -> Response:
        return RedirectResponse("/demo")

    async def _demo(self, _: Request) -> Response:
        return self._page("demo.html")

    async def _console(self, _: Request) -> Response:
        return self._page("console/index.html")

    async def _service_worker(self, _: Request) -> Response:
        path = self._static / "console" / "sw.js"
        if not path.is_file():
            return PlainTextResponse("Not Found", status_code=404, headers=_SECURITY)
        return FileResponse(path, media_type=_TYPES[".js"], headers=_SERVICE_WORKER)

    def _page(self, name: str) -> Response:
        path = self._static / name
        if not path.is_file():
            return PlainTextResponse("This page is not built. Run `make run`, which builds it.", status_code=503)
        return FileResponse(path, headers=_PAGE)

    async def _document(self, request: Request) -> Response:
        return JSONResponse(self._documents[request.url.path], headers={**_SECURITY, "Access-Control-Allow-Origin": "*"})

    async def _file(self, request: Request) -> Response:
        name = request.path_params["path"]
        path = self._found(name)
        if path is None:
            return PlainTextResponse("Not Found", status_code=404, headers=_SECURITY)
        cache = "public, max-age=31536000, immutable" if _HASHED.search(path.name) else "public, max-age=300"
        kind = _EMBEDDABLE if path.parent == self._static else _SECURITY
        return FileResponse(path, media_type=_TYPES[path.suffix], headers={**kind, "Cache-Control": cache})

    def _found(self, name: str) -> Path | None:
        """The file of the front end that a path names, if it names one; a page has an address of its own."""
        try:
            path = (self._static / name).resolve()
            there = path.is_relative_to(self._static) and path.is_file()
        except (OSError, ValueError):  # a name that no file can have
            return None
        return path if there and path.suffix in _TYPES and path.suffix != ".html" else None
