"""Annotations in all their spellings, read from source."""

from __future__ import annotations

from pathlib import Path

import pytest

from runctl.project.parameters.following.hints import Hint, hint
from runctl.project.parameters.following.interpreter import Interpreter
from runctl.project.parameters.following.modules import read_module
from runctl.project.parameters.following.values import Class

HEADER = """
import collections.abc
import dataclasses
import enum
import pathlib
import typing
import typing as t
import typing_extensions
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum, auto
from pathlib import Path
from typing import (
    Annotated, Any, Callable, ClassVar, Final, FrozenSet, List, Literal, NamedTuple, Optional, Tuple, Type, TypedDict,
    Union
)

import torch

@dataclass(frozen=True)
class Config:
    lr: float = 0.1

class Derived(Config):
    pass

class Plain:
    pass

class Color(Enum):
    RED = "red"
    GREEN = "green"
    CRIMSON = "red"

class Level(IntEnum):
    LOW = auto()
    HIGH = auto()

class Mode(str, Enum):
    FAST = auto()

class Word(StrEnum):
    Up = auto()

class Pair(NamedTuple):
    a: int

class Keys(TypedDict):
    a: int

class Fields:
    field: {annotation}
"""


def read(annotation: str, folder: Path) -> Hint:
    """What an annotation means that stands in a class of a script."""
    script = folder / "script.py"
    script.write_text(HEADER.replace("{annotation}", annotation))
    module = read_module("__main__", script)
    assert module is not None
    interpreter = Interpreter(script, folder, (), {})
    interpreter.follow(module)
    fields = module.scope.names["Fields"]
    assert isinstance(fields, Class)
    return hint(fields.own_fields[0].annotation)


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        ("int", "int"),
        ("float", "float"),
        ("str", "str"),
        ("'str'", "str"),
        ("bool", "bool"),
        ("bytes", "bytes"),
        ("Path", "path"),
        ("pathlib.PurePath", "path"),
        ("Any", "any"),
        ("object", "any"),
        ("dict", "dict"),
        ("typing.Dict", "dict"),
        ("list", "list"),
        ("Callable[[int], str]", "callable"),
        ("Type[Plain]", "type"),
        ("ClassVar[int]", "classvar"),
        ("Final[int]", "int"),
        ("dataclasses.InitVar[int]", "int"),
        ("torch.dtype", "foreign"),
        ("Plain", "class"),
        ("Config", "dataclass"),
        ("Derived", "dataclass"),
        ("Pair", "namedtuple"),
        ("Keys", "typeddict"),
        ("Color", "enum"),
        ("undefined", "unknown"),
        ("make()", "unknown"),
    ],
)
def test_the_kind_of_an_annotation(annotation: str, kind: str, tmp_path: Path) -> None:
    assert read(annotation, tmp_path).kind == kind


@pytest.mark.parametrize(
    "annotation",
    ["Optional[int]", "int | None", "None | int", "t.Union[int, None]", "'Optional[int]'", "Union[None, int]"],
)
def test_every_spelling_of_optional_is_the_same(annotation: str, tmp_path: Path) -> None:
    meant = read(annotation, tmp_path)
    assert (meant.kind, meant.optional, meant.members) == ("int", True, ())


@pytest.mark.parametrize(
    "annotation",
    [
        "list[int]",
        "List[int]",
        "typing.List[int]",
        "Sequence[int]",
        "collections.abc.Iterable[int]",
        "t.Collection[int]",
    ],
)
def test_every_spelling_of_a_list_says_what_it_holds(annotation: str, tmp_path: Path) -> None:
    meant = read(annotation, tmp_path)
    assert (meant.kind, meant.item.kind) == ("list", "int")


def test_tuples_of_fixed_and_of_any_length_differ(tmp_path: Path) -> None:
    fixed, endless, bare = (read(text, tmp_path) for text in ("Tuple[int, str]", "tuple[float, ...]", "tuple"))
    assert ([item.kind for item in fixed.items], fixed.endless) == (["int", "str"], False)
    assert ([item.kind for item in endless.items], endless.endless) == (["float"], True)
    assert (bare.items, bare.endless) == ((), True)


def test_a_dict_says_what_its_keys_and_values_are(tmp_path: Path) -> None:
    meant = read("dict[str, list[int]]", tmp_path)
    assert [item.kind for item in meant.items] == ["str", "list"]
    assert meant.items[1].item.kind == "int"


def test_a_set_says_what_it_holds(tmp_path: Path) -> None:
    assert read("FrozenSet[str]", tmp_path).item.kind == "str"


def test_a_bare_container_holds_anything(tmp_path: Path) -> None:
    assert read("List", tmp_path).item.kind == "any"


def test_nested_unions_are_flat(tmp_path: Path) -> None:
    meant = read("Union[int, Optional[Union[str, float]]]", tmp_path)
    assert (meant.kind, [member.kind for member in meant.members], meant.optional) == (
        "union",
        ["int", "str", "float"],
        True,
    )


def test_nothing_but_none(tmp_path: Path) -> None:
    assert read("Union[None]", tmp_path).kind == "none"


def test_the_values_of_a_literal(tmp_path: Path) -> None:
    assert read("Literal['a', 1, None]", tmp_path).choices == ("a", 1, None)
    assert read("typing_extensions.Literal[Literal['a'], 'b']", tmp_path).choices == ("a", "b")
    assert read("Optional[Literal['a']]", tmp_path).optional


def test_the_members_of_an_enum_without_second_names(tmp_path: Path) -> None:
    meant = read("Color", tmp_path)
    assert (meant.names, meant.choices) == (("RED", "GREEN"), ("red", "green"))


def test_automatic_values_are_known_where_python_defines_them(tmp_path: Path) -> None:
    assert read("Level", tmp_path).choices == (1, 2)
    assert read("Word", tmp_path).choices == ("up",)
    # what auto() gives for (str, Enum) depends on Python's version
    assert read("Mode", tmp_path).choices != (1,)


def test_annotated_keeps_its_extras_beside_the_type(tmp_path: Path) -> None:
    meant = read("Annotated[Optional[int], 'help', 3]", tmp_path)
    assert (meant.kind, meant.optional, meant.metadata) == ("int", True, ("help", 3))


def test_nested_annotated_gathers_all_extras(tmp_path: Path) -> None:
    assert read("typing_extensions.Annotated[Annotated[int, 1], 2]", tmp_path).metadata == (1, 2)


def test_the_class_is_there_for_dataclasses(tmp_path: Path) -> None:
    found = read("Optional[Config]", tmp_path).cls
    assert isinstance(found, Class)
    assert found.name == "Config"
