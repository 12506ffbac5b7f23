"""Configurations as OmegaConf holds them: nested mappings of leaves, some of which have a type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from runctl.project.parameters.following.hint_classes import kind_of_class
from runctl.project.parameters.following.hints import Hint
from runctl.project.parameters.following.values import NOTHING, Class, Foreign, Instance, Member, Unknown
from runctl.project.parameters.frameworks.dataclass_fields import fields_of

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

MOST_LEAVES = 20_000


class Leaf(NamedTuple):
    """A value: NOTHING is `???`, which must be given; Unknown what can't be known. `hint` is its type, if any."""

    value: Any
    hint: Hint | None = None


Tree = dict[str, Union["Tree", Leaf]]


def tree_of(content: Any) -> Tree:
    """A mapping from a YAML file."""
    return {str(key): _node(value) for key, value in content.items()} if isinstance(content, dict) else {}


def _node(value: Any) -> Tree | Leaf:
    if isinstance(value, dict) and value:
        return tree_of(value)
    return Leaf(NOTHING if value == "???" else value)


def tree_of_dataclass(interpreter: Interpreter, given: Class | Instance) -> Tree:
    """A structured config: a dataclass, or an object of one."""
    kind, values = (given.kind, given) if isinstance(given, Instance) else (given, None)
    return {
        field.name: _field(interpreter, field.default, field.hint)
        for field in fields_of(interpreter, kind, values)
        if field.name != "defaults"
    }


def _field(interpreter: Interpreter, value: Any, hint: Hint) -> Tree | Leaf:
    if value is NOTHING or value == "???" or value == Foreign("omegaconf.MISSING"):
        return Leaf(NOTHING, hint)
    if isinstance(value, Instance) or (isinstance(value, Class) and kind_of_class(value) != "enum"):
        return tree_of_dataclass(interpreter, value)
    if isinstance(value, Member):
        return Leaf(value.name, hint)
    if isinstance(value, dict) and value:
        item = hint.items[1] if len(hint.items) == 2 else Hint("any")
        return {str(key): _field(interpreter, inner, item) for key, inner in value.items()}
    return Leaf(Unknown() if isinstance(value, Foreign) else value, hint)


def merge(base: Tree, other: Tree) -> Tree:
    """`other` over `base`: a type once declared stays, `???` replaces nothing."""
    merged = dict(base)
    for key, value in other.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = merge(old, value)
        elif isinstance(value, Leaf) and value.value is NOTHING and old is not None:
            continue
        elif isinstance(value, Leaf) and isinstance(old, Leaf):
            merged[key] = Leaf(value.value, old.hint or value.hint)
        else:
            merged[key] = value
    return merged


def placed(tree: Tree, package: str) -> Tree:
    """`tree` below the dotted name `package`."""
    for part in reversed(package.split(".") if package else []):
        tree = {part: tree}
    return tree


def leaves(tree: Tree, prefix: str = "") -> Iterator[tuple[str, Leaf]]:
    """The dotted names of all leaves."""
    for key, node in tree.items():
        if isinstance(node, Leaf):
            yield prefix + key, node
        elif node:
            yield from leaves(node, f"{prefix}{key}.")
