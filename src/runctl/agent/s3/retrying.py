"""A request until it is done: what is worth another attempt, and when.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import random
import time

from runctl.agent.s3.bodies import LocalFailure
from runctl.agent.s3.calls import Call, Damaged
from runctl.agent.s3.dialing import Refused
from runctl.agent.s3.errors import S3Error, Subject, Unreachable, WrongChecksum, refusal, shown
from runctl.agent.s3.remedies import Remedies, Trouble, trouble_in
from runctl.agent.s3.sending import Answer, Stale, attempt
from runctl.agent.s3.session import Session
from runctl.agent.s3.waiting import TimedOut, Waiting
from runctl.agent.s3.wire import Broken

_STATUSES = frozenset([429, 500, 502, 503, 504])
CODES = frozenset(
    [
        "BadDigest",
        "ConditionalRequestConflict",
        "IncompleteBody",
        "InternalError",
        "OperationAborted",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequests",
        "XAmzContentChecksumMismatch",
        "XAmzContentSHA256Mismatch",
    ]
)
# an attempt that brought so many bytes was not in vain: those before it are forgotten
_PROGRESS = 64 * 1024


def perform(session: Session, waiting: Waiting, call: Call) -> Answer:
    """The answer that says yes. Raises S3Error, and OSError where a file here can't be read or written."""
    retries = _Retries(waiting, call)
    remedies = Remedies(session, call.subject.bucket)
    while True:
        try:
            answer = _attempt(session, waiting, call)
        except (Broken, TimedOut, OSError) as exc:
            retries.after(exc)
            continue
        except LocalFailure as exc:
            raise exc.error from exc
        trouble = trouble_in(call, answer)
        if trouble is None:
            return answer
        if not remedies.help(answer, trouble):
            error = refusal(call.subject, trouble.status, trouble.code, trouble.message, trouble.region)
            if not _is_passing(trouble):
                raise error
            retries.after(error)


def _attempt(session: Session, waiting: Waiting, call: Call) -> Answer:
    """One on a connection that is open. Raises Broken, TimedOut, OSError of the network, S3Error, LocalFailure."""
    while True:
        waiting.check()
        try:
            return attempt(session, waiting, call)
        except Stale:
            continue
        except Refused as exc:
            raise S3Error("NoConnection", f"{call.subject}: {exc}", hint=exc.hint) from exc


def _is_passing(trouble: Trouble) -> bool:
    return trouble.status in _STATUSES or trouble.code in CODES


class _Retries:
    """Counts failures in a row and pauses after each: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter"""

    def __init__(self, waiting: Waiting, call: Call) -> None:
        self._waiting = waiting
        self._call = call
        self._failures = 0
        self._progress = call.progress()
        self._began = time.monotonic()

    def after(self, problem: Exception) -> None:
        """Returns when it is time for the next attempt. Raises S3Error after the last, Stopped."""
        patience = self._waiting.patience
        if self._call.progress() - self._progress >= _PROGRESS:
            self._progress = self._call.progress()
            self._failures = 0
        self._failures += 1
        if self._failures >= (patience.refusals if isinstance(problem, S3Error) else patience.attempts):
            raise self._last(problem) from problem
        longest = min(patience.longest_pause_s, patience.first_pause_s * 2 ** (self._failures - 1))
        self._waiting.pause(random.uniform(0, longest))

    def _last(self, problem: Exception) -> S3Error:
        tried = f"{self._failures} attempts in {time.monotonic() - self._began:.0f} s"
        if isinstance(problem, S3Error):
            return type(problem)(problem.code, f"{problem.message} (after {tried})", problem.status, problem.hint)
        if isinstance(problem, Damaged):
            return WrongChecksum("WrongChecksum", f"{self._call.subject}: {problem} (after {tried})")
        return _unreachable(self._call.subject, problem, tried)


def _unreachable(subject: Subject, problem: Exception, tried: str) -> Unreachable:
    words = shown(str(problem)) or type(problem).__name__
    message = f"{subject}: no answer that could be used, after {tried}: {words}"
    return Unreachable("Unreachable", message, hint="check the network, the endpoint, and HTTPS_PROXY")
