"""tyro's own word for what a script's command line has."""

from __future__ import annotations

from typing import Any

from tyro import _arguments, _singleton, _strings
from tyro._backends import _tyro_backend

from truth import Parsed, Run


def flags(run: Run) -> dict[str, dict[str, Any]]:
    """The arguments of the command line, and of all sub-commands in every order that tyro takes them in."""
    found: dict[str, dict[str, Any]] = {}

    def watch(backend: Any, parser_spec: Any, **kwargs: Any) -> Any:
        _collect(found, parser_spec, {}, [])
        raise Parsed

    _tyro_backend.TyroBackend.parse_args = watch
    try:
        run([])
    except Parsed:
        pass
    return found


def _collect(found: dict[str, dict[str, Any]], spec: Any, waiting: dict[str, Any], command: list[str]) -> None:
    """`waiting` are the groups of sub-commands of which none was chosen yet: tyro's `subparser_frontier`."""
    arguments = [one.arg for one in spec.get_args_including_children()]
    arguments = [one for one in arguments if not one.is_suppressed() and not one.lowered.is_fixed()]
    table = _tyro_backend.KwargMap()
    for one in arguments:
        if not one.is_positional():
            table.push(one)
    for one in arguments:
        for flag in _spellings(one, table):
            found[" ".join([*command, flag])] = _about(one)
    waiting = {**waiting, **spec.subparsers_from_intern_prefix}
    for prefix, group in waiting.items():
        others = {name: other for name, other in waiting.items() if name != prefix}
        for name, lazy in group.parser_from_name.items():
            _collect(found, lazy.evaluate(), others, [*command, name])


def _spellings(one: Any, table: Any) -> list[str]:
    if one.is_positional():
        return [_arguments._strip_dummy_prefix(one.lowered.name_or_flags[-1]).replace("-", "_")]
    flags = list(one.lowered.name_or_flags)
    if one.lowered.action == "boolean_optional_action":
        flags += [flag for flag in map(_arguments.flag_to_inverse, flags) if flag]
    # tyro takes dashes for underscores between letters, and the other way round
    other = "_" if _strings.get_delimiter() == "-" else "-"
    swapped = [flag[:2] + flag[2:].replace("_" if other == "-" else "-", other) for flag in flags]
    return flags + [flag for flag in swapped if flag.startswith("--") and table.contains_normalized(flag)]


def _about(one: Any) -> dict[str, Any]:
    about: dict[str, Any] = {"required": bool(one.lowered.required)}
    if one.lowered.choices is not None:
        # those of an Optional come out of a set; the usage has them in their order
        shown = (one.lowered.metavar or "").strip("{}").split(",")
        about["choices"] = shown if sorted(shown) == sorted(one.lowered.choices) else list(one.lowered.choices)
    default = one.field.default
    if _singleton.is_missing(default):
        about["default"] = None
    elif default is None or isinstance(default, (bool, int, float, str)):
        about["default"] = default
    return about
