from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from checkpoint_makers import FakeTensor, Runs, write_safetensors, write_torch

Call = Callable[..., "subprocess.CompletedProcess[str]"]


def test_list_shows_the_newest_first_and_ids_alone_with_q(folder: Path, runctl: Call) -> None:
    for at, name in enumerate(("epoch=1-step=10.ckpt", "epoch=2-step=20.ckpt")):
        os.utime(write_torch(folder / name, {}), (at + 100, at + 100))
    shown = runctl("checkpoint", "list")
    lines = shown.stdout.splitlines()
    assert shown.returncode == 0 and lines[0].split() == ["PATH", "FORMAT", "STEP", "EPOCH", "SIZE", "MODIFIED"]
    assert lines[1].split()[:4] == ["epoch=2-step=20.ckpt", "torch", "20", "2"]
    assert runctl("checkpoint", "list", "-q").stdout.split() == ["epoch=2-step=20.ckpt", "epoch=1-step=10.ckpt"]
    document = json.loads(runctl("checkpoint", "list", ".", "--json").stdout)
    assert [entry["step"] for entry in document] == [20, 10]


def test_list_says_when_there_is_none_and_succeeds(folder: Path, runctl: Call) -> None:
    shown = runctl("checkpoint", "list")
    assert (shown.returncode, shown.stdout) == (0, "") and "no checkpoint found" in shown.stderr
    quiet = runctl("checkpoint", "list", "-q")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert json.loads(runctl("checkpoint", "list", "--json").stdout) == []


def test_list_of_neither_a_path_nor_a_run_is_not_found(folder: Path, runctl: Call) -> None:
    assert runctl("checkpoint", "list", "nowhere").returncode == 4


def test_info_shows_what_a_file_holds(folder: Path, runctl: Call) -> None:
    write_torch(folder / "my model.pt", {"epoch": 7, "model": {"w": FakeTensor("0", 3, 4)}})
    shown = runctl("checkpoint", "info", "my model.pt")
    assert shown.returncode == 0 and "model.w" in shown.stdout and "3×4" in shown.stdout
    document = json.loads(runctl("checkpoint", "info", "my model.pt", "--json", "--checksum").stdout)
    assert document["complete"] is True and document["epoch"] == 7 and document["parameters"] == 12
    assert len(document["sha256"]["my model.pt"]) == 64


def test_info_flags_code_without_running_it(folder: Path, runctl: Call) -> None:
    write_torch(folder / "evil.pt", {"x": Runs(folder / "ran")})
    shown = runctl("checkpoint", "info", "evil.pt")
    assert shown.returncode == 0 and "would run code" in shown.stdout and ".open" in shown.stdout
    assert not (folder / "ran").exists()


def test_hostile_names_reach_the_terminal_escaped(folder: Path, runctl: Call) -> None:
    write_safetensors(folder / "a\x1b[31m\n.safetensors", {"w\x1b]0;x\x07": [2]}, {"k\x1b": "v\x1b\n"})
    write_torch(folder / "x.pt", {"k\x1b": "v\x1b"}).rename(folder / os.fsdecode(b"\xff.pt"))
    for words in (["list"], ["list", "-q"], ["info", "a\x1b[31m\n.safetensors"], ["info", os.fsdecode(b"\xff.pt")]):
        shown = runctl("checkpoint", *words)
        assert shown.returncode == 0 and "\x1b" not in shown.stdout, shown.stderr


def test_info_of_nothing_and_of_an_unknown_format_say_what_would_be_right(folder: Path, runctl: Call) -> None:
    write_torch(folder / "model.pt", {})
    (folder / "notes.txt").write_text("")
    missing = runctl("checkpoint", "info", "modle.pt")
    assert missing.returncode == 4 and "did you mean model.pt" in missing.stderr
    unknown = runctl("checkpoint", "info", "notes.txt")
    assert unknown.returncode == 3 and ".safetensors" in unknown.stderr and ".keras" in unknown.stderr
