"""(k) Files to S3 and back, against a real server on this machine: runctl, s5cmd, AWS's tool and boto3."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench import processes
from bench.figures import Row, Sample, ratio, value
from bench.place import Place
from bench.seaweed import Seaweed, seaweed
from bench.timing import MeasureFailed

_ROUNDS = 3
# the slow ones inform, and decide nothing
_SLOW_ROUNDS = 1
_MOST_OF_S5CMD = 1.0
_MIB = 1 << 20
_FREE_NEEDED = 24 << 30
_LONGEST_S = 300.0
_SAMPLE_S = 0.02
_STEPS = ("up", "same", "down")


class Use(NamedTuple):
    """What a command took: seconds on the clock, CPU seconds, and the most memory, in MiB."""

    seconds: float
    cpu_s: float
    rss_mib: float


class _Tool(NamedTuple):
    """One of those compared: its name, how often it is measured, and its command for one step."""

    name: str
    rounds: int
    command: Callable[[str, Path, str], list[str]]


class _Files(NamedTuple):
    """A folder of files, as the table calls it. Size in bytes."""

    name: str
    folder: Path
    number: int
    size: int


def measure(place: Place) -> list[Row]:
    if shutil.disk_usage(place.folder).free < _FREE_NEEDED:
        raise MeasureFailed(f"{place.folder}: less than {_FREE_NEEDED >> 30} GiB are free on this disk")
    rows: list[Row] = []
    with seaweed(place) as server:
        for files in _sets(place):
            rows += _rows(files, _uses(place, server, files))
            shutil.rmtree(files.folder)
    return rows


def _sets(place: Place) -> list[_Files]:
    large, small = place.new_folder(), place.new_folder()
    with (large / "file").open("wb") as file:
        for _ in range(2048):
            file.write(os.urandom(_MIB))
    for number in range(2000):
        path = small / f"{number // 100:02d}" / f"{number:04d}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(os.urandom(100 << 10))
    return [
        _Files("one file of 2 GiB", large, 1, 2 << 30),
        _Files("2,000 files of 100 KiB", small, 2000, 2000 * (100 << 10)),
    ]


def _tools(place: Place) -> list[_Tool]:
    # not the script on the PATH: that is Python, which starts the binary that s5cmd is
    (s5cmd,) = place.peers_bin.parent.glob("lib/python*/site-packages/s5cmd/bin/s5cmd")
    script = place.write("boto.py", _BOTO3)

    def of_runctl(step: str, folder: Path, uri: str) -> list[str]:
        if step == "down":
            return [place.runctl, "s3", "download", uri, str(folder)]
        return [place.runctl, "s3", "upload" if step == "up" else "sync", str(folder), uri]

    def of_s5cmd(step: str, folder: Path, uri: str) -> list[str]:
        if step == "down":
            return [str(s5cmd), "cp", f"{uri}/*", f"{folder}/"]
        return [str(s5cmd), "cp" if step == "up" else "sync", f"{folder}/", f"{uri}/"]

    def of_aws(step: str, folder: Path, uri: str) -> list[str]:
        pair = [uri, str(folder)] if step == "down" else [str(folder), uri]
        return [str(place.peers_bin / "aws"), "s3", "sync", "--no-progress", "--only-show-errors", *pair]

    def of_boto3(step: str, folder: Path, uri: str) -> list[str]:
        return [str(place.peers_bin / "python"), str(script), step, str(folder), uri]

    return [
        _Tool("runctl", _ROUNDS, of_runctl),
        _Tool("s5cmd", _ROUNDS, of_s5cmd),
        _Tool("aws s3 sync", _SLOW_ROUNDS, of_aws),
        _Tool("boto3", _SLOW_ROUNDS, of_boto3),
    ]


def _uses(place: Place, server: Seaweed, files: _Files) -> dict[tuple[str, str], list[Use]]:
    """What each tool took for each step. Tools take turns, and each begins with an empty bucket."""
    uses: dict[tuple[str, str], list[Use]] = {}
    tools = _tools(place)
    for number in range(_ROUNDS):
        for tool in (tools[number % 2], tools[1 - number % 2], *tools[2:]):
            if number >= tool.rounds:
                continue
            with server.bucket(f"bench-{number}") as bucket:
                for step in _STEPS:
                    os.sync()
                    folder = place.new_folder() if step == "down" else files.folder
                    command = tool.command(step, folder, f"s3://{bucket}/files")
                    use = _used(command, {**place.environment(place.folder / "home"), **server.variables})
                    uses.setdefault((tool.name, step), []).append(use)
                    if step == "down":
                        _check(folder, files)
                        shutil.rmtree(folder)
    return uses


def _used(command: list[str], environment: dict[str, str]) -> Use:
    """What a command took from its start to its end. Raises MeasureFailed when it fails."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    with _Peak(process.pid) as peak:
        late = threading.Timer(_LONGEST_S, process.kill)
        late.start()
        errors = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        late.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    process.communicate()
    if process.returncode:
        raise MeasureFailed(f"{' '.join(command)}: exit code {process.returncode}\n{errors.decode()[-2000:]}")
    return Use(seconds, usage.ru_utime + usage.ru_stime, peak.mib)


