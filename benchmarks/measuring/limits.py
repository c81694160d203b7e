"""What the system allows, and what it tells of a process."""

import os
import re
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


def allow_open_files(needed: int) -> None:
    """Let this process and those that it starts have so many files open at a time; end the program where it may not."""
    if resource is None:
        raise SystemExit(f"{needed:,} open files are needed, and this system does not tell how many there may be")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise SystemExit(
            f"{needed:,} open files are needed, and the system allows {hard:,}: raise the limit as root, such as by "
            f"`ulimit -n {needed}` or in /etc/security/limits.conf, or leave out the case 'open'"
        )
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def resident(pid: int) -> float:
    """Return the resident memory of a process in bytes; end the program where nothing tells it."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        raise SystemExit("memory is read from /proc, which this system does not have: leave out 'open' and 'memory'")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text(encoding="utf-8"))
    return 1024 * float(found[1]) if found else 0.0


def processor_time(pid: int) -> float:
    """Return the seconds that a process and those that it started have worked so far."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return sum(_worked(Path(f"/proc/{number}/stat")) for number in (pid, *children))


def _worked(stat: Path) -> float:
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _ticks()


def own_time() -> float:
    """Return the seconds that this process has worked, and those that it started and that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def busy_cores() -> float:
    """Return the seconds that all cores have worked so far; end the program where nothing tells it."""
    told = Path("/proc/stat")
    if not told.exists():
        raise SystemExit("what the cores do is read from /proc, which this system does not have: leave out 'workers'")
    user, nice, system, _idle, _waiting, irq, softirq, *_ = map(
        int, told.read_text(encoding="utf-8").splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / _ticks()


def _ticks() -> int:
    """Return how many ticks the system counts in a second."""
    return os.sysconf("SC_CLK_TCK")
