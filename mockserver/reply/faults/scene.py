"""What a fault may need beside the plan that it changes. Not here: faults."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mockserver.reply.steps import Data, Reply
from mockserver.wire.errors import ApiError
from mockserver.wire.sse import PADDING_BITS, encode_event


@dataclass(frozen=True)
class Scene:
    """One fault's surroundings: chance, the request's id, and the error that it names.

    `failed` makes the HTTP answer of an error; `proxy_headers` are those of an answer that never saw the API.
    """

    chance: random.Random
    request_id: str
    error: ApiError | None
    failed: Callable[[ApiError], Reply]
    proxy_headers: Mapping[str, str]

    @property
    def named_error(self) -> ApiError:
        """The error that the fault names."""
        assert self.error is not None
        return self.error

    def error_event(self) -> Data:
        """Return the error as an event of a stream, padded as every event is (recorded)."""
        event = self.named_error.event(self.request_id)
        return Data(encode_event(event, self.chance.getrandbits(PADDING_BITS)), event)
