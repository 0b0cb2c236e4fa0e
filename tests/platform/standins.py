"""Small programs that stand where gateway and worker run, for tests of the supervisor alone."""

import sys

from gateway.supervisor.commands import Commands

GATEWAY = """
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer((os.environ.get("HIBACHI_HOST", "127.0.0.1"), int(os.environ["HIBACHI_PORT"])), Answer).serve_forever()
"""
WORKER = "import time\nwhile True: time.sleep(60)"
UPGRADE = """
import asyncio, os
from migrations import runner
asyncio.run(runner.upgrade(os.environ["DATABASE_URL"]))
"""
SEED = """print('{"email": "owner@localhost", "one_time_password": "once", "sign_in": "/console#link"}')"""


def python(source: str) -> tuple[str, ...]:
    return (sys.executable, "-c", source)


COMMANDS = Commands(gateway=python(GATEWAY), worker=python(WORKER), upgrade=python(UPGRADE), seed=python(SEED))
