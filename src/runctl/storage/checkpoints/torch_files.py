"""Files that torch.save wrote: zip archives since torch 1.6, plain pickles before."""

from __future__ import annotations

import zipfile
from pathlib import Path

from runctl.storage.checkpoints import zips
from runctl.storage.checkpoints.content import MIB, Budget, Content, Damaged, Scalar, TooMuch
from runctl.storage.checkpoints.imports import runs_code
from runctl.storage.checkpoints.opcodes import Source
from runctl.storage.checkpoints.pickled_tensors import (
    ITEM_SIZES,
    keys_of,
    parameters_of,
    storage_of,
    tensors_in,
    type_name,
    values_of,
)
from runctl.storage.checkpoints.pickles import Pickle, read

_MAGIC = 0x1950A86A20F9469CFC6C
_PICKLE_LIMIT = 64 * MIB
_HDF5, _TAR = b"\x89HDF\r\n\x1a\n", b"ustar"


def describe(path: Path, budget: Budget) -> Content:
    """What a .pt, .pth or .ckpt file holds. Raises Damaged, TooMuch."""
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        raise Damaged("the file is empty")
    if zips.is_zip(start):
        return _zip(path, budget)
    if start.startswith(_HDF5):
        return Content(None, "an HDF5 file in spite of its name; it is not read")
    if start[257:262] == _TAR:
        return Content(None, "in the tar format that torch wrote before 0.1.10; it is not read")
    if not any(start):
        raise Damaged("it starts with nothing but zero bytes, as after a crash of the machine")
    with path.open("rb") as file:
        return describe_pickle(Source(file, budget))


def described(pickle: Pickle, complete: bool | None, reason: str, facts: dict[str, Scalar]) -> Content:
    """The content of a pickle; where it could not be read to its end, that instead of `complete`."""
    protocol = {} if pickle.protocol is None else {"pickle_protocol": pickle.protocol}
    if pickle.problem is None:
        facts = {**facts, "holds": type_name(pickle.value)}
    else:
        complete = False if isinstance(pickle.problem, Damaged) else None
        reason = f"{pickle.problem}; what loading would import is known only up to there"
    return Content(
        complete=complete,
        reason=reason,
        facts={**protocol, **facts},
        keys=keys_of(pickle.value),
        values=values_of(pickle.value),
        tensors=tuple(tensors_in(pickle.value)),
        parameters=parameters_of(pickle.value),
        imports=tuple(map(str, pickle.imports)),
        runs_code=runs_code(pickle.imports),
    )


def describe_pickle(source: Source) -> Content:
    """What a plain pickle holds, or a file that torch wrote before 1.6, which starts with a magic number."""
    first = read(source)
    if first.problem is None and first.value == _MAGIC:
        return _legacy(source)
    if any(found.module.startswith("joblib") for found in first.imports) and first.problem:
        first.problem = TooMuch("written by joblib, which puts arrays between the parts of the pickle")
    return described(first, *_end_of_pickle(source), {})


def _end_of_pickle(source: Source) -> tuple[bool, str]:
    rest = source.size - source.tell()
    return True, f"the pickle ends before {rest} more bytes" if rest else "the pickle ends with the file"


def _zip(path: Path, budget: Budget) -> Content:
    with zips.opened(path, budget) as archive:
        pickles = [member for member in archive.members if Path(member.filename).name == "data.pkl"]
        if len(pickles) != 1:
            raise Damaged(f"a zip archive with {len(pickles) or 'no'} data.pkl: not what torch.save writes")
        prefix = pickles[0].filename[: -len("data.pkl")]
        sizes = {member.filename: member.file_size for member in archive.members}
        pickle = read(Source.of_bytes(archive.read(pickles[0], _PICKLE_LIMIT), budget))
        complete, reason = _storages_present(pickle, prefix, sizes)
        return described(pickle, complete, reason, _zip_facts(archive, prefix))


def _zip_facts(archive: zips.Archive, prefix: str) -> dict[str, Scalar]:
    facts: dict[str, Scalar] = {}
    members: dict[str, zipfile.ZipInfo] = {member.filename: member for member in archive.members}
    for name, key in (("version", "zip_version"), ("byteorder", "byte_order")):
        if prefix + name in members:
            facts[key] = archive.read_start(members[prefix + name], 16).decode("latin-1").strip()
    if prefix + "constants.pkl" in members:
        facts["torchscript"] = True
    return facts


def _storages_present(pickle: Pickle, prefix: str, sizes: dict[str, int]) -> tuple[bool | None, str]:
    unknown = 0
    for persistent in pickle.persistent:
        storage = storage_of(persistent)
        if storage is None:
            unknown += 1
            continue
        key, dtype, count = storage
        size = sizes.get(f"{prefix}data/{key}")
        if size is None:
            return False, f"storage {key} is missing"
        if size < count * ITEM_SIZES[dtype]:
            return False, f"storage {key} has {size} bytes instead of {count * ITEM_SIZES[dtype]}"
    if unknown:
        return None, f"{unknown} of its storages are of a type that runctl doesn't know"
    return True, "the zip directory names all that the pickle needs"


def _legacy(source: Source) -> Content:
    heads = [read(source) for _ in range(3)]
    pickle, keys = heads[2], read(source)
    for part in (*heads[:2], keys):
        pickle.imports.extend(part.imports)
        pickle.problem = pickle.problem or part.problem
    facts: dict[str, Scalar] = {"torch_legacy": True}
    if pickle.problem is not None:
        return described(pickle, None, "", facts)
    return described(pickle, *_legacy_storages(source, pickle, keys.value), facts)


def _legacy_storages(source: Source, pickle: Pickle, keys: object) -> tuple[bool | None, str]:
    stored = {found[0]: found for found in map(storage_of, pickle.persistent) if found}
    needed = 0
    for key in keys if isinstance(keys, list) else []:
        if key not in stored:
            return None, f"storage {key!s:.40} is of a type that runctl doesn't know"
        _, dtype, count = stored[key]
        needed += 8 + count * ITEM_SIZES[dtype]
    present = source.size - source.tell()
    if present < needed:
        return False, f"cut short: {present} bytes of tensor data, where the pickle names {needed}"
    return True, "the tensors' data are as long as the pickle says"
