"""A machine reached over a real sshd: commands, files, the agent and its runs, and what goes wrong on the way."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import go, until, write_script

import sshd as real
from runctl.agent import protocol
from runctl.core.config import load
from runctl.core.errors import NotFoundError, RefusedError, RunctlError, UnreachableError, UsageError
from runctl.runs.plan import make_plan
from runctl.runs.spec_parts import Asked
from runctl.transport import control, known_hosts, ssh
from runctl.transport.agent_client import AgentClient
from runctl.transport.resuming import follow_resuming
from runctl.transport.ssh import SshTransport
from running import processes_of
from sshd import INSTANCE, Sshd

pytestmark = pytest.mark.slow

# everything that some shell takes for its own
AWKWARD = [
    "",
    " ",
    "it's",
    'a "b"',
    "$HOME `id` $(id)",
    "!!",
    "a\nb",
    "\\",
    "\\'",
    "*?[x]{a,b}",
    "~",
    "=ls",
    "-n",
    "é漢\t",
]
ECHO = "import os, sys; os.write(1, b'\\0'.join(map(os.fsencode, sys.argv[1:])))"
COUNTS = """
import os, time
for number in range(200):
    print(number, flush=True)
    if number == 100:
        while not os.path.exists("go"):
            time.sleep(0.01)
"""
NUMBERS = b"".join(b"%d\n" % number for number in range(200))


@pytest.fixture
def sshd(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    with real.running(home, monkeypatch) as running:
        yield running


@pytest.fixture
def machine(sshd: Sshd) -> SshTransport:
    return SshTransport(sshd.target())


# --- commands


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish"])
def test_arguments_arrive_unchanged_whatever_shell_the_user_has(sshd: Sshd, machine: SshTransport, shell: str) -> None:
    sshd.use_login_shell(shell)
    done = machine.run([sys.executable, "-S", "-c", ECHO, *AWKWARD])
    assert (done.code, done.stdout.decode().split("\0")) == (0, AWKWARD)


def test_a_command_has_its_own_input_output_and_exit_code(machine: SshTransport) -> None:
    done = machine.run(["sh", "-c", "cat; echo problem >&2; exit 7"], b"in\0put")
    assert done == (7, b"in\0put", b"problem\n")


def test_commands_start_in_the_users_home(sshd: Sshd, machine: SshTransport) -> None:
    assert machine.run(["pwd"]).stdout.decode().strip() == str(sshd.home)


@pytest.mark.parametrize(
    "start_up",
    ["echo welcome; echo tput: no terminal >&2", "printf 'no end of line'", "printf 'half a mark --- runctl starts'"],
)
def test_what_start_up_files_print_is_not_taken_for_the_commands_output(
    sshd: Sshd, machine: SshTransport, start_up: str
) -> None:
    sshd.use_login_shell("sh", start_up)
    assert machine.run(["echo", "hi"]) == (0, b"hi\n", b"")
    with machine.stream(["sh", "-c", "echo hi; echo problem >&2"]) as stream:
        assert stream.stdout.read() == b"hi\n"
        assert stream.result() == (0, b"", b"problem\n")


def test_a_login_shell_that_runs_nothing_is_told_from_a_command_that_fails(sshd: Sshd, machine: SshTransport) -> None:
    sshd.use_login_shell("sh", "echo 'Please login as the user ubuntu'; exit 142")
    with pytest.raises(RunctlError, match=r"can't run commands.*Please login as the user ubuntu") as caught:
        machine.run(["true"])
    assert "--user" in (caught.value.hint or "")
    with pytest.raises(RunctlError, match="can't run commands"):
        machine.stream(["true"])


def test_exit_code_255_is_the_commands_own_while_the_connection_holds(machine: SshTransport) -> None:
    assert machine.run(["sh", "-c", "exit 255"]).code == 255
    with machine.stream(["sh", "-c", "exit 255"]) as stream:
        assert stream.stdout.read() == b""
        assert stream.result().code == 255


def test_a_command_that_a_signal_ends_says_which(machine: SshTransport) -> None:
    assert machine.run(["sh", "-c", "kill -9 $$"]).code == 137


def test_a_missing_program_is_an_exit_code_as_in_a_shell(machine: SshTransport) -> None:
    done = machine.run(["no-such-program"])
    assert done.code == 127
    assert b"not found" in done.stderr


def test_ten_commands_at_once_share_one_connection(sshd: Sshd, machine: SshTransport) -> None:
    results: list[bytes] = []
    threads = [
        threading.Thread(target=lambda number=number: results.append(machine.run(["echo", str(number)]).stdout))
        for number in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, results)) == list(range(10))
    assert (sshd.folder / "log").read_text().count("Accepted publickey") == 1


# --- files


def test_a_file_is_written_whole_and_for_the_user_alone(sshd: Sshd, machine: SshTransport) -> None:
    path = "new folder/it's.bin"
    assert not machine.exists(path)
    for data in (os.urandom(300_000), b""):
        machine.put(path, data)
        assert (sshd.home / path).read_bytes() == data
    assert machine.exists(path)
    assert (sshd.home / path).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in (sshd.home / "new folder").iterdir()] == ["it's.bin"]


def test_a_file_that_cannot_be_written_is_an_error_with_the_reason(sshd: Sshd, machine: SshTransport) -> None:
    (sshd.home / "file").touch()
    with pytest.raises(RunctlError, match=rf"cannot write file/below on {INSTANCE}: .*(File exists|Not a directory)"):
        machine.put("file/below", b"x")


def test_a_file_that_did_not_arrive_whole_is_not_put(sshd: Sshd, machine: SshTransport) -> None:
    machine.put("config", b"old")
    # as when the connection is lost: the far side sees the end of the input too early
    sshd.use_login_shell("sh", 'SSH_ORIGINAL_COMMAND="head -c 100 | $SSH_ORIGINAL_COMMAND"')
    with pytest.raises(RunctlError, match="cannot write config"):
        machine.put("config", bytes(200))
    assert [file.name for file in sshd.home.iterdir()] == ["config"]
    assert (sshd.home / "config").read_bytes() == b"old"


# --- the agent, and a run


@pytest.fixture
def spec(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is to run: COUNTS, with this Python."""
    monkeypatch.setenv("RUNCTL_PYTHON", sys.executable)
    return make_plan(Asked(write_script(COUNTS)), load(folder)).spec


