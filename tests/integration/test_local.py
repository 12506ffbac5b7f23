"""`runctl local`, as a user's shell runs it: the script must not be able to tell, and the user must know."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runctl.agent.rundir import RunDir
from runctl.transport import agent_package
from running import RUNCTL

Runctl = Callable[..., "subprocess.CompletedProcess[str]"]

TELL = """
import json, os, sys
json.dump([sys.argv, os.getcwd(), __file__, __name__, sys.path[0]], sys.stdout)
"""
# says that it runs, then waits until somebody writes a line to the pipe `go`: its exit code
WAIT = """
print("up", flush=True)
with open("go") as file:
    raise SystemExit(int(file.readline()))
"""
HOSTILE = [
    "",
    " ",
    "a b",
    "tab\there",
    "line\nbreak\n",
    "'single'",
    '"double"',
    "back\\slash",
    "$HOME",
    "`id`",
    "$(id)",
    "*",
    "~",
    "Größe 学习 🚀",
    "--json",
    "-q",
    "--debug",
    "--help",
    "--version",
    "--",
    "-",
    "--lr=1e-3",
    "-1",
    "@file",
    "%s{}",
    "\udcff",
]


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell in which `python` is this Python."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture
def script(folder: Path) -> Callable[..., Path]:
    """Writes a script into the working folder. Returns its path."""

    def write(text: str, name: str = "train.py") -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


@pytest.fixture
def waiting(script: Callable[..., Path], folder: Path) -> Iterator[Callable[[int], None]]:
    """A script that waits. Yields what ends it, with an exit code."""
    script(WAIT)
    go = Pipe(folder / "go")
    yield lambda code: go.write(f"{code}\n")
    go.close()


class Pipe:
    """A named pipe that is written to without waiting for a reader."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._descriptor = os.open(path, os.O_RDWR)

    def write(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def wait_for(self, text: str) -> None:
        """Waits until another process wrote `text`."""
        assert select.select([self._descriptor], [], [], 30)[0]
        assert os.read(self._descriptor, 100) == text.encode()

    def close(self) -> None:
        os.close(self._descriptor)


class Client:
    """A runctl that goes on, in a process group of its own, as in a terminal."""

    def __init__(self, *words: str) -> None:
        self._process = subprocess.Popen(
            [*RUNCTL, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def wait_for_line(self) -> str:
        """The next line of its stdout."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def wait_for_warning(self, text: str) -> None:
        """Waits for a line on its stderr."""
        assert self._process.stderr is not None
        assert text in self._process.stderr.readline()

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT to its whole process group."""
        os.killpg(self._process.pid, signal.SIGINT)

    def end(self) -> tuple[int, str, str]:
        """Its exit code, and the rest of stdout and stderr."""
        stdout, stderr = self._process.communicate(timeout=30)
        return self._process.returncode, stdout, stderr


def only_run(home: Path) -> str:
    [run_id] = os.listdir(home / "runs")
    return run_id


# --- arguments, folder, environment: what the script sees


def test_arguments_after_two_dashes_reach_the_script_as_typed(script: Callable[..., Path], runctl: Runctl) -> None:
    script("import json, sys\njson.dump(sys.argv[1:], sys.stdout)")
    done = runctl("local", "train.py", "--", *HOSTILE)
    assert done.returncode == 0
    assert json.loads(done.stdout) == HOSTILE


def test_script_args_are_split_as_a_shell_does_and_come_first(script: Callable[..., Path], runctl: Runctl) -> None:
    script("import json, sys\njson.dump(sys.argv[1:], sys.stdout)")
    written = """--name 'my model' --empty "" it\\ is $HOME #5"""
    expected = ["--name", "my model", "--empty", "", "it is", "$HOME", "#5"]
    assert json.loads(runctl("local", "train.py", "--script-args", written).stdout) == expected
    both = runctl("local", "train.py", f"--script-args={written}", "--", "--last", "--script-args", "x")
    assert json.loads(both.stdout) == [*expected, "--last", "--script-args", "x"]
    dashed = runctl("local", "train.py", "--script-args=--epochs 3")
    assert json.loads(dashed.stdout) == ["--epochs", "3"]


def test_an_open_quote_in_script_args_is_a_usage_error(script: Callable[..., Path], runctl: Runctl, home: Path) -> None:
    script("")
    done = runctl("local", "train.py", "--script-args", "--name 'my")
    assert done.returncode == 2
    assert "--script-args: no closing quotation" in done.stderr
    assert not home.exists()


@pytest.mark.parametrize(
    ("where", "typed"),
    [
        (".", "train.py"),
        (".", "./train.py"),
        (".", "sub/inner.py"),
        ("sub", "inner.py"),
        ("sub", "../train.py"),
        (".", "link.py"),
        (".", "ABSOLUTE"),
        (".", "with space/ünï'\".py"),
    ],
)
def test_a_script_cannot_tell_runctl_from_python(
    script: Callable[..., Path], runctl: Runctl, folder: Path, monkeypatch: pytest.MonkeyPatch, where: str, typed: str
) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").touch()
    script(TELL)
    script(TELL, "sub/inner.py")
    script(TELL, "with space/ünï'\".py")
    (folder / "link.py").symlink_to("sub/inner.py")
    monkeypatch.chdir(folder / where)
    name = str(folder / "train.py") if typed == "ABSOLUTE" else typed
    plain = subprocess.run(["python", name, "--a", "b c"], capture_output=True, text=True, check=True)
    assert json.loads(runctl("local", name, "--", "--a", "b c").stdout) == json.loads(plain.stdout)


def test_a_program_with_a_first_line_of_its_own_runs_as_it_is(script: Callable[..., Path], runctl: Runctl) -> None:
    path = script('#!/bin/bash\nprintf "%s|" "$0" "$@" "$PWD"\nexit 3\n', "run.sh")
    path.chmod(0o755)
    done = runctl("local", "run.sh", "--", "a b", "")
    assert done.stdout == f"{path}|a b||{path.parent}|"
    assert done.returncode == 100


def test_variables_come_from_options_files_and_here_and_options_win(
    script: Callable[..., Path], runctl: Runctl, folder: Path
) -> None:
    script("import os\nfor name in 'ABCDE': print(name, repr(os.environ.get(name)))")
    (folder / "one.env").write_text("A=one\nB=one\nC=one\n")
    (folder / "two.env").write_text("B='two words'\n")
    done = runctl(
        *("local", "train.py", "--env-file", "one.env", "--env-file", "two.env"),
        *("--env", "C=x=y\nz", "--env", "D", "-e", "E="),
        env={"D": "from here"},
    )
    assert done.stdout == "A 'one'\nB 'two words'\nC 'x=y\\nz'\nD 'from here'\nE ''\n"


def test_a_variable_that_is_not_here_is_a_usage_error(script: Callable[..., Path], runctl: Runctl) -> None:
    script("")
    done = runctl("local", "train.py", "--env", "NOT_SET_HERE")
    assert done.returncode == 2
    assert "there is no variable NOT_SET_HERE" in done.stderr
    assert runctl("local", "train.py", "--env-file", "none.env").returncode == 4


def test_a_secret_reaches_the_script_and_nothing_else(
    script: Callable[..., Path], runctl: Runctl, home: Path, folder: Path
) -> None:
    script(
        "import os, pathlib, sys\n"
        "for name in ('TOKEN', 'KEY'):\n"
        "    value = os.environ[name]\n"
        "    lines = [p.read_bytes() for p in pathlib.Path('/proc').glob('[0-9]*/cmdline') if p.exists()]\n"
        "    print(len(value), sum(value.encode() in line for line in lines), value)\n"
        "    sys.stdout.write(value[:4]); sys.stdout.flush(); print(value[4:], file=sys.stderr)\n"
        "raise SystemExit(os.environ['TOKEN'])\n"
    )
    (folder / "key").write_text("hunter3-long\n")
    done = runctl("local", "train.py", "--secret", "TOKEN", "--secret", "KEY=@key", env={"TOKEN": "hunter2-longer"})
    assert done.stdout == "14 0 ***\n***\n12 0 ***\n***\n***\n"
    assert done.returncode == 100
    files = [path for path in home.rglob("*") if path.is_file()]
    assert len(files) > 5
    for file in files:
        assert b"hunter" not in file.read_bytes(), file
    assert "hunter" not in done.stderr


def test_a_secret_typed_on_the_command_line_is_warned_of(script: Callable[..., Path], runctl: Runctl) -> None:
    script("")
    done = runctl("local", "train.py", "--secret", "TOKEN=hunter2")
    assert "the value of --secret TOKEN is in your shell's history" in done.stderr
    assert "hunter2" not in done.stderr


# --- output and exit codes


@pytest.mark.parametrize("end", [b"", b"\n", b"\r"])
def test_output_is_the_scripts_byte_for_byte(script: Callable[..., Path], home: Path, end: bytes) -> None:
    data = bytes(range(256)) + b"\x1b[31m\r50%\r100%\r\n\n" + end
    script(f"import sys\nsys.stdout.buffer.write({data!r})\nsys.stdout.flush()\nsys.stderr.buffer.write({data!r})")
    done = subprocess.run([*RUNCTL, "local", "train.py"], capture_output=True)
    assert done.stdout == data * 2
    assert Path(RunDir(str(home), only_run(home)).output).read_bytes() == data * 2


def test_much_output_arrives_whole(script: Callable[..., Path]) -> None:
    script("for number in range(200_000): print(number)")
    done = subprocess.run([*RUNCTL, "local", "train.py"], capture_output=True)
    assert done.stdout == b"".join(b"%d\n" % number for number in range(200_000))


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", 0, "succeeded"),
        ("raise SystemExit(7)", 100, "failed (7)"),
        ("raise ValueError('no')", 100, "failed (1)"),
        ("import os; os.kill(os.getpid(), 9)", 100, "failed (SIGKILL)"),
    ],
)
def test_the_exit_code_and_the_last_words_say_how_it_ended(
    script: Callable[..., Path], runctl: Runctl, text: str, code: int, words: str
) -> None:
    script(text)
    done = runctl("local", "train.py")
    assert done.returncode == code
    assert words in done.stderr
    assert "records: " in done.stderr


def test_a_run_that_is_stopped_while_watched_ends_with_102(
    waiting: Callable[[int], None], runctl: Runctl, home: Path
) -> None:
    client = Client("local", "train.py")
    assert client.wait_for_line() == "up\n"
    stopped = runctl("runs", "stop", only_run(home))
    assert stopped.returncode == 0
    assert stopped.stdout == f"{only_run(home)} stopped\n"
    code, _, stderr = client.end()
    assert code == 102
    assert "stopped after" in stderr


def test_detached_it_returns_at_once_and_the_run_goes_on(waiting: Callable[[int], None], runctl: Runctl) -> None:
    done = runctl("local", "train.py", "--detach")
    assert done.returncode == 0
    run_id = done.stdout.split()[0]
    assert f"runctl runs logs --follow {run_id}" in done.stdout
    waiting(0)
    watched = runctl("runs", "logs", "--follow", run_id)
    assert (watched.returncode, watched.stdout) == (0, "up\n")


def test_a_program_that_ends_at_once_has_all_its_times_and_an_agent_that_saw_them(
    script: Callable[..., Path], runctl: Runctl, home: Path
) -> None:
    script("#!/bin/true\n", "run.sh").chmod(0o755)
    for _ in range(5):  # whether its end is reported together with its start is a race
        state = json.loads(runctl("local", "run.sh", "--json").stdout)
        assert (state["outcome"], state["exit_code"], state["reason"]) == ("succeeded", 0, None)
        assert state["started_at"] is not None
        assert Path(RunDir(str(home), state["run_id"]).agent_log).read_text() == ""


# --- what is refused, and leaves nothing behind


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("tain.py", 4, "did you mean train.py?"),
        ("nowhere/train.py", 4, "there is no folder nowhere"),
        ("folder", 3, "folder is a folder, not a script"),
        ("wrong.py", 3, "wrong.py:2"),
        ("", 2, "the script's name is empty"),
        ("notes.txt", 3, "neither a Python script nor executable"),
        ("two\nlines.py", 4, "two\\nlines.py"),
    ],
)
def test_a_script_that_cannot_run_is_refused_before_anything_is_made(
    script: Callable[..., Path], runctl: Runctl, folder: Path, home: Path, name: str, code: int, words: str
) -> None:
    script("")
    script("x = 1\nif x\n    y\n", "wrong.py")
    script("notes", "notes.txt")
    (folder / "folder").mkdir()
    done = runctl("local", name)
    assert done.returncode == code
    assert words in done.stderr
    assert done.stdout == ""
    assert not home.exists()


