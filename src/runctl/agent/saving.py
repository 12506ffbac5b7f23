"""The end of an attempt whose results go to S3: sends them, says what that means for its outcome, and finishes it.

The order is what readers of the prefix can rely on: files, records, manifest, and only then state.json, which is there
exactly when the run is finished. It is written on the machine (final.json) before it is sent and becomes the run's
state afterwards, so that an agent killed in between leaves behind what whoever comes next needs to say the same.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Callable

from runctl.agent import outcome, processes, protocol
from runctl.agent.beside import Beside, Ended
from runctl.agent.keeper import Exit
from runctl.agent.preparing import NotPrepared
from runctl.agent.record import Record
from runctl.agent.results import Failures, Missing, Results
from runctl.agent.rundir import RunDir, read_json, write_json
from runctl.agent.stopping import read_request
from runctl.agent.store import explained
from runctl.agent.transfer_events import TransferEvents, size

# Linux: the clock that file systems take their times from, which is a few milliseconds behind the other
_FILES_CLOCK = 5 if processes.LINUX else time.CLOCK_REALTIME
_LEAST_STEP_NS = 50_000_000
# how long those who wait are kept waiting for records that nobody needs
_STOPPED_S, _NOT_STARTED_S, _HOPELESS_S, _REPEATED_S = 0.5, 30.0, 10.0, 5.0
_MOST_NAMED = 10

Stopped = Callable[[], bool]


class Saving:
    """One attempt's results on their way to S3."""

    def __init__(self, run: RunDir, spec: dict[str, Any], record: Record) -> None:
        """Raises NotPrepared for a prefix that can be none."""
        self._run = run
        self._spec = spec
        self._record = record
        try:
            self._results = Results(run, spec)
        except ValueError as error:
            raise NotPrepared("results can't be sent: %s" % error) from error
        self._writable = False
        self._began = (0, 0)
        self._terms_before: Any = None

    def check(self, stopped: Stopped) -> None:
        """Shows, before anything is computed, that this machine may send results. Raises NotPrepared, or
        `runctl.agent.beside.Ended` within two seconds of a stop."""
        try:
            self._beside(self._results.begin, stopped)
        except Failures as error:
            raise NotPrepared("results can't be sent to %s: %s" % (self._uri, explained(error))) from error
        self._writable = True

    def begin(self) -> None:
        """What is written from now on is the script's."""
        self._began = (time.clock_gettime_ns(_FILES_CLOCK), time.monotonic_ns())

    def finish(self, verdict: str, reason: str | None, ended: Exit | None = None) -> None:
        """Sends everything and finishes the run; `ended` is None when the script did not start. A success whose results
        S3 does not have is none."""
        self._terms_before = (read_request(self._run) or {}).get("terms_at")
        problem, most_s = None, _HOPELESS_S
        if ended is not None:
            self._record.ended(ended)
            problem = self._send()
            most_s = _HOPELESS_S if problem else float("inf")
        elif self._writable:
            most_s = _STOPPED_S if verdict == protocol.STOPPED else _NOT_STARTED_S
            if verdict != protocol.STOPPED:
                self._send_records(most_s)
        if problem:
            verdict, reason = self._without_results(verdict, reason, problem)
        self._record.state["uploaded"] = problem is None and ended is not None
        final = self._record.final(verdict, reason, ended)
        unpublished = self._publish(final, most_s) if self._writable else None
        if unpublished and ended is not None and not problem:
            problem = "state.json could not be uploaded: %s; the results are at %s" % (unpublished, self._uri)
            verdict, reason = self._without_results(verdict, reason, problem)
            self._record.state["uploaded"] = False
            final = self._record.final(verdict, reason, ended)
        self._record.finish(final)

    @property
    def _uri(self) -> str:
        uri: str = self._spec["output"]["uri"]
        return uri

    def _send(self) -> str | None:
        """Sends files and records. What is wrong afterwards; None when S3 has it all."""
        results = self._results
        events = TransferEvents(self._record, "results", "uploading results")
        try:
            self._beside(partial(results.send_files, self._since_ns(), events.report), self._stop_now, events.tick)
        except Ended:
            return "the upload of its results was stopped; they are still in %s on the machine" % self._spec["root"]
        except Failures as error:
            return self._unsent([Missing(self._spec["root"], explained(error))])
        events.done("results: %d files, %s" % (len(results.files), size(sum(each.size for each in results.files))))
        for text in _few(
            ["%s is not uploaded: it is %s" % each for each in results.passed_over]
            + ["%s was still being written while it was uploaded" % path for path in results.still_written]
        ):
            self._record.event("warning", text=text)
        why = None if results.hopeless else self._send_records(float("inf"))
        missing = [*results.missing, *([Missing(self._run.path, why)] if why else [])]
        return self._unsent(missing) if missing else None

    def _send_records(self, most_s: float) -> str | None:
        """What went wrong; None when S3 has the records."""
        return self._within(most_s, self._results.send_records)

    def _publish(self, final: dict[str, Any], most_s: float) -> str | None:
        """What went wrong; None when S3 has the final state."""
        self._record.quietly(lambda _: write_json(self._run.final_state, final, durable=True))
        return self._within(most_s, partial(self._results.publish, final))

    def _within(self, most_s: float, work: Callable[[Stopped], None]) -> str | None:
        until = time.monotonic() + most_s
        try:
            self._beside(work, lambda: self._stop_now() or time.monotonic() > until)
        except Ended:
            return "it was stopped" if self._stop_now() else "S3 did not answer for %g seconds" % most_s
        except Failures as error:
            return explained(error)
        return None

    def _beside(
        self, work: Callable[[Stopped], None], stopped: Stopped, tick: Callable[[], None] | None = None
    ) -> None:
        beside: Beside[None] = Beside()
        beside.carry_out(lambda: work(beside.asked_to_end), tick or self._record.save_when_due, stopped)

    def _stop_now(self) -> bool:
        """Whether somebody said, since the script ended, that nothing is to be waited for."""
        request = read_request(self._run) or {}
        return request.get("grace_s") == 0 and request.get("terms_at") != self._terms_before

    def _since_ns(self) -> int:
        """When the script began, by the clock that its files' times are from, also if that was set back since."""
        clock, steady = self._began
        step = (time.clock_gettime_ns(_FILES_CLOCK) - clock) - (time.monotonic_ns() - steady)
        return clock + step if step < -_LEAST_STEP_NS else clock

    def _without_results(self, verdict: str, reason: str | None, problem: str) -> tuple[str, str | None]:
        if verdict != protocol.SUCCEEDED:
            self._record.event("warning", text=problem)
        return outcome.without_results(verdict, reason, problem, self._stop_now())

    def _unsent(self, missing: list[Missing]) -> str:
        """What S3 does not have, where it is, and why."""
        for each in missing[1:_MOST_NAMED]:
            self._record.event("warning", text="%s could not be uploaded: %s" % each)
        first = missing[0]
        if len(missing) == 1:
            return "%s could not be uploaded: %s; it is still at %s on the machine" % (
                self._shown(first.path),
                first.why,
                first.path,
            )
        return "%d files could not be uploaded, %s among them: %s; they are still in %s on the machine" % (
            len(missing),
            self._shown(first.path),
            first.why,
            self._spec["root"],
        )

    def _shown(self, path: str) -> str:
        root = self._spec["root"] + "/"
        return path[len(root) :] if path.startswith(root) else path


def publish_again(run: RunDir) -> dict[str, Any] | None:
    """The final state that a killed agent had decided on, once S3 has it for certain; None when it had not come that
    far, or S3 does not take it within five seconds."""
    try:
        final: dict[str, Any] = read_json(run.final_state)
        results = Results(run, run.read_spec())
    except (OSError, ValueError):
        return None
    until = time.monotonic() + _REPEATED_S
    beside: Beside[None] = Beside()
    try:
        beside.carry_out(
            lambda: results.publish(final, beside.asked_to_end), lambda: None, lambda: time.monotonic() > until
        )
    except (Ended, *Failures):
        return None
    return final


def _few(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST_NAMED
    return lines if more <= 0 else [*lines[:_MOST_NAMED], "… and %d more like these" % more]
