"""(b) What running a script under runctl, torchx or submitit costs over running it bare."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import partial

from bench.figures import Row, Sample, excess, ratio
from bench.place import Place
from bench.timing import interleaved, timed

_ROUNDS = 15
_MOST_S = 0.25
_HELLO = 'print("hello from the script")\n'
# submitit has no command line: this is its documented way to run a program and wait for it
_SUBMITIT = """\
import sys
import submitit
executor = submitit.LocalExecutor(folder="submitit_log")
executor.update_parameters(timeout_min=5)
job = executor.submit(submitit.helpers.CommandFunction([sys.executable, "hello.py"], verbose=False))
print(job.result(), end="")
"""


def measure(place: Place) -> list[Row]:
    script = place.write("hello.py", _HELLO)
    folder = script.parent
    (folder / "submit.py").write_text(_SUBMITIT)
    home = place.new_folder()
    ours, theirs = place.environment(home), place.environment(home, place.peers_bin)
    local = [place.runctl, "local", "hello.py"]
    peer_python = str(place.peers_bin / "python")
    torchx = [str(place.peers_bin / "torchx"), "run", "-s", "local_cwd", "utils.python", "--script", "hello.py"]

    def run(command: list[str], environment: dict[str, str]) -> partial[float]:
        return partial(timed, command, environment, folder, "hello from the script")

    actions = {
        "bare": run([place.python, "hello.py"], ours),
        "given": run([*local, "--python", place.python], ours),
        "default": run(local, ours),
        "bare beside peers": run([peer_python, "hello.py"], theirs),
        "torchx": run(torchx, theirs),
        "submitit": run([peer_python, "submit.py"], theirs),
    }
    if other := _interpreter_of_another_version():
        actions["other bare"] = run([other, "hello.py"], ours)
        actions["other"] = run([*local, "--python", other], ours)
    return _rows(interleaved(actions, _ROUNDS))


def _rows(samples: dict[str, Sample]) -> list[Row]:
    bare, peers_bare = samples["bare"], samples["bare beside peers"]
    against = "`python hello.py`"
    rows = [
        excess("b", "`runctl local --python` its own", samples["given"], against, bare, _MOST_S),
        excess("b", "`runctl local`", samples["default"], against, bare, _MOST_S),
    ]
    if "other" in samples:
        what = "`runctl local --python` of another version"
        rows.append(excess("b", what, samples["other"], against, samples["other bare"]))
    torchx = excess("b", "`torchx run -s local_cwd`", samples["torchx"], against, peers_bare)
    submitit = excess("b", "submitit's LocalExecutor", samples["submitit"], against, peers_bare)
    least = min(torchx, submitit, key=lambda row: row.result)
    ours, theirs = Sample((rows[1].result,)), Sample((least.result,))
    return [*rows, torchx, submitit, ratio("b", "overhead of `runctl local`", ours, f"that of {least.what}", theirs, 1)]


def _interpreter_of_another_version() -> str | None:
    """A Python on the caller's PATH that works and is of another minor version than runctl's, whose syntax check
    it therefore has to make itself."""
    for minor in range(8, 20):
        found = shutil.which(f"python3.{minor}")
        if found and minor != sys.version_info.minor:
            asked = [found, "-c", "import sys; print(sys.version_info.minor, sys.executable)"]
            version, _, path = subprocess.run(asked, capture_output=True, text=True).stdout.strip().partition(" ")
            # what is only a shim of a version manager may have nothing behind it
            if version == str(minor):
                return path
    return None
