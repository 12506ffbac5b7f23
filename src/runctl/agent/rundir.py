"""The run folder: every path in it, how its files are written whole, and who holds it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from typing import Any, Iterator


class RunDir:
    """Paths of one run's folder, `<home>/runs/<run-id>`."""

    def __init__(self, home: str, run_id: str) -> None:
        self.home = home
        self.run_id = run_id
        self.path = os.path.join(home, "runs", run_id)
        self.spec = self.file("spec.json")
        self.state = self.file("state.json")
        self.events = self.file("events.jsonl")
        self.output = self.file("output.log")
        self.output_times = self.file("output.times")
        self.metrics = self.file("metrics.jsonl")
        self.agent_log = self.file("agent.log")
        self.lock = self.file("agent.lock")
        self.stop_request = self.file("stop.json")
        self.exit_record = self.file("exit.json")
        self.reserve = self.file("reserve")
        self.final_state = self.file("final.json")

    def file(self, name: str) -> str:
        """The path of a file in the folder."""
        return os.path.join(self.path, name)

    def read_spec(self) -> dict[str, Any]:
        """What the client asked for. Raises OSError when there is no such run."""
        spec: dict[str, Any] = read_json(self.spec)
        return spec

    def read_state(self) -> dict[str, Any]:
        """The newest state. Raises OSError when there is none, ValueError when it is damaged."""
        state = read_json(self.state)
        if not isinstance(state, dict) or "phase" not in state:
            raise ValueError("%s holds no run's state" % self.state)
        return state

    def take_lock(self, wait: bool = False) -> int | None:
        """Marks the run as having a live agent. Returns the lock's descriptor; None when another holds it, unless
        told to `wait`.

        A lock, not a process id: the kernel drops it when the holder dies, however that happens, a restart
        of the machine included, and no other process can be mistaken for its holder.
        """
        descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def has_agent(self) -> bool:
        """Whether an agent looks after the run now."""
        try:
            descriptor = os.open(self.lock, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


def read_json(path: str) -> Any:
    """The document in a file. Raises OSError, or ValueError when it is not JSON."""
    with open(path, "rb") as file:
        return json.loads(file.read())


def write_json(path: str, document: Any, durable: bool = False) -> None:
    """Replaces a file at once: readers see the old document or the new one, never a part.

    `durable` also waits until it is on the disk. Raises OSError; the old file is then still there.
    """
    temporary = "%s.%d.tmp" % (path, os.getpid())
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.write("\n")
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def read_events(path: str, after: int = 0) -> Iterator[dict[str, Any]]:
    """Yields the events numbered above `after`, in order; lines cut short by a full disk are passed over."""
    try:
        file = open(path, "rb")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            event = parse_event(line)
            if event and event["n"] > after:
                yield event


def parse_event(line: bytes) -> dict[str, Any] | None:
    """One line of events.jsonl; None when it is not whole."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("n"), int) else None


class EventLog:
    """Appends numbered events. Made again on an existing file, it goes on with the next number."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._number = max((event["n"] for event in read_events(path)), default=0)
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")  # a killed agent left half a line; the next event must not be part of it

    def append(self, at: float, kind: str, fields: dict[str, Any]) -> None:
        """Writes one event. Raises OSError (a full disk); the file then ends as it did before."""
        event = {"n": self._number + 1, "at": round(at, 3), "kind": kind, **fields}
        line = json.dumps(event).encode() + b"\n"
        written = os.write(self._file, line)
        if written < len(line):
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._number += 1
