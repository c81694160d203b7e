"""Whether a client did right after each failure: the rules of good conduct. Not here: what it did (`episodes`)."""

from collections.abc import Callable, Iterable
from typing import Final

from mockserver.state.episodes import Episode, Reading, outlives
from mockserver.state.journal import Exchange
from mockserver.wire.frozen import frozen

_TOLERANCE: Final = 0.98
_GRACE: Final = 0.02
"""A wait may be this share, less this many seconds, of what it should be: clocks and networks are not exact."""


@frozen
class Policy:
    """What is asked of a client. Raises `ValueError` for what is no number, or below 0.

    It retries at least `retries` times before it gives up, and no more than `most` times; without `retry-after` it
    waits `back_off` seconds or more.
    """

    retries: int = 2
    most: int = 10
    back_off: float = 0.1

    def __post_init__(self) -> None:
        for name, value in (("retries", self.retries), ("most", self.most), ("back_off", self.back_off)):
            if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
                raise ValueError(f"mockserver: {name} = {value!r}: a number from 0 is needed")


@frozen
class Verdict:
    """The episodes of a client, in the order of the failures."""

    episodes: tuple[Episode, ...]

    @property
    def broken(self) -> list[tuple[Episode, str, str]]:
        """What was wrong: the episode, the name of the rule, and words."""
        return [(episode, rule, words) for episode in self.episodes for rule, words in episode.broken]

    def __str__(self) -> str:
        lines: list[str] = []
        for episode in self.episodes:
            lines.append(str(episode))
            lines += [f"  breaks {rule!r}: {words}" for rule, words in episode.broken]
        return "\n".join(lines) or "no request met a failure"


def judge(exchanges: Iterable[Exchange], policy: Policy | None = None) -> Verdict:
    """Return what the client did after each failure in these exchanges of one session, oldest first."""
    came = (exchange for exchange in exchanges if not exchange.batch)
    episodes = Reading([exchange for exchange in came if exchange.body is not None]).episodes()
    for episode in episodes:
        for name, rule in RULES.items():
            if words := rule(episode, policy or Policy()):
                episode.broken.append((name, words))
    return Verdict(tuple(episodes))


def _gave_up(episode: Episode, policy: Policy) -> str:
    failure = episode.failed.trial.failure
    if failure is None or not failure.retryable or episode.retry is not None or episode.tries >= policy.retries:
        return ""
    if episode.failed.trial.finished is None:
        return ""  # the client still waits
    return f"gave up after {_times(episode.tries, 'retry', 'retries')}; {failure.words} is worth {policy.retries}"


def _repeated(episode: Episode, _policy: Policy) -> str:
    failure = episode.failed.trial.failure
    if failure is None or failure.retryable or episode.retry is None or episode.instead:
        return ""
    return f"sent again what was refused for good: {failure.words}" if not episode.changed else ""


def _too_early(episode: Episode, _policy: Policy) -> str:
    failure = episode.failed.trial.failure
    asked = failure.retry_after if failure else None
    if asked is None or not _is_short(episode, asked):
        return ""
    return f"waited {episode.waited:.2f} s of the {asked:g} s that retry-after asked for"


def _hammered(episode: Episode, policy: Policy) -> str:
    failure = episode.failed.trial.failure
    if failure is None or not failure.retryable or failure.retry_after is not None:
        return ""
    if not _is_short(episode, policy.back_off):
        return ""
    return f"waited {episode.waited:.2f} s; without retry-after it should be {policy.back_off:g} s or more"


def _is_short(episode: Episode, seconds: float) -> bool:
    if episode.waited is None or episode.instead or episode.failed.sent == "client gone":
        return False
    return episode.waited < seconds * _TOLERANCE - _GRACE


def _changed_body(episode: Episode, _policy: Policy) -> str:
    failure = episode.failed.trial.failure
    if not episode.changed or failure is None or not failure.retryable:
        return ""
    return f"the retry has another {', '.join(episode.changed)}"


def _stormed(episode: Episode, _policy: Policy) -> str:
    if not episode.parallel:
        return ""
    numbers = ", ".join(f"#{exchange.number}" for exchange in episode.parallel)
    return f"{_times(len(episode.parallel) + 1, 'retry', 'retries')} at the same time (beside it: {numbers})"


def _leaked(episode: Episode, _policy: Policy) -> str:
    if episode.retry is None or not outlives(episode.failed, episode.retry):
        return ""
    return "sent it again while the connection of the attempt before stayed open"


def _endless(episode: Episode, policy: Policy) -> str:
    if episode.retry is None or episode.tries < policy.most:
        return ""
    return f"retry number {episode.tries + 1}; more than {policy.most} help nobody"


def _times(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


RULES: Final[dict[str, Callable[[Episode, Policy], str]]] = {
    "gave-up": _gave_up,
    "retried-final-error": _repeated,
    "retry-after": _too_early,
    "back-off": _hammered,
    "same-body": _changed_body,
    "one-at-a-time": _stormed,
    "leaked-connection": _leaked,
    "too-often": _endless,
}
"""Name of a rule -> words about how an episode breaks it, or nothing."""
