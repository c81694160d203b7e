"""What a client did after each failure: which request answers which. Not here: whether that was right (`resilience`).

It is read off the journal: requests are the same where their bodies are, but for `stream` and `metadata`. A client
waits in real time, and in what the mock clock was advanced by hand meanwhile.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from mockserver.state.journal import Exchange

_NOT_COMPARED: Final = ("stream", "metadata")

_SIBLINGS: Final = 0.05
"""Requests of a client that counts its retries are independent, not retries, where they came within so many seconds."""


@dataclass(slots=True)
class Episode:
    """One failure and what the client did next.

    `tries` counts the retries of the same request before; `waited` is in seconds, None where there is no retry, or the
    answer had not ended by then; `instead` says what else it sent; `parallel` are requests beside the retry; `broken`
    are rules, each with words.
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
        what = f"{where}#{self.failed.number} met {failure.words if failure else 'impatience'}{asked}"
        if self.retry is None:
            did = "not sent again"
        else:
            when = "before that had ended" if self.waited is None else f"after {self.waited:.2f} s"
            did = f"sent again as #{self.retry.number} {when}"
        return f"{what}: {did}{self.instead and f' ({self.instead})'}"


class Reading:
    """Finds for each request whether it answers a failure that came before, the surest cases first.

    A client that counts its retries (`x-stainless-retry-count`) says which requests are some; of another's, the same
    request again is one; then one that only differs from a failed request, which nobody sent again.
    """

    def __init__(self, exchanges: list[Exchange]) -> None:
        self._exchanges = exchanges
        self._episodes = {exchange.number: Episode(exchange) for exchange in exchanges if _failed(exchange)}
        self._answers: dict[int, Episode] = {}

    def episodes(self) -> list[Episode]:
        """Return the episodes, complete, in the order of the failures."""
        for answers in (_is_declared_retry, _is_same_again, _is_instead):
            self._match(answers)
        for exchange in self._exchanges:
            self._finish(exchange)
        return list(self._episodes.values())

    def _match(self, answers: Callable[[Exchange, Exchange], bool]) -> None:
        """Take each request that answers nothing yet for the answer to the failure that was the first due."""
        for exchange in self._exchanges:
            if exchange.number in self._answers:
                continue
            episode = min(self._candidates(exchange, answers), key=_due, default=None)
            if episode is not None:
                episode.retry, episode.waited = exchange, _waited(episode.failed, exchange)
                self._answers[exchange.number] = episode

    def _candidates(self, exchange: Exchange, answers: Callable[[Exchange, Exchange], bool]) -> Iterator[Episode]:
        for number, episode in self._episodes.items():
            if number >= exchange.number:
                return
            failed = episode.failed
            open_ = episode.retry is None and _is_alike(failed, exchange) and _noticed(failed, exchange)
            if open_ and answers(exchange, failed):
                yield episode

    def _finish(self, exchange: Exchange) -> None:
        """Add to the episodes what only the order of all requests tells."""
        answered = self._answers.get(exchange.number)
        if answered is not None:
            changed = _differences(answered.failed, exchange)
            answered.instead = _instead(answered.failed, exchange, changed)
            answered.changed = [] if answered.instead else changed
            if exchange.number in self._episodes and not answered.instead:
                self._episodes[exchange.number].tries = answered.tries + 1
        elif beside := self._beside(exchange):
            beside.parallel.append(exchange)

    def _beside(self, exchange: Exchange) -> Episode | None:
        """Return the failure whose retry was still under way when this request, the same, was sent."""
        for episode in reversed(self._episodes.values()):
            retry = episode.retry
            if retry is None or retry.number > exchange.number or not _is_open(retry, exchange):
                continue
            independent = exchange.trial.declared == 0 and bool(retry.trial.declared)
            if _is_alike(retry, exchange) and not independent and not _differences(retry, exchange):
                return episode
        return None


def _due(episode: Episode) -> float:
    """Return when a failure is to be answered, in real seconds."""
    failure = episode.failed.trial.failure
    ended = episode.failed.trial.finished
    return (episode.failed.trial.began if ended is None else ended) + ((failure and failure.retry_after) or 0.0)


# -------------------------------------------------- does a request answer a failure?


