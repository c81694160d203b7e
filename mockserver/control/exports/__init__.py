"""The journal as text, in the forms that other programs and this one read. Not here: which exchanges (`requests`)."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from mockserver.control.exports.har import har
from mockserver.control.exports.scenarios import scenarios
from mockserver.control.records import as_json, record_of
from mockserver.scenario.parts import nearest
from mockserver.state.journal import Exchange
from mockserver.wire.telling import redact


class Form(NamedTuple):
    """How a journal is written: by what, given exchanges and a base URL, as what, and to what kind of file."""

    write: Callable[[Sequence[Exchange], str], str]
    content_type: str
    suffix: str


def jsonl(exchanges: Sequence[Exchange], _base_url: str) -> str:
    """Return a record a line: all that is known of each exchange, as compact JSON."""
    return "".join(f"{as_json(record_of(exchange)).decode()}\n" for exchange in exchanges)


FORMS: Final[dict[str, Form]] = {
    "jsonl": Form(jsonl, "application/x-ndjson", ".jsonl"),
    "har": Form(har, "application/json", ".har"),
    "scenarios": Form(lambda exchanges, _: scenarios(exchanges), "application/yaml", ".yaml"),
}
"""Name -> form."""


def export(exchanges: Sequence[Exchange], form: str, *, base_url: str = "") -> str:
    """Return exchanges, oldest first, as text; `base_url` is where they were sent. Raises `ValueError` for no form."""
    if form not in FORMS:
        raise ValueError(f"mockserver: there is no form {form!r} of a journal; {nearest(form, list(FORMS))}")
    return redact(FORMS[form].write(exchanges, base_url))
