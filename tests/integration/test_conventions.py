"""What holds for every command: --json, -q, errors, colours, questions, closed pipes."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from support import STUBBORN, alive, children_of, start, until, write_script

from runctl.cli.main import COMMANDS, GROUPS
from runctl.core.config.table import SETTINGS
from running import RUNCTL

Runctl = Callable[..., "subprocess.CompletedProcess[str]"]

DOCS = Path(__file__).parents[2] / "docs"
SCHEMAS = {path.name: json.loads(path.read_text()) for path in (DOCS / "schemas").glob("*.json")}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)
FOREVER = "import threading\nthreading.Event().wait()\n"
RUN = "{run}"

# command → ways to call it in `project`; RUN stands for the id of a finished run
CALLS = {
    "local": [
        ["train.py"],
        ["train.py", "--", "--json"],
        ["train.py", "--detach"],
        ["train.py", "--dry-run"],
        ["tunable.py", "--dry-run", "--hyperparams", "epochs=3"],
        ["failing.py"],
        ["run.sh"],
    ],
    "train": [["train.py", "--on", "local"], ["train.py", "--on", "local", "--dry-run"]],
    "params": [["tunable.py"], ["train.py"]],
    "runs list": [[], ["--status", "failed"]],
    "runs show": [[], [RUN]],
    "runs logs": [[], [RUN, "--follow"], ["--tail", "1"]],
    "runs plot": [[], [RUN, "--metric", "accuracy", "--x", "time"], ["--output", "plot.svg"]],
    # takes two runs: see test_plot_compare.py
    "runs compare": [],
    "runs stop": [[RUN]],
    "runs remove": [[RUN, "--yes"], [RUN, "--dry-run"]],
    "checkpoint list": [[], ["empty"], [RUN]],
    "checkpoint info": [["model.safetensors"], ["model.safetensors", "--checksum"], ["damaged.pt"]],
    # these need an account: see tests/aws/
    "aws create": [],
    "aws list": [],
    "aws status": [],
    "aws wait": [],
    "aws start": [],
    "aws stop": [],
    "aws terminate": [],
    "aws ssh": [],
    "aws train": [],
    "aws sync": [],
    "aws processes": [],
    "aws monitor": [],
    "aws setup": [],
    "aws doctor": [],
    # need volumes: see tests/aws/test_ebs.py
    "aws ebs create": [],
    "aws ebs list": [],
    "aws ebs attach": [],
    "aws ebs mount": [],
    "aws ebs unmount": [],
    "aws ebs detach": [],
    "aws ebs delete": [],
    "aws ebs snapshot": [],
    "aws ebs snapshots": [],
    "aws ebs restore": [],
    "aws ebs pre-warm": [],
    "aws ebs resize": [],
    # need buckets: see tests/aws/test_s3_commands.py
    "s3 upload": [],
    "s3 download": [],
    "s3 sync": [],
    "s3 list": [],
    # with a sandbox that is up: see sandbox/test_commands.py
    "sandbox up": [],
    "sandbox down": [[]],
    "sandbox status": [[]],
    "sandbox env": [],
    "sandbox reset": [],
    "sandbox logs": [],
    "sandbox interrupt": [],
    "sandbox fault add": [],
    "sandbox fault list": [],
    "sandbox fault clear": [],
    "init": [[]],
    "config show": [[], ["--origins"]],
    "config set": [["grace", "2m"], ["checkpoint_dir", "a:b"], ["python", ""]],
    "config validate": [[]],
    "completion": [["bash"], ["zsh"], ["fish"]],
}
EVERY_CALL = [(name, words) for name, calls in CALLS.items() for words in calls]
EXIT_CODES = {("local", "failing.py"): 100}


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell in which `python` is this Python."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture
def project(folder: Path) -> Path:
    """A working folder with scripts and checkpoints."""
    return fill(folder)


def fill(folder: Path) -> Path:
    (folder / "train.py").write_text(
        "import runctl\nprint('hi')\nrunctl.log(step=1, loss=float('inf'), accuracy=0.5)\n"
    )
    (folder / "tunable.py").write_text(
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--epochs', type=int, default=1)\n"
        "parser.add_argument('--sizes', nargs='+', choices=['a', 'b'], default=print)\nparser.parse_args()\n"
    )
    (folder / "failing.py").write_text("raise SystemExit(3)")
    (folder / "run.sh").write_text("#!/bin/sh\necho hi\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "empty").mkdir()
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    (folder / "damaged.pt").write_bytes(b"PK\3\4 cut short")
    return folder


@pytest.fixture(scope="module")
def one_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one finished run in it, made once."""
    folder = tmp_path_factory.mktemp("one")
    (folder / "project").mkdir()
    variables = {**os.environ, "RUNCTL_HOME": str(folder / "home"), "RUNCTL_PYTHON": sys.executable}
    words = [*RUNCTL, "local", "train.py", "-q"]
    subprocess.run(words, check=True, capture_output=True, cwd=fill(folder / "project"), env=variables)
    return folder / "home"


