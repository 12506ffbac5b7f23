"""How Hydra composes a configuration: its defaults list, followed as hydra/_internal/defaults_list.py does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from runctl.project.parameters.frameworks.hydra.sources import Config, Entry, Sources, Unreadable
from runctl.project.parameters.frameworks.hydra.tree import Tree, merge, placed

DEEPEST = 40


class Group(NamedTuple):
    """A group of the defaults list: the key that overrides it, what is chosen ("???": nothing, and it must be), its
    path among the sources, and whether several are."""

    key: str
    option: str | list[str] | None
    path: str


class Composed(NamedTuple):
    """A composed configuration, its groups, and what could not be read."""

    tree: Tree
    groups: tuple[Group, ...]
    notes: tuple[str, ...]


class _Node(NamedTuple):
    """An entry in its place: below which group, and in which package."""

    entry: Entry
    base: str
    parent_package: str
    header: str | None = None

    @property
    def group(self) -> str:
        """The group that it belongs to."""
        path = self.entry.path
        own = path if self.entry.is_group else path.rpartition("/")[0]
        if path.startswith("/"):
            return own[1:]
        return "/".join(part for part in (self.base, own) if part)

    def config_path(self, option: str) -> str:
        """The configuration of that option; of an entry that is no group, its own."""
        return f"{self.group}/{option}" if self.group else option

    def package(self, with_header: bool = True) -> str:
        """Where its content goes."""
        package = self.entry.package
        if package is not None and "_group_" in package:
            package = "_global_." + package.replace("_group_", self.group.replace("/", "."))
        if package is None and with_header:
            package = self.header
        if package is None:
            path = self.entry.path.removeprefix("/")
            package = (path if self.entry.is_group else path.rpartition("/")[0]).replace("/", ".")
        full = ".".join(part for part in (self.parent_package, package) if part)
        return full.rpartition("_global_")[2].removeprefix(".")

    @property
    def key(self) -> str:
        """What overrides it: the group, with the package where that is not the group's own."""
        package = self.package(with_header=False)
        return self.group if package == self.group.replace("/", ".") else f"{self.group}@{package or '_global_'}"


def compose(sources: Sources, name: str, choices: Mapping[str, str | None], added: Mapping[str, str]) -> Composed:
    """The configuration `name` with the options that are chosen, by key, and those of groups that are `added`."""
    composer = _Composer(sources, choices)
    try:
        tree = composer.compose(name, added)
    except Unreadable as error:
        composer.notes.append(f"the configuration can't be read: {error}")
        tree = {}
    return Composed(tree, tuple(composer.groups.values()), tuple(composer.notes))


class _Composer:
    def __init__(self, sources: Sources, choices: Mapping[str, str | None]) -> None:
        self.sources = sources
        self.choices = dict(choices)
        self.overrides: dict[str, str | list[str] | None] = {}
        self.groups: dict[str, Group] = {}
        self.notes: list[str] = []

    def compose(self, name: str, added: Mapping[str, str]) -> Tree:
        extra = [_added(key, option) for key, option in added.items()]
        root = _Node(Entry(name), "", "")
        tree: Tree = {}
        for part in self._expanded(root, self._loaded(root, name), extra, 0):
            tree = merge(tree, part)
        hydra = tree.pop("hydra", None)
        if isinstance(hydra, dict) and "searchpath" in hydra:
            self.notes.append("the configurations of hydra.searchpath")
        return tree

    def _loaded(self, node: _Node, option: str) -> Config:
        path = option if not node.entry.is_group and not node.base else node.config_path(option)
        found = self.sources.load(path)
        if found is None:
            raise Unreadable(f"there is no {path}")
        return found

    def _expanded(self, node: _Node, config: Config, extra: list[Entry], depth: int) -> list[Tree]:
        """What a configuration and its defaults list bring, in the order in which they are merged."""
        if depth > DEEPEST:
            raise Unreadable(f"{node.entry.path} is drawn in by itself")
        node = node._replace(header=_absolute(config.package))
        package = node.package()
        entries = [*config.defaults, *extra]
        if not any(entry.path == "_self_" for entry in entries):
            entries.insert(len(config.defaults), Entry("_self_"))
        below = [_Node(entry, node.group, package) for entry in entries]
        for child in below:
            if child.entry.override:
                self.overrides.setdefault(child.key, child.entry.option)
        parts: list[list[Tree]] = []
        # the last ones first: what they override holds for those before them
        waiting: list[tuple[int, _Node]] = []
        for child in reversed(below):
            if child.entry.path == "_self_":
                parts.append([placed(config.tree, package)])
            elif child.entry.override or child.group == "hydra" or child.group.startswith("hydra/"):
                continue
            elif isinstance(child.entry.option, str) and "${" in child.entry.option:
                waiting.append((len(parts), child))
                parts.append([])
            else:
                parts.append(self._child(child, depth))
        for index, child in waiting:
            entry = child.entry._replace(option=self._resolved(str(child.entry.option)))
            parts[index] = self._child(child._replace(entry=entry), depth)
        return [tree for part in reversed(parts) for tree in part]

    def _child(self, node: _Node, depth: int) -> list[Tree]:
        entry = node.entry
        if not entry.is_group:
            return self._option(node, entry.path.rpartition("/")[2], depth)
        option = self._chosen(node)
        if not (isinstance(option, list) and node.key in self.groups):
            self.groups[node.key] = Group(node.key, option, node.group)
        if option is None or option == "???":
            return []
        if isinstance(option, str):
            return self._option(node, option, depth)
        items = [entry._replace(path=f"{entry.path}/{item}", is_group=False, option=None) for item in option]
        parts = [self._child(node._replace(entry=item), depth) for item in reversed(items)]
        return [tree for part in reversed(parts) for tree in part]

    def _option(self, node: _Node, option: str, depth: int) -> list[Tree]:
        path = node.config_path(option)
        found = self.sources.load(path)
        if found is None:
            if not node.entry.optional:
                self.notes.append(f"there is no configuration {path}")
            return []
        return self._expanded(node, found, [], depth + 1)

    def _chosen(self, node: _Node) -> str | list[str] | None:
        for key, option in self.choices.items():
            if key.replace("-", "_") == node.key.replace("-", "_") and (
                option is None or option in self.sources.options(node.group)
            ):
                return option
        return self.overrides.get(node.key, node.entry.option)

    def _resolved(self, option: str) -> str:
        """`${model}_${data}` by what is chosen of those groups."""

        def choice(found: re.Match[str]) -> str:
            group = self.groups.get(found[1])
            if group is None or not isinstance(group.option, str):
                raise Unreadable(f"the defaults list has {found[0]}")
            return group.option

        return re.sub(r"\$\{([^}]*)\}", choice, option)


def _absolute(header: str | None) -> str | None:
    if header is None or header == "_group_":
        return None
    return header if header.startswith("_global_") else f"_global_.{header}"


def _added(key: str, option: str) -> Entry:
    group, _, package = key.partition("@")
    return Entry(group, option, True, package or None)
