"""Which stage of validation refuses a request, in words. Not here: the order of the stages (`validation.pipeline`)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mockserver.engine import World
from mockserver.settings import Settings
from mockserver.state.journal import Exchange
from mockserver.validation.betas import check_betas
from mockserver.validation.credentials import check_credentials, check_version
from mockserver.validation.dialects import check_place, check_served
from mockserver.validation.incoming import Incoming
from mockserver.validation.rules.table import PHASES
from mockserver.validation.schema import BODIES, check_object, parse
from mockserver.validation.transport import check_body, find_route
from mockserver.wire.encoding import decode
from mockserver.wire.errors import ApiError
from mockserver.wire.headers import betas


def refused(world: World, exchange: Exchange, incoming: Incoming) -> str:
    """Return who refuses a request, with which status and type, and in which words."""
    words, rule = _words(exchange.reason)
    came = replace(incoming, path=exchange.path, prefix=exchange.prefix)
    where = f"rule {rule}" if rule else _stage(came, world.settings)
    by = f" ({where})" if where else ""
    return f"refused{by}: {exchange.status} {decode(exchange.response_body)['error']['type']}: {words}"


def _words(reason: str) -> tuple[str, str]:
    """Return the words of a refusal, and the rule behind them; none where it was no rule."""
    words, bracket, rule = reason.removesuffix("]").rpartition(" [")
    return (words, rule) if bracket and rule in _RULES else (reason, "")


_RULES: Final = frozenset(
    f"{module}.{rule.name}" for _, modules in PHASES for module, rules in modules for rule in rules
)


def _stage(incoming: Incoming, settings: Settings) -> str:
    """Return the stage that refuses what no rule does."""
    for name, check in _STAGES.items():
        try:
            check(incoming, settings)
        except ApiError:
            return name
    is_read = find_route(incoming.method, incoming.path).operation in BODIES
    return "schema" if is_read and settings.validation != "off" else ""


def _transport(incoming: Incoming, settings: Settings) -> None:
    check_body(incoming)
    check_place(incoming, settings.dialect)
    check_served(find_route(incoming.method, incoming.path), incoming.method, settings.dialect)


def _credentials(incoming: Incoming, settings: Settings) -> None:
    check_credentials(incoming.headers, settings.api_key, settings.dialect)


def _headers(incoming: Incoming, settings: Settings) -> None:
    if settings.validation == "strict":
        check_version(incoming.headers, settings.dialect)
        check_betas(betas(incoming.headers))
    elif settings.validation == "lenient" and not incoming.headers.get("anthropic-version"):
        check_version(incoming.headers, settings.dialect)


def _json(incoming: Incoming, _settings: Settings) -> None:
    if find_route(incoming.method, incoming.path).operation in BODIES:
        check_object(parse(incoming.body))


_STAGES: Final[dict[str, Callable[[Incoming, Settings], None]]] = {
    "transport": _transport,
    "credentials": _credentials,
    "version and betas": _headers,
    "JSON": _json,
}
"""What refuses -> whether it does, in the order of validation; behind them stand the schema and the rules."""
