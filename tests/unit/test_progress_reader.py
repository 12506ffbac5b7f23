"""output.log as the agent follows it: what it reads, what it passes over, what becomes an event."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runctl.agent.progress.reader import OutputReader
from runctl.agent.progress.thinning import Thinning
from runctl.agent.progress.watch import OutputWatch


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "output.log"
    path.touch()
    return path


def append(path: Path, text: str) -> None:
    with path.open("ab") as file:
        file.write(text.encode())


def losses(found: list[dict[str, Any]]) -> list[float]:
    return [fields["values"]["loss"] for fields in found if "loss" in fields["values"]]


def bar(done: int, ending: str = "") -> str:
    return f"\r{done:3d}%|###   | {done}/100 [00:01<00:02,  1.20it/s, loss=0.{done}]{ending}"


def test_what_is_new_is_read_once(log: Path) -> None:
    watch = OutputWatch(str(log))
    append(log, "step 1 loss 0.5\nstep 2 lo")
    assert losses(watch.read()) == [0.5]
    assert watch.read() == []
    append(log, "ss 0.25\nstep 3 loss 0.125")
    assert losses(watch.read()) == [0.25]
    assert losses(watch.finish()) == [0.125]


def test_a_bar_drawn_many_times_is_one_event_a_reading(log: Path) -> None:
    watch = OutputWatch(str(log))
    append(log, "".join(bar(done) for done in range(1, 60)))
    assert losses(watch.read()) == [0.58]
    append(log, bar(61) + bar(62, "\n") + "Epoch 1 val_loss: 0.5\n")
    assert [fields["values"] for fields in watch.read()] == [{"loss": 0.62}, {"val_loss": 0.5}]


def test_a_bar_that_stands_still_is_seen_though_nothing_ended_it(log: Path) -> None:
    watch = OutputWatch(str(log))
    append(log, bar(5))
    assert losses(watch.read()) == []
    assert losses(watch.read()) == [0.5]
    assert watch.read() == []
    append(log, bar(6))
    assert losses(watch.read()) == []
    append(log, "\n")
    assert losses(watch.read()) == [0.6]


def test_whoever_goes_on_reading_knows_what_was_in_force_and_repeats_nothing(log: Path) -> None:
    first = OutputWatch(str(log))
    append(log, "Epoch 2/3\n" + bar(10) + bar(20))
    first.read()
    known = max(fields["output"] for fields in first.read())
    append(log, bar(30) + "\n")

    found = OutputWatch(str(log), known).read()

    assert losses(found) == [0.3]
    assert (found[0]["epoch"], found[0]["step"], found[0]["total_steps"]) == (2, 130, 300)


def test_a_script_that_writes_metrics_itself_is_not_read(log: Path) -> None:
    watch = OutputWatch(str(log))
    append(log, "step 1 loss 0.5\n")
    watch.stop()
    assert watch.read() == []
    assert watch.finish() == []
    assert OutputWatch(str(log), 0, explicit=True).read() == []


def test_a_log_that_is_gone_yields_nothing(log: Path) -> None:
    watch = OutputWatch(str(log))
    log.unlink()
    assert watch.read() == []


def test_of_a_script_that_prints_too_fast_the_newest_counts(log: Path) -> None:
    reader = OutputReader(str(log))
    append(log, "step 1 loss 0.5\n" + "x" * 119 + "\n")
    append(log, ("x" * 119 + "\n") * 100_000 + "step 2 loss 0.25\n")
    found = reader.read()
    assert [one.fields["step"] for one in found] == [2]
    assert found[0].fields["output"] == log.stat().st_size


def test_a_burst_of_metrics_is_read_little_by_little_and_none_is_lost(log: Path) -> None:
    watch = OutputWatch(str(log))
    append(log, "".join(f"step {step} loss 0.5 accuracy 0.25\n" for step in range(5000)))
    readings = [watch.read() for _ in range(10)]
    assert len(readings[0]) <= 1500
    last = [reading[-1]["step"] for reading in readings if reading]
    assert last == sorted(last)
    assert last[-1] == 4999


def test_the_number_of_events_is_bounded_and_the_newest_values_are_kept(log: Path) -> None:
    thinning = Thinning()
    reader = OutputReader(str(log))
    count = events = 0
    for _ in range(30):
        append(log, "".join(f"step {count + step} loss 0.5\n" for step in range(500)))
        count += 500
        kept = thinning.thinned(reader.read())
        events += len(kept)
    assert events <= 1000 + 30 * 11
    assert kept[-1]["step"] > 0.9 * count
