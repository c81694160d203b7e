"""How a stream is cut and paced, as an author writes it. Not here: the pauses that follow (`reply.pacing`)."""

from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Discriminator, Field, Tag, model_validator

from mockserver.scenario.durations import Duration
from mockserver.scenario.parts import FULL, ONE_KEY, SHORT, Part, problem, short_or_full, text_or_other

DEFAULT_CHUNK: Final = "token"
DEFAULT_PING: Final = 15.0
"""Seconds of silence after which a stream sends a `ping`."""


class Lognormal(Part):
    """A lognormal distribution of times."""

    median: Duration = Field(description="half of the times are shorter")
    sigma: float = Field(ge=0, le=5, description="standard deviation of the logarithm; 0.5 is lively, 1 is wild")


class Jitter(Part):
    """How the time between two deltas varies; one of its keys."""

    model_config = ONE_KEY

    uniform: Duration | None = Field(None, description="as much more or less, everything between as likely")
    normal: Duration | None = Field(None, description="standard deviation")
    lognormal: Lognormal | None = Field(None, description="is added: mostly short, at times long")

    @model_validator(mode="after")
    def _one_kind(self) -> "Jitter":
        if len(self.model_fields_set) != 1:
            raise problem("a jitter has one of uniform, normal, lognormal")
        return self


class Pace(NamedTuple):
    """A model's pace: seconds to the first delta, tokens per second, and how uneven that is (sigma of a lognormal)."""

    first_token: float
    tokens_per_second: float
    sigma: float


PACE: Final = ("first_token", "interval", "tokens_per_second", "jitter")
"""Keys that say how fast a stream is; `profile` stands instead of them."""


class Stream(Part):
    """How the reply is cut and paced when it streams."""

    chunk: (
        Annotated[
            Annotated[Literal["word", "char", "token", "message"], Tag(SHORT)] | Annotated[int, Field(ge=1), Tag(FULL)],
            Discriminator(text_or_other),
        ]
        | None
    ) = Field(None, description="size of a delta, or a number of characters; `token`: the sizes that real streams show")
    first_token: Duration | None = Field(None, description="time from the request to the first content delta")
    interval: Duration | None = Field(None, description="time between two deltas")
    tokens_per_second: float | None = Field(
        None, gt=0, le=1_000_000, description="instead of `interval`: a delta takes as long as its tokens"
    )
    jitter: (
        Annotated[
            Annotated[Duration, Tag(SHORT)] | Annotated[Jitter, Tag(FULL)],
            Discriminator(short_or_full),
        ]
        | None
    ) = Field(None, description="around each interval, seeded: a duration (uniform), or a map")
    profile: Literal["fast", "standard", "slow"] | None = Field(
        None, description="a pace measured from real models, instead of the keys above"
    )
    ping: Duration | None = Field(
        None, description="time between `ping` events while it is silent; 15s where it is not given, 0: none"
    )

    @model_validator(mode="after")
    def _one_pace(self) -> "Stream":
        given = [key for key in PACE if getattr(self, key) is not None]
        if self.profile is not None and given:
            raise problem(f"'profile' stands instead of {given[0]!r}; remove one of them", given[0])
        if self.interval is not None and self.tokens_per_second is not None:
            raise problem("'tokens_per_second' stands instead of 'interval'; remove one of them", "tokens_per_second")
        return self

    def over(self, default: "Stream") -> "Stream":
        """Return the default's keys with these over them; what these stand instead of is left out."""
        instead = (
            set(PACE) if self.profile is not None else {_INSTEAD[k] for k in _INSTEAD if getattr(self, k) is not None}
        )
        if any(getattr(self, key) is not None for key in PACE):
            instead |= {"profile"}
        kept = default.model_dump(exclude_unset=True, exclude=instead)
        return Stream.model_validate(kept | self.model_dump(exclude_unset=True))

    @property
    def paces(self) -> bool:
        """Whether anything waits."""
        return self.profile is not None or any(getattr(self, key) is not None for key in PACE)


_INSTEAD: Final = {"interval": "tokens_per_second", "tokens_per_second": "interval"}