def test_a_wrong_configuration_is_named_with_file_line_and_key(
    script: Callable[..., Path], runctl: Runctl, folder: Path, home: Path
) -> None:
    script("")
    (folder / ".runctl.toml").write_text("# mine\ngrace = 'soon'\n")
    done = runctl("local", "train.py")
    assert done.returncode == 2
    assert f"{folder}/.runctl.toml:2: grace = 'soon'" in done.stderr
    assert not home.exists()


def test_an_option_that_does_not_exist_hints_at_the_two_dashes(script: Callable[..., Path], runctl: Runctl) -> None:
    script("")
    done = runctl("local", "train.py", "--epochs", "3")
    assert done.returncode == 2
    assert "hint: arguments for the script go after --: runctl local train.py -- --epochs 3" in done.stderr


@pytest.mark.parametrize("options", [["--grace", "soon"], ["--stop-signal", "NONE"], ["--grace", "-1"]])
def test_a_wrong_option_is_named(script: Callable[..., Path], runctl: Runctl, home: Path, options: list[str]) -> None:
    script("")
    done = runctl("local", "train.py", *options)
    assert done.returncode == 2
    assert options[0] in done.stderr
    assert not home.exists()


def test_a_home_that_cannot_be_written_is_an_error_with_a_way_out(
    script: Callable[..., Path], runctl: Runctl, folder: Path
) -> None:
    script("")
    (folder / "file").touch()
    done = runctl("local", "train.py", env={"RUNCTL_HOME": str(folder / "file")})
    assert done.returncode == 1
    assert f"cannot write to runctl's folder {folder}/file" in done.stderr
    assert "set RUNCTL_HOME" in done.stderr


