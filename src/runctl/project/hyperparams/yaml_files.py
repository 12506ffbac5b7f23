"""YAML whose scalars keep their text: only true, false and null of YAML 1.2 mean something else than they say.

Nothing is ever constructed from a tag: the syntax tree is read, and of tags only those of the core schema are known.
"""

from __future__ import annotations

import re
from typing import Any

from yaml import MarkedYAMLError, YAMLError
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from runctl.project.hyperparams.files import FormatError, Number

PREFIX = "tag:yaml.org,2002:"
CORE = {"str", "int", "float", "bool", "null", "seq", "map", "timestamp"}
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
MOST_VALUES = 100_000


class _Tree(Reader, Scanner, Parser, Composer, BaseResolver):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)


_Tree.add_implicit_resolver(PREFIX + "bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Tree.add_implicit_resolver(PREFIX + "null", re.compile("^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])


def parse_yaml(text: str) -> Any:
    """The document in `text`: dict, list, text (Number for a plain scalar that is one), True, False or None.

    An empty document is an empty dict. Raises FormatError, with the line; RecursionError when nested too deeply.
    """
    try:
        node = _Tree(text).get_single_node()
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FormatError(f"invalid YAML: {error.problem}", line) from error
    except YAMLError as error:
        raise FormatError(f"invalid YAML: {error}") from error
    return {} if node is None else _Reading().value(node)


class _Reading:
    """One walk over a tree. Aliases make a small file a large tree, so the values are counted."""

    def __init__(self) -> None:
        self.count = 0

    def value(self, node: Node) -> Any:
        self.count += 1
        if self.count > MOST_VALUES:
            raise FormatError(f"more than {MOST_VALUES} values", _line(node))
        if node.tag.removeprefix(PREFIX) not in CORE:
            raise FormatError(f"the tag {node.tag} is not known here", _line(node))
        if isinstance(node, ScalarNode):
            return _scalar(node)
        if isinstance(node, MappingNode):
            return self._mapping(node)
        return [self.value(item) for item in node.value]

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise FormatError("a key that is not text", _line(key))
            if key.value == "<<" and key.style is None:
                merged = {**self._merged(value), **merged}
            elif key.value in found:
                raise FormatError(f'"{key.value}" is there twice', _line(key))
            else:
                found[key.value] = self.value(value)
        return {**merged, **found}

    def _merged(self, node: Node) -> dict[str, Any]:
        """What `<<: *defaults` brings; of several mappings the first wins. https://yaml.org/type/merge.html"""
        content = self.value(node)
        mappings = content if isinstance(content, list) else [content]
        if not all(isinstance(mapping, dict) for mapping in mappings):
            raise FormatError("<< takes a mapping, or a list of them", _line(node))
        return {key: value for mapping in reversed(mappings) for key, value in mapping.items()}


def _scalar(node: ScalarNode) -> str | bool | None:
    if node.tag == PREFIX + "null":
        return None
    if node.tag == PREFIX + "bool" and node.value.lower() in ("true", "false"):
        return bool(node.value.lower() == "true")
    return Number(node.value) if node.style is None and NUMBER.fullmatch(node.value) else str(node.value)


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
