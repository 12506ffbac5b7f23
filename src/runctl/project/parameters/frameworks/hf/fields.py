"""The options that HfArgumentParser makes of a dataclass's fields: `_parse_dataclass_field` of
transformers/hf_argparser.py, which is alike since 4.2 but for the flags with dashes, which came later."""

from __future__ import annotations

from typing import Any

from runctl.project.parameters.following.hints import Hint, hint
from runctl.project.parameters.following.values import Foreign, Generic
from runctl.project.parameters.frameworks.dataclass_fields import DataField, as_default, one_of
from runctl.project.parameters.model import VALUES, Parameter, Unread, ValueType
from runctl.project.parameters.types import ANY, FLOAT, INT, PATH, STR, boolean

BOOL = boolean("true", "false")
# argparse's `type=bool`, which a List[bool] gets: everything but the empty text is true
_ANY_TEXT_IS_TRUE = boolean("true", "")
_TYPES = {"int": INT, "float": FLOAT, "str": STR, "path": PATH}


def option(field: DataField) -> Parameter:
    """The option for a field, with its `--no_…` where it has one."""
    wanted = _wanted(field.hint)
    made = Parameter(
        name=field.name,
        type=ANY,
        flags=(*long_flags(field.name), *_aliases(field)),
        default=as_default(field.default),
        required=field.required,
        help=_help(field),
        choices=_choices(field.metadata.get("choices")),
    )
    if wanted.kind == "bool":
        return _boolean(made, field, wanted)
    if wanted.kind in ("literal", "enum"):
        choices = _choices(wanted.choices)
        kind = ANY if choices is None else one_of(_kind_of_choices(wanted), choices)
        return made._replace(type=kind, choices=choices, required=field.required or not field.true_default)
    if wanted.kind == "list":
        return made._replace(type=_item_type(wanted.item), takes=VALUES, at_most=None)
    if field.metadata.get("nargs") in ("+", "*"):
        least = int(field.metadata["nargs"] == "+")
        return made._replace(type=_plain_type(wanted), takes=VALUES, at_least=least, at_most=None)
    return made._replace(type=_plain_type(wanted))


def long_flags(name: str) -> tuple[str, ...]:
    """`--batch_size`, and `--batch-size`."""
    # the first one is what every version has
    return (f"--{name}", f"--{name.replace('_', '-')}") if "_" in name else (f"--{name}",)


def negated_flags(name: str) -> tuple[str, ...]:
    """The flags that turn a switch off."""
    return (f"--no_{name}", f"--no-{name.replace('_', '-')}")


def _aliases(field: DataField) -> tuple[str, ...]:
    aliases = field.metadata.get("aliases", ())
    given = [aliases] if isinstance(aliases, str) else aliases
    return tuple(alias for alias in given if isinstance(alias, str)) if isinstance(given, (list, tuple)) else ()


def _help(field: DataField) -> str:
    text = field.metadata.get("help")
    return text.replace("%%", "%") if isinstance(text, str) else ""


def _choices(values: Any) -> tuple[str, ...] | None:
    if not isinstance(values, (list, tuple)):
        return None
    texts = [as_default(value) for value in values]
    return None if any(isinstance(text, Unread) for text in texts) else tuple(map(str, texts))


def _wanted(found: Hint) -> Hint:
    """The one type of a union that HfArgumentParser takes."""
    arguments = _union_arguments(found.annotation)
    if found.kind != "union" or not arguments:
        return found
    none_at = next((index for index, argument in enumerate(arguments) if argument is None), None)
    if none_at is None:
        first, second = found.members[0], found.members[1]
        return first if second.kind == "str" else second
    return found.members[1] if none_at > 1 else found.members[0]


def _union_arguments(annotation: Any) -> tuple[Any, ...]:
    """What a union is of, None for NoneType, in the order that Python keeps: `Optional[Union[dict, str]]` ends with
    None."""
    if not isinstance(annotation, Generic) or hint(annotation).kind not in ("union", "none"):
        return (None if hint(annotation).kind == "none" else annotation,)
    arguments = [inner for argument in annotation.arguments for inner in _union_arguments(argument)]
    if isinstance(annotation.origin, Foreign) and annotation.origin.name.endswith("Optional"):
        arguments.append(None)
    return tuple(arguments)


def _boolean(made: Parameter, field: DataField, wanted: Hint) -> Parameter:
    if wanted.optional and (field.required or field.default is None):
        return made._replace(type=BOOL, required=False)
    default = False if field.required or not field.true_default else made.default
    negated = default is True or isinstance(default, Unread)
    return made._replace(
        type=BOOL,
        at_least=0,
        default=default,
        required=False,
        off_flags=negated_flags(field.name) if negated else (),
    )


def _kind_of_choices(wanted: Hint) -> str:
    kinds = {type(value).__name__ for value in wanted.choices}
    return kinds.pop() if len(kinds) == 1 else "str"


def _item_type(item: Hint) -> ValueType:
    if item.kind == "bool" and not item.optional:
        return _ANY_TEXT_IS_TRUE
    return _plain_type(item)


def _plain_type(wanted: Hint) -> ValueType:
    if wanted.kind in _TYPES:
        return _TYPES[wanted.kind]
    if wanted.kind in ("dict", "tuple", "set", "any"):
        # argparse is told `type=dict`, which fails, or `type=tuple`, which makes a tuple of characters
        return _untakable(wanted.kind)
    return ANY


def _untakable(kind: str) -> ValueType:
    def spell(text: str) -> str:
        raise ValueError(f"nothing: HfArgumentParser can't take a {kind} from the command line")

    return ValueType(kind, spell)
