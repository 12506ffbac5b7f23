"""moto made fast enough for a thousand instances: what it searches for is looked up, what it tries out is kept."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from moto.core.serialize import AttributePickerContext, EC2Serializer
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.responses._base_response import EC2BaseResponse
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix

# (class of an object, name of a field, the field's shape) → the names under which the object may have it
_NAMES: dict[tuple[type, str, Any], tuple[str, ...]] = {}
_MISSING = object()
# the last words of the paths of fields that moto changes in answers
_CHANGED = frozenset(path.rpartition(".")[2] for path in EC2BaseResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER)


def apply() -> None:
    """Replaces moto's own."""
    TaggedEC2Resource.get_tags = _tags_of  # type: ignore[method-assign]
    EC2Serializer.get_value = _value_of  # type: ignore[method-assign]
    EC2Serializer._serialize_body = _body_of  # type: ignore[method-assign, assignment]


def _tags_of(self: Any) -> list[dict[str, str]]:
    tags = self.ec2_backend.tags.get(self.id)
    if not tags:
        return []
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(self.id), "")
    # an answer may be made from them while they change
    return [
        {"resource_id": self.id, "key": key, "value": value, "resource_type": kind} for key, value in [*tags.items()]
    ]


def _value_of(self: Any, value: Any, key: str, shape: Any) -> Any:
    if key in _CHANGED:
        return type(self).__mro__[1].get_value(self, value, key, shape)  # type: ignore[attr-defined]
    names = _NAMES.get((value.__class__, key, shape))
    if names is None:
        names = _NAMES[value.__class__, key, shape] = _names_of(self, value, key, shape)
    if hasattr(value, "__getitem__"):
        return _item_of(value, names)
    for name in names:
        found = getattr(value, name, _MISSING)
        if found is not _MISSING:
            return found
    return None


def _item_of(value: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        try:
            return value[name]
        except (KeyError, IndexError, TypeError, AttributeError):
            continue
    return None


def _names_of(self: Any, value: Any, key: str, shape: Any) -> tuple[str, ...]:
    context = AttributePickerContext(value, key, shape, self.operation_model, self.service_model, "")
    return tuple(dict.fromkeys(self._value_picker.get_possible_keys(context)))


def _body_of(self: Any, body: dict[str, Any]) -> str:
    pieces = ['<?xml version="1.0" encoding="utf-8"?>\n']
    for name, value in body.items():
        _write(name, value, pieces)
    return "".join(pieces)


def _write(name: str, value: Any, pieces: list[str]) -> None:
    if isinstance(value, dict):
        attributes = "".join(f" {key[1:]}={quoteattr(str(each))}" for key, each in value.items() if key[0] == "@")
        pieces.append(f"<{name}{attributes}>")
        for key, each in value.items():
            if key[0] != "@":
                _write(key, each, pieces)
        pieces.append(f"</{name}>")
    elif isinstance(value, list):
        for each in value:
            _write(name, each, pieces)
    elif value is None:
        pieces.append(f"<{name}/>")
    else:
        text = str(value).lower() if isinstance(value, bool) else escape(str(value))
        pieces.append(f"<{name}>{text}</{name}>")
