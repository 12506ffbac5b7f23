"""Whatever hyperparameters are given: the script's parser receives exactly those values, or the run is refused.

The scripts are made up here; what their real parser makes of runctl's arguments is found by calling it.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runctl.cli.main import main

pytestmark = pytest.mark.slow
# CI looks at the same examples each time; what is new is found while working
EXAMPLES = settings(
    max_examples=300,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=list(HealthCheck),
)
TRUE, FALSE = {"true", "yes", "on", "1", "t", "y"}, {"false", "no", "off", "0", "f", "n"}
NAMES = [
    *["lr", "batch_size", "weight-decay", "warmup", "warmup-steps", "name", "data_dir", "cuda", "größe", "x", "b"],
    *["num_Epochs", "2d", "tag", "betas", "log-every_n", "v", "seed", "prompt", "a.b"],
]
HEAD = """\
import argparse
import json
from pathlib import Path


def str2bool(v):
    if v.lower() in ("yes", "true", "t", "y", "1"):
        return True
    if v.lower() in ("no", "false", "f", "n", "0"):
        return False
    raise argparse.ArgumentTypeError("boolean value expected")


"""
NASTY = [
    *["", " ", "-", "--", "---", "-1", "-1.5", "-.5e3", "1e-4", "+5", "a=b", "a,b", "[1,2]", "[", "(", ")", '"', "'"],
    *["@x", "@", "--lr", "--lr=3", "-x", "-xb", "-b", "-a b", "--no-cuda", "a b", "\n", "a\nb", "\t", "ü", "🐈", "-ü"],
    *["$HOME", "%s", "%", "\\", "None", "null", "true", "False", "yes", "on", "{", '{"a": [1, 2]}', "#", "nan"],
    *["-inf", "0x10", "1_000", "１", " 5 ", "1.0", "x\r", "''", '""', "'a", 'a"b', "a'b,c", "=", "=a", "--=", "\x00"],
]


# ------------------------------------------------------------------------------ scripts


class Option(NamedTuple):
    """One `add_argument` of a script; no flags for a positional argument. `kind` is what the option does."""

    flags: tuple[str, ...]
    dest: str
    kind: str = "store"
    type: str = ""
    nargs: str = ""
    choices: tuple[Any, ...] = ()
    default: Any = None
    required: bool = False

    def source(self) -> str:
        """The arguments of `add_argument`, as written in a script."""
        words = [repr(flag) for flag in self.flags] or [repr(self.dest)]
        words += [f"dest={self.dest!r}"] if self.flags and not self.dest_is_implied() else []
        words += [f"action={self.action()}"] if self.kind != "store" else []
        words += [f"const={self.const()!r}"] if self.const() is not None else []
        words += [f"type={self.type}"] if self.type else []
        words += [f"nargs={self.nargs}"] if self.nargs else []
        words += [f"choices={list(self.choices)!r}"] if self.choices else []
        words += [f"default={self.default!r}"] if self.default is not None else []
        words += ["required=True"] if self.required else []
        return ", ".join(words)

    def action(self) -> str:
        """Its `action`, as written."""
        return "argparse.BooleanOptionalAction" if self.kind == "pair" else repr(self.kind)

    def const(self) -> Any:
        """Its `const`."""
        if self.kind == "store_const":
            return 7
        return "bare" if self.nargs == "'?'" and not self.type else None

    def dest_is_implied(self) -> bool:
        """Whether argparse itself would call it that."""
        long = [flag for flag in self.flags if flag.startswith("--")]
        return self.dest == (long or list(self.flags))[0].lstrip("-").replace("-", "_")

    def needed(self) -> bool:
        """Whether the script refuses to run without it."""
        return self.required or (not self.flags and self.nargs in ("", "'+'", "2"))

    def meant_by(self, key: str) -> bool | None:
        """Whether `key` names it: True; False if it names the flag that turns it off; None if neither."""
        names = {name.lstrip("-").replace("-", "_") for name in (self.dest, *self.flags)}
        if key.replace("-", "_") in names - self.inverted():
            return True
        return False if key.replace("-", "_") in self.inverted() else None

    def inverted(self) -> set[str]:
        """The names of the flags that turn it off, where its own name says otherwise."""
        flags = {flag.lstrip("-").replace("-", "_") for flag in self.flags}
        if self.kind == "pair":
            return {f"no_{flag}" for flag in flags}
        return flags - {self.dest} if self.kind == "store_false" else set()


class Script(NamedTuple):
    """A script: its parser's options, and those of its sub-commands, one of which is required if there are any."""

    options: tuple[Option, ...]
    commands: dict[str, tuple[Option, ...]]
    settings: str
    parse: str

    def source(self) -> str:
        """The script."""
        lines = ["def build():", f"    parser = argparse.ArgumentParser({self.settings})"]
        lines += [f"    parser.add_argument({option.source()})" for option in self.options]
        if self.commands:
            lines.append("    commands = parser.add_subparsers(dest='command', required=True)")
        for name, options in self.commands.items():
            lines.append(f"    {name} = commands.add_parser({name!r})")
            lines += [f"    {name}.add_argument({option.source()})" for option in options]
        tail = ["    return parser", "", "", "if __name__ == '__main__':", f"    print(build().{self.parse})"]
        return HEAD + "\n".join([*lines, *tail]) + "\n"

    def parser(self) -> ArgumentParser:
        """The real parser."""
        namespace: dict[str, Any] = {"__name__": "generated"}
        exec(compile(self.source(), "generated", "exec"), namespace)
        parser: ArgumentParser = namespace["build"]()
        return parser

    def run(self, args: Sequence[str], lenient: bool = False) -> dict[str, Any] | None:
        """What the parser makes of `args`, None when it refuses them. `lenient`: nothing is required."""
        parser = self.parser()
        if lenient:
            for one in [parser, *sub_parsers(parser)]:
                for action in one._actions:
                    action.required = False
        try:
            with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
                found, rest = parser.parse_known_args(list(args))
        except (SystemExit, ValueError, IndexError):
            return None  # ValueError: some versions of argparse can't cope with a lone `--`
        return None if rest and "known" not in self.parse else vars(found)

    def known_as(self, key: str, command: str | None) -> list[Option]:
        """The options that `key` may mean, with this sub-command; the sub-command's own first."""
        options = [*self.commands.get(command or "", ()), *self.options]
        return [option for option in options if option.meant_by(key) is not None]


