"""Root's help on a machine where the user has Docker's alone: the machine's own Python, in a container."""

from __future__ import annotations

import os
import sys
from typing import List

from runctl.agent.container import giving_back
from runctl.agent.container.engine import Engine
from runctl.agent.container.sight import Seen, option

# an image without a single file; made where it is needed
_NOTHING = "runctl-nothing:1"
_EMPTY_ARCHIVE = b"\0" * 10240
_MACHINES_OWN = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc")


def give_back(engine: Engine, since: float, roots: List[str]) -> int:
    """Gives this user what is root's below the folders `roots` and was changed since Unix time `since` (seconds).
    Returns how many files and folders that were. Raises ContainerFailed."""
    if engine.inspect("image", _NOTHING) is None:
        engine.do("cannot make an empty image", ["import", "-", _NOTHING], stdin=_EMPTY_ARCHIVE)
    python = os.path.realpath(sys.executable)
    folders = [path for path in _MACHINES_OWN if os.path.isdir(path)]
    if not python.startswith("/usr/"):
        folders.append(os.path.realpath(sys.base_prefix))
    sights = [Seen(os.path.realpath(path), path, True, False) for path in folders]
    sights += [Seen(path, path, False, False) for path in roots]
    words = ["run", "--rm", "--network", "none", "--user", "0:0", "--log-driver", "none"]
    words += ["--userns", "host"] if engine.maps_users else []
    for sight in sights:
        words += ["--mount", option(sight)]
    program = _source()
    words += ["--entrypoint", python, _NOTHING, "-I", "-S", "-c", program]
    words += [str(os.getuid()), str(os.getgid()), repr(since), *roots]
    return int(engine.do("files that the container wrote stay root's", words))


def _source() -> str:
    source = giving_back.__loader__.get_source(giving_back.__name__)  # type: ignore[union-attr]
    assert isinstance(source, str), "the agent is always there as source"
    return source
