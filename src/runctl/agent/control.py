"""What a client can ask of the agent on a machine: start a run, tell its state, stop it, remove it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

from runctl.agent import outcome, processes, protocol
from runctl.agent.masking import Masker
from runctl.agent.record import Record, first_state
from runctl.agent.rundir import RunDir, write_json
from runctl.agent.stopping import Stopping, read_request

if TYPE_CHECKING:
    from runctl.agent.container.abandoned import AbandonedContainer

_POLL_S = 0.1
_KILLED_WAIT_S = 10.0


class Refused(Exception):
    """The request can't be carried out, and nothing was done; the message says why, the hint what would be right, and
    `code`, for programs, which refusal it is, where that matters: `exists` or `stamp`."""

    def __init__(self, message: str, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


class NoSuchRun(Exception):
    """There is no run of this id on this machine."""


def start(home: str, spec: dict[str, Any], secrets: dict[str, str], login: dict[str, str] | None = None) -> RunDir:
    """Makes the run's folder and leaves an agent behind that carries the run out. `login` (registry, username,
    password) is for the registry of its image, and is not written down.

    Returns when the folder is whole; the agent then outlives its caller. Raises Refused when the run exists
    already, the spec is of another version, or its project is not here as it was sent; OSError when the folder can't
    be made.
    """
    if spec.get("schema") != protocol.SCHEMA:
        raise Refused("this agent reads specs of version %d, not %r" % (protocol.SCHEMA, spec.get("schema")))
    spec = _at_home(spec)
    if not spec.get("project"):
        return _start(home, spec, secrets, login)
    from runctl.agent import sent_code  # runs of this machine's own projects have no use for it

    with sent_code.held(home, spec):
        return _start(home, spec, secrets, login)


def _start(home: str, spec: dict[str, Any], secrets: dict[str, str], login: dict[str, str] | None) -> RunDir:
    run = RunDir(home, spec["run_id"])
    os.makedirs(os.path.dirname(run.path), mode=0o700, exist_ok=True)
    try:
        os.mkdir(run.path, 0o700)
    except FileExistsError:
        raise Refused("run %s exists already" % run.run_id, code="exists") from None
    try:
        # somebody who lists the runs may hold it for the moment of a look
        lock = run.take_lock(wait=True)
        assert lock is not None
        write_json(run.spec, spec)
        write_json(run.state, first_state(spec, time.time()))
        _leave_agent(run, secrets, login)
    except OSError:
        shutil.rmtree(run.path, ignore_errors=True)
        raise
    # the agent has the lock now; this process must not keep it when the agent is gone
    os.close(lock)
    return run


def status(home: str, run_id: str) -> dict[str, Any]:
    """The state of a run, settled if its agent was killed, with `agent` added: `alive`, `lost` or `done`."""
    run = find(home, run_id)
    state = run.read_state()
    if state["phase"] == protocol.FINISHED:
        return {**state, "agent": "done"}
    lock = run.take_lock()
    if lock is None:
        return {**state, "agent": "alive"}
    try:
        # what was read before the lock was had may be older than the agent's last word
        state = run.read_state()
        if state["phase"] == protocol.FINISHED:
            return {**state, "agent": "done"}
        settled = _settle(run, state)
        return {**settled, "agent": "done" if settled["phase"] == protocol.FINISHED else "lost"}
    finally:
        os.close(lock)


def stop(home: str, run_id: str, grace_s: float | None, signal_name: str | None) -> dict[str, Any]:
    """Asks for a stop and waits for the run's end. Returns the final state. A finished run is left as it is."""
    run = find(home, run_id)
    state = status(home, run_id)
    if state["phase"] == protocol.FINISHED:
        return state
    request: dict[str, Any] = dict(read_request(run) or {}, asked_at=round(time.time(), 3))
    if grace_s is not None:
        request["grace_s"] = grace_s
        # tells a new `--now` from one that was carried out before: see `Saving`
        request["terms_at"] = request["asked_at"]
    if signal_name is not None:
        request["signal"] = signal_name
    write_json(run.stop_request, request)
    stopping = Stopping(run, run.read_spec(), time.monotonic)
    while True:
        state = status(home, run_id)
        if state["phase"] == protocol.FINISHED:
            return state
        if state["agent"] == "lost":
            _step_without_agent(run, state, stopping)
        time.sleep(_POLL_S)


def remove(home: str, run_id: str) -> None:
    """Deletes the folder of a run that is over. Raises Refused while it goes on.

    Damaged records are no reason to keep them: what counts then is that nothing of the run lives.
    """
    run = find(home, run_id)
    try:
        over = status(home, run_id)["phase"] == protocol.FINISHED
    except ValueError:
        over = not _anything_lives(run)
    if not over:
        raise Refused("run %s is not finished" % run_id)
    shutil.rmtree(run.path)


