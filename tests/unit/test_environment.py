"""How the agent makes an environment: once, alone, complete or not at all. A shell script stands in for uv."""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from runctl.agent.environment import prepare
from runctl.agent.installer import EnvironmentFailed, Stopped
from runctl.agent.versions import SpecifierError, satisfies

UV = """#!/bin/sh
echo "$@" >> "$TEST_LOG"
if [ "$1" = venv ]; then
  for home; do :; done
  mkdir -p "$home/bin" && ln -s "$TEST_PYTHON" "$home/bin/python"
else
  eval "$TEST_INSTALL"
fi
"""


def never() -> bool:
    return False


class Machine:
    """A project with a requirements.txt, an empty cache, and a uv that does as `install` says."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.cache = folder / "cache of environments"
        self.log = folder / "log"
        self.lines: list[str] = []
        self._monkeypatch = monkeypatch
        (folder / "requirements.txt").write_text("six\n")
        self.program("uv", UV)
        self.program("python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
        monkeypatch.setenv("TEST_LOG", str(self.log))
        monkeypatch.setenv("TEST_PYTHON", sys.executable)
        self.install("true")

    def program(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def install(self, shell: str) -> None:
        self._monkeypatch.setenv("TEST_INSTALL", shell)

    def environment(self, **changes: Any) -> dict[str, Any]:
        return {
            "kind": "requirements",
            "python": None,
            "requires_python": None,
            "root": str(self.folder),
            "source": "requirements.txt",
            "requirements": [],
            "editable": False,
            "needs_uv": False,
            "bound_to_root": False,
            "files": ["requirements.txt"],
            "key": "0123",
            **changes,
        }

    def prepare(self, **changes: Any) -> str:
        return prepare(self.environment(**changes), str(self.cache), self.lines.append, never)

    def fails(self, **changes: Any) -> EnvironmentFailed:
        with pytest.raises(EnvironmentFailed) as caught:
            self.prepare(**changes)
        return caught.value

    def made(self) -> list[str]:
        return sorted(path.name for path in self.cache.iterdir() if path.is_dir())

    def calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(folder, monkeypatch)


class Held:
    """A background process, as a shell starts it, and a pipe that tells when it has started and ended."""

    def __init__(self, folder: Path) -> None:
        self._pipe = folder / "held"
        os.mkfifo(self._pipe)
        self._end = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.shell = f"(exec 3> '{self._pipe}'; echo >&3; exec sleep 1000)"

    def started(self) -> bool:
        return bool(select.select([self._end], [], [], 0)[0] and os.read(self._end, 1))

    def ended(self) -> bool:
        """Waits for the last holder of the pipe to end."""
        while select.select([self._end], [], [], 10)[0]:
            if not os.read(self._end, 1):
                return True
        return False


@pytest.fixture
def held(folder: Path) -> Held:
    return Held(folder)


def test_what_is_not_python_and_a_given_interpreter_need_no_work(machine: Machine) -> None:
    assert machine.prepare(kind="none") == ""
    assert machine.prepare(kind="interpreter", python=sys.executable) == sys.executable
    assert "no interpreter /no/python" in machine.fails(kind="interpreter", python="/no/python").message
    assert "no interpreter /tmp" in machine.fails(kind="interpreter", python="/tmp").message
    assert not machine.cache.exists()


def test_an_environment_is_made_once_and_then_found_without_starting_anything(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = machine.prepare()
    assert os.access(python, os.X_OK)
    assert len(machine.calls()) == 2
    monkeypatch.setattr(subprocess, "Popen", None)
    assert machine.prepare() == python
    machine.cache.chmod(0o555)
    assert machine.prepare() == python


def test_another_key_place_or_python_is_another_environment(machine: Machine, folder: Path) -> None:
    first = machine.prepare()
    assert machine.prepare(key="4567") != first
    assert machine.prepare(root=str(folder / "bin" / "..")) == first
    bound = machine.prepare(bound_to_root=True)
    (folder / "copy").mkdir()
    assert machine.prepare(bound_to_root=True, root=str(folder / "copy")) != bound
    machine.program("python", f'#!/bin/sh\n# another\nexec "{sys.executable}" "$@"\n')
    assert machine.prepare() != first


def test_an_environment_whose_python_was_replaced_is_made_anew(machine: Machine, folder: Path) -> None:
    python = machine.prepare()
    Path(python).unlink()
    machine.prepare()
    assert len(machine.calls()) == 4
    Path(python).unlink()
    Path(python).symlink_to(folder / "bin" / "python")
    machine.prepare()
    assert os.path.realpath(python) == os.path.realpath(sys.executable)


def test_what_was_left_half_made_is_removed_and_made_anew(machine: Machine) -> None:
    home = Path(machine.prepare()).parents[1]
    (home / ".complete").unlink()
    (home / "rubbish").write_text("")
    machine.prepare()
    assert not (home / "rubbish").exists()
    (home / ".complete").write_text('{"python": ')
    machine.prepare()
    assert len(machine.calls()) == 6


def test_every_line_of_the_installer_is_reported_and_nothing_is_printed(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.install(r"""printf 'one\rtwo\n\n\377 three\n'; echo four >&2; printf five""")
    machine.prepare()
    assert machine.lines[1:] == ["one", "two", "\ufffd three", "four", "five"]
    assert capfd.readouterr() == ("", "")


def test_a_line_without_end_does_not_fill_the_memory(machine: Machine) -> None:
    machine.install("head -c 20000000 /dev/zero | tr '\\0' x")
    machine.prepare()
    assert max(len(line) for line in machine.lines) == 4000


def test_the_installer_gets_no_input_and_no_other_environments_variables(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PIP_TARGET"):
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org")
    machine.program("python", f'#!/bin/sh\nunset PYTHONHOME\nexec "{sys.executable}" "$@"\n')
    machine.install("env; cat")
    ours, typed = os.dup(0), os.pipe()
    os.write(typed[1], b"typed\n")
    os.close(typed[1])
    os.dup2(typed[0], 0)
    try:
        machine.prepare()
    finally:
        os.dup2(ours, 0)
        os.close(ours)
        os.close(typed[0])
    assert "typed" not in machine.lines
    assert not [line for line in machine.lines if "/elsewhere" in line]
    assert "PIP_NO_INPUT=1" in machine.lines
    assert "PIP_DISABLE_PIP_VERSION_CHECK=1" in machine.lines
    assert "PIP_INDEX_URL=https://example.org" in machine.lines


def test_a_failing_installer_is_reported_with_the_end_of_its_output_and_nothing_remains(
    machine: Machine,
) -> None:
    machine.install("seq 1000; echo no such package >&2; exit 3")
    error = machine.fails()
    assert "uv pip install --python …` failed with exit code 3: no such package" in str(error)
    assert error.output.splitlines() == [*map(str, range(962, 1001)), "no such package"]
    assert machine.made() == []


@pytest.mark.parametrize(
    ("install", "message"),
    [
        ("echo 'error: No space left on device (os error 28)'; exit 2", "no space was left on the disk"),
        ("kill -9 $$", "was killed by signal 9"),
        ("exit 1", "it wrote nothing"),
        ('rm "$TEST_HOME_PYTHON"', "can't be kept"),
    ],
)
def test_each_way_to_fail_is_told_apart(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, install: str, message: str
) -> None:
    home = Path(machine.prepare()).parents[1]
    (home / ".complete").unlink()
    monkeypatch.setenv("TEST_HOME_PYTHON", str(home / "bin" / "python"))
    machine.install(install)
    assert message in machine.fails().message
    assert machine.made() == []


def test_a_cache_that_can_not_be_written_is_named(machine: Machine) -> None:
    machine.cache.write_text("a file")
    assert f"environments can't be kept in {machine.cache}" in machine.fails().message


def test_a_stop_kills_the_installer_and_all_that_it_started(machine: Machine, held: Held) -> None:
    machine.install(f"{held.shell} & wait")
    with pytest.raises(Stopped):
        prepare(machine.environment(), str(machine.cache), machine.lines.append, held.started)
    assert machine.made() == []
    assert held.ended()


def test_a_stop_before_anything_started_starts_nothing(machine: Machine) -> None:
    with pytest.raises(Stopped):
        prepare(machine.environment(), str(machine.cache), machine.lines.append, lambda: True)
    assert machine.calls() == []


def test_a_background_process_of_the_installer_does_not_hold_the_run_up(
    machine: Machine, folder: Path, held: Held
) -> None:
    machine.install(f"{held.shell} & echo $! > child")
    machine.prepare()
    os.kill(int((folder / "child").read_text()), signal.SIGKILL)
    assert held.ended()


def test_two_runs_at_once_make_one_environment(machine: Machine, folder: Path) -> None:
    os.mkfifo(folder / "gate")
    machine.install("cat gate > /dev/null")
    pythons: list[str] = []
    first = threading.Thread(target=lambda: pythons.append(machine.prepare()))
    first.start()
    lines: list[str] = []

    def second_waits(line: str) -> None:
        lines.append(line)
        if line.startswith("waiting"):
            (folder / "gate").write_text("go")

    # the first holds the lock from before its first call of uv on
    while not machine.calls():
        assert first.is_alive()
    pythons.append(prepare(machine.environment(), str(machine.cache), second_waits, never))
    first.join()
    assert pythons[0] == pythons[1]
    assert lines == ["waiting for another run that prepares the same environment"]
    assert len(machine.calls()) == 2


def test_a_stop_ends_the_wait_for_another_run(machine: Machine) -> None:
    home = Path(machine.prepare()).parents[1]
    (home / ".complete").unlink()
    with Path(f"{home}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Stopped):
            prepare(
                machine.environment(), str(machine.cache), machine.lines.append, lambda: "waiting" in machine.lines[-1]
            )
    assert home.exists()


def test_an_installer_that_outlives_its_killed_agent_keeps_others_out(machine: Machine, folder: Path) -> None:
    os.mkfifo(folder / "pid")
    machine.install("echo $$ > pid; exec sleep 1000")
    code = (
        "import json, sys; from runctl.agent.environment import prepare\n"
        "prepare(json.loads(sys.argv[1]), sys.argv[2], lambda line: None, lambda: False)"
    )
    words = [sys.executable, "-c", code, json.dumps(machine.environment()), str(machine.cache)]
    source = Path(__file__).parents[2] / "src"
    agent = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(source)})
    installer = int((folder / "pid").read_text())
    agent.kill()
    agent.wait()
    (lock,) = machine.cache.glob("*.lock")
    with lock.open("w") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.kill(installer, signal.SIGKILL)
    machine.install("true")
    assert machine.prepare()


def test_a_python_without_venv_is_answered_with_the_package_to_install(machine: Machine, folder: Path) -> None:
    (folder / "bin" / "uv").unlink()
    machine.program(
        "python",
        f"""#!/bin/sh