def test_a_dry_run_shows_the_plan_and_makes_nothing(
    script: Callable[..., Path], runctl: Runctl, home: Path, folder: Path
) -> None:
    script("raise SystemExit('must not run')")
    done = runctl("local", "train.py", "--dry-run", "--secret", "TOKEN=hunter2", "--", "--lr", "a b")
    assert done.returncode == 0
    assert "train.py --lr 'a b'\n" in done.stdout
    assert "TOKEN" in done.stdout
    assert "hunter2" not in done.stdout
    assert not home.exists()
    assert os.listdir(folder) == ["train.py"]


# --- Ctrl-C


def test_ctrl_c_ends_the_watching_and_says_how_to_return(
    waiting: Callable[[int], None], runctl: Runctl, home: Path
) -> None:
    client = Client("local", "train.py")
    assert client.wait_for_line() == "up\n"
    client.interrupt()
    code, _, stderr = client.end()
    run_id = only_run(home)
    assert code == 130
    assert f"run {run_id} goes on" in stderr
    assert f"runctl runs logs --follow {run_id}" in stderr
    assert f"runctl runs stop {run_id}" in stderr
    assert "Traceback" not in stderr
    assert json.loads(runctl("runs", "show", "--json").stdout)["phase"] == "running"
    waiting(0)
    assert runctl("runs", "logs", "--follow").returncode == 0


