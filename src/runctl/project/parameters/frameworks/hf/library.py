"""What is known of the dataclasses of transformers and trl that scripts give to HfArgumentParser.

Their fields come with the installed version, which is not known before the environment has been made. What a few
versions have lets names be spelled and values be checked; it never makes a name wrong.
"""

from __future__ import annotations

from runctl.project.parameters.frameworks.hf.fields import long_flags, negated_flags
from runctl.project.parameters.frameworks.hf.table import FIELDS, VERSIONS
from runctl.project.parameters.model import VALUES, Parameter, Unread, ValueType
from runctl.project.parameters.types import ANY, FLOAT, INT, STR, boolean

LIBRARY_VERSIONS = VERSIONS
_ALONE = ("TrainingArguments", "ModelConfig", "ScriptArguments")
_BOOL = boolean("true", "false")
_TYPES: dict[str, ValueType] = {
    "any": ANY,
    "bool": _BOOL,
    "negatable": _BOOL,
    "float": FLOAT,
    "int": INT,
    "str": STR,
    "strs": STR,
    "ints": INT,
    "floats": FLOAT,
}


def library_options(name: str) -> list[Parameter]:
    """The options of a library's dataclass by its name (`TrainingArguments`), as far as they are known."""
    if name not in FIELDS:
        return []
    names = [name] if name in _ALONE else ["TrainingArguments", name]
    found = {
        field: _option(field, kind) for one in names for kind, fields in FIELDS[one].items() for field in fields.split()
    }
    return list(found.values())


def _option(name: str, kind: str) -> Parameter:
    made = Parameter(name, _TYPES[kind], long_flags(name), default=Unread(), maybe=True)
    if kind in ("bool", "negatable"):
        return made._replace(at_least=0, off_flags=negated_flags(name) if kind == "negatable" else ())
    return made._replace(takes=VALUES, at_most=None) if kind.endswith("s") else made
