"""Typed calls to the agent on a machine, over any transport."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.agent import protocol
from runctl.core.errors import NotFoundError, RefusedError, RunctlError, UnreachableError
from runctl.core.process import Completed, Stream
from runctl.transport import agent_package
from runctl.transport.base import Transport

if TYPE_CHECKING:
    from runctl.agent.checkpoints import Checkpoint

# Python's exit code for a program that is not there, and a condition's
_CANNOT_OPEN, _CONDITION_FAILED = 2, 97


class ConditionFailed(RefusedError):
    """A request's condition did not hold, and nothing was done."""


class ProjectDiffers(RefusedError):
    """The project on the machine is not the one that the run was made for."""


class RunExists(RefusedError):
    """A run of this id was started before."""


class Condition(NamedTuple):
    """What must hold for a request to be carried out: what a line of shell prints."""

    script: str
    printed: str

    def before(self, command: list[str]) -> list[str]:
        """`command` if the condition holds."""
        line = f'test "$({self.script})" = "$1" || exit {_CONDITION_FAILED}; shift; exec "$@"'
        return ["sh", "-c", line, "sh", self.printed, *command]


_CODES: dict[str | None, type[RunctlError]] = {"stamp": ProjectDiffers, "exists": RunExists}
_ERRORS: dict[int, type[RunctlError]] = {
    protocol.EXIT_NOT_FOUND: NotFoundError,
    protocol.EXIT_REFUSED: RefusedError,
}


class AgentClient:
    """The agent on the machine that `transport` reaches; installed there once, under its content hash."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._path = f"{transport.home}/agent/{agent_package.content_hash()}.pyz"
        self._waiting: tuple[Condition | None, Stream] | None = None

    def get_ready(self, condition: Condition | None) -> None:
        """Starts the agent now, so that it need not be waited for when the next request comes; `condition` is that
        request's. To be called where one is all but sure to come. Raises UnreachableError, RunctlError."""
        self._waiting = condition, self._transport.stream(self._command(condition), b"", more_input=True)

    def close(self) -> None:
        """Ends an agent that waits for a request in vain."""
        if self._waiting:
            self._waiting[1].__exit__()
            self._waiting = None

    def start(
        self,
        spec: dict[str, Any],
        secrets: dict[str, str],
        login: dict[str, str] | None = None,
        condition: Condition | None = None,
    ) -> None:
        """Starts a run and returns when the agent has it. `login` (registry, username, password) is for its image.

        Raises RefusedError, ConditionFailed, ProjectDiffers, RunExists, RunctlError.
        """
        request = {"verb": "start", "spec": spec, "secrets": secrets, "login": login, "follow": False}
        self._call(request, condition)

    def start_and_follow(
        self,
        spec: dict[str, Any],
        secrets: dict[str, str],
        login: dict[str, str] | None = None,
        condition: Condition | None = None,
    ) -> Iterator[protocol.Frame]:
        """Starts a run and yields its frames: one round trip instead of two. Raises as `start` does."""
        request = {"verb": "start", "spec": spec, "secrets": secrets, "login": login, "follow": True}
        return self._stream(request, condition)

    def follow(self, run_id: str, **start: Any) -> Iterator[protocol.Frame]:
        """Yields a run's frames; `start` holds fields of `runctl.agent.follow.Start`."""
        return self._stream({"verb": "follow", "run": run_id, "start": start})

    def status(self, run_ids: list[str]) -> list[dict[str, Any]]:
        """The states of runs, settled where an agent was killed. Raises NotFoundError."""
        answer: list[dict[str, Any]] = self._call({"verb": "status", "runs": run_ids})
        return answer

    def live(self) -> list[dict[str, Any]]:
        """The states of the runs that are not finished; of one with damaged records only its `run_id`."""
        answer: list[dict[str, Any]] = self._call({"verb": "live"})
        return answer

    def runs(self, known: Mapping[str, int], newest: int = 0) -> dict[str, Any]:
        """What `runctl.agent.listing.runs` tells of many runs in one answer."""
        answer: dict[str, Any] = self._call({"verb": "runs", "known": dict(known), "newest": newest})
        return answer

    def checkpoints(self, run_id: str) -> list[Checkpoint]:
        """The checkpoints of a run, newest first. Raises NotFoundError."""
        from runctl.agent.checkpoints import Checkpoint

        answer: list[dict[str, Any]] = self._call({"verb": "checkpoints", "run": run_id})
        return [Checkpoint(**{**fields, "files": tuple(fields["files"])}) for fields in answer]

    def load(self, interval_s: float, watch: bool) -> Iterator[dict[str, Any]]:
        """Yields how busy the machine was over `interval_s` seconds, as `runctl.agent.load` describes it: once, or
        again and again. Raises RefusedError where it can't be told."""
        for frame in self._stream({"verb": "processes", "interval_s": interval_s, "watch": watch}):
            if frame.kind == "load":
                yield frame.header["load"]

    def stop(self, run_id: str, grace_s: float | None, signal: str | None) -> dict[str, Any]:
        """Stops a run and returns its final state. Raises NotFoundError."""
        request = {"verb": "stop", "run": run_id, "grace_s": grace_s, "signal": signal}
        answer: dict[str, Any] = self._call(request)
        return answer

    def remove(self, run_id: str) -> None:
        """Deletes a finished run's folder. Raises NotFoundError, RefusedError."""
        self._call({"verb": "remove", "run": run_id})

    @contextmanager
    def conversation(self, request: dict[str, Any]) -> Iterator[Conversation]:
        """Opens a request after which more is sent. Raises UnreachableError, RunctlError."""
        opened = Conversation(lambda: self._conversation(request), self._install)
        try:
            yield opened
        finally:
            opened.close()

    def _conversation(self, request: dict[str, Any]) -> Stream:
        return self._transport.stream(self._command(), self._input(request), more_input=True)

    def _command(self, condition: Condition | None = None) -> list[str]:
        # -I -S: neither the user's PYTHON* variables nor site-packages can change what the agent is
        command = [self._transport.python, "-I", "-S", self._path]
        return command if condition is None else condition.before(command)

    def _install(self) -> None:
        self._transport.put(self._path, agent_package.build())

    def _input(self, request: dict[str, Any]) -> bytes:
        return json.dumps({**request, "home": self._transport.home}).encode() + b"\n"

    def _call(self, request: dict[str, Any], condition: Condition | None = None) -> Any:
        # not asked before whether it is there: that would be a round trip for nothing, nearly always
        completed = self._completed(request, condition)
        if _is_missing(completed):
            self._install()
            completed = self._completed(request, condition)
        _check(completed)
        return json.loads(completed.stdout) if completed.stdout else None

    def _completed(self, request: dict[str, Any], condition: Condition | None) -> Completed:
        if self._waiting is None:
            return self._transport.run(self._command(condition), self._input(request))
        with self._opened(request, condition) as stream:
            stdout = stream.stdout.read()
            return stream.result()._replace(stdout=stdout)

    def _opened(self, request: dict[str, Any], condition: Condition | None) -> Stream:
        waiting, self._waiting = self._waiting, None
        if waiting and waiting[0] == condition:
            with suppress(BrokenPipeError):  # it has ended; its result says why
                waiting[1].send(self._input(request))
                waiting[1].end_input()
            return waiting[1]
        if waiting:
            waiting[1].__exit__()
        return self._transport.stream(self._command(condition), self._input(request))

    def _stream(self, request: dict[str, Any], condition: Condition | None = None) -> Iterator[protocol.Frame]:
        try:
            yield from self._frames(request, condition)
        except _AgentMissing:
            self._install()
            yield from self._frames(request, condition)

    def _frames(self, request: dict[str, Any], condition: Condition | None) -> Iterator[protocol.Frame]:
        with self._opened(request, condition) as stream:
            for frame in protocol.read_frames(stream.stdout):
                yield frame
                if frame.kind == "end":
                    return
            _check(stream.result())
            raise UnreachableError("the connection to the agent was lost; the run itself goes on")


