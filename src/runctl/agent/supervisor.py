"""Carries out one attempt of a run, from its environment to its outcome, and writes down what happens."""

from __future__ import annotations

import os
import select
import time
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Union, cast

from runctl.agent import outcome, processes, protocol
from runctl.agent.disk import OutputRoom
from runctl.agent.installer import Stopped
from runctl.agent.keeper import Command, Exit, KeptScript, OwnScript, StartFailed
from runctl.agent.leftovers import Leftovers
from runctl.agent.masking import Masker
from runctl.agent.metrics import MetricsFile
from runctl.agent.output import MaskedPipe, OutputTimes, open_log
from runctl.agent.preparing import NotPrepared, prepare
from runctl.agent.progress.watch import OutputWatch
from runctl.agent.record import Record
from runctl.agent.rundir import RunDir
from runctl.agent.stopping import Stopping

if TYPE_CHECKING:
    from runctl.agent.container.container import Container
    from runctl.agent.container.script import ContainedScript, Ending
    from runctl.agent.saving import Saving

    Script = Union[KeptScript, OwnScript, ContainedScript]

_TICK_S = 0.2
_ROOM_AFTER_S = 1.0
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

    def __init__(
        self,
        run: RunDir,
        secrets: dict[str, str],
        clock: Clock | None = None,
        login: dict[str, str] | None = None,
    ) -> None:
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
        self._saving: Saving | None = None
        self._script: Script | None = None
        self._container: Container | None = None
        self._login = login
        self._ending: Ending | None = None

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
        """Makes what the script needs. Returns the interpreter ("" for none), or None when the run has ended here."""
        self._record.phase(protocol.PREPARING)
        try:
            if self._spec.get("output"):
                from runctl.agent.saving import Saving  # few runs need S3

                self._saving = Saving(self._run, self._spec, self._record)
            if self._spec.get("container"):
                from runctl.agent.container.container import Container  # few runs are in one

                self._container = Container(self._run, self._spec, self._record.state["attempt"])
            return prepare(
                self._spec,
                self._run.home,
                self._record,
                self._saving,
                self._stopping.requested,
                self._container,
                self._login,
            )
        except Stopped:
            self._finish(protocol.STOPPED, "stopped before the script started")
        except NotPrepared as error:
            self._finish_failed(str(error), **({"output": error.output} if error.output else {}))
        return None

    def _start(self, python: str) -> None:
        self._log = open_log(self._run)
        self._times = OutputTimes(self._run)
        open(self._run.metrics, "ab").close()
        self._oom_before = outcome.oom_kills()
        if self._container:
            self._start_contained(self._container)
            return
        if self._secrets:
            self._pipe = MaskedPipe(self._log, self._masker)
        command = Command(
            ([python] if python else []) + self._spec["command"],
            self._environment(python),
            self._spec["workdir"],
            self._pipe.write_end if self._pipe else os.dup(self._log),
        )
        if self._saving:
            self._saving.begin()
        self._record.about_to_start()
        self._script = KeptScript(command, self._run.exit_record, self._take_over)
        self._record.started(self._script.identity)

    def _start_contained(self, container: Container) -> None:
        from runctl.agent.container import script

        if self._secrets:
            self._pipe = script.NamedPipe(self._log, self._masker, container.pipe)
        if self._saving:
            self._saving.begin()
        self._record.about_to_start()
        self._script = script.started(
            container, self._run, self._environment(""), self._pipe is not None, self._warn, self._take_over
        )
        self._record.started(self._script.identity)

    def _warn(self, text: str) -> None:
        self._record.event("warning", text=text)

    def _environment(self, python: str) -> dict[str, str]:
        """The script's environment: the user's (but in a container), the run's, the prepared interpreter's, and the
        secrets."""
        variables = {} if self._container else dict(os.environ)
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
            self._script = self._contained(script)
            known = self._record.resume(self._script.identity)
            processes.adopt_orphans()
            self._record.event("warning", text="the agent was killed; its keeper goes on in its place")
            self._metrics = MetricsFile(self._run.metrics, self._masker, known.metric_lines)
            self._output = OutputWatch(self._run.output, known.output, known.metric_lines > 0)
            self._watch()
        except BaseException:
            traceback.print_exc()
            raise

    def _contained(self, script: OwnScript) -> OwnScript | ContainedScript:
        if self._container is None:
            return script
        from runctl.agent.container.script import ContainedScript

        return ContainedScript(self._container, script)

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
            self._pump()
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

    def _look_around(self, script: Script) -> None:
        """What is done at every tick while the script runs."""
        self._read_metrics()
        self._record_output(self._output.read())
        step = self._stopping.next_step()
        if step == "signal":
            self._record.event("phase", text="stopping: %s, %g s of grace" % self._stopping.terms())
            self._send(script)
        elif step == "kill":
            self._record.event("warning", text="still running after the grace period: killed")
        if step in ("kill", "kill again"):
            self._kill(script)
        self._record.save_when_due()

    def _send(self, script: Script) -> None:
        if self._container is None:
            self._stopping.send(script.identity.pid)
        elif self._container.signal(self._stopping.terms()[0]):
            self._stopping.sent = True

    def _kill(self, script: Script) -> None:
        if self._container is None:
            processes.stop_and_kill(processes.members(self._run.run_id, script.identity))
        elif self._container.signal("SIGKILL"):
            self._stopping.sent = True

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

    def _end_children(self, script: Script) -> None:
        """Ends what the script left running. In a container nothing outlives it."""
        if self._container is not None:
            self._ending = cast("ContainedScript", script).close(self._warn)
            return
        own = cast("KeptScript | OwnScript", script)
        Leftovers(self._run.run_id, own, self._record, self._clock.monotonic, self._pump).end(self._stopping)

    def _pump(self) -> None:
        if self._pipe:
            self._pipe.pump()

    def _settle(self, ended: Exit) -> None:
        if self._pipe and self._pipe.lost:
            self._record.event("warning", text="the disk was full: %d bytes of output lost" % self._pipe.lost)
        if self._ending and self._ending.refusal:
            self._finish_failed("the script could not be started: %s" % self._ending.refusal)
            return
        oom_kills = outcome.oom_kills() - self._oom_before
        if self._ending and self._ending.out_of_memory:
            oom_kills = max(oom_kills, 1)
        verdict, reason = outcome.of(ended, self._stopping.sent, oom_kills)
        self._finish(verdict, reason, ended)

    def _finish_failed(self, reason: str, **details: str) -> None:
        self._record.event("error", text=reason, **details)
        self._finish(protocol.FAILED, reason)

    def _finish(self, verdict: str, reason: str | None, ended: Exit | None = None) -> None:
        """The attempt's last act: its results are sent, if they are to be, its outcome is written, and the machine is
        ended, if it is to be."""
        if self._saving:
            self._saving.finish(verdict, reason, ended)
        else:
            self._record.finish(self._record.final(verdict, reason, ended))
        if self._spec.get("then", "keep") != "keep":
            from runctl.agent import ending  # few runs have a machine of their own

            ending.end_machine(self._run)
