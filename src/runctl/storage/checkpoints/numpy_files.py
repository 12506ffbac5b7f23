"""The headers of the arrays in an .npz file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from runctl.storage.checkpoints import zips
from runctl.storage.checkpoints.content import KIB, MIB, Budget, Content, Damaged, Tensor
from runctl.storage.checkpoints.imports import runs_code
from runctl.storage.checkpoints.opcodes import Source
from runctl.storage.checkpoints.pickles import Global, read

_HEADER_LIMIT = 64 * KIB
_OBJECTS_LIMIT = 16 * MIB
# the header is Python source; parsing that of a stranger can end the interpreter, three patterns can't
_DTYPE = re.compile(r"'descr'\s*:\s*(?:'([^']{1,100})'|(\[))")
_SHAPE = re.compile(r"'shape'\s*:\s*\(([\d\s,L]*)\)")
_ITEM = re.compile(r"[<>|=]?([a-zA-Z])(\d{1,9})")


def describe(path: Path, budget: Budget) -> Content:
    """The arrays of an .npz file: names, dtypes as NumPy spells them, shapes. Raises Damaged, TooMuch."""
    if not path.stat().st_size:
        raise Damaged("the file is empty")
    arrays, imports = [], []
    with zips.opened(path, budget) as archive:
        for member in archive.members:
            if member.filename.endswith(".npy"):
                array, header_size = _array(archive, member)
                arrays.append(array)
                if array.dtype.endswith("O"):
                    imports.extend(_imports(archive, member, header_size, budget))
    return Content(
        complete=True,
        reason="every array is as long as its header says",
        tensors=tuple(arrays),
        parameters=sum(array.elements for array in arrays),
        imports=tuple(dict.fromkeys(map(str, imports))),
        runs_code=runs_code(imports),
    )


def _array(archive: zips.Archive, member: zipfile.ZipInfo) -> tuple[Tensor, int]:
    name = member.filename
    start = archive.read_start(member, 12)
    if not start.startswith(b"\x93NUMPY") or len(start) < 12:
        raise Damaged(f"{name} is no NumPy array")
    width = 2 if start[6] == 1 else 4
    length = int.from_bytes(start[8 : 8 + width], "little")
    if length > _HEADER_LIMIT:
        raise Damaged(f"the header of {name} claims {length} bytes")
    size = 8 + width + length
    text = archive.read_start(member, size)[8 + width :].decode("latin-1")
    dtype, shape = _DTYPE.search(text), _SHAPE.search(text)
    if len(text) < length or dtype is None or shape is None:
        raise Damaged(f"the header of {name} is not NumPy's")
    sizes = tuple(_whole(part, name) for part in re.findall(r"\d+", shape[1]))
    array = Tensor(name[: -len(".npy")], dtype[1] or "structured", sizes)
    _check_size(array, member, size)
    return array, size


def _whole(digits: str, name: str) -> int:
    if len(digits) > 18:
        raise Damaged(f"the header of {name} has an absurd shape")
    return int(digits)


def _check_size(array: Tensor, member: zipfile.ZipInfo, header_size: int) -> None:
    item = _ITEM.fullmatch(array.dtype)
    if item is None or item[1] in "OMm":
        return
    expected = array.elements * int(item[2]) * (4 if item[1] == "U" else 1)
    if member.file_size - header_size != expected:
        found = member.file_size - header_size
        raise Damaged(f"{member.filename} has {found} bytes of data instead of {expected}")


def _imports(archive: zips.Archive, member: zipfile.ZipInfo, header_size: int, budget: Budget) -> list[Global]:
    data = archive.read(member, _OBJECTS_LIMIT)[header_size:]
    pickle = read(Source.of_bytes(data, budget))
    if pickle.problem is not None:
        raise pickle.problem
    return pickle.imports
