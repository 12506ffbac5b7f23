"""Metrics files as scripts really leave them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support import Runctl, go, run_of, start, until, write_script

from runctl.agent.masking import Masker
from runctl.agent.metrics import MetricsFile
from runctl.runs.run import Run

OPEN = """
import json, os, sys, time
path = os.environ["RUNCTL_METRICS"]
"""


@pytest.mark.slow
def test_a_hundred_thousand_metrics_at_once_are_all_kept(folder: Path, runctl: Runctl, home: Path) -> None:
    count = 100_000
    script = write_script(
        f"""{OPEN}
with open(path, "a") as file:
    for step in range({count}):
        print(json.dumps({{"step": step, "loss": 1 / (step + 1), "learning_rate": 0.000123456789}}), file=file)
"""
    )
    completed = runctl("local", script, "--json")

    run_id = json.loads(completed.stdout)["run_id"]
    assert [point.step for point in Run(run_id, home).metrics["loss"]] == list(range(count))
    assert run_of(run_id).state()["position"] == {"step": count - 1}


def test_garbage_costs_a_warning_and_no_metric(folder: Path, runctl: Runctl, home: Path) -> None:
    script = write_script(
        f"""{OPEN}
lines = [
    b'{{"step": 1, "loss": 0.5}}',
    b'loss=3', b'[1]', b'{{"loss": "low"}}', b'\\xff\\xfe', b'',
    b'[' * 100000, b'{{"loss": null}}', b'{{"x": ' * 100000,
    b'{{"loss": ' + b'9' * 5000 + b'}}', b'{{"\\\\ud800": 1}}', b'{{"\\\\ud800": "x"}}',
    b'{{"step": 2, "loss": NaN, "up": Infinity, "down": -1e999, "big": 1' + b'0' * 400 + b'}}',
    b'{{"step": 3, "note": "' + b'x' * (3 << 20) + b'"}}',
    b'{{"step": 4, "loss": 0.25}}',
]
with open(path, "ab") as file:
    for line in lines:
        file.write(line + b"\\n")
"""
    )
    completed = runctl("local", script, "--json")

    assert completed.returncode == 0, completed.stderr
    shown = json.loads(completed.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert (shown["metrics"]["loss"], shown["position"]) == (0.25, {"step": 4})
    assert (shown["metrics"]["up"], shown["metrics"]["down"], shown["metrics"]["big"]) == (
        "Infinity",
        "-Infinity",
        "Infinity",
    )
    run = run_of(shown["run_id"])
    steps = [event.get("step") for event in run.events("metric")]
    assert [step for step in steps if step] == [1, 2, 4]
    assert "is not a number" in run.texts()
    assert "a line of more than 1 MiB" in run.texts()
    assert "killed" not in run.texts()
    assert str(Run(shown["run_id"], home).metrics["loss"][-2].value) in ("nan", "inf")


def test_a_line_written_in_halves_counts_once_and_the_last_needs_no_newline(folder: Path, runctl: Runctl) -> None:
    script = write_script(
        f"""{OPEN}
with open(path, "ab", buffering=0) as file:
    file.write(b'{{"step": 1, "lo')
    print("half", flush=True)
    while not os.path.exists("go"):
        time.sleep(0.01)
    file.write(b'ss": 0.5}}\\n{{"step": 2, "loss": 0.25}}')
"""
    )
    run = start(runctl, script)
    run.printed("half")
    go()

    run.finished()

    assert [(event["step"], event["values"]) for event in run.events("metric")] == [
        (1, {"loss": 0.5}),
        (2, {"loss": 0.25}),
    ]
    assert run.texts() == ""


@pytest.mark.parametrize("way", ["os.unlink(path)", "open(path, 'w').close()"])
def test_a_metrics_file_that_is_begun_anew_is_read_anew(folder: Path, runctl: Runctl, way: str) -> None:
    script = write_script(
        f"""{OPEN}
def log(step):
    with open(path, "a") as file:
        print(json.dumps({{"step": step, "loss": 0.5}}), file=file)
for step in range(100):
    log(step)
while not os.path.exists("go"):
    time.sleep(0.01)
{way}
log(1000)
"""
    )
    run = start(runctl, script)
    until(lambda: len(run.events("metric")) == 100, "the first metrics")
    go()

    state = run.finished()

    assert state["position"] == {"step": 1000}
    assert len(run.events("metric")) == 101


def test_a_metrics_file_that_is_gone_or_a_folder_costs_nothing(folder: Path, runctl: Runctl) -> None:
    completed = runctl("local", write_script(f"{OPEN}\nos.unlink(path)\nos.mkdir(path)\nsys.exit(7)"), "--json")

    shown = json.loads(completed.stdout)
    assert (shown["outcome"], shown["exit_code"]) == ("failed", 7)


def test_a_metric_is_in_the_state_within_seconds_though_no_other_follows(folder: Path, runctl: Runctl) -> None:
    script = write_script(
        f"""{OPEN}
with open(path, "a") as file:
    file.write('{{"step": 1, "loss": 0.5}}\\n')
while not os.path.exists("go"):
    time.sleep(0.01)
"""
    )
    run = start(runctl, script)

    until(lambda: run.state()["metrics"] == {"loss": 0.5}, "the metric in the state", 5)

    go()
    run.finished()


def test_the_end_of_an_overlong_line_is_not_taken_for_a_line(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    metrics = MetricsFile(str(path), Masker([]))
    path.write_bytes(b"x" * (1 << 20) + b"x")
    assert metrics.read() == ([], ["a line of more than 1 MiB"])
    with open(path, "ab") as file:
        file.write(b"x" * (1 << 20))
    assert metrics.read() == ([], [])
    with open(path, "ab") as file:
        file.write(b'{"loss": 1}\n{"loss": 2}\n')

    assert metrics.read() == ([{"values": {"loss": 2}}], [])
    assert metrics.finish() == ([], [])


def test_known_metrics_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"a": 1}\ngarbage\n{"a": 2}\nmore garbage\n{"a": 3}')

    metrics = MetricsFile(str(path), Masker([]), known=2)

    assert metrics.read() == ([], ["not a JSON object: 'more garbage'"])
    assert metrics.finish() == ([{"values": {"a": 3}}], [])
    assert os.path.exists(path)


def test_a_file_that_took_the_place_of_another_is_read_whole_though_it_is_longer(tmp_path: Path) -> None:
    path, other = tmp_path / "metrics.jsonl", tmp_path / "other"
    path.write_text('{"a": 1}\n')
    other.write_text('{"b": 1}\n{"b": 2}\n')
    metrics = MetricsFile(str(path), Masker([]))
    metrics.read()

    other.rename(path)

    assert metrics.read() == ([{"values": {"b": 1}}, {"values": {"b": 2}}], [])
