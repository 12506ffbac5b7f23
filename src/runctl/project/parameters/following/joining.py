"""One of several values, it is not known which."""

from __future__ import annotations

from typing import Any

from runctl.project.parameters.following.values import Class, Function, Instance, Modelled, Unknown, known


def either(one: Any, other: Any) -> Any:
    """One of two values, it is not known which."""
    if one is other:
        return one
    if known(one) and known(other):
        return one if type(one) is type(other) and one == other else Unknown()
    for value, counterpart in ((one, other), (other, one)):
        if isinstance(value, (Modelled, Instance, Function, Class)) and (
            counterpart is None or isinstance(counterpart, Unknown)
        ):
            return value
    return Unknown()


def merged(all_names: list[dict[str, Any]]) -> dict[str, Any]:
    """The names after one of several ways was taken."""
    merged = dict(all_names[0])
    for names in all_names[1:]:
        for name, value in names.items():
            merged[name] = either(merged[name], value) if name in merged else value
    return merged