@pytest.fixture
def client(machine: SshTransport) -> AgentClient:
    return AgentClient(machine)


def ended(client: AgentClient, run_id: str) -> dict[str, Any]:
    return until(
        lambda: next((state for state in client.status([run_id]) if state["agent"] == "done"), None), "the end"
    )


def output_of(frames: Iterable[protocol.Frame]) -> bytes:
    return b"".join(frame.payload for frame in frames if frame.kind == "output")


def test_a_run_is_started_followed_and_removed(sshd: Sshd, client: AgentClient, spec: dict[str, Any]) -> None:
    client.start(spec, {})
    assert [state["run_id"] for state in client.live()] == [spec["run_id"]]
    with pytest.raises(RefusedError, match="not finished"):
        client.remove(spec["run_id"])
    go()
    assert output_of(client.follow(spec["run_id"])) == NUMBERS
    assert ended(client, spec["run_id"])["outcome"] == "succeeded"
    assert client.live() == []
    assert (sshd.home / ".runctl" / "runs" / spec["run_id"] / "output.log").read_bytes() == NUMBERS
    client.remove(spec["run_id"])
    with pytest.raises(NotFoundError):
        client.status([spec["run_id"]])


def test_a_run_is_stopped(client: AgentClient, spec: dict[str, Any]) -> None:
    frames = client.start_and_follow(spec, {})
    until(lambda: next(frames).kind == "output", "output")
    assert client.stop(spec["run_id"], 5, None)["outcome"] == "stopped"
    assert list(frames)[-1].kind == "end"


def test_a_run_outlives_every_connection(sshd: Sshd, machine: SshTransport, spec: dict[str, Any]) -> None:
    client = AgentClient(machine)
    client.start(spec, {})
    machine.close()
    sshd.stop()
    go()
    sshd.start()
    assert ended(client, spec["run_id"])["outcome"] == "succeeded"


def test_following_goes_on_where_the_connection_was_lost(
    sshd: Sshd, machine: SshTransport, spec: dict[str, Any]
) -> None:
    client = AgentClient(machine)
    client.start(spec, {})
    lost: list[UnreachableError] = []

    def note(error: UnreachableError, pause_s: float) -> None:
        lost.append(error)
        if len(lost) == 1:
            sshd.stop()  # the first attempt to come back fails too
        if len(lost) == 2:
            sshd.start()
            go()

    frames = follow_resuming(client, spec["run_id"], note)
    seen = b""
    events = []
    for frame in frames:
        seen += frame.payload
        if frame.kind == "event":
            events.append(frame.header["event"]["n"])
        if not lost and seen.endswith(b"100\n"):
            sshd.cut_connections()
    assert seen == NUMBERS
    assert events == sorted(set(events))
    assert len(lost) == 2
    assert "was lost" in lost[0].message
    assert "the instance itself may be well" in lost[1].message
    ended(client, spec["run_id"])


