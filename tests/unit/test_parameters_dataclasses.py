"""Parsers made of dataclasses, read from their source: what the corpus, which needs the libraries, does not have."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from runctl.core.errors import RefusedError
from runctl.project.hyperparams import Given
from runctl.project.parameters.giving.composing import compose
from runctl.project.parameters.model import Interface, Parameter
from runctl.project.parameters.reading import read_interface


def read(folder: Path, source: str, **modules: str) -> Interface:
    """What is read of a script, with the modules beside it."""
    for name, text in {"train": source, **modules}.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text))
    interface = read_interface(folder / "train.py", folder)
    assert interface is not None
    return interface


def flags(interface: Interface) -> list[str]:
    return [flag for parameter in interface.command.parameters for flag in parameter.flags]


def named(interface: Interface, name: str) -> Parameter:
    return next(parameter for parameter in interface.command.parameters if parameter.name == name)


def words(interface: Interface, *args: str, **given: str | None) -> list[str]:
    values = {name: Given(text, None) for name, text in given.items()}
    return compose(interface, values, list(args), "train.py").args


TRAINING_ARGUMENTS = """
    from dataclasses import dataclass, field
    from typing import Optional
    from transformers import HfArgumentParser, TrainingArguments

    @dataclass
    class ModelArguments:
        model_name: str = field(metadata={"help": "100%% of it"})

    @dataclass
    class OurArguments(TrainingArguments):
        freeze: bool = False
        learning_rate: float = 3e-4

    parser = HfArgumentParser((ModelArguments, OurArguments))
    model, ours = parser.parse_args_into_dataclasses()
