from __future__ import annotations

import io
import json
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from checkpoint_makers import (
    FakeTensor,
    Runs,
    keras_members,
    npy,
    safetensors_bytes,
    torch_pickle,
    write_torch,
    write_torch_legacy,
    write_zip,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runctl.storage.checkpoints import safetensors, torch_files
from runctl.storage.checkpoints.content import MIB, Budget, Content, Damaged, TooMuch
from runctl.storage.checkpoints.describe import describe
from runctl.storage.checkpoints.opcodes import Source
from runctl.storage.checkpoints.pickles import read


def described(path: Path, data: bytes) -> Content:
    path.write_bytes(data)
    return describe(path).content


def test_a_pickle_that_would_run_code_does_not_run_and_is_flagged(folder: Path) -> None:
    mark = folder / "ran"
    write_torch(folder / "a.pt", {"epoch": 1, "w": FakeTensor("0", 2), "evil": Runs(mark)})
    write_torch_legacy(folder / "b.pt", {"epoch": 1, "evil": Runs(mark)})
    for protocol in range(6):
        (folder / f"{protocol}.pkl").write_bytes(pickle.dumps(Runs(mark), protocol))
    write_zip(folder / "c.npz", {"o.npy": npy("|O", (1,), pickle.dumps(Runs(mark)))})
    unit = folder / "checkpoint-5"
    unit.mkdir()
    write_torch(unit / "optimizer.pt", {"evil": Runs(mark)})
    paths = [*folder.glob("*.p*"), folder / "c.npz", unit]
    assert len(paths) == 10
    for path in paths:
        assert any(name.endswith(".open") for name in describe(path).content.runs_code), path
    assert not mark.exists()
    pickle.loads((folder / "4.pkl").read_bytes()).close()
    assert mark.exists(), "the pickle is a real one: loading it runs its code"


@pytest.mark.parametrize(
    "name",
    ["torch.hub.load", "numpy.load", "collections._sys.modules", "numpy.f2py.crackfortran.myeval", "builtins.eval"],
)
def test_names_within_trusted_packages_are_flagged_too(folder: Path, name: str) -> None:
    module, _, attribute = name.rpartition(".")
    data = f"c{module}\n{attribute}\n(S'x'\ntR.".encode()
    assert described(folder / "a.pkl", data).runs_code == (name,)
    first, _, rest = name.partition(".")
    data = b"\x80\x04" + b"".join(b"\x8c" + bytes([len(part)]) + part.encode() for part in (first, rest)) + b"\x93."
    assert described(folder / "a.pkl", data).runs_code == (name,)


def test_an_import_is_flagged_when_the_pickle_breaks_after_it_or_works_it_out(folder: Path) -> None:
    content = described(folder / "a.pkl", b"cos\nsystem\n(S'true'\ntR\xff")
    assert content.complete is False and content.runs_code == ("os.system",)
    assert described(folder / "b.pkl", b"\x80\x04K\x01\x8c\x06system\x93.").runs_code == ("?.system",)


def test_a_second_pickle_cannot_hide_in_a_torch_file(folder: Path) -> None:
    data = torch_pickle({"a": 1})
    path = write_zip(folder / "a.pt", {"x/data.pkl": data, "y/data.pkl": pickle.dumps(Runs(folder / "ran"))})
    assert describe(path).content.complete is False
    with zipfile.ZipFile(folder / "b.pt", "w") as archive:
        archive.writestr("x/data.pkl", data)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("x/data.pkl", data)
    assert "twice" in describe(folder / "b.pt").content.reason


def test_a_zip_bomb_is_left_packed(folder: Path) -> None:
    with (
        zipfile.ZipFile(folder / "a.pt", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("a/data.pkl", "w") as member,
    ):
        for _ in range(100):
            member.write(bytes(MIB))
    tracemalloc.start()
    content = describe(folder / "a.pt").content
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert content.complete is None and "more than runctl reads" in content.reason
    assert peak < 200 * MIB


def test_a_packed_configuration_of_keras_is_bounded(folder: Path) -> None:
    members = {**keras_members(), "config.json": b" " * (17 * MIB)}
    assert describe(write_zip(folder / "m.keras", members, zipfile.ZIP_DEFLATED)).content.complete is None


def test_a_giant_pickle_is_passed_over_not_read(folder: Path) -> None:
    path = folder / "a.pkl"
    with path.open("wb") as file:
        file.write(b"\x80\x04}\x8c\x01a\x8e" + struct.pack("<Q", 8 << 30))
        file.seek(8 << 30, io.SEEK_CUR)
        file.write(b"s.")
    tracemalloc.start()
    content = describe(path).content
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert content.complete is True and content.keys == ("a",) and peak < MIB


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04\x8e" + b"\xff" * 8 + b".",
        b"\x8d" + b"\xff" * 8,
        b"T\xff\xff\xff\xff.",
        b"\x8b\xff\xff\xff\x7f.",
        b"(" * 1000 + b".",
        b"]\x94h\x05.",
        b"0.",
        b"R.",
        b"(K\x01d.",
        b"I" + b"9" * 70000 + b"\n.",
        b"",
        bytes(100),
        b"\x80\x04",
        b"cos\n",
    ],
)
def test_broken_pickles_are_damage_not_errors(folder: Path, data: bytes) -> None:
    assert described(folder / "a.pkl", data).complete is not True


