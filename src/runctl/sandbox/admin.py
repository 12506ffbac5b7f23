"""Requests to the sandbox itself, below /_sandbox/: what there is, faults, interruptions, starting over."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runctl.sandbox.answers import Answer, document, text
from runctl.sandbox.faults import AT_ONCE, WrongFault, as_document, checked
from runctl.sandbox.layout import State
from runctl.sandbox.model import SandboxError

if TYPE_CHECKING:
    from runctl.sandbox.account.account import Account

KEY_HEADER = "HTTP_X_SANDBOX_KEY"


class Wrong(Exception):
    """A request that can't be carried out, and why; with the HTTP status that says so."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Admin:
    """Answers requests below /_sandbox/. All but one want the sandbox's admin key, which a web page can't have."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.account: Account | None = None

    def __call__(self, environ: dict[str, Any]) -> Answer:
        call = (environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if call == ("GET", "/_sandbox/address"):
            return text(self._address_of(environ["REMOTE_ADDR"]) + "\n")
        if not hmac.compare_digest(environ.get(KEY_HEADER, ""), self._state.admin_key):
            return document({"error": "the sandbox's admin key is missing or wrong"}, 403)
        action = _ACTIONS.get(call)
        if action is None:
            return document({"error": f"there is nothing at {' '.join(call)}"}, 404)
        try:
            asked = json.loads(environ["wsgi.input"].read() or b"{}")
            return document(action(self._ready(), asked))
        except Wrong as error:
            return document({"error": str(error)}, error.status)
        except (WrongFault, SandboxError) as error:
            return document({"error": str(error)}, 400)

    def _ready(self) -> Account:
        if self.account is None:
            raise Wrong("the sandbox is not up yet")
        return self.account

    def _address_of(self, caller: str) -> str:
        """The caller's address as instances see it, when they are called at their public addresses."""
        account = self._ready()
        for instance in account.instances():
            if caller == instance.private_ip_address:
                return str(instance.public_ip_address or caller)
        return account.parts.network.machine()


def _status(account: Account, _: Any) -> Any:
    with account.gate.lock:
        instances = [
            {
                "id": each.id,
                "region": each.region_name,
                "type": each.instance_type,
                "state": each.state,
                "public_address": each.public_ip_address,
            }
            for each in account.instances()
            if not each.is_record
        ]
        volumes = [
            {"id": volume.id, "region": region.region_name, "size_gib": int(volume.size), "state": volume.status}
            for region in account.regions()
            for volume in region.volumes.values()
            if not volume.is_root
        ]
    return {"instances": instances, "volumes": volumes, "faults": [as_document(each) for each in account.faults.list()]}


def _add_fault(account: Account, asked: Any) -> Any:
    name, settings = asked["name"], asked["settings"]
    checked(name, settings)
    if name in AT_ONCE:
        from runctl.sandbox.account.strikes import strike_at_once

        if "instance" in settings and account.instance(settings["instance"]) is None:
            raise Wrong(f"there is no instance {settings['instance']}", 404)
        strike_at_once(account, name, settings)
        return {"id": 0, "name": name, "settings": settings, "times_left": 0}
    return as_document(account.faults.add(name, settings, asked.get("times")))


def _list_faults(account: Account, _: Any) -> Any:
    return [as_document(each) for each in account.faults.list()]


def _clear_faults(account: Account, _: Any) -> Any:
    from runctl.sandbox.account.strikes import mend_all

    cleared = [as_document(each) for each in account.faults.list()]
    account.faults.clear()
    mend_all(account)
    return cleared


def _reset(account: Account, _: Any) -> Any:
    account.reset()
    return {}


def _interrupt(account: Account, asked: Any) -> Any:
    from runctl.sandbox.account.strikes import interrupt

    instance = account.instance(asked["instance"])
    if instance is None:
        raise Wrong(f"there is no instance {asked['instance']}", 404)
    if not instance.launch.spot:
        raise Wrong(f"{instance.id} is no spot instance, and is not interrupted")
    if instance.state != "running":
        raise Wrong(f"{instance.id} is {instance.state}, not running")
    return interrupt(account, instance, float(asked["in_s"]), bool(asked["rebalance"]))


_ACTIONS: dict[tuple[str, str], Callable[[Account, Any], Any]] = {
    ("GET", "/_sandbox/status"): _status,
    ("GET", "/_sandbox/faults"): _list_faults,
    ("POST", "/_sandbox/faults"): _add_fault,
    ("DELETE", "/_sandbox/faults"): _clear_faults,
    ("POST", "/_sandbox/reset"): _reset,
    ("POST", "/_sandbox/interrupt"): _interrupt,
}
