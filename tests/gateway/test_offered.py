"""What a running gateway's router offers, and what the OpenAPI document says that it offers."""

from gateway.http.openapi import openapi_document
from tests.rig.inprocess import Running


async def test_the_document_says_what_the_router_offers_and_nothing_else(module_house: Running) -> None:
    """Everything under /api but the document itself; HEAD and OPTIONS come with the others."""
    offered = {
        (route.path, method.lower())
        for route in module_house.gateway.routes
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
        if route.path.startswith("/api/")
    }
    paths = openapi_document()["paths"]
    assert {(path, method) for path in paths for method in paths[path]} == offered
