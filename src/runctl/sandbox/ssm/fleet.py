"""Which instances have an agent that is connected, and what it tells about them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from runctl.sandbox.ssm.errors import SsmError

AGENT_VERSION = "3.3.987.0"
_LEAST, _MOST = 5, 50


class Fleet:
    """The agents. `registered` tells the ids of the instances that run and whose role lets their agent in, `pid` the
    host's first process. An agent whose network is cut is there, and not reached."""

    def __init__(self, registered: Callable[[], Collection[str]], pid: Callable[[str], int | None]) -> None:
        self._registered = registered
        self._pid = pid
        self._seen: dict[str, float] = {}
        self._cut: set[str] = set()

    def cut(self, instance_id: str) -> None:
        self._cut.add(instance_id)

    def restore(self, instance_id: str) -> None:
        self._cut.discard(instance_id)

    def is_cut(self, instance_id: str) -> bool:
        return instance_id in self._cut

    def online(self, instance_id: str) -> int | None:
        """The first process of a host whose agent is connected; None when it is not."""
        return self._reached(instance_id) if instance_id in self._registered() else None

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        """DescribeInstanceInformation: agents that are connected, and those that once were."""
        now = time.time()
        reached = {each for each in self._registered() if self._reached(each)}
        self._seen.update(dict.fromkeys(reached, now))
        wanted = _wanted(request)
        found = [each for each in sorted(self._seen) if wanted is None or each in wanted]
        page = request.get("MaxResults", _MOST)
        if not _LEAST <= page <= _MOST:
            raise SsmError("ValidationException", f"MaxResults must be between {_LEAST} and {_MOST}")
        start = int(request.get("NextToken") or 0)
        answer: dict[str, Any] = {
            "InstanceInformationList": [
                self._information(each, each in reached) for each in found[start : start + page]
            ]
        }
        if start + page < len(found):
            answer["NextToken"] = str(start + page)
        return answer

    def status(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetConnectionStatus."""
        status = "connected" if self.online(request["Target"]) else "notconnected"
        return {"Target": request["Target"], "Status": status}

    def _reached(self, instance_id: str) -> int | None:
        pid = None if instance_id in self._cut else self._pid(instance_id)
        return pid if pid and alive(pid) else None

    def _information(self, instance_id: str, reached: bool) -> dict[str, Any]:
        return {
            "InstanceId": instance_id,
            "PingStatus": "Online" if reached else "ConnectionLost",
            "LastPingDateTime": self._seen[instance_id],
            "AgentVersion": AGENT_VERSION,
            "IsLatestVersion": True,
            "PlatformType": "Linux",
            "ResourceType": "EC2Instance",
        }


def alive(pid: int) -> bool:
    """Whether a host's first process runs. One that is ending, while the kernel ends the others, runs no more."""
    try:
        Path(f"/proc/{pid}/ns/net").readlink()
    except OSError:
        return False
    return True


def _wanted(request: dict[str, Any]) -> set[str] | None:
    filters = [(each.get("Key"), each.get("Values", [])) for each in request.get("Filters", [])]
    filters += [
        (each.get("key"), each.get("valueSet", [])) for each in request.get("InstanceInformationFilterList", [])
    ]
    wanted: set[str] | None = None
    for key, values in filters:
        if key != "InstanceIds":
            raise SsmError("InvalidFilterKey", f"The sandbox filters by InstanceIds only, not by {key}")
        wanted = set(values) if wanted is None else wanted & set(values)
    return wanted