def live(home: str) -> list[dict[str, Any]]:
    """The states, as `status` tells them, of the runs that are not finished. One whose records are damaged counts as
    long as anything of it lives, and of its state only `run_id` is told."""
    folder = os.path.join(home, "runs")
    found = []
    for run_id in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        try:
            state = status(home, run_id)
        except (NoSuchRun, FileNotFoundError):
            continue
        except ValueError:
            if _anything_lives(RunDir(home, run_id)):
                found.append({"run_id": run_id})
            continue
        if state["phase"] != protocol.FINISHED:
            found.append(state)
    return found


def find(home: str, run_id: str) -> RunDir:
    """The folder of a run. Raises NoSuchRun."""
    run = RunDir(home, run_id)
    if os.sep in run_id or not os.path.exists(run.state):
        raise NoSuchRun("there is no run %r under %s" % (run_id, home))
    return run


def _at_home(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with `~`, which a client can't expand for another machine, as the user's home folder here."""
    expanded = {**spec, **{name: os.path.expanduser(spec[name]) for name in ("root", "workdir")}}
    for part, name in (("environment", "root"), ("project", "folder"), ("data", "folder")):
        if spec.get(part) and spec[part].get(name):
            expanded[part] = {**spec[part], name: os.path.expanduser(spec[part][name])}
    return expanded


def _anything_lives(run: RunDir) -> bool:
    return run.has_agent() or bool(processes.members(run.run_id, None))


def _leave_agent(run: RunDir, secrets: dict[str, str], login: dict[str, str] | None) -> None:
    log = os.open(run.agent_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    if os.fork():
        os.close(log)
        return
    status = 1
    try:
        os.setsid()
        os.chdir("/")
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(descriptor, target)
        # whoever called may ignore or block signals, and programs inherit that
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        # what the agent starts belongs to the run, and is found again by this name
        os.environ.pop(protocol.AGENT, None)
        os.environ[protocol.RUN_ID] = run.run_id
        from runctl.agent.supervisor import Supervisor

        Supervisor(run, secrets, login=login).carry_out()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _settle(run: RunDir, state: dict[str, Any]) -> dict[str, Any]:
    """Gives a run whose agent is gone the outcome that can be known; the state as it is while its script runs."""
    container = _container_of(run, state)
    verdict = outcome.of_abandoned(run, state) if container is None else container.verdict(state)
    if verdict is None:
        return state
    if state["boot_id"] == processes.boot_id():
        _kill_left(run, outcome.script_of(state))
    if container is not None:
        container.clean_up()
    record = Record(run, Masker([]), time.time, time.monotonic)
    record.finish(_decided_by_agent(run) or record.final_of_abandoned(*verdict))
    return record.state


def _container_of(run: RunDir, state: dict[str, Any]) -> AbandonedContainer | None:
    """The container that the run's script is in; None when it is in none."""
    try:
        spec = run.read_spec()
    except (OSError, ValueError):
        return None
    if not spec.get("container"):
        return None
    from runctl.agent.container.abandoned import AbandonedContainer  # few runs are in one

    return AbandonedContainer(run, spec, state["attempt"])


def _decided_by_agent(run: RunDir) -> dict[str, Any] | None:
    """The final state that the agent was about to write when it was killed, if it has sent all results."""
    if not os.path.exists(run.final_state):
        return None
    from runctl.agent import saving  # few runs need S3

    return saving.publish_again(run)


def _kill_left(run: RunDir, script: processes.Identity | None) -> None:
    deadline = time.monotonic() + _KILLED_WAIT_S
    left = processes.members(run.run_id, script)
    while left and time.monotonic() < deadline:
        processes.stop_and_kill(left)
        time.sleep(_POLL_S)
        left = processes.members(run.run_id, script)


def _step_without_agent(run: RunDir, state: dict[str, Any], stopping: Stopping) -> None:
    """Stops a script whose agent was killed: this process does what the agent would have done."""
    step = stopping.next_step()
    container = _container_of(run, state)
    if container is not None:
        if step is not None:
            container.signal(stopping.terms()[0] if step == "signal" else "SIGKILL")
        return
    script = outcome.script_of(state)
    assert script is not None, "an agent is lost only while its script lives"
    if step == "signal" and script.lives():
        stopping.send(script.pid)
    elif step in ("kill", "kill again"):
        processes.stop_and_kill(processes.members(run.run_id, script))
