"""The operations of the control API, a row each. Not here: reading requests (`answering`), doing (`handlers`)."""

from typing import Final

from pydantic import BaseModel

from mockserver.control import handlers, models
from mockserver.control.call import Handler
from mockserver.control.explaining import Explanation
from mockserver.control.local import Told
from mockserver.control.records import Record
from mockserver.state.store import BOOKS
from mockserver.wire.frozen import frozen


@frozen
class Operation:
    """One operation.

    `id` is its name in clients. `{name}` at the end of `path` takes the rest of a path. `body` and `query` are the
    models of what is sent, `answers` that of what comes back (None: text of the type `text`), with `status`.
    An `open` one needs no token. Where each of several workers has its own books, the answer says so of those that it
    `shows`, and it is refused for those that it `needs`: to change them, or to judge by them.
    """

    id: str
    method: str
    path: str
    summary: str
    handler: Handler
    answers: type[BaseModel] | None
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    text: str = ""
    open: bool = False
    shows: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


_H = handlers
_M = models

OPERATIONS: Final = (
    Operation("getHealth", "GET", "health", "Is the process alive?", _H.health, _M.Health, open=True),
    Operation("getReady", "GET", "ready", "Does it accept requests?", _H.ready, _M.Health, open=True),
    Operation("getOpenApi", "GET", "openapi.json", "This text.", _H.openapi, None, text="application/json", open=True),
    Operation(
        "listScenarios",
        "GET",
        "scenarios",
        "List the session's scenarios.",
        _H.list_scenarios,
        _M.Scenarios,
        shows=("journal",),
    ),
    Operation(
        "addScenarios",
        "POST",
        "scenarios",
        "Add one scenario, or a list of them; none is added where one is wrong.",
        _H.add_scenarios,
        _M.Scenarios,
        body=_M.ScenarioMaps,
        status=201,
        needs=("scenarios",),
    ),
    Operation(
        "removeScenarios",
        "DELETE",
        "scenarios",
        "Remove all that were not in files.",
        _H.remove_scenarios,
        _M.Done,
        needs=("scenarios",),
    ),
    Operation("getScenario", "GET", "scenarios/{name}", "Show a scenario.", _H.get_scenario, Told, shows=("journal",)),
    Operation(
        "putScenario",
        "PUT",
        "scenarios/{name}",
        "Add a scenario, or put it in the place of the one of this name.",
        _H.put_scenario,
        Told,
        body=_M.ScenarioMap,
        needs=("scenarios",),
    ),
    Operation(
        "removeScenario",
        "DELETE",
        "scenarios/{name}",
        "Remove a scenario.",
        _H.remove_scenario,
        _M.Done,
        needs=("scenarios",),
    ),
    Operation(
        "listRequests",
        "GET",
        "requests",
        "List what was asked, and what became of it; or export it.",
        _H.list_requests,
        _M.Requests,
        query=_M.RequestsQuery,
        shows=("journal",),
    ),
    Operation(
        "getRequest",
        "GET",
        "requests/{number}",
        "Show a request by its number.",
        _H.get_request,
        Record,
        shows=("journal",),
    ),
    Operation(
        "forgetRequests",
        "DELETE",
        "requests",
        "Forget what was asked.",
        _H.forget_requests,
        _M.Done,
        needs=("journal",),
    ),
    Operation(
        "verify",
        "POST",
        "verify",
        "Assert what was asked, and that nothing went wrong; 409 says what is not so.",
        _H.verify,
        _M.Done,
        body=_M.Verification,
        needs=("journal",),
    ),
    Operation(
        "getVerdict",
        "GET",
        "verdict",
        "Judge what clients did after failures.",
        _H.verdict,
        _M.VerdictState,
        needs=("journal",),
    ),
    Operation(
        "explain",
        "POST",
        "explain",
        "Explain what would become of a request, without asking.",
        _H.explain,
        Explanation,
        body=_M.Asked,
    ),
    Operation(
        "addFile",
        "POST",
        "files",
        "Put a file there, as if a tool had written it.",
        _H.add_file,
        _M.FileState,
        body=_M.NewFile,
        status=201,
        needs=("files",),
    ),
    Operation("reset", "POST", "reset", "Let the session begin anew.", _H.reset, _M.Done, needs=tuple(BOOKS)),
    Operation(
        "listSessions",
        "GET",
        "sessions",
        "List the sessions.",
        _H.list_sessions,
        _M.SessionStates,
        shows=("journal", "clock"),
    ),
    Operation(
        "getSession",
        "GET",
        "sessions/{name}",
        "Show a session.",
        _H.get_session,
        _M.SessionState,
        shows=("journal", "clock"),
    ),
    Operation(
        "putSession",
        "PUT",
        "sessions/{name}",
        "Make a session, or change settings of one.",
        _H.put_session,
        _M.SettingsState,
        body=_M.SettingsChange,
        needs=("settings",),
    ),
    Operation(
        "dropSession", "DELETE", "sessions/{name}", "Forget a session.", _H.drop_session, _M.Done, needs=tuple(BOOKS)
    ),
    Operation("getSettings", "GET", "settings", "Show the session's settings.", _H.get_settings, _M.SettingsState),
    Operation(
        "changeSettings",
        "PATCH",
        "settings",
        "Change settings of the session.",
        _H.change_settings,
        _M.SettingsState,
        body=_M.SettingsChange,
        needs=("settings",),
    ),
    Operation("getClock", "GET", "clock", "Show the session's clock.", _H.get_clock, _M.ClockState, shows=("clock",)),
    Operation(
        "changeClock",
        "POST",
        "clock",
        "Freeze, run or advance it.",
        _H.change_clock,
        _M.ClockState,
        body=_M.ClockChange,
        needs=("clock",),
    ),
    Operation("getLimits", "GET", "limits", "Show the session's rate limits.", _H.get_limits, _M.LimitsState),
    Operation(
        "putLimits",
        "PUT",
        "limits",
        "Give the session rate limits; nothing is spent yet.",
        _H.put_limits,
        _M.LimitsState,
        body=_M.LimitsChange,
        needs=("settings",),
    ),
    Operation(
        "removeLimits",
        "DELETE",
        "limits",
        "Take its rate limits away.",
        _H.remove_limits,
        _M.LimitsState,
        needs=("settings",),
    ),
    Operation(
        "getMetrics",
        "GET",
        "metrics",
        "The numbers for Prometheus.",
        _H.metrics,
        None,
        text="text/plain",
        shows=("journal",),
    ),
)
