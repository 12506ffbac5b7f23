"""Typed calls to the agent on a machine, over any transport."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from runctl.agent import protocol
from runctl.core.errors import NotFoundError, RefusedError, RunctlError, UnreachableError
from runctl.core.process import Completed
from runctl.transport import agent_package
from runctl.transport.base import Transport

_ERRORS: dict[int, type[RunctlError]] = {
    protocol.EXIT_NOT_FOUND: NotFoundError,
    protocol.EXIT_REFUSED: RefusedError,
}


class AgentClient:
    """The agent on the machine that `transport` reaches; installed there once, under its content hash."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._path = f"{transport.home}/agent/{agent_package.content_hash()}.pyz"

    def start(self, spec: dict[str, Any], secrets: dict[str, str]) -> None:
        """Starts a run and returns when the agent has it. Raises RefusedError, RunctlError."""
        self._call({"verb": "start", "spec": spec, "secrets": secrets, "follow": False})

    def start_and_follow(self, spec: dict[str, Any], secrets: dict[str, str]) -> Iterator[protocol.Frame]:
        """Starts a run and yields its frames: one round trip instead of two."""
        return self._stream({"verb": "start", "spec": spec, "secrets": secrets, "follow": True})

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

    def _command(self) -> list[str]:
        if not self._transport.exists(self._path):
            self._transport.put(self._path, agent_package.build())
        # -I -S: neither the user's PYTHON* variables nor site-packages can change what the agent is
        return [self._transport.python, "-I", "-S", self._path]

    def _input(self, request: dict[str, Any]) -> bytes:
        return json.dumps({**request, "home": self._transport.home}).encode()

    def _call(self, request: dict[str, Any]) -> Any:
        completed = self._transport.run(self._command(), self._input(request))
        _check(completed)
        return json.loads(completed.stdout) if completed.stdout else None

    def _stream(self, request: dict[str, Any]) -> Iterator[protocol.Frame]:
        with self._transport.stream(self._command(), self._input(request)) as stream:
            for frame in protocol.read_frames(stream.stdout):
                yield frame
                if frame.kind == "end":
                    return
            _check(stream.result())
            raise UnreachableError("the connection to the agent was lost; the run itself goes on")


def _check(completed: Completed) -> None:
    if completed.code == 0:
        return
    text = completed.stderr.decode("utf-8", "replace").strip()
    try:
        error = json.loads(text)
        message, hint = error["error"], error["hint"]
    except (ValueError, KeyError, TypeError):
        message, hint = f"the agent failed (exit code {completed.code}): {text[-2000:]}", None
    raise _ERRORS.get(completed.code, RunctlError)(message, hint)
