from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from simple_parsing import DashVariant, parse


@dataclass
class WandbConfig:
    project: str | None = None
    tags: list[str] = field(default_factory=list)
    mode: Literal["online", "offline"] = "online"


@dataclass
class TrainConfig:
    """Training of a linear probe."""

    model: str  # name on the hub
    layers: list[int] = field(default_factory=lambda: [-1])
    learning_rate: float = 0.1
    l2_penalty: float = 0.0
    out_dir: Path = Path("out")
    seed: int | str = 0
    use_bias: bool = True
    wandb: WandbConfig = field(default_factory=WandbConfig)


if __name__ == "__main__":
    config = parse(TrainConfig, add_option_string_dash_variants=DashVariant.UNDERSCORE_AND_DASH)
    print(json.dumps(config.__dict__, default=lambda value: str(value) if isinstance(value, Path) else vars(value)))
