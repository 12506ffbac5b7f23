"""`runctl aws ssh` and `runctl aws processes` over a connection that is open: AWS is not asked, and not there."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import until

import sshd as real
from runctl.machines import warm
from runctl.transport.ssh import SshTransport
from running import RUNCTL, processes_of
from sshd import INSTANCE, Sshd

pytestmark = pytest.mark.slow

TAKES_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
Runctl = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def sshd(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    """An instance that was reached a moment ago, so that its connection is open."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with real.running(home, monkeypatch) as running:
        SshTransport(running.target()).connect()
        warm.remember(home, running.target())
        yield running


def test_arguments_input_output_and_exit_code_go_through_unchanged(sshd: Sshd, runctl: Runctl) -> None:
    words = ["sh", "-c", 'cat; echo "$1" >&2; exit 7', "sh", "it's $HOME\n!"]
    done = runctl("aws", "ssh", INSTANCE, "--", *words, stdin="in\nput")
    assert (done.returncode, done.stdout, done.stderr) == (7, "in\nput", "it's $HOME\n!\n")


def test_one_word_is_a_line_for_the_shell(sshd: Sshd, runctl: Runctl) -> None:
    assert runctl("aws", "ssh", INSTANCE, "--", "echo a b | tr a-z A-Z").stdout == "A B\n"


@pytest.mark.parametrize(("command", "code"), [("exit 255", 255), ("kill -9 $$", 137), ("no-such-program", 127)])
def test_the_exit_code_is_the_commands_own(sshd: Sshd, runctl: Runctl, command: str, code: int) -> None:
    assert runctl("aws", "ssh", INSTANCE, "--", command).returncode == code


def test_options_after_the_dashes_are_the_commands(sshd: Sshd, runctl: Runctl) -> None:
    assert runctl("aws", "ssh", INSTANCE, "--", "echo", "--json", "--help").stdout == "--json --help\n"


def test_a_command_without_dashes_is_met_with_the_right_words(runctl: Runctl) -> None:
    done = runctl("aws", "ssh", INSTANCE, "ls", "-l")
    assert done.returncode == 2
    assert f"hint: arguments for the command go after --: runctl aws ssh {INSTANCE} -- ls -l" in done.stderr


def test_without_a_command_the_login_shell_reads_stdin(sshd: Sshd, runctl: Runctl) -> None:
    assert runctl("aws", "ssh", INSTANCE, stdin="pwd\n").stdout.strip() == str(sshd.home)


def test_an_open_connection_needs_neither_aws_nor_its_library(sshd: Sshd, runctl: Runctl) -> None:
    words = [sys.executable, "-X", "importtime", *RUNCTL[1:], "aws", "ssh", INSTANCE, "--", "true"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0
    assert not re.search(r"\b(boto3|botocore|rich|asyncio|tomlkit)\b", done.stderr)


def test_a_closed_connection_is_not_opened_again_without_asking_aws(sshd: Sshd, runctl: Runctl) -> None:
    """The address may be another machine's by now."""
    SshTransport(sshd.target()).close()
    done = runctl("aws", "ssh", INSTANCE, "--", "true", env={"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"})
    assert done.returncode == 5
    assert "Could not connect to the endpoint" in done.stderr


def test_another_user_way_or_key_is_not_served_by_the_open_connection(sshd: Sshd, home: Path) -> None:
    assert warm.connected(home, INSTANCE, "ssh")
    assert not warm.connected(home, INSTANCE, "ssm")
    assert not warm.connected(home, INSTANCE, user="somebody")
    assert not warm.connected(home, INSTANCE, key=Path("/another"))
    assert not warm.connected(home, INSTANCE[:5])


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"host": 1}', "\0"])
def test_a_damaged_cache_counts_for_nothing(home: Path, content: str) -> None:
    file = home / "cache" / "reach" / f"{INSTANCE}.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    assert warm.connected(home, INSTANCE) is None


def test_an_instance_that_has_ended_is_forgotten(sshd: Sshd, home: Path) -> None:
    warm.forget(home, INSTANCE, for_good=False)
    assert not SshTransport(sshd.target()).connected()
    assert INSTANCE in sshd.known_hosts.read_text()
    warm.forget(home, INSTANCE, for_good=True)
    assert INSTANCE not in sshd.known_hosts.read_text()
    warm.forget(home, INSTANCE, for_good=True)


