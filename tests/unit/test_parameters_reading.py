"""Following a script until it parses its command line: what is known, what is not, and scripts that fight back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runctl.project.parameters.model import Interface, Unread
from runctl.project.parameters.reading import read_interface

Read = Callable[..., Interface | None]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a script, with other files beside it."""

    def call(source: str, **modules: str) -> Interface | None:
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text)
        (tmp_path / "train.py").write_text(source)
        return read_interface(tmp_path / "train.py", tmp_path)

    return call


PARSER = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--lr', type=float, default=0.1)\n"
PARSES = PARSER + "parser.parse_args()\n"


def names(interface: Interface | None) -> list[str]:
    assert interface is not None
    return [parameter.name for parameter in interface.command.parameters]


@pytest.mark.parametrize(
    "before",
    [
        "while True:\n    pass\n",
        "def f():\n    return f()\nf()\n",
        "x = 10 ** 10 ** 10\n",
        "x = 'a' * 10 ** 12\n",
        "x = [0] * 10 ** 12\n",
        "x = '%1000000000d' % 1\n",
        "x = f'{1:1000000000}'\n",
        "x = '{:1000000000}'.format(1)\n",
        "x = 'a'.ljust(10 ** 12)\n",
        "x = 'a'.zfill(10 ** 12)\n",
        "x = list(range(10 ** 12))\n",
        "x = 1 << 10 ** 12\n",
        "x = []\nx.append(x)\nx.extend(x)\nprint(x, repr(x), str(x), x == x)\n",
        "x = ['a']\nfor i in range(60):\n    x = x + x\n",
        "x = 'a'\nfor i in range(60):\n    x = x + x\n",
        "x = [[]]\nfor i in range(60):\n    x = [x, x]\nx == x\nstr(x)\n",
        "for a in range(900):\n    for b in range(900):\n        for c in range(900):\n            pass\n",
        "import train\n",
        "from train import *\n",
        "class A(A): pass\n",
        "class A:\n    pass\nclass B(A, A, A): pass\n",
        "x = " + "(" * 80 + "1" + ")" * 80 + "\n",
        "x = " + "-" * 500 + "1\n",
        "x = int('9' * 5000)\n",
        "x = y = z = 0\n" * 2000,
        "try:\n    raise ValueError\nexcept* ValueError:\n    pass\n",
    ],
    ids=lambda text: text.split("\n")[0][:40],
)
def test_a_script_that_keeps_one_busy_is_read_all_the_same_or_given_up(read: Read, before: str) -> None:
    if "except*" in before and not hasattr(__import__("ast"), "TryStar"):
        assert read(before + PARSES) is None
        return
    found = read(before + PARSES)
    assert found is None or names(found) == ["lr"]


@pytest.mark.parametrize("source", ["", "\0", "def (", "\n" * 100_000, "# coding: nonsense\n", "\ufeffprint()"])
def test_what_is_no_script_has_no_parser(read: Read, source: str) -> None:
    assert read(source) is None


def test_a_module_that_cannot_be_read_is_a_library_to_the_script(read: Read) -> None:
    found = read("import broken\nx = broken.VALUE\n" + PARSES, broken="def (")
    assert names(found) == ["lr"]


def test_nothing_of_the_project_is_executed(read: Read, tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'executed')!r}, 'w').close()\n"
    found = read("import helper\n" + trap + PARSES, helper=trap)
    assert names(found) == ["lr"]
    assert not (tmp_path / "executed").exists()


def test_an_option_on_a_condition_that_is_not_known_may_exist(read: Read) -> None:
    found = read(
        PARSER + "import torch\nif torch.cuda.is_available():\n    parser.add_argument('--gpu')\nparser.parse_args()"
    )
    assert found is not None
    assert [(parameter.name, parameter.maybe) for parameter in found.command.parameters] == [
        ("lr", False),
        ("gpu", True),
    ]


def test_an_option_on_a_condition_that_is_known_exists_or_not(read: Read) -> None:
    found = read("DEBUG = False\n" + PARSER + "if DEBUG:\n    parser.add_argument('--trace')\nparser.parse_args()")
    assert names(found) == ["lr"]


def test_a_name_that_is_not_known_leaves_the_parser_open(read: Read) -> None:
    found = read(PARSER + "for name in open('names'):\n    parser.add_argument('--' + name)\nparser.parse_args()")
    assert found is not None
    assert not found.command.complete
    assert found.notes


def test_a_list_that_is_changed_on_an_unknown_condition_is_not_taken_at_its_word(read: Read) -> None:
    source = PARSER + (
        "import os\nmodels = ['a']\nif os.environ.get('MORE'):\n    models.append('b')\n"
        "parser.add_argument('--model', choices=models)\nparser.parse_args()"
    )
    found = read(source)
    assert found is not None
    assert found.command.parameters[1].choices is None


def test_a_default_that_cannot_be_known_is_shown_as_it_is_written(read: Read) -> None:
    found = read(PARSER + "import os\nparser.add_argument('--user', default=os.environ['USER'])\nparser.parse_args()")
    assert found is not None
    assert found.command.parameters[1].default == Unread("os.environ['USER']")


def test_defaults_that_a_file_sets_are_not_known(read: Read) -> None:
    found = read(PARSER + "import json\nparser.set_defaults(**json.load(open('c.json')))\nparser.parse_args()")
    assert found is not None
    assert isinstance(found.command.parameters[0].default, Unread)


def test_both_ways_of_an_unknown_condition_leave_an_unknown_value(read: Read) -> None:
    source = PARSER + (
        "import os\nif os.name == 'nt':\n    workers = 0\nelse:\n    workers = 4\n"
        "parser.add_argument('--workers', type=int, default=workers)\nparser.parse_args()"
    )
    found = read(source)
    assert found is not None
    assert isinstance(found.command.parameters[1].default, Unread)


def test_a_parser_given_to_a_library_may_get_more_options(read: Read) -> None:
    found = read("import deepspeed\n" + PARSER + "parser = deepspeed.add_config_arguments(parser)\nparser.parse_args()")
    assert names(found) == ["lr"]
    assert found is not None
    assert not found.command.complete


def test_a_main_that_a_library_calls_is_followed(read: Read) -> None:
    source = "import torch.multiprocessing as mp\ndef main(rank=0):\n"
    body = "".join(f"    {line}\n" for line in PARSES.splitlines())
    assert names(read(source + body + "mp.spawn(main, nprocs=2)\n")) == ["lr"]


def test_a_parser_that_is_only_used_for_a_list_of_its_own_is_not_the_scripts(read: Read) -> None:
    assert read(PARSER + "parser.parse_args(['--lr', '1'])\n") is None