if [ "$1" = -m ]; then
  echo "The virtual environment was not created successfully because ensurepip is not"
  exit 1
fi
echo '["3.11.2", "{folder}/bin/python"]'
""",
    )
    assert "apt install python3.11-venv" in machine.fails().message


def test_a_python_that_is_too_old_is_named_with_both_versions(machine: Machine, folder: Path) -> None:
    (folder / "bin" / "uv").unlink()
    message = machine.fails(requires_python=">=3.99").message
    assert "needs Python >=3.99" in message
    assert "is Python {}.{}.{}".format(*sys.version_info[:3]) in message


def test_uv_is_asked_for_a_python_that_suits_when_the_machines_own_does_not(machine: Machine) -> None:
    machine.prepare(requires_python=">=3.99")
    assert "--python >=3.99" in machine.calls()[0]


def test_a_python_that_is_none_is_named(machine: Machine) -> None:
    machine.program("python", "#!/bin/sh\necho hello\n")
    assert "bin/python does not answer as Python 3 does" in machine.fails().message


VERSIONS = st.tuples(st.integers(2, 4), st.integers(0, 14), st.integers(0, 3))
NUMBERS = st.lists(st.integers(0, 14), min_size=2, max_size=3)
SPECIFIERS = st.one_of(
    st.tuples(st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "~="]), NUMBERS, st.just("")),
    st.tuples(st.sampled_from(["==", "!="]), NUMBERS, st.just(".*")),
)


@given(VERSIONS, st.lists(SPECIFIERS, max_size=3))
def test_specifiers_mean_what_packaging_says(
    version: tuple[int, int, int], parts: list[tuple[str, list[int], str]]
) -> None:
    shown = ".".join(map(str, version))
    specifiers = ", ".join(f"{operator} {'.'.join(map(str, [3, *rest[1:]]))}{end}" for operator, rest, end in parts)
    assert satisfies(shown, specifiers) == SpecifierSet(specifiers).contains(shown)


@pytest.mark.parametrize("specifiers", ["3.11", "^3.11", ">=three", "~=3", ">=3.8;<4", "=>3"])
def test_what_is_no_specifier_is_an_error(specifiers: str) -> None:
    with pytest.raises(SpecifierError):
        satisfies("3.11.0", specifiers)