def read_answer(stream: Stream) -> Any:
    """The next line that the agent says. Raises what it failed with, UnreachableError when the connection was lost."""
    line = stream.stdout.readline()
    if line.endswith(b"\n"):
        return json.loads(line)
    _check(stream.result())
    raise UnreachableError("the connection to the agent was lost", hint="try again")


class Conversation:
    """A request whose agent is at work, also while nobody has asked for its answer yet; `stream` is what to send by
    after that."""

    def __init__(self, begin: Callable[[], Stream], install: Callable[[], None]) -> None:
        self._begin = begin
        self._install = install
        self.stream = begin()

    def answer(self) -> Any:
        """The agent's first answer. Raises RefusedError, UnreachableError, RunctlError."""
        try:
            return read_answer(self.stream)
        except _AgentMissing:
            self.close()
            self._install()
            self.stream = self._begin()
            return read_answer(self.stream)

    def close(self) -> None:
        """Ends it."""
        self.stream.__exit__()


class _AgentMissing(RunctlError):
    """The agent is not on the machine yet."""


def _is_missing(completed: Completed) -> bool:
    return completed.code == _CANNOT_OPEN and b"can't open file" in completed.stderr


class StartingClient(AgentClient):
    """The agent of a run that is still to be started: by `first`, which yields the first frames, when the run is
    followed. Where nothing was heard of the start, following again starts it again; else it goes on."""

    def __init__(self, transport: Transport, first: Callable[[], Iterator[protocol.Frame]]) -> None:
        super().__init__(transport)
        self._first = first
        self._started = False

    def follow(self, run_id: str, **start: Any) -> Iterator[protocol.Frame]:
        """Yields a run's frames, as `AgentClient.follow`. Raises what `first` raises, too."""
        if not self._started:
            try:
                for frame in self._first():
                    self._started = True
                    yield frame
                return
            except RunExists:
                self._started = True  # by a request to which the answer was lost
        yield from super().follow(run_id, **start)


def _check(completed: Completed) -> None:
    if completed.code == 0:
        return
    if completed.code == _CONDITION_FAILED:
        raise ConditionFailed("the machine is not as it was found before")
    if _is_missing(completed):
        raise _AgentMissing("the agent is not on the machine")
    text = completed.stderr.decode("utf-8", "replace").strip()
    try:
        error = json.loads(text)
        message, hint, code = error["error"], error["hint"], error.get("code")
    except (ValueError, KeyError, TypeError):
        message, hint, code = f"the agent failed (exit code {completed.code}): {text[-2000:]}", None, None
    raise _CODES.get(code, _ERRORS.get(completed.code, RunctlError))(message, hint)
