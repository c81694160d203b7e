"""A server's life: how soon it answers, and how much memory it has in the end."""

import os
import time

from measuring.effort import Effort, medians, ratios, tell
from measuring.limits import resident
from measuring.load import load
from measuring.questions import PLAIN, repeated
from measuring.report import Bar, Row
from measuring.servers import AIOHTTP, OURS, Server, ask, commands, contenders, running

MB = 1_000_000
CONNECTIONS = 32
SPELL = 5.0
"""Seconds of load until the answers are counted again."""


def start(effort: Effort) -> list[Row]:
    """Measure the time from starting a process to its first answer."""
    found: dict[str, list[float]] = {}
    with commands(PLAIN) as started:
        for number in range(effort.starts):
            for name, command in started.items():
                began = time.perf_counter()
                with running(command) as server:
                    ask(server.port, PLAIN)
                    found.setdefault(name, []).append(1000 * (time.perf_counter() - began))
            tell(
                f"start {number + 1} of {effort.starts}: " + ", ".join(f"{n} {v[-1]:.0f} ms" for n, v in found.items())
            )
    between = ratios(found[OURS], found[AIOHTTP])
    return [Row("start", "ms to the first answer", medians(found), between, bar=Bar("at most", 1.6))]


def memory(effort: Effort) -> list[Row]:
    """Measure our server's memory after few requests and after many: does it grow? And that of all when idle."""
    with contenders(PLAIN) as servers:
        for server in servers.values():
            ask(server.port, PLAIN)
        idle = {name: resident(server.pid) / MB for name, server in servers.items()}
        few, asked = _after(servers[OURS], effort.few_requests, 0)
        many, _ = _after(servers[OURS], effort.many_requests, asked)
    return [
        Row("memory", "MB after one request", idle),
        Row("memory", f"MB after {effort.few_requests:,} plain requests", {OURS: few}),
        Row(
            "memory",
            f"MB after {effort.many_requests:,}",
            {OURS: many},
            [many / few],
            to=f"that after {effort.few_requests:,}",
            bar=Bar("at most", 1.10),
        ),
    ]


def need_to_weigh(_effort: Effort) -> None:
    """End the program where `memory` could not be measured."""
    resident(os.getpid())


def _after(server: Server, requests: int, asked: int) -> tuple[float, int]:
    """Ask until so many requests were asked; return the memory in MB, and how many they are."""
    while asked < requests:
        asked += load(server.port, repeated(PLAIN), CONNECTIONS, SPELL, asked).requests
        tell(f"{asked:,} requests: {resident(server.pid) / MB:.1f} MB")
    return resident(server.pid) / MB, asked
