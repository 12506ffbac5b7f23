"""Progress and metrics read from what a script prints, while it runs and after its agent was killed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import Runctl, go, kill, run_of, start, until, write_script

BAR = """
    import sys, time
    total = 20
    for epoch in range(1, 4):
        for done in range(total + 1):
            bar = f"{done * 100 // total:3d}%|###   | {done}/{total} [00:01<00:02, 12.0it/s, loss=0.{epoch}{done}]"
            sys.stderr.write(f"\\rEpoch {epoch}/3: {bar}")
            sys.stderr.flush()
            time.sleep(0.005)
        sys.stderr.write("\\n")
        print(f"Epoch {epoch}: val_loss: 0.{epoch}")
"""
STEPS = """
    import os, time
    print("ready")
    step = 0
    while not os.path.exists("go"):
        step += 1
        print(f"step {step}/100000 | loss {1 / step:.6f} | lr 1e-3", flush=True)
        time.sleep(0.002)
    print("steps", step)
"""


def test_a_bar_shows_where_the_script_is_and_its_metrics(folder: Path, runctl: Runctl) -> None:
    completed = runctl("local", write_script(BAR), "--json")

    shown = json.loads(runctl("runs", "show", json.loads(completed.stdout)["run_id"], "--json").stdout)
    assert shown["position"] == {"epoch": 3, "total_epochs": 3, "step": 60, "total_steps": 60}
    assert shown["metrics"] == {"loss": 0.32, "val_loss": 0.3}
    run = run_of(shown["run_id"])
    points = [event for event in run.events("metric") if "val_loss" in event["values"]]
    assert [(point["epoch"], point["values"]["val_loss"]) for point in points] == [(1, 0.1), (2, 0.2), (3, 0.3)]
    assert len(run.events("metric")) < 40, "every drawing of the bar became an event"


def test_an_agent_killed_in_the_middle_loses_no_metric_and_records_none_twice(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(STEPS))
    supervisor, keeper = run.supervisor, run.keeper
    until(lambda: len(run.events("metric")) > 50, "metrics")

    kill(supervisor)

    until(lambda: run.supervisor == keeper, "the keeper in the supervisor's place")
    before = len(run.events("metric"))
    until(lambda: len(run.events("metric")) > before + 50, "more metrics")
    go()
    state = run.finished()
    last = int(run.output().rpartition(b"steps ")[2])
    assert [event["step"] for event in run.events("metric")] == list(range(1, last + 1))
    assert state["position"] == {"step": last, "total_steps": 100000}


def test_metrics_that_the_script_writes_itself_are_the_only_ones(folder: Path, runctl: Runctl) -> None:
    script = write_script(
        """
        import json, os, time
        with open(os.environ["RUNCTL_METRICS"], "a", buffering=1) as file:
            for step in range(100):
                file.write(json.dumps({"step": step, "loss": 0.5}) + "\\n")
                print(f"step {step} loss 0.4999 accuracy 0.1")
                time.sleep(0.01)
        print("Epoch 7/9")
        """
    )
    completed = runctl("local", script, "--json")

    document = json.loads(completed.stdout)
    events = run_of(document["run_id"]).events("metric")
    assert [event["step"] for event in events] == list(range(100))
    assert (document["metrics"], document["position"]) == ({"loss": 0.5}, {"step": 99})


def test_after_a_take_over_the_metrics_file_still_wins(folder: Path, runctl: Runctl) -> None:
    script = write_script(
        """
        import json, os, time
        print("step 1 loss 0.25")
        while not os.path.exists("begin"):
            time.sleep(0.01)
        with open(os.environ["RUNCTL_METRICS"], "a", buffering=1) as file:
            for step in (10, 11):
                file.write(json.dumps({"step": step, "loss": 0.5}) + "\\n")
            print("ready")
            while not os.path.exists("go"):
                time.sleep(0.01)
            file.write(json.dumps({"step": 12, "loss": 0.5}) + "\\n")
        print("step 13 loss 0.125")
        """
    )
    run = start(runctl, script)
    supervisor, keeper = run.supervisor, run.keeper
    until(lambda: run.events("metric"), "the metric in the output")
    Path("begin").touch()
    until(lambda: len(run.events("metric")) == 3, "the metrics in the file")

    kill(supervisor)

    until(lambda: run.supervisor == keeper, "the keeper in the supervisor's place")
    go()
    run.finished()
    assert [event["step"] for event in run.events("metric")] == [1, 10, 11, 12]


def test_a_secret_that_is_printed_as_a_metric_is_in_no_record(folder: Path, home: Path, runctl: Runctl) -> None:
    script = write_script(
        """
        import os
        print("step 1 loss 0.5 accuracy=0.25 " + os.environ["TOKEN"] + "_loss=0.75")
        """
    )
    run = start(runctl, "--secret", "TOKEN", script, env={"TOKEN": "hunter2secret"})

    assert run.finished()["metrics"]["accuracy"] == 0.25
    assert not [path for path in home.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


@pytest.mark.slow
def test_two_hundred_megabytes_of_prints_end_with_their_last_metric(folder: Path, runctl: Runctl) -> None:
    script = write_script(
        """
        import sys
        line = "loaded shard 17 of 1000 from the disk, and nothing in it says how far the training is by now " * 2
        for step in range(1000):
            sys.stdout.write((line + "\\n") * 1000 + f"step {step} loss {1 / (step + 1)}\\n")
        """
    )
    completed = runctl("local", script, "--json", "--env", "PYTHONUNBUFFERED=", timeout=200)

    document = json.loads(completed.stdout)
    assert document["position"] == {"step": 999}
    assert document["metrics"] == {"loss": 0.001}
    run = run_of(document["run_id"])
    assert run.folder.output
    assert 1 <= len(run.events("metric")) <= 1000
