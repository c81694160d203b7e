"""What a client did after each failure, and which rules of good conduct that broke. Not here: the failures.

It is read off the journal: requests are the same where their bodies are, but for `stream` and `metadata`. A client
waits in real time, and in what the mock clock was advanced by hand meanwhile.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from mockserver.state.journal import Exchange

_NOT_COMPARED: Final = ("stream", "metadata")
_TOLERANCE: Final = 0.98
_GRACE: Final = 0.02
"""A wait may be this share, less this many seconds, of what it should be: clocks and networks are not exact."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is asked of a client.

    It retries at least `retries` times before it gives up, and no more than `most` times; without `retry-after` it
    waits `back_off` seconds or more.
    """

    retries: int = 2
    most: int = 10
    back_off: float = 0.1


@dataclass(slots=True)
class Episode:
    """One failure and what the client did next.

    `tries` counts the retries of the same request before; `waited` is in seconds, None where it did not retry;
    `instead` says what else it sent; `parallel` are requests beside the retry; `broken` are rules, each with words.
    """

    failed: Exchange
    tries: int = 0
    retry: Exchange | None = None
    waited: float | None = None
    instead: str = ""
    changed: list[str] = field(default_factory=list)
    parallel: list[Exchange] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        where = "" if self.failed.session == "default" else f"[{self.failed.session}] "
        failure = self.failed.trial.failure
        asked = f", retry-after {failure.retry_after:g} s" if failure and failure.retry_after is not None else ""
        what = f"{where}request {self.failed.number} met {failure.words if failure else 'impatience'}{asked}"
        if self.retry is None:
            did = "not sent again"
        else:
            did = f"sent again as request {self.retry.number} after {self.waited or 0:.2f} s"
        return f"{what}: {did}{self.instead and f' ({self.instead})'}"


@dataclass(frozen=True, slots=True)
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
    reading = _Reading()
    for exchange in exchanges:
        reading.read(exchange)
    for episode in reading.episodes:
        for name, rule in RULES.items():
            if words := rule(episode, policy or Policy()):
                episode.broken.append((name, words))
    return Verdict(tuple(reading.episodes))


class _Reading:
    """One pass over the exchanges: each is a first try, or the retry of a failure that came before."""

    def __init__(self) -> None:
        self.episodes: list[Episode] = []

    def read(self, exchange: Exchange) -> None:
        if exchange.body is None:
            return
        episode = self._same(exchange) or self._changed(exchange)
        if episode is not None:
            episode.retry, episode.waited = exchange, _waited(episode.failed, exchange)
        elif beside := self._beside(exchange):
            beside.parallel.append(exchange)
        if _failed(exchange):
            self.episodes.append(Episode(exchange, 0 if episode is None else episode.tries + 1))

    def _open(self, exchange: Exchange) -> list[Episode]:
        """Return the failures that this request may answer: nobody did yet, and the client can have noticed them."""
        open_ = (e for e in self.episodes if e.retry is None and _is_alike(e.failed, exchange))
        return [e for e in open_ if _noticed(e.failed, exchange)]

    def _same(self, exchange: Exchange) -> Episode | None:
        return next((e for e in self._open(exchange) if not _differences(e.failed, exchange)), None)

    def _changed(self, exchange: Exchange) -> Episode | None:
        """Return the failure of a request that was changed before it was sent again."""
        for episode in reversed(self._open(exchange)):
            changed = _differences(episode.failed, exchange)
            if "messages" not in changed or exchange.trial.declared or _continues(episode.failed, exchange):
                episode.instead = _instead(episode.failed, exchange, changed)
                episode.changed = [] if episode.instead else changed
                return episode
        return None

    def _beside(self, exchange: Exchange) -> Episode | None:
        """Return the failure whose retry was still under way when this request, the same, was sent."""
        for episode in reversed(self.episodes):
            retry = episode.retry
            if retry is None or not (_is_alike(retry, exchange) and _is_open(retry, exchange)):
                continue
            if not _differences(retry, exchange):
                return episode
        return None


def _is_alike(one: Exchange, other: Exchange) -> bool:
    """Whether both come from one client and ask for the same kind of thing."""
    return (one.method, one.path, one.trial.whose) == (other.method, other.path, other.trial.whose)


def _failed(exchange: Exchange) -> bool:
    return exchange.trial.failure is not None or exchange.sent == "client gone"


def _noticed(failed: Exchange, later: Exchange) -> bool:
    """Whether the failure was over when the later request came, or the client can have lost patience."""
    failure = failed.trial.failure
    return not _is_open(failed, later) or (failure is not None and failure.hangs) or failed.sent == "client gone"


def _is_open(earlier: Exchange, later: Exchange) -> bool:
    return earlier.trial.finished is None or earlier.trial.finished > later.trial.began


def _waited(failed: Exchange, retry: Exchange) -> float:
    """Return the seconds between the end of a failure and its retry."""
    if failed.trial.finished is None or failed.trial.ended is None:
        return 0.0
    real = max(0.0, retry.trial.began - failed.trial.finished)
    mock = (retry.trial.arrived - failed.trial.ended).total_seconds()
    return real + max(0.0, mock - retry.trial.rate * real)


def _differences(failed: Exchange, later: Exchange) -> list[str]:
    """Return the fields of the body that differ."""
    one, other = failed.body or {}, later.body or {}
    names = sorted(one.keys() | other.keys())
    return [name for name in names if name not in _NOT_COMPARED and one.get(name) != other.get(name)]


def _continues(failed: Exchange, later: Exchange) -> bool:
    """Whether the later request goes on from the failed one's messages: with what had come of the answer, say."""
    one, other = ((exchange.body or {}).get("messages") for exchange in (failed, later))
    return isinstance(one, list) and isinstance(other, list) and len(one) < len(other) and other[: len(one)] == one


def _instead(failed: Exchange, later: Exchange, changed: list[str]) -> str:
    """Return what a client did on purpose instead of trying again; nothing where the request is just another one."""
    if changed == ["model"]:
        return f"with the model {(later.body or {}).get('model')}"
    return "it goes on from the same messages" if _continues(failed, later) else ""


# ------------------------------------------------------------------ rules


def _gave_up(episode: Episode, policy: Policy) -> str:
    failure = episode.failed.trial.failure
    if failure is None or not failure.retryable or episode.retry is not None or episode.tries >= policy.retries:
        return ""
    if failure.hangs and episode.failed.trial.finished is None:
        return ""  # it still waits
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
    if failure.hangs or not _is_short(episode, policy.back_off):
        return ""
    return f"waited {episode.waited:.2f} s; without retry-after it should be {policy.back_off:g} s or more"


def _is_short(episode: Episode, seconds: float) -> bool:
    if episode.waited is None or episode.instead:
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
    numbers = ", ".join(str(exchange.number) for exchange in episode.parallel)
    return f"{_times(len(episode.parallel) + 1, 'retry', 'retries')} at the same time (beside it: request {numbers})"


def _leaked(episode: Episode, _policy: Policy) -> str:
    trial, retry = episode.failed.trial, episode.retry
    if retry is None or not _is_open(episode.failed, retry) or retry.trial.finished is None:
        return ""
    if trial.finished is not None and trial.finished <= retry.trial.finished:
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
