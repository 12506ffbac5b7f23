from __future__ import annotations

import datetime
import hashlib
import json
import pickle
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
from checkpoint_makers import (
    FakeTensor,
    distributed,
    hdf5,
    keras_members,
    npy,
    write_safetensors,
    write_torch,
    write_torch_legacy,
    write_zip,
)

from runctl.core.errors import NotFoundError, RefusedError
from runctl.storage.checkpoints.content import Tensor
from runctl.storage.checkpoints.describe import CheckpointInfo, describe


def training_state() -> dict[str, object]:
    return {
        "epoch": 3,
        "global_step": 500,
        "best": float("nan"),
        "name": "net",
        "model_state_dict": OrderedDict(
            [("fc.weight", FakeTensor("0", 3, 4)), ("steps", FakeTensor("1", kind="LongStorage", item=8))]
        ),
        "optimizer": {"state": {0: {"exp_avg": FakeTensor("2", 3, 4)}}, "param_groups": [{"lr": 0.1}]},
    }


def assert_training_state(info: CheckpointInfo) -> None:
    content = info.content
    assert content.complete is True, content.reason
    assert (info.step, info.epoch) == (500, 3)
    assert content.keys == ("epoch", "global_step", "best", "name", "model_state_dict", "optimizer")
    assert content.values == {"epoch": 3, "global_step": 500, "best": "nan", "name": "net"}
    assert content.tensors == (
        Tensor("model_state_dict.fc.weight", "float32", (3, 4)),
        Tensor("model_state_dict.steps", "int64", ()),
        Tensor("optimizer.state.0.exp_avg", "float32", (3, 4)),
    )
    assert content.parameters == 13
    assert "torch._utils._rebuild_tensor_v2" in content.imports and not content.runs_code


@pytest.mark.parametrize("protocol", [1, 2, 3, 4, 5])
def test_a_torch_file_shows_values_and_tensors(folder: Path, protocol: int) -> None:
    assert_training_state(describe(write_torch(folder / "model.pt", training_state(), protocol)))


def test_a_torch_file_of_before_1_6_shows_the_same(folder: Path) -> None:
    info = describe(write_torch_legacy(folder / "old.pth", training_state()))
    assert_training_state(info)
    assert info.content.facts["torch_legacy"] is True


def test_a_torch_file_with_a_pickles_suffix_is_known_for_what_it_is(folder: Path) -> None:
    assert_training_state(describe(write_torch(folder / "model.pkl", training_state())))


def test_a_bare_state_dict_counts_all_its_elements(folder: Path) -> None:
    info = describe(write_torch(folder / "w.pt", {"a": FakeTensor("0", 5), "b": FakeTensor("1", 2, 2)}))
    assert info.content.parameters == 9


def test_a_torch_file_without_one_of_its_storages_is_damaged(folder: Path) -> None:
    state = {"w": FakeTensor("0", 5), "v": FakeTensor("1", 5)}
    whole = write_torch(folder / "whole.pt", state)
    with zipfile.ZipFile(whole) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    lacking = {name: data for name, data in members.items() if name != "whole/data/1"}
    assert "storage 1 is missing" in describe(write_zip(folder / "a.pt", lacking)).content.reason
    short = {**members, "whole/data/1": b"1234"}
    content = describe(write_zip(folder / "b.pt", short)).content
    assert content.complete is False and "4 bytes instead of 20" in content.reason


@pytest.mark.parametrize("make", [write_torch, write_torch_legacy])
def test_a_torch_file_cut_anywhere_is_damaged(folder: Path, make: object) -> None:
    path = make(folder / "model.pt", training_state())  # type: ignore[operator]
    data = path.read_bytes()
    for length in range(0, len(data), 7):
        path.write_bytes(data[:length])
        assert describe(path).content.complete is False, length


