"""Reads what a script can be told, from its source alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from runctl.project.hyperparams import Given
from runctl.project.parameters.following.interpreter import GaveUp, Interpreter
from runctl.project.parameters.following.modules import read_module
from runctl.project.parameters.model import Interface
from runctl.project.parameters.uniting import united


def read_interface(
    script: Path, root: Path, args: Sequence[str] = (), given: Mapping[str, Given] | None = None
) -> Interface | None:
    """What `script`, of the project under `root`, can be told; None when no parser of it could be read. `args` and
    `given` are the arguments and hyperparameters that it will get: with Hydra they decide what else there is.

    Nothing of the project is executed or imported. The files read are the script and the modules of the project
    that it imports, as far as its parser needs them.
    """
    module = read_module("__main__", script)
    if module is None:
        return None
    interpreter = Interpreter(script, root, args, given or {})
    try:
        interpreter.follow(module)
    except (GaveUp, RecursionError):
        interpreter.note("the script is too complex to be followed to its end")
    return united([interface() for interface in interpreter.interfaces], interpreter.notes)
