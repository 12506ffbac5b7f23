"""python-fire: what its components take, and values that arrive as they were written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fire.parser import DefaultParseValue
from hypothesis import given
from hypothesis import strategies as st

from runctl.project.parameters.following.hints import Hint
from runctl.project.parameters.following.values import NOTHING
from runctl.project.parameters.frameworks.fire.values import LITERAL, TEXT, parse, type_of
from runctl.project.parameters.model import Command, Interface
from runctl.project.parameters.reading import read_interface

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(
    [
        "1e-4",
        "a,b",
        "True",
        "None",
        "run#3",
        "{a: 1}",
        "{{a}}",
        "'x'",
        "a-b",
        "-1",
        "0x10",
        "ﬁt",
        "[",
        " 1",
        "1 # x",
        "f(1)",
    ]
)
SCALARS = (bool, int, float, type(None))


def read(folder: Path, source: str) -> Interface:
    (folder / "train.py").write_text("import fire\nfrom fire import decorators\n" + source)
    interface = read_interface(folder / "train.py", folder)
    assert interface is not None
    return interface


def flags(command: Command) -> list[str]:
    return [parameter.flags[0] for parameter in command.parameters]


@given(ANY_TEXT)
def test_any_text_arrives_at_a_text_parameter_as_it_was_written(text: str) -> None:
    assert DefaultParseValue(TEXT.spell(text)) == text


@given(ANY_TEXT)
def test_text_for_an_open_parameter_arrives_as_written_or_is_what_fire_makes_of_it(text: str) -> None:
    value = DefaultParseValue(LITERAL.spell(text))
    if isinstance(value, str):
        assert value == text
    else:
        assert value == DefaultParseValue(text)


@given(ANY_TEXT)
def test_where_the_default_is_text_only_numbers_truth_values_and_none_are_not(text: str) -> None:
    value = DefaultParseValue(type_of(Hint("any"), "default").spell(text))
    assert value == text or isinstance(value, SCALARS)


@given(st.lists(ANY_TEXT), st.sampled_from(["list", "tuple"]))
def test_the_items_of_a_list_arrive_as_they_were_written(items: list[str], kind: str) -> None:
    written = "[" + ",".join('"' + item.replace('"', '""') + '"' for item in items) + "]"
    value = DefaultParseValue(type_of(Hint(kind, (Hint("str"),)), NOTHING).spell(written))
    assert list(value) == items
    assert type(value).__name__ == kind


@given(ANY_TEXT)
def test_values_are_parsed_as_fire_parses_them(text: str) -> None:
    try:
        expected = DefaultParseValue(text)
    except TypeError:
        return
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("hint", "default", "text", "expected"),
    [
        (Hint("int"), NOTHING, "007", 7),
        (Hint("int"), NOTHING, "0x10", 16),
        (Hint("int", optional=True), NOTHING, "None", None),
        (Hint("str"), None, "None", None),
        (Hint("str"), "", "None", "None"),
        (Hint("float"), NOTHING, "007.5", 7.5),
        (Hint("float"), NOTHING, "inf", float("inf")),
        (Hint("bool"), NOTHING, "yes", True),
        (Hint("list", (Hint("int"),)), NOTHING, "[1, 02]", [1, 2]),
        (Hint("list"), NOTHING, "[1,a-b,[x]]", [1, "a-b", ["x"]]),
        (Hint("list"), NOTHING, "1,2", (1, 2)),
        (Hint("tuple"), NOTHING, "[1]", (1,)),
        (Hint("dict"), NOTHING, "{a: 1}", {"a": 1}),
        (Hint("any"), 3, "1e-4", 1e-4),
        (Hint("any"), 3, "None", None),
        (Hint("any"), 3, "[1,2]", [1, 2]),
        (Hint("any"), False, "on", True),
        (Hint("any"), NOTHING, "1,2", (1, 2)),
    ],
)
def test_values_have_the_type_that_is_declared_or_that_fire_gives_them(
    hint: Hint, default: Any, text: str, expected: Any
) -> None:
    value = DefaultParseValue(type_of(hint, default).spell(text))
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("hint", "default", "text", "right"),
    [
        (Hint("int"), NOTHING, "1.5", "a whole number"),
        (Hint("float"), NOTHING, "nan", "nan"),
        (Hint("bool"), NOTHING, "perhaps", "true or false"),
        (Hint("list"), NOTHING, "a", "a list"),
        (Hint("dict"), NOTHING, "a", "a dict"),
        (Hint("any"), 3, "many", "a number"),
    ],
)
def test_values_that_can_not_be_are_refused(hint: Hint, default: Any, text: str, right: str) -> None:
    with pytest.raises(ValueError, match=right):
        type_of(hint, default).spell(text)


def test_a_function_takes_its_arguments_as_flags(folder: Path) -> None:
    source = '''
def main(data, lr: float = 0.1, *, epochs=3, lion=1):
    """Trains.

    Args:
        data: where the data is
        lr (float): step size
    """
fire.Fire(main)
'''
    command = read(folder, source).command
    assert [(p.flags, p.required, p.default, p.help) for p in command.parameters] == [
        (("--data", "-d"), True, None, "where the data is"),
        (("--lr",), False, 0.1, "step size"),
        (("--epochs", "-e"), False, 3, ""),
        (("--lion",), False, 1, ""),
    ]
    assert command.complete


def test_a_function_with_further_options_is_open(folder: Path) -> None:
    interface = read(folder, "def main(data, **options): pass\nfire.Fire(main)\n")
    assert not interface.command.complete
    assert "**kwargs" in interface.notes[0]


def test_a_constructor_takes_flags_before_its_methods_do(folder: Path) -> None:
    source = """
class Base:
    def save(self, path): pass
class Trainer(Base):
    limit = 3
    def __init__(self, lr=1): self._x = 1
    def train(self, lr, epochs=1): pass
    def _hidden(self): pass
fire.Fire(Trainer)
"""
    command = read(folder, source).command
    assert flags(command) == ["--lr"]
    assert {sub.name: flags(sub) for sub in command.commands} == {"train": ["--epochs"], "save": ["--path"]}


def test_dicts_and_objects_are_groups_of_commands(folder: Path) -> None:
    source = """
class Data:
    def make(self, n=1): pass
class All:
    def __init__(self): self.data = Data(); self.me = self
fire.Fire({"run": lambda n: n, "all": All(), "n": 3})
"""
    command = read(folder, source).command
    assert command.command_required
    paths = {path for path, _ in command.walk()}
    assert {("run",), ("all", "data", "make")} <= paths
    assert ("n",) not in paths


def test_what_a_parse_function_takes_is_not_quoted(folder: Path) -> None:
    source = "@decorators.SetParseFns(name=str)\ndef main(name, other): pass\nfire.Fire(main)\n"
    name, other = read(folder, source).command.parameters
    assert name.type.spell("1,2") == "1,2"
    assert other.type.spell("a#b") == "'a#b'"


@pytest.mark.parametrize("source", ["fire.Fire(load())", "import lib\nfire.Fire(lib.main)"])
def test_a_component_that_is_not_known_is_open(folder: Path, source: str) -> None:
    interface = read(folder, source)
    assert not interface.command.complete
    assert interface.notes


def test_a_command_written_in_the_script_is_not_the_users(folder: Path) -> None:
    (folder / "train.py").write_text("import fire\ndef main(x): pass\nfire.Fire(main, command=['1'])\n")
    assert read_interface(folder / "train.py", folder) is None
