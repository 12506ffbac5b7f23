"""OmegaConf without Hydra: defaults in the code, then a file, then the command line."""

import json
from dataclasses import dataclass, field
from typing import List, Optional

from omegaconf import OmegaConf


@dataclass
class ModelConfig:
    layers: int = 12
    dropout: float = 0.0
    activation: str = "gelu"


@dataclass
class TrainConfig:
    out_dir: str = "out"
    max_iters: int = 5000
    lr: float = 6e-4
    resume: Optional[str] = None
    devices: List[int] = field(default_factory=lambda: [0])
    model: ModelConfig = field(default_factory=ModelConfig)


def main():
    cfg = OmegaConf.structured(TrainConfig)
    cfg = OmegaConf.merge(cfg, OmegaConf.load("base.yaml"))
    cfg = OmegaConf.merge(cfg, OmegaConf.from_cli())
    print(json.dumps(OmegaConf.to_container(cfg)))


if __name__ == "__main__":
    main()
