"""The header of a safetensors file (https://huggingface.co/docs/safetensors)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runctl.storage.checkpoints.content import Budget, Content, Damaged, Scalar, Tensor, TooMuch, whole_number
from runctl.storage.checkpoints.jsons import LIMIT, parse_object

# the cap of the format's own library
FORMAT_LIMIT = 100_000_000
_BITS_OF = {
    4: ("F4",),
    6: ("F6_E2M3", "F6_E3M2"),
    8: ("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"),
    16: ("U16", "I16", "F16", "BF16"),
    32: ("U32", "I32", "F32"),
    64: ("U64", "I64", "F64", "C64"),
}
_BITS = {dtype: bits for bits, dtypes in _BITS_OF.items() for dtype in dtypes}


def describe(path: Path, budget: Budget) -> Content:
    """What the header of a safetensors file says, checked against the file's size. Raises Damaged, TooMuch."""
    with path.open("rb") as file:
        start = file.read(8)
        size = path.stat().st_size
        if len(start) < 8:
            raise Damaged(f"cut short: {size} bytes, and the header's length alone takes 8")
        length = int.from_bytes(start, "little")
        if length > FORMAT_LIMIT:
            raise Damaged(f"the header claims {length} bytes, and the format allows {FORMAT_LIMIT}")
        if length > size - 8:
            raise Damaged(f"cut short within the header: it claims {length} bytes of a file of {size}")
        if length > LIMIT:
            raise TooMuch(f"the header of {length} bytes is more than runctl reads ({LIMIT})")
        budget.take(length, "the header")
        header = parse_object(file.read(length), "the header")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict):
        raise Damaged("__metadata__ is not an object")
    entries = {name: _Entry(name, entry) for name, entry in header.items()}
    _check_offsets(list(entries.values()), size - 8 - length)
    tensors = tuple(entry.tensor for entry in entries.values())
    return Content(
        complete=True,
        reason="the header matches the file's size",
        facts={key: _text(value) for key, value in metadata.items()},
        tensors=tensors,
        parameters=sum(tensor.elements for tensor in tensors),
    )


class _Entry:
    """One tensor of the header, checked by itself."""

    def __init__(self, name: str, entry: Any) -> None:
        if not isinstance(entry, dict):
            raise Damaged(f"tensor {name!r}: not an object")
        dtype = entry.get("dtype")
        if not isinstance(dtype, str):
            raise Damaged(f"tensor {name!r}: no dtype")
        self.tensor = Tensor(name, dtype, _numbers(entry.get("shape"), f"tensor {name!r}: shape"))
        offsets = _numbers(entry.get("data_offsets"), f"tensor {name!r}: data_offsets")
        if len(offsets) != 2 or offsets[0] > offsets[1]:
            raise Damaged(f"tensor {name!r}: data_offsets must be a start and an end")
        self.start, self.end = offsets
        bits = _BITS.get(dtype)
        if bits and self.tensor.elements * bits != (self.end - self.start) * 8:
            raise Damaged(f"tensor {name!r}: shape and dtype don't match its {self.end - self.start} bytes")


def _check_offsets(entries: list[_Entry], available: int) -> None:
    position = 0
    for entry in sorted(entries, key=lambda entry: (entry.start, entry.end)):
        if entry.start != position:
            raise Damaged(f"tensor {entry.tensor.name!r}: its data leave a hole or overlap another's")
        position = entry.end
    if position > available:
        raise Damaged(f"cut short: {available} bytes of tensor data, where the header names {position}")
    if position < available:
        raise Damaged(f"{available - position} bytes follow the last tensor")


def _numbers(value: Any, what: str) -> tuple[int, ...]:
    numbers = value if isinstance(value, list) and len(value) <= 64 else [None]
    whole = tuple(number for number in map(whole_number, numbers) if number is not None and not number >> 63)
    if len(whole) != len(numbers):
        raise Damaged(f"{what} is not a list of whole numbers")
    return whole


def _text(value: Any) -> Scalar:
    return value if isinstance(value, str) else None
