"""Tensors, arrays and top-level values in a pickle that was followed symbolically."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runctl.storage.checkpoints.content import Scalar, Tensor, as_scalar, whole_number
from runctl.storage.checkpoints.opcodes import Unread
from runctl.storage.checkpoints.pickles import Built, Global, Pairs, Persistent

_DEPTH = 32
_NAME_LENGTH = 300
_SHOWN_KEYS = 1000
# storage class → dtype, bytes of an element
_STORAGES = {
    "DoubleStorage": ("float64", 8),
    "FloatStorage": ("float32", 4),
    "HalfStorage": ("float16", 2),
    "BFloat16Storage": ("bfloat16", 2),
    "LongStorage": ("int64", 8),
    "IntStorage": ("int32", 4),
    "ShortStorage": ("int16", 2),
    "CharStorage": ("int8", 1),
    "ByteStorage": ("uint8", 1),
    "BoolStorage": ("bool", 1),
    "UntypedStorage": ("uint8", 1),
    "ComplexFloatStorage": ("complex64", 8),
    "ComplexDoubleStorage": ("complex128", 16),
    "QInt8Storage": ("qint8", 1),
    "QUInt8Storage": ("quint8", 1),
    "QInt32Storage": ("qint32", 4),
}
ITEM_SIZES = dict(_STORAGES.values())
_WEIGHTS_KEYS = ("state_dict", "model_state_dict", "model", "module", "weights", "net", "params")


def storage_of(value: object) -> tuple[str, str, int] | None:
    """Of a torch storage's persistent id: its key, dtype and number of elements (of bytes, when untyped)."""
    key = value.id if isinstance(value, Persistent) else None
    if not (isinstance(key, tuple) and len(key) >= 5 and key[0] == "storage" and isinstance(key[1], Global)):
        return None
    count = whole_number(key[4])
    known = _STORAGES.get(key[1].name)
    if known is None or count is None or not isinstance(key[2], (str, int)):
        return None
    return str(key[2]), known[0], count


def tensor_of(value: object, name: str, wrappers: int = 4) -> Tensor | None:
    """The torch tensor or NumPy array that `value` stands for, or None when it is something else.

    A tensor may be wrapped (a parameter, a subclass) up to `wrappers` times.
    """
    if not (isinstance(value, Built) and isinstance(value.maker, Global)) or not wrappers:
        return None
    args = value.args if isinstance(value.args, tuple) else ()
    maker = value.maker.name
    if maker in ("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_qtensor"):
        return _torch_tensor(args, name)
    if maker in ("_rebuild_parameter", "_rebuild_parameter_with_state", "Parameter", "Buffer") and args:
        return tensor_of(args[0], name, wrappers - 1)
    if maker in ("_rebuild_from_type", "_rebuild_from_type_v2") and len(args) >= 3:
        return tensor_of(Built(args[0], args[2]), name, wrappers - 1)
    if maker == "_rebuild_meta_tensor_no_storage" and len(args) >= 2:
        return _shaped(name, args[0], args[1])
    if maker == "_reconstruct" and isinstance(value.state, tuple) and len(value.state) >= 3:
        return _shaped(name, value.state[2], value.state[1])
    if maker == "_frombuffer" and len(args) >= 3:
        return _shaped(name, args[1], args[2])
    return None


def _torch_tensor(args: tuple[object, ...], name: str) -> Tensor | None:
    storage = storage_of(args[0]) if len(args) >= 4 else None
    if storage is None:
        return None
    dtype = args[6] if len(args) >= 7 and isinstance(args[6], Global) else storage[1]
    return _shaped(name, dtype, args[2])


def _shaped(name: str, dtype: object, shape: object) -> Tensor | None:
    sizes = shape_of(shape)
    return None if sizes is None else Tensor(name, dtype_name(dtype), sizes)


