"""`hibachi sms simulate`: everything that `hibachi up` starts, on an install of its own, with the simulator for its texts."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.demo.apart import clean, folder_of_its_own
from gateway.simulator.limits import GROUPS
from gateway.simulator.records import HIGH_VOLUME, NUMBER, STANDARD
from gateway.simulator.server import RingCentralServer
from gateway.supervisor import panel, ports
from gateway.supervisor.supervisor import Supervisor
from kernel.settings import Settings, load_settings

HOST, FIRST_PORT, FIRST_SIMULATOR_PORT = "127.0.0.1", 8100, 8180
POLL_SECONDS = "15"
HEARD_SECONDS, LOOK_SECONDS = 60.0, 0.1


@dataclass(frozen=True, slots=True)
class Show:
    """`only`: the simulator alone; `high_volume`: its number sends by the high-volume API; `keep`: leave the folder when it stops."""

    only: bool = False
    high_volume: bool = False
    keep: bool = False
    port: int | None = None


class Stage:
    """One run. `say` gets every line for the terminal."""

    def __init__(self, show: Show, say: Callable[[str], None], env: Mapping[str, str] = os.environ) -> None:
        self._show = show
        self._say = say
        self._env = clean(env)

    async def run(self) -> None:
        """Until Ctrl-C. Raises what the supervisor raises."""
        numbers = {NUMBER: HIGH_VOLUME if self._show.high_volume else STANDARD}
        async with RingCentralServer(numbers=numbers, limits=GROUPS, host=HOST, port=self._port()) as simulator:
            if self._show.only:
                self._say(_alone(simulator))
                await _until_stopped()
                return
            async with folder_of_its_own("sms", keep=self._show.keep, say=self._say) as folder:
                env = self._environment(simulator, {"HIBACHI_DATA": str(folder), "HIBACHI_CONFIG": str(folder / "hibachi.toml")})
                await self._play(simulator, load_settings(env), env)

    async def _play(self, simulator: RingCentralServer, settings: Settings, env: Mapping[str, str]) -> None:
        async def play(base: str, seeded: Mapping[str, Any]) -> None:
            await _heard(simulator)
            simulator.links |= {"Demo page": f"{base}/demo", "Console": f"{base}/console"}
            rows = panel.doors(settings, base, seeded)
            self._say(_panel([("phones", f"{simulator.base}/phone"), *rows], keep=self._show.keep))
            await asyncio.Event().wait()

        await Supervisor(settings, say=self._say, env=env, play=play).run()

    def _port(self) -> int:
        asked = self._show.port
        return ports.choose(HOST, asked or FIRST_SIMULATOR_PORT, explicit=asked is not None)

    def _environment(self, simulator: RingCentralServer, places: Mapping[str, str]) -> dict[str, str]:
        port = ports.choose(HOST, FIRST_PORT, explicit=False)
        return {
            **self._env,
            **simulator.environment(),
            **places,
            "HIBACHI_HOST": HOST,
            "HIBACHI_PORT": str(port),
            "HIBACHI_SMS__CALLBACK": f"http://{HOST}:{port}",
            "HIBACHI_SMS__POLL_SECONDS": POLL_SECONDS,
        }


async def _heard(simulator: RingCentralServer) -> None:
    """Until a worker has its webhook: what was written before is nobody's to read. Not for ever, where no worker starts."""
    for _ in range(round(HEARD_SECONDS / LOOK_SECONDS)):
        if simulator.account.subscriptions:
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _until_stopped() -> None:
    """Ctrl-C or SIGTERM, also where whoever started us ignores the first, as a shell does for what runs in its background."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


def _panel(rows: list[tuple[str, str]], *, keep: bool) -> str:
    body = "\n".join(f"  {name:<11} {text}" for name, text in rows)
    tries = [
        'write "hi, a party of 12 on Saturday?" on a phone, and watch the assistant answer in the console',
        "press t in the console while it answers, write: the phone gets what you wrote",
        'choose "Continue by text" in the chat of the demo page: the code comes to a phone',
        "write STOP on a phone; have webhooks come twenty times, or not at all",
    ]
    shown = "\n".join(f"  - {line}" for line in tries)
    ends = "Ctrl-C stops everything" if keep else "Ctrl-C stops everything; nothing of it is left"
    return f"\nTexts go no further than this machine.\n\n{body}\n\n  try:\n{shown}\n\n  {ends}\n"


def _alone(simulator: RingCentralServer) -> str:
    told = {**simulator.environment(), "HIBACHI_SMS__CALLBACK": f"http://{HOST}:8000"}
    settings = "\n".join(f"  export {name}={value}" for name, value in told.items())
    phones = f"  phones      {simulator.base}/phone"
    return f"\nThe simulator alone; nothing texts with it yet.\n\n{phones}\n\nPoint an install at it:\n\n{settings}\n"
