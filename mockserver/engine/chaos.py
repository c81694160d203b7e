"""Chaos: ready-made mishaps for a server that nobody scripted. Not here: what they do to a plan (`reply.faults`).

Seed, request and attempt decide, so the same seed gives the same mishaps, in any order of independent requests.
"""

from typing import Any, Final, NamedTuple

from mockserver.engine.asking import Asking
from mockserver.engine.errors import make_error
from mockserver.reply import plan
from mockserver.reply.steps import Reply
from mockserver.scenario.faults import Fault


class Mishap(NamedTuple):
    """One mishap: the share of requests that meet it, and either the error or the fault that it is."""

    share: float
    error: dict[str, Any] | None = None
    fault: dict[str, Any] | None = None


_HALF: Final = {"percent": 50}

MISHAPS: Final[dict[str, tuple[Mishap, ...]]] = {
    "off": (),
    "mild": (
        Mishap(0.01, error={"type": "overloaded_error"}),
        Mishap(0.01, error={"type": "rate_limit_error", "retry_after": 1}),
        Mishap(0.005, error={"type": "api_error"}),
        Mishap(0.005, fault={"before": "response", "disconnect": "close"}),
        Mishap(0.01, fault={"after": _HALF, "error": "overloaded"}),
        Mishap(0.005, fault={"after": _HALF, "disconnect": "reset"}),
        Mishap(0.01, fault={"after": _HALF, "stall": "2s"}),
    ),
    "rough": (
        Mishap(0.08, error={"type": "overloaded_error"}),
        Mishap(0.06, error={"type": "rate_limit_error", "retry_after": 2}),
        Mishap(0.03, error={"type": "api_error"}),
        Mishap(0.03, fault={"status": 502}),
        Mishap(0.03, fault={"before": "response", "disconnect": "close"}),
        Mishap(0.04, fault={"after": _HALF, "error": "overloaded"}),
        Mishap(0.03, fault={"after": _HALF, "disconnect": "reset"}),
        Mishap(0.02, fault={"after": _HALF, "truncate": True}),
        Mishap(0.03, fault={"after": _HALF, "stall": "5s"}),
        Mishap(0.01, fault={"after": _HALF, "hang": True}),
    ),
}
"""Name of a profile -> its mishaps; what their shares leave goes well."""


def strike(asking: Asking, profile: str) -> Mishap | None:
    """Return the mishap that the request meets, or None."""
    mishaps = MISHAPS[profile]
    if not mishaps:
        return None
    attempt = asking.attempt("chaos")
    chance = asking.source.random(f"chaos{attempt}").random()
    for mishap in mishaps:
        chance -= mishap.share
        if chance < 0:
            return mishap
    return None


def failed(asking: Asking, error: dict[str, Any]) -> Reply:
    """Return the plan of a mishap that is an error."""
    made = make_error(error, asking)
    asking.exchange.verdict, asking.exchange.reason = "chaos", f"{made.status} {made.kind}"
    asking.exchange.faults.append(f"chaos: error: {error['type']}")
    return plan.failed(made, asking.envelope)


def broken(asking: Asking, fault: dict[str, Any]) -> None:
    """Let the answer meet a mishap that is a fault, unless its author has scripted one."""
    if not asking.faults:
        asking.faults = ((Fault.model_validate(fault), _error_of(fault)),)
        asking.faults_by = "chaos: "


def _error_of(fault: dict[str, Any]) -> dict[str, Any] | None:
    return {"type": f"{fault['error']}_error"} if "error" in fault else None
