"""Where SDKs find a server: the variables that they read. Not here: the server."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from urllib.parse import urlsplit

_UNWANTED = ("ANTHROPIC_AUTH_TOKEN",)
_LOOPBACK = ("127.0.0.1", "localhost")


def variables(base_url: str, api_key: str, environ: MutableMapping[str, str]) -> dict[str, str | None]:
    """Return what the variables must be for SDKs to ask a server, and ask it straight; None: not set."""
    host = urlsplit(base_url).hostname or ""
    local = _LOOPBACK if host in _LOOPBACK else (host,)
    straight = {name: ",".join(filter(None, [environ.get(name), *local])) for name in ("NO_PROXY", "no_proxy")}
    return {
        "ANTHROPIC_BASE_URL": base_url,
        "ANTHROPIC_API_KEY": api_key,
        **dict.fromkeys(_UNWANTED),
        **straight,
    }


@contextmanager
def pointed(base_url: str, api_key: str, environ: MutableMapping[str, str]) -> Iterator[None]:
    """Set the variables for the time of a `with`; afterwards everything is as it was."""
    wanted = variables(base_url, api_key, environ)
    before = {name: environ.get(name) for name in wanted}
    _set(wanted, environ)
    try:
        yield
    finally:
        _set(before, environ)


def _set(values: dict[str, str | None], environ: MutableMapping[str, str]) -> None:
    for name, value in values.items():
        if value is None:
            environ.pop(name, None)
        else:
            environ[name] = value
