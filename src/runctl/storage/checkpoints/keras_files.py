"""Keras models: .keras archives, and what an HDF5 file says about itself in its first bytes."""

from __future__ import annotations

from pathlib import Path

from runctl.storage.checkpoints import zips
from runctl.storage.checkpoints.content import MIB, Budget, Content, Damaged, Scalar, as_scalar
from runctl.storage.checkpoints.jsons import LIMIT, parse_object

_NEEDED = ("metadata.json", "config.json", "model.weights.h5")
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_USER_BLOCK_LIMIT = 64 * MIB
_OPEN_FOR_WRITING = 0b101
NOT_READ = "of HDF5, runctl reads no more than the superblock"


def describe_archive(path: Path, budget: Budget) -> Content:
    """What a .keras file says: versions, date, class of the model. Raises Damaged, TooMuch."""
    if not path.stat().st_size:
        raise Damaged("the file is empty")
    with zips.opened(path, budget) as archive:
        members = {member.filename: member for member in archive.members}
        missing = [name for name in _NEEDED if name not in members]
        if missing:
            raise Damaged(f"{' and '.join(missing)} missing")
        metadata = parse_object(archive.read(members["metadata.json"], MIB), "metadata.json")
        config = parse_object(archive.read(members["config.json"], LIMIT), "config.json")
    facts: dict[str, Scalar] = {key: as_scalar(metadata.get(key)) for key in ("keras_version", "date_saved")}
    facts["class_name"] = as_scalar(config.get("class_name"))
    module = as_scalar(config.get("module"))
    registered = as_scalar(config.get("registered_name"))
    return Content(
        complete=True,
        reason="metadata, configuration and weights are there",
        facts={**facts, "module": module, "registered_name": registered},
    )


def describe_hdf5(path: Path, budget: Budget) -> Content:
    """What the superblock of an HDF5 file says, checked against the file's size. Raises Damaged."""
    size = path.stat().st_size
    if not size:
        raise Damaged("the file is empty")
    with path.open("rb") as file:
        at = 0
        while True:
            file.seek(at)
            block = file.read(64)
            if block.startswith(_SIGNATURE):
                break
            # the signature stands at 0, 512, 1024, 2048, … behind a block of the user's own
            at = at * 2 or 512
            if at >= min(size, _USER_BLOCK_LIMIT):
                raise Damaged("there is no HDF5 signature")
    return _superblock(block, size)


def _superblock(block: bytes, size: int) -> Content:
    if len(block) < 48:
        raise Damaged("cut short within the HDF5 superblock")
    version = block[8]
    facts: dict[str, Scalar] = {"superblock_version": version}
    if version > 3:
        return Content(None, f"{NOT_READ}, and this one's version is unknown", facts)
    width = block[13] if version < 2 else block[9]
    addresses = {0: 24, 1: 28, 2: 12, 3: 12}[version]
    if width not in (2, 4, 8):
        raise Damaged(f"the HDF5 superblock claims addresses of {width} bytes")
    end = int.from_bytes(block[addresses + 2 * width : addresses + 3 * width], "little")
    if version == 3 and block[11] & _OPEN_FOR_WRITING:
        return Content(None, f"marked as open for writing; {NOT_READ}", facts)
    if end > size:
        raise Damaged(f"cut short: {size} bytes of the {end} that the HDF5 superblock names")
    return Content(True, f"as long as its superblock says; {NOT_READ}", facts)
