"""absl: which flags there are when the command line is parsed, and values that arrive as they were written."""

from __future__ import annotations

import enum
from pathlib import Path

import pytest
from absl import flags as absl_flags
from hypothesis import given
from hypothesis import strategies as st

from runctl.project.parameters.frameworks.absl import types as absl_types
from runctl.project.parameters.model import REPEATED, SWITCH, Interface, Parameter
from runctl.project.parameters.reading import read_interface

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


class Color(enum.Enum):
    """An enum as absl has it."""

    RED = 1
    DARK_RED = 2


def read(folder: Path, source: str, end: str = "app.run(main)") -> Interface:
    (folder / "train.py").write_text(f"from absl import app, flags\nimport sys\n{source}\n{end}\n")
    interface = read_interface(folder / "train.py", folder)
    assert interface is not None
    return interface


def own(interface: Interface) -> dict[str, Parameter]:
    return {flag.name: flag for flag in interface.command.parameters if flag.help != "absl's own"}


@given(st.lists(ANY_TEXT))
def test_the_items_of_a_list_arrive_as_they_were_written_or_are_refused(items: list[str]) -> None:
    written = "[" + ",".join('"' + item.replace('"', '""') + '"' for item in items) + "]"
    try:
        spelled = absl_types.LIST.spell(written)
    except ValueError:
        assert any(item != item.strip() or not item.isprintable() for item in items)
        return
    assert absl_flags.ListParser().parse(spelled) == items


@given(st.lists(ANY_TEXT))
def test_words_arrive_as_they_were_written_or_are_refused(items: list[str]) -> None:
    written = "[" + ",".join('"' + item.replace('"', '""') + '"' for item in items) + "]"
    try:
        spelled = absl_types.WORDS.spell(written)
    except ValueError:
        assert any(item.split() != [item] for item in items)
        return
    assert absl_flags.WhitespaceSeparatedListParser().parse(spelled) == items


@given(
    st.one_of(ANY_TEXT, st.integers().map(str), st.integers().map(hex), st.sampled_from(["007", "1_0", "0o7", " 3"]))
)
def test_whole_numbers_are_those_that_absl_takes(text: str) -> None:
    try:
        expected = absl_flags.IntegerParser().parse(text)
    except ValueError:
        expected = None
    try:
        spelled = absl_types.integer(None, None).spell(text)
    except ValueError:
        assert expected is None
        return
    assert absl_flags.IntegerParser().parse(spelled) == expected


def test_flags_are_spelled_as_they_are_defined(folder: Path) -> None:
    source = """
flags.DEFINE_string("data_dir", None, "Where.", short_name="d")
flags.DEFINE_bool("use-tpu", True, "TPU.")
flags.DEFINE_multi_string("tag", [], "Tags.")
flags.DEFINE_integer("n", 3, "Number.", lower_bound=1, upper_bound=5)
flags.mark_flag_as_required("data_dir")
"""
    found = own(read(folder, source))
    assert {name: (flag.flags, flag.off_flags, flag.required) for name, flag in found.items()} == {
        "data_dir": (("--data_dir", "-d"), (), True),
        "use-tpu": (("--use-tpu",), ("--nouse-tpu",), False),
        "tag": (("--tag",), (), False),
        "n": (("-n",), (), False),
    }
    assert (found["use-tpu"].takes, found["tag"].takes) == (SWITCH, REPEATED)
    with pytest.raises(ValueError, match="1 to 5"):
        found["n"].type.spell("6")


def test_members_of_an_enum_are_taken_in_any_case(folder: Path) -> None:
    source = """
import enum
class Color(enum.Enum):
    RED = 1
    DARK_RED = 2
flags.DEFINE_enum_class("color", Color.RED, Color, "Color.")
flags.DEFINE_enum("mode", "a", ["a", "B"], "Mode.", case_sensitive=False)
"""
    found = own(read(folder, source))
    assert found["color"].choices == ("red", "dark_red")
    spelled = found["color"].type.spell("Dark_Red")
    assert absl_flags.EnumClassParser(Color, case_sensitive=False).parse(spelled) is Color.DARK_RED
    assert found["mode"].type.spell("b") == "B"


def test_flags_of_modules_that_are_merely_imported_are_there(folder: Path) -> None:
    (folder / "model.py").write_text("from absl import flags\nflags.DEFINE_float('lr', 1, 'Step.')\nimport deeper\n")
    (folder / "deeper.py").write_text("from absl.flags import DEFINE_list\nDEFINE_list('gpus', '', 'GPUs.')\n")
    found = own(read(folder, "import model"))
    assert list(found) == ["lr", "gpus"]
    assert found["lr"].default == 1.0


def test_absl_has_flags_of_its_own_where_they_are_imported(folder: Path) -> None:
    names = {flag.name for flag in read(folder, "").command.parameters}
    assert {"verbosity", "pdb"} <= names
    (folder / "train.py").write_text("import sys\nfrom absl import flags\nflags.FLAGS(sys.argv)\n")
    interface = read_interface(folder / "train.py", folder)
    assert interface is not None
    assert interface.command.parameters == ()


def test_a_flag_that_may_not_be_defined_is_marked(folder: Path) -> None:
    found = own(read(folder, "import os\nif os.environ.get('X'):\n    flags.DEFINE_string('x', '', '')\n"))
    assert found["x"].maybe


def test_flags_of_which_one_must_be_given(folder: Path) -> None:
    source = """
flags.DEFINE_string("a", None, "")
flags.DEFINE_string("b", None, "")
flags.mark_flags_as_mutual_exclusive(["a", "b"], required=True)
"""
    interface = read(folder, source)
    assert own(interface)["a"].one_of == own(interface)["b"].one_of != ""
    assert interface.command.one_required == (own(interface)["a"].one_of,)


@pytest.mark.parametrize(
    ("source", "end"),
    [
        ("flags.DEFINE_string(name(), '', '')", "app.run(main)"),
        ("flags.DEFINE_flag(MyFlag())", "app.run(main)"),
        ("", "flags.FLAGS(sys.argv, known_only=True)"),
    ],
)
def test_what_can_not_be_known_is_said(folder: Path, source: str, end: str) -> None:
    interface = read(folder, source, end)
    assert not interface.command.complete
    assert interface.notes


def test_a_configuration_file_gives_flags_below_its_own(folder: Path) -> None:
    (folder / "c.py").write_text(
        "from ml_collections import config_dict\n"
        "def get_config(text=''):\n"
        "    c = config_dict.ConfigDict({'opt': {'lr': 0.1}})\n"
        "    c.steps = 3\n"
        "    c.seed = config_dict.placeholder(int)\n"
        "    c.name = text\n"
        "    return c\n"
    )
    source = "from ml_collections import config_flags\nconfig_flags.DEFINE_config_file('config', 'c.py:abc')"
    found = own(read(folder, source))
    assert {name: (flag.flags[0], flag.type.name, flag.default) for name, flag in found.items() if "." in name} == {
        "config.opt.lr": ("--config.opt.lr", "float", 0.1),
        "config.steps": ("--config.steps", "int", 3),
        "config.seed": ("--config.seed", "int", None),
        "config.name": ("--config.name", "str", "abc"),
    }