class _Peak:
    """The most memory that a process has had; what wait4 tells begins with that of its parent."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.mib = 0.0

    def __enter__(self) -> _Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_SAMPLE_S):
            self.mib = max(self.mib, processes.peak_rss_mib(self._pid) or 0.0)


def _check(folder: Path, files: _Files) -> None:
    found = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    if len(found) != files.number or sum(found) != files.size:
        raise MeasureFailed(f"{folder}: {len(found)} files with {sum(found)} bytes came instead of {files}")


def _rows(files: _Files, uses: dict[tuple[str, str], list[Use]]) -> list[Row]:
    rows: list[Row] = []
    words = {"up": "`runctl s3 upload`", "down": "`runctl s3 download`", "same": "`runctl s3 sync`, unchanged"}
    for step in _STEPS:
        ours, theirs = uses["runctl", step], uses["s5cmd", step]
        what = f"{words[step]}, {files.name}"
        times = Sample(tuple(use.seconds for use in ours))
        speed = f" ({files.size / _MIB / times.median:,.0f} MiB/s)" if step != "same" else ""
        for tool in ("s5cmd", "aws s3 sync", "boto3"):
            reference = Sample(tuple(use.seconds for use in uses[tool, step]))
            # to find one file unchanged is no more than to start, which Python can't do as fast as Go
            decides = tool == "s5cmd" and (step != "same" or files.number > 1)
            limit = _MOST_OF_S5CMD if decides else None
            rows.append(ratio("k", what + speed, times, f"`{tool}`", reference, limit))
        cpu, their_cpu = (Sample(tuple(use.cpu_s for use in each)) for each in (ours, theirs))
        rows.append(ratio("k", f"CPU seconds of {what}", cpu, "`s5cmd`", their_cpu))
        rss, their_rss = (Sample(tuple(use.rss_mib for use in each), "MiB") for each in (ours, theirs))
        rows.append(ratio("k", f"peak RSS of {what}", rss, "`s5cmd`", their_rss))
    peak = max(use.rss_mib for (name, _), each in uses.items() if name == "runctl" for use in each)
    return [*rows, value("k", f"peak RSS of runctl, {files.name}", Sample((peak,), "MiB"))]


# boto3 as one would use it: its own threads for a large file, a few more for many
_BOTO3 = """\
import os, sys
from concurrent.futures import ThreadPoolExecutor
import boto3
step, folder, uri = sys.argv[1:]
bucket, _, prefix = uri[5:].partition("/")
s3 = boto3.client("s3")

def files():
    for above, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(above, name)
            yield path, prefix + "/" + os.path.relpath(path, folder)

def objects():
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix + "/"):
        yield from page.get("Contents", [])

def download(found):
    path = os.path.join(folder, found["Key"][len(prefix) + 1 :])
    os.makedirs(os.path.dirname(path), exist_ok=True)
    s3.download_file(bucket, found["Key"], path)

if step == "same":
    there = {found["Key"]: (found["Size"], found["LastModified"].timestamp()) for found in objects()}
    for path, key in files():
        about = os.stat(path)
        assert there[key][0] == about.st_size and there[key][1] >= int(about.st_mtime)
else:
    with ThreadPoolExecutor(10) as threads:
        if step == "up":
            list(threads.map(lambda each: s3.upload_file(each[0], bucket, each[1]), files()))
        else:
            list(threads.map(download, objects()))
"""
