"""Limits of the context window, by the token estimate."""

from unit.validation.judging import COUNT, OLD, Works, ask

from mockserver.validation.pipeline import Court

EARLIER = "claude-opus-4-1-20250805"
MILLION = 1_000_000
BYTES = 5 * MILLION
"""Of a body that need not fit."""


def _asking(tokens, size=BYTES, **more):
    """A request that is estimated at so many tokens."""
    return ask(court=Court(estimate=lambda _body, _model: tokens), size=size, **more)


ROWS = {
    "prompt_length": Works(
        refused=[
            (_asking(MILLION + 1), "prompt is too long: 1000001 tokens > 1000000 maximum"),
            (_asking(200_001, model=OLD), "prompt is too long: 200001 tokens > 200000 maximum"),
            (_asking(200_001, model=OLD, size=200_001), "prompt is too long: 200001 tokens > 200000 maximum"),
        ],
        accepted=[
            _asking(MILLION),
            _asking(200_000, model=OLD),
            _asking(200_001, model=OLD, size=200_000),
            _asking(MILLION + 1, path=COUNT),
            ask(size=BYTES),
        ],
    ),
    "window": Works(
        refused=[
            (
                _asking(199_000, model=EARLIER, max_tokens=1001),
                "input length and `max_tokens` exceed context limit: 199000 + 1001 > 200000, "
                "decrease input length or `max_tokens` and try again",
            ),
            (
                _asking(199_000, model=EARLIER, max_tokens=1001, size=199_000),
                "input length and `max_tokens` exceed context limit: 199000 + 1001 > 200000, "
                "decrease input length or `max_tokens` and try again",
            ),
        ],
        accepted=[
            _asking(199_000, model=EARLIER, max_tokens=1000),
            _asking(199_000, model=EARLIER, max_tokens=1001, size=198_999),
            _asking(199_000, model=OLD, max_tokens=1001),
            _asking(999_000, max_tokens=1001),
            _asking(199_000, model=EARLIER, path=COUNT),
        ],
    ),
}
