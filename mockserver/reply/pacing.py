"""When the events of a stream come: deltas and the pauses between them, pings in long silences. Not here: waiting.

A pause is a length, and whoever plays it counts all of them from the request's arrival, so nothing drifts.
"""

import random
from collections.abc import Iterable
from typing import Final

from mockserver.reply.steps import Data, Pause, Step
from mockserver.scenario.pacing import DEFAULT_PING, Jitter, Pace, Stream
from mockserver.wire.encoding import JsonObject
from mockserver.wire.events import PING
from mockserver.wire.frozen import frozen
from mockserver.wire.sse import encode_event

PROFILES: Final[dict[str, Pace]] = {
    "fast": Pace(0.45, 120, 0.4),
    "standard": Pace(1.3, 60, 0.4),
    "slow": Pace(2.0, 30, 0.4),
}
"""Name of a profile -> its pace. First tokens and speeds are those of 978 answers, recorded from 2025-08 to 2026-05,
that tell how long the API worked on them (`x-envoy-upstream-service-time`; the network is not in it).

`fast` is Haiku 4.5: the median head of 69 streams, and between the median net speed of answers of 100 tokens and more
(107) and the slope over all 63 (148). `standard` is Sonnet 4 and 4.5: the median head of 228 streams; 63 and 74 over
428. `slow` is the slowest tenth of the same: 1.9 s and 29 tokens per second; the five streams of Opus have 2.1 s. How
uneven a single stream is was not recorded: 0.4 is how uneven speeds were from answer to answer.
"""

_PING_DATA: Final = Data(encode_event(PING), PING)


@frozen
class Tempo:
    """What a stream's pauses follow from: seconds to the first delta and between two, the spread, and the ping.

    `per_second` are tokens; where it is given, it decides instead of `interval`. `sigma` is how uneven that is.
    """

    first_token: float = 0.0
    interval: float = 0.0
    per_second: float | None = None
    jitter: float | Jitter = 0.0
    sigma: float = 0.0
    ping: float = DEFAULT_PING

    @property
    def varies(self) -> bool:
        """Whether chance has a part in it."""
        return bool(self.sigma or self.jitter)


def tempo_of(stream: Stream | None) -> Tempo | None:
    """Return the tempo that an author wrote; None where nothing waits."""
    if stream is None or not stream.paces:
        return None
    ping = DEFAULT_PING if stream.ping is None else stream.ping
    if stream.profile is not None:
        pace = PROFILES[stream.profile]
        return Tempo(pace.first_token, per_second=pace.tokens_per_second, sigma=pace.sigma, ping=ping)
    return Tempo(
        stream.first_token or 0.0, stream.interval or 0.0, stream.tokens_per_second, stream.jitter or 0.0, ping=ping
    )


def paced(frames: Iterable[Data], tempo: Tempo, tokens: float, chance: random.Random, late: float = 0.0) -> list[Step]:
    """Return a stream's frames with pauses before its deltas, or before its end where it has none.

    `tokens` is what all deltas are worth; `late` is how long the response waited already, which the first delta
    does not wait again.
    """
    frames = list(frames)
    kinds = [frame.event["type"] if frame.event else None for frame in frames]
    waiting = "content_block_delta" if "content_block_delta" in kinds else "message_delta"
    deltas = [frame.event for frame, kind in zip(frames, kinds, strict=True) if kind == waiting and frame.event]
    gaps = iter([max(0.0, tempo.first_token - late), *_gaps(deltas, tempo, tokens, chance)[1:]])
    steps: list[Step] = []
    for frame, kind in zip(frames, kinds, strict=True):
        if kind == waiting:
            steps += silence(next(gaps), tempo.ping)
        steps.append(frame)
    return steps


def timed(frames: Iterable[Data], times: Iterable[float | None], late: float = 0.0) -> list[Step]:
    """Return frames at the times that were recorded, in seconds from the request; None: at once."""
    steps: list[Step] = []
    passed = late
    for frame, at in zip(frames, times, strict=True):
        if at is not None and at > passed:
            steps.append(Pause(at - passed))
            passed = at
        steps.append(frame)
    return steps


def silence(seconds: float, ping: float) -> list[Step]:
    """Return a pause, with a ping each time that it has lasted for `ping` seconds (0: never)."""
    if seconds <= 0:
        return []
    steps: list[Step] = []
    while 0 < ping < seconds:
        steps += (Pause(ping), _PING_DATA)
        seconds -= ping
    steps.append(Pause(seconds))
    return steps


def _gaps(deltas: list[JsonObject], tempo: Tempo, tokens: float, chance: random.Random) -> list[float]:
    """Return the time before each delta."""
    means = [tempo.interval] * len(deltas)
    if tempo.per_second is not None:
        sizes = [_size(delta) for delta in deltas]
        per_character = tokens / (sum(sizes) or 1) / tempo.per_second
        means = [size * per_character for size in sizes]
    return [max(0.0, _varied(mean, tempo, chance)) for mean in means] if tempo.varies else means


def _size(event: JsonObject) -> int:
    """Return the characters of a delta; what it carries beside text takes no time."""
    delta = event.get("delta") or {}
    return sum(len(delta[key]) for key in ("text", "thinking", "partial_json") if isinstance(delta.get(key), str))


def _varied(mean: float, tempo: Tempo, chance: random.Random) -> float:
    """Return a gap that chance takes from around the mean."""
    if tempo.sigma:
        return mean * chance.lognormvariate(-(tempo.sigma**2) / 2, tempo.sigma)
    jitter = tempo.jitter
    if isinstance(jitter, float | int):
        return mean + chance.uniform(-jitter, jitter) if jitter else mean
    if jitter.normal is not None:
        return chance.gauss(mean, jitter.normal)
    if jitter.lognormal is not None:
        # The median is the exponential of the mean of the logarithm.
        return mean + jitter.lognormal.median * chance.lognormvariate(0, jitter.lognormal.sigma)
    spread = jitter.uniform or 0.0
    return mean + chance.uniform(-spread, spread)
