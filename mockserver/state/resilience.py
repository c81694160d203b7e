"""What a client did after each failure, and which rules of good conduct that broke. Not here: the failures.

It is read off the journal: requests are the same where their bodies are, but for `stream` and `metadata`. A client
waits in real time, and in what the mock clock was advanced by hand meanwhile.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from mockserver.state.journal import Exchange, Trial

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
    episodes = _Reading([exchange for exchange in exchanges if exchange.body is not None]).episodes()
    for episode in episodes:
        for name, rule in RULES.items():
            if words := rule(episode, policy or Policy()):
                episode.broken.append((name, words))
    return Verdict(tuple(episodes))


class _Reading:
    """Finds for each request whether it answers a failure that came before, the surest cases first.

    A client that counts its retries (`x-stainless-retry-count`) says which requests are some; of another's, the same
    request again is one, then one that only differs from a failed request, which nobody sent again.
    """

    def __init__(self, exchanges: list[Exchange]) -> None:
        self._exchanges = exchanges
        self._episodes = {exchange.number: Episode(exchange) for exchange in exchanges if _failed(exchange)}
        self._answers: dict[int, Episode] = {}

    def episodes(self) -> list[Episode]:
        """Return the episodes, complete."""
        self._match(_is_declared_retry)
        self._match(_is_same_again)
        self._match(_is_instead)
        for exchange in self._exchanges:
            self._finish(exchange)
        return list(self._episodes.values())

    def _match(self, answers: Callable[[Exchange, Exchange], bool]) -> None:
        """Take each request that answers nothing yet for the answer to the first failure that it can answer."""
        for exchange in self._exchanges:
            if exchange.number in self._answers:
                continue
            for episode in self._episodes.values():
                failed = episode.failed
                if episode.retry is None and _can_answer(exchange, failed) and answers(exchange, failed):
                    episode.retry, episode.waited = exchange, _waited(failed, exchange)
                    self._answers[exchange.number] = episode
                    break

    def _finish(self, exchange: Exchange) -> None:
        """Add to the episodes what only the order of all requests tells."""
        answered = self._answers.get(exchange.number)
        if answered is not None:
            changed = _differences(answered.failed, exchange)
            answered.instead = _instead(answered.failed, exchange, changed)
            answered.changed = [] if answered.instead else changed
            if exchange.number in self._episodes:
                self._episodes[exchange.number].tries = answered.tries + 1
        elif beside := self._beside(exchange):
            beside.parallel.append(exchange)

    def _beside(self, exchange: Exchange) -> Episode | None:
        """Return the failure whose retry was still under way when this request, the same, was sent."""
        for episode in reversed(self._episodes.values()):
            retry = episode.retry
            if retry is None or retry.number > exchange.number or not _is_alike(retry, exchange):
                continue
            if _is_open(retry, exchange) and not _differences(retry, exchange):
                return episode
        return None


_SIBLINGS: Final = 0.05
"""Requests of a client that counts its retries are independent, not retries, where they came within so many seconds."""


def _can_answer(exchange: Exchange, failed: Exchange) -> bool:
    return failed.number < exchange.number and _is_alike(failed, exchange) and _noticed(failed, exchange)


def _is_declared_retry(exchange: Exchange, failed: Exchange) -> bool:
    declared = exchange.trial.declared
    return bool(declared) and (failed.trial.declared or 0) == (declared or 0) - 1 and not _differences(failed, exchange)


def _is_same_again(exchange: Exchange, failed: Exchange) -> bool:
    trial, before = exchange.trial, failed.trial
    if trial.declared is not None and _passed(trial, trial.began - before.began, before.arrived) < _SIBLINGS:
        return False
    return not _differences(failed, exchange)


def _is_instead(exchange: Exchange, failed: Exchange) -> bool:
    """Whether a request was changed, before it was sent again or on purpose."""
    changed = _differences(failed, exchange)
    if _instead(failed, exchange, changed) or exchange.trial.declared:
        return True
    return exchange.trial.declared is None and "messages" not in changed


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
    trial = failed.trial
    if trial.finished is None or trial.ended is None:
        return 0.0
    return _passed(retry.trial, retry.trial.began - trial.finished, trial.ended)


def _passed(trial: Trial, real: float, since: datetime) -> float:
    """Return the seconds that a client waited until a request: real ones, and those that the clock was advanced."""
    real = max(0.0, real)
    return real + max(0.0, (trial.arrived - since).total_seconds() - trial.rate * real)


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
