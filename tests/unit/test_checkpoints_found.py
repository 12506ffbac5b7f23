from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from checkpoint_makers import distributed

from runctl.agent.checkpoints import find, numbers_in


def put(folder: Path, *names: str, data: bytes = b"x") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def found(folder: Path) -> dict[str, str]:
    return {os.path.relpath(one.path, folder): one.kind for one in find(str(folder))}


def test_every_file_suffix_is_found_and_others_are_not(folder: Path) -> None:
    put(folder, "a.pt", "b.pth", "c.ckpt", "d.safetensors", "e.keras", "f.h5", "sub/g.npz", "h.PKL")
    put(folder, "train.py", "log.txt", "model.pt.tmp", ".hidden.pt", "pt")
    kinds = found(folder)
    assert sorted(kinds) == sorted(
        ["a.pt", "b.pth", "c.ckpt", "d.safetensors", "e.keras", "f.h5", "sub/g.npz", "h.PKL"]
    )
    assert kinds["c.ckpt"] == "torch" and kinds["f.h5"] == "hdf5"


def test_newest_comes_first_with_size_and_time(folder: Path) -> None:
    put(folder, "old.pt", "new.pt", "middle.pt", data=b"12345")
    for name, at in (("old.pt", 100), ("middle.pt", 200), ("new.pt", 300)):
        os.utime(folder / name, (at, at))
    checkpoints = find(str(folder))
    assert [Path(one.path).name for one in checkpoints] == ["new.pt", "middle.pt", "old.pt"]
    assert checkpoints[0].modified_at == 300 and checkpoints[0].size_bytes == 5


@pytest.mark.parametrize(
    ("unit", "files", "kind"),
    [
        ("checkpoint-500", ["trainer_state.json", "model.safetensors", "global_step500/x.pt"], "hf-trainer"),
        ("checkpoint-500", ["trainer_state.json", "pytorch_model.bin"], "hf-trainer"),
        ("checkpoint_3", ["model.safetensors"], "checkpoint-folder"),
        ("final", ["trainer_state.json", "model.safetensors", "optimizer.pt"], "hf-trainer"),
        ("dist", [".metadata", "__0_0.distcp"], "torch-distributed"),
        ("saved", ["saved_model.pb", "variables/variables.index", "variables/x.h5"], "saved-model"),
        ("100", ["_CHECKPOINT_METADATA", "default/_METADATA", "default/d/a.npz"], "orbax"),
        ("global_step7", ["mp_rank_00_model_states.pt", "zero_pp_rank_0_mp_rank_00_optim_states.pt"], "deepspeed"),
        ("sharded", ["model.safetensors.index.json", "model-00001-of-00001.safetensors"], "sharded-safetensors"),
        ("state", ["random_states_0.pkl", "model.safetensors"], "accelerate"),
        ("epoch=1-step=9.ckpt", ["checkpoint/mp_rank_00_model_states.pt", "latest"], "lightning-folder"),
    ],
)
def test_a_checkpoint_folder_is_one_unit(folder: Path, unit: str, files: list[str], kind: str) -> None:
    put(folder / "out" / unit, *files)
    (one,) = find(str(folder))
    assert (os.path.relpath(one.path, folder), one.kind) == (f"out/{unit}", kind)
    assert one.is_directory and one.size_bytes == len(files) == len(one.files)


def test_a_trainers_output_folder_does_not_swallow_its_checkpoints(folder: Path) -> None:
    put(folder / "out", "trainer_state.json", "model.safetensors")
    put(folder / "out/checkpoint-5", "trainer_state.json", "model.safetensors")
    put(folder / "out/checkpoint-10", "trainer_state.json", "model.safetensors")
    assert sorted(found(folder)) == ["out/checkpoint-10", "out/checkpoint-5", "out/model.safetensors"]


