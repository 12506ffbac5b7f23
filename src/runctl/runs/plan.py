"""What would be done, as data: the spec that the agent carries out, and how to say it to people."""

from __future__ import annotations

import os
import shlex
from typing import Any, NamedTuple

from runctl.core.config import Config
from runctl.core.folder import current_folder
from runctl.core.text import printable
from runctl.project.environment import check_script, plan_environment
from runctl.runs.spec_parts import Asked, composed, find, spec_of


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


def make_plan(asked: Asked, config: Config) -> Plan:
    """Checks a script and everything it needs on this machine. Nothing is made.

    Raises RefusedError, NotFoundError, UsageError.
    """
    found = find(asked, config)
    environment = plan_environment(found.script, found.root, config.python)
    check_script(found.script, environment)
    arguments = composed(asked, found)
    spec = spec_of(
        asked,
        found,
        arguments,
        config,
        program=asked.script if found.script.kind == "python" else str(found.script.path),
        root=str(found.root),
        workdir=str(current_folder()),
        environment=environment,
    )
    return Plan(spec, dict(asked.secrets), arguments.warnings)


def _interpreter(environment: dict[str, Any]) -> str:
    """The interpreter as a command shows it, before its environment is made."""
    return "" if environment["kind"] == "none" else environment["python"] or "python"


def describe_environment(environment: dict[str, Any]) -> str:
    """Where the script's interpreter comes from, in words."""
    kind = environment["kind"]
    if kind == "none":
        return "none (not a Python script)"
    if kind == "interpreter":
        return environment["python"] or "none is made: the Python that is there"
    return f"{os.path.basename(environment['source'])}, made once and kept (key {environment['key'][:12]})"
