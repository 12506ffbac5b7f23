"""YAML checked by a schema: the configuration extends a structured config."""

import json
from dataclasses import dataclass, field
from typing import Optional

from hydra import main as hydra_main
from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf

from settings import DBConfig, register


@dataclass
class Train:
    epochs: int = MISSING
    lr: float = 0.1
    clip: Optional[float] = None
    log: bool = True


@dataclass
class Config:
    train: Train = field(default_factory=Train)
    db: DBConfig = MISSING
    debug: bool = False


def register_all(store: ConfigStore) -> None:
    store.store(name="base_config", node=Config)
    register(store)


register_all(ConfigStore.instance())


@hydra_main(config_path="conf", config_name="config", version_base="1.2")
def run(cfg: DictConfig) -> None:
    print(json.dumps(OmegaConf.to_container(cfg)))


if __name__ == "__main__":
    run()
