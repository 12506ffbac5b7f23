"""`runs plot` and `runs compare` on real runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from support import Runctl, Started, go, newest, run_of, start, until, write_script

from runctl.ui import cells
from running import RUNCTL

SCHEMAS = {
    path.name: json.loads(path.read_text()) for path in (Path(__file__).parents[2] / "docs/schemas").glob("*.json")
}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)
TRAINS = """
    import sys
    import runctl
    lr = float(sys.argv[1])
    for step in range(1, 41):
        runctl.log(step=step, total_steps=40, loss=lr + 3 / step, accuracy=1 - lr - 1 / step)
    runctl.log(step=40, loss=lr + 1)
"""
HOSTILE = "</script><script>alert(1)</script>\x1b[2J"


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell in which `python` is this Python."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(scope="module")
def two_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two finished runs, the newer one with the higher loss; made once."""
    place = tmp_path_factory.mktemp("two")
    (place / "train.py").write_text(textwrap.dedent(TRAINS))
    variables = {**os.environ, "RUNCTL_HOME": str(place / "home"), "RUNCTL_PYTHON": sys.executable}
    for lr in ("0.125", "0.25"):
        words = [*RUNCTL, "local", "train.py", "-q", "--", lr]
        subprocess.run(words, check=True, capture_output=True, cwd=place, env=variables)
    return place / "home"


@pytest.fixture
def two(two_home: Path, folder: Path, home: Path) -> tuple[Started, Started]:
    """Two finished runs under a home of their own; the older one first."""
    shutil.copytree(two_home, home)
    older, newer = sorted(os.listdir(home / "runs"))
    return run_of(older), run_of(newer)


def give(run: Started, **fields: Any) -> None:
    """Adds fields to the spec of a finished run, as if it had been started with them."""
    path = Path(run.folder.spec)
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def conforms(document: Any, name: str) -> Any:
    Draft202012Validator(SCHEMAS[name], registry=REGISTRY).validate(document)
    return document


# --- plot


def test_the_newest_runs_loss_is_plotted_as_wide_as_the_terminal(two: tuple[Started, Started], runctl: Runctl) -> None:
    done = runctl("runs", "plot", env={"COLUMNS": "60", "LINES": "20"})
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "loss"
    assert max(map(cells.width, lines)) == 60
    assert len(lines) < 20
    assert "┤" in done.stdout
    assert "step" in lines[-1]
    assert "\x1b" not in done.stdout


def test_several_runs_and_metrics(two: tuple[Started, Started], runctl: Runctl) -> None:
    words = ("runs", "plot", two[0].id, two[1].id, two[0].id, "-m", "loss", "-m", "accuracy", "-m", "loss")
    done = runctl(*words)
    assert done.stdout.count(two[0].id) == 2, "in the legend of each of two plots"
    document = conforms(json.loads(runctl(*words, "--json").stdout), "runs-plot.json")
    assert [panel["metric"] for panel in document["panels"]] == ["loss", "accuracy"]
    [older, newer] = document["panels"][0]["series"]
    assert (older["run_id"], newer["run_id"]) == (two[0].id, two[1].id)
    assert len(older["points"]) == 41
    assert older["points"][0]["value"] == 3.125
    assert [point["x"] for point in older["points"][:3]] == [1, 2, 3]
    assert runctl(*words, "-q").stdout.split() == [two[0].id, two[1].id]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.png", "a.svg", "A.HTML"])
def test_a_file_is_written_and_named(two: tuple[Started, Started], runctl: Runctl, name: str) -> None:
    Path(name).write_text("old")
    done = runctl("runs", "plot", "-o", name, "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{name}\n", "")
    assert Path(name).stat().st_size > 5000
    document = conforms(json.loads(runctl("runs", "plot", "-o", name, "--json").stdout), "runs-plot.json")
    assert document["file"] == name
    assert os.listdir() == [name]


