"""Commands for a machine whose login shell nobody knows."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runctl.transport.quoting import STARTED, marked_command, program_of, remote_command

# whatever the kernel takes for an argument, text or not
WORD = st.binary(max_size=20).map(lambda raw: raw.replace(b"\0", b"'")) | st.text("'\"\\!$`\n =~%{}", max_size=9).map(
    str.encode
)
SHOW = ["sh", "-c", r'for word; do printf "%s\0" "$word"; done', "sh"]
SHELLS = ["sh", "bash", "zsh", "fish"]


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=20, deadline=None)
@given(words=st.lists(WORD, min_size=1, max_size=5))
def test_every_shell_reads_the_same_arguments(shell: str, words: list[bytes]) -> None:
    command = remote_command([*SHOW, *map(os.fsdecode, words)])
    done = subprocess.run([shell, "-c", command], capture_output=True)
    assert (done.stdout, done.stderr) == (b"".join(word + b"\0" for word in words), b"")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_mark_tells_where_a_commands_own_output_begins(shell: str) -> None:
    done = subprocess.run([shell, "-c", marked_command(["sh", "-c", "echo out; echo err >&2"])], capture_output=True)
    assert (done.stdout, done.stderr) == (STARTED + b"out\n", STARTED + b"err\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_program_that_a_signal_ends_gives_an_exit_code(shell: str) -> None:
    assert (
        subprocess.run([shell, "-c", remote_command(["sh", "-c", "kill -9 $$"])], capture_output=True).returncode == 137
    )


def test_a_command_is_readable_where_nothing_needs_to_be_hidden() -> None:
    assert remote_command(["ls", "-l", "/mnt/data"]) == "exec sh -c 'trap : INT; ls -l /mnt/data; exit $?'"


def test_one_word_is_a_line_for_sh_and_several_are_a_program() -> None:
    assert program_of(["df | head"]) == ["sh", "-c", "df | head"]
    assert program_of(["ls", "a b"]) == ["ls", "a b"]
    assert program_of([]) == []
