"""Checkpoints as the libraries write them, made without the libraries."""

from __future__ import annotations

import copyreg
import io
import json
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class FakeTensor:
    """What a torch tensor is to the pickler."""

    def __init__(self, key: str, *shape: int, kind: str = "FloatStorage", item: int = 4) -> None:
        self.key, self.shape, self.kind, self.item = key, shape, kind, item
        self.count = 1
        for size in shape:
            self.count *= size


@contextmanager
def torch_names() -> Iterator[dict[str, Any]]:
    """Modules `torch` and `torch._utils` with just what pickles of tensors name, while pickling."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    names: dict[str, Any] = {}
    for name in ("FloatStorage", "LongStorage", "HalfStorage"):
        names[name] = type(name, (), {"__module__": "torch"})
        setattr(torch, name, names[name])

    def _rebuild_tensor_v2(*_: object) -> None:
        raise AssertionError("called")

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = names["rebuild"] = _rebuild_tensor_v2  # type: ignore[attr-defined]
    torch._utils = utils  # type: ignore[attr-defined]
    before = {name: sys.modules.get(name) for name in ("torch", "torch._utils")}
    sys.modules.update({"torch": torch, "torch._utils": utils})
    try:
        yield names
    finally:
        for name, module in before.items():
            sys.modules.pop(name)
            if module is not None:
                sys.modules[name] = module


def torch_pickle(value: object, protocol: int = 2, legacy: bool = False) -> bytes:
    """`value` as torch.save pickles it: storages by persistent id, tensors by _rebuild_tensor_v2."""
    with torch_names() as names:

        class Storage:
            def __init__(self, tensor: FakeTensor) -> None:
                self.tensor = tensor

        class Pickler(pickle.Pickler):
            def reducer_override(self, item: object) -> Any:
                if not isinstance(item, FakeTensor):
                    return NotImplemented
                strides = (1,) * len(item.shape)
                return names["rebuild"], (Storage(item), 0, item.shape, strides, False, OrderedDict())

            def persistent_id(self, item: object) -> Any:
                if not isinstance(item, Storage):
                    return None
                one = item.tensor
                tail = (None,) if legacy else ()
                return ("storage", names[one.kind], one.key, "cpu", one.count, *tail)

        file = io.BytesIO()
        Pickler(file, protocol=protocol).dump(value)
        return file.getvalue()


def tensors_of(value: object) -> list[FakeTensor]:
    if isinstance(value, FakeTensor):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [tensor for part in parts for tensor in tensors_of(part)]


def write_torch(path: Path, value: object, protocol: int = 2, data: bytes | None = None) -> Path:
    """A file as torch.save writes it since 1.6: a stored zip archive named after the file."""
    pickled = torch_pickle(value, protocol) if data is None else data
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{path.stem}/data.pkl", pickled)
        archive.writestr(f"{path.stem}/byteorder", "little")
        for tensor in tensors_of(value):
            archive.writestr(f"{path.stem}/data/{tensor.key}", bytes(tensor.count * tensor.item))
        archive.writestr(f"{path.stem}/version", "3\n")
    return path


def write_torch_legacy(path: Path, value: object) -> Path:
    """A file as torch.save wrote it before 1.6."""
    heads = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}]
    parts = [pickle.dumps(head, 2) for head in heads]
    parts.append(torch_pickle(value, legacy=True))
    tensors = tensors_of(value)
    parts.append(pickle.dumps([tensor.key for tensor in tensors], 2))
    parts += [struct.pack("<q", tensor.count) + bytes(tensor.count * tensor.item) for tensor in tensors]
    path.write_bytes(b"".join(parts))
    return path


def safetensors_bytes(header: object, data: bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def write_safetensors(path: Path, shapes: dict[str, list[int]], metadata: dict[str, str] | None = None) -> Path:
    """A float32 safetensors file."""
    header: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    end = 0
    for name, shape in shapes.items():
        count = 4
        for size in shape:
            count *= size
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [end, end + count]}
        end += count
    path.write_bytes(safetensors_bytes(header, bytes(end)))
    return path


def npy(dtype: str, shape: tuple[int, ...], data: bytes) -> bytes:
    """One array as numpy.save writes it (format version 1.0)."""
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape!r}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


def write_zip(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def keras_members() -> dict[str, bytes]:
    metadata = {"keras_version": "3.15.1", "date_saved": "2026-11-23@20:20:44"}
    config: dict[str, object] = {"module": "keras", "class_name": "Sequential", "config": {}, "registered_name": None}
    return {
        "metadata.json": json.dumps(metadata).encode(),
        "config.json": json.dumps(config).encode(),
        "model.weights.h5": hdf5(),
    }


def hdf5(version: int = 0, claims: int = 200, size: int = 200, flags: int = 0) -> bytes:
    """The superblock of an HDF5 file that claims to end at `claims`, with zeros up to `size`."""
    start = b"\x89HDF\r\n\x1a\n" + bytes([version])
    addresses = struct.pack("<QQQQ", 0, 2**64 - 1, claims, 48)
    if version < 2:
        start += bytes([0, 0, 0, 0, 8, 8, 0]) + struct.pack("<HHI", 4, 16, 0) + bytes(4 * version)
    else:
        start += bytes([8, 8, flags])
    return (start + addresses).ljust(size, b"\0")


class Runs:
    """A value whose unpickling makes a file: the proof that something was unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = str(mark)

    def __reduce__(self) -> Any:
        return open, (self.mark, "w")


def distributed(folder: Path, length: int = 48) -> Path:
    """A torch distributed checkpoint whose `.metadata` names one piece of `length` bytes."""
    made = types.ModuleType("torch.distributed.checkpoint.metadata")
    names = ("Metadata", "TensorStorageMetadata", "TensorProperties", "MetadataIndex", "_StorageInfo")
    for name in names:
        setattr(made, name, type(name, (), {"__module__": made.__name__}))
    before = dict(sys.modules)
    parents = ["torch", "torch.distributed", "torch.distributed.checkpoint"]
    sys.modules.update({name: types.ModuleType(name) for name in parents})
    sys.modules[made.__name__] = made
    try:
        data = pickle.dumps(_metadata(made, length))
    finally:
        for name in (*parents, made.__name__):
            sys.modules.pop(name)
            if name in before:
                sys.modules[name] = before[name]
    folder.mkdir(parents=True)
    (folder / ".metadata").write_bytes(data)
    (folder / "__0_0.distcp").write_bytes(bytes(48))
    return folder


def _metadata(made: Any, length: int) -> object:
    entry = _with(made.TensorStorageMetadata, size=(3, 4), properties=_with(made.TensorProperties))
    piece = _with(made._StorageInfo, relative_path="__0_0.distcp", offset=0, length=length)
    index = _with(made.MetadataIndex, fqn="w")
    return _with(made.Metadata, state_dict_metadata={"w": entry}, storage_data={index: piece})


def _with(kind: Any, **state: object) -> object:
    made = copyreg.__newobj__(kind)  # type: ignore[attr-defined]
    made.__dict__.update(state)
    return made