@pytest.mark.slow
def test_a_hostile_name_is_text_everywhere(folder: Path, runctl: Runctl) -> None:
    write_script(f"import runctl\nfor n in range(5): runctl.log(step=n, **{{{HOSTILE!r}: n}})")
    start(runctl, "train.py").finished()
    done = runctl("runs", "plot", "-m", HOSTILE, "-o", "a.html")
    assert done.returncode == 0, done.stderr
    text = Path("a.html").read_text()
    assert text.count("<script") == 2
    assert "\x1b" not in text
    runctl("runs", "plot", "-m", HOSTILE, "-o", "a.svg")
    assert ET.parse("a.svg").getroot().tag.endswith("svg")
    assert "\x1b" not in runctl("runs", "plot").stdout
    refused = runctl("runs", "plot", "-m", HOSTILE + "x")
    assert refused.returncode == 3
    assert "\x1b" not in refused.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--metric", "los"], 3, "did you mean loss? there are: loss, accuracy"),
        (["--x", "epoch"], 3, "the points of loss have no epoch"),
        (["-o", "a.pdf"], 2, "a plot is a .png, .svg or .html file"),
        (["-o", "nowhere/a.png"], 3, "there is no folder nowhere"),
        (["--x", "wall"], 2, "invalid choice"),
        (["nope"], 4, "there is no run 'nope'"),
    ],
)
def test_a_mistake_is_said_before_anything_is_drawn(
    two: tuple[Started, Started], runctl: Runctl, words: list[str], code: int, said: str
) -> None:
    done = runctl("runs", "plot", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert os.listdir() == []


def test_a_run_without_metrics_is_refused_with_how_to_log_some(folder: Path, runctl: Runctl) -> None:
    write_script("print('hi')")
    start(runctl, "train.py").finished()
    done = runctl("runs", "plot")
    assert (done.returncode, done.stdout) == (3, "")
    assert "there are no metrics" in done.stderr
    assert "runctl.log(step=1, loss=0.5)" in done.stderr


def test_a_live_run_is_plotted_and_compared(folder: Path, runctl: Runctl) -> None:
    waits = """
        import os, runctl, time
        runctl.log(step=1, loss=2); runctl.log(step=2, loss=1)
        print("ready", flush=True)
        while not os.path.exists("go"): time.sleep(0.01)
    """
    runs = [start(runctl, write_script(waits)) for _ in range(2)]
    for one in runs:
        one.printed()
        until(lambda one=one: one.state()["metrics"], "its metrics")  # type: ignore[misc]
    document = conforms(json.loads(runctl("runs", "plot", "--json").stdout), "runs-plot.json")
    assert [point["value"] for point in document["panels"][0]["series"][0]["points"]] == [2, 1]
    done = runctl("runs", "compare")
    assert re.search(r"status +running +running", done.stdout)
    go()
    for one in runs:
        one.finished()


# --- compare


def test_what_differs_is_side_by_side_and_the_best_is_marked(two: tuple[Started, Started], runctl: Runctl) -> None:
    give(two[0], hyperparams={"lr": 0.125, "seed": 1}, defaults={"optimizer": "adam", "seed": 0})
    give(two[1], hyperparams={"lr": 0.25, "seed": 1}, defaults={"optimizer": "adam", "seed": 0})
    done = runctl("runs", "compare", two[0].id, two[1].id, two[0].id)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == [two[0].id, two[1].id]
    table = {line.split()[0]: line.split()[1:] for line in lines[1:]}
    assert table["script"] == ["train.py", "train.py"]
    assert table["status"] == ["succeeded", "succeeded"]
    assert table["lr"] == ["0.125", "0.25"]
    assert table["loss"] == ["1.125", "*", "1.25"]
    assert table["accuracy"] == ["0.85", "*", "0.725"]
    assert "seed" not in table
    assert "2 hyperparameters the same in all runs; --all shows all" in done.stderr
    assert "lower loss; higher accuracy" in done.stderr
    everything = runctl("runs", "compare", two[0].id, two[1].id, "--all").stdout
    assert re.search(r"seed +1 +1", everything)
    assert re.search(r"optimizer +adam +adam", everything)
    best = runctl("runs", "compare", two[0].id, two[1].id, "--best").stdout
    assert re.search(r"loss +0.2 \* +0.325", best)


def test_the_document_has_all_of_it(two: tuple[Started, Started], runctl: Runctl) -> None:
    give(two[0], hyperparams={"lr": 0.125, "layers": [1, 2]})
    document = json.loads(runctl("runs", "compare", two[0].id, two[1].id, "--json").stdout)
    conforms(document, "runs-compare.json")
    assert [state["run_id"] for state in document["runs"]] == [two[0].id, two[1].id]
    assert document["hyperparameters"][1] == {"name": "layers", "values": [[1, 2], None], "differs": True}
    loss = document["metrics"][0]
    assert (loss["name"], loss["better"]) == ("loss", "lower")
    assert loss["last"] == [1.125, 1.25]
    assert loss["best"] == [pytest.approx(0.2), pytest.approx(0.325)]
    assert loss["best_runs"] == [two[0].id]
    assert runctl("runs", "compare", "-q").stdout.split() == [two[1].id, two[0].id]


def test_without_names_the_newest_runs_of_the_same_script_are_compared(
    two: tuple[Started, Started], runctl: Runctl
) -> None:
    write_script("print('hi')", "other.py")
    start(runctl, "other.py").finished()
    done = runctl("runs", "compare")
    assert (done.returncode, done.stdout) == (3, "")
    assert "there is only one run of other.py" in done.stderr
    run = newest()
    assert run
    assert runctl("runs", "remove", run.id, "--yes").returncode == 0
    assert runctl("runs", "compare", "-q").stdout.split() == [two[1].id, two[0].id]


def test_twenty_runs_are_readable_in_eighty_columns(two: tuple[Started, Started], runctl: Runctl, home: Path) -> None:
    for index in range(18):
        copy_of(two[0], f"0{index:06}-00000".replace("8", "x"), home)
    ids = runctl("runs", "list", "-q").stdout.split()
    assert len(ids) == 20
    done = runctl("runs", "compare", *ids, env={"COLUMNS": "80"})
    assert max(map(cells.width, done.stdout.splitlines())) <= 80
    assert all(run_id in done.stdout for run_id in ids)


def copy_of(run: Started, run_id: str, home: Path) -> None:
    target = home / "runs" / run_id
    shutil.copytree(run.folder.path, target)
    for name in ("spec.json", "state.json"):
        document = json.loads((target / name).read_text())
        (target / name).write_text(json.dumps({**document, "run_id": run_id}))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nope", "nope"], 4, "there is no run 'nope'"),
        (["{}"], 2, "two runs or more"),
        (["{}", "{}"], 2, "two runs or more"),
    ],
)
def test_too_few_or_unknown_runs_are_no_comparison(
    two: tuple[Started, Started], runctl: Runctl, words: list[str], code: int, said: str
) -> None:
    done = runctl("runs", "compare", *(word.format(two[0].id) for word in words))
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_with_no_run_at_all_it_says_so(folder: Path, runctl: Runctl) -> None:
    for command in ("plot", "compare"):
        done = runctl("runs", command)
        assert done.returncode == 4
        assert "there is no run" in done.stderr