"""


def test_training_arguments_of_the_library_are_checked_as_far_as_versions_agree(tmp_path: Path) -> None:
    interface = read(tmp_path, TRAINING_ARGUMENTS)
    assert words(interface, model_name="m", num_train_epochs="3", bf16="yes") == [
        *("--model_name", "m"),
        *("--num_train_epochs", "3"),
        *("--bf16", "true"),
    ]
    with pytest.raises(RefusedError, match="max_steps"):
        words(interface, model_name="m", max_steps="many")


def test_a_name_that_only_another_version_of_the_library_may_have_is_passed_on_with_a_warning(tmp_path: Path) -> None:
    interface = read(tmp_path, TRAINING_ARGUMENTS)
    assert not interface.command.complete
    composed = compose(interface, {"brand_new_option": Given("1", None)}, ["--model_name", "m"], "train.py")
    assert composed.args[-2:] == ["--brand-new-option", "1"] or composed.args[-2:] == ["--brand_new_option", "1"]
    assert any("TrainingArguments" in warning for warning in composed.warnings)


def test_a_field_that_the_script_redefines_stands_above_the_librarys(tmp_path: Path) -> None:
    interface = read(tmp_path, TRAINING_ARGUMENTS)
    assert named(interface, "learning_rate").default == 3e-4
    assert flags(interface).count("--learning_rate") == 1
    assert named(interface, "model_name").help == "100% of it"


def test_trl_scripts_take_a_configuration_file_that_fills_what_is_required(tmp_path: Path) -> None:
    interface = read(
        tmp_path,
        """
        from dataclasses import dataclass
        from trl import ModelConfig, SFTConfig, TrlParser

        @dataclass
        class Extra:
            dataset: str

        parser = TrlParser((Extra, SFTConfig, ModelConfig))
        extra, config, model = parser.parse_args_and_config()
        """,
    )
    assert {"--config", "--dataset", "--max_length", "--num_train_epochs", "--lora_r"} <= set(flags(interface))
    assert words(interface, "--config", "sft.yaml", lora_r="8")[-2:] == ["--lora_r", "8"]
    with pytest.raises(RefusedError, match="dataset"):
        words(interface, lora_r="8")


def test_a_script_that_takes_one_json_file_in_place_of_flags_may_be_given_it_alone(tmp_path: Path) -> None:
    interface = read(
        tmp_path,
        """
        import sys
        from dataclasses import dataclass
        from transformers import HfArgumentParser

        @dataclass
        class Arguments:
            model: str

        parser = HfArgumentParser(Arguments)
        if len(sys.argv) == 2 and sys.argv[1].endswith(".json"):
            arguments, = parser.parse_json_file(sys.argv[1])
        else:
            arguments, = parser.parse_args_into_dataclasses()
        """,
    )
    assert interface.command.whole_files == (".json",)
    assert words(interface, "run.json") == ["run.json"]
    assert named(interface, "model").required


def test_an_args_file_beside_the_script_may_give_what_is_required(tmp_path: Path) -> None:
    (tmp_path / "train.args").write_text("--model m")
    interface = read(
        tmp_path,
        """
        from dataclasses import dataclass
        from transformers import HfArgumentParser

        @dataclass
        class Arguments:
            model: str
            lr: float = 0.1

        arguments, = HfArgumentParser([Arguments]).parse_args_into_dataclasses()
        """,
    )
    assert words(interface, lr="1") == ["--lr", "1"]


def test_unions_become_what_hf_argument_parser_makes_of_them(tmp_path: Path) -> None:
    interface = read(
        tmp_path,
        """
        from dataclasses import dataclass
        from typing import Dict, List, Optional, Tuple, Union
        from transformers import HfArgumentParser

        @dataclass
        class Arguments:
            kwargs: Optional[Union[Dict[str, int], str]] = None
            steps: Union[int, str] = 1
            report: "None | str | List[str]" = None
            betas: Tuple[float, float] = (0.9, 0.99)
            flags: Optional[List[bool]] = None

        arguments, = HfArgumentParser(Arguments).parse_args_into_dataclasses()
        """,
    )
    kinds = {parameter.name: parameter.type.name for parameter in interface.command.parameters}
    assert kinds == {"kwargs": "str", "steps": "int", "report": "str", "betas": "tuple", "flags": "bool"}
    # argparse's type=bool takes every text but the empty one for true
    assert named(interface, "flags").type.spell("false") == ""
    with pytest.raises(RefusedError, match="betas"):
        words(interface, betas="[0.9, 0.99]")


def test_only_dataclasses_have_fields(tmp_path: Path) -> None:
    interface = read(
        tmp_path,
        """
        import dataclasses
        from dataclasses import dataclass, field, InitVar
        from typing import ClassVar
        import tyro
        from base import Mixin

        @dataclass
        class Base:
            a: int = 1

        class Between(Base):
            not_a_field: int = 2

        @dataclass(frozen=True)
        class Config(Between, Mixin):
            registry: ClassVar[dict] = {}
            b: int = field(default=3)
            computed: int = field(init=False, default=0)
            _: dataclasses.KW_ONLY
            c: int = 4

        tyro.cli(Config)
        """,
        base="class Mixin:\n    mixed: int = 5\n",
    )
    assert flags(interface) == ["--a", "--b", "--c"]


def test_options_made_in_a_loop_over_the_fields_of_a_dataclass_are_read(tmp_path: Path) -> None:
    interface = read(
        tmp_path,
        """
        import argparse, dataclasses

        @dataclasses.dataclass
        class Config:
            lr: float = 0.1
            steps: int = 10

        parser = argparse.ArgumentParser()
        for one in dataclasses.fields(Config):
            parser.add_argument("--" + one.name, type=one.type, default=one.default)
        parser.parse_args()
        """,
    )
    assert [(one.name, one.type.name, one.default) for one in interface.command.parameters] == [
        ("lr", "float", 0.1),
        ("steps", "int", 10),
    ]


def test_tyro_takes_defaults_from_an_object_made_by_replace(tmp_path: Path) -> None:
    interface = read(
        tmp_path,
        """
        from dataclasses import dataclass, field, replace
        import tyro

        @dataclass(frozen=True)
        class Optimizer:
            lr: float = 0.1

        @dataclass(frozen=True)
        class Config:
            name: str
            optimizer: Optimizer = field(default_factory=Optimizer)

        base = Config("a")
        tyro.cli(Config, default=replace(base, optimizer=Optimizer(lr=0.5)))
        """,
    )
    assert named(interface, "name").default == "a" and not named(interface, "name").required
    assert named(interface, "optimizer.lr").default == 0.5


def test_what_tyro_is_given_from_a_library_is_not_called_complete(tmp_path: Path) -> None:
    interface = read(tmp_path, "import tyro\nfrom nerfstudio.configs import Config\ntyro.cli(Config)\n")
    assert not interface.command.complete
    assert interface.notes


def test_lightning_cli_is_said_to_be_unknown(tmp_path: Path) -> None:
    interface = read(tmp_path, "import jsonargparse\nfrom lightning.pytorch.cli import LightningCLI\nLightningCLI()\n")
    assert not interface.command.complete
    assert "LightningCLI" in interface.notes[0]


def test_texts_that_yaml_would_take_for_null_never_reach_an_optional_of_jsonargparse(tmp_path: Path) -> None:
    interface = read(
        tmp_path,
        """
        from pathlib import Path
        from typing import List, Optional
        from jsonargparse import auto_cli

        def main(name: Optional[str] = None, where: Optional[Path] = None, sizes: List[str] = []):
            pass

        auto_cli(main)
        """,
    )
    for text in ("~", "Null", "#1"):
        with pytest.raises(RefusedError):
            words(interface, where=text)
    assert words(interface, name=None) == ["--name", "null"]
    assert words(interface, sizes="[1, b]") == ["--sizes", '["1", "b"]']


def test_simple_parsing_subgroups_are_said_to_be_open(tmp_path: Path) -> None:
    interface = read(
        tmp_path,
        """
        from dataclasses import dataclass
        from simple_parsing import parse, subgroups

        @dataclass
        class Small:
            width: int = 1

        @dataclass
        class Large:
            width: int = 9

        @dataclass
        class Config:
            model: "Small | Large" = subgroups({"small": Small, "large": Large}, default="small")

        parse(Config)
        """,
    )
    assert named(interface, "model").choices == ("small", "large")
    assert not interface.command.complete


@pytest.mark.parametrize("call", ["tyro.cli(Node)", "simple_parsing.parse(Node)", "jsonargparse.auto_cli(Node)"])
def test_a_dataclass_that_contains_itself_is_read_once(tmp_path: Path, call: str) -> None:
    interface = read(
        tmp_path,
        f"""
        from __future__ import annotations
        from dataclasses import dataclass, field
        from typing import Optional
        import jsonargparse, simple_parsing, tyro

        @dataclass
        class Node:
            size: int = 1
            left: Optional[Node] = None
            right: Optional[Node] = None

        {call}
        """,
    )
    assert "--size" in flags(interface)


def test_many_choices_of_sub_commands_are_not_spelled_out_in_every_order(tmp_path: Path) -> None:
    interface = read(
        tmp_path,
        """
        from dataclasses import dataclass
        from typing import Union
        import tyro

        @dataclass
        class A:
            x: int = 1

        @dataclass
        class B:
            y: int = 1

        @dataclass
        class Config:
            c1: Union[A, B]
            c2: Union[A, B]
            c3: Union[A, B]
            c4: Union[A, B]
            c5: Union[A, B]
            c6: Union[A, B]

        tyro.cli(Config)
        """,
    )
    assert len(interface.command.commands) == 12
    assert not interface.command.complete
