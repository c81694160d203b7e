"""A request's prompt: what the model reads, what of it is cached, and what the session remembers of it afterwards.

Not here: the rules of the cache and of context management (`reply`), the books themselves (`state`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from mockserver.reply import caching
from mockserver.reply.caching import Charge, Mark, Preset
from mockserver.reply.diagnosis import diagnose, trace
from mockserver.reply.fingerprint import Fingerprint
from mockserver.reply.managing import Managed
from mockserver.state.sessions import Session
from mockserver.validation.credentials import credential
from mockserver.wire.dialect import Dialect
from mockserver.wire.encoding import JsonObject
from mockserver.wire.traits import Model


@dataclass(frozen=True)
class Prompt:
    """One request's prompt in its session, at one time.

    `sent` is the request's body; `owner` is whose cache it is.
    """

    sent: JsonObject
    managed: Managed
    model: Model
    session: Session
    owner: bytes
    now: datetime

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What decides whether another prompt begins like this one."""
        return Fingerprint(self.managed.body, self.model, self.managed.weight.blocks, self.owner)

    @cached_property
    def marks(self) -> list[Mark]:
        """The breakpoints, explicit and automatic."""
        return caching.marks_in(self.managed.body, self.managed.weight.blocks)

    def charge(self, preset: Preset | None = None) -> Charge:
        """Return what the input costs; nothing is remembered yet."""
        find = self.session.ledger.find
        return caching.charge(
            self.fingerprint, self.marks, self.managed.weight, lambda key: find(key, self.now), preset
        )

    @property
    def note(self) -> str:
        """Why nothing is cached although something is marked; empty where that is not so."""
        short = caching.shortfall(self.marks, self.managed.weight, self.model)
        if short is None:
            return ""
        return f"nothing is cached: {short:,} tokens are below the {self.model.cache_minimum:,} of {self.model.id}"

    def diagnostics(self, charge: Charge) -> dict[str, JsonObject | None]:
        """Return the answer's `diagnostics`, under its key; nothing where the request did not ask for them."""
        asked = self.sent.get("diagnostics")
        if not isinstance(asked, dict):
            return {}
        previous = asked.get("previous_message_id")
        if not isinstance(previous, str):
            return {"diagnostics": None}
        before = self.session.traces.get((self.owner, previous))
        return {"diagnostics": diagnose(trace(self.fingerprint, charge.cached), before, charge.read)}

    def settle(self, charge: Charge, answer_id: Any, begins: datetime) -> None:
        """Remember what an answered request has cached, and, where it asked for diagnostics, what it was."""
        self.settle_cache(charge, begins)
        if isinstance(self.sent.get("diagnostics"), dict) and isinstance(answer_id, str):
            found = trace(self.fingerprint, charge.cached)
            self.session.traces.put((self.owner, answer_id), found, len(found.messages) + len(self.owner))

    def settle_cache(self, charge: Charge, begins: datetime) -> None:
        """Remember what an answered request has cached; what is new can be read when its answer begins."""
        for key in charge.forgotten:
            self.session.ledger.forget(key)
        for key in charge.used:
            self.session.ledger.use(key, self.now)
        for entry in charge.stored:
            self.session.ledger.store(*entry, self.now, begins)


def owner(headers: Mapping[str, str], dialect: Dialect) -> bytes:
    """Return whose request it is: the credentials' and the workspace's (documentation: caches are not shared)."""
    told = f"{credential(headers, dialect)}\0{headers.get('anthropic-workspace-id', '')}".encode(
        "utf-8", "surrogatepass"
    )
    return told if len(told) <= _LONGEST_OWNER else hashlib.blake2b(told).digest()


_LONGEST_OWNER: Final = 1024
"""Bytes of a key and a workspace that are kept as they are: each book of a session holds them thousands of times."""