def test_a_safetensors_file_shows_tensors_parameters_and_metadata(folder: Path) -> None:
    path = write_safetensors(folder / "m.safetensors", {"w": [3, 4], "e": [0, 3], "s": []}, {"format": "pt"})
    content = describe(path).content
    assert content.complete is True and content.parameters == 13 and content.facts == {"format": "pt"}
    assert content.tensors[0] == Tensor("w", "F32", (3, 4))


def test_a_safetensors_file_cut_anywhere_or_with_a_tail_is_damaged(folder: Path) -> None:
    path = write_safetensors(folder / "m.safetensors", {"w": [3, 4]})
    data = path.read_bytes()
    for cut in [*(data[:length] for length in range(len(data))), data + b"x"]:
        path.write_bytes(cut)
        assert describe(path).content.complete is False


def test_an_npz_file_shows_its_arrays(folder: Path) -> None:
    members = {
        "w.npy": npy("<f4", (3, 4), bytes(48)),
        "text.npy": npy("<U3", (), bytes(12)),
        "v.npy": npy("|b1", (2,), bytes(2)),
    }
    content = describe(write_zip(folder / "a.npz", members, zipfile.ZIP_DEFLATED)).content
    assert content.complete is True
    assert content.tensors == (Tensor("w", "<f4", (3, 4)), Tensor("text", "<U3", ()), Tensor("v", "|b1", (2,)))


def test_an_array_shorter_than_its_header_says_is_damage(folder: Path) -> None:
    content = describe(write_zip(folder / "a.npz", {"w.npy": npy("<f4", (3, 4), bytes(40))})).content
    assert content.complete is False and "40 bytes of data instead of 48" in content.reason


def test_a_keras_file_shows_version_date_and_class(folder: Path) -> None:
    content = describe(write_zip(folder / "m.keras", keras_members(), zipfile.ZIP_DEFLATED)).content
    assert content.complete is True
    assert content.facts["keras_version"] == "3.15.1" and content.facts["class_name"] == "Sequential"


def test_a_keras_file_without_weights_is_damaged(folder: Path) -> None:
    members = keras_members()
    del members["model.weights.h5"]
    content = describe(write_zip(folder / "m.keras", members)).content
    assert content.complete is False and "model.weights.h5" in content.reason


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_an_hdf5_file_is_checked_against_its_superblock(folder: Path, version: int) -> None:
    path = folder / "m.h5"
    path.write_bytes(hdf5(version))
    content = describe(path).content
    assert content.complete is True and content.facts == {"superblock_version": version}
    assert "no more than the superblock" in content.reason
    path.write_bytes(hdf5(version, claims=201))
    assert describe(path).content.complete is False


def test_an_hdf5_file_behind_a_user_block_is_found_and_others_are_not(folder: Path) -> None:
    path = folder / "m.h5"
    path.write_bytes(bytes(1024) + hdf5(claims=1224))
    assert describe(path).content.complete is True
    path.write_bytes(bytes(5000))
    assert "no HDF5 signature" in describe(path).content.reason


def test_an_hdf5_file_open_for_writing_is_not_called_whole(folder: Path) -> None:
    (folder / "m.h5").write_bytes(hdf5(3, flags=1))
    assert describe(folder / "m.h5").content.complete is None


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_shows_its_type_and_plain_values(folder: Path, protocol: int) -> None:
    value = {"epoch": 4, "when": datetime.date(2026, 1, 2), "big": 1 << 300, "raw": b"x" * 9999, "s": {1}, 5: "five"}
    (folder / "a.pkl").write_bytes(pickle.dumps(value, protocol))
    info = describe(folder / "a.pkl")
    assert info.content.complete is True, info.content.reason
    assert info.content.facts["holds"] == "dict" and info.epoch == 4
    assert info.content.values["5"] == "five" and not info.content.runs_code
    json.dumps(info.as_document(), allow_nan=False)


