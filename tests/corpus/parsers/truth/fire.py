"""python-fire's own word for what a script's component takes."""

from __future__ import annotations

import inspect
import string
import sys
from typing import Any

import fire
from fire import completion, core, inspectutils

from truth import Parsed, Run


def flags(run: Run) -> dict[str, dict[str, Any]]:
    """The arguments of what was given to fire.Fire, and of every command below it."""
    found: dict[str, dict[str, Any]] = {}

    def watch(component: Any = None, *args: Any, **kwargs: Any) -> Any:
        if component is None:
            names = sys._getframe(1).f_globals
            component = {name: value for name, value in names.items() if not name.startswith("_")}
        found.update(_options(component, [], []))
        raise Parsed

    fire.Fire = core.Fire = watch
    try:
        run([])
    except Parsed:
        pass
    return found


def _options(component: Any, command: list[str], above: list[Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    if inspect.isclass(component) or inspect.isroutine(component):
        spec = inspectutils.GetFullArgSpec(component)
        taken = {name for other in above for name in other.args + other.kwonlyargs}
        for name in spec.args + spec.kwonlyargs:
            for flag in [] if name in taken else _flags(name, [*above, spec]):
                found[" ".join([*command, flag])] = _about(name, spec)
        above = [*above, spec]
        if inspect.isclass(component):
            missing = spec.args[: len(spec.args) - len(spec.defaults)]
            component = component(**dict.fromkeys(missing, "x"))
    if not inspect.isroutine(component):
        for name, member in completion.VisibleMembers(component):
            if hasattr(member, "__dict__") and not inspect.ismodule(member):
                found.update(_options(member, [*command, name], above))
    return found


def _flags(name: str, specs: list[Any]) -> list[str]:
    """`--name`, and the letters that fire takes for it, by fire's own function."""
    letters = [f"-{letter}" for letter in string.ascii_letters if _keyword(f"-{letter}=1", specs) == name]
    return [f"--{name}", *(letter for letter in letters if letter != f"-{name}")]


def _keyword(argument: str, specs: list[Any]) -> str | None:
    for spec in specs:
        try:
            kwargs, _, _ = core._ParseKeywordArgs([argument], spec)
        except core.FireError:
            return None
        if kwargs:
            return str(next(iter(kwargs)))
    return None


def _about(name: str, spec: Any) -> dict[str, Any]:
    defaults = dict(zip(spec.args[len(spec.args) - len(spec.defaults) :], spec.defaults, strict=True))
    defaults.update(spec.kwonlydefaults)
    about: dict[str, Any] = {"required": name not in defaults}
    if isinstance(defaults.get(name), (bool, int, float, str)):
        about["default"] = defaults[name]
    return about
