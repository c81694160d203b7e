"""Every limit of the server as a table for people, from the constants that hold. Not here: keeping any of them.

Limits that belong to the API (how long a name may be, how many tools there are) are rules of validation, and not these.
"""

from typing import Final, NamedTuple

from mockserver.engine import batching, keeping
from mockserver.reply import citing, inlining, samples
from mockserver.reply import sample_scalars as texts
from mockserver.scenario import budget, documents, growth, library
from mockserver.serving import connections, descriptors, lines, refusing
from mockserver.setting_values import MOST_SECONDS
from mockserver.settings import Settings
from mockserver.state import batches, clock, files, journal, ledger, limits, sessions, tally, uses
from mockserver.validation import memory, transport, uploads
from mockserver.validation.grammar.requests import BATCH, MESSAGES
from mockserver.validation.schema import too_deep
from mockserver.wire import parts
from mockserver.wire.catalogue import CATALOGUE
from mockserver.wire.encoding import MOST_DEPTH
from mockserver.wire.errors import ERRORS

_OF_API: Final = "fixed: the API's own"


class Limit(NamedTuple):
    """One limit: of what, how much there may be, what changes it, and what happens beyond it."""

    what: str
    most: str
    change: str
    reached: str


def _fixed(what: str, most: str, reached: str) -> Limit:
    return Limit(what, most, "fixed", reached)


def _setting(name: str) -> str:
    return f"setting `{name}`"


def _size(count: int) -> str:
    return f"{count // 1024**2:,} MB" if count >= 1024**2 else f"{count // 1024:,} KB"


def _quoted(words: str) -> str:
    return f'"mockserver: {words}"'


def _given(name: str) -> int:
    default: int = Settings.model_fields[name].default
    return default


_MOST_CONNECTIONS: Final = _given("max_connections")
_PATIENCE: Final = f"{Settings.model_fields['request_timeout'].default / 60:g} minutes"

_CONNECTIONS: Final = (
    Limit(
        "open connections",
        f"{_MOST_CONNECTIONS:,}; fewer where the process may not open so many files, and {descriptors.SPARE} more",
        _setting("max_connections"),
        f"503 `api_error` {_quoted(connections.TOO_MANY.format(most=_MOST_CONNECTIONS))}, not to be retried; the "
        "connection ends; the log says so once",
    ),
    _fixed(
        "clients that are told so at one time, each when it asks",
        f"{connections.MOST_REFUSED}",
        "the same answer at once; a client that has not asked yet may see no more than the end of its connection",
    ),
    Limit(
        "time to send the head of a request",
        _PATIENCE,
        _setting("request_timeout"),
        "408 `timeout_error` "
        f"{_quoted(refusing.TOO_SLOW.format(seconds=_given('request_timeout')))}; the connection ends",
    ),
    Limit(
        "time to send its body",
        _PATIENCE,
        _setting("request_timeout"),
        f'400 with the code `request_body_timeout`: "{CATALOGUE["request_body_timeout"].message}"',
    ),
    _fixed(
        "time of a connection without a request",
        f"{connections.IDLE_SECONDS / 3600:g} hour",
        "the connection is closed",
    ),
    _fixed(
        "time of one answer: also of one that hangs, and of a client that does not read",
        f"{connections.LONGEST_SECONDS / 3600:g} hours",
        "the connection is broken off, with a line in the log",
    ),
)

