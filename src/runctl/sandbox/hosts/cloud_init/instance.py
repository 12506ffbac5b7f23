"""What this instance is told, and what is remembered of it; the paths are cloud-init's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from .userdata import CONFIG, SCRIPT, Part, parts_of

SEED = Path("/var/lib/cloud/seed")
CURRENT = Path("/var/lib/cloud/instance")
FINISHED = CURRENT / "boot-finished"
RESULT = Path("/run/cloud-init/result.json")
OUTPUT = Path("/var/log/cloud-init-output.log")
LOG = Path("/var/log/cloud-init.log")

Log = Callable[[str], None]


def begin() -> None:
    """Makes the folder of this instance."""
    folder = Path("/var/lib/cloud/instances") / (SEED / "instance-id").read_text()
    (folder / "sem").mkdir(parents=True, exist_ok=True)
    (folder / "scripts").mkdir(exist_ok=True)
    if not CURRENT.is_symlink():
        CURRENT.symlink_to(folder)


def first_time(what: str) -> bool:
    """True for the first call with `what` on this instance, and never again."""
    try:
        (CURRENT / "sem" / f"config_{what}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def scripts_and_config(log: Log) -> tuple[list[Part], dict[str, object]]:
    """The scripts in their order, and all cloud-configs as one: of two, the later replaces the earlier's keys."""
    scripts: list[Part] = []
    config: dict[str, object] = {}
    for part in parts_of((SEED / "user-data").read_bytes()):
        if part.kind == SCRIPT:
            scripts.append(part)
        elif part.kind == CONFIG:
            config.update(_config(part, log))
        else:
            log(f"WARNING: unhandled user data: {part.kind} is not supported by the sandbox")
    return scripts, config


def _config(part: Part, log: Log) -> dict[str, object]:
    import yaml

    try:
        config = yaml.safe_load(part.content)
    except yaml.YAMLError as error:
        log(f"ERROR: failed loading yaml blob: {error}")
        return {}
    if isinstance(config, dict):
        return config
    log(f"ERROR: failed loading yaml blob: a mapping is needed, not {type(config).__name__}")
    return {}


def finish(errors: list[str]) -> None:
    """Notes that all is done, and with which errors."""
    FINISHED.touch()
    result = {"v1": {"datasource": "DataSourceEc2Local", "errors": errors}}
    whole = RESULT.with_suffix(".new")
    whole.parent.mkdir(parents=True, exist_ok=True)
    whole.write_text(json.dumps(result))
    whole.replace(RESULT)