def sub_parsers(parser: ArgumentParser) -> list[ArgumentParser]:
    """The parsers of the sub-commands."""
    found = [action.choices for action in parser._actions if action.dest == "command" and action.choices]
    return [below for choices in found for below in choices.values()]  # type: ignore[attr-defined]


FLAGGED = st.sampled_from(
    [
        *[
            ("store", kind, nargs)
            for kind in ("", "str", "int", "float")
            for nargs in ("", "", "'+'", "'*'", "2", "'?'")
        ],
        *[("store", kind, "") for kind in ("Path", "str2bool", "bool", "json.loads", "int", "float", "str", "")],
        *[(kind, "", "") for kind in ("store_true", "store_false", "pair", "count", "store_const", "append")],
        *[("append", "int", ""), ("append", "float", "2"), ("extend", "int", "'+'")],
    ]
)
CHOICES = {"": ("a", "b-c", "-d", "1"), "str": ("a", "", "é"), "int": (1, 2, -3), "float": (0.1, 1.0)}
OTHER_DEFAULTS: dict[str, list[Any]] = {"count": [None, 0, 1], "append": [None, []], "pair": [None, True, False]}
DEFAULTS = {"": "d", "str": "d", "int": 3, "float": 0.5}


@st.composite
def options(draw: st.DrawFn, name: str, may_be_positional: bool) -> Option:
    """One option called `name`, or a like name."""
    if may_be_positional and draw(st.integers(0, 5)) == 0:
        kind, nargs = draw(st.sampled_from([("", ""), ("int", ""), ("str", "'?'"), ("", "'*'"), ("float", "'+'")]))
        return Option((), name.replace("-", "_"), type=kind, nargs=nargs)
    kind, converted, nargs = draw(FLAGGED)
    flags = [("--" if len(name) > 1 or kind == "pair" or draw(st.booleans()) else "-") + name]
    if kind == "store_false" and draw(st.booleans()):
        flags = ["--no-" + name]
    own_dest = kind not in ("store_false", "store_const")
    dest = draw(st.sampled_from([name, name, name, "its_" + name])) if own_dest else name
    choices = CHOICES.get(converted, ()) if kind == "store" and nargs != "'?'" and draw(st.integers(0, 3)) == 0 else ()
    takes_default = kind == "store" and not choices and nargs in ("", "'?'")
    default = draw(st.sampled_from([None, DEFAULTS.get(converted)])) if takes_default else None
    if kind in OTHER_DEFAULTS:
        default = draw(st.sampled_from(OTHER_DEFAULTS[kind]))
    required = kind in ("store", "append", "pair") and draw(st.integers(0, 4)) == 0
    return Option(tuple(flags), dest.replace("-", "_"), kind, converted, nargs, choices, default, required)