_REQUESTS: Final = (
    _fixed(
        "request line, and each header",
        _size(refusing.MOST_LINE),
        f"431 `invalid_request_error` {_quoted(refusing.TOO_LONG)}",
    ),
    _fixed(
        "headers of a request", f"{refusing.MOST_HEADERS}", f"431 `invalid_request_error` {_quoted(refusing.TOO_MANY)}"
    ),
    Limit(
        "body of a request, of a batch, of an uploaded file; when it is unpacked, too",
        f"{_size(transport.MAX_BODY)}, {_size(transport.MAX_BATCH)}, {_size(transport.MAX_FILE)}",
        _OF_API,
        f'413 `request_too_large` "{ERRORS["request_too_large"].message}"; one that was packed: the code '
        "`request_body_too_large_after_decoding`",
    ),
    _fixed("arrays and objects in each other", f"{MOST_DEPTH}", f'400 `invalid_request_error` "{too_deep().message}"'),
    Limit(
        "messages of a request, rows of a batch",
        f"{MESSAGES.fields['messages'].kind.most:,}, {BATCH.fields['requests'].kind.most:,}",  # type: ignore[attr-defined]
        _OF_API,
        "400 `invalid_request_error` in the API's words",
    ),
    _fixed(
        "parts of an upload",
        f"{uploads.MOST_PARTS}",
        f'400 `invalid_request_error` "The multipart body has more than {uploads.MOST_PARTS} parts"',
    ),
    _fixed(
        "body of a request to the control API",
        _size(transport.MAX_BODY),
        '413 `too_large` "mockserver: body: … bytes; send less at once"',
    ),
)

_SESSIONS: Final = (
    Limit(
        "sessions",
        f"{_given('max_sessions'):,}",
        _setting("max_sessions"),
        "the one that was not used for longest is forgotten, with a line in the log; never one that is being answered",
    ),
    Limit(
        "exchanges in a session's journal",
        f"{_given('max_exchanges'):,}, of {_size(journal.MOST_BYTES)} of bodies as they came and went",
        f"{_setting('max_exchanges')}; the bytes are fixed",
        "the oldest are forgotten; `forgotten` counts them",
    ),
    _fixed(
        "requests whose attempts a session counts",
        f"{sessions.MOST_ATTEMPTS:,}",
        "the one that was not tried for longest begins anew",
    ),
    _fixed(
        "prefixes in its prompt cache",
        f"{ledger.MOST_ENTRIES:,}",
        "the one that was not used for longest is not cached any more",
    ),
    _fixed(
        "buckets of its rate limits", f"{limits.MOST_BUCKETS:,}", "the one that was not used for longest is whole again"
    ),
    _fixed(
        "its threads",
        f"{sessions.MOST_THREADS:,}, of {_size(sessions.BYTES_OF_THREADS)} of conversations",
        "the oldest is not known any more: a warning, or `thread_not_found` with `objects: strict`",
    ),
    _fixed(
        "answers that its cache diagnostics compare with",
        f"{sessions.MOST_TRACES:,}, of {_size(sessions.BYTES_OF_TRACES)} of hashes",
        "the oldest is told as `previous_message_not_found`",
    ),
    _fixed(
        "its message batches",
        f"{batches.MOST_BATCHES:,}, of {_size(batches.MOST_BYTES)} of results",
        "the oldest is forgotten (404), with a line in the log",
    ),
    _fixed(
        "its batches that are being answered",
        f"{batches.MOST_AT_WORK}",
        f"529 `overloaded_error` {_quoted(batching.AT_WORK.format(most=batches.MOST_AT_WORK))}",
    ),
    _fixed(
        "its files, those that have expired among them",
        f"{files.MOST_FILES:,}",
        f'400 with the code `storage_quota_exceeded`: "{CATALOGUE["storage_quota_exceeded"].message}"; why: in the log',
    ),
    Limit("bytes of its files", _size(_given("file_quota")), _setting("file_quota"), "the same"),
    _fixed(
        "scenarios that code or the control API writes for it",
        f"{library.MOST_WRITTEN:,}",
        "a `ScenarioError` (control API: 400 `scenario_error`): there may be no more; take some out",
    ),
    _fixed("scenarios whose uses it counts", f"{uses.MOST:,}", "what was counted first counts as unused"),
)

