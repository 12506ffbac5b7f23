"""One interface of the several that a script may have: it reads `--config` first, say, and the rest afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from runctl.project.parameters.model import Command, Interface, Parameter


def united(interfaces: Sequence[Interface], notes: Sequence[str]) -> Interface | None:
    """The interface that takes what any of them takes; None when there is none."""
    if not interfaces:
        return None
    last = interfaces[-1]
    all_notes = dict.fromkeys([*(note for interface in interfaces for note in interface.notes), *notes])
    command = last.command
    for earlier in reversed(interfaces[:-1]):
        if earlier.framework == last.framework:
            command = _with_parameters_of(command, earlier.command)
    return last._replace(command=command, notes=tuple(all_notes))


def _with_parameters_of(command: Command, earlier: Command) -> Command:
    known = {word for parameter in command.parameters for word in _words(parameter)}
    added = tuple(parameter for parameter in earlier.parameters if not known & _words(parameter))
    return command._replace(
        parameters=added + command.parameters,
        commands=command.commands or earlier.commands,
        complete=command.complete and earlier.complete,
    )


def _words(parameter: Parameter) -> set[str]:
    """What sets a parameter: its flags, or its name when it has a place instead."""
    return {*parameter.flags, *parameter.off_flags} or {parameter.name}
