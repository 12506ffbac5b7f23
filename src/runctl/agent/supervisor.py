"""Carries out one attempt of a run, from its environment to its outcome, and writes down what happens."""

from __future__ import annotations

import os
import select
import signal
import time
import traceback
from functools import partial
from typing import Any, NamedTuple

from runctl.agent import environment, outcome, processes, protocol
from runctl.agent.disk import OutputRoom
from runctl.agent.installer import EnvironmentFailed, Stopped
from runctl.agent.keeper import Command, Exit, KeptScript, OwnScript, StartFailed
from runctl.agent.masking import Masker
from runctl.agent.metrics import MetricsFile
from runctl.agent.output import MaskedPipe, OutputTimes, open_log
from runctl.agent.progress.watch import OutputWatch
from runctl.agent.record import Record
from runctl.agent.rundir import RunDir
from runctl.agent.stopping import Stopping

_TICK_S = 0.2
_ROOM_AFTER_S = 1.0
_KILLED_WAIT_S = 10.0
_MOST_COMPLAINTS = 10
_STEADY_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _steady() -> float:
    """Seconds by a clock that nobody sets, and that counts while the machine sleeps: `time.monotonic` does not."""
    return time.clock_gettime(_STEADY_CLOCK)


class Clock(NamedTuple):
    """Where the time comes from. Durations are measured by `monotonic`: the wall clock may step."""

    wall: Any = time.time
    monotonic: Any = _steady


