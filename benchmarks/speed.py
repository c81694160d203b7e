"""The server's speed beside bare servers that send the same bytes: `speed.py [CASE ...] [--quick]`. No cases: all.

The exit code is 1 where a bar is missed. What the cases and the bars mean: docs/performance.md.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from measuring import life, load, streaming, throughput, workers
from measuring.effort import FULL, QUICK, Effort
from measuring.report import Row, as_json, machine, table, written

CASES: Mapping[str, Callable[[Effort], list[Row]]] = {
    "plain-1": throughput.plain_1,
    "plain-32": throughput.plain_32,
    "differing-32": throughput.differing_32,
    "conversation": throughput.conversation,
    "stream-200": throughput.stream_200,
    "paced": streaming.paced,
    "paced-at-once": streaming.paced_at_once,
    "open": streaming.open_streams,
    "start": life.start,
    "memory": life.memory,
    "workers": workers.workers,
}
NEEDS: Mapping[str, Callable[[Effort], None]] = {
    "open": streaming.need_to_open,
    "memory": life.need_to_weigh,
    "workers": workers.need_to_tell,
}
"""What a case needs of the system; ends the program where that is not to be had."""

LONG = {"memory"}
"""Takes minutes: in a quick run only where it is named."""


def main() -> int:
    """Measure; print the table and what is missed; return 1 where something is."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended, too
    chosen = arguments()
    effort = QUICK if chosen.quick else FULL
    names = chosen.cases or [name for name in CASES if not (chosen.quick and name in LONG)]
    if load.WRK is None:
        print(load.MISSING, file=sys.stderr)
    where = machine("wrk" if load.WRK else "load by a client of our own, not by wrk", effort.name)
    check(names, effort, chosen.write, where)
    rows: list[Row] = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += CASES[name](effort)
    print(as_json(rows, where) if chosen.json else table(rows))
    if chosen.write:
        chosen.write.write_text(written(chosen.write.read_text(encoding="utf-8"), rows, where), encoding="utf-8")
    missed = [row.missed for row in rows if row.missed]
    for words in missed:
        print(f"missed: {words}", file=sys.stderr)
    return int(bool(missed))


def check(names: list[str], effort: Effort, page: Path | None, where: dict[str, str]) -> None:
    """End the program where something could not be measured or written: minutes later it would be too late."""
    for name in names:
        if name in NEEDS:
            NEEDS[name](effort)
    if page:
        try:
            written(page.read_text(encoding="utf-8"), [], where)
        except (OSError, ValueError) as error:
            raise SystemExit(f"--write {page}: {error}") from error


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"all, or some of: {', '.join(CASES)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller crowds: seconds a case")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="keep the table in this page; for all cases only")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.cases if name not in CASES]:
        parser.error(f"no such case: {', '.join(unknown)}; there are {', '.join(CASES)}")
    if chosen.write and chosen.cases:
        parser.error("--write keeps the table of all cases: leave their names out")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