_SCENARIOS: Final = (
    _fixed(
        "file of scenarios, settings or a dialect",
        _size(documents.MOST_BYTES),
        "it is not read: an error with its name and size",
    ),
    _fixed(
        "values of a YAML file, those behind aliases each time; levels in each other",
        f"{documents.MAX_NODES:,}; {documents.MAX_DEPTH}",
        "the file is not read: an error with line and column",
    ),
    _fixed(
        "duration: of a pause, a delay, a stall",
        f"{MOST_SECONDS / 86400:g} days",
        "an error with its place, when it is loaded",
    ),
    _fixed(
        "step of the mock clock, and where it ends",
        f"{clock.MOST_SECONDS / 86400 / 366:g} years, the year {clock.LATEST.year}",
        "a `ValueError`, or a 400 of the control API; a clock that runs so far stands there",
    ),
    Limit(
        "time of a regular expression",
        "none",
        "-",
        "it is the author's own: one that repeats what is nothing but repeated, such as `(a+)+`, is warned of in files",
    ),
)

_TEMPLATES: Final = (
    _fixed(
        "steps of one template",
        f"{budget.MOST_STEPS:,}: a round of a loop and an operation are one, a call and a filter {budget.CALL}",
        '400 `invalid_request_error` that quotes the template: "… it takes more than '
        f'{budget.MOST_STEPS:,} steps (rounds of loops, calls, filters, operations)"',
    ),
    _fixed(
        "one text or list that it makes, and what it makes as a whole",
        f"{budget.MOST_ITEMS:,} characters or items",
        f'the same: "… a text or list of more than {budget.MOST_ITEMS:,} items"',
    ),
    _fixed(
        "all texts and lists that it makes on its way",
        f"{budget.MOST_MADE:,} characters and items",
        f'the same: "… it makes more than {budget.MOST_MADE:,} characters and items in all"',
    ),
    _fixed(
        "products and powers of whole numbers",
        f"{growth.MOST_BITS:,} bits",
        'the same: "… a power that is too large: …"',
    ),
    _fixed(
        "words, rows, characters that `fake` makes in one call",
        f"{growth.MOST_FAKED:,}",
        f'the same: "… fake makes at most {growth.MOST_FAKED:,} at once (…)"',
    ),
    _fixed(
        "values that are made for a JSON Schema; items of a list, characters of a text, of a `pattern`",
        f"{samples.MAX_REQUIRED:,}; {samples.MAX_ITEMS:,}, {texts.MAX_LENGTH:,}, {texts.MAX_PATTERN:,}",
        '400 `invalid_request_error` "mockserver: no value can be made for this JSON Schema: …"',
    ),
    _fixed(
        "passages that are looked at for `citations: auto`",
        f"{citing.MOST_PASSAGES:,}",
        "what is behind them is not cited",
    ),
    _fixed("file that is read into a prompt", _size(inlining.MOST_BYTES), "it weighs a usual amount of tokens"),
)

_MEMORY: Final = (
    _fixed(
        "bodies that are known again",
        f"{memory.MOST}, of {_size(memory.MOST_BYTES)}, each of {_size(memory.LONGEST)}; with answers of "
        f"{_size(keeping.LONGEST)}",
        "others are judged and answered anew, to the same bytes",
    ),
    _fixed(
        "messages, tools and blocks that are known again",
        f"{parts.MOST:,}, of {_size(parts.MOST_BYTES)}, each of {_size(parts.LONGEST)}",
        "the same",
    ),
    _fixed("counters of usage in the metrics", f"{tally.MOST_COUNTERS}", f"others are counted as `{tally.OTHERS}`"),
    _fixed("line of the log", f"{lines.LONGEST:,} characters", "the rest is left out, and its length told"),
)

LIMITS: Final[tuple[Limit, ...]] = (*_CONNECTIONS, *_REQUESTS, *_SESSIONS, *_SCENARIOS, *_TEMPLATES, *_MEMORY)
"""Every limit, from the connection to what is kept of a request."""
