"""Hydra: `@hydra.main` composes a configuration from files and the ConfigStore, and takes overrides, `lr=0.1`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.values import NOTHING, Arguments, Function, Method, Modelled, Unknown
from runctl.project.parameters.frameworks.dataclass_fields import as_default
from runctl.project.parameters.frameworks.hydra import omegaconf as hydra_omegaconf
from runctl.project.parameters.frameworks.hydra.compose import Composed, Group, compose
from runctl.project.parameters.frameworks.hydra.sources import Sources, store_of
from runctl.project.parameters.frameworks.hydra.tree import MOST_LEAVES, Leaf, Tree, leaves
from runctl.project.parameters.frameworks.hydra.values import HYDRA, Dialect, type_of
from runctl.project.parameters.model import OVERRIDE, Command, Interface, OwnSyntax, Parameter, Unread, ValueType

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

_SEGMENT = r"[A-Za-z_$][A-Za-z0-9_$-]*"
_KEY = re.compile(rf"{_SEGMENT}(\.({_SEGMENT}|0|[1-9][0-9]*))*")
# what Hydra itself can be told: hydra.run.dir=…, hydra/launcher=…
_HYDRAS_OWN = ("hydra.", "hydra/")
_CONFIG_NAME = ("--config-name", "-cn")
_CONFIG_PATH = ("--config-path", "-cp")
_CONFIG_DIR = ("--config-dir", "-cd")
# https://hydra.cc/docs/advanced/hydra-command-line-flags/: those that a word follows
_OTHERS = ("--cfg", "-c", "--package", "-p", "--info", "-i")
_SYNTAX = OwnSyntax(
    overrides=True, own_flags=frozenset([*_CONFIG_NAME, *_CONFIG_PATH, *_CONFIG_DIR, *_OTHERS]), null="null"
)


class _Words(NamedTuple):
    """What the script's own arguments say: which configuration, and which options of groups."""

    name: str | None
    path: str | None
    folder: str | None
    choices: dict[str, str | None]
    added: dict[str, str]


