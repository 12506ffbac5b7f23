"""The command line that tyro makes of a struct: arguments, and sub-commands where a type is one of several."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.hints import Hint, hint
from runctl.project.parameters.following.values import NOTHING, Class, Function, Generic, Instance, Unknown
from runctl.project.parameters.frameworks.dataclass_fields import as_default
from runctl.project.parameters.frameworks.tyro.conf import (
    Configured,
    Stripped,
    default_of,
    field_name,
    inverses,
    spellings,
    stripped,
    words_of_class,
)
from runctl.project.parameters.frameworks.tyro.structs import TyroField, field, struct_fields
from runctl.project.parameters.frameworks.tyro.types import BOOL, default_text, is_struct, tyro_type
from runctl.project.parameters.model import COUNT, REPEATED, SWITCH, VALUE, VALUES, Command, Parameter, Unread
from runctl.project.parameters.types import ANY, INT, boolean

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

# tyro takes groups of sub-commands in any order; more ways to choose one of each are not spelled out
MOST_COMBINATIONS = 40


class Place(NamedTuple):
    """Where a field is: the names of those that it is in, the part of them that is a sub-command's, and the markers
    that apply to all that is below. `inside` identifies the structs around it."""

    prefix: str = ""
    path: str = ""
    subcommand: str = ""
    markers: frozenset[str] = frozenset()
    delimiter: str = "-"
    inside: tuple[int, ...] = ()


class Group(NamedTuple):
    """Sub-commands one of which may be chosen."""

    commands: list[tuple[str, tuple[str, ...], Node]]
    required: bool


class Node:
    """What was read of a struct."""

    def __init__(self) -> None:
        self.parameters: list[Parameter] = []
        self.groups: list[Group] = []
        self.unread: list[str] = []

    def join(self, other: Node) -> None:
        """Takes over what was read of a struct inside of this one."""
        self.parameters += other.parameters
        self.groups += other.groups
        self.unread += other.unread

    def notes(self) -> list[str]:
        """What could not be read, here and below."""
        return self.unread + [note for group in self.groups for _, _, node in group.commands for note in node.notes()]


def read_struct(interpreter: Interpreter, thing: Any, default: Any, place: Place) -> Node:
    """The arguments of a dataclass, a function, …"""
    node = Node()
    if id(thing) in place.inside:
        node.unread.append(f"arguments of {getattr(thing, 'name', 'a type')}, which contains itself")
        return node
    place = place._replace(inside=(*place.inside, id(thing)))
    fields = struct_fields(interpreter, thing, default)
    if fields is None:
        node.unread.append(f"arguments of {getattr(thing, 'name', 'a type')}, which can't be looked into")
        return node
    place = place._replace(markers=place.markers | _own_markers(thing))
    for one in fields:
        _read_field(interpreter, node, one._replace(markers=one.markers | place.markers), place)
    return node


def command_of(node: Node, name: str = "", aliases: tuple[str, ...] = ()) -> Command:
    """The node as a command line."""
    return _command(node, node.groups, name, aliases)


def read_choice(interpreter: Interpreter, one: TyroField, place: Place) -> Group | None:
    """The sub-commands for a field that is one of several structs; None when it is not."""
    options = [stripped(option) for option in _options(one)]
    shown = [option for option in options if "Suppress" not in option.markers]
    if not any(_structure(option) for option in shown):
        return None
    commands = []
    for option in shown:
        conf = option.of("subcommand")
        name = _name_of(option, conf, place, "OmitSubcommandPrefixes" in one.markers)
        default = one.default if _is_of(one.default, option) else default_of(conf)
        below = place._replace(subcommand=place.prefix, markers=one.markers | option.markers)
        node = Node() if option.annotation is None else read_struct(interpreter, _thing(option), default, below)
        commands.append((name, _aliases(conf), node))
    required = one.default is NOTHING and not any(_is_default(option.of("subcommand")) for option in shown)
    return Group(commands, required)


def _read_field(interpreter: Interpreter, node: Node, one: TyroField, place: Place) -> None:
    if one.markers & {"Suppress", "Fixed"}:
        return
    if not one.readable:
        node.unread.append(f"{one.name}, whose type is configured in a way that can't be read")
        return
    extern = one.conf.get("name", one.name) if one.conf else one.name
    unprefixed = one.conf is not None and one.conf.get("prefix_name") is False
    inner = place._replace(
        prefix=extern if unprefixed else field_name([place.prefix, str(extern)], place.delimiter),
        path=f"{place.path}.{one.name}" if place.path else one.name,
        markers=one.markers,
    )
    structure = _structure_of_field(one)
    if structure is not None:
        node.join(read_struct(interpreter, structure, one.default, inner))
        return
    omitted = inner._replace(prefix=place.prefix) if "OmitArgPrefixes" in one.markers else inner
    group = None if one.hint.kind in ("int", "float", "str", "bool") else read_choice(interpreter, one, omitted)
    if group is not None:
        node.groups.append(group)
        if "CascadeSubcommandArgs" in one.markers:
            node.unread.append("arguments may stand behind sub-commands that they don't belong to")
        return
    parameter = _parameter(one, place, str(extern), unprefixed)
    if parameter is None and one.default is NOTHING:
        node.unread.append(f"{one.name}, whose type can't be read")
    elif parameter is not None:
        node.parameters.append(parameter)


def _structure_of_field(one: TyroField) -> Any:
    """The class or dict that a field is a group of arguments of; None when it is an argument or a choice."""
    default, found = one.default, one.hint
    if isinstance(default, Instance) and ("AvoidSubcommands" in one.markers or not _is_choice(found)):
        return default.kind if found.kind != "dict" else None
    if not is_struct(found, default) or found.optional or default is None:
        return None
    return default if found.kind == "dict" else found.cls


def _is_choice(found: Hint) -> bool:
    return found.kind == "union" or found.optional


def _parameter(one: TyroField, place: Place, extern: str, unprefixed: bool) -> Parameter | None:
    default = as_default(default_text(one.default))
    names = _flags(one, place, extern, unprefixed)
    placed = one.placed or "Positional" in one.markers
    placed = placed or ("PositionalRequiredArgs" in one.markers and one.default is NOTHING)
    made = Parameter(
        name=f"{place.path}.{one.name}" if place.path else one.name,
        type=ANY,
        flags=() if placed else names,
        default=default,
        required=one.default is NOTHING,
        help=one.help,
    )
    if one.conf is not None and (one.conf.get("constructor") or one.conf.get("constructor_factory")):
        return made
    if one.hint.kind == "bool" and one.default is not None and (not one.hint.optional or "DisallowNone" in one.markers):
        return _boolean(made, one, placed, place.delimiter)
    if "UseCounterAction" in one.markers and one.hint.kind == "int" and not placed:
        return made._replace(type=INT, takes=COUNT, required=False, default=0 if one.default is NOTHING else default)
    read = tyro_type(one.hint, one.default, one.markers)
    if read is None:
        return None
    made = made._replace(
        type=read.type, takes=read.takes, at_least=read.at_least, at_most=read.at_most, choices=read.choices
    )
    if read.takes == VALUES and "UsePythonSyntaxForLiteralCollections" in one.markers:
        return made._replace(type=ANY, takes=VALUE, at_least=1, at_most=1, choices=None)
    if read.takes == VALUES and "UseAppendAction" in one.markers and not placed:
        return made._replace(takes=REPEATED, at_least=1, at_most=1, required=False)
    if placed and not made.required:
        return made._replace(at_least=0)
    return made._replace(required=made.required and not (placed and made.at_least == 0))


def _boolean(made: Parameter, one: TyroField, placed: bool, delimiter: str) -> Parameter | None:
    if one.default is NOTHING or placed or "FlagConversionOff" in one.markers:
        return made._replace(type=BOOL, choices=("True", "False"), at_least=0 if placed and not made.required else 1)
    if isinstance(made.default, Unread) and "FlagCreatePairsOff" in one.markers:
        return None
    made = made._replace(type=boolean("true", "false"), takes=SWITCH)
    if "FlagCreatePairsOff" not in one.markers:
        return made._replace(off_flags=inverses(made.flags, delimiter))
    return made if not one.default else made._replace(flags=(), off_flags=made.flags)


def _flags(one: TyroField, place: Place, extern: str, unprefixed: bool) -> tuple[str, ...]:
    if one.hint.kind == "bool" and one.default is True and "FlagCreatePairsOff" in one.markers:
        extern = f"no_{extern}"
    if unprefixed or "OmitArgPrefixes" in one.markers:
        name = field_name([extern], place.delimiter)
    else:
        name = field_name([place.prefix, extern], place.delimiter)
        if "OmitSubcommandPrefixes" in one.markers and place.subcommand:
            name = name.removeprefix(f"{place.subcommand}.")
    aliases = one.conf.get("aliases", ()) if one.conf else ()
    flags = [*spellings(f"--{name}", place.delimiter)]
    for alias in aliases if isinstance(aliases, (list, tuple)) else ():
        flags += [str(alias)] if "_" in str(alias) else spellings(str(alias), place.delimiter)
    return tuple(dict.fromkeys(flags))


# sub-commands


def _options(one: TyroField) -> list[Any]:
    annotation = one.annotation
    if isinstance(annotation, Generic) and (one.hint.kind == "union" or one.hint.optional):
        options = [None if hint(option).kind == "none" else option for option in annotation.arguments]
        word = getattr(annotation.origin, "name", "").rpartition(".")[2]
        return [*options, None] if word == "Optional" else options
    if isinstance(annotation, Generic) and getattr(annotation.origin, "name", "").endswith("Union"):
        return list(annotation.arguments)
    return [annotation, None] if one.default is None else []


def _structure(option: Stripped) -> bool:
    conf = option.of("subcommand")
    if conf is not None and conf.get("constructor") is not None:
        return True
    return isinstance(option.annotation, (Class, Function)) and is_struct(hint(option.annotation), NOTHING)


def _thing(option: Stripped) -> Any:
    conf = option.of("subcommand")
    constructor = conf.get("constructor") if conf is not None else None
    return option.annotation if constructor is None else constructor


def _is_of(default: Any, option: Stripped) -> bool:
    if default is None:
        return option.annotation is None
    return isinstance(default, Instance) and default.kind is option.annotation


def _is_default(conf: Configured | None) -> bool:
    return conf is not None and conf.get("is_default") is True


def _aliases(conf: Configured | None) -> tuple[str, ...]:
    given = conf.get("aliases", ()) if conf is not None else ()
    return tuple(map(str, given)) if isinstance(given, (list, tuple)) else ()


def _name_of(option: Stripped, conf: Configured | None, place: Place, omit_prefix: bool) -> str:
    given = conf.get("name") if conf is not None else None
    thing = _thing(option)
    name = given if isinstance(given, str) else words_of_class(getattr(thing, "name", "none"), place.delimiter)
    if thing is None:
        name = "none"
    if omit_prefix or not place.prefix or (conf is not None and conf.get("prefix_name") is False):
        return name
    return f"{place.prefix}:{field_name([name], place.delimiter)}"


def _command(node: Node, groups: list[Group], name: str, aliases: tuple[str, ...]) -> Command:
    commands: list[Command] = []
    spelled_out = math.prod(len(group.commands) for group in groups) <= MOST_COMBINATIONS
    for group in groups:
        others = [other for other in groups if other is not group] if spelled_out else []
        commands += [_command(below, below.groups + others, own, more) for own, more, below in group.commands]
    required = any(group.required for group in groups)
    complete = spelled_out and not node.unread
    return Command(name, tuple(node.parameters), tuple(commands), required, complete, aliases)


def top_level(interpreter: Interpreter, thing: Any, default: Any, place: Place) -> Node:
    """What `tyro.cli(thing, default=default)` takes."""
    read = stripped(thing)
    place = place._replace(markers=place.markers | read.markers)
    given = Unknown() if default is not NOTHING and not isinstance(default, (Instance, dict)) else default
    if isinstance(read.annotation, Generic):
        one = field("", Hint("union", annotation=read.annotation), given)._replace(markers=place.markers)
        group = read_choice(interpreter, one._replace(annotation=read.annotation, hint=Hint("union")), place)
        node = Node()
        if group is None:
            node.unread.append("arguments of a type that can't be looked into")
        else:
            node.groups.append(group)
        return node
    return read_struct(interpreter, given.kind if isinstance(given, Instance) else read.annotation, given, place)


def _own_markers(thing: Any) -> frozenset[str]:
    found = vars(thing).get("tyro_markers", frozenset()) if isinstance(thing, (Class, Function)) else frozenset()
    return frozenset(found)