@pytest.fixture
def finished(one_home: Path, project: Path, home: Path) -> str:
    """The id of a finished run of such a project, under a home of its own."""
    shutil.copytree(one_home, home)
    [run_id] = os.listdir(home / "runs")
    return run_id


def words_of(name: str, words: list[str], run_id: str) -> list[str]:
    return [*name.split(), *(run_id if word == RUN else word for word in words)]


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[name], registry=REGISTRY)


def settle(runctl: Runctl) -> None:
    """Waits for a run that was left going on."""
    for run_id in runctl("runs", "list", "-q", "--all").stdout.split():
        runctl("runs", "logs", "--follow", run_id)


# --- documents


def test_every_command_is_called_here_and_has_a_schema_that_the_documentation_lists() -> None:
    assert list(CALLS) == sorted(COMMANDS, key=list(COMMANDS).index)
    shared = {"error.json", "run-state.json", "run-spec.json"}
    shared |= {"aws-instance.json", "aws-volume.json", "aws-snapshot.json"}
    assert set(SCHEMAS) == {name.replace(" ", "-") + ".json" for name in COMMANDS} | shared
    text = (DOCS / "json.md").read_text()
    for name in SCHEMAS:
        assert f"(schemas/{name})" in text, name
    for name in COMMANDS:
        assert f"| `{name}` |" in text, name


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_one_describes_every_field_and_admits_no_other(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["title"]
    check_fields(SCHEMAS[name], name)


def check_fields(schema: Any, where: str) -> None:
    if isinstance(schema, list):
        for index, each in enumerate(schema):
            check_fields(each, f"{where}[{index}]")
    if not isinstance(schema, dict):
        return
    for field, value in schema.get("properties", {}).items():
        assert value.get("description"), f"{where}: {field} has no description"
        unit = {"_at": "Unix time in seconds", "_s": "seconds", "_usd": "US dollars", "_bytes": "bytes"}
        for ending, words in unit.items():
            if field.endswith(ending):
                assert words in value["description"].replace("Seconds", "seconds"), f"{where}: {field} names no unit"
    if "properties" in schema and not where.endswith(".fields"):
        assert schema.get("additionalProperties", schema.get("unevaluatedProperties")) is False, where
    for key, value in schema.items():
        check_fields(value, f"{where}.{key}")


def test_the_schema_of_settings_names_every_setting() -> None:
    assert list(SCHEMAS["config-show.json"]["properties"]) == list(SETTINGS)


def test_the_schemas_would_notice_a_field_too_many_too_few_or_of_another_type(finished: str, runctl: Runctl) -> None:
    document = json.loads(runctl("runs", "show", "--json").stdout)
    check = validator("runs-show.json")
    assert check.is_valid(document)
    assert not check.is_valid({**document, "more": 1})
    assert not check.is_valid({**document, "created_at": "today"})
    assert not check.is_valid({name: value for name, value in document.items() if name != "outcome"})
    assert not check.is_valid({**document, "spec": {**document["spec"], "more": 1}})


@pytest.mark.parametrize(("name", "words"), EVERY_CALL)
def test_json_prints_one_document_alone_and_it_is_as_its_schema_says(
    finished: str, runctl: Runctl, name: str, words: list[str]
) -> None:
    call = words_of(name, words, finished)
    at = call.index("--") if "--" in call else len(call)
    done = runctl(*call[:at], "--json", *call[at:])
    assert done.returncode == EXIT_CODES.get((name, words[0] if words else ""), 0)
    document = json.loads(done.stdout, parse_constant=lambda text: pytest.fail(f"{text} is not JSON"))
    validator(name.replace(" ", "-") + ".json").validate(document)
    assert done.stderr == ""
    if "--detach" in words:
        settle(runctl)


def test_json_of_a_live_and_of_a_stopped_run_is_as_the_schema_says(project: Path, runctl: Runctl) -> None:
    (project / "train.py").write_text(FOREVER)
    runctl("local", "train.py", "--detach")
    validator("runs-show.json").validate(json.loads(runctl("runs", "show", "--json").stdout))
    validator("runs-list.json").validate(json.loads(runctl("runs", "list", "--json").stdout))
    run_id = runctl("runs", "list", "-q").stdout.strip()
    stopped = json.loads(runctl("runs", "stop", run_id, "--now", "--json").stdout)
    validator("runs-stop.json").validate(stopped)
    assert stopped[0]["outcome"] == "stopped"


def test_json_of_a_wrong_configuration_is_a_report_with_exit_code_2(folder: Path, runctl: Runctl) -> None:
    (folder / ".runctl.toml").write_text("grase = 1\n")
    done = runctl("config", "validate", "--json")
    assert done.returncode == 2
    document = json.loads(done.stdout)
    validator("config-validate.json").validate(document)
    assert not document["ok"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["local", "nowhere.py"], 4),
        (["local", "."], 3),
        (["local"], 2),
        (["runs", "show", "nope"], 4),
        (["runs", "lst"], 2),
        (["frobnicate"], 2),
        (["config", "set", "grase", "1"], 2),
        (["checkpoint", "info", "nowhere.pt"], 4),
        (["completion", "tcsh"], 2),
    ],
)
def test_a_failure_with_json_is_one_error_document_on_stderr(
    folder: Path, runctl: Runctl, words: list[str], code: int
) -> None:
    done = runctl(*words, "--json")
    assert (done.returncode, done.stdout) == (code, "")
    document = json.loads(done.stderr)
    validator("error.json").validate(document)
    assert document["error"]["exit_code"] == code