def test_shards_beside_other_checkpoints_are_one_group_that_the_index_leads(folder: Path) -> None:
    put(folder, "model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    put(folder, "train.py", "best.pt")
    assert found(folder) == {"model.safetensors.index.json": "sharded-safetensors", "best.pt": "torch"}
    group = next(one for one in find(str(folder)) if one.kind == "sharded-safetensors")
    assert len(group.files) == 3 and group.size_bytes == 3 and not group.is_directory


def test_tensorflow_files_of_one_prefix_are_one_checkpoint(folder: Path) -> None:
    put(folder, "ckpt-1.index", "ckpt-1.data-00000-of-00002", "ckpt-1.data-00001-of-00002", "checkpoint")
    put(folder, "words.index")
    (one,) = find(str(folder))
    assert one.kind == "tf-checkpoint" and len(one.files) == 3 and one.step is None


def test_environments_and_hidden_folders_are_left_out(folder: Path) -> None:
    put(folder, ".git/a.pt", ".venv/a.pt", "__pycache__/a.pkl", "node_modules/a.npz", ".cache/a.safetensors")
    put(folder / "env", "pyvenv.cfg", "lib/site-packages/numpy/tests/a.npz")
    put(folder, "100.orbax-checkpoint-tmp-17/default/manifest.ocdbt")
    assert found(folder) == {}


def test_links_never_loop_or_list_twice_but_lead_outside(folder: Path, tmp_path: Path) -> None:
    put(folder, "runs/a.pt", "checkpoint-5/trainer_state.json", "checkpoint-5/unet/w.safetensors")
    put(tmp_path / "disk", "b.pt", "runs/c.pt")
    (folder / "runs/self").symlink_to(folder / "runs")
    (folder / "runs/up").symlink_to("..")
    (folder / "root").symlink_to("/")
    (folder / "latest.pt").symlink_to("runs/a.pt")
    (folder / "last").symlink_to("checkpoint-5/unet")
    (folder / "broken.pt").symlink_to("nowhere.pt")
    (folder / "round.pt").symlink_to("round.pt")
    (folder / "ckpts").symlink_to(tmp_path / "disk")
    (folder / "again").symlink_to(tmp_path / "disk/runs")
    (tmp_path / "disk/back").symlink_to(folder)
    assert len(found(folder)) == 4
    assert {Path(name).name for name in found(folder)} == {"a.pt", "checkpoint-5", "b.pt", "c.pt"}


def test_a_folder_that_is_a_checkpoint_or_a_file_gives_itself(folder: Path) -> None:
    put(folder, "checkpoint-5/trainer_state.json", "a.pt", "b.txt")
    assert [one.path for one in find("checkpoint-5")] == ["checkpoint-5"]
    assert [one.path for one in find("a.pt")] == ["a.pt"]
    assert find("b.txt") == find("missing") == find("missing.pt") == []


def test_pipes_and_vanished_files_are_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe.pt")
    put(folder, "a.pt", "gone.pt", "checkpoint-5/trainer_state.json", "checkpoint-5/gone.pt")
    real = os.stat

    def stat(path: str, **options: bool) -> os.stat_result:
        if str(path).endswith("gone.pt"):
            raise FileNotFoundError(path)
        return real(path, **options)

    monkeypatch.setattr(os, "stat", stat)
    assert sorted(found(folder)) == ["a.pt", "checkpoint-5"]


def test_odd_names_are_found(folder: Path) -> None:
    put(folder, "with space.pt", "new\nline.pt", "häß.pt", os.fsdecode(b"\xff.pt"))
    assert len(found(folder)) == 4


@pytest.mark.slow
def test_folders_deeper_than_pythons_stack_are_searched(folder: Path) -> None:
    try:
        for top in ("plain", "checkpoint-5"):
            for depth in range(100, 1300, 100):
                folder.joinpath(top, *["d"] * depth).mkdir(parents=True)
            put(folder.joinpath(top, *["d"] * 1200), "x.pt")
        put(folder, "checkpoint-5/trainer_state.json")
        assert [len(one.files) for one in find(str(folder)) if one.is_directory] == [2]
        assert len(find(str(folder))) == 2
    finally:
        # pytest's own cleaning up is recursive
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_thousands_of_checkpoints_are_found(folder: Path) -> None:
    put(folder, *(f"r{index % 50}/step_{index}.pt" for index in range(2000)))
    assert {one.step for one in find(str(folder))} == set(range(2000))


@pytest.mark.parametrize(
    ("name", "kind", "numbers"),
    [
        ("epoch=3-step=500.ckpt", "torch", (500, 3)),
        ("epoch=03-step=00500-v1.ckpt", "torch", (500, 3)),
        ("step_500.pt", "torch", (500, None)),
        ("step500", "torch", (500, None)),
        ("model-epoch_3.pt", "torch", (None, 3)),
        ("global_step120", "deepspeed", (120, None)),
        ("checkpoint-500", "hf-trainer", (500, None)),
        ("checkpoint-500.pt", "torch", (None, None)),
        ("checkpoint_3", "checkpoint-folder", (None, None)),
        ("1000", "orbax", (1000, None)),
        ("1000.pt", "torch", (None, None)),
        ("ckpt-1.index", "tf-checkpoint", (None, None)),
        ("steps_per_epoch=100.pt", "torch", (None, None)),
        ("max_step=100.pt", "torch", (None, None)),
        ("epochs_10.pt", "torch", (None, None)),
        ("footstep_3.pt", "torch", (None, None)),
        ("epoch=3.5.pt", "torch", (None, None)),
        ("step_500k.pt", "torch", (None, None)),
        ("step_1-step_2.pt", "torch", (None, None)),
        ("step=-5.pt", "torch", (None, None)),
        ("step_" + "9" * 40, "torch", (None, None)),
        ("v2.pt", "torch", (None, None)),
    ],
)
def test_numbers_come_from_names_only_where_they_are_explicit(
    name: str, kind: str, numbers: tuple[int | None, int | None]
) -> None:
    assert numbers_in(name, kind) == numbers


def test_a_distributed_checkpoint_still_without_its_metadata_is_found(folder: Path) -> None:
    (distributed(folder / "step_5") / ".metadata").unlink()
    (one,) = find(str(folder))
    assert one.kind == "torch-distributed" and one.step == 5