def _is_declared_retry(exchange: Exchange, failed: Exchange) -> bool:
    """Whether the client says that it is the next retry of the same request."""
    declared = exchange.trial.declared
    if not declared or (failed.trial.declared or 0) != declared - 1:
        return False
    return _is_same_client(failed, exchange) and not _differences(failed, exchange)


def _is_same_again(exchange: Exchange, failed: Exchange) -> bool:
    """Whether it is the same request, and not one of several that were sent at the same time."""
    trial, before = exchange.trial, failed.trial
    together = trial.began - before.began + trial.advanced - before.advanced < _SIBLINGS
    if not _is_same_client(failed, exchange) or (trial.declared is not None and together):
        return False
    return not _differences(failed, exchange)


def _is_instead(exchange: Exchange, failed: Exchange) -> bool:
    """Whether a request was changed, before it was sent again or on purpose."""
    changed = _differences(failed, exchange)
    if _instead(failed, exchange, changed):
        return True
    changed_retry = bool(exchange.trial.declared) or (exchange.trial.declared is None and "messages" not in changed)
    return changed_retry and _is_same_client(failed, exchange)


def _is_alike(one: Exchange, other: Exchange) -> bool:
    """Whether both ask for the same kind of thing."""
    return (one.method, one.path) == (other.method, other.path)


def _is_same_client(one: Exchange, other: Exchange) -> bool:
    return one.trial.whose == other.trial.whose


def _failed(exchange: Exchange) -> bool:
    return exchange.trial.failure is not None or exchange.sent == "client gone"


def _noticed(failed: Exchange, later: Exchange) -> bool:
    """Whether the failure was over when the later request came, or the client can have noticed it before."""
    failure = failed.trial.failure
    return not _is_open(failed, later) or (failure is not None and failure.early) or failed.sent == "client gone"


def _is_open(earlier: Exchange, later: Exchange) -> bool:
    return earlier.trial.finished is None or earlier.trial.finished > later.trial.began


def outlives(failed: Exchange, retry: Exchange) -> bool:
    """Whether the connection of a failure was open when its retry began, and still when that had ended."""
    if not _is_open(failed, retry) or retry.trial.finished is None:
        return False
    return failed.trial.finished is None or failed.trial.finished > retry.trial.finished


def _waited(failed: Exchange, retry: Exchange) -> float | None:
    """Return the seconds between the end of a failure and its retry: real ones, and those that were advanced.

    None where the answer that failed had not ended.
    """
    if failed.trial.finished is None or _is_open(failed, retry):
        return None
    real = retry.trial.began - failed.trial.finished
    return real + max(0.0, retry.trial.advanced - (failed.trial.advanced_by_end or 0.0))


def _differences(failed: Exchange, later: Exchange) -> list[str]:
    """Return the fields of the body that differ."""
    one, other = failed.body or {}, later.body or {}
    names = sorted(one.keys() | other.keys())
    return [name for name in names if name not in _NOT_COMPARED and one.get(name) != other.get(name)]


_SAYING: Final = ("anthropic-version", "anthropic-beta", "content-type")
"""Headers that say what is asked for."""


def _instead(failed: Exchange, later: Exchange, changed: list[str]) -> str:
    """Return what a client did on purpose instead of trying again; nothing where the request is just another one."""
    if "model" in changed and "messages" not in changed:
        return f"with the model {(later.body or {}).get('model')}"
    if not changed and not _is_same_client(failed, later):
        return "with another key"
    if not changed and any(failed.headers.get(name) != later.headers.get(name) for name in _SAYING):
        return "with other headers"
    return "it goes on from the same messages" if _continues(failed, later) else ""


def _continues(failed: Exchange, later: Exchange) -> bool:
    """Whether the later request goes on from the failed one's messages: with what had come of the answer, say."""
    one, other = ((exchange.body or {}).get("messages") for exchange in (failed, later))
    if not isinstance(one, list) or not isinstance(other, list) or len(one) >= len(other):
        return False
    # One after the other: most conversations differ in their first message.
    return all(a is b or _unmarked(a) == _unmarked(b) for a, b in zip(one, other, strict=False))


def _unmarked(value: Any) -> Any:
    """Return a JSON value without its cache breakpoints, which move as a conversation grows."""
    if isinstance(value, dict):
        return {key: _unmarked(item) for key, item in value.items() if key != "cache_control"}
    return [_unmarked(item) for item in value] if isinstance(value, list) else value