def test_following_survives_the_end_of_the_shared_connection(machine: SshTransport, spec: dict[str, Any]) -> None:
    client = AgentClient(machine)
    client.start(spec, {})
    lost: list[UnreachableError] = []

    def note(error: UnreachableError, pause_s: float) -> None:
        lost.append(error)
        go()

    seen = b""
    for frame in follow_resuming(client, spec["run_id"], note):
        seen += frame.payload
        if not lost and seen.endswith(b"100\n"):
            machine.close()
    assert seen == NUMBERS
    assert len(lost) == 1
    ended(client, spec["run_id"])


def test_a_lost_connection_is_no_answer_of_a_command(sshd: Sshd, machine: SshTransport) -> None:
    machine.connect()
    cutter = threading.Thread(target=lambda: (until((sshd.home / "ready").exists, "it"), sshd.cut_connections()))
    cutter.start()
    with pytest.raises(UnreachableError, match=r"was lost; what runs there goes on"):
        machine.run(["sh", "-c", "touch ready; exec sleep 600 > /dev/null"])
    cutter.join()
    machine.run(["sh", "-c", "kill $(cat /proc/*/stat 2>/dev/null | awk '$2 == \"(sleep)\" {print $1}')"])


# --- how busy the machine is


def test_a_machine_tells_how_busy_it_is_once(client: AgentClient) -> None:
    [load] = client.load(0.05, watch=False)
    assert load["memory"]["total_bytes"] > load["memory"]["available_bytes"] > 0
    assert "/" in [disk["mount"] for disk in load["disks"]]
    assert load["processes"]


def test_a_machine_tells_how_busy_it_is_until_nobody_listens(sshd: Sshd, client: AgentClient) -> None:
    loads = client.load(0.05, watch=True)
    assert next(loads)["at"] < next(loads)["at"]
    loads.close()
    until(lambda: not processes_of(sshd.home / ".runctl"), "the end of the agent")


def test_a_process_of_a_run_is_told_with_its_run(client: AgentClient, spec: dict[str, Any]) -> None:
    client.start(spec, {})
    [load] = client.load(0.05, watch=False)
    [process] = [each for each in load["processes"] if each["run_id"] == spec["run_id"]]
    assert "train.py" in process["command"]
    go()
    ended(client, spec["run_id"])


# --- what goes wrong


def test_nobody_listening_is_unreachable_and_not_dead(sshd: Sshd, machine: SshTransport) -> None:
    sshd.stop()
    with pytest.raises(
        UnreachableError, match=f"cannot reach {INSTANCE} at 127.0.0.1 port {sshd.port}: nothing listens"
    ):
        machine.run(["true"])


def test_no_answer_is_unreachable_with_the_security_group_in_the_hint(
    sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "CONNECT_S", 1)
    with socket.socket() as silent:  # takes connections, and never says a word
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(UnreachableError, match=r"no answer.*may be well") as caught:
            SshTransport(sshd.target(port=silent.getsockname()[1])).connect()
    assert "runctl aws setup" in (caught.value.hint or "")


def test_a_name_without_an_address_is_unreachable(sshd: Sshd) -> None:
    with pytest.raises(UnreachableError, match="its name has no address"):
        SshTransport(sshd.target(host="no-such-host.invalid")).connect()


def test_a_key_that_is_not_let_in_is_named_with_the_user(sshd: Sshd) -> None:
    stranger = sshd.folder / "stranger"
    real.make_key(stranger)
    with pytest.raises(RunctlError, match=r"does not let \w+ in with the key .*/stranger") as caught:
        SshTransport(sshd.target(key=stranger)).connect()
    assert "--user" in (caught.value.hint or "")


def test_a_key_that_others_may_read_is_named_with_the_remedy(sshd: Sshd) -> None:
    sshd.key.chmod(0o644)
    with pytest.raises(RunctlError, match="others may read it") as caught:
        SshTransport(sshd.target()).connect()
    assert caught.value.hint == f"chmod 600 {sshd.key}"


