"""ml_collections: `config_flags.DEFINE_config_file('config', 'configs/default.py')` and what is below `--config.`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following.modules import read_module
from runctl.project.parameters.following.values import Arguments, Foreign, Function, Method, Modelled, Unknown
from runctl.project.parameters.frameworks.absl import types as absl_types
from runctl.project.parameters.frameworks.absl.defined import defined_in
from runctl.project.parameters.frameworks.dataclass_fields import as_default
from runctl.project.parameters.model import Parameter, ValueType
from runctl.project.parameters.types import ANY, STR

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

DEEPEST = 20
_PLACEHOLDERS = {"builtins.int": 0, "builtins.float": 0.0, "builtins.str": "", "builtins.bool": False}


class ConfigDict(Modelled):
    """A ConfigDict: its values, of which those that are dicts are ConfigDicts too."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = {key: ConfigDict(value) if isinstance(value, dict) else value for key, value in values.items()}

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        return Method(self._update) if name == "update" else Unknown()

    def set_attribute(self, name: str, value: Any) -> None:
        self.values[name] = ConfigDict(value) if isinstance(value, dict) else value

    def leaves(self, prefix: str, depth: int = DEEPEST) -> Iterator[tuple[str, Any]]:
        """The dotted names of all values."""
        for key, value in self.values.items():
            if isinstance(value, ConfigDict) and depth:
                yield from value.leaves(f"{prefix}{key}.", depth - 1)
            else:
                yield prefix + key, value

    def _update(self, interpreter: Interpreter, arguments: Arguments) -> None:
        for given in (*arguments.positional, arguments.keywords):
            for key, value in given.items() if isinstance(given, dict) else ():
                if isinstance(key, str):
                    self.set_attribute(key, value)


class _Placeholder(Modelled):
    """`placeholder(int)`: a value of that type that is not given yet."""

    def __init__(self, example: Any) -> None:
        self.example = example


def _make(interpreter: Interpreter, arguments: Arguments) -> Any:
    given = arguments.get(0, "initial_dictionary", {})
    values = {key: value for key, value in given.items() if isinstance(key, str)} if isinstance(given, dict) else {}
    return ConfigDict(values)


def _placeholder(interpreter: Interpreter, arguments: Arguments) -> Any:
    kind = arguments.get(0, "field_type")
    return _Placeholder(_PLACEHOLDERS.get(kind.name) if isinstance(kind, Foreign) else None)


def _define_file(interpreter: Interpreter, arguments: Arguments) -> Any:
    name, default = arguments.get(0, "name"), arguments.get(1, "default")
    defined = defined_in(interpreter)
    if not isinstance(name, str):
        defined.notes.append("a flag whose name is not known here")
        return Unknown()
    defined.add(
        interpreter, Parameter(name, STR, (f"--{name}",), default=as_default(default), help="the configuration's file")
    )
    defined.notes.append(f"what else --{name}. takes is in a configuration's code")
    path = _given_path(interpreter, name) or default
    config = _load(interpreter, path) if isinstance(path, str) else None
    _define_below(interpreter, name, config)
    return Unknown()


def _define_dict(interpreter: Interpreter, arguments: Arguments) -> Any:
    name, config = arguments.get(0, "name"), arguments.get(1, "config")
    if isinstance(name, str):
        defined_in(interpreter).notes.append(f"what else --{name}. takes is in a configuration's code")
        _define_below(interpreter, name, config)
    return Unknown()


def _define_below(interpreter: Interpreter, name: str, config: Any) -> None:
    for key, value in config.leaves(f"{name}.") if isinstance(config, ConfigDict) else ():
        example = value.example if isinstance(value, _Placeholder) else value
        default = None if isinstance(value, _Placeholder) else as_default(value)
        defined_in(interpreter).add(interpreter, Parameter(key, _type_of(example), (f"--{key}",), default=default))


def _type_of(value: Any) -> ValueType:
    """How config_flags reads a value: by the type of the one that it replaces."""
    if isinstance(value, bool):
        return absl_types.BOOL
    if isinstance(value, int):
        return absl_types.integer(None, None)
    if isinstance(value, float):
        return absl_types.number(None, None)
    return STR if isinstance(value, str) else ANY


def _given_path(interpreter: Interpreter, name: str) -> str | None:
    args = list(interpreter.args)
    for index, word in enumerate(args):
        flag, equals, value = word.lstrip("-").partition("=")
        if flag == name and word.startswith("-"):
            return value if equals else "".join(args[index + 1 : index + 2])
    return None


def _load(interpreter: Interpreter, path: str) -> Any:
    """What `get_config` gives, of the file `path`; `path:text` gives it that text."""
    path, colon, text = path.partition(":")
    for folder in dict.fromkeys([Path.cwd(), interpreter.script.parent, interpreter.root]):
        module = read_module("config", folder / path) if (folder / path).is_file() else None
        if module is not None:
            interpreter.evaluate_module(module)
            make = module.scope.names.get("get_config")
            if isinstance(make, Function):
                return interpreter.call(make, Arguments((text,) if colon else ()))
    return None


_MODULES = ("ml_collections", "ml_collections.config_dict", "ml_collections.config_dict.config_dict")
_FLAGS = ("ml_collections.config_flags", "ml_collections.config_flags.config_flags")
FOREIGN: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    **{f"{module}.ConfigDict": _make for module in _MODULES},
    **{f"{module}.placeholder": _placeholder for module in _MODULES},
    **{f"{module}.DEFINE_config_file": _define_file for module in _FLAGS},
    **{f"{module}.DEFINE_config_dict": _define_dict for module in _FLAGS},
}
