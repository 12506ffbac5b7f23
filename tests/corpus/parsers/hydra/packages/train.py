"""Groups in groups, and configurations placed elsewhere than their folders say."""

import json

import hydra
from omegaconf import OmegaConf


def show(cfg):
    print(json.dumps(OmegaConf.to_container(cfg, resolve=False)))


@hydra.main(version_base=None, config_path="config", config_name="gan")
def train(cfg):
    show(cfg)


if __name__ == "__main__":
    train()
