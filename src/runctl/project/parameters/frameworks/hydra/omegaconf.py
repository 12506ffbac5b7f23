"""OmegaConf without Hydra: a configuration from code and files, over which `OmegaConf.from_cli()` is merged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following.values import Arguments, Class, Instance, Modelled, known
from runctl.project.parameters.frameworks.hydra.tree import Tree, merge, tree_of, tree_of_dataclass
from runctl.project.parameters.frameworks.hydra.yaml import load
from runctl.project.parameters.model import Command, Interface, OwnSyntax

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

_SYNTAX = OwnSyntax(overrides=True, null="null")


class Conf(Modelled):
    """A configuration. `closed`: it takes no further keys. `whole`: all of its keys are known. `typed`: it comes from
    the command line."""

    def __init__(self, tree: Tree, closed: bool = False, whole: bool = True, typed: bool = False) -> None:
        self.tree = tree
        self.closed = closed
        self.whole = whole
        self.typed = typed

    def passed_to_library(self) -> None:
        self.whole = False


def _structured(interpreter: Interpreter, arguments: Arguments) -> Any:
    given = arguments.get(0, "obj")
    if isinstance(given, (Class, Instance)):
        return Conf(tree_of_dataclass(interpreter, given), closed=True)
    return Conf({}, whole=False)


def _create(interpreter: Interpreter, arguments: Arguments) -> Any:
    given = arguments.get(0, "obj", {})
    if isinstance(given, (Class, Instance)):
        return _structured(interpreter, arguments)
    if isinstance(given, str):
        return _of_text(given)
    whole = isinstance(given, dict) and known(given) and not interpreter.doubtful(given)
    return Conf(tree_of(given) if whole else {}, whole=whole)


def _load(interpreter: Interpreter, arguments: Arguments) -> Any:
    name = arguments.get(0, "file_")
    if isinstance(name, str):
        for folder in dict.fromkeys([Path.cwd(), interpreter.script.parent, interpreter.root]):
            try:
                return _of_text((folder / name).read_text("utf-8"))
            except (OSError, ValueError):
                continue
    return Conf({}, whole=False)


def _of_text(text: str) -> Conf:
    try:
        content = load(text)
    except ValueError:
        return Conf({}, whole=False)
    return Conf(tree_of(content), whole=content is None or isinstance(content, dict))


def _from_cli(interpreter: Interpreter, arguments: Arguments) -> Any:
    words = arguments.get(0, "args_list")
    if isinstance(words, list):
        return Conf({}, whole=False)  # a list that is written in the script: not what its user says
    if words is None:
        note = "any key=value is taken from the command line"
        interpreter.found(Interface("omegaconf", Command(complete=False), (note,), _SYNTAX), final=False)
    return Conf({}, typed=words is None)


def _merge(interpreter: Interpreter, arguments: Arguments) -> Any:
    confs = [value if isinstance(value, Conf) else _as_conf(interpreter, value) for value in arguments.positional]
    merged = Conf({})
    for conf in confs:
        if conf.typed:
            _found(interpreter, merged)
        merged = Conf(merge(merged.tree, conf.tree), merged.closed or conf.closed, merged.whole and conf.whole)
    merged.whole = merged.whole and arguments.exact
    return merged


def _as_conf(interpreter: Interpreter, value: Any) -> Conf:
    made = _create(interpreter, Arguments((value,)))
    return made if isinstance(made, Conf) else Conf({}, whole=False)


def _found(interpreter: Interpreter, base: Conf) -> None:
    from runctl.project.parameters.frameworks.hydra.config import of_tree
    from runctl.project.parameters.frameworks.hydra.values import YAML

    notes = []
    if not base.whole:
        notes.append("a part of the configuration can't be known without running the script")
    if not base.closed:
        notes.append("keys that the configuration does not have are added to it")
    command = Command(parameters=tuple(of_tree(base.tree, YAML)), complete=not notes)
    interpreter.interfaces.clear()
    interpreter.found(Interface("omegaconf", command, tuple(notes), _SYNTAX), final=not interpreter.uncertain)


def _set_struct(interpreter: Interpreter, arguments: Arguments) -> Any:
    conf = arguments.get(0, "conf")
    if isinstance(conf, Conf):
        conf.closed = arguments.get(1, "value") is True and not interpreter.uncertain


FOREIGN: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    f"{owner}.{name}": function
    for owner in ("omegaconf.OmegaConf", "omegaconf.omegaconf.OmegaConf")
    for name, function in {
        "structured": _structured,
        "create": _create,
        "load": _load,
        "merge": _merge,
        "unsafe_merge": _merge,
        "from_cli": _from_cli,
        "set_struct": _set_struct,
    }.items()
}
