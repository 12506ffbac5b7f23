"""Checkpoints of several files: whether all are there and whole, and what the small ones say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from runctl.agent.checkpoints import SHARD_INDEX, Checkpoint, kind_of_file
from runctl.storage.checkpoints.content import (
    Budget,
    Content,
    Damaged,
    Tensor,
    TooMuch,
    as_scalar,
    whole_number,
)
from runctl.storage.checkpoints.imports import runs_code
from runctl.storage.checkpoints.jsons import read_object
from runctl.storage.checkpoints.opcodes import Source
from runctl.storage.checkpoints.pickled_tensors import dtype_name, shape_of
from runctl.storage.checkpoints.pickles import Built, Global, Pairs, read

FileReader = Callable[[Path, str, Budget], Content]

_FILES_CHECKED = 256
_TRAINER_VALUES = ("global_step", "epoch", "best_metric", "best_model_checkpoint", "max_steps")
_DATA_SHARD = re.compile(r".+\.data-(\d{5})-of-(\d{5})")


def describe(checkpoint: Checkpoint, read_file: FileReader, budget: Budget) -> Content:
    """What a checkpoint of several files holds; `read_file` describes one of them. Raises Damaged, TooMuch."""
    members = list(_members(checkpoint, read_file, budget))
    content = _merged(members)
    for check in (_OWN_CHECKS.get(checkpoint.kind, _unknown_set), _indexed_shards, _trainer_state):
        content = check(checkpoint, content, budget)
    left = sum(1 for file in checkpoint.files if kind_of_file(file)) - len(members)
    if left and content.complete:
        content = replace(content, complete=None, reason=f"{left} of its files were not looked into")
    return content


def _members(checkpoint: Checkpoint, read_file: FileReader, budget: Budget) -> Iterator[tuple[Path, Content]]:
    known = [Path(file) for file in checkpoint.files if kind_of_file(file)]
    for file in known[:_FILES_CHECKED]:
        try:
            yield file, read_file(file, str(kind_of_file(file.name)), budget)
        except Damaged as damage:
            yield file, Content(False, str(damage))
        except TooMuch as limit:
            yield file, Content(None, str(limit))


def _merged(members: list[tuple[Path, Content]]) -> Content:
    """The content of all members; the first that is not whole decides about the whole."""
    ranked = sorted(members, key=lambda member: {False: 0, None: 1, True: 2}[member[1].complete])
    worst = next(((file, content) for file, content in ranked if not content.complete), None)
    weights = [content for file, content in members if file.suffix == ".safetensors"]
    return Content(
        complete=worst[1].complete if worst else True,
        reason=f"{worst[0].name}: {worst[1].reason}" if worst else "every file in it is whole",
        tensors=tuple(tensor for content in weights for tensor in content.tensors),
        parameters=sum(content.parameters or 0 for content in weights) if weights else None,
        imports=_united(content.imports for _, content in members),
        runs_code=_united(content.runs_code for _, content in members),
    )


def _united(groups: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))


def _not_whole(content: Content, complete: bool | None, reason: str) -> Content:
    """`content` with a doubt about it, unless damage is known already."""
    return content if content.complete is False else replace(content, complete=complete, reason=reason)


def _folder(checkpoint: Checkpoint) -> Path:
    path = Path(checkpoint.path)
    return path if checkpoint.is_directory else path.parent


def _indexed_shards(checkpoint: Checkpoint, content: Content, budget: Budget) -> Content:
    """Every shard that a safetensors index names must be there."""
    for index in (Path(file) for file in checkpoint.files if file.endswith(SHARD_INDEX)):
        weights = read_object(index, budget).get("weight_map")
        if not isinstance(weights, dict) or not all(isinstance(name, str) for name in weights.values()):
            raise Damaged(f"{index.name} has no weight_map")
        present = {Path(file).name for file in checkpoint.files}
        missing = sorted(set(weights.values()) - present)
        if missing:
            return _not_whole(content, False, f"{missing[0]} is missing ({len(missing)} in all)")
        content = replace(content, facts={**content.facts, "shards": len(set(weights.values()))})
    return content


def _trainer_state(checkpoint: Checkpoint, content: Content, budget: Budget) -> Content:
    """What Hugging Face's Trainer wrote about the training."""
    state_file = _folder(checkpoint) / "trainer_state.json"
    if not checkpoint.is_directory or str(state_file) not in map(str, map(Path, checkpoint.files)):
        return content
    try:
        state = read_object(state_file, budget)
    except Damaged as damage:
        return _not_whole(content, False, str(damage))
    values = {key: as_scalar(state[key]) for key in _TRAINER_VALUES if key in state}
    return replace(content, keys=tuple(state), values={**content.values, **values})


def _whole_set(checkpoint: Checkpoint, content: Content, budget: Budget) -> Content:
    if not any(kind_of_file(file) or file.endswith(".bin") for file in checkpoint.files):
        return _not_whole(content, False, "there are no weights in it")
    return content