def test_ssh_that_is_not_there_is_named(machine: SshTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("PATH", "/nowhere")
        with pytest.raises(RunctlError, match="cannot start ssh"):
            machine.run(["true"])


def test_a_wrong_configuration_of_the_users_is_shown(
    sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_configuration("Frobnicate yes", tmp_path, monkeypatch)
    with pytest.raises(UsageError, match=r"does not accept its configuration: .*Bad configuration option: frobnicate"):
        SshTransport(sshd.target()).connect()


def test_the_users_configuration_cannot_weaken_or_break_what_counts(
    sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_configuration(
        """
        Host *
        ControlMaster no
        ControlPath none
        RequestTTY force
        RemoteCommand echo hijacked
        StrictHostKeyChecking no
        UserKnownHostsFile /dev/null
        User nobody
        Port 1
        LocalForward 1 localhost:1
        PermitLocalCommand yes
        LocalCommand echo local
        PasswordAuthentication yes
        LogLevel DEBUG3
        """,
        tmp_path,
        monkeypatch,
    )
    machine = SshTransport(sshd.target())
    assert machine.run(["echo", "hi"]) == (0, b"hi\n", b"")
    assert machine.connected()
    assert known_hosts.knows(sshd.known_hosts, INSTANCE)


def use_configuration(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes this the user's ~/.ssh/config, which ssh finds by the user database alone."""
    (folder / "bin").mkdir()
    (folder / "ssh_config").write_text(text)
    wrapper = folder / "bin" / "ssh"
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder / "ssh_config"} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")


# --- host keys


def test_a_changed_host_key_is_refused_with_the_way_to_forget_it(sshd: Sshd, machine: SshTransport) -> None:
    machine.run(["true"])
    machine.close()
    sshd.stop()
    real.make_key(sshd.folder / "host")
    sshd.start()
    with pytest.raises(RefusedError, match=f"{INSTANCE} shows another host key.*{sshd.known_hosts}") as caught:
        machine.run(["touch", "secrets"])
    assert not (sshd.home / "secrets").exists()
    command = (caught.value.hint or "").partition(": ")[2]
    subprocess.run(shlex.split(command), check=True, capture_output=True)
    assert machine.run(["true"]).code == 0


def test_a_machine_keeps_its_key_at_a_new_address(sshd: Sshd, machine: SshTransport) -> None:
    machine.run(["true"])
    moved = SshTransport(sshd.target(host="localhost"))
    assert moved.run(["true"]).code == 0
    assert sshd.known_hosts.read_text().count(INSTANCE) == 1


def test_a_first_contact_is_checked_where_the_key_is_known_already(sshd: Sshd, machine: SshTransport) -> None:
    other = sshd.folder / "other"
    real.make_key(other)
    known_hosts.learn(sshd.known_hosts, INSTANCE, [other.with_suffix(".pub").read_text()])
    with pytest.raises(RefusedError, match="another host key"):
        machine.connect()
    known_hosts.learn(sshd.known_hosts, INSTANCE, [sshd.host_key])
    machine.connect()


def test_another_type_of_key_is_not_taken_on_trust(sshd: Sshd, machine: SshTransport) -> None:
    """As somebody in the middle would try who lacks the known one."""
    rsa = sshd.folder / "rsa"
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", rsa], check=True)
    known_hosts.learn(sshd.known_hosts, INSTANCE, [rsa.with_suffix(".pub").read_text()])
    with pytest.raises(RefusedError, match="another host key"):
        machine.connect()


# --- the control socket


def test_a_control_folder_that_others_may_write_to_is_refused(
    sshd: Sshd, machine: SshTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(os.environ["XDG_RUNTIME_DIR"], "runctl")
    folder.chmod(0o777)
    with pytest.raises(RunctlError, match="is not a folder of yours alone"):
        SshTransport(sshd.target())
    folder.rmdir()
    folder.symlink_to(sshd.folder)
    with pytest.raises(RunctlError, match="is not a folder of yours alone"):
        SshTransport(sshd.target())


def test_a_control_path_is_short_however_long_the_home_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    assert len(bytes(control.socket_of(INSTANCE, ["x"]))) < 90


def test_a_dead_socket_is_replaced(machine: SshTransport) -> None:
    machine.connect()
    [pid] = [pid for pid in processes_of(Path(os.environ["XDG_RUNTIME_DIR"])) if b"-N" in cmdline(pid)]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not machine.connected(), "its end")
    assert machine.run(["echo", "hi"]).stdout == b"hi\n"


def cmdline(pid: int) -> list[bytes]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")


def test_paths_may_hold_what_ssh_takes_for_its_own(sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tmp_path / "a b%h"
    odd.mkdir()
    key = Path(shutil.copy(sshd.key, odd / "a key"))
    sockets = Path(os.environ["XDG_RUNTIME_DIR"], "a b%h")
    sockets.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(sockets))
    machine = SshTransport(sshd.target(key=key, known_hosts=odd / "known hosts"))
    assert machine.run(["echo", "hi"]).stdout == b"hi\n"
    assert machine.connected()
    assert known_hosts.knows(odd / "known hosts", INSTANCE)
    machine.close()


def test_an_idle_connection_ends_by_itself(sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "KEPT_OPEN_S", 1)
    machine = SshTransport(sshd.target())
    assert machine.run(["true"]).code == 0
    until(lambda: not machine.connected(), "its end")
