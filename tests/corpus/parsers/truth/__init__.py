"""What a script's own parser says, found by running the script with the real framework.

`python -m truth FRAMEWORK` (see `__main__`) imports the framework once and runs each script in a forked child.
`truth/<framework>.py` imports the framework at its top and has one function:

    def flags(run: Run) -> dict[str, dict[str, Any]]

which runs the script once or more by `run(arguments)`, with the framework watched, and returns what its parser has at
the moment when it parses: see README.md. It is called in a child of its own, so it may patch what it likes.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# runs the script as __main__ with these arguments, as `python script.py arguments` would; SystemExit and other
# exceptions come out, its output is thrown away
Run = Callable[[list[str]], None]
SECONDS = 60


class Parsed(BaseException):
    """Raised by a patched framework to end the script where it parses; scripts catch Exception, not this."""


def answer(request: dict[str, Any], flags: Callable[[Run], dict[str, Any]]) -> dict[str, Any]:
    """Runs what is asked for in a child. Returns its exit code, stdout, stderr, and `found`: the flags."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as found:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            signal.alarm(SECONDS)
            _be_the_child(request, flags, found.fileno())
        _, status = os.waitpid(child, 0)
        return {
            "code": os.waitstatus_to_exitcode(status),
            "stdout": _content(out),
            "stderr": _content(err),
            "found": json.loads(_content(found) or "null"),
        }


def _be_the_child(request: dict[str, Any], flags: Callable[[Run], dict[str, Any]], found: int) -> None:
    script = Path(request["folder"], request["script"])
    os.chdir(request["folder"])
    sys.stdin = open(os.devnull)
    sys.path[0] = str(script.parent)
    code = 0
    try:
        if request["want"] == "flags":
            with _silence():
                listed = flags(lambda arguments: _run(request["script"], arguments))
            os.write(found, json.dumps(listed).encode())
        else:
            _run(request["script"], request["args"])
    except SystemExit as end:
        code = _exit_code(end)
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(script: str, arguments: list[str]) -> None:
    sys.argv = [script, *arguments]
    runpy.run_path(script, run_name="__main__")


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def _exit_code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    print(end.code, file=sys.stderr)
    return 1


def _content(file: Any) -> str:
    file.seek(0)
    content: bytes = file.read()
    return content.decode(errors="replace")
