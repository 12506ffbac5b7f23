"""Many small pieces of work by a few threads, which have all ended when the last piece is done or one has failed."""

from __future__ import annotations

import queue
import threading
import time
from typing import Callable, Generic, List, Optional, Sequence, Tuple, TypeVar, cast

from runctl.agent.s3.client import S3
from runctl.agent.s3.transfer_model import Progress, Report

Task = TypeVar("Task")
Result = TypeVar("Result")
_Answer = Tuple[int, Optional[Result], Optional[BaseException]]

_REPORT_EVERY_S = 0.1


class Tally:
    """Counts what is done, from any thread, and reports it from one."""

    def __init__(self, files: int, size: int, report: Report) -> None:
        self._files, self._size, self._report = files, size, report
        self._lock = threading.Lock()
        self._files_done = self._bytes_done = 0
        self._next = 0.0

    def add(self, count: int) -> None:
        """So many bytes have been moved; fewer than none when some have to be moved again."""
        with self._lock:
            self._bytes_done += count

    def file_done(self) -> None:
        """A file is whole."""
        with self._lock:
            self._files_done += 1

    def tell_now_and_then(self) -> None:
        """Reports, unless it was done just now."""
        if time.monotonic() >= self._next:
            self.tell()

    def tell(self) -> None:
        """Reports where it stands."""
        self._next = time.monotonic() + _REPORT_EVERY_S
        self._report(Progress(self._files_done, self._files, self._bytes_done, self._size))


class Workers(Generic[Task, Result]):
    """Calls `work(s3, task)` for each task, in a few threads. When it ends early, for whatever reason, the requests
    under way are given up, and in any case every thread has ended."""

    def __init__(self, s3: S3, work: Callable[[S3, Task], Result], threads: int, tally: Tally) -> None:
        self._over = threading.Event()
        self._s3 = s3.until(self._over.is_set)
        self._work, self._most, self._tally = work, threads, tally
        self._answers: "queue.SimpleQueue[_Answer[Result]]" = queue.SimpleQueue()
        self._next = 0
        self._lock = threading.Lock()

    def run(self, tasks: Sequence[Task]) -> List[Tuple[Task, Result]]:
        """Carries the tasks out. Returns them with their results in the order of completion. Raises what the first
        one that failed has raised."""
        threads = [
            threading.Thread(target=self._serve, args=(tasks,), daemon=True) for _ in range(min(self._most, len(tasks)))
        ]
        try:
            for thread in threads:
                thread.start()
            return [self._answer(tasks) for _ in range(len(tasks))]
        finally:
            self._over.set()
            _join(threads)
            self._tally.tell()

    def _answer(self, tasks: Sequence[Task]) -> Tuple[Task, Result]:
        while True:
            try:
                number, result, error = self._answers.get(timeout=_REPORT_EVERY_S)
            except queue.Empty:
                self._tally.tell()
                continue
            self._tally.tell_now_and_then()
            if error:
                raise error
            return tasks[number], cast(Result, result)

    def _serve(self, tasks: Sequence[Task]) -> None:
        while not self._over.is_set():
            with self._lock:
                number = self._next
                self._next += 1
            if number >= len(tasks):
                return
            try:
                self._answers.put((number, self._work(self._s3, tasks[number]), None))
            except BaseException as error:
                self._answers.put((number, None, error))


def _join(threads: List[threading.Thread]) -> None:
    for thread in threads:
        if thread.ident is not None:
            thread.join()
