"""Sees hosts that end by themselves, in Docker's events."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

from runctl.sandbox.hosts.docker import INSTANCE_LABEL, SANDBOX_LABEL, Following
from runctl.sandbox.model import SandboxError

Told = Callable[[str], None]

# a container whose init asks the kernel to reboot ends with SIGHUP, one that asks it to power off or to halt with
# SIGINT (reboot(2), "Behavior inside PID namespaces")
_REBOOT = 128 + 1
_PAUSE_S = 0.5  # before an engine that went away is asked again


class End(NamedTuple):
    """A host ended: exit code of its init, and when (Unix time in nanoseconds)."""

    instance_id: str
    code: int
    at_ns: int


class Watch:
    """Tells which of a sandbox's hosts end without having been told to. Whoever ends one says so here before."""

    def __init__(self, sandbox_id: str, start: Told) -> None:
        self._sandbox_id = sandbox_id
        self._start = start
        self._changing = threading.Lock()
        self._expected: set[str] = set()  # their next end is no news
        self._down: set[str] = set()  # they are not to boot again by themselves
        self._removed: set[str] = set()
        self._over = threading.Event()
        self._events: Following | None = None

    def expect(self, instance_id: str, runs: Callable[[str], int | None]) -> bool:
        """Notes that a host is about to be ended. Returns False when it does not run: there is nothing to end."""
        with self._changing:
            first = instance_id not in self._expected
            self._expected.add(instance_id)
            self._down.add(instance_id)
            if runs(instance_id):
                return True
            if first:
                self._expected.discard(instance_id)
            return False

    def forget(self, instance_id: str) -> None:
        """Notes that a host is being removed: nothing is told of it from here on."""
        with self._changing:
            self._removed.add(instance_id)

    def allow(self, instance_id: str) -> None:
        """Notes that a host is being started."""
        self._down.discard(instance_id)

    def begin(self, since_s: float, ended: Told, rebooted: Told) -> None:
        """Starts the thread that tells; of all that happens from `since_s` (Unix time) on."""
        arguments = (int(since_s * 1e9), ended, rebooted)
        threading.Thread(target=self._follow, args=arguments, name="hosts-watch", daemon=True).start()

    def end(self) -> None:
        """Ends the thread, and the process that it reads from."""
        self._over.set()
        if self._events:
            self._events.end()

    def _follow(self, since_ns: int, ended: Told, rebooted: Told) -> None:
        while not self._over.is_set():
            for end in self._ends(since_ns):
                since_ns = end.at_ns + 1
                self._handle(end, ended, rebooted)
            self._over.wait(_PAUSE_S)

    def _ends(self, since_ns: int) -> Iterator[End]:
        """The ends of hosts as they happen, until the engine goes away."""
        since = f"{since_ns // 10**9}.{since_ns % 10**9:09}"
        filters = ["type=container", "event=die", f"label={SANDBOX_LABEL}={self._sandbox_id}"]
        words = [word for each in filters for word in ("--filter", each)]
        self._events = events = Following("events", "--since", since, "--format", "{{json .}}", *words)
        with events:
            if self._over.is_set():
                return
            for line in events.stdout:
                event = json.loads(line)
                about = event["Actor"]["Attributes"]
                yield End(about[INSTANCE_LABEL], int(about["exitCode"]), event["timeNano"])

    def _handle(self, end: End, ended: Told, rebooted: Told) -> None:
        with self._changing:
            if end.instance_id in self._removed:
                return
            if end.instance_id in self._expected:
                self._expected.discard(end.instance_id)
                return
            if end.code == _REBOOT and end.instance_id in self._down:
                return  # it was stopped before it could boot again
            boots = end.code == _REBOOT and self._boots(end.instance_id)
        (rebooted if boots else ended)(end.instance_id)

    def _boots(self, instance_id: str) -> bool:
        try:
            self._start(instance_id)
        except SandboxError:
            return False
        return True
