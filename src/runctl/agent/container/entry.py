"""The few lines of shell with which a container begins: its output goes straight into output.log, and what is not in
the image is named."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple

# Output does not pass through Docker: nothing there can change its bytes or its order, slow it down, or lose it when
# something is killed. tini, the container's first process, has read its variables by now.
_SHELL = r"""
unset TINI_VERBOSITY TINI_KILL_PROCESS_GROUP
output=$1 refused=$2 kind=$3 user=$4
shift 4
refuse() { printf '%s' "$1" >"$refused"; exit 127; }
exec >>"$output" 2>&1
if [ -n "$user" ]; then
    while IFS=: read -r name _ number _ _ home _; do
        if [ "$name" = "$user" ] || [ "$number" = "$user" ]; then export HOME="$home"; break; fi
    done </etc/passwd
fi
if [ "$kind" = python ]; then
    python=$(command -v python || command -v python3) || refuse "the image has neither python nor python3 on its PATH"
    exec "$python" "$@"
fi
command -v "$1" >/dev/null || refuse "there is no program $1 in the image"
exec "$@"
"""


class Entry(NamedTuple):
    """What a container is started with: `output` takes what the script prints, `refused` is where it is said why there
    is no script; `user` is whose home folder becomes HOME, "" for that of the user who it is."""

    output: str
    refused: str
    user: str


def arguments(entry: Entry, spec: Dict[str, Any]) -> List[str]:
    """The arguments of `sh`."""
    command = list(spec["command"])
    kind = "program"
    if spec["kind"] == "python":
        given = (spec.get("environment") or {}).get("python")
        kind, command = ("program", [given, *command]) if given else ("python", command)
    return ["-c", _SHELL, "sh", entry.output, entry.refused, kind, entry.user, *command]


def variables(spec: Dict[str, Any]) -> Dict[str, str]:
    """How tini, the container's first process, is to behave: it says how the script ended (an exit code of 137 may be
    a script's own), and passes signals on as the run's kind of script wants them."""
    group = {} if spec["kind"] == "python" else {"TINI_KILL_PROCESS_GROUP": "1"}
    return {"TINI_VERBOSITY": "2", **group}
