"""What the account's models are bound to: hosts, disks, networks, and the work that goes on behind a request."""

from __future__ import annotations

import threading
import traceback
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple

from runctl.sandbox.gate import log

if TYPE_CHECKING:
    from runctl.sandbox.disks import Disks
    from runctl.sandbox.faults import Faults
    from runctl.sandbox.hosts import Hosts
    from runctl.sandbox.network import Network

# AWS's own number for examples
ACCOUNT_ID = "123456789012"


class Background:
    """Work that goes on after a request was answered. Work on one thing is done in the order it was given."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Callable[[], None]]] = defaultdict(list)
        self._idle = threading.Condition(self._lock)

    def do(self, thing: str, work: Callable[[], None]) -> None:
        """Does `work` after what is being done on `thing`."""
        with self._lock:
            self._waiting[thing].append(work)
            if len(self._waiting[thing]) == 1:
                threading.Thread(target=self._work, args=(thing,), name=f"work on {thing}", daemon=True).start()

    def wait(self) -> None:
        """Waits until there is nothing to do."""
        with self._lock:
            self._idle.wait_for(lambda: not self._waiting)

    def wait_for(self, thing: str) -> None:
        """Waits until there is nothing to do on one thing."""
        with self._lock:
            self._idle.wait_for(lambda: thing not in self._waiting)

    def _work(self, thing: str) -> None:
        while True:
            with self._lock:
                work = self._waiting[thing][0]
            try:
                work()
            except Exception:
                log(traceback.format_exc())
            with self._lock:
                self._waiting[thing].pop(0)
                if not self._waiting[thing]:
                    del self._waiting[thing]
                    self._idle.notify_all()
                    return


class Parts(NamedTuple):
    """The real things below the models. `lock` is held while a model is read or changed."""

    hosts: Hosts
    disks: Disks
    network: Network
    faults: Faults
    lock: AbstractContextManager[object]
    background: Background