def test_a_trainers_folder_shows_its_state_and_is_whole(folder: Path) -> None:
    unit = folder / "checkpoint-500"
    unit.mkdir()
    state = {
        "global_step": 500,
        "epoch": 1.5,
        "best_metric": float("nan"),
        "best_model_checkpoint": "out/checkpoint-400",
    }
    (unit / "trainer_state.json").write_text(json.dumps({**state, "log_history": [{}]}))
    write_safetensors(unit / "model.safetensors", {"w": [3, 4]})
    write_torch(unit / "optimizer.pt", {"state": {}})
    info = describe(unit)
    assert info.content.complete is True, info.content.reason
    assert (info.step, info.epoch, info.content.parameters) == (500, 1.5, 12)
    assert info.content.values["best_model_checkpoint"] == "out/checkpoint-400"
    assert info.content.values["best_metric"] == "nan" and len(info.checkpoint.files) == 3
    (unit / "optimizer.pt").write_bytes(b"")
    info = describe(unit)
    assert info.content.complete is False and info.content.reason == "optimizer.pt: the file is empty"


def test_a_missing_shard_is_damage(folder: Path) -> None:
    unit = folder / "final"
    unit.mkdir()
    weights = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (unit / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weights}))
    write_safetensors(unit / weights["a"], {"a": [2]})
    write_safetensors(unit / weights["b"], {"b": [3]})
    content = describe(unit).content
    assert content.complete is True and content.parameters == 5
    (unit / weights["b"]).unlink()
    content = describe(unit).content
    assert content.complete is False and weights["b"] in content.reason
    assert describe(unit / "model.safetensors.index.json").content.complete is False


def test_a_distributed_checkpoint_shows_tensors_and_misses_bytes(folder: Path) -> None:
    content = describe(distributed(folder / "whole")).content
    assert content.complete is True and [tensor.shape for tensor in content.tensors] == [(3, 4)]
    content = describe(distributed(folder / "short", length=49)).content
    assert content.complete is False and "48 bytes instead of 49" in content.reason
    (folder / "whole/.metadata").unlink()
    assert describe(folder / "whole").content.complete is False


def test_tensorflow_orbax_and_saved_model_are_judged_by_their_files(folder: Path) -> None:
    for name in ("ckpt-1.index", "ckpt-1.data-00000-of-00002", "ckpt-1.data-00001-of-00002"):
        (folder / name).write_bytes(b"x")
    assert describe(folder / "ckpt-1.index").content.complete is True
    (folder / "ckpt-1.data-00001-of-00002").unlink()
    assert describe(folder / "ckpt-1.index").content.complete is False
    (folder / "7").mkdir()
    (folder / "7/_CHECKPOINT_METADATA").write_text('{"commit_timestamp_nsecs": null}')
    assert describe(folder / "7").content.complete is None
    (folder / "7/_CHECKPOINT_METADATA").write_text('{"commit_timestamp_nsecs": 17}')
    assert describe(folder / "7").content.complete is True and describe(folder / "7").step == 7
    (folder / "saved").mkdir()
    (folder / "saved/saved_model.pb").write_bytes(b"")
    assert describe(folder / "saved").content.complete is False


def test_checksums_are_of_every_file_and_only_when_asked_for(folder: Path) -> None:
    unit = distributed(folder / "dist")
    expected = {name: hashlib.sha256((unit / name).read_bytes()).hexdigest() for name in (".metadata", "__0_0.distcp")}
    assert describe(unit, checksum=True).sha256 == expected
    assert describe(unit).sha256 == {}
    path = write_safetensors(folder / "m.safetensors", {"w": [2]})
    assert list(describe(path, checksum=True).sha256) == ["m.safetensors"]


def test_what_is_no_checkpoint_is_refused_and_near_names_are_told(folder: Path) -> None:
    (folder / "notes.txt").write_text("x")
    (folder / "model.pt").write_bytes(struct.pack("<Q", 0))
    with pytest.raises(RefusedError) as refused:
        describe(folder / "notes.txt")
    assert ".safetensors" in str(refused.value.hint)
    with pytest.raises(RefusedError):
        describe(folder)
    with pytest.raises(NotFoundError) as missing:
        describe(folder / "modle.pt")
    assert "model.pt" in str(missing.value.hint)
