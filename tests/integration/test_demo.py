"""What `make demo` promises: a real model, trained on real data by a script that knows nothing of runctl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples/digits/train.py"


@pytest.mark.slow
def test_the_example_trains_a_model_whose_accuracy_metrics_and_checkpoints_are_on_record(runctl, folder):
    done = runctl("local", str(EXAMPLE), "--", "--epochs", "20", "--checkpoint-dir", "saved", timeout=600)
    assert done.returncode == 0, done.stderr
    assert "accuracy on the test images: 0.9" in done.stdout

    shown = json.loads(runctl("runs", "show", "--json").stdout)
    assert shown["outcome"] == "succeeded"
    assert shown["position"] == {"epoch": 20, "total_epochs": 20}
    assert shown["metrics"]["accuracy"] > 0.95
    assert shown["spec"]["environment"]["kind"] == "pep723"

    run = shown["run_id"]
    listed = runctl("checkpoint", "list", run, "-q").stdout.split()
    assert [Path(line).name for line in listed] == ["epoch_20.npz", "epoch_10.npz"]
    described = runctl("checkpoint", "info", str(folder / "saved/epoch_20.npz")).stdout
    assert "weights_0" in described and "64×128" in described