# --- ids alone


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["runs", "list"], [RUN]),
        (["runs", "show"], [RUN]),
        (["runs", "stop", RUN], [RUN]),
        (["runs", "remove", RUN, "--yes"], [RUN]),
        (["checkpoint", "list"], ["damaged.pt", "model.safetensors"]),
        (["checkpoint", "info", "model.safetensors"], ["model.safetensors"]),
        (["config", "show"], list(SETTINGS)),
        (["config", "set", "grace", "1m"], ["grace"]),
        (["config", "validate"], []),
    ],
)
def test_quiet_prints_ids_alone(finished: str, runctl: Runctl, words: list[str], expected: list[str]) -> None:
    done = runctl(*words_of("", words, finished), "-q")
    assert done.returncode == 0
    assert sorted(done.stdout.splitlines()) == sorted(finished if word == RUN else word for word in expected)
    assert done.stderr == ""


@pytest.mark.parametrize("options", [[], ["--detach"]])
def test_quiet_local_prints_the_id_of_its_run(project: Path, runctl: Runctl, options: list[str]) -> None:
    done = runctl("local", "train.py", "--quiet", *options)
    assert re.fullmatch(r"[0-9a-z]{7}-[0-9a-z]{5}\n", done.stdout)
    assert done.stderr == ""
    assert runctl("runs", "logs", done.stdout.strip(), "--follow").stdout == "hi\n"


