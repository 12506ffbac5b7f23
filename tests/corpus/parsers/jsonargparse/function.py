"""One function is the command line."""

import json
from enum import Enum
from pathlib import Path
from typing import List, Literal, Optional, Union

from jsonargparse import CLI


class Precision(str, Enum):
    full = "32"
    mixed = "16-mixed"


def train(
    data_dir: str,
    epochs: int,
    lr: float = 1e-3,
    layers: List[int] = [64, 64],
    tags: Optional[List[str]] = None,
    dropout: Optional[float] = None,
    shuffle: bool = True,
    precision: Precision = Precision.full,
    optimizer: Literal["adam", "sgd"] = "adam",
    name: str = "run",
    note: Optional[str] = None,
    checkpoint: Path = Path("last.ckpt"),
    seed: Union[int, str] = 0,
):
    """Trains a model.

    Args:
        data_dir: where the data is
        epochs: how often to see it
        lr: step size
    """
    received = dict(locals(), precision=precision.name, checkpoint=str(checkpoint))
    print(json.dumps(received))


if __name__ == "__main__":
    CLI(train)
