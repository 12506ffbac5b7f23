"""What `make demo` promises: real models, trained on real data by scripts that know nothing of runctl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/train.py"))
DIGITS, WINE = EXAMPLES


@pytest.mark.slow
def test_the_digits_are_learned_and_accuracy_metrics_and_checkpoints_are_on_record(runctl, folder):
    hyperparams = "epochs=20,hidden=[64,32],checkpoint_dir=saved"
    done = runctl("local", str(DIGITS), "--hyperparams", hyperparams, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "accuracy on the test images: 0.9" in done.stdout

    shown = json.loads(runctl("runs", "show", "--json").stdout)
    assert shown["outcome"] == "succeeded"
    assert shown["position"] == {"epoch": 20, "total_epochs": 20}
    assert shown["metrics"]["accuracy"] > 0.95
    assert shown["spec"]["environment"]["kind"] == "pep723"
    assert shown["spec"]["hyperparams"] == {"epochs": 20, "hidden": [64, 32], "checkpoint_dir": "saved"}
    assert shown["spec"]["defaults"]["lr"] == 0.002

    run = shown["run_id"]
    listed = runctl("checkpoint", "list", run, "-q").stdout.split()
    assert [Path(line).name for line in listed] == ["epoch_20.npz", "epoch_10.npz"]
    described = runctl("checkpoint", "info", str(folder / "saved/epoch_20.npz")).stdout
    assert "weights_0" in described and "64×64" in described
    plotted = json.loads(runctl("runs", "plot", run, "--metric", "accuracy", "--json").stdout)
    assert "accuracy" in json.dumps(plotted)


@pytest.mark.slow
def test_the_wines_are_told_apart_and_the_bar_is_followed(runctl, folder):
    done = runctl("local", str(WINE), "--hyperparams", "optimizer.lr=0.05,steps=300", timeout=600)
    assert done.returncode == 0, done.stderr
    shown = json.loads(runctl("runs", "show", "--json").stdout)
    assert shown["position"] == {"step": 300, "total_steps": 300}
    assert shown["metrics"]["accuracy"] > 0.9
    assert shown["spec"]["hyperparams"] == {"optimizer.lr": 0.05, "steps": 300}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
def test_what_an_example_can_be_told_is_read_from_its_parser(runctl, folder, example):
    found = json.loads(runctl("params", str(example), "--json").stdout)
    assert found["complete"]
    assert len(found["parameters"]) > 4
    refused = runctl("local", str(example), "--hyperparams", f"{found['parameters'][0]['name']}z=3")
    assert refused.returncode == 3
    assert "did you mean" in refused.stderr
