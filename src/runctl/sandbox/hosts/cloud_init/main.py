"""The command `cloud-init`: the two stages, which systemd starts, and `status`, which people and programs ask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from . import instance

_POLL_S = 0.1
_CONSOLE = Path("/dev/console")


def main(words: list[str]) -> int:
    """Runs `cloud-init WORDS…`. Returns its exit code."""
    if words[:1] == ["status"]:
        return _status(wait="--wait" in words, long="--long" in words)
    if words in (["init"], ["final"]):
        _stage(words[0])
        return 0
    sys.stderr.write("usage: cloud-init status [--wait] [--long]\n")
    return 2


def _stage(name: str) -> None:
    instance.begin()
    _output_to_log_and_console()
    _log(f"Cloud-init (sandbox) running 'modules:{name}' at {_now()}.")
    errors = _carry_out(name)
    if name == "final":
        _show_host_keys()
        _log(f"Cloud-init (sandbox) finished at {_now()}. Datasource DataSourceEc2Local.")
        instance.finish(errors)


def _carry_out(name: str) -> list[str]:
    """Errors of this stage and of those before it in this boot."""
    noted = instance.RESULT.with_name("errors.json")
    errors: list[str] = json.loads(noted.read_text()) if noted.exists() else []
    if (instance.SEED / "user-data").exists():
        from .stages import Stages  # reading user data needs YAML, which most boots do without

        stages = Stages(*instance.scripts_and_config(_log), _log)
        stage: Callable[[], None] = getattr(stages, name)
        stage()
        errors += stages.errors
    noted.parent.mkdir(parents=True, exist_ok=True)
    noted.write_text(json.dumps(errors))
    return errors


def _output_to_log_and_console() -> None:
    """All output from here on goes where cloud-init's goes. The `tee` lives as long as a process that a script left."""
    tee = subprocess.Popen(["tee", "--append", str(instance.OUTPUT)], stdin=subprocess.PIPE)
    assert tee.stdin is not None
    os.dup2(tee.stdin.fileno(), 1)
    os.dup2(tee.stdin.fileno(), 2)


def _log(line: str) -> None:
    _say(line)
    with instance.LOG.open("a") as log:
        log.write(f"{_now()} {line}\n")


def _now() -> str:
    return f"{datetime.now(timezone.utc):%a, %d %b %Y %H:%M:%S +0000}"


def _show_host_keys() -> None:
    """Writes the public host keys to the console at the first boot, where whoever can read it learns whom to trust."""
    if not instance.first_time("keys_to_console"):
        return
    keys = "".join(path.read_text() for path in sorted(Path("/etc/ssh").glob("ssh_host_*_key.pub")))
    with _CONSOLE.open("w") as console:
        console.write(f"-----BEGIN SSH HOST KEY KEYS-----\n{keys}-----END SSH HOST KEY KEYS-----\n")


def _status(wait: bool, long: bool) -> int:
    while wait and not instance.RESULT.exists():
        time.sleep(_POLL_S)
    if not instance.RESULT.exists():
        _say("status: running")
        return 0
    errors = json.loads(instance.RESULT.read_text())["v1"]["errors"]
    _say("status: error" if errors else "status: done")
    if long:
        _say("\n".join(["errors:", *(f"  - {error}" for error in errors)]) if errors else "errors: []")
    return 1 if errors else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