# --- mistakes


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["lcoal", "train.py"], "did you mean 'local'?"),
        (["frobnicate"], "see: runctl --help"),
        (["runs", "lst"], "did you mean 'list'?"),
        (["runs", "frobnicate"], "see: runctl runs --help"),
        (["runs", "list", "--statsu", "failed"], "see: runctl runs list --help"),
        (["runs", "list", "--stat", "failed"], "see: runctl runs list --help"),
        (["runs", "stop"], "see: runctl runs stop --help"),
        (["", "x"], "see: runctl --help"),
        (["\x1b[2J"], "see: runctl --help"),
        (["--verbose"], "see: runctl --help"),
    ],
)
def test_a_mistyped_command_or_option_is_met_with_a_way_on(runctl: Runctl, words: list[str], hint: str) -> None:
    done = runctl(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"hint: {hint}" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"], *([group] for group in GROUPS), ["runs", "-h"]])
def test_help_goes_to_stdout(runctl: Runctl, words: list[str]) -> None:
    done = runctl(*words)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: runctl")
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_the_common_options(runctl: Runctl, name: str, home: Path) -> None:
    done = runctl(*name.split(), "--help")
    assert done.returncode == 0
    for option in ("--json", "-q, --quiet", "-y, --yes", "--debug"):
        assert option in done.stdout
    assert not home.exists()


def test_the_version_is_told(runctl: Runctl) -> None:
    assert re.fullmatch(r"runctl \d+\.\d+\.\d+\n", runctl("--version").stdout)


def test_a_traceback_is_shown_on_request_alone(folder: Path, runctl: Runctl) -> None:
    plain = runctl("local", "nowhere.py")
    assert plain.stderr.startswith("error: there is no script nowhere.py")
    assert "Traceback" not in plain.stderr
    debugged = runctl("local", "nowhere.py", "--debug")
    assert debugged.returncode == 4
    assert "Traceback" in debugged.stderr
    assert "error: there is no script nowhere.py" in debugged.stderr
    assert "Traceback" not in runctl("local", "nowhere.py", "--", "--debug", "--json").stderr


def test_an_error_of_the_system_is_one_line(folder: Path, runctl: Runctl) -> None:
    done = runctl("runs", "list", env={"RUNCTL_HOME": "/dev/null"})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr


# --- questions


def test_nothing_is_destroyed_when_nobody_can_be_asked(finished: str, runctl: Runctl, project: Path) -> None:
    runctl("init")
    (project / ".runctl.toml").write_text("grace = 5\n")
    for words in (["runs", "remove", finished], ["init", "--force"]):
        done = runctl(*words, stdin="y\n")
        assert done.returncode == 2, words
        assert "add --yes to go ahead" in done.stderr
    assert (project / ".runctl.toml").read_text() == "grace = 5\n"
    assert runctl("init", "--force", "--yes").returncode == 0
    assert (project / ".runctl.toml").read_text() != "grace = 5\n"


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("YES", 0), ("n", 3), ("", 3), ("\x04", 3)])
def test_a_question_on_a_terminal_takes_only_yes_for_yes(finished: str, home: Path, answer: str, code: int) -> None:
    ended, screen = on_terminal(["runs", "remove", finished], answer + "\n")
    assert f"Remove the records of 1 run: {finished}? [y/N]" in screen
    assert ended == code
    assert (home / "runs" / finished).exists() == (code != 0)


# --- terminals and pipes


