"""A script in a container of this machine's Docker: what it is given, what it sees, how it ends, and what is left."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from containers import containers_of, docker, make_image, spec_of, start_contained, start_spec
from support import STUBBORN, WAITS, Runctl, Started, go, kill, parent_of, run_of, until, write_script

from python_image import IMAGE

pytestmark = pytest.mark.slow
IMAGES_MADE = ("runctl-my-project-x", "runctl-project", "runctl-test-nopython:1")


@pytest.fixture(autouse=True)
def nothing_left(home: Path) -> Iterator[None]:
    """No container outlives the run that it is of."""
    make_image()
    yield
    subprocess.run(["docker", "image", "rm", "--force", *IMAGES_MADE], capture_output=True)
    runs = home / "runs"
    left = [name for path in (runs.iterdir() if runs.exists() else ()) for name in containers_of(run_of(path.name))]
    if left:
        docker("rm", "--force", *left)
    assert not left


def test_a_script_runs_in_the_image_in_its_own_folder_with_exactly_its_arguments(folder: Path, runctl: Runctl) -> None:
    (folder / "pyproject.toml").touch()
    inside = folder / "models" / "small one"
    inside.mkdir(parents=True)
    os.chdir(inside)
    write_script("import os, sys, json; print(json.dumps([os.getcwd(), os.path.exists('/root'), sys.argv]))")
    words = ["--name", 'it\'s $HOME `id` "x"', "", "*", "a\nb", "--"]
    run = start_contained(runctl, "train.py", "--", *words)
    assert run.finished()["outcome"] == "succeeded", run.texts()
    assert json.loads(run.output()) == ["/workspace/models/small one", True, ["train.py", *words]]


def test_the_exit_code_is_the_scripts_own_also_where_docker_has_a_meaning_for_it(folder: Path, runctl: Runctl) -> None:
    for code in (0, 1, 125, 126, 127, 137, 143):
        run = start_contained(runctl, write_script(f"import sys; sys.exit({code})"))
        assert (run.finished()["exit_code"], run.state()["signal"]) == (code, None), run.state()


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGABRT"])
def test_a_signal_that_ended_the_script_is_named(folder: Path, runctl: Runctl, name: str) -> None:
    run = start_contained(runctl, write_script(f"import os, signal; os.kill(os.getpid(), signal.{name})"))
    assert run.finished()["signal"] == name
    assert run.state()["reason"].startswith(f"killed by {name}")


def test_output_comes_byte_for_byte_in_the_order_in_which_it_was_written(folder: Path, runctl: Runctl) -> None:
    script = """
        import os
        for number in range(2000):
            os.write(1 + number % 2, b"%d \\xff\\x00\\r" % number)
        os.write(1, b"x" * 300_000)
    """
    run = start_contained(runctl, write_script(script))
    assert run.finished()["outcome"] == "succeeded", run.texts()
    assert run.output() == b"".join(b"%d \xff\x00\r" % number for number in range(2000)) + b"x" * 300_000


def test_variables_are_the_users_and_the_runs_and_not_the_machines(
    folder: Path, runctl: Runctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAKED", "yes")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://10.1.2.3")
    mine = {"A": "x y\n'\"$HOME`", "EMPTY": "", "PATH": "/usr/bin:/bin:/mine", "DOCKER_HOST": "tcp://nowhere"}
    run = start_contained(runctl, write_script("import os, json; print(json.dumps(dict(os.environ)))"), env=mine)
    assert run.finished()["outcome"] == "succeeded", run.texts()
    found = json.loads(run.output())
    assert {name: found.get(name) for name in mine} == mine
    assert (found["HOME"], found["RUNCTL_RUN_ID"], found["PYTHONUNBUFFERED"]) == ("/root", run.id, "1")
    assert found["AWS_ENDPOINT_URL_S3"] == "http://10.1.2.3"
    assert not {"LEAKED", "RUNCTL_HOME", "TINI_VERBOSITY", "USER"} & set(found)


def test_secrets_reach_the_script_masked_and_are_in_no_command_line(folder: Path, runctl: Runctl) -> None:
    secret = "s3cr3t-value-of-the-token"
    script = "import os\nprint(len(os.environ['TOKEN']), os.environ['TOKEN'])\n" + "\n".join(
        line.removeprefix("    ") for line in WAITS.splitlines()
    )
    run = start_contained(runctl, write_script(script), secrets={"TOKEN": secret})
    run.printed()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert secret.encode() not in path.read_bytes()
        except OSError:
            continue
    go()
    assert run.finished()["exit_code"] == 7
    assert run.output().startswith(b"%d ***\nready\ndone" % len(secret))
    assert not any(secret.encode() in path.read_bytes() for path in Path(run.folder.path).iterdir() if path.is_file())


def test_metrics_that_the_script_writes_are_recorded(folder: Path, runctl: Runctl) -> None:
    script = """
        import json, os
        with open(os.environ["RUNCTL_METRICS"], "a") as file:
            print(json.dumps({"step": 3, "loss": 0.5}), file=file)
    """
    run = start_contained(runctl, write_script(script))
    assert run.finished()["metrics"] == {"loss": 0.5}, run.texts()


def test_a_stop_reaches_the_script_which_may_end_well(folder: Path, runctl: Runctl) -> None:
    script = """
        import signal, sys, time
        def end(*_):
            print("saved")
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        print("ready")
        while True:
            time.sleep(0.1)
    """
    run = start_contained(runctl, write_script(script))
    run.printed()
    assert runctl("runs", "stop", run.id).returncode == 0
    assert run.finished()["outcome"] == "stopped"
    assert run.output() == b"ready\nsaved\n"


def test_a_script_that_ignores_the_signal_is_killed_after_its_grace(folder: Path, runctl: Runctl) -> None:
    run = start_contained(runctl, write_script(STUBBORN), grace_s=0.5)
    run.printed()
    assert runctl("runs", "stop", run.id).returncode == 0
    assert (run.finished()["outcome"], run.state()["signal"]) == ("stopped", "SIGKILL")
    assert "killed" in run.texts()


def test_a_shell_script_and_what_it_waits_for_are_both_stopped(folder: Path, runctl: Runctl) -> None:
    script = write_script("#!/bin/sh\ntrap 'echo trapped; exit 3' TERM\necho ready\nsleep 600\n", "train.sh")
    Path(script).chmod(0o755)
    run = start_contained(runctl, script)
    run.printed()
    assert runctl("runs", "stop", run.id).returncode == 0
    assert run.finished()["outcome"] == "stopped"
    assert b"trapped" in run.output()


@pytest.mark.parametrize("killed", ["supervisor", "keeper", "docker", "all"])
def test_whoever_looks_after_it_is_killed_the_run_goes_on_and_its_end_is_known(
    folder: Path, runctl: Runctl, killed: str
) -> None:
    run = start_contained(runctl, write_script(WAITS))
    run.printed()
    run.running()
    command = waiting_of(run)
    pids = {"supervisor": run.supervisor, "keeper": parent_of(command), "docker": command}
    kill(*(pids.values() if killed == "all" else [pids[killed]]))
    assert containers_of(run)
    go()
    if killed == "all":
        until(lambda: b"done" in run.output(), "the script's end")
    else:
        run.finished()
    until(lambda: shown(runctl, run)["phase"] == "finished", "an outcome")
    assert (shown(runctl, run)["outcome"], shown(runctl, run)["exit_code"]) == ("failed", 7)
    assert run.output() == b"ready\ndone\n"


def test_a_run_whose_agent_was_killed_can_be_stopped(folder: Path, runctl: Runctl) -> None:
    run = start_contained(runctl, write_script(STUBBORN), grace_s=0.5)
    run.printed()
    command = waiting_of(run)
    kill(run.supervisor, parent_of(command), command)
    assert runctl("runs", "stop", run.id).returncode == 0
    assert (run.state()["outcome"], run.state()["signal"]) == ("stopped", "SIGKILL")


def test_an_image_without_python_is_named_as_the_reason(folder: Path, runctl: Runctl) -> None:
    docker("build", "--tag", "runctl-test-nopython:1", "-", stdin=f"FROM {IMAGE}\nENV PATH=/nowhere:/bin\n".encode())
    run = start_contained(runctl, write_script("print(1)"), image="runctl-test-nopython:1")
    assert run.finished()["outcome"] == "failed"
    assert "the image has neither python nor python3" in run.state()["reason"]


def test_a_project_is_built_by_its_dockerfile_and_cached_by_docker(folder: Path, runctl: Runctl) -> None:
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY . /copied\nENV FROM_IMAGE=yes\n")
    (folder / ".dockerignore").write_text("secret.txt\n")
    (folder / "secret.txt").touch()
    script = "import os; print(sorted(os.listdir('/copied')), os.environ['FROM_IMAGE'])"
    images = []
    for _ in range(2):
        project = {"name": "My_Project.x", "folder": str(folder), "stamp": None}
        run = start_contained(runctl, write_script(script), image=None, project=project)
        assert run.finished()["outcome"] == "succeeded", run.texts()
        assert run.output() == b"['.dockerignore', 'Dockerfile', 'train.py'] yes\n"
        images += [event["image"] for event in run.events("progress") if "image" in event]
    assert images[0] == images[1] == docker("image", "inspect", "--format", "{{.Id}}", "runctl-my-project-x")
    assert "Using cache" in str(run.events("progress"))


def test_a_dockerfile_that_fails_says_where(folder: Path, runctl: Runctl) -> None:
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\nRUN echo just before; exit 3\n")
    run = start_contained(runctl, write_script("print(1)"), image=None)
    assert run.finished()["outcome"] == "failed"
    assert "returned a non-zero code: 3" in run.state()["reason"]
    assert "just before" in str(run.events("error"))
    assert "echo just before" not in docker("ps", "--all", "--no-trunc", "--format", "{{.Command}}")


def test_a_build_can_be_stopped(folder: Path, runctl: Runctl) -> None:
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\nRUN echo building; sleep 600\n")
    run = start_contained(runctl, write_script("print(1)"), image=None)
    until(lambda: "building" in str([event["text"] for event in run.events("progress")][2:]), "the build")
    assert runctl("runs", "stop", run.id).returncode == 0
    assert run.finished()["outcome"] == "stopped"
    until(lambda: "sleep 600" not in docker("ps", "--no-trunc", "--format", "{{.Command}}"), "the build's end")


def test_an_image_that_is_nowhere_is_named(folder: Path, runctl: Runctl) -> None:
    run = start_contained(runctl, write_script("print(1)"), image="127.0.0.1:9/nowhere:1")
    assert run.finished()["outcome"] == "failed"
    assert "127.0.0.1:9/nowhere:1" in run.state()["reason"]


def test_docker_that_is_not_there_or_does_not_run_is_named(
    folder: Path, runctl: Runctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    run = start_contained(runctl, write_script("print(1)"))
    assert run.finished()["outcome"] == "failed"
    assert "Docker does not run on this machine" in run.state()["reason"]
    monkeypatch.delenv("DOCKER_HOST")


def test_folders_with_odd_names_are_mounted_where_they_are_asked_for(folder: Path, runctl: Runctl) -> None:
    odd = folder.parent / 'a, "b": c=d\n end '
    odd.mkdir()
    (odd / "file").write_text("here")
    mounts = [{"source": str(odd), "target": "/seen, too:", "read_only": True}]
    script = """
        print(open("/seen, too:/file").read())
        try:
            open("/seen, too:/new", "w")
        except OSError as error:
            print(error.strerror)
    """
    run = start_contained(runctl, write_script(script), container={"mounts": mounts})
    assert run.finished()["outcome"] == "succeeded", run.texts()
    assert run.output() == b"here\nRead-only file system\n"


def test_a_folder_to_mount_that_is_not_there_is_named(folder: Path, runctl: Runctl) -> None:
    mounts = [{"source": "/no/such", "target": "/data", "read_only": False}]
    run = start_contained(runctl, write_script("print(1)"), container={"mounts": mounts})
    assert "there is no /no/such on this machine" in run.finished()["reason"]


@pytest.mark.parametrize("step", ["create", "start"])
def test_an_agent_that_is_killed_around_the_start_leaves_no_container_and_no_riddle(
    folder: Path, runctl: Runctl, tmp_path: Path, step: str
) -> None:
    real, programs = shutil.which("docker"), tmp_path / "bin"
    programs.mkdir()
    # Docker does what it is asked for, and then whoever asked is killed
    (programs / "docker").write_text(f'#!/bin/sh\n{real} "$@" || exit\ntest "$1" != {step} || kill -KILL $PPID\n')
    (programs / "docker").chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        run = start_contained(runctl, write_script(WAITS))
        until(lambda: not run.folder.has_agent(), "the agent's death")
    if step == "start":
        run.printed()
        go()
    until(lambda: shown(runctl, run)["phase"] == "finished", "an outcome")
    assert shown(runctl, run)["exit_code"] == (None if step == "create" else 7)
    assert shown(runctl, run)["outcome"] == "failed"


def test_an_agent_that_is_killed_while_it_builds_leaves_no_build_behind(folder: Path, runctl: Runctl) -> None:
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\nRUN echo building; sleep 601\n")
    run = start_contained(runctl, write_script("print(1)"), image=None)
    until(lambda: "building" in str([event["text"] for event in run.events("progress")][2:]), "the build")
    kill(run.state()["agent_pid"])
    assert "killed before the script" in shown(runctl, run)["reason"]
    until(lambda: "sleep 601" not in docker("ps", "--no-trunc", "--format", "{{.Command}}"), "the build's end")


def test_a_run_can_be_started_in_a_session_without_variables(folder: Path, runctl: Runctl) -> None:
    """As from cron, or by an agent that came over a connection with an empty environment."""
    spec = spec_of(runctl, write_script("print(1)"))
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - {"RUNCTL_HOME"}:
            patch.delenv(name)
        run = start_spec(spec)
    assert run.finished()["outcome"] == "succeeded", run.texts()


def waiting_of(run: Started) -> int:
    """The id of the process that waits for a run's container."""
    name = containers_of(run)[0]

    def found() -> int | None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if path.read_bytes().split(b"\0")[1:3] == [b"wait", name.encode()]:
                    return int(path.parent.name)
            except OSError:
                continue
        return None

    pid = until(found, "docker wait")
    assert pid is not None
    return pid


def shown(runctl: Runctl, run: Started) -> dict[str, Any]:
    """What `runs show` tells of a run."""
    found: dict[str, Any] = json.loads(runctl("runs", "show", run.id, "--json").stdout)
    return found