def test_json_tells_how_the_instance_is_reached(sshd: Sshd, runctl: Runctl) -> None:
    told = json.loads(runctl("aws", "ssh", INSTANCE, "--json").stdout)
    assert (told["transport"], told["port"], told["exit_code"]) == ("ssh", sshd.port, None)
    assert subprocess.run([*told["ssh"], "echo", "hi"], capture_output=True).stdout == b"hi\n"


def test_json_with_a_command_holds_what_it_printed(sshd: Sshd, runctl: Runctl) -> None:
    done = runctl("aws", "ssh", INSTANCE, "--json", "--", "sh", "-c", "echo hi; exit 3")
    told = json.loads(done.stdout)
    assert (done.returncode, told["exit_code"], told["stdout"], told["stderr"]) == (3, 3, "hi\n", "")


# --- on a terminal


def on_terminal(words: list[str]) -> tuple[int, subprocess.Popen[bytes]]:
    """Starts runctl on a terminal of 24 rows and 100 columns. Returns the terminal's other end, and the process."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    variables = {**os.environ, "TERM": "xterm"}
    variables.pop("COLUMNS")
    # a session of its own whose terminal this is, so that ^C reaches it
    starter = [sys.executable, "-c", TAKES_TERMINAL]
    process = subprocess.Popen([*starter, *RUNCTL, *words], stdin=slave, stdout=slave, stderr=slave, env=variables)
    os.close(slave)
    return master, process


def read_until(terminal: int, text: bytes) -> bytes:
    seen = b""
    while text not in seen:
        seen += os.read(terminal, 4096)
    return seen


def drained(terminal: int) -> bytes:
    seen = b""
    while True:
        try:
            seen += os.read(terminal, 4096)
        except OSError:  # the last writer has gone
            os.close(terminal)
            return seen


def test_a_terminal_is_passed_on_with_its_size_and_ctrl_c(sshd: Sshd) -> None:
    terminal, process = on_terminal(["aws", "ssh", INSTANCE, "--", "stty size; echo ready; exec sleep 600"])
    assert b"24 100" in read_until(terminal, b"ready")
    os.write(terminal, b"\x03")
    assert b"Traceback" not in drained(terminal)
    assert process.wait() == 130
    until(lambda: not processes_of(sshd.home), "the end of what was run")


def test_a_login_shell_on_a_terminal(sshd: Sshd) -> None:
    terminal, process = on_terminal(["aws", "ssh", INSTANCE])
    os.write(terminal, b"echo $((6 * 7)); exit 5\n")
    assert b"42" in drained(terminal)
    assert process.wait() == 5


# --- processes


def test_processes_tells_how_busy_the_machine_is(sshd: Sshd, runctl: Runctl) -> None:
    done = runctl("aws", "processes", INSTANCE)
    assert done.returncode == 0, done.stderr
    for pattern in (rf"^{INSTANCE}  up ", r"^cpu  ", r"^memory  ", r"^disk .*/: ", r"^PID +USER +CPU% +MEMORY +RUN"):
        assert re.search(pattern, done.stdout, re.M), done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_processes_watched_on_a_terminal_end_quietly_with_ctrl_c(sshd: Sshd) -> None:
    terminal, process = on_terminal(["aws", "processes", INSTANCE, "--watch"])
    shown = read_until(terminal, b"COMMAND")
    os.write(terminal, b"\x03")
    shown += drained(terminal)
    assert process.wait() == 130
    assert b"Traceback" not in shown
    assert b"error" not in shown
    assert shown.endswith(b"\x1b[?25h\x1b[?1049l"), "the cursor and the screen of before are there again"
    until(lambda: not processes_of(sshd.home / ".runctl"), "the end of the agent")


def test_processes_watched_by_a_pipe_come_one_below_the_other(sshd: Sshd) -> None:
    process = subprocess.Popen([*RUNCTL, "aws", "processes", INSTANCE, "--watch"], stdout=subprocess.PIPE)
    assert process.stdout
    seen = 0
    while seen < 2:
        seen += process.stdout.readline().startswith(b"PID")
    process.send_signal(signal.SIGINT)
    process.stdout.close()
    assert process.wait() == 130


def test_processes_are_watched_for_people_alone(sshd: Sshd, runctl: Runctl) -> None:
    assert runctl("aws", "processes", INSTANCE, "--watch", "--json").returncode == 2
