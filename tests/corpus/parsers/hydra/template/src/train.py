"""Training, configured as in ashleve/lightning-hydra-template."""

import json
from typing import Optional

import hydra
from omegaconf import DictConfig, OmegaConf


@hydra.main(version_base="1.3", config_path="../configs", config_name="train.yaml")
def main(cfg: DictConfig) -> Optional[float]:
    """Main entry point for training.

    :param cfg: DictConfig configuration composed by Hydra.
    :return: Optional[float] with optimized metric value.
    """
    print(json.dumps(OmegaConf.to_container(cfg, resolve=False)))


if __name__ == "__main__":
    main()
