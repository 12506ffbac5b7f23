import enum
import pathlib


def to_json(value):
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value) if isinstance(value, pathlib.Path) else value.__name__
