"""YAML as OmegaConf reads it: YAML 1.1 without dates, with numbers such as 1e-3. Nothing is made of tags."""

from __future__ import annotations

import re
from typing import Any

import yaml

_FLOAT = re.compile(
    r"""^(?:
     [-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)
    |\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?
    |[-+]?[0-9]+(?:_[0-9]+)*(?::[0-5]?[0-9])+\.[0-9_]*
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)
MOST_VALUES = 100_000
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_HEADER = re.compile(r"^\s*#\s*@package\s+(\S+)\s*$")


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def load(text: str) -> Any:
    """The document in `text`. Raises ValueError, with the line, when it is none, is too large once its aliases are
    followed, or has tags that are not YAML's own."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _count(node, 0)
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"{line}{error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(" ".join(str(error).split())) from error


def _count(node: yaml.Node, before: int) -> int:
    count = before + 1
    if count > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES} values")
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            count = _count(value, _count(key, count))
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            count = _count(item, count)
    return count


def package_header(text: str) -> str | None:
    """What `# @package NAME` in the comment at the beginning says."""
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            return None
        found = _HEADER.match(line)
        if found:
            return found[1]
    return None
