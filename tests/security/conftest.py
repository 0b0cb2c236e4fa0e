"""The same gateways as in the tests of the gateway."""

from tests.gateway.conftest import house, module_database_url, module_house, own_house

__all__ = ["house", "module_database_url", "module_house", "own_house"]
