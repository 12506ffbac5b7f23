"""Hydra and OmegaConf: which keys a configuration has, and values that arrive as they were written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from runctl.project.hyperparams import Given
from runctl.project.parameters.following.hints import Hint
from runctl.project.parameters.frameworks.hydra.values import HYDRA, YAML, type_of
from runctl.project.parameters.frameworks.hydra.yaml import load, package_header
from runctl.project.parameters.model import Interface, Parameter, Unread
from runctl.project.parameters.reading import read_interface

PARSER = OverridesParser.create()
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).filter(
    lambda text: "${" not in text and text != "???"
)
HEAD = """\
import hydra
from hydra.core.config_store import ConfigStore
from dataclasses import dataclass, field
from omegaconf import MISSING, OmegaConf
from typing import *
from enum import Enum
"""
MAIN = """
@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg):
    pass

if __name__ == "__main__":
    main()
"""


def read(
    folder: Path, files: Mapping[str, str], script: str = MAIN, args: Sequence[str] = (), **hyperparams: str
) -> Interface:
    for name, text in files.items():
        file = folder / "conf" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "train.py").write_text(HEAD + script)
    given_values = {key: Given(value) for key, value in hyperparams.items()}
    interface = read_interface(folder / "train.py", folder, args, given_values)
    assert interface is not None
    return interface


def parameters(interface: Interface) -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in interface.command.parameters}


def values(interface: Interface) -> dict[str, Any]:
    return {name: parameter.default for name, parameter in parameters(interface).items()}


def hydra_value(spelled: str) -> Any:
    return PARSER.parse_override(f"key={spelled}").value()


def cli_value(spelled: str) -> Any:
    return OmegaConf.from_dotlist([f"key={spelled}"]).key


@given(TEXT)
@settings(deadline=None)
def test_any_text_arrives_at_hydra_as_it_was_written(text: str) -> None:
    assert str(hydra_value(type_of(HYDRA, Hint("str"), None).spell(text))) == text


@given(TEXT)
@settings(deadline=None)
def test_any_text_arrives_at_from_cli_as_it_was_written_or_is_refused(text: str) -> None:
    try:
        spelled = type_of(YAML, Hint("str"), None).spell(text)
    except ValueError:
        assert not text.isprintable()
        return
    assert cli_value(spelled) == text


@given(st.lists(TEXT))
@settings(deadline=None)
def test_the_items_of_a_list_arrive_as_they_were_written(items: list[str]) -> None:
    written = "[" + ",".join('"' + item.replace('"', '""') + '"' for item in items) + "]"
    spelled = type_of(HYDRA, Hint("list", (Hint("str"),)), None).spell(written)
    assert list(map(str, hydra_value(spelled))) == items


@given(TEXT)
@settings(deadline=None)
def test_where_no_type_is_declared_what_looks_like_no_other_thing_arrives_as_text(text: str) -> None:
    spelled = type_of(HYDRA, None, "text").spell(text)
    value = hydra_value(spelled)
    assert str(value) == text or isinstance(value, (int, float, bool, type(None), list))
    if isinstance(value, list):
        assert text.startswith("[")
        assert text.endswith("]")


@pytest.mark.parametrize(
    ("hint", "default", "text", "expected"),
    [
        (Hint("int"), None, "007", 7),
        (Hint("int"), None, "0x10", 16),
        (Hint("float"), None, "1e-4", 1e-4),
        (Hint("float"), None, "007.5", 7.5),
        (Hint("bool"), None, "yes", True),
        (Hint("bool"), None, "0", False),
        (Hint("str", optional=True), None, "null", None),
        (Hint("list", (Hint("int"),)), None, "[1, 02]", [1, 2]),
        (Hint("dict", (Hint("str"), Hint("str"))), None, "{a: 1, b: 'x,y'}", {"a": "1", "b": "x,y"}),
        (None, 3, "1e-4", 1e-4),
        (None, 3, "null", None),
        (None, True, "off", False),
        (None, "x", "12", 12),
        (None, "x", "1.2.3", "1.2.3"),
        (None, "x", "True", True),
        (None, None, "[1,a b,[x]]", [1, "a b", ["x"]]),
        (None, None, "choice(1,2)", "choice(1,2)"),
        (None, [1], "[a,'1,2']", ["a", "1,2"]),
        (None, {}, "{a: b}", {"a": "b"}),
    ],
)
def test_values_have_the_type_that_is_declared_or_that_hydra_gives_them(
    hint: Hint | None, default: Any, text: str, expected: Any
) -> None:
    value = hydra_value(type_of(HYDRA, hint, default).spell(text))
    value = OmegaConf.to_container(OmegaConf.create({"v": value}))["v"]  # type: ignore[index,call-overload]
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("hint", "default", "text", "right"),
    [
        (Hint("int"), None, "1.5", "a whole number"),
        (Hint("float"), None, "fast", "a number"),
        (Hint("bool"), None, "perhaps", "true or false"),
        (Hint("list", (Hint("int"),)), None, "1", "a list"),
        (Hint("list", (Hint("int"),)), None, "[1,x]", "a whole number"),
        (Hint("str"), None, "${a}", "interpolation"),
        (Hint("str"), None, "???", "no value"),
        (None, 3, "many", "a number"),
        (None, {}, "x", "a mapping"),
    ],
)
def test_values_that_can_not_be_are_refused(hint: Hint | None, default: Any, text: str, right: str) -> None:
    with pytest.raises(ValueError, match=right):
        type_of(HYDRA, hint, default).spell(text)


def test_scalars_of_a_configuration_are_those_of_omegaconf() -> None:
    text = "a: 1e-3\nb: 2026-01-02\nc: yes\nd: 0x10\ne: 1_000\nf: 1:30\ng: ~\nh: 1e3\ni: .5\nj: '1'\n"
    assert load(text) == OmegaConf.to_container(OmegaConf.create(text))


def test_a_tag_makes_nothing() -> None:
    with pytest.raises(ValueError, match="python/object"):
        load("a: !!python/object/apply:os.system [touch pwned]")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)),
            "more than",
        ),
        ("a: &x [*x]", "recursion"),
        ("a: " + "[" * 9999, "recursion"),
        ("a: 1\nb: [1", "line 2"),
        ("a: \x01", "special characters"),
    ],
)
def test_hostile_yaml_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        load(text)


@pytest.mark.parametrize(
    ("text", "package"),
    [("# @package _global_\na: 1", "_global_"), ("\n#@package a.b\n", "a.b"), ("a: 1\n# @package x", None), ("", None)],
)
def test_the_package_is_read_from_the_comment_at_the_beginning(text: str, package: str | None) -> None:
    assert package_header(text) == package


def test_the_configuration_overrides_what_it_draws_in_unless_self_comes_first(folder: Path) -> None:
    files = {"opt/adam.yaml": "lr: 1", "config.yaml": "defaults:\n  - opt: adam\nopt:\n  lr: 2\n"}
    assert values(read(folder, files)) == {"opt": "adam", "opt.lr": 2}
    files["config.yaml"] = "defaults:\n  - _self_\n  - opt: adam\nopt:\n  lr: 2\n"
    assert values(read(folder, files)) == {"opt": "adam", "opt.lr": 1}


def test_the_choice_of_a_group_decides_which_keys_there_are(folder: Path) -> None:
    files = {"opt/adam.yaml": "beta: 1", "opt/sgd.yaml": "mom: 2", "config.yaml": "defaults:\n  - opt: adam\n"}
    assert values(read(folder, files, opt="sgd")) == {"opt": "sgd", "opt.mom": 2}
    assert values(read(folder, files, args=["opt=sgd"])) == {"opt": "sgd", "opt.mom": 2}
    assert values(read(folder, files, args=["~opt"])) == {"opt": None}
    assert parameters(read(folder, files))["opt"].choices == ("adam", "sgd")


def test_an_experiment_chooses_and_the_user_chooses_again(folder: Path) -> None:
    files = {
        "opt/adam.yaml": "beta: 1",
        "opt/sgd.yaml": "mom: 2",
        "exp/e.yaml": "# @package _global_\ndefaults:\n  - override /opt: sgd\nseed: 3\n",
        "config.yaml": "defaults:\n  - opt: adam\n  - exp: null\n  - _self_\nseed: 0\n",
    }
    assert values(read(folder, files)) == {"opt": "adam", "exp": None, "opt.beta": 1, "seed": 0}
    assert values(read(folder, files, exp="e"))["opt.mom"] == 2
    assert values(read(folder, files, args=["exp=e", "opt=adam"]))["opt.beta"] == 1
    del files["config.yaml"]
    (folder / "conf" / "config.yaml").write_text("defaults:\n  - opt: adam\n  - _self_\nseed: 0\n")
    assert values(read(folder, files, args=["+exp=e"]))["seed"] == 3


def test_a_group_that_must_be_chosen_is_required(folder: Path) -> None:
    files = {"opt/adam.yaml": "beta: 1", "config.yaml": "defaults:\n  - opt: ???\n"}
    assert parameters(read(folder, files))["opt"].required


def test_an_option_may_be_put_together_from_other_choices(folder: Path) -> None:
    files = {
        "db/my.yaml": "x: 1",
        "os/linux.yaml": "y: 1",
        "both/my_linux.yaml": "z: 1",
        "config.yaml": "defaults:\n  - both: ${db}_${os}\n  - db: my\n  - os: linux\n",
    }
    assert "both.z" in values(read(folder, files))


def test_an_interpolation_is_no_default_that_is_known(folder: Path) -> None:
    found = values(read(folder, {"config.yaml": "a: 1\nb: ${a}\n"}))
    assert found["b"] == Unread("${a}")


@pytest.mark.parametrize(
    ("files", "note"),
    [
        ({}, "there is no config"),
        ({"config.yaml": "a: [1"}, "config.yaml"),
        ({"config.yaml": "- a\n"}, "not a mapping"),
        ({"config.yaml": "defaults:\n  - opt: adam\na: 1\n"}, "no configuration opt/adam"),
        ({"config.yaml": "defaults: [config]\na: 1\n"}, "drawn in by itself"),
        ({"config.yaml": "defaults: {a: 1}\n"}, "its defaults list"),
        ({"config.yaml": "a: !!python/name:os.system\n"}, "config.yaml"),
    ],
)
def test_what_can_not_be_read_is_said_and_nothing_is_claimed_to_be_complete(
    folder: Path, files: dict[str, str], note: str
) -> None:
    interface = read(folder, files)
    assert not interface.command.complete
    assert note in interface.notes[0]


def test_dataclasses_in_the_store_have_types(folder: Path) -> None:
    script = """