def on_terminal(words: list[str], typed: str = "", **environment: str) -> tuple[int, str]:
    """Runs runctl on a terminal of 100 columns. Returns its exit code, and all that was sent to the terminal."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    if not typed:
        tty.setraw(slave)
    variables = {**os.environ, "TERM": "xterm", **environment}
    process = subprocess.Popen([*RUNCTL, *words], stdin=slave, stdout=slave, stderr=slave, env=variables)
    os.close(slave)
    os.write(master, typed.encode())
    sent = b""
    while True:
        try:
            sent += os.read(master, 4096)
        except OSError:  # the last writer has gone
            break
    os.close(master)
    return process.wait(), sent.decode()


def test_errors_are_coloured_on_a_terminal_alone(folder: Path, runctl: Runctl) -> None:
    words = ["local", "nowhere.py"]
    assert "\x1b[31merror:\x1b[0m" in on_terminal(words)[1]
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        code, shown = on_terminal(words, **variables)
        assert code == 4
        assert "error: there is no script" in shown
        assert "\x1b" not in shown
    assert "\x1b[31m" in on_terminal(words, NO_COLOR="")[1]
    assert "\x1b" not in runctl(*words).stderr


def test_a_short_script_on_a_terminal_prints_what_it_prints(project: Path) -> None:
    (project / "train.py").write_text("print('one\\ttwo')")
    code, shown = on_terminal(["local", "train.py"])
    assert code == 0
    assert "one\ttwo\n" in shown


def test_a_script_of_a_second_on_a_terminal_leaves_its_output_and_no_status(project: Path) -> None:
    (project / "train.py").write_text("import time\nprint('begin')\ntime.sleep(1)\nprint('end')\n")
    code, shown = on_terminal(["local", "train.py"], NO_COLOR="1")
    assert code == 0
    assert "begin\n" in shown
    assert "running" in shown, "a status appears"
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", shown)
    assert re.search(r"\x1b\[2K(end\n|.*end\n)", shown)


LONG = "for number in range(100_000): print(number)"


@pytest.mark.parametrize(
    "words", [["runs", "logs"], ["runs", "logs", "--follow"], ["runs", "show", "--json"], ["local", "train.py"]]
)
def test_a_reader_that_leaves_early_gives_no_traceback(project: Path, runctl: Runctl, words: list[str]) -> None:
    (project / "train.py").write_text(LONG)
    runctl("local", "train.py", "--quiet")
    client = subprocess.Popen([*RUNCTL, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert client.stdout is not None
    assert client.stderr is not None
    client.stdout.read(1)
    client.stdout.close()
    stderr = client.stderr.read().decode()
    client.stderr.close()
    client.wait()
    assert "Traceback" not in stderr
    assert "BrokenPipe" not in stderr
    if words[0] == "local":
        assert client.returncode == 141
        assert "goes on" in stderr, "the run has not ended because its reader has"
    settle(runctl)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["runs"], ["local", "--help"], ["completion", "bash"]])
@pytest.mark.parametrize("target", ["closed", "full"])
def test_output_that_cannot_be_written_is_no_crash(words: list[str], target: str) -> None:
    if target == "full":
        writer = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, writer = os.pipe()
        os.close(reader)
    done = subprocess.run([*RUNCTL, *words], stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert done.returncode == (141 if target == "closed" else 1)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert ("No space left on device" in done.stderr) == (target == "full")


def test_an_interrupt_of_an_ordinary_command_says_so_and_nothing_more(project: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(STUBBORN))
    run.printed()
    words = [*RUNCTL, "runs", "stop", run.id]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as client:
        assert client.stderr is not None
        assert "stopping" in client.stderr.readline()
        until(lambda: Path(run.folder.stop_request).exists(), "the request")
        carried_out_by = children_of(client.pid)
        client.send_signal(signal.SIGINT)
        stdout, stderr = client.communicate()
    assert (client.returncode, stdout) == (130, "")
    assert stderr.strip() == "error: interrupted"
    assert runctl("runs", "stop", run.id, "--now").returncode == 0
    until(lambda: not any(map(alive, carried_out_by)), "the end of what the stop left")


@pytest.mark.parametrize("words", [("runs", "list", "--limit", "-1"), ("runs", "logs", "--tail", "-3")])
def test_a_negative_count_is_a_usage_error(runctl: Runctl, words: tuple[str, ...]) -> None:
    done = runctl(*words)
    assert done.returncode == 2
    assert "is not a whole number" in done.stderr


def test_a_closed_stdout_swallows_what_is_printed() -> None:
    words = [sys.executable, "-m", "runctl", "--version"]
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *words], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", [("local", "train.py"), ("runs", "list"), ("config", "validate"), ("init",)])
def test_a_folder_that_was_removed_is_named_as_the_cause(runctl: Runctl, folder: Path, words: tuple[str, ...]) -> None:
    folder.rmdir()
    done = runctl(*words)
    assert done.returncode == 1
    assert "the current folder was removed" in done.stderr