class Supervisor:
    """One attempt of one run."""

    def __init__(self, run: RunDir, secrets: dict[str, str], clock: Clock | None = None) -> None:
        self._run = run
        self._spec = run.read_spec()
        self._secrets = secrets
        self._clock = clock or Clock()
        self._masker = Masker(list(secrets.values()))
        self._record = Record(run, self._masker, self._clock.wall, self._clock.monotonic)
        self._stopping = Stopping(run, self._spec, self._clock.monotonic)
        self._metrics = MetricsFile(run.metrics, self._masker)
        self._output = OutputWatch(run.output)
        self._complaints = 0
        self._log = -1
        self._pipe: MaskedPipe | None = None
        self._script: KeptScript | OwnScript | None = None

    def carry_out(self) -> None:
        """Runs the attempt to its end. Whatever happens, the run has an outcome afterwards."""
        try:
            self._record.reserve.fill()
            python = self._prepare()
            if python is None:
                return
            self._start(python)
        except StartFailed as error:
            processes.stop_and_kill(processes.members(self._run.run_id, None, os.getpid()))
            self._finish_failed("the script could not be started: %s" % error)
        except OSError as error:
            self._finish_failed("the agent could not start the run: %s" % error)
        else:
            self._watch()

    def _prepare(self) -> str | None:
        """Makes the environment. Returns the interpreter ("" for none), or None when the run has ended here."""
        self._record.phase(protocol.PREPARING)
        try:
            return environment.prepare(
                self._spec["environment"],
                os.path.join(self._run.home, "envs"),
                lambda line: self._record.event("progress", text=line),
                self._stopping.requested,
            )
        except Stopped:
            self._record.finish(protocol.STOPPED, "stopped before the script started")
        except EnvironmentFailed as error:
            self._finish_failed("the environment could not be made: %s" % error, output=error.output)
        return None

    def _start(self, python: str) -> None:
        self._log = open_log(self._run)
        self._times = OutputTimes(self._run)
        open(self._run.metrics, "ab").close()
        if self._secrets:
            self._pipe = MaskedPipe(self._log, self._masker)
        self._oom_before = outcome.oom_kills()
        command = Command(
            ([python] if python else []) + self._spec["command"],
            self._environment(python),
            self._spec["workdir"],
            self._pipe.write_end if self._pipe else os.dup(self._log),
        )
        self._record.about_to_start()
        self._script = KeptScript(command, self._run.exit_record, self._take_over)
        self._record.started(self._script.identity)

    def _environment(self, python: str) -> dict[str, str]:
        """The script's environment: the user's, the run's, the prepared interpreter's, and the secrets."""
        variables = dict(os.environ)
        # a script's prints are to be seen when they are printed, not when 8 KiB have gathered
        variables.setdefault("PYTHONUNBUFFERED", "1")
        folder = os.path.dirname(python)
        if folder and os.path.exists(os.path.join(os.path.dirname(folder), "pyvenv.cfg")):
            variables["VIRTUAL_ENV"] = os.path.dirname(folder)
            variables["PATH"] = folder + os.pathsep + variables.get("PATH", os.defpath)
        variables.update(self._spec["env"])
        variables.update(self._secrets)
        variables.update(
            {
                protocol.RUN_ID: self._run.run_id,
                protocol.RUN_DIR: self._run.path,
                protocol.ATTEMPT: str(self._record.state["attempt"]),
                protocol.METRICS: self._run.metrics,
            }
        )
        return variables

    def _take_over(self, script: OwnScript) -> None:
        """In the keeper, when the supervisor is gone: go on in its place."""
        try:
            self._script = script
            known = self._record.resume(script.identity)
            processes.adopt_orphans()
            self._record.event("warning", text="the agent was killed; its keeper goes on in its place")
            self._metrics = MetricsFile(self._run.metrics, self._masker, known.metric_lines)
            self._output = OutputWatch(self._run.output, known.output, known.metric_lines > 0)
            self._watch()
        except BaseException:
            traceback.print_exc()
            raise

    def _watch(self) -> None:
        """Waits for the script's end, and settles the run."""
        script = self._script
        assert script is not None
        room: OutputRoom | None = None
        watched_from = looked_at = self._clock.monotonic()
        while True:
            ended = script.poll()
            if ended is not None:
                break
            pipes = [self._pipe.read_end] if self._pipe and not self._pipe.closed else []
            select.select(script.descriptors() + pipes, [], [], _TICK_S)
            if self._pipe:
                self._pipe.pump()
            now = self._clock.monotonic()
            if now - looked_at < _TICK_S:
                continue
            looked_at = now
            size = os.fstat(self._log).st_size
            if room is None and now - watched_from > _ROOM_AFTER_S:
                room = OutputRoom(self._log)
            if room:
                self._extend(room, size)
            self._record.quietly(partial(self._times.note, size=size))
            self._look_around(script)
        self._record.phase(protocol.SAVING)
        self._end_children(script)
        if self._pipe:
            self._pipe.finish()
        if room:
            room.release()
        self._read_last_metrics()
        self._record_output(self._output.finish())
        self._record.quietly(lambda now: self._times.note(now + 1, os.fstat(self._log).st_size))
        self._settle(ended)

    def _look_around(self, script: KeptScript | OwnScript) -> None:
        """What is done at every tick while the script runs."""
        self._read_metrics()
        self._record_output(self._output.read())
        step = self._stopping.next_step()
        if step == "signal":
            self._record.event("phase", text="stopping: %s, %g s of grace" % self._stopping.terms())
            self._stopping.send(script.identity.pid)
        elif step == "kill":
            self._record.event("warning", text="still running after the grace period: killed")
        if step in ("kill", "kill again"):
            processes.stop_and_kill(processes.members(self._run.run_id, script.identity))
        self._record.save_when_due()

    def _extend(self, room: OutputRoom, size: int) -> None:
        was_refused = room.refused
        room.extend(size)
        if room.refused and not was_refused:
            self._record.event("warning", text="the disk under %s is nearly full" % self._run.path)

    def _read_metrics(self) -> bool:
        """Records what is new, and returns whether there is more."""
        try:
            metrics, complaints = self._metrics.read()
        except OSError:
            return False  # the script removed the file: there is nothing to read
        self._record_metrics(metrics, complaints)
        return self._metrics.has_more

    def _read_last_metrics(self) -> None:
        while self._read_metrics():
            pass
        self._record_metrics(*self._metrics.finish())

    def _record_metrics(self, metrics: list[dict[str, Any]], complaints: list[str]) -> None:
        if metrics:
            self._output.stop()
        for fields in metrics:
            self._record.metric(fields)
        for complaint in complaints:
            self._complaints += 1
            if self._complaints <= _MOST_COMPLAINTS:
                self._record.event("warning", text="metrics file: %s" % complaint)

    def _record_output(self, metrics: list[dict[str, Any]]) -> None:
        for fields in metrics:
            self._record.metric(fields)

    def _end_children(self, script: KeptScript | OwnScript) -> None:
        """Ends what the script left running: the grace period after a signal, then a kill."""
        if not script.left_children():
            return
        left = self._members(script)
        if not left:
            return
        if not self._stopping.requested():
            text = "the script ended and left %d processes running; they are ended too" % len(left)
            self._record.event("warning", text=text, pids=left)
        processes.send(left, signal.SIGTERM)
        signalled_at = self._clock.monotonic()
        while left and not self._stopping.is_over(signalled_at):
            self._pause()
            left = self._members(script)
        deadline = self._clock.monotonic() + _KILLED_WAIT_S
        while left and self._clock.monotonic() < deadline:
            processes.stop_and_kill(left)
            self._pause()
            left = self._members(script)
        if left:
            self._record.event("error", text="processes that no kill ends", pids=left)

    def _members(self, script: KeptScript | OwnScript) -> list[int]:
        script.left_children()
        return processes.members(self._run.run_id, script.identity, os.getpid())

    def _pause(self) -> None:
        if self._pipe:
            self._pipe.pump()
        time.sleep(0.05)

    def _settle(self, ended: Exit) -> None:
        if self._pipe and self._pipe.lost:
            self._record.event("warning", text="the disk was full: %d bytes of output lost" % self._pipe.lost)
        verdict, reason = outcome.of(ended, self._stopping.sent, outcome.oom_kills() - self._oom_before)
        self._record.finish(verdict, reason, ended)

    def _finish_failed(self, reason: str, **details: str) -> None:
        self._record.event("error", text=reason, **details)
        self._record.finish(protocol.FAILED, reason)