def twin_of(option: Option) -> Option | None:
    """Another option that sets the same: --no-x beside --x, --other-x beside --x."""
    if not option.flags or not option.dest_is_implied():
        return None
    name = option.flags[0].lstrip("-")
    if option.kind == "store_true":
        return Option((f"--no-{name}",), option.dest, "store_false")
    if option.kind == "store" and not option.required:
        return option._replace(flags=(f"--other-{name}",))
    return None


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """A script."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=7, unique=True))
    with_commands = len(names) > 3 and draw(st.integers(0, 3)) == 0
    own = names[: len(names) // 2] if with_commands else names
    made = [draw(options(name, not with_commands)) for name in own]
    made += [twin for option in made if (twin := twin_of(option)) and draw(st.integers(0, 2)) == 0]
    below = (
        {"train": tuple(draw(options(name, True)) for name in names[len(own) :]), "test": ()} if with_commands else {}
    )
    allowed = ["", "", "allow_abbrev=False", "fromfile_prefix_chars='@'"]
    parse = draw(st.sampled_from(["parse_args()", "parse_args()", "parse_known_args()[0]"]))
    return Script(tuple(made), below if with_commands else {}, draw(st.sampled_from(allowed)), parse)


# ------------------------------------------------------------------------------ what is given

TEXTS = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SCALARS = TEXTS | st.integers(-20, 300) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()
FITTING = {
    "": TEXTS,
    "str": TEXTS,
    "Path": TEXTS,
    "int": st.integers(-50, 50) | st.sampled_from(["-1", "+5", "1_000", "１"]),
    "float": st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(["-.5e3", "nan", "-inf", "1e-4"]),
    "str2bool": st.booleans() | st.sampled_from(["yes", "0"]),
    "bool": st.booleans() | st.sampled_from(["no", "1"]),
    "json.loads": st.sampled_from(['{"a": [1, 2]}', "[1, 2]", "-1", '"x"']),
}


def values_for(option: Option) -> st.SearchStrategy[Any]:
    """Values that the option may well take."""
    if option.kind in ("store_true", "store_false", "store_const", "pair"):
        return st.booleans()
    if option.kind == "count":
        return st.integers(0, 4)
    one = st.sampled_from(option.choices) if option.choices else FITTING[option.type]
    many = option.kind in ("append", "extend") or option.nargs not in ("", "'?'")
    exactly = 2 if option.nargs == "2" else None
    return st.lists(one, min_size=exactly or 0, max_size=exactly or 3) if many else one


@st.composite
def hyperparams(draw: st.DrawFn, script: Script) -> dict[str, Any]:
    """Keys and values: most keys are right, most values are."""
    everything = [*script.options, *(option for below in script.commands.values() for option in below)]
    chosen = draw(st.lists(st.sampled_from(everything), min_size=1, max_size=4, unique_by=repr))
    if often(draw):
        chosen += [option for option in everything if option.needed() and option not in chosen]
    found: dict[str, Any] = {}
    for option in chosen:
        key = draw(st.sampled_from([option.dest, *(flag.lstrip("-") for flag in option.flags), *option.inverted()]))
        key = draw(st.sampled_from([key, key.replace("_", "-"), key.replace("-", "_")]))
        found[key] = draw(values_for(option) if often(draw) else SCALARS | st.lists(SCALARS, max_size=3))
    if not often(draw):
        found[draw(st.sampled_from(["wrong", "batch", "lrr", "l", "help", "command"]) | TEXTS)] = draw(SCALARS)
    return found


@st.composite
def arguments(draw: st.DrawFn, script: Script, keys: Sequence[str]) -> list[str]:
    """What the user gives after `--`: mostly what the parser may take, and rarely what the hyperparameters are."""
    again = not often(draw)
    levels: list[list[str]] = []
    for among in (script.options, script.commands.get("train", ())):
        free = [option for option in among if again or all(option.meant_by(key) is None for key in keys)]
        some = draw(st.lists(st.sampled_from(free), max_size=2, unique_by=repr)) if free else []
        levels.append([word for option in some for word in draw(written(option))])
    command = ["train" if often(draw) else "test"] if script.commands and often(draw) else []
    found = [*levels[0], *command, *(levels[1] if command == ["train"] else [])]
    if not often(draw):
        found.insert(draw(st.integers(0, len(found))), draw(TEXTS.filter(lambda text: "\0" not in text)))
    return found


def often(draw: st.DrawFn) -> bool:
    return draw(st.integers(0, 11)) < 11


@st.composite
def written(draw: st.DrawFn, option: Option) -> list[str]:
    """An option as a user may write it."""
    value = draw(values_for(option))
    texts = [text_of(item) for item in (value if isinstance(value, list) else [value])]
    texts = [text for text in texts if "\0" not in text]
    if not option.flags:
        return texts
    flag = draw(st.sampled_from(option.flags))
    if option.kind in ("store_true", "store_false", "store_const", "count"):
        return [flag]
    if option.kind == "pair":
        return [flag if value is True else "--no-" + flag.lstrip("-")]
    if flag.startswith("--"):
        flag = draw(st.sampled_from([flag, flag, flag[: max(4, len(flag) - 2)]]))
        return [f"{flag}={texts[0]}"] if len(texts) == 1 and draw(st.booleans()) else [flag, *texts]
    return [flag + texts[0]] if len(texts) == 1 and draw(st.booleans()) else [flag, *texts]


def text_of(value: Any) -> str:
    """A value as it is written in a JSON file, without the quotes of a text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def in_pairs(values: dict[str, Any]) -> str:
    """Hyperparameters in the syntax of --hyperparams."""
    return ",".join(f"{key}={pair_value(value)}" for key, value in values.items())


