"""Faults on demand: what was asked to go wrong, how often, and what it applies to."""

from __future__ import annotations

import itertools
import random
import threading
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from runctl.core.errors import UsageError

# which requests a fault strikes, by the service's and the action's names, and how many of a hundred
_REQUESTS = ("service", "action", "percent")
# fault → the settings that it takes, and what it does
FAULTS: dict[str, tuple[tuple[str, ...], str]] = {
    "no-capacity": (("spot", "type", "zone"), "InsufficientInstanceCapacity (spot=true: for spot alone)"),
    "no-quota": (("spot", "type"), "VcpuLimitExceeded, or MaxSpotInstanceCountExceeded"),
    "throttle": (_REQUESTS, "requests are refused with RequestLimitExceeded, by S3 with SlowDown, status 503"),
    "expired-credentials": (_REQUESTS, "the credentials have expired"),
    "deny": (_REQUESTS, "the permission is missing"),
    "error": (_REQUESTS, "an internal error, status 500"),
    "slow": ((*_REQUESTS, "seconds"), "an answer comes late"),
    "hang": (_REQUESTS, "an answer never comes; nothing is carried out"),
    "kill": (
        (*_REQUESTS, "after"),
        "the connection breaks after the request was carried out (after=N: from the Nth on)",
    ),
    "hang-half-way": (_REQUESTS, "an answer's headers come and half of its body, and then nothing more"),
    "cut-short": (_REQUESTS, "the connection breaks after an answer's headers and half of its body"),
    "corrupt": (_REQUESTS, "one byte in an answer's body is another one"),
    "late-device": (("volume", "seconds"), "an attached volume's device appears late"),
    "late-filesystem": (("volume", "seconds"), "an attached volume looks blank at first"),
    "volume-stuck": (("volume",), "attaching and detaching never end"),
    "boot-never": (("type", "zone"), "an instance runs, but nothing boots; its status is impaired"),
    "no-profile-yet": ((), "a new instance profile is not known to EC2 yet, as IAM takes its time"),
    "new-host-key": (("instance",), "at once: the instance's SSH host keys are replaced"),
    "drop-sessions": (("instance",), "at once: the connections of SSM sessions break; the sessions live on"),
    "cut": (("instance", "seconds"), "at once: nothing passes to or from the instance, for ever or for seconds"),
}
AT_ONCE = ("new-host-key", "drop-sessions", "cut")
_NEED_INSTANCE = ("new-host-key", "cut")
# what is no pattern for what a fault applies to
_NUMBERS = ("seconds", "after", "percent")


class Fault(NamedTuple):
    """One fault. `left` is how often it will still strike; None for until it is cleared."""

    id: int
    name: str
    settings: dict[str, str]
    left: int | None

    def number(self, key: str, otherwise: float) -> float:
        """A setting that is a number; seconds, or a count."""
        return float(self.settings.get(key, otherwise))


class WrongFault(ValueError):
    """There is no such fault, or it does not take such a setting."""


def checked(name: str, settings: dict[str, str]) -> None:
    """Raises WrongFault when a fault is not one that there is."""
    if name not in FAULTS:
        raise WrongFault(f"there is no fault {name!r}; the faults are: {', '.join(FAULTS)}")
    known = FAULTS[name][0]
    for key, value in settings.items():
        if key not in known:
            raise WrongFault(f"{name} takes no {key!r}; it takes: {', '.join(known) or 'nothing'}")
        if key in _NUMBERS and not value.replace(".", "", 1).isdigit():
            raise WrongFault(f"{key}={value!r} is not a number of 0 or more")
        if key == "percent" and float(value) > 100:
            raise WrongFault(f"percent={value} is more than 100")
    if name in _NEED_INSTANCE and "instance" not in settings:
        raise WrongFault(f"{name} needs instance=ID")


def settings_of(words: list[str]) -> dict[str, str]:
    """Settings from KEY=VALUE words. Raises UsageError on another form."""
    for word in words:
        if not word.partition("=")[0] or "=" not in word:
            raise UsageError(f"{word!r} is no KEY=VALUE", hint="for example: action=RunInstances")
    return {key: value for key, _, value in (word.partition("=") for word in words)}


class Faults:
    """The faults that are set; safe to use from several threads."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._seen: dict[int, int] = {}
        self._chances: dict[int, random.Random] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, name: str, settings: dict[str, str], times: int | None) -> Fault:
        """Sets a fault. Raises WrongFault."""
        checked(name, settings)
        with self._lock:
            fault = Fault(next(self._numbers), name, settings, times)
            self._faults.append(fault)
            return fault

    def list(self) -> list[Fault]:
        """The faults that will still strike, oldest first."""
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        """Takes all away."""
        with self._lock:
            self._faults.clear()

    def strike(self, name: str, **facts: str) -> Fault | None:
        """The first fault of that name that applies to `facts`, counted as having struck; None when there is none."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.name == name and _applies(fault, facts) and self._is_its_turn(fault):
                    self._use(index, fault)
                    return fault
        return None

    def _is_its_turn(self, fault: Fault) -> bool:
        self._seen[fault.id] = self._seen.get(fault.id, 0) + 1
        if self._seen[fault.id] < fault.number("after", 1):
            return False
        # the same settings strike the same ones of a row of requests, each time
        chances = self._chances.setdefault(fault.id, random.Random(str(sorted(fault.settings.items()))))
        return chances.random() * 100 < fault.number("percent", 100)

    def _use(self, index: int, fault: Fault) -> None:
        if fault.left is None:
            return
        if fault.left > 1:
            self._faults[index] = fault._replace(left=fault.left - 1)
        else:
            del self._faults[index]


def _applies(fault: Fault, facts: dict[str, str]) -> bool:
    for key, wanted in fault.settings.items():
        if key not in _NUMBERS and not fnmatchcase(facts.get(key, "").lower(), wanted.lower()):
            return False
    return True


def described() -> list[str]:
    """Lines that tell, for each fault, what it does and the settings that it takes."""
    lines = []
    for name, (settings, does) in FAULTS.items():
        lines += [name, f"    {does}", *([f"    takes: {', '.join(settings)}"] if settings else [])]
    return lines


def as_document(fault: Fault) -> dict[str, Any]:
    """A fault as JSON tells it."""
    return {"id": fault.id, "name": fault.name, "settings": fault.settings, "times_left": fault.left}
