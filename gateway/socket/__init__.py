"""The Socket.IO edge: who may connect, what they may send, how it is acknowledged."""

import sys

# python-socketio imports its clients too, and they try aiohttp, requests and websocket-client: a quarter of a second and 14 MB of
# every start for code that a server never runs. They are optional to it, so they are not there while it is imported.
_OF_CLIENTS = [name for name in ("aiohttp", "requests", "websocket") if name not in sys.modules]
for _name in _OF_CLIENTS:
    sys.modules[_name] = None  # type: ignore[assignment]
try:
    import socketio as _socketio  # noqa: F401
finally:
    for _name in _OF_CLIENTS:
        del sys.modules[_name]
