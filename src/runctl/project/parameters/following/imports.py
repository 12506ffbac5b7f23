"""What `import` binds: modules of the project, followed when one of their names is used, and names of libraries."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.modules import Module, Scope
from runctl.project.parameters.following.values import Foreign

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter


class PutOff(NamedTuple):
    """`from module import name`, not looked at before the name is used."""

    module: Module
    name: str


class Package(NamedTuple):
    """A folder of the project that is imported without being a module: only its modules are of interest."""

    name: str


def bind_import(interpreter: Interpreter, node: ast.Import, scope: Scope) -> None:
    """`import a.b`, `import a.b as c`."""
    for alias in node.names:
        found = module_named(interpreter, alias.name)
        if alias.asname:
            scope.names[alias.asname] = found
        else:
            top = alias.name.partition(".")[0]
            scope.names[top] = module_named(interpreter, top)


def bind_import_from(interpreter: Interpreter, node: ast.ImportFrom, scope: Scope) -> None:
    """`from a.b import c`, relative ones and stars included."""
    base = _absolute(node, scope.module)
    module = interpreter.modules.find(base)
    if module is None and not interpreter.modules.has_folder(base):
        interpreter.load_framework(base)
    for alias in node.names:
        if alias.name == "*":
            _bind_star(interpreter, base, module, scope)
            continue
        target = alias.asname or alias.name
        below = interpreter.modules.find(f"{base}.{alias.name}" if base else alias.name)
        if module is None:
            scope.names[target] = _project_module(interpreter, below) if below else Foreign(f"{base}.{alias.name}")
        else:
            _import(interpreter, module)
            if below and alias.name not in module.scope.names:
                _import(interpreter, below)
            scope.names[target] = PutOff(module, alias.name)


def module_named(interpreter: Interpreter, name: str) -> Any:
    """A module by its full name: the project's, followed later, or a library's."""
    module = interpreter.modules.find(name)
    if module is not None:
        return _project_module(interpreter, module)
    if interpreter.modules.has_folder(name) and "." not in name:
        return Package(name)
    interpreter.load_framework(name)
    return Foreign(name)


def resolve(interpreter: Interpreter, value: Any) -> Any:
    """What a name that was put off stands for."""
    while isinstance(value, PutOff):
        value = member(interpreter, value.module, value.name)
    return value


def member(interpreter: Interpreter, module: Module, name: str) -> Any:
    """`module.name`: a name in it, or a module below it."""
    interpreter.evaluate_module(module)
    names = module.scope.names
    if name in names:
        found = names[name]
        return found if found != PutOff(module, name) else _below(interpreter, module, name)
    return _below(interpreter, module, name)


def _below(interpreter: Interpreter, module: Module, name: str) -> Any:
    below = interpreter.modules.find(f"{module.name}.{name}")
    if below is not None:
        return _project_module(interpreter, below)
    return Foreign(f"{module.name}.{name}")


def _project_module(interpreter: Interpreter, module: Module) -> Module:
    _import(interpreter, module)
    return module


def _import(interpreter: Interpreter, module: Module) -> None:
    """Imports a module as Python does: the packages that it is in first."""
    parts = module.name.split(".")
    for length in range(1, len(parts)):
        package = interpreter.modules.find(".".join(parts[:length]))
        if package is not None:
            interpreter.import_module(package)
    interpreter.import_module(module)


def _bind_star(interpreter: Interpreter, base: str, module: Module | None, scope: Scope) -> None:
    if module is None:
        scope.module.foreign_stars.append(base)
        return
    interpreter.evaluate_module(module)
    names = module.scope.names
    wanted = names.get("__all__")
    public = wanted if isinstance(wanted, list) else [name for name in names if not name.startswith("_")]
    for name in public:
        if isinstance(name, str) and name in names:
            scope.names[name] = names[name]
    scope.module.foreign_stars.extend(module.foreign_stars)


def _absolute(node: ast.ImportFrom, module: Module) -> str:
    if not node.level:
        return node.module or ""
    package = module.package.split(".") if module.package else []
    kept = package[: len(package) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])