class Mode(Enum):
    FAST = 1
    SLOW = 2
@dataclass
class Opt:
    lr: float = 0.1
@dataclass
class Conf:
    name: str
    opt: Opt = field(default_factory=Opt)
    mode: Mode = Mode.FAST
    steps: int = MISSING
ConfigStore.instance().store(name="config", node=Conf)
"""
    found = parameters(read(folder, {}, script + MAIN))
    assert {name: (p.type.name, p.default, p.required) for name, p in found.items()} == {
        "name": ("str", None, True),
        "opt.lr": ("float", 0.1, False),
        "mode": ("str", "FAST", False),
        "steps": ("int", None, True),
    }
    assert found["mode"].choices == ("FAST", "SLOW")


@pytest.mark.parametrize(
    ("body", "complete", "names"),
    [
        ("OmegaConf.from_cli()", False, []),
        ("OmegaConf.merge(OmegaConf.create({'a': {'b': 1}}), OmegaConf.from_cli())", False, ["a.b"]),
        (
            "c = OmegaConf.load('conf/c.yaml'); OmegaConf.set_struct(c, True)\nOmegaConf.merge(c, CLI())",
            True,
            ["x"],
        ),
        ("OmegaConf.merge(OmegaConf.load(unknown()), OmegaConf.from_cli())", False, []),
    ],
)
def test_from_cli_takes_what_it_is_merged_over(folder: Path, body: str, complete: bool, names: list[str]) -> None:
    interface = read(folder, {"c.yaml": "x: 1"}, f"CLI = OmegaConf.from_cli\n{body}")
    assert interface.framework == "omegaconf"
    assert interface.command.complete is complete
    assert list(parameters(interface)) == names
