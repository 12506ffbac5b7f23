"""What a script can be told, as a document."""

from __future__ import annotations

from typing import Any

from runctl.project.parameters.giving.describing import as_json
from runctl.project.parameters.model import Parameter, Unread
from runctl.project.parameters.reading import read_interface
from runctl.project.root import find_root
from runctl.project.script import inspect_script


def parameters_of(script: str) -> dict[str, Any]:
    """What `script`, relative to the working folder, can be told: `framework` (None when no parser could be read),
    whether it is `complete`, `notes` on what could not be read, and `parameters`. Nothing is executed.

    Raises NotFoundError, RefusedError, UsageError.
    """
    found = inspect_script(script)
    interface = read_interface(found.path, find_root(found.path)) if found.kind == "python" else None
    if interface is None:
        return {"script": script, "framework": None, "complete": False, "notes": [], "parameters": []}
    return {
        "script": script,
        "framework": interface.framework,
        "complete": all(command.complete for _, command in interface.command.walk()),
        "notes": list(interface.notes),
        "parameters": [
            _document(parameter, path) for path, command in interface.command.walk() for parameter in command.parameters
        ],
    }


def _document(parameter: Parameter, path: tuple[str, ...]) -> dict[str, Any]:
    default = parameter.default
    return {
        "name": parameter.name,
        "flags": list(parameter.flags),
        "off_flags": list(parameter.off_flags),
        "takes": parameter.takes,
        "type": parameter.type.name,
        "default": None if isinstance(default, Unread) else as_json(default),
        "default_source": default.text if isinstance(default, Unread) else None,
        "choices": None if parameter.choices is None else list(parameter.choices),
        "required": parameter.required,
        "conditional": parameter.maybe,
        "help": parameter.help,
        "command": list(path),
    }