def _unknown_set(checkpoint: Checkpoint, content: Content, budget: Budget) -> Content:
    if content.complete:
        return replace(content, complete=None, reason="every file in it is whole; nothing names all it needs")
    return content


def _tensorflow(checkpoint: Checkpoint, content: Content, budget: Budget) -> Content:
    matches = [match for file in checkpoint.files if (match := _DATA_SHARD.fullmatch(Path(file).name))]
    wanted = {int(match[2]) for match in matches}
    if len(wanted) != 1 or len(matches) != max(wanted):
        return _not_whole(content, False, f"{len(matches)} of {max(wanted, default=1)} data files are there")
    if not Path(checkpoint.path).stat().st_size:
        return _not_whole(content, False, "the index is empty")
    return _not_whole(content, True, "the index and all its data files are there")


def _saved_model(checkpoint: Checkpoint, content: Content, budget: Budget) -> Content:
    sizes = {Path(file).name: Path(file).stat().st_size for file in checkpoint.files}
    if not (sizes.get("saved_model.pb") or sizes.get("saved_model.pbtxt")):
        return _not_whole(content, False, "saved_model.pb is empty")
    variables = [name for name in sizes if name.startswith("variables.")]
    if variables and len(variables) < 2:
        return _not_whole(content, False, f"of the variables, only {variables[0]} is there")
    return _not_whole(content, None, "the files of a SavedModel are there; runctl doesn't read them")


def _orbax(checkpoint: Checkpoint, content: Content, budget: Budget) -> Content:
    metadata_file = _folder(checkpoint) / "_CHECKPOINT_METADATA"
    if not metadata_file.is_file():
        return _not_whole(content, None, "nothing in it says whether it was finished")
    times = read_object(metadata_file, budget)
    if whole_number(times.get("commit_timestamp_nsecs")) is None:
        return _not_whole(content, None, "it says when it was begun, but not that it was finished")
    return _not_whole(content, True, "Orbax noted that it was finished")


def _torch_distributed(checkpoint: Checkpoint, content: Content, budget: Budget) -> Content:
    """Every piece that `.metadata` names must lie within its file; it also names the tensors."""
    folder = _folder(checkpoint)
    if not (folder / ".metadata").is_file():
        return _not_whole(content, False, ".metadata is missing; it is written last")
    with (folder / ".metadata").open("rb") as file:
        pickle = read(Source(file, budget))
    imports = tuple(map(str, pickle.imports))
    content = replace(
        content,
        imports=_united(iter((content.imports, imports))),
        runs_code=_united(iter((content.runs_code, runs_code(pickle.imports)))),
    )
    if pickle.problem is not None:
        return _not_whole(
            content, False if isinstance(pickle.problem, Damaged) else None, f".metadata: {pickle.problem}"
        )
    tensors = tuple(_distributed_tensors(pickle.value))
    content = replace(content, tensors=tensors)
    sizes = {Path(file).name: Path(file).stat().st_size for file in checkpoint.files}
    for name, end in _pieces(pickle.value):
        if sizes.get(name, -1) < end:
            found = "is missing" if name not in sizes else f"has {sizes[name]} bytes instead of {end}"
            return _not_whole(content, False, f"{name} {found}")
    return _not_whole(content, True, "all pieces that .metadata names are there")


def _state(value: object) -> Pairs:
    state = value.state if isinstance(value, Built) else None
    return state if isinstance(state, Pairs) else Pairs()


def _pieces(metadata: object) -> Iterator[tuple[str, int]]:
    """File name and end in bytes of each stored piece."""
    storage = _state(metadata).get("storage_data")
    for _, info in storage.items if isinstance(storage, Pairs) else []:
        fields = _state(info)
        name, offset, length = (fields.get(key) for key in ("relative_path", "offset", "length"))
        if isinstance(name, str) and isinstance(offset, int) and isinstance(length, int):
            yield Path(name).name, offset + length


def _distributed_tensors(metadata: object) -> Iterator[Tensor]:
    entries = _state(metadata).get("state_dict_metadata")
    for name, entry in entries.items if isinstance(entries, Pairs) else []:
        shape = shape_of(_state(entry).get("size"))
        properties = _state(entry).get("properties")
        if isinstance(name, str) and shape is not None:
            yield Tensor(name, _dtype(properties), shape)


def _dtype(properties: object) -> str:
    state = properties.state if isinstance(properties, Built) else None
    first = state[0] if isinstance(state, tuple) and state else _state(properties).get("dtype")
    return dtype_name(first) if isinstance(first, (Built, Global)) else "?"


_OWN_CHECKS: dict[str, Callable[[Checkpoint, Content, Budget], Content]] = {
    "hf-trainer": _whole_set,
    "sharded-safetensors": _whole_set,
    "tf-checkpoint": _tensorflow,
    "saved-model": _saved_model,
    "orbax": _orbax,
    "torch-distributed": _torch_distributed,
}