def pair_value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ",".join(map(pair_value, value)) + "]"
    return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else text_of(value)


# ------------------------------------------------------------------------------ what may arrive


def fits(option: Option, asked: Any, key: str, received: Any) -> bool:
    """Whether `received` is what was asked for: what the option's type makes of it, and nothing else."""
    if asked is None:
        return received is None
    if option.kind in ("store_true", "store_false", "pair", "store_const") or option.type in ("bool", "str2bool"):
        truth = truth_of(asked)
        wanted = truth if option.meant_by(key) or truth is None else not truth
        if option.kind == "store_const":
            return truth is not None and received == (7 if wanted else None)
        return truth is not None and received is wanted
    if option.kind == "count":
        return same(int(text_of(asked)), received or 0) if text_of(asked).strip().isdecimal() else False
    items = asked if isinstance(asked, list) else [asked]
    if option.kind == "append" and option.nargs:
        return isinstance(received, list) and len(received) == 1 and same_items(option, items, received[0])
    if option.kind in ("append", "extend") or option.nargs not in ("", "'?'"):
        return same_items(option, items, received)
    return fits_one(option, asked, received)


def same_items(option: Option, items: list[Any], received: Any) -> bool:
    if not isinstance(received, list) or len(received) != len(items):
        return False
    return all(fits_one(option, *pair) for pair in zip(items, received, strict=True))


def fits_one(option: Option, asked: Any, received: Any) -> bool:
    if isinstance(asked, list) and option.type in ("", "str", "Path"):
        return as_list(str(received)) == as_list(pair_value(asked)) or as_list(str(received)) == asked
    convert = {"": str, "str": str, "int": int, "float": float, "Path": Path, "json.loads": json.loads}[option.type]
    try:
        return same(convert(text_of(asked)), received)
    except ValueError:
        return False


def as_list(text: str) -> Any:
    """A list as it was written: in JSON, or else its text without blanks after commas."""
    try:
        return json.loads(text)
    except ValueError:
        return text.replace(", ", ",")


def truth_of(asked: Any) -> bool | None:
    word = text_of(asked).strip().lower()
    return True if word in TRUE else False if word in FALSE else None