def test_endless_operations_end_by_the_budget() -> None:
    pickle_read = read(Source.of_bytes(b"N0" * 5000 + b"N.", Budget(operations=1000)))
    assert isinstance(pickle_read.problem, TooMuch)


@pytest.mark.slow
def test_deeply_nested_and_self_containing_values_are_read(folder: Path) -> None:
    depth = 100_000
    assert described(folder / "a.pkl", b"N" + b"\x85" * depth + b".").complete is True
    assert described(folder / "b.pkl", b"]" * depth + b"a" * (depth - 1) + b".").complete is True
    assert described(folder / "c.pkl", b"}\x94(\x8c\x01ah\x00u.").complete is True
    doubling = b"]\x94" + b"".join(b"](h" + bytes([n]) + b"h" + bytes([n]) + b"e\x94" for n in range(100)) + b"."
    assert described(folder / "d.pkl", doubling).complete is True
    wrapped = b"ctorch._utils\n_rebuild_parameter\n\x94" + b"h\x00" * depth + b"N" + b"\x85R" * depth + b"."
    assert described(folder / "e.pkl", wrapped).complete is True


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 99_999_999) + b"{}",
        safetensors_bytes(b"[" * 100_000, b""),
        safetensors_bytes(b'{"a":' * 50_000, b""),
        safetensors_bytes([], b""),
        safetensors_bytes(b'{"a": 1, "a": 2}', b""),
        safetensors_bytes(b"\xff\xfe", b""),
        safetensors_bytes({"w": 5}, b""),
        safetensors_bytes({"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, bytes(4)),
        safetensors_bytes({"w": {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}}, bytes(4)),
        safetensors_bytes({"w": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}}, bytes(4)),
        safetensors_bytes({"w": {"dtype": "F32", "shape": [2**70], "data_offsets": [0, 4]}}, bytes(4)),
        safetensors_bytes({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, bytes(4)),
        safetensors_bytes({"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}, bytes(8)),
        safetensors_bytes({"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}, bytes(8)),
        safetensors_bytes({"__metadata__": 5}, b""),
    ],
)
def test_malformed_safetensors_headers_are_damage(folder: Path, data: bytes) -> None:
    content = described(folder / "m.safetensors", data)
    assert content.complete is False and content.reason and not content.tensors


@pytest.mark.parametrize(
    "header", [b"{" + b"(" * 5000, b"{'descr': '<f4', 'shape': (" + b"9" * 5000 + b",)}", b"", b"\xff" * 100]
)
def test_malformed_array_headers_are_damage(folder: Path, header: bytes) -> None:
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    assert describe(write_zip(folder / "a.npz", {"a.npy": array})).content.complete is False


def test_deep_json_beside_the_weights_is_damage(folder: Path) -> None:
    unit = folder / "checkpoint-5"
    unit.mkdir()
    (unit / "trainer_state.json").write_text('{"a":' * 50_000)
    assert describe(unit).content.complete is False
    members = {**keras_members(), "metadata.json": b"[" * 50_000}
    assert describe(write_zip(folder / "m.keras", members)).content.complete is False


def test_a_zip_with_an_absurd_directory_is_not_read(folder: Path) -> None:
    end = b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 1, 1, 17 * MIB, 0, 0)
    assert described(folder / "a.pt", b"PK\3\4" + bytes(17 * MIB) + end).complete is None


_FILES = {
    "torch": lambda path: write_torch(path, {"epoch": 1, "w": FakeTensor("0", 2, 3)}),
    "legacy": lambda path: write_torch_legacy(path, {"epoch": 1, "w": FakeTensor("0", 2, 3)}),
}


@pytest.mark.parametrize("kind", _FILES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_changed_bytes_never_break_the_reader(tmp_path: Path, kind: str, changes: list[tuple[int, int]]) -> None:
    path = _FILES[kind](tmp_path / "model.pt")
    data = bytearray(path.read_bytes())
    for position, value in changes:
        data[position % len(data)] = value
    path.write_bytes(data)
    json.dumps(describe(path).as_document(), allow_nan=False)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_after_a_pickles_start_are_read_or_damage(data: bytes) -> None:
    for start in (b"\x80\x04", b"(", b"}(", b"ctorch\nSize\n("):
        result = torch_files.describe_pickle(Source.of_bytes(start + data, Budget()))
        assert result.reason


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["w", "dtype", "shape", "data_offsets", "__metadata__"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_header_is_described_or_damage(tmp_path: Path, header: object) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(safetensors_bytes(header, b"1234"))
    try:
        safetensors.describe(path, Budget())
    except Damaged as damage:
        assert str(damage)
