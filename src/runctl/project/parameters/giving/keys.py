"""Which parameter a hyperparameter's key means."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from runctl.core.errors import RefusedError
from runctl.core.text import printable
from runctl.project.parameters.model import Parameter


class Meant(NamedTuple):
    """The parameter that a key means, and whether the key is that of a flag that turns it off."""

    parameter: Parameter
    inverted: bool = False
    flag: str | None = None


def find(key: str, parameters: Sequence[Parameter]) -> Meant | None:
    """What `key` means: a parameter's name, or a flag without its dashes; `-` and `_` are alike unless two
    parameters differ in nothing else. None when it means nothing. Raises RefusedError when it may mean several.
    """
    for same in (_exactly, _alike):
        found = [meant for parameter in parameters for meant in _meanings(key, parameter, same)]
        different = [meant for index, meant in enumerate(found) if meant.parameter not in [f[0] for f in found[:index]]]
        # one whose name and flag it is, then one whose name it is, then one that it turns on
        named = [meant for meant in different if same(key, meant.parameter.name)] or different
        by_flag = [meant for meant in named if meant.flag is not None] or named
        upright = [meant for meant in by_flag if not meant.inverted] or by_flag
        if len(upright) > 1:
            names = ", ".join(spelled(meant.parameter) for meant in upright)
            raise RefusedError(f'the script has several parameters that "{printable(key)}" may mean: {names}')
        if upright:
            return upright[0]
    return None


def spelled(parameter: Parameter) -> str:
    """A parameter as the script spells it."""
    return (*parameter.flags, *parameter.off_flags, parameter.name)[0]


def see(script: str) -> str:
    """Where all of a script's parameters are to be seen."""
    return f"see: runctl params {shlex.quote(script)}"


def nearest(key: str, parameters: Iterable[Parameter]) -> list[str]:
    """The parameters whose names are most like `key`, three at most, as a hint names them."""
    names = {name: parameter for parameter in parameters for name in _names(parameter)}
    wanted = key.replace("-", "_").lower()
    alike = difflib.get_close_matches(wanted, [name.lower() for name in names], n=4, cutoff=0.6)
    last_parts = [name for name in names if name.lower().rpartition(".")[2] == wanted]
    within = [name for name in names if min(len(wanted), len(name)) > 2 and _overlap(wanted, name.lower())]
    near = [name for name in names if name.lower() in alike]
    near.sort(key=lambda name: alike.index(name.lower()))
    found = list(dict.fromkeys(_hinted(names[name]) for name in [*last_parts, *near, *within]))
    return found[:3]


def _overlap(one: str, other: str) -> bool:
    return one in other or other in one


def _hinted(parameter: Parameter) -> str:
    flag = spelled(parameter)
    return parameter.name if flag.lstrip("-") == parameter.name else f"{parameter.name} ({flag})"


def _names(parameter: Parameter) -> list[str]:
    words = [parameter.name, *parameter.keys, *(flag.lstrip("-+") for flag in parameter.flags + parameter.off_flags)]
    return list(dict.fromkeys(word.replace("-", "_") for word in words if word))


def _meanings(key: str, parameter: Parameter, same: Callable[[str, str], bool]) -> list[Meant]:
    named = any(same(key, name) for name in (parameter.name, *parameter.keys))
    # where a flag that turns off is called like the parameter, its name means the parameter
    if named or (_alike(key, parameter.name) and any(same(key, flag.lstrip("-+")) for flag in parameter.off_flags)):
        return [Meant(parameter, flag=_flag_called(key, parameter))]
    for flag in parameter.flags:
        if same(key, flag.lstrip("-+")):
            return [Meant(parameter, flag=flag)]
    return [Meant(parameter, True) for flag in parameter.off_flags if same(key, flag.lstrip("-+"))][:1]


def _flag_called(key: str, parameter: Parameter) -> str | None:
    """The flag that a key is the name of, letter by letter if there is one."""
    alike = [flag for flag in parameter.flags if _alike(key, flag.lstrip("-+"))]
    return next((flag for flag in alike if _exactly(key, flag.lstrip("-+"))), alike[0] if alike else None)


def _exactly(one: str, other: str) -> bool:
    return one == other


def _alike(one: str, other: str) -> bool:
    return one.replace("-", "_") == other.replace("-", "_")
