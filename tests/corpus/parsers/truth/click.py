"""click's own word for what a script's commands take."""

from __future__ import annotations

import enum
from typing import Any

import click

from truth import Parsed, Run


def flags(run: Run) -> dict[str, dict[str, Any]]:
    """The options of the first command that parses a command line, and of those below it."""
    return flags_of_first(run, click.Context)


def flags_of_first(run: Run, context: Any) -> dict[str, dict[str, Any]]:
    """The same for any library with click's Context."""
    found: dict[str, dict[str, Any]] = {}
    make = context.__init__

    def watch(self: Any, command: Any, *args: Any, **kwargs: Any) -> None:
        make(self, command, *args, **kwargs)
        found.update(_options(command, self, []))
        raise Parsed

    context.__init__ = watch
    try:
        run([])
    except Parsed:
        pass
    finally:
        context.__init__ = make
    return found


def _options(command: Any, context: Any, path: list[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for parameter in command.params:
        if not _ends_the_program(parameter):
            about = _about(parameter, context)
            names = [*parameter.opts, *parameter.secondary_opts]
            for flag in names if parameter.param_type_name == "option" else [parameter.name]:
                found[" ".join([*path, flag])] = about
    for name in command.list_commands(context) if hasattr(command, "list_commands") else []:
        found.update(_options(command.get_command(context, name), context, [*path, name]))
    return found


def _ends_the_program(parameter: Any) -> bool:
    """Whether it is an option of help, version or completion."""
    made_by = getattr(parameter.callback, "__qualname__", "")
    endings = ("help_option", "version_option", "install_callback", "show_callback")
    return parameter.name == "help" or made_by.startswith(endings)


def _about(parameter: Any, context: Any) -> dict[str, Any]:
    about: dict[str, Any] = {}
    flag_of_several = getattr(parameter, "is_flag", False) and not parameter.is_bool_flag
    # what the environment or a file of defaults may give is not asked for here
    elsewhere = parameter.envvar or context.auto_envvar_prefix or context.default_map
    if not elsewhere and not getattr(parameter, "prompt", None):
        given = parameter.default
        has_default = given is not None and type(given).__name__ != "Sentinel"
        about["required"] = bool(parameter.required) and not has_default
        if has_default and type(given) in (int, float, str, bool) and not flag_of_several:
            about["default"] = given
    choices = getattr(parameter.type, "choices", None) if hasattr(parameter, "type") else None
    if choices is not None:
        about["choices"] = [item.name if isinstance(item, enum.Enum) else str(item) for item in choices]
    return about
