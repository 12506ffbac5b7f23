"""Completion as a real bash does it: the script is loaded, and its function asked what may follow."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runctl.cli.main import COMMANDS, GROUPS

ASK = """
eval "$(runctl completion bash)"
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
complete -p runctl >/dev/null || exit 1
_python_argcomplete runctl
printf '%s\\n' "${COMPREPLY[@]}"
"""

Complete = Callable[[str], "list[str]"]


@pytest.fixture
def complete(tmp_path: Path) -> Complete:
    """What bash offers for a line with the cursor at its end."""
    command = tmp_path / "bin" / "runctl"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m runctl "$@"\n')
    command.chmod(0o755)

    def ask(line: str) -> list[str]:
        outcome = subprocess.run(
            ["bash", "--norc", "-c", ASK, "bash", line],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}"},
        )
        assert (outcome.returncode, outcome.stderr.replace(_NO_COMPOPT, "")) == (0, "")
        return [offer.strip() for offer in outcome.stdout.splitlines() if offer]

    return ask


# outside a real key press bash has no completion whose options could be changed
_NO_COMPOPT = "bash: line 5: compopt: not currently executing completion function\n"


def test_commands_and_groups_are_completed(complete: Complete, folder: Path) -> None:
    assert set(complete("runctl ")) == {name for name in [*GROUPS, *COMMANDS] if " " not in name}
    assert complete("runctl ru") == ["runs"]
    assert set(complete("runctl runs s")) == {"show", "stop"}
    assert set(complete("runctl config ")) == {"show", "set", "validate"}
    assert {"ebs", "create", "ssh"} <= set(complete("runctl aws "))
    assert set(complete("runctl aws ebs snap")) == {"snapshot", "snapshots"}


def test_options_are_completed_once_a_dash_is_typed(complete: Complete, folder: Path) -> None:
    assert {"--help", "--json"} <= set(complete("runctl local --"))
    assert complete("runctl config show --or") == ["--origins"]
    assert complete("runctl config set --us") == ["--user"]


def test_options_of_runctl_are_not_offered_to_the_script(complete: Complete, folder: Path) -> None:
    (folder / "train.py").touch()
    assert complete("runctl local train.py --j") == ["--json"]
    assert complete("runctl local train.py -- --j") == []


def test_files_are_completed_and_their_spaces_escaped(complete: Complete, folder: Path) -> None:
    (folder / "train.py").touch()
    (folder / "my train.py").touch()
    assert complete("runctl local tr") == ["train.py"]
    assert complete("runctl local my") == ["my\\ train.py"]


def test_names_of_settings_and_shells_are_completed(complete: Complete, folder: Path) -> None:
    assert complete("runctl config set g") == ["grace"]
    assert complete("runctl completion z") == ["zsh"]


def test_run_ids_are_completed_newest_first(complete: Complete, folder: Path, home: Path) -> None:
    for run_id in ("0gydk2w-7hx3m", "0gydk3w-7hx3m"):
        (home / "runs" / run_id).mkdir(parents=True)
    assert complete("runctl runs show 0") == ["0gydk3w-7hx3m", "0gydk2w-7hx3m"]
    assert complete("runctl runs logs 0gydk2") == ["0gydk2w-7hx3m"]


def test_without_runs_or_with_a_wrong_setting_no_run_is_offered(complete: Complete, folder: Path, home: Path) -> None:
    assert complete("runctl runs show ") == []
    home.mkdir()
    (home / "runs").write_text("not a folder")
    assert complete("runctl runs show ") == []
    (folder / ".runctl.toml").write_text("grace = -1")
    assert complete("runctl runs show ") == []
    assert complete("runctl runs show --js") == ["--json"]


@pytest.mark.parametrize(
    ("shell", "sign"), [("bash", "complete -o"), ("zsh", "#compdef runctl"), ("fish", "--command runctl")]
)
def test_each_shell_gets_its_script(
    runctl: Callable[..., subprocess.CompletedProcess[str]], shell: str, sign: str
) -> None:
    outcome = runctl("completion", shell)
    assert outcome.returncode == 0
    assert sign in outcome.stdout
    document = json.loads(runctl("completion", shell, "--json").stdout)
    assert document == {"shell": shell, "script": outcome.stdout.rstrip("\n")}


def test_another_shell_is_refused(runctl: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert runctl("completion", "csh").returncode == 2