def test_ctrl_c_while_following_leaves_the_run_alone(waiting: Callable[[int], None], runctl: Runctl) -> None:
    runctl("local", "train.py", "--detach")
    client = Client("runs", "logs", "--follow")
    assert client.wait_for_line() == "up\n"
    client.interrupt()
    assert client.end()[0] == 130
    waiting(5)
    assert runctl("runs", "logs", "--follow").returncode == 100


class SlowAgent:
    """An agent that, once it was called, begins when it is told to."""

    def __init__(self, home: Path, folder: Path) -> None:
        called, begin, real = (folder / name for name in ("called", "begin", "real.pyz"))
        self._called, self._begin = Pipe(called), Pipe(begin)
        real.write_bytes(agent_package.build())
        path = home / "agent" / f"{agent_package.content_hash()}.pyz"
        path.parent.mkdir(parents=True)
        path.write_text(
            "import os, sys\n"
            f"with open({str(called)!r}, 'w') as file: file.write('called')\n"
            f"with open({str(begin)!r}) as file: file.readline()\n"
            f"os.execv(sys.executable, [sys.executable, '-I', '-S', {str(real)!r}])\n"
        )

    def wait_for_call(self) -> None:
        self._called.wait_for("called")

    def begin(self) -> None:
        self._begin.write("now\n")

    def close(self) -> None:
        self._called.close()
        self._begin.close()


@pytest.fixture
def slow_agent(home: Path, tmp_path: Path) -> Iterator[SlowAgent]:
    agent = SlowAgent(home, tmp_path)
    yield agent
    agent.close()


def test_ctrl_c_before_the_run_has_started_waits_until_it_has_and_then_counts(
    waiting: Callable[[int], None], slow_agent: SlowAgent, runctl: Runctl, home: Path
) -> None:
    client = Client("local", "train.py")
    slow_agent.wait_for_call()
    client.interrupt()
    client.wait_for_warning("Ctrl-C again")
    slow_agent.begin()
    code, _, stderr = client.end()
    assert code == 130
    assert f"run {only_run(home)} goes on" in stderr
    shutil.rmtree(home / "agent")
    waiting(0)
    assert runctl("runs", "logs", "--follow").returncode == 0


@pytest.mark.parametrize("options", [[], ["--json"], ["-q"]])
def test_a_second_ctrl_c_is_obeyed_at_once_and_nothing_was_started(
    waiting: Callable[[int], None], slow_agent: SlowAgent, home: Path, options: list[str]
) -> None:
    client = Client("local", "train.py", *options)
    slow_agent.wait_for_call()
    client.interrupt()
    client.wait_for_warning("Ctrl-C again")
    client.interrupt()
    code, stdout, stderr = client.end()
    assert code == 130
    assert stdout == ""
    assert "nothing was started" in stderr
    assert not (home / "runs").exists()
