"""Where Hydra's configurations come from: the folder of YAML files, and the ConfigStore."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from runctl.project.parameters.following.values import Class, Instance, known
from runctl.project.parameters.frameworks.dataclass_fields import attribute_of, fields_of
from runctl.project.parameters.frameworks.hydra.tree import Tree, tree_of, tree_of_dataclass
from runctl.project.parameters.frameworks.hydra.yaml import load, package_header

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

LARGEST_BYTES = 1_000_000
_DEFAULT = re.compile(
    r"^(?:(?P<optional>optional)\s+)?(?:(?P<override>override)\s+)?(?P<path>[^@]+?)(?:@(?P<package>.*))?$"
)


class Entry(NamedTuple):
    """One item of a defaults list. `option` is the chosen one of a group, a list of several, or None; `is_group` is
    false for `- base`, a configuration that is drawn in by its path."""

    path: str
    option: str | list[str] | None = None
    is_group: bool = False
    package: str | None = None
    optional: bool = False
    override: bool = False


class Config(NamedTuple):
    """One configuration: its content, its defaults list, and the package that its header names."""

    tree: Tree
    defaults: tuple[Entry, ...]
    package: str | None = None


class Unreadable(Exception):
    """A configuration is there that can't be read here; the message says which, and why."""


class Store:
    """The ConfigStore: what the project's modules have put there, by path."""

    def __init__(self) -> None:
        self.nodes: dict[str, tuple[Any, str | None]] = {}
        self.notes: list[str] = []


_STORES: WeakKeyDictionary[Interpreter, Store] = WeakKeyDictionary()


def store_of(interpreter: Interpreter) -> Store:
    """The ConfigStore of the script that is followed."""
    return _STORES.setdefault(interpreter, Store())


class Sources:
    """The folders and the store, searched in this order."""

    def __init__(self, interpreter: Interpreter, folders: list[Path]) -> None:
        self.interpreter = interpreter
        self.folders = folders
        self.store = store_of(interpreter)
        self._loaded: dict[str, Config | None] = {}

    def load(self, path: str) -> Config | None:
        """The configuration `group/name`; None when there is none. Raises Unreadable."""
        path = path.removesuffix(".yaml").removesuffix(".yml")
        if path not in self._loaded:
            self._loaded[path] = self._load(path)
        return self._loaded[path]

    def options(self, group: str) -> list[str]:
        """The configurations that can be chosen of a group, those of groups in it too (`sub/name`), sorted."""
        found = set()
        for folder in self.folders:
            below = folder.joinpath(*group.split("/"))
            found |= {file.relative_to(below).with_suffix("").as_posix() for file in below.rglob("*.yaml")}
        prefix = f"{group}/"
        found |= {path.removeprefix(prefix) for path in self.store.nodes if path.startswith(prefix)}
        return sorted(found)

    def _load(self, path: str) -> Config | None:
        for folder in self.folders:
            file = folder.joinpath(*f"{path}.yaml".split("/"))
            if file.is_file():
                return self._from_file(file)
        if path not in self.store.nodes:
            return None
        node, package = self.store.nodes[path]
        if isinstance(node, dict) and known(node):
            return _config(node, package, path)
        if isinstance(node, Class) or (isinstance(node, Instance) and node.kind is not None):
            defaults = self._defaults_of(node)
            return Config(tree_of_dataclass(self.interpreter, node), _entries(defaults, path), package)
        raise Unreadable(f"{path} in the ConfigStore")

    def _from_file(self, file: Path) -> Config:
        try:
            if file.stat().st_size > LARGEST_BYTES:
                raise ValueError("too large")
            text = file.read_text("utf-8")
            content = load(text)
        except (OSError, ValueError) as error:
            raise Unreadable(f"{file.name}: {error}") from error
        if content is not None and not isinstance(content, dict):
            raise Unreadable(f"{file.name}: not a mapping")
        return _config(content or {}, package_header(text), file.name)

    def _defaults_of(self, node: Class | Instance) -> Any:
        kind = node.kind if isinstance(node, Instance) else node
        if isinstance(node, Instance):
            found = attribute_of(self.interpreter, node, "defaults")
            return found if isinstance(found, list) else []
        fields = [field for field in fields_of(self.interpreter, kind) if field.name == "defaults"]
        return fields[0].default if fields else []


def _config(content: dict[Any, Any], package: str | None, where: str) -> Config:
    return Config(
        tree_of({key: value for key, value in content.items() if key != "defaults"}),
        _entries(content.get("defaults") or [], where),
        package,
    )


def _entries(defaults: Any, where: str) -> tuple[Entry, ...]:
    if not isinstance(defaults, list):
        raise Unreadable(f"{where}: its defaults list")
    return tuple(_entry(item, where) for item in defaults)


def _entry(item: Any, where: str) -> Entry:
    if isinstance(item, str):
        path, option, is_group = item, None, False
    elif isinstance(item, dict) and len(item) == 1:
        [(path, option)] = item.items()
        is_group = True
    else:
        raise Unreadable(f"{where}: its defaults list")
    found = _DEFAULT.match(str(path))
    names = option if isinstance(option, list) else [option]
    if not found or not all(name is None or isinstance(name, str) for name in names):
        raise Unreadable(f"{where}: its defaults list")
    package = "" if found["package"] == "_here_" else found["package"]
    return Entry(found["path"], option, is_group, package, bool(found["optional"]), bool(found["override"]))
