"""Sub-commands out of unions: which optimizer, which dataset."""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Union

import tyro
from models import MODELS, Vit


@dataclass(frozen=True)
class Adam:
    learning_rate: float = 1e-3
    amsgrad: bool = False


@dataclass(frozen=True)
class SGDMomentum:
    learning_rate: float
    momentum: float = 0.9


@dataclass(frozen=True)
class Train:
    """Train a model."""

    epochs: int
    optimizer: Union[Adam, SGDMomentum] = Adam(amsgrad=True)
    model: MODELS = Vit(depth=6)
    seed: int = 0


@dataclass(frozen=True)
class Evaluate:
    checkpoint: tyro.conf.Positional[str]
    batch_size: int = 32


def main(command: Train | Evaluate) -> None:
    print(json.dumps({"command": type(command).__name__, **asdict(command)}))


if __name__ == "__main__":
    main(tyro.cli(Union[Annotated[Train, tyro.conf.subcommand(name="train", aliases=["fit"])], Evaluate]))
