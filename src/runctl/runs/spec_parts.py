"""What the specs of all runs have in common, wherever they run."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from runctl import __version__
from runctl.agent import protocol
from runctl.core.config import Config
from runctl.core.errors import UsageError
from runctl.core.run_ids import new_run_id
from runctl.core.text import printable
from runctl.core.variables import read_env_file
from runctl.project.hyperparams import Given
from runctl.project.parameters.giving.composing import Composed, compose
from runctl.project.parameters.reading import read_interface
from runctl.project.root import find_root
from runctl.project.script import Script, inspect_script

_SET_BY_RUNCTL = {protocol.RUN_ID, protocol.RUN_DIR, protocol.ATTEMPT, protocol.METRICS, protocol.AGENT}


class Asked(NamedTuple):
    """What a user asks of a run. `env` goes before what `env_files` say; with no file the configured one is read.
    `hyperparams` are checked against the script's own parser, and merged with `args`."""

    script: str
    args: Sequence[str] = ()
    hyperparams: Mapping[str, Given] = {}
    env: Mapping[str, str] = {}
    env_files: Sequence[Path] = ()
    secrets: Mapping[str, str] = {}


class Found(NamedTuple):
    """What was asked for, found on this machine: the script, the root of its project, its variables."""

    script: Script
    root: Path
    env: dict[str, str]


def find(asked: Asked, config: Config) -> Found:
    """Raises RefusedError, NotFoundError, UsageError."""
    files = asked.env_files or ([config.env_file] if config.env_file else [])
    from_files = {name: value for file in files for name, value in read_env_file(file).items()}
    env = {**from_files, **asked.env}
    for name in sorted({*env, *asked.secrets} & _SET_BY_RUNCTL):
        raise UsageError(f"{name} is set by runctl for every script; it can't be given")
    script = inspect_script(asked.script)
    return Found(script, find_root(script.path), env)


def composed(asked: Asked, found: Found) -> Composed:
    """The arguments that the script will receive. Raises RefusedError, UsageError."""
    interface = None
    if found.script.kind == "python":
        interface = read_interface(found.script.path, found.root, asked.args, asked.hyperparams)
    return compose(interface, asked.hyperparams, asked.args, printable(asked.script))


def spec_of(
    asked: Asked,
    found: Found,
    arguments: Composed,
    config: Config,
    *,
    program: str,
    root: str,
    workdir: str,
    environment: Mapping[str, Any],
) -> dict[str, Any]:
    """The spec of a new run; `program`, `root` and `workdir` are as its machine knows them."""
    return {
        "schema": protocol.SCHEMA,
        "client": __version__,
        "run_id": new_run_id(),
        "created_at": round(time.time(), 3),
        "script": asked.script,
        "kind": found.script.kind,
        "args": arguments.args,
        "hyperparams": arguments.hyperparams,
        "defaults": arguments.defaults,
        "command": [program, *arguments.args],
        "root": root,
        "workdir": workdir,
        "environment": environment,
        "env": found.env,
        "secret_names": sorted(asked.secrets),
        "grace_s": config.grace,
        "stop_signal": config.stop_signal,
        "checkpoint_dirs": list(config.checkpoint_dir),
    }
