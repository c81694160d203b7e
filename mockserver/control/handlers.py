"""What the operations of the control API do, a function each. Not here: which there are (`operations`)."""

from dataclasses import asdict
from typing import Any, Literal

import mockserver
from mockserver.control import models
from mockserver.control.call import Call, RefusedError, Text
from mockserver.control.explaining import Explanation
from mockserver.control.explaining import explain as explained
from mockserver.control.explaining.reading import RequestError, read_request
from mockserver.control.exports import FORMS, export
from mockserver.control.local import GivenFile, Local, Told
from mockserver.control.records import Record, record_of
from mockserver.engine import World
from mockserver.queries import asserting
from mockserver.queries.requests import QuestionError
from mockserver.settings import SettingsError, resolve
from mockserver.state.resilience import judge
from mockserver.wire.encoding import encode

_DONE = models.Done()


def health(call: Call) -> models.Health:
    return _health("ok", call)


def ready(call: Call) -> models.Health:
    return _health("ready", call)


def _health(status: Literal["ok", "ready"], call: Call) -> models.Health:
    connections = call.session.engine.tally.connections
    return models.Health(status=status, version=mockserver.__version__, connections=connections)


def openapi(_call: Call) -> Text:
    from mockserver.control.openapi import document  # noqa: PLC0415 - it is made of the operations, which are made of this

    return Text("application/json", document())


# -------------------------------------------------------------- scenarios


def list_scenarios(call: Call) -> models.Scenarios:
    return models.Scenarios(scenarios=call.session.scenarios())


def add_scenarios(call: Call) -> models.Scenarios:
    given = call.body.root
    names = call.session.add_all(given if isinstance(given, list) else [given])
    return models.Scenarios(scenarios=[call.session.scenario(name) for name in names])


def remove_scenarios(call: Call) -> models.Done:
    call.session.remove_all()
    return _DONE


def get_scenario(call: Call) -> Told:
    return call.session.scenario(call.name)


def put_scenario(call: Call) -> Told:
    call.session.put(call.name, call.body.root)
    return call.session.scenario(call.name)


def remove_scenario(call: Call) -> models.Done:
    call.session.remove(call.name)
    return _DONE


# -------------------------------------------------------------- requests


def list_requests(call: Call) -> models.Requests | Text:
    wanted = call.query.model_dump(exclude_none=True, exclude={"limit", "format"})
    requests = call.session.requests()
    found = requests.where(**wanted)[-call.query.limit if call.query.limit else 0 :]
    if call.query.format == "json":
        return models.Requests(requests=[record_of(one) for one in found], forgotten=requests.forgotten)
    return Text(FORMS[call.query.format].content_type, export(found, call.query.format, base_url=call.base_url))


def get_request(call: Call) -> Record:
    found = (one for one in call.session.requests() if str(one.number) == call.name)
    if (exchange := next(found, None)) is None:
        raise RefusedError(404, "not_found", f"the journal has no request {call.name!r}; /_mock/requests lists them")
    return record_of(exchange)


def forget_requests(call: Call) -> models.Done:
    call.session.forget()
    return _DONE


def verify(call: Call) -> models.Done:
    wanted, requests = call.body, call.session.requests()
    try:
        if wanted.model_fields_set - {"strict"}:
            asserting.assert_called(requests, wanted.times, wanted.tools, wanted.where)
        asserting.check(requests, [told for told in call.session.scenarios() if not told.used], wanted.strict)
    except QuestionError as error:
        raise RefusedError(400, "invalid_request", str(error)) from None
    except Exception as error:  # noqa: BLE001 - an assertion, or a bug of the server that a request met
        raise RefusedError(409, "verification_failed", str(error)) from None
    return _DONE


def verdict(call: Call) -> models.VerdictState:
    found = judge(call.session.requests())
    return models.VerdictState(text=str(found), broken=list(dict.fromkeys(rule for _, rule, _ in found.broken)))


def explain(call: Call) -> Explanation:
    world = call.session.world
    try:
        return explained(world, read_request(encode(call.body.root), world.settings, "body"))
    except RequestError as error:
        raise RefusedError(400, "invalid_request", str(error)) from None


# -------------------------------------------------------------- files


def add_file(call: Call) -> models.FileState:
    said = call.body.model_dump(exclude={"content", "encoding"})
    return models.FileState(**call.session.add_file(GivenFile(call.body.data, **said)))


# -------------------------------------------------------------- sessions


def reset(call: Call) -> models.Done:
    call.session.reset()
    return _DONE


def list_sessions(call: Call) -> models.SessionStates:
    return models.SessionStates(sessions=[_state(world) for world in call.session.engine.sessions])


def get_session(call: Call) -> models.SessionState:
    world = call.session.engine.sessions.find(call.name)
    if world is None:
        raise _no_session(call.name)
    return _state(world)


def put_session(call: Call) -> models.SettingsState:
    sessions = call.session.engine.sessions
    is_new = sessions.find(call.name) is None
    try:
        return _configured(Local(call.session.engine, call.name), call.body.root)
    except SettingsError:
        if is_new:
            sessions.drop(call.name)
        raise


def drop_session(call: Call) -> models.Done:
    if not call.session.engine.sessions.drop(call.name):
        raise _no_session(call.name)
    return _DONE


def _no_session(name: str) -> RefusedError:
    return RefusedError(404, "not_found", f"there is no session {name!r}; one is made by its first request")


def _state(world: World) -> models.SessionState:
    return models.SessionState(
        name=world.name,
        requests=world.requests,
        under_way=world.busy,
        scenarios=len(world.own.scripts),
        clock=world.clock.now(),
    )


def get_settings(call: Call) -> models.SettingsState:
    return models.SettingsState(settings=call.session.settings())


def change_settings(call: Call) -> models.SettingsState:
    return _configured(call.session, call.body.root)


def _configured(session: Local, values: dict[str, Any]) -> models.SettingsState:
    session.configure(values)
    return models.SettingsState(settings=session.settings())


# -------------------------------------------------------------- clock and limits


def get_clock(call: Call) -> models.ClockState:
    clock = call.session.clock
    return models.ClockState(now=clock.now(), frozen=clock.is_frozen, speed=clock.speed)


def change_clock(call: Call) -> models.ClockState:
    clock, change = call.session.clock, call.body
    try:
        if change.freeze is False:
            clock.run(change.speed or 1.0)
        elif change.freeze is not None:
            clock.freeze(None if change.freeze is True else change.freeze)
        elif change.speed is not None:
            clock.run(change.speed)
        if change.advance is not None:
            clock.advance(change.advance)
    except ValueError as error:
        raise RefusedError(400, "invalid_request", str(error)) from None
    return get_clock(call)


def get_limits(call: Call) -> models.LimitsState:
    limits = call.session.world.settings.limits
    return models.LimitsState(limits=None if limits is None else asdict(limits))


def put_limits(call: Call) -> models.LimitsState:
    limits = resolve(("limits", {"limits": call.body.limits})).limits
    call.session.configure({"limits": limits})
    return get_limits(call)


def remove_limits(call: Call) -> models.LimitsState:
    call.session.configure({"limits": None})
    return get_limits(call)


def metrics(call: Call) -> Text:
    from mockserver.control.metrics import CONTENT_TYPE, metrics  # noqa: PLC0415 - few ask for it

    return Text(CONTENT_TYPE, metrics(call.session.engine))
