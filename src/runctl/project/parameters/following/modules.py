"""The modules of a project, found as Python would find them, and read as syntax."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path
from typing import Any

LARGEST_BYTES = 5_000_000


class Scope:
    """Names, and where to look for those that are not here: in a function's closure, then in its module."""

    def __init__(self, module: Module, parent: Scope | None = None) -> None:
        self.module = module
        self.parent = parent
        self.names: dict[str, Any] = {}
        self.of_module: set[str] = set()  # declared `global`
        self.of_parent: set[str] = set()  # declared `nonlocal`


class Module:
    """A file of the project. `evaluated` once its statements have been followed (or are being)."""

    def __init__(self, name: str, path: Path, tree: ast.Module, source: str) -> None:
        self.name = name
        self.path = path
        self.tree = tree
        self.source = source
        self.scope = Scope(self)
        self.scope.names.update(__name__=name, __file__=str(path), __doc__=ast.get_docstring(tree))
        self.foreign_stars: list[str] = []
        self.evaluated = False

    @property
    def package(self) -> str:
        """What a relative import of one dot is relative to."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


class Modules:
    """Finds and reads the modules that a script can import from its project."""

    def __init__(self, script: Path, root: Path) -> None:
        # `python train.py` puts the script's folder first; the others are where a project has its packages
        above = script.parent
        while (above / "__init__.py").is_file() and above != above.parent:
            above = above.parent
        self._folders = list(dict.fromkeys([script.parent, above, root, root / "src"]))
        self._found: dict[str, Module | None] = {}

    def find(self, name: str) -> Module | None:
        """The project's module of that full name; None when it is a library's, or can't be read."""
        if name not in self._found:
            path = self._locate(name.split("."))
            self._found[name] = read_module(name, path) if path else None
        return self._found[name]

    def evaluated(self) -> list[Module]:
        """The modules found so far whose statements were followed."""
        return [module for module in self._found.values() if module is not None and module.evaluated]

    def has_folder(self, name: str) -> bool:
        """Whether there is a package of that name without an __init__.py."""
        return any(folder.joinpath(*name.split(".")).is_dir() for folder in self._folders)

    def _locate(self, parts: list[str]) -> Path | None:
        if not all(part.isidentifier() for part in parts):
            return None
        for folder in self._folders:
            base = folder.joinpath(*parts)
            for path in (base / "__init__.py", base.with_name(base.name + ".py")):
                if path.is_file():
                    return path
        return None


def read_module(name: str, path: Path) -> Module | None:
    """The file as a module; None when it can't be read or compiled."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            return None
        data = path.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return Module(name, path, tree, data.decode("utf-8", "replace"))
