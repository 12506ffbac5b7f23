"""Structured configs, registered with the ConfigStore: types are checked."""

import json
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import hydra
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, OmegaConf


class Precision(Enum):
    FP32 = 32
    BF16 = 16


@dataclass
class OptimizerConfig:
    name: str = MISSING
    lr: float = 1e-3


@dataclass
class AdamConfig(OptimizerConfig):
    name: str = "adam"
    betas: Tuple[float, float] = (0.9, 0.999)


@dataclass
class SGDConfig(OptimizerConfig):
    name: str = "sgd"
    lr: float = 0.1
    momentum: float = 0.9
    nesterov: bool = False


@dataclass
class DataConfig:
    root: Path = Path("data")
    workers: int = 4
    splits: List[str] = field(default_factory=lambda: ["train", "valid"])


@dataclass
class Config:
    defaults: List[Any] = field(default_factory=lambda: ["_self_", {"optimizer": "adam"}])
    epochs: int = 10
    name: str = MISSING
    resume: Optional[str] = None
    seed: Optional[int] = None
    precision: Precision = Precision.FP32
    data: DataConfig = field(default_factory=DataConfig)
    optimizer: OptimizerConfig = MISSING
    extra: Dict[str, Any] = field(default_factory=dict)
    anything: Any = 1


cs = ConfigStore.instance()
cs.store(name="config", node=Config)
cs.store(group="optimizer", name="adam", node=AdamConfig)
cs.store(group="optimizer", name="sgd", node=SGDConfig)


@hydra.main(version_base=None, config_path=None, config_name="config")
def main(cfg: Config) -> None:
    received = OmegaConf.to_container(cfg, resolve=True)
    received["precision"] = cfg.precision.name
    received["data"]["root"] = str(cfg.data.root)
    print(json.dumps(received))


if __name__ == "__main__":
    main()