def shape_of(value: object) -> tuple[int, ...] | None:
    """A shape written as a tuple or a `torch.Size`, or None."""
    if isinstance(value, Built) and isinstance(value.args, tuple) and value.args:
        value = value.args[0]
    if not isinstance(value, (tuple, list)) or len(value) > 64:
        return None
    sizes = [number for number in map(whole_number, value) if number is not None and not number >> 63]
    return tuple(sizes) if len(sizes) == len(value) else None


def dtype_name(value: object) -> str:
    """An element type as its library spells it: `float32` from torch, `f8` from NumPy."""
    if isinstance(value, Global):
        return value.name
    if isinstance(value, Built) and isinstance(value.args, tuple) and value.args:
        return str(as_scalar(value.args[0]))
    return value if isinstance(value, str) else "?"


def tensors_in(value: object, name: str = "") -> Iterator[Tensor]:
    """Every tensor below `value`, named by its keys joined with dots; each container is entered once."""
    yield from _tensors_in(value, name, set(), 0)


def _tensors_in(value: object, name: str, entered: set[int], depth: int) -> Iterator[Tensor]:
    tensor = tensor_of(value, name)
    if tensor is not None:
        yield tensor
    elif depth < _DEPTH and id(value) not in entered:
        parts = _parts(value)
        if parts:
            entered.add(id(value))
        for key, part in parts:
            yield from _tensors_in(part, _joined(name, key), entered, depth + 1)


def _parts(value: object) -> list[tuple[object, object]]:
    if isinstance(value, Pairs):
        return value.items
    if isinstance(value, (list, tuple)):
        return list(enumerate(value)) if any(_may_hold(part) for part in value) else []
    if isinstance(value, Built):
        state = value.state[0] if isinstance(value.state, tuple) and value.state else value.state
        return value.items + (state.items if isinstance(state, Pairs) else [])
    return []


def _may_hold(part: object) -> bool:
    return isinstance(part, (Pairs, Built, list, tuple))


def _joined(name: str, key: object) -> str:
    # a module object keeps its weights under these names, which a state_dict leaves out
    if key in ("_parameters", "_buffers", "_modules"):
        return name
    text = str(as_scalar(key)) if isinstance(key, (str, int)) else "?"
    return (f"{name}.{text}" if name else text)[:_NAME_LENGTH]


def keys_of(value: object) -> tuple[str, ...]:
    """The top-level keys of a dict, at most a thousand."""
    items = value.items if isinstance(value, Pairs) else []
    return tuple(str(as_scalar(key)) for key, _ in items[:_SHOWN_KEYS] if isinstance(key, (str, int)))


def values_of(value: object) -> dict[str, Scalar]:
    """The top-level items of a dict that are scalars."""
    items = value.items if isinstance(value, Pairs) else []
    return {
        str(as_scalar(key)): as_scalar(item)
        for key, item in items[:_SHOWN_KEYS]
        if isinstance(key, (str, int)) and (item is None or isinstance(item, (bool, int, float, str)))
    }


def parameters_of(value: object) -> int | None:
    """How many elements the model has: the weights that `value` names, else its own tensors, else None.

    Tied weights count once for each of their names.
    """
    if not isinstance(value, Pairs):
        return _elements(tensors_in(value)) if isinstance(value, Built) else None
    named = (_elements(tensors_in(value.get(key))) for key in _WEIGHTS_KEYS)
    found = next((count for count in named if count is not None), None)
    if found is not None:
        return found
    return _elements(tensor for _, item in value.items if (tensor := tensor_of(item, "")))


def _elements(tensors: Iterable[Tensor]) -> int | None:
    counts = [tensor.elements for tensor in tensors]
    return sum(counts) if counts else None


def type_name(value: object) -> str:
    """What loading would give, by name: `dict`, `list`, `tensor`, `module.Class`, …"""
    if tensor_of(value, "") is not None:
        return "tensor"
    if isinstance(value, Pairs):
        return "dict"
    if isinstance(value, Built):
        return str(value.maker) if isinstance(value.maker, Global) else "unknown"
    if isinstance(value, Unread):
        return "bytes"
    return "unknown" if isinstance(value, (Global, Persistent)) else type(value).__name__
