"""Choose a base configuration, override what differs (tyro.extras.overridable_config_cli)."""

import dataclasses
import json
from typing import Literal

import tyro


@dataclasses.dataclass(frozen=True)
class ExperimentConfig:
    dataset: Literal["mnist", "imagenet-50"]
    num_layers: int
    lr: float
    ema: bool = False


small = ExperimentConfig(dataset="mnist", num_layers=4, lr=1e-3)
default_configs = {
    "small": ("Small experiment.", small),
    "big": (
        "Big experiment.",
        dataclasses.replace(small, dataset="imagenet-50", num_layers=8, ema=True),
    ),
}

if __name__ == "__main__":
    config = tyro.extras.overridable_config_cli(default_configs)
    print(json.dumps(dataclasses.asdict(config)))