class _Task(Modelled):
    """What `@hydra.main(…)` makes of a function: called without arguments, it parses the command line."""

    def __init__(self, function: Function, arguments: Arguments) -> None:
        self.function = function
        self.arguments = arguments

    def call(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        if arguments.positional:
            return interpreter.call(self.function, arguments)
        words = _read_words(interpreter.args)
        folders = self._folders(interpreter, words)
        name = words.name or self.arguments.get(2, "config_name")
        if folders is None or not (name is None or isinstance(name, str)):
            _not_known(interpreter, "which configuration it reads")
            return None
        sources = Sources(interpreter, folders)
        choices = {**_given(interpreter), **words.choices}
        composed = compose(sources, name, choices, words.added) if name else Composed({}, (), ())
        notes = [*composed.notes, *sources.store.notes]
        parameters = [*_groups(composed.groups, sources), *of_tree(composed.tree, HYDRA, composed.groups)]
        command = Command(parameters=tuple(parameters), complete=not notes, open_prefixes=_HYDRAS_OWN)
        interpreter.found(Interface("hydra", command, tuple(notes), _SYNTAX), final=not interpreter.uncertain)
        return None

    def _folders(self, interpreter: Interpreter, words: _Words) -> list[Path] | None:
        """Where the configuration's files are; None when that can't be known."""
        version, path = self.arguments.keywords.get("version_base", ""), self.arguments.get(0, "config_path", NOTHING)
        if path is NOTHING:
            path = "." if isinstance(version, str) and version < "1.2" else None
        path = words.path or path
        if not (path is None or isinstance(path, str)) or str(path).startswith("pkg://"):
            return None
        folders = [] if path is None else [self.function.scope.module.path.parent / path]
        return [*folders, *([Path.cwd() / words.folder] if words.folder else [])]


def of_tree(tree: Tree, dialect: Dialect, groups: Sequence[Group] = ()) -> list[Parameter]:
    """A parameter for each leaf of a configuration that is not one of its groups."""
    taken = {group.key for group in groups}
    found: list[Parameter] = []
    for name, leaf in leaves(tree):
        if len(found) < MOST_LEAVES and name not in taken and _KEY.fullmatch(name):
            found.append(_parameter(name, leaf, dialect))
    return found


def _parameter(name: str, leaf: Leaf, dialect: Dialect) -> Parameter:
    value = leaf.value
    if isinstance(value, str) and "${" in value:
        kind, default = type_of(dialect, leaf.hint, None), Unread(value)
    else:
        kind, default = type_of(dialect, leaf.hint, value), as_default(value)
    choices = leaf.hint.names if leaf.hint is not None and leaf.hint.kind == "enum" else None
    if choices and kind.none:
        choices = (*choices, kind.none)
    return Parameter(name, kind, (name,), takes=OVERRIDE, default=default, choices=choices, required=value is NOTHING)


def _groups(groups: Sequence[Group], sources: Sources) -> list[Parameter]:
    return [_group(group, sources.options(group.path)) for group in groups]


def _group(group: Group, options: list[str]) -> Parameter:
    def spell(text: str) -> str:
        return HYDRA.quoted(text)

    return Parameter(
        group.key,
        ValueType("group", spell, "null"),
        (group.key,),
        takes=OVERRIDE,
        default=None if group.option == "???" else group.option,
        choices=tuple(options),
        required=group.option == "???",
        maybe=isinstance(group.option, list),
    )


def _given(interpreter: Interpreter) -> dict[str, str | None]:
    """What the hyperparameters choose, should they be groups."""
    return {key: value.text for key, value in interpreter.given.items()}


def _read_words(args: Sequence[str]) -> _Words:
    named: dict[str, str] = {}
    choices: dict[str, str | None] = {}
    added: dict[str, str] = {}
    words = list(args)
    while words:
        word = words.pop(0)
        flag, equals, value = word.partition("=")
        if flag in (*_CONFIG_NAME, *_CONFIG_PATH, *_CONFIG_DIR):
            named[flag] = value if equals else words.pop(0) if words else ""
        elif flag.startswith("~"):
            choices[flag[1:]] = None
        elif flag.startswith("+") and equals:
            added[flag.lstrip("+")] = value
        elif equals:
            choices[flag] = None if value == "null" else value.strip("'\"")

    def last(flags: tuple[str, ...]) -> str | None:
        return next((value for flag, value in reversed(named.items()) if flag in flags), None)

    return _Words(last(_CONFIG_NAME), last(_CONFIG_PATH), last(_CONFIG_DIR), choices, added)


def _not_known(interpreter: Interpreter, what: str) -> None:
    interpreter.found(Interface("hydra", Command(complete=False), (f"{what} can't be known",), _SYNTAX))


def _main(interpreter: Interpreter, arguments: Arguments) -> Any:
    def decorate(interpreter: Interpreter, given: Arguments) -> Any:
        function = given.get(0, "task_function")
        return _Task(function, arguments) if isinstance(function, Function) else Unknown()

    return Method(decorate)


class _StoreModel(Modelled):
    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        return Method(_store) if name == "store" else Unknown()


def _store(interpreter: Interpreter, arguments: Arguments) -> Any:
    store = store_of(interpreter)
    name, node = arguments.get(0, "name"), arguments.get(1, "node")
    group, package = arguments.get(2, "group"), arguments.get(3, "package")
    if not isinstance(name, str) or not (group is None or isinstance(group, str)):
        store.notes.append("something in the ConfigStore whose name can't be known")
        return
    path = f"{group}/{name}" if group else name
    store.nodes[path.removesuffix(".yaml")] = (node, package if isinstance(package, str) else None)


FOREIGN: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "hydra.main": _main,
    "hydra.main.main": _main,
    "hydra.core.config_store.ConfigStore.instance": lambda interpreter, arguments: _StoreModel(),
    "hydra.core.config_store.ConfigStore": lambda interpreter, arguments: _StoreModel(),
    **hydra_omegaconf.FOREIGN,
}
