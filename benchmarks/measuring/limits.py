"""What the system allows, and what it tells of a process."""

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
