"""The machine under the bench: which cores, how many files, how much memory a process holds."""

import os
import platform
import resource
from collections.abc import Callable
from pathlib import Path

import psutil


def cores() -> tuple[set[int], set[int], set[int]]:
    """(gateway's core, provider's and clients' core, everything but the gateway's). One core: all three are that one."""
    have = sorted(os.sched_getaffinity(0))
    first, rest = {have[0]}, set(have[1:]) or {have[0]}
    return first, {have[1]} if len(have) > 1 else first, rest


def pinned(to: set[int]) -> Callable[[], None]:
    """For a child before it runs: stay on these cores, and open as many files as allowed."""

    def prepare() -> None:
        os.sched_setaffinity(0, to)
        raise_file_limit()

    return prepare


def raise_file_limit(wanted: int = 65_536) -> int:
    """The number of files this process may have open from now on; the hard limit is raised where we may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in ((wanted, max(wanted, hard)), (min(wanted, hard), hard)):
        if soft >= wanted:
            break
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            break
        except (ValueError, PermissionError):
            continue
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def memory_kb(pid: int) -> tuple[int, int]:
    """(RSS, PSS) of a process; PSS counts a page shared by n processes as 1/n."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:] if ":" in line)
    return _kb(fields["Rss"]), _kb(fields["Pss"])


def _kb(value: str) -> int:
    return int(value.split()[0])


def precede(pid: int) -> bool:
    """Let a process and all its descendants go before everyone else's. False where we may not."""
    try:
        for process in tree(pid):
            os.setpriority(os.PRIO_PROCESS, process.pid, -20)
            # Where sessions are scheduled as groups, niceness counts only within one; the group has its own.
            group = Path(f"/proc/{process.pid}/autogroup")
            if group.exists():
                group.write_text("-20")
    except (OSError, psutil.Error):
        return False
    return True


def busy_seconds(of: set[int]) -> float:
    """What these cores have worked so far, for whomever, the host's theft included."""
    times = psutil.cpu_times(percpu=True)
    return float(sum(sum(times[core]) - times[core].idle - times[core].iowait for core in of))


def tree(pid: int) -> list[psutil.Process]:
    """A process and all its descendants."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def describe() -> dict[str, str]:
    """What a reader needs to compare."""
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")),
        platform.machine(),
    )
    return {
        "cpu": f"{psutil.cpu_count()} x {model}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load before": "{:.2f} (1 min), {:.2f} (5 min)".format(*os.getloadavg()[:2]),
    }
