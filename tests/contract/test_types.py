"""The grammar beside the official SDK's types: whatever the SDK can send, the tables know. No server is asked.

From each type examples are made: the smallest one, one for each option of each key, and one without each key that is
required. The tables must take the first two and miss the key in the last. A newer SDK that knows more fails here, key
by key.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from types import UnionType
from typing import IO, Annotated, Any, Literal, NamedTuple, NotRequired, Required, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from typing_extensions import get_type_hints, is_typeddict

from mockserver.validation.betas import KNOWN
from mockserver.validation.fault import REQUIRED
from mockserver.validation.grammar.containers import Record
from mockserver.validation.grammar.requests import COUNT_TOKENS, MESSAGES
from mockserver.validation.scope import LEGACY, Scope
from mockserver.wire.registry import STANDARD

pytestmark = pytest.mark.unmeasured

anthropic = pytest.importorskip("anthropic", minversion="2.12.0", reason="the tables know what this SDK knows")
types = anthropic.types

GA, BETA = Scope(LEGACY), Scope(LEGACY, KNOWN)
BODIES = {
    "messages": (types.message_create_params.MessageCreateParamsNonStreaming, MESSAGES, GA),
    "messages, beta": (types.beta.message_create_params.MessageCreateParamsNonStreaming, MESSAGES, BETA),
    "count_tokens": (types.message_count_tokens_params.MessageCountTokensParams, COUNT_TOKENS, GA),
    "count_tokens, beta": (types.beta.message_count_tokens_params.MessageCountTokensParams, COUNT_TOKENS, BETA),
}
"""Body -> its type, its table, and what is open to it: what is no beta in the SDK must need none here."""

HEADERS = {"betas", "user_profile_id", "workspace_id"}
"""Parameters that are sent as headers."""

DIFFERENT = {
    r"WebFetchBlockParam\.content > .* left out": "what the API fetched comes back as it was; it is not looked into",
    r"Param\.type left out.*custom\.\w+: Field required": "a tool without a type is a custom one, and misses what that needs",
    r"ToolParam\.input_schema = \{\}": "the SDK takes any object as a schema; the API wants its type",
    r"Citation\w+LocationParam\.(document_)?title left out": "the SDK wants at least null; no refusal was ever seen",
}
"""How the example is told -> why the tables differ on purpose."""

NOT_ALONE = {"BetaSystemMessageParam": ("content",)}
"""Type -> keys that are not required, but without which nothing else is."""

SCALARS = {str: "srvtoolu_1", int: 50_000, float: 1.0, bool: True, object: {}, type(None): None}
"""Type -> a value that the tables take wherever it may stand, but for these keys:"""
STRINGS = {"country": "US", "inference_geo": "us"}

NO_JSON = (BaseModel, PathLike, IO, bytes)
"""Members of unions that are not looked at: what only answers hold, and files, which the SDK encodes."""


class Example(NamedTuple):
    """A value, the `Type.key`s that lead to what it is an example of, and the required key that it lacks."""

    value: Any
    told: str
    lacks: str = ""


def examples(hint: Any, key: str = "") -> Iterator[Example]:
    """Yield the values of a type, the simplest first."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Required, NotRequired, Annotated):
        yield from examples(inner[0], key)
    elif origin in (Union, UnionType):
        for member in inner:
            yield from examples(member, key)
    elif origin is Literal:
        yield from (Example(option, f" = {option!r}") for option in inner)
    elif is_typeddict(hint):
        yield from objects(hint)
    elif origin is dict:
        yield from (e._replace(value={"any": e.value}) for e in examples(inner[1]))
    elif origin in (list, Iterable, Sequence):
        yield from (e._replace(value=[e.value]) for e in examples(inner[0], key))
    elif not issubclass(origin or hint, NO_JSON):
        value = STRINGS.get(key, SCALARS[hint]) if hint is str else SCALARS[hint]
        yield Example(value, f" = {value!r}")


def objects(hint: Any) -> Iterator[Example]:
    """Yield the examples of an object: the smallest, each option of each key, and without each required key."""
    name, hints = hint.__name__, get_type_hints(hint, include_extras=True)
    must = [key for key in hints if get_origin(hints[key]) is Required or key in NOT_ALONE.get(name, ())]
    least = {key: next(examples(hints[key], key)).value for key in must}
    yield Example(least, f" = {least!r}")
    for key in (key for key in hints if key not in HEADERS):
        for value, told, lacks in examples(hints[key], key):
            yield Example(least | {key: value}, f" > {name}.{key}{told}", lacks)
    for key in must:
        yield Example({k: v for k, v in least.items() if k != key}, f" > {name}.{key} left out", key)


def differences(hint: Any, table: Record, scope: Scope) -> Iterator[str]:
    """Yield, example by example, where the table says something else than the type."""
    for value, told, lacks in examples(hint):
        fault = table.check(value, scope)
        if lacks and (fault is None or fault.sentence != REQUIRED or fault.path[-1] != lacks):
            yield f"{told[3:]}, which the SDK requires; the table says: {fault or 'nothing'}"
        elif fault and not lacks:
            yield f"{told[3:]}; the table says: {fault}"


def is_meant(difference: str) -> bool:
    return any(re.search(pattern, difference) for pattern in DIFFERENT)


@pytest.mark.parametrize("name", BODIES)
def test_the_tables_know_what_the_sdk_can_send_and_require_what_it_requires(name):
    found = [words for words in differences(*BODIES[name]) if not is_meant(words)]
    shortest = sorted(found, key=len)[:30]
    assert not found, "\n".join([f"the SDK's types and the tables differ in {len(found)} examples:", *shortest])


def test_every_known_difference_is_still_there():
    found = list(differences(*BODIES["messages, beta"]))
    assert [pattern for pattern in DIFFERENT if not any(re.search(pattern, words) for words in found)] == []


def test_a_key_that_the_tables_do_not_know_is_named():
    hint, table, scope = BODIES["messages"]
    poorer = Record({name: field for name, field in table.fields.items() if name != "service_tier"})
    assert next(words for words in differences(hint, poorer, scope) if not is_meant(words)) == (
        "MessageCreateParamsNonStreaming.service_tier = 'auto'; "
        "the table says: service_tier: Extra inputs are not permitted"
    )


def literals(hint: Any) -> set[str]:
    """Return the options that a type names, beside any string."""
    return {option for member in get_args(hint) if get_origin(member) is Literal for option in get_args(member)}


def test_every_beta_of_the_sdk_is_known():
    named = literals(types.AnthropicBetaParam)
    assert len(named) > 50
    assert named - KNOWN == set()


def test_every_model_of_the_sdk_is_known():
    named = literals(types.ModelParam)
    assert len(named) > 20
    assert named - set(STANDARD.names) == set()
