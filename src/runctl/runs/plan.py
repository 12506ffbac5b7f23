"""What would be done, as data: the spec that the agent carries out, and how to say it to people."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from runctl import __version__
from runctl.agent import protocol
from runctl.core.config import Config
from runctl.core.errors import UsageError
from runctl.core.folder import current_folder
from runctl.core.run_ids import new_run_id
from runctl.core.text import printable
from runctl.core.variables import read_env_file
from runctl.project.environment import check_script, plan_environment
from runctl.project.hyperparams import Given
from runctl.project.parameters.giving.composing import Composed, compose
from runctl.project.parameters.reading import read_interface
from runctl.project.root import find_root
from runctl.project.script import Script, inspect_script

_SET_BY_RUNCTL = {protocol.RUN_ID, protocol.RUN_DIR, protocol.ATTEMPT, protocol.METRICS, protocol.AGENT}


class Plan(NamedTuple):
    """A run before it starts. The secrets are beside the spec, because the spec is written to disk. `warnings` are
    what its user should know."""

    spec: dict[str, Any]
    secrets: dict[str, str]
    warnings: list[str]

    def lines(self) -> list[str]:
        """The plan for people; of secrets only the names."""
        spec, environment = self.spec, self.spec["environment"]
        rows = [
            ("script", spec["script"]),
            ("command", " ".join(map(shlex.quote, [_interpreter(environment), *spec["command"]])).strip()),
            (
                "hyperparams",
                ", ".join(f"{name}={value}" for name, value in spec["hyperparams"].items()) or "none",
            ),
            ("project", spec["root"]),
            ("folder", spec["workdir"]),
            ("environment", describe_environment(environment)),
            ("variables", ", ".join(sorted(spec["env"])) or "none added"),
            ("secrets", ", ".join(sorted(self.secrets)) or "none"),
            ("stop", f"{spec['stop_signal']}, then a kill after {spec['grace_s']:g} s"),
        ]
        return [f"{name:<12} {printable(value)}" for name, value in rows]


def make_plan(
    script: str,
    args: Sequence[str],
    config: Config,
    *,
    hyperparams: Mapping[str, Given],
    env: Mapping[str, str],
    env_files: Sequence[Path],
    secrets: Mapping[str, str],
) -> Plan:
    """Checks a script and everything it needs. Nothing is made.

    `hyperparams` are checked against the script's own parser, and merged with `args`. `env` goes before what
    `env_files` say; with no file the configured one is read. Raises RefusedError, NotFoundError, UsageError.
    """
    files = env_files or ([config.env_file] if config.env_file else [])
    from_files = {name: value for file in files for name, value in read_env_file(file).items()}
    env = {**from_files, **env}
    for name in sorted({*env, *secrets} & _SET_BY_RUNCTL):
        raise UsageError(f"{name} is set by runctl for every script; it can't be given")
    found = inspect_script(script)
    root = find_root(found.path)
    environment = plan_environment(found, root, config.python)
    check_script(found, environment)
    composed = _composed(found, root, hyperparams, args, script)
    spec = {
        "schema": protocol.SCHEMA,
        "client": __version__,
        "run_id": new_run_id(),
        "created_at": round(time.time(), 3),
        "script": script,
        "kind": found.kind,
        "args": composed.args,
        "hyperparams": composed.hyperparams,
        "defaults": composed.defaults,
        "command": [script if found.kind == "python" else str(found.path), *composed.args],
        "root": str(root),
        "workdir": str(current_folder()),
        "environment": environment,
        "env": env,
        "secret_names": sorted(secrets),
        "grace_s": config.grace,
        "stop_signal": config.stop_signal,
        "checkpoint_dirs": list(config.checkpoint_dir),
    }
    return Plan(spec, dict(secrets), composed.warnings)


def _composed(found: Script, root: Path, hyperparams: Mapping[str, Given], args: Sequence[str], typed: str) -> Composed:
    interface = read_interface(found.path, root, args, hyperparams) if found.kind == "python" else None
    return compose(interface, hyperparams, args, printable(typed))


def _interpreter(environment: dict[str, Any]) -> str:
    """The interpreter as a command shows it, before its environment is made."""
    return {"none": "", "interpreter": environment.get("python")}.get(environment["kind"], "python") or ""


def describe_environment(environment: dict[str, Any]) -> str:
    """Where the script's interpreter comes from, in words."""
    kind = environment["kind"]
    if kind == "none":
        return "none (not a Python script)"
    if kind == "interpreter":
        return str(environment["python"])
    return f"{os.path.basename(environment['source'])}, made once and kept (key {environment['key'][:12]})"
