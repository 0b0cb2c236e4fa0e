"""`hibachi up` with stand-ins for gateway and worker, as a process of its own that tests may interrupt and kill."""

import asyncio
import sys

from gateway.supervisor.lock import InUse
from gateway.supervisor.ports import PortTaken
from gateway.supervisor.service import Backoff, StartError
from gateway.supervisor.supervisor import Supervisor
from kernel.settings import load_settings
from tests.platform.standins import COMMANDS


def main() -> int:
    supervisor = Supervisor(
        load_settings(), say=lambda line: print(line, flush=True), commands=COMMANDS, backoff=Backoff(first=0.05, most=0.5)
    )
    try:
        asyncio.run(supervisor.run())
    except PortTaken as error:
        print(error, file=sys.stderr)
        return 2
    except (InUse, StartError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