def same(one: Any, other: Any) -> bool:
    """Equal in type and value; not-a-number is itself."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return type(one) is type(other) and bool(one == other)


# ------------------------------------------------------------------------------ the property


class Asked(NamedTuple):
    """What a user asks for."""

    script: Script
    values: dict[str, Any]
    args: list[str]


@st.composite
def everything(draw: st.DrawFn) -> Asked:
    script = draw(scripts())
    values = draw(hyperparams(script))
    return Asked(script, values, draw(arguments(script, list(values))))


def plan(asked: Asked, given: str) -> tuple[int, list[str], str]:
    """Exit code, the script's arguments and stderr of `runctl local --dry-run`."""
    Path("train.py").write_text(asked.script.source(), encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    command = ["local", "train.py", "--python", sys.executable, "--dry-run", "--json", "--hyperparams", given]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([*command, "--", *asked.args])
    return code, json.loads(out.getvalue())["spec"]["args"] if code == 0 else [], err.getvalue()


def check(asked: Asked, given: str) -> None:
    """The property itself, and that nothing is refused that the script would take in the plainest spelling."""
    code, args, stderr = plan(asked, given)
    story = f"{asked.args} and {given}"
    if code == 0:
        assert not (wrong := what_is_wrong(asked, args)), f"{story} became {args}: {wrong}"
        return
    assert code in (2, 3), stderr
    assert '"error"' in stderr
    # two ways of writing one value may be taken for two values: what is in doubt is the user's to decide
    plain = None if "given twice" in stderr or "set one thing" in stderr else plainly(asked)
    assert plain is None or what_is_wrong(asked, plain), f"{story} could have been {plain}: {stderr}"


def what_is_wrong(asked: Asked, args: list[str]) -> str:
    """What the script does not receive from `args` as it was asked for; "" when all is right."""
    script = asked.script
    received, alone, untouched = script.run(args), script.run(asked.args, lenient=True), script.run([], lenient=True)
    if received is None:
        return "" if alone is None and args else "the script refuses"
    meant: set[str] = set()
    for key, value in asked.values.items():
        options_meant = script.known_as(key, received.get("command"))
        if not options_meant:
            return f"the script has no {key}"
        option = options_meant[0]
        meant.add(option.dest)
        if not fits(option, value, key, received[option.dest]):
            return f"{key} is {received[option.dest]!r}"
        given_too = alone and untouched and alone[option.dest] != untouched.get(option.dest, alone[option.dest])
        if alone and given_too and not fits(option, value, key, alone[option.dest]):
            return f"{key} is {alone[option.dest]!r} in the user's arguments"
    changed = [dest for dest in alone or () if dest not in meant and not unchanged(alone[dest], received[dest])]
    return f"{changed} were not meant" if changed else ""


def unchanged(before: Any, after: Any) -> bool:
    """Whether two values are one, in type too; `*` makes None or [] of nothing, by what stands before it."""
    return repr(before) == repr(after) or (before in (None, []) and after in (None, []))


def plainly(asked: Asked) -> list[str] | None:
    """The arguments with every hyperparameter as `--flag=value` behind them; None where that is not enough."""
    command = next((word for word in asked.args if word in asked.script.commands), None)
    words: list[str] = []
    for key, value in asked.values.items():
        meant = asked.script.known_as(key, command)
        if not meant or not meant[0].flags or value is None:
            return None
        words += plain_words(meant[0], key, value)
    # of a count runctl gives at most a hundred flags
    if any("\0" in word for word in words) or len(words) > 100:
        return None
    return [*asked.args, *words] if asked.script.run(asked.args, lenient=True) is not None else None


def plain_words(option: Option, key: str, value: Any) -> list[str]:
    flag = option.flags[0]
    if option.kind in ("store_true", "store_false", "store_const", "pair"):
        wanted = truth_of(value) is bool(option.meant_by(key))
        off = ["--no-" + flag.lstrip("-")] if option.kind == "pair" else []
        return [flag] if wanted is (option.kind != "store_false") else off
    if option.kind == "count":
        return [flag] * (value - (option.default or 0)) if isinstance(value, int) else [flag]
    texts = [text_of(item) for item in (value if isinstance(value, list) else [value])]
    if option.kind == "append" and not option.nargs:
        return [part for text in texts for part in (flag, text)]
    return [flag, *texts] if isinstance(value, list) else [f"{flag}={texts[0]}" if len(flag) > 2 else flag + texts[0]]


@given(everything())
@EXAMPLES
def test_values_from_a_file_arrive_exactly_or_the_run_is_refused(folder: Path, asked: Asked) -> None:
    Path("given.json").write_text(json.dumps(asked.values, ensure_ascii=False), encoding="utf-8")
    check(asked, "@given.json")


@given(everything())
@EXAMPLES
def test_values_as_pairs_arrive_exactly_or_the_run_is_refused(folder: Path, asked: Asked) -> None:
    values = {key: "null" if value is None else value for key, value in asked.values.items()}
    check(asked._replace(values=values), in_pairs(values))
