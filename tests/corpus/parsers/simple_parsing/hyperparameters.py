"""A GAN in one file: two groups of hyper-parameters that have names in common."""

import json
from dataclasses import asdict, dataclass
from enum import Enum
from typing import List, Optional, Tuple

from simple_parsing import ArgumentParser, choice, field, list_field


class Loss(Enum):
    HINGE = "hinge"
    WASSERSTEIN = "wgan"


@dataclass
class GeneratorHParams:
    """Hyper-parameters of the generator."""

    lr: float = 1e-4  # learning rate
    # how many layers
    n_layers: int = 4
    optimizer: str = choice("ADAM", "RMSPROP", "SGD", default="ADAM")
    latent_dim: int = 128


@dataclass
class DiscriminatorHParams:
    lr: float = 4e-4
    n_disc_iters: int = 5
    """discriminator steps per generator step"""
    spectral_norm: bool = True
    optimizer: str = "ADAM"


@dataclass
class HParams:
    gen: GeneratorHParams
    disc: DiscriminatorHParams
    batch_size: int = 32
    epochs: int = field(default=50, alias=["-e", "num_epochs"])
    debug: bool = False
    channels: List[int] = list_field(64, 128)
    betas: Tuple[float, float] = (0.5, 0.999)
    loss: Loss = Loss.HINGE
    resume: Optional[str] = None
    limit: Optional[int] = None
    amp: bool = field(default=False, action="store_true")
    version: str = field(default="1", cmd=False)


def main():
    parser = ArgumentParser(description="GAN")
    parser.add_arguments(HParams, dest="hparams")
    parser.add_argument("--data-dir", required=True)
    args = parser.parse_args()
    print(json.dumps({"data_dir": args.data_dir, **asdict(args.hparams)}, default=lambda value: value.name))


if __name__ == "__main__":
    main()
