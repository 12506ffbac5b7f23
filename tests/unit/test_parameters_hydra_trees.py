"""Hydra itself composes trees of configurations that chance has made, and must come to the same."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import hydra
import pytest
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from runctl.project.parameters.reading import read_interface

SCRIPT = """\
import hydra
@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg): pass
main()
"""
GROUPS = ["a", "b", "a/c"]
OPTIONS = ["x", "y"]
PACKAGES = ["", "", "", "@p", "@_global_", "@_here_", "@q.r", "@_group_"]


def entry(chance: random.Random) -> str:
    group = chance.choice(["/", "/", ""]) + chance.choice(GROUPS)
    package, option = chance.choice(PACKAGES), chance.choice(OPTIONS)
    forms = [f"{group}/{option}{package}", f"optional {group}{package}: none", f"{group}{package}: [x, y]"]
    return chance.choice([*forms, f"{group}{package}: null", *[f"{group}{package}: {option}"] * 4])


def config(chance: random.Random, draws_in: bool) -> str:
    lines = [f"# @package {chance.choice(['_global_', 'h.i', 'z'])}"] if chance.random() < 0.2 else []
    if draws_in:
        entries = [entry(chance) for _ in range(chance.randint(1, 3))]
        if chance.random() < 0.7:
            entries.insert(chance.randint(0, len(entries)), "_self_")
        if chance.random() < 0.4:
            entries.append(f"override /{chance.choice(GROUPS)}: {chance.choice(OPTIONS)}")
        lines += ["defaults:", *(f"  - {item}" for item in entries)]
    lines += [f"{key}: {chance.randint(0, 99)}" for key in chance.sample("klm", chance.randint(0, 3))]
    lines += ["n:", f"  o: {chance.randint(0, 9)}", f"  k: {chance.choice(['null', '???'])}"]
    return "\n".join([*lines, ""])


def make_tree(chance: random.Random, folder: Path) -> None:
    for path in ["config", *(f"{group}/{option}" for group in GROUPS for option in OPTIONS)]:
        file = folder / f"{path}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(config(chance, draws_in=path in ("config", "a/x", "b/y")))


def leaves(node: DictConfig, prefix: str = "") -> list[str]:
    found: list[str] = []
    for key in node:
        below = node._get_node(key)
        found += leaves(below, f"{prefix}{key}.") if isinstance(below, DictConfig) else [f"{prefix}{key}"]
    return found


def composed(folder: Path, overrides: list[str]) -> tuple[set[str], dict[str, Any]]:
    """The keys and the choices that Hydra comes to."""
    with hydra.initialize_config_dir(str(folder), version_base=None):
        cfg = hydra.compose("config", overrides, return_hydra_config=True)
    choices = {str(key): value for key, value in cfg.hydra.runtime.choices.items() if not str(key).startswith("hydra/")}
    OmegaConf.set_struct(cfg, False)
    cfg.pop("hydra")
    return set(leaves(cfg)), choices


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*Defaults list is missing:UserWarning")
def test_any_tree_of_configurations_is_composed_as_hydra_does_it(tmp_path: Path) -> None:
    compared = 0
    for seed in range(80):
        chance, folder = random.Random(seed), tmp_path / str(seed)
        make_tree(chance, folder / "conf")
        (folder / "train.py").write_text(SCRIPT)
        try:
            _, choices = composed(folder / "conf", [])
            overrides = [f"{chance.choice(sorted(choices))}={chance.choice(OPTIONS)}"] if choices else []
            keys, choices = composed(folder / "conf", overrides)
        except (HydraException, OmegaConfBaseException, RecursionError):
            continue
        interface = read_interface(folder / "train.py", folder, overrides)
        assert interface is not None
        assert interface.notes == ()
        read = interface.command.parameters
        groups = {parameter.name: parameter.default for parameter in read if parameter.type.name == "group"}
        several = {parameter.name for parameter in read if parameter.maybe}
        assert {parameter.name for parameter in read} - set(groups) == keys - set(groups), seed
        assert {key: option for key, option in groups.items() if key not in several} == choices, seed
        compared += 1
    assert compared > 20
