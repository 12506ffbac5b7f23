"""A disk that is full, a home that can't be written to, a run folder that goes away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import WAITS, Runctl, Started, alive, go, newest, until, write_script

import runctl
from runctl.agent.rundir import RunDir

pytestmark = pytest.mark.slow

SOURCES = Path(runctl.__file__).parent.parent
RUNCTL = [sys.executable, "-m", "runctl"]

FILLER = """
import os
def fill():
    with open(os.path.join(os.environ["RUNCTL_HOME"], "ballast"), "ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass
"""
# a small disk at $RUNCTL_HOME that these commands alone see; $KEPT gets what is on it in the end
SMALL_DISK = """
set -e
mkdir -p "$RUNCTL_HOME" "$KEPT/runs"
mount -t tmpfs -o "$MOUNT_OPTIONS" tmpfs "$RUNCTL_HOME"
runctl() { "$PYTHON" -m runctl "$@"; }
set +e
"""
KEEP = """
code=$?
cp -r "$RUNCTL_HOME/runs/." "$KEPT/runs/"
exit $code
"""


def test_output_of_a_script_goes_on_for_a_while_when_the_disk_is_full(folder: Path) -> None:
    write_script(
        FILLER
        + """
import sys, time
log = os.path.join(os.environ["RUNCTL_RUN_DIR"], "output.log")
print("first")
while os.stat(log).st_blocks * 512 < 8 << 20:
    time.sleep(0.01)
fill()
print("x" * 1000000)
print("last")
sys.exit(5)
"""
    )
    on_small_disk("size=32m", "runctl local train.py")

    run = kept()
    state = run.state()
    assert (state["outcome"], state["exit_code"]) == ("failed", 5)
    assert Path(run.folder.output).read_bytes() == b"first\n" + b"x" * 1000000 + b"\nlast\n"
    assert not os.path.exists(run.folder.reserve)


def test_the_outcome_is_recorded_though_the_script_fills_the_disk_again_and_again(folder: Path) -> None:
    write_script(
        FILLER
        + """
import json, sys, time
print("first")
with open(os.environ["RUNCTL_METRICS"], "a") as file:
    for step in range(100):
        print(json.dumps({"step": step}), file=file)
until = time.monotonic() + 1.6
while time.monotonic() < until:
    fill()
try:
    print("x" * 1000000)
except OSError as error:
    sys.exit(error.errno)
"""
    )
    on_small_disk("size=3m", "runctl local train.py")

    state = kept().state()
    assert (state["outcome"], state["exit_code"], state["reason"]) == ("failed", 28, "exit code 28")
    assert "events lost" in kept().texts()


def test_the_outcome_is_recorded_though_others_take_every_byte_that_gets_free(folder: Path) -> None:
    write_script(FILLER + "\nwhile True:\n    fill()\n", "greedy.py")
    write_script("import os, sys\nwhile not os.path.exists('go'): pass\nsys.exit(7)")
    on_small_disk(
        "size=3m",
        """
        runctl local train.py --detach -q
        "$PYTHON" greedy.py &
        greedy=$!
        until [ "$(stat -f -c %f "$RUNCTL_HOME")" = 0 ]; do :; done
        touch go
        until grep -q finished "$RUNCTL_HOME"/runs/*/state.json; do :; done
        until flock -n "$RUNCTL_HOME"/runs/*/agent.lock true; do :; done
        kill $greedy
        rm "$RUNCTL_HOME/ballast"
        """,
    )

    state = kept().state()
    assert (state["outcome"], state["exit_code"]) == ("failed", 7)


def test_the_reserve_holds_the_outcome_where_nothing_else_can_be_written(folder: Path) -> None:
    write_script(
        FILLER
        + """
import json, pathlib
from runctl.agent import disk, rundir
home = pathlib.Path(os.environ["RUNCTL_HOME"])
reserve = disk.Reserve(str(home / "reserve"))
reserve.fill()
fill()
reserve.make_room()
fill()
try:
    rundir.write_json(str(home / "state.json"), {"outcome": "old"})
except OSError:
    reserve.become(str(home / "state.json"), {"outcome": "failed"})
    reserve.release()
print(sorted(os.listdir(home)), (home / "state.json").read_text())
""",
        "reserve.py",
    )

    completed = on_small_disk("size=2m", f'mkdir "$RUNCTL_HOME/runs"; PYTHONPATH={SOURCES} "$PYTHON" reserve.py')

    assert completed.stdout == "['ballast', 'runs', 'state.json'] {\"outcome\": \"failed\"}\n\n", completed.stderr


def test_output_with_secrets_that_a_full_disk_refused_is_counted(folder: Path) -> None:
    write_script(FILLER + "\nprint('first', flush=True)\nfill()\nprint('x' * 2000000)\nraise SystemExit(5)")

    on_small_disk("size=3m", "TOKEN=hunter2-is-my-password runctl local train.py --secret TOKEN")

    run = kept()
    state = run.state()
    assert (state["outcome"], state["exit_code"]) == ("failed", 5)
    lost = int(run.texts().partition("the disk was full: ")[2].split()[0])
    assert os.stat(run.folder.output).st_size + lost == len("first\n") + 2000001


@pytest.mark.parametrize("free_kib", [0, 16])
def test_a_run_that_finds_no_room_fails_and_says_so(folder: Path, free_kib: int) -> None:
    write_script(FILLER + "\nfill()", "fill.py")
    write_script("print('never')")

    completed = on_small_disk(
        "size=4m",
        f"""
        runctl local train.py -q
        rm -r "$RUNCTL_HOME"/runs/*
        head -c {free_kib}k /dev/zero > "$RUNCTL_HOME/spare"
        "$PYTHON" fill.py
        rm "$RUNCTL_HOME/spare"
        runctl local train.py
        """,
    )

    assert "No space left on device" in completed.stderr
    assert "Traceback" not in completed.stderr
    assert "None" not in completed.stderr
    run = kept() if os.listdir(Path("kept", "runs")) else None
    assert completed.returncode == (100 if run else 1)
    assert bool(run) == bool(free_kib)
    if run:
        assert run.state()["outcome"] == "failed"


@pytest.mark.parametrize("installed", [False, True])
def test_a_home_that_is_read_only_is_named(folder: Path, installed: bool) -> None:
    write_script("print('hello')")
    prepare = "runctl local train.py -q" if installed else ""

    completed = on_small_disk(
        "size=8m",
        f"""
        {prepare}
        mount -o remount,ro "$RUNCTL_HOME"
        runctl local train.py
        """,
    )

    assert completed.returncode == 1
    assert "Read-only file system" in completed.stderr
    assert os.environ["RUNCTL_HOME"] in completed.stderr
    assert "Traceback" not in completed.stderr


def test_a_home_below_a_file_is_named(folder: Path, runctl: Runctl) -> None:
    Path("file").touch()
    path = str(folder / "file" / "home")

    completed = runctl("local", write_script("print('hello')"), env={"RUNCTL_HOME": path})

    assert completed.returncode == 1
    assert path in completed.stderr
    assert "Not a directory" in completed.stderr
    assert "Traceback" not in completed.stderr


def test_a_run_whose_folder_is_removed_ends_with_its_script_and_leaves_nothing(folder: Path, runctl: Runctl) -> None:
    write_script(
        f'import subprocess; print("child", subprocess.Popen(["sleep", "600"]).pid){WAITS}'.replace("\n    ", "\n")
    )
    watcher = subprocess.Popen(
        [*RUNCTL, "local", "train.py"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    run = until(newest, "the run")
    child = int(run.printed(r"child (\d+)\n").group(1))
    run.printed()
    processes = [run.supervisor, run.keeper, run.script, child]
    metrics = open(run.folder.metrics, "a")

    shutil.rmtree(run.folder.path)
    with metrics:
        metrics.write('{"step": 1}\n')

    with watcher:
        _, stderr = watcher.communicate(timeout=20)
    assert watcher.returncode == 1
    assert "Traceback" not in stderr
    assert all(map(alive, processes))
    go()
    until(lambda: not any(map(alive, processes)), "the end of all processes")
    assert os.listdir(os.path.dirname(run.folder.path)) == []
    assert runctl("runs", "list", "-q").stdout == ""


def on_small_disk(mount_options: str, commands: str) -> subprocess.CompletedProcess[str]:
    """Runs shell commands that see a file system of their own at $RUNCTL_HOME, as root or not; `runctl` is one."""
    rights = [] if os.getuid() == 0 else ["--map-root-user"]
    environment = {
        **os.environ,
        "MOUNT_OPTIONS": mount_options,
        "PYTHON": sys.executable,
        "KEPT": str(Path("kept").absolute()),
    }
    return subprocess.run(
        ["unshare", *rights, "--mount", "sh", "-c", SMALL_DISK + commands + KEEP],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
    )


def kept() -> Started:
    """The one run that was on the small disk."""
    (run_id,) = os.listdir(Path("kept", "runs"))
    return Started(RunDir(str(Path("kept").absolute()), run_id))
