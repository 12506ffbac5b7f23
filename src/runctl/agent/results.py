"""Sends what a run leaves to its prefix in S3: its files, its records, a manifest, and last its final state."""

from __future__ import annotations

import json
import os
from typing import Any, Callable, NamedTuple

from runctl.agent import outputs, protocol
from runctl.agent.outputs import Output, Outputs
from runctl.agent.rundir import RunDir
from runctl.agent.s3 import location, transfer
from runctl.agent.s3.client import S3
from runctl.agent.s3.errors import S3Error
from runctl.agent.s3.transfer_model import LocalFile, Report, TransferError, Uploaded, UploadFailed, quiet
from runctl.agent.store import explained, open_store

# a file that somebody still writes is sent again so often
_ROUNDS = 3

Failures = (S3Error, TransferError, OSError)


class Missing(NamedTuple):
    """A file that S3 does not have as it is here, and why."""

    path: str
    why: str


class Results:
    """The results of one run. Nothing here touches the run's records: it is called in a thread beside the agent's."""

    def __init__(self, run: RunDir, spec: dict[str, Any]) -> None:
        """Raises ValueError for a prefix that can be none."""
        self._run = run
        self._spec = spec
        self._place = location.parse(spec["output"]["uri"])
        self._done: dict[str, tuple[Output, Uploaded]] = {}
        self._records: list[Uploaded] = []
        self._why: dict[str, str] = {}
        self.hopeless = False
        self.missing: list[Missing] = []
        self.still_written: list[str] = []
        self.passed_over: list[tuple[str, str]] = []

    @property
    def files(self) -> list[Uploaded]:
        """The run's files that S3 has confirmed."""
        return [uploaded for _, uploaded in self._done.values()]

    def begin(self, stopped: Callable[[], bool]) -> None:
        """Sends spec.json, which shows that this machine may write there. Raises what is in `Failures`."""
        with open(self._run.spec, "rb") as file:
            open_store(self._spec["output"], stopped).put(self._place.bucket, self._key("spec.json"), file.read())

    def send_files(self, since_ns: int, report: Report, stopped: Callable[[], bool]) -> None:
        """Sends what was written since `since_ns` (see `outputs.find`), and says in `missing` what S3 does not have
        afterwards. One file that fails does not hold up the others."""
        store = open_store(self._spec["output"], stopped)
        found = self._find(since_ns)
        for _ in range(_ROUNDS):
            changed = self._changed(found)
            self._why = {}
            if not changed or not self._send(store, changed, report):
                break
            found = self._find(since_ns)
        left = self._changed(found)
        self.missing = [Missing(each.path, self._why.get(each.name, "it came too late")) for each in left]
        self.still_written = [each.path for each in left if each.name in self._done and each.name not in self._why]
        self.missing = [each for each in self.missing if each.path not in self.still_written]
        self.missing += [Missing(*each) for each in found.lost]
        self.passed_over = found.passed_over

    def send_records(self, stopped: Callable[[], bool]) -> None:
        """Sends output.log, events.jsonl and the manifest. Raises what is in `Failures`."""
        store = open_store(self._spec["output"], stopped)
        names = ("spec.json", "output.log", "events.jsonl")
        files = [LocalFile(self._run.file(name), self._key(name)) for name in names]
        there = [each for each in files if os.path.exists(each.path)]
        self._records = transfer.upload(store, there, self._place.bucket, quiet)
        store.put(self._place.bucket, self._key("manifest.json"), _as_json(self._manifest()))

    def publish(self, final: dict[str, Any], stopped: Callable[[], bool]) -> None:
        """Sends the final state, after which the run counts as finished for all who read the prefix. Raises what is in
        `Failures`."""
        store = open_store(self._spec["output"], stopped)
        store.put(self._place.bucket, self._key("state.json"), _as_json(final))

    def _find(self, since_ns: int) -> Outputs:
        data = self._spec.get("data")
        left_out = [self._run.home, *([data["folder"]] if data else [])]
        return outputs.find(self._spec, since_ns, self._place.key, left_out)

    def _changed(self, found: Outputs) -> list[Output]:
        return [each for each in found.files if each.name not in self._done or self._done[each.name][0] != each]

    def _send(self, store: S3, files: list[Output], report: Report) -> bool:
        """Whether there is sense in going on: `hopeless` is when S3 takes nothing from here."""
        by_key = {self._key(each.name): each for each in files}
        wanted = [LocalFile(each.path, key) for key, each in by_key.items()]
        try:
            sent = transfer.upload(store, wanted, self._place.bucket, report)
        except UploadFailed as error:
            sent = error.uploaded
            self._why = {by_key[file.key].name: explained(why) for file, why in error.failed}
        except Failures as error:
            self._why = {each.name: explained(error) for each in files}
            self.hopeless = True
            return False
        for uploaded in sent:
            self._done[by_key[uploaded.key].name] = (by_key[uploaded.key], uploaded)
        return True

    def _manifest(self) -> dict[str, Any]:
        """What is below the prefix: keys without it, sizes in bytes, CRC32 in hexadecimal, Unix times in seconds."""
        listed = [
            {
                "key": uploaded.key[len(self._place.key) :],
                "size": uploaded.size,
                "crc32": "%08x" % uploaded.crc32,
                "mtime": uploaded.mtime,
            }
            for uploaded in (*self._records, *self.files)
        ]
        return {
            "schema": protocol.SCHEMA,
            "run_id": self._run.run_id,
            "files": listed,
            "missing": [each._asdict() for each in self.missing],
        }

    def _key(self, name: str) -> str:
        return self._place.key + name


def _as_json(document: Any) -> bytes:
    return json.dumps(document, indent=1).encode() + b"\n"
